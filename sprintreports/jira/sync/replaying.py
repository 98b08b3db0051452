"""Read what is stored again, with the mapping of now."""

from sqlalchemy import text

from sprintreports.jira import context
from sprintreports.jira.replay import PAGE, replay
from sprintreports.jira.sync import fingerprint
from sprintreports.jira.sync.cursor import Phase
from sprintreports.jira.sync.work import Work


async def read_stored(work: Work) -> None:
    """Page by page, from where the cursor stands; from the start again where the mapping is another one by now."""
    progress = work.run.cursor
    async with work.unit() as session:
        now_with = fingerprint.of_reading(await context.load(session, work.run.site_id))
        query = text("SELECT count(*) FROM stored_payload WHERE site_id = :site AND kind = 'issue'")
        count = int(await session.scalar(query, {"site": work.run.site_id}) or 0)
    if progress.replayed_with != now_with:
        progress.replayed, progress.replayed_with = "", now_with
        progress.total, progress.done = count, 0
    following: str | None = progress.replayed
    while following is not None:
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            following = await replay(session, site, after=following, limit=PAGE, now=work.now())
            progress.replayed = progress.replayed if following is None else following
            progress.done = min(progress.total or 0, progress.done + PAGE)
            progress.changed = progress.done
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
