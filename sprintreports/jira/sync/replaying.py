"""Read what is stored again, with the mapping of now; by both processes where there is much of it."""

import asyncio
from collections import deque
from collections.abc import Sequence

from sqlalchemy import text

from sprintreports.jira import context
from sprintreports.jira.replay import PAGE, ends_of_pages, pages_are_apart, replay
from sprintreports.jira.sync import fingerprint
from sprintreports.jira.sync.beside import Helper, HelperGone, ReadPage
from sprintreports.jira.sync.cursor import Phase
from sprintreports.jira.sync.work import Work

ENOUGH_FOR_TWO = 3000  # issues: with fewer, starting a process takes longer than it saves


async def read_stored(work: Work) -> None:
    """Page by page, from where the cursor stands; from the start again where the mapping is another one by now."""
    progress = work.run.cursor
    async with work.unit() as session:
        now_with = fingerprint.of_reading(await context.load(session, work.run.site_id))
        query = text("SELECT count(*) FROM stored_payload WHERE site_id = :site AND kind = 'issue'")
        count = int(await session.scalar(query, {"site": work.run.site_id}) or 0)
        apart = await pages_are_apart(session, work.run.site_id)
    if progress.replayed_with != now_with:
        progress.replayed, progress.replayed_with = "", now_with
        progress.total, progress.done = count, 0
    helper = await work.beside.helper(enough=apart and count - progress.done >= ENOUGH_FOR_TWO)
    if helper is not None and apart:
        await _together(work, helper)
    following: str | None = progress.replayed
    while following is not None:
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            following = await replay(session, site, after=following, limit=PAGE, now=work.now())
            progress.replayed = progress.replayed if following is None else following
            _count(work)
            if following is None:
                await fingerprint.keep_reading(session, site.site_id, progress.replayed_with)


async def read_stored_first(work: Work) -> None:
    """For a run that reads from Jira: the same before it, where what is stored was read with another mapping."""
    progress = work.run.cursor
    if progress.replay:
        await work.enter(Phase.REPLAY)
        await read_stored(work)
    if progress.replayed_with:
        # The counts that follow are those of the issues to fetch.
        async with work.page():
            progress.replay, progress.replayed, progress.replayed_with = False, "", ""
            progress.total, progress.done, progress.changed = None, 0, 0


def _count(work: Work) -> None:
    progress = work.run.cursor
    progress.done = min(progress.total or 0, progress.done + PAGE)
    progress.changed = progress.done


async def _together(work: Work, helper: Helper) -> None:
    """All whole pages. Where the helper goes away in the middle of one, from that one on they are left."""
    progress = work.run.cursor
    async with work.unit() as session:
        ends = await ends_of_pages(session, work.run.site_id, after=progress.replayed, size=PAGE)
    pages = _Pages(progress.replayed, ends)
    aside = asyncio.create_task(_aside(work, helper, pages))
    try:
        while (page := pages.take()) is not None:
            after, upto = page
            async with work.page() as session:
                site = await context.load(session, work.run.site_id)
                await replay(session, site, after=after, upto=upto, limit=PAGE, now=work.now())
                pages.finish(upto)
                progress.replayed = pages.reached
                _count(work)
        await aside
        progress.replayed = pages.reached
    finally:
        aside.cancel()


async def _aside(work: Work, helper: Helper, pages: "_Pages") -> None:
    try:
        while (page := pages.take()) is not None:
            after, upto = page
            await helper.do(ReadPage(work.run.site_id, after, upto, work.now()))
            pages.finish(upto)
            _count(work)
    except HelperGone:
        pages.leave()
        work.beside.lose()


class _Pages:
    """Whole pages by their last ids, for two to take. `reached`: the end of the last one before any unfinished."""

    def __init__(self, start: str, ends: Sequence[str]) -> None:
        self.reached = start
        self._coming = deque(zip([start, *ends], ends, strict=False))
        self._unfinished = deque(ends)
        self._finished: set[str] = set()

    def take(self) -> tuple[str, str] | None:
        """The ids after which and up to which the next page goes."""
        return self._coming.popleft() if self._coming else None

    def finish(self, upto: str) -> None:
        self._finished.add(upto)
        while self._unfinished and self._unfinished[0] in self._finished:
            self.reached = self._unfinished.popleft()

    def leave(self) -> None:
        """Nobody takes another page."""
        self._coming.clear()
