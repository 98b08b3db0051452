"""What the boards show, and which of that has changed since it was stored: compared by the times of the last changes.

No clock and no time zone takes part: Jira's own stamp is held against the one that is stored. Data Center gives the stamps
of a thousand issues a page. Cloud gives them for a hundred, so there the newest of many boards are read together with
stamps, and each board's ids in the order of their changes. Of all others the order tells, and of each board the stamps
of those are asked for that stand before all others.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta

from sprintreports.jira.client import Dialect, IssueRef
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraError
from sprintreports.jira.sync.order import out_of_order, overtaking
from sprintreports.jira.sync.work import BOARD_LEVEL, ChosenBoard, Work, log

# The head of the list reaches back over so much more than the last run's begin: Cloud's search lags behind its issues.
OVERLAP = timedelta(minutes=10)
NEWEST_FIRST = "ORDER BY updated DESC"
BOARDS_A_HEAD = 50
IDS_A_SEARCH = 100
UNTOLD = -1
# Stamps that are asked for besides the head: of each board so many that all boards share as many as this, within limits.
TOPS, FEWEST_TOPS, MOST_TOPS = 2000, 10, 100


@dataclass(slots=True)
class Listing:
    """What a board shows, by id, and of that what is stored otherwise or not at all."""

    refs: dict[int, IssueRef] = field(default_factory=dict[int, IssueRef])
    changed: set[int] = field(default_factory=set[int])


@dataclass(slots=True)
class _Order:
    """The issues of a list that its head does not hold, with the stamps that we hold. `asked`: positions to look at."""

    found: Listing
    issues: list[int]
    stamps: list[int]
    asked: list[int]


async def of_boards(
    work: Work, boards: Sequence[ChosenBoard], stored: Mapping[int, int]
) -> list[Listing | JiraError]:
    """All issues of each board's filter. `stored`: the stamps that we hold, in milliseconds.

    A JiraError that is about a board stands in its place.
    """
    if work.run.cursor.since is None or work.client.dialect is Dialect.DATA_CENTER:
        return await together([_of_board(work, board, stored) for board in boards])
    parts = list(chunks(boards, BOARDS_A_HEAD))
    heads = await together([_common_head(work, part, stored) for part in parts])
    tops = min(MOST_TOPS, max(FEWEST_TOPS, TOPS // max(1, len(boards))))
    answers = await together(
        [
            _on_cloud(work, board, head, stored, tops)
            for part, head in zip(parts, heads, strict=True)
            for board in part
        ]
    )
    await _by_order(work, [one for one in answers if isinstance(one, _Order)])
    return [one.found if isinstance(one, _Order) else one for one in answers]


def jql_of(board: ChosenBoard) -> str:
    """The search for the board's issues."""
    return f"filter = {board.filter_id}"


async def everything(work: Work, jql: str) -> dict[int, IssueRef]:
    """All that a search finds, without stamps."""
    return {ref.id: ref async for page in work.client.search(jql) for ref in page}


def is_later(ref: IssueRef, stored: Mapping[int, int]) -> bool:
    """Whether Jira has a later state than we have. What lags behind ours is no news."""
    known = stored.get(ref.id)
    return known is None or (ref.updated is not None and _milliseconds(ref) > known)


async def _of_board(work: Work, board: ChosenBoard, stored: Mapping[int, int]) -> Listing | JiraError:
    jql = jql_of(board)
    try:
        if work.run.cursor.since is None:
            refs = await everything(work, jql)
            return Listing(refs, set(refs))
        refs = {ref.id: ref async for page in work.client.search(jql, stamps=True) for ref in page}
        return Listing(refs, set(_changed(refs.values(), stored)))
    except BOARD_LEVEL as error:
        return error


async def _common_head(
    work: Work, boards: Sequence[ChosenBoard], stored: Mapping[int, int]
) -> dict[int, IssueRef] | None:
    """The newest issues of all these boards; None where one of them stands in the way: then each has its own head."""
    filters = ", ".join(str(board.filter_id) for board in boards)
    try:
        return await _head(work, f"filter in ({filters})", stored)
    except BOARD_LEVEL as error:
        log.info("sweep_head_refused", run_id=work.run.run_id, boards=len(boards), error=error.message)
        return None


async def _on_cloud(
    work: Work,
    board: ChosenBoard,
    common: dict[int, IssueRef] | None,
    stored: Mapping[int, int],
    tops: int,
) -> _Order | JiraError:
    jql = jql_of(board)
    try:
        own = await _head(work, jql, stored) if common is None else {}
        refs = await everything(work, f"{jql} {NEWEST_FIRST}")
        refs.update(own)
    except BOARD_LEVEL as error:
        return error
    head = own if common is None else {issue: common[issue] for issue in refs.keys() & common.keys()}
    refs.update(head)
    changed = set(refs).difference(stored)
    changed.update(_changed(head.values(), stored))
    issues = [issue for issue in refs if issue not in head and issue in stored]
    stamps = [stored[issue] for issue in issues]
    asked = sorted({*range(min(tops, len(issues))), *out_of_order(stamps)})
    return _Order(Listing(refs, changed), issues, stamps, asked)


async def _head(work: Work, jql: str, stored: Mapping[int, int]) -> dict[int, IssueRef]:
    """The newest with their stamps: at least a page, until one brings nothing new from before the last run."""
    since = work.run.cursor.since
    head: dict[int, IssueRef] = {}
    async with aclosing(work.client.search(f"{jql} {NEWEST_FIRST}", stamps=True)) as pages:
        async for page in pages:
            head.update((ref.id, ref) for ref in page)
            oldest = min((ref.updated for ref in page if ref.updated), default=None)
            recent = since is not None and oldest is not None and oldest >= since - OVERLAP
            if not recent and not any(is_later(ref, stored) for ref in page):
                break
    return head


async def _by_order(work: Work, orders: Sequence[_Order]) -> None:
    """Add what has changed by its stamp, or overtook what stayed as it was."""
    asked = sorted({order.issues[place] for order in orders for place in order.asked})
    answers = await together([_stamps_of(work, some) for some in chunks(asked, IDS_A_SEARCH)])
    told = {issue: stamp for answer in answers for issue, stamp in answer.items()}
    for order in orders:
        here = {place: stamp for place in order.asked if (stamp := told.get(order.issues[place])) is not None}
        behind = [place for place, stamp in here.items() if stamp == UNTOLD or stamp > order.stamps[place]]
        known = {place: stamp for place, stamp in here.items() if stamp != UNTOLD}
        places = {*behind, *overtaking(order.stamps, known)}
        order.found.changed.update(order.issues[place] for place in places)


async def _stamps_of(work: Work, issues: Sequence[int]) -> dict[int, int]:
    """In milliseconds; UNTOLD where Jira refuses to say, as when one of them has gone just now: then all are fetched."""
    jql = f"id in ({', '.join(map(str, issues))})"
    try:
        return {
            ref.id: _milliseconds(ref) async for page in work.client.search(jql, stamps=True) for ref in page
        }
    except BOARD_LEVEL as error:
        log.info("sweep_stamps_refused", run_id=work.run.run_id, issues=len(issues), error=error.message)
        return dict.fromkeys(issues, UNTOLD)


def _changed(refs: Iterable[IssueRef], stored: Mapping[int, int]) -> Iterable[int]:
    return (ref.id for ref in refs if is_later(ref, stored))


def _milliseconds(ref: IssueRef) -> int:
    return 0 if ref.updated is None else round(ref.updated.timestamp() * 1000)
