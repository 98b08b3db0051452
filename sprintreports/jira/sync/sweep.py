"""The sweep of the whole scope: which issues the chosen boards show now, and which they have stopped to show.

A board that cannot be read, or whose list is not whole, loses nothing by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context
from sprintreports.jira.client import IssueRef
from sprintreports.jira.client.gathering import chunks
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

# Few long rows: a row an issue would take longer to receive than the rest of the comparison.
_STAMPS = (
    "SELECT array_agg(jira_issue_id), array_agg((extract(epoch FROM jira_updated) * 1000)::bigint) FROM issue "
    "WHERE site_id = %s AND deleted_at IS NULL AND hidden_at IS NULL"
)
_ABSENT = (
    "SELECT jira_issue_id FROM issue WHERE site_id = %s AND (deleted_at IS NOT NULL OR hidden_at IS NOT NULL)"
)
_SEEN = (
    "SELECT jira_board_id, array_agg(jira_issue_id) FROM board_issue WHERE site_id = %s AND seen_to IS NULL "
    "AND jira_board_id = ANY(%s) GROUP BY jira_board_id"
)
_FILTERS = (
    "SELECT jira_board_id, listed_with, filter_id, filter_jql, sub_query FROM board "
    "WHERE site_id = %s AND jira_board_id = ANY(%s)"
)
_NO_FILTER = (None, None, None, None)
_DOUBTED = "SELECT scope FROM sweep_doubt WHERE site_id = %s"


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
    listed_with: str | None
    listed_now: str
    doubted: bool
    short: bool = False

    @property
    def scope(self) -> str:
        return _scope(self.board)

    def is_quiet(self) -> bool:
        """Nothing is to be kept of it: it shows what it showed, of which nobody had a doubt."""
        return not (self.new() or self.missing() or self.doubted or self.listed_with != self.listed_now)

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
    since = work.run.cursor.since
    stored = {} if since is None else await _stamps(work)
    absent = await _rows(work, _ABSENT, work.run.site_id)
    swept = Swept(stored=stored, absent=frozenset(issue for (issue,) in absent))
    answers = await listing.of_boards(work, readable, swept.stored)
    for board, answer in zip(readable, answers, strict=True):
        if isinstance(answer, JiraError):
            await work.set_aside(board, answer.message)
        else:
            swept.boards[board.jira_board_id], swept.lists[board.jira_board_id] = board, answer
    if readable and all(board.jira_board_id in work.problems for board in readable):
        raise NoBoardReadable(" ".join(["None of the chosen boards can be read.", *work.problems.values()]))
    views = await _compared(work, swept)
    swept.missing = {view.board.jira_board_id: set() for view in views}
    for some in chunks([view for view in views if not view.is_quiet()], BOARDS_A_PAGE):
        async with work.page() as session:
            for view in some:
                swept.missing[view.board.jira_board_id] = await _keep(session, work, view)
    return swept


def _scope(board: ChosenBoard) -> str:
    return f"board:{board.jira_board_id}"


async def _rows(work: Work, query: str, *values: object) -> list[Any]:
    async with work.unit() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(query.encode(), values)
        return await cursor.fetchall()


async def _stamps(work: Work) -> dict[int, int]:
    """Of each live issue the last change that we know of, in milliseconds."""
    (row,) = await _rows(work, _STAMPS, work.run.site_id)
    issues, stamps = row
    return dict(zip(issues or (), stamps or (), strict=True))


async def _compared(work: Work, swept: Swept) -> list[_View]:
    site_id, boards = work.run.site_id, list(swept.boards)
    seen = {number: frozenset(issues) for number, issues in await _rows(work, _SEEN, site_id, boards)}
    filters = {number: known for number, *known in await _rows(work, _FILTERS, site_id, boards)}
    doubted = {scope for (scope,) in await _rows(work, _DOUBTED, site_id)}
    views: list[_View] = []
    for number, board in swept.boards.items():
        listed_with, *now_with = filters.get(number, _NO_FILTER)
        view = _View(
            board,
            swept.lists[number],
            seen.get(number, frozenset()),
            swept.absent,
            listed_with,
            fingerprint.of_filter(*now_with),
            _scope(board) in doubted,
        )
        if view.missing():
            view.short = not await _is_whole(work, view, swept.stored)
        views.append(view)
    return views


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
    missing = view.missing()
    if view.listed_with not in (None, view.listed_now) and not view.short:
        await doubts.forget(session, work, view.scope)
        believed = set(missing)
    else:
        believed = await doubts.weigh(
            session, work, view.scope, missing, known=view.known(), short=view.short and bool(missing)
        )
    await fingerprint.keep_filter(session, site.site_id, number, view.listed_now, now=work.now())
    if len(missing) > len(believed):
        sentence = gone_words.board_doubted(view.board.name, len(missing) - len(believed), short=view.short)
        await runs.note(session, work.run, sentence, board_id=number)
    return believed
