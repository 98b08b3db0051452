"""The issues of the chosen boards: which there are, which to fetch, and fetching them in the order of their ids.

Each page is one transaction, and the next page is on its way while it is stored. The order by id makes the cursor a
single number: whatever was created, moved or deleted meanwhile, a resumed run neither skips nor repeats an issue.
"""

import asyncio
from collections.abc import Collection, Sequence

from sprintreports.jira import context
from sprintreports.jira.client import IssueRef
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraError
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.store import store_issues
from sprintreports.jira.sync import families, gone, gone_words, listing, runs, sweep
from sprintreports.jira.sync.work import Work, log
from sprintreports.observability import counters

PAGE = 500


async def read_issues(work: Work) -> None:
    """Sweep, settle what is missing, then fetch what is new or changed, from where the run's cursor stands."""
    await _announce(work)
    swept = await sweep.sweep(work)
    await gone.settle(work, swept)
    shown, changed = swept.refs(), swept.changed()
    await _tell_back(work, len(swept.absent & shown.keys()))
    refs = [shown[issue] for issue in sorted(changed) if issue > work.run.cursor.after]
    work.run.cursor.total = work.run.cursor.done + len(refs)
    await _fetch(work, refs, besides=changed)


async def _announce(work: Work) -> None:
    """A first idea of how much there is to do, where all is to be read."""
    if work.run.cursor.since is not None or work.run.cursor.total is not None:
        return
    boards = [board for board in await work.chosen_boards() if not board.problem and board.filter_id]
    try:
        counts = await together([work.client.approximate_count(listing.jql_of(board)) for board in boards])
    except JiraError as error:
        log.info("sync_count_unknown", run_id=work.run.run_id, error=error.message)
        return
    work.run.cursor.total = sum(counts)
    work.tell()


async def _tell_back(work: Work, count: int) -> None:
    """Say how many issues are there again. Fetching them brings them back."""
    if count:
        async with work.page() as session:
            await runs.note(session, work.run, gone_words.back(count))


async def _fetch(work: Work, refs: Sequence[IssueRef], *, besides: Collection[int]) -> None:
    """`besides`: all that this run fetches anyway."""
    pages = list(chunks(refs, PAGE))
    unanswered = 0
    coming = _start(work, pages[0]) if pages else None
    try:
        for number, page in enumerate(pages):
            batch = await coming if coming else []
            coming = _start(work, pages[number + 1]) if number + 1 < len(pages) else None
            unanswered += len(page) - len(batch)
            if work.run.cursor.since is not None:
                batch += await _relatives(work, batch, besides=besides)
            await _store(work, page, batch)
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
    if unanswered:
        async with work.page() as session:
            await runs.note(session, work.run, gone_words.unanswered(unanswered))


async def _relatives(work: Work, batch: Sequence[RawIssue], *, besides: Collection[int]) -> list[RawIssue]:
    async with work.unit() as session:
        refs = await families.relatives(session, work.run.site_id, batch, besides=besides)
    return await _asked(work, refs) if refs else []


def _start(work: Work, page: Sequence[IssueRef]) -> asyncio.Task[list[RawIssue]]:
    return asyncio.create_task(_asked(work, page))


async def _asked(work: Work, page: Sequence[IssueRef]) -> list[RawIssue]:
    """The issues of a page. What an answer left out without a word is asked for once more."""
    batch = await work.client.issues(page, fields=work.fields)
    answered = {raw.issue_id for raw in batch}
    left = [ref for ref in page if ref.id not in answered]
    return [*batch, *await work.client.issues(left, fields=work.fields)] if left else batch


async def _store(work: Work, page: Sequence[IssueRef], batch: Sequence[RawIssue]) -> None:
    progress = work.run.cursor
    async with work.page() as session:
        site = await context.load(session, work.run.site_id)
        result = await store_issues(session, site, batch, run_id=work.run.run_id, now=work.now())
        progress.after = page[-1].id
        progress.done += len(page)
        progress.changed += len(result.changed_issue_ids)
    counters.SYNC_ISSUES.labels(work.run.mode).inc(len(batch))
