"""The sweep of the whole scope: which issues the chosen boards show now, and which they have stopped to show.

A board that cannot be read, or whose list is not whole, loses nothing by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context
from sprintreports.jira.client import IssueRef
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraError
from sprintreports.jira.store import store_board_issues
from sprintreports.jira.sync import doubts, fingerprint, gone_words, listing, runs
from sprintreports.jira.sync.errors import NoBoardReadable
from sprintreports.jira.sync.listing import Listing
from sprintreports.jira.sync.work import BOARD_LEVEL, BOARDS_A_PAGE, ChosenBoard, Work, log
from sprintreports.kit import db

# How far a list may stay behind Jira's count, which is an estimate on Cloud, before it is read again.
SLACK = 5
SLACK_SHARE = 50

_STAMPS = (
    "SELECT jira_issue_id, (extract(epoch FROM jira_updated) * 1000)::bigint FROM issue "
    "WHERE site_id = %s AND deleted_at IS NULL AND hidden_at IS NULL"
)
_ABSENT = (
    "SELECT jira_issue_id FROM issue WHERE site_id = %s AND (deleted_at IS NOT NULL OR hidden_at IS NOT NULL)"
)
_SEEN = "SELECT jira_issue_id FROM board_issue WHERE site_id = %s AND jira_board_id = %s AND seen_to IS NULL"


@dataclass(slots=True)
class Swept:
    """What a sweep found. `missing`: what a board showed before and, it is believed, does not show now.

    `stored`: the stamps that we hold, where only changes are read. `absent`: what is marked as deleted or hidden.
    """

    boards: dict[int, ChosenBoard] = field(default_factory=dict[int, ChosenBoard])
    lists: dict[int, Listing] = field(default_factory=dict[int, Listing])
    missing: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    stored: Mapping[int, int] = field(default_factory=dict[int, int])
    absent: frozenset[int] = frozenset()

    def refs(self) -> dict[int, IssueRef]:
        """All issues that some board shows."""
        return {issue: ref for found in self.lists.values() for issue, ref in found.refs.items()}

    def changed(self) -> set[int]:
        """Of these the ones that Jira has another state of than we, or that we have none of."""
        return {issue for found in self.lists.values() for issue in found.changed}


@dataclass(slots=True)
class _View:
    """One board: what it showed before, and what it shows now."""

    board: ChosenBoard
    found: Listing
    seen: frozenset[int]
    absent: frozenset[int]
    short: bool = False

    def new(self) -> set[int]:
        return self.found.refs.keys() - self.seen

    def missing(self) -> frozenset[int]:
        return self.seen - self.found.refs.keys() - self.absent

    def known(self) -> int:
        return len(self.seen - self.absent)


async def sweep(work: Work) -> Swept:
    """List all boards that can be read, keep what is new in view, and hand over what is missing.

    Raises NoBoardReadable.
    """
    chosen = await work.chosen_boards()
    readable = [board for board in chosen if not board.problem]
    stored = {} if work.run.cursor.since is None else await _stamps(work)
    swept = Swept(stored=stored, absent=frozenset(await _issues(work, _ABSENT, work.run.site_id)))
    answers = await together([listing.of_board(work, board, swept.stored) for board in readable])
    for board, answer in zip(readable, answers, strict=True):
        if isinstance(answer, JiraError):
            await work.set_aside(board, answer.message)
        else:
            swept.boards[board.jira_board_id], swept.lists[board.jira_board_id] = board, answer
    if readable and all(board.jira_board_id in work.problems for board in readable):
        raise NoBoardReadable(" ".join(["None of the chosen boards can be read.", *work.problems.values()]))
    views = [await _compared(work, swept, board) for board in swept.boards.values()]
    for some in chunks(views, BOARDS_A_PAGE):
        async with work.page() as session:
            for view in some:
                swept.missing[view.board.jira_board_id] = await _keep(session, work, view)
    return swept


async def _stamps(work: Work) -> dict[int, int]:
    async with work.unit() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(_STAMPS, (work.run.site_id,))
        return dict(await cursor.fetchall())


async def _issues(work: Work, query: str, *values: int) -> list[int]:
    async with work.unit() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(query.encode(), values)
        return [issue for (issue,) in await cursor.fetchall()]


async def _compared(work: Work, swept: Swept, board: ChosenBoard) -> _View:
    number = board.jira_board_id
    seen = await _issues(work, _SEEN, work.run.site_id, number)
    view = _View(board, swept.lists[number], frozenset(seen), swept.absent)
    if view.missing():
        view.short = not await _is_whole(work, view, swept.stored)
    return view


async def _is_whole(work: Work, view: _View, stored: Mapping[int, int]) -> bool:
    """Whether the list is as long as Jira says; where it is not, it is read once more."""
    jql = listing.jql_of(view.board)
    try:
        count = await work.client.approximate_count(jql)
        least = count - max(SLACK, count // SLACK_SHARE)
        if len(view.found.refs) >= least:
            return True
        again = await listing.everything(work, jql)
    except BOARD_LEVEL as error:
        log.info("sweep_count_unknown", run_id=work.run.run_id, error=error.message)
        return False
    first = len(view.found.refs)
    view.found.changed.update(issue for issue in again.keys() - view.found.refs.keys() if issue not in stored)
    view.found.refs.update(again)
    log.warning(
        "sweep_listed_again",
        run_id=work.run.run_id,
        board=view.board.jira_board_id,
        announced=count,
        first=first,
        found=len(view.found.refs),
    )
    return len(view.found.refs) >= least


async def _keep(session: AsyncSession, work: Work, view: _View) -> set[int]:
    """What is new comes into view. Returns what is missing, as far as that is believed."""
    site = await context.load(session, work.run.site_id)
    number = view.board.jira_board_id
    new = sorted(view.new())
    if new:
        await store_board_issues(session, site, number, new, now=work.now(), complete=False)
    scope, missing = f"board:{number}", view.missing()
    listed_with, now_with = await _filters(session, site.site_id, number)
    if listed_with not in (None, now_with) and not view.short:
        await doubts.forget(session, work, scope)
        believed = set(missing)
    else:
        believed = await doubts.weigh(
            session, work, scope, missing, known=view.known(), short=view.short and bool(missing)
        )
    await fingerprint.keep_filter(session, site.site_id, number, now_with, now=work.now())
    if len(missing) > len(believed):
        sentence = gone_words.board_doubted(view.board.name, len(missing) - len(believed), short=view.short)
        await runs.note(session, work.run, sentence, board_id=number)
    return believed


async def _filters(session: AsyncSession, site_id: int, jira_board_id: int) -> tuple[str | None, str]:
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT listed_with, filter_id, filter_jql, sub_query FROM board WHERE site_id = %s AND jira_board_id = %s",
        (site_id, jira_board_id),
    )
    row = await cursor.fetchone()
    if row is None:
        return None, ""
    return row[0], fingerprint.of_filter(*row[1:])
