"""What one board shows, and which of that has changed since it was stored: compared by the times of the last changes.

No clock and no time zone takes part: Jira's own stamp is held against the one that is stored. Data Center gives the stamps
of a thousand issues a page. Cloud gives them for a hundred, so there the newest pages are read with stamps, and of all
others the order tells.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta

from sprintreports.jira.client import Dialect, IssueRef
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraError
from sprintreports.jira.sync.order import out_of_order, overtaking
from sprintreports.jira.sync.work import BOARD_LEVEL, ChosenBoard, Work

# The head of the list reaches back over so much more than the last run's begin: Cloud's search lags behind its issues.
OVERLAP = timedelta(minutes=10)
NEWEST_FIRST = "ORDER BY updated DESC"
IDS_A_SEARCH = 100


@dataclass(slots=True)
class Listing:
    """What a board shows, by id, and of that what is stored otherwise or not at all."""

    refs: dict[int, IssueRef] = field(default_factory=dict[int, IssueRef])
    changed: set[int] = field(default_factory=set[int])


async def of_board(work: Work, board: ChosenBoard, stored: Mapping[int, int]) -> Listing | JiraError:
    """All issues of the board's filter. `stored`: the stamps that we hold, in milliseconds. A JiraError is returned."""
    jql = jql_of(board)
    try:
        if work.run.cursor.since is None:
            refs = await everything(work, jql)
            return Listing(refs, set(refs))
        if work.client.dialect is Dialect.DATA_CENTER:
            refs = await _gathered(work, jql)
            return Listing(refs, set(_changed(refs.values(), stored)))
        return await _on_cloud(work, jql, stored)
    except BOARD_LEVEL as error:
        return error


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


async def _on_cloud(work: Work, jql: str, stored: Mapping[int, int]) -> Listing:
    head = await _head(work, jql, stored)
    refs = {**await everything(work, f"{jql} {NEWEST_FIRST}"), **head}
    changed = set(_changed(head.values(), stored))
    changed |= {issue for issue in refs if issue not in stored}
    changed |= await _by_order(work, jql, [issue for issue in refs if issue not in head], stored)
    return Listing(refs, changed)


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


async def _by_order(work: Work, jql: str, listed: Iterable[int], stored: Mapping[int, int]) -> set[int]:
    issues = [issue for issue in listed if issue in stored]
    stamps = [stored[issue] for issue in issues]
    doubtful = out_of_order(stamps)
    if not doubtful:
        return set()
    position = {issues[place]: place for place in doubtful}
    asked = [_stamps_of(work, jql, some) for some in chunks(list(position), IDS_A_SEARCH)]
    found = {ref.id: ref for refs in await together(asked) for ref in refs}
    told = {position[ref.id]: _milliseconds(ref) for ref in found.values() if ref.updated}
    overtook = {issues[place] for place in overtaking(stamps, told)}
    return overtook | set(_changed(found.values(), stored))


async def _stamps_of(work: Work, jql: str, issues: Sequence[int]) -> list[IssueRef]:
    search = work.client.search(f"{jql} AND id in ({', '.join(map(str, issues))})", stamps=True)
    return [ref async for page in search for ref in page]


async def _gathered(work: Work, jql: str) -> dict[int, IssueRef]:
    return {ref.id: ref async for page in work.client.search(jql, stamps=True) for ref in page}


def _changed(refs: Iterable[IssueRef], stored: Mapping[int, int]) -> Iterable[int]:
    return (ref.id for ref in refs if is_later(ref, stored))


def _milliseconds(ref: IssueRef) -> int:
    return 0 if ref.updated is None else round(ref.updated.timestamp() * 1000)
