"""The issues of the chosen boards: which there are, which to fetch, and fetching them in the order of their ids.

Each page is one transaction, and the next page is on its way while it is stored. The order by id makes the cursor a
single number: whatever was created, moved or deleted meanwhile, a resumed run neither skips nor repeats an issue.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sprintreports.jira import context
from sprintreports.jira.client import IssueRef
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraError
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.store import store_board_issues, store_issues
from sprintreports.jira.sync import runs
from sprintreports.jira.sync.errors import NoBoardReadable
from sprintreports.jira.sync.work import BOARD_LEVEL, BOARDS_A_PAGE, ChosenBoard, Work, log
from sprintreports.kit import db
from sprintreports.observability import counters

PAGE = 500
OVERLAP = timedelta(minutes=10)  # clocks differ, and Cloud's search lags behind its issues


@dataclass(slots=True)
class Listing:
    """What the boards show, and of that what is to be fetched."""

    shown: dict[int, IssueRef] = field(default_factory=dict[int, IssueRef])
    updated: dict[int, IssueRef] = field(default_factory=dict[int, IssueRef])


async def read_issues(work: Work) -> None:
    """List, then fetch what is new or changed, from where the run's cursor stands."""
    await _announce(work)
    listing = await _list(work)
    refs = [ref for ref in await _to_fetch(work, listing) if ref.id > work.run.cursor.after]
    work.run.cursor.total = work.run.cursor.done + len(refs)
    await _fetch(work, refs)


async def _announce(work: Work) -> None:
    """A first idea of how much there is to do, where all is to be read."""
    if work.run.cursor.since is not None or work.run.cursor.total is not None:
        return
    boards = [board for board in await work.chosen_boards() if not board.problem and board.filter_id]
    try:
        counts = await together(
            [work.client.approximate_count(f"filter = {board.filter_id}") for board in boards]
        )
    except JiraError as error:
        log.info("sync_count_unknown", run_id=work.run.run_id, error=error.message)
        return
    work.run.cursor.total = sum(counts)
    work.tell()


async def _list(work: Work) -> Listing:
    listing = Listing()
    answered: list[tuple[ChosenBoard, Listing]] = []
    chosen = await work.chosen_boards()
    readable = [board for board in chosen if not board.problem]
    for board, answer in zip(
        readable, await together([_of_board(work, board) for board in readable]), strict=True
    ):
        if isinstance(answer, JiraError):
            await work.set_aside(board, answer.message)
            continue
        answered.append((board, answer))
        listing.shown.update(answer.shown)
        listing.updated.update(answer.updated)
    for some in chunks(answered, BOARDS_A_PAGE):
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            for board, answer in some:
                await store_board_issues(
                    session, site, board.jira_board_id, list(answer.shown), now=work.now(), complete=True
                )
    if readable and all(board.jira_board_id in work.problems for board in readable):
        raise NoBoardReadable(" ".join(["None of the chosen boards can be read.", *work.problems.values()]))
    return listing


async def _of_board(work: Work, board: ChosenBoard) -> Listing | JiraError:
    """All issues of a board's filter, and those updated since the last run."""
    jql = f"filter = {board.filter_id}"
    since = work.run.cursor.since
    try:
        shown = await _search(work, jql)
        if since is None:
            return Listing(shown, shown)
        clause = work.client.updated_since(since - OVERLAP, time_zone=work.owner_zone)
        return Listing(shown, await _search(work, f"{jql} AND {clause}"))
    except BOARD_LEVEL as error:
        return error


async def _search(work: Work, jql: str) -> dict[int, IssueRef]:
    return {ref.id: ref async for page in work.client.search(jql) for ref in page}


async def _to_fetch(work: Work, listing: Listing) -> list[IssueRef]:
    """In the order of ids: what changed, what is not stored yet, and what just went out of all boards' sight."""
    async with work.unit() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(
            "SELECT jira_issue_id FROM issue WHERE site_id = %s AND deleted_at IS NULL AND jira_issue_id = ANY(%s)",
            (work.run.site_id, list(listing.shown)),
        )
        stored = {issue for (issue,) in await cursor.fetchall()}
        cursor = await connection.execute(
            "SELECT i.jira_issue_id, i.key FROM issue i WHERE i.site_id = %(site)s AND i.deleted_at IS NULL "
            "AND EXISTS (SELECT 1 FROM board_issue b WHERE b.site_id = i.site_id AND b.jira_issue_id = i.jira_issue_id "
            "AND b.seen_to >= %(began)s) "
            "AND NOT EXISTS (SELECT 1 FROM board_issue b WHERE b.site_id = i.site_id "
            "AND b.jira_issue_id = i.jira_issue_id AND b.seen_to IS NULL)",
            {"site": work.run.site_id, "began": work.run.cursor.began},
        )
        left = {issue: IssueRef(issue, key) for issue, key in await cursor.fetchall()}
    new = {issue: ref for issue, ref in listing.shown.items() if issue not in stored}
    wanted = left | new | listing.updated
    return [wanted[issue] for issue in sorted(wanted)]


async def _fetch(work: Work, refs: Sequence[IssueRef]) -> None:
    pages = list(chunks(refs, PAGE))
    vanished = 0
    coming = _start(work, pages[0]) if pages else None
    try:
        for number, page in enumerate(pages):
            batch = await coming if coming else []
            coming = _start(work, pages[number + 1]) if number + 1 < len(pages) else None
            vanished += len(page) - len(batch)
            await _store(work, page, batch)
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
    if vanished:
        await _tell_vanished(work, vanished)


def _start(work: Work, page: Sequence[IssueRef]) -> asyncio.Task[list[RawIssue]]:
    return asyncio.create_task(work.client.issues(page, fields=work.fields))


async def _store(work: Work, page: Sequence[IssueRef], batch: Sequence[RawIssue]) -> None:
    progress = work.run.cursor
    async with work.page() as session:
        site = await context.load(session, work.run.site_id)
        result = await store_issues(session, site, batch, run_id=work.run.run_id, now=work.now())
        progress.after = page[-1].id
        progress.done += len(page)
        progress.changed += len(result.changed_issue_ids)
    counters.SYNC_ISSUES.labels(work.run.mode).inc(len(batch))


async def _tell_vanished(work: Work, count: int) -> None:
    noun = (
        "issue that was found or known before is"
        if count == 1
        else "issues that were found or known before are"
    )
    sentence = (
        f"{count} {noun} not shown to this account any more: deleted in Jira, or hidden by a permission. "
        "What was stored of them stays."
    )
    async with work.page() as session:
        await runs.note(session, work.run, sentence)
