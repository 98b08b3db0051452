"""Read what is stored again, with the mapping of now."""

from sqlalchemy import text

from sprintreports.jira import context
from sprintreports.jira.replay import PAGE, replay
from sprintreports.jira.sync.work import Work


async def read_stored(work: Work) -> None:
    """Page by page, from where the cursor stands."""
    progress = work.run.cursor
    if progress.total is None:
        async with work.unit() as session:
            query = text("SELECT count(*) FROM stored_payload WHERE site_id = :site AND kind = 'issue'")
            progress.total = int(await session.scalar(query, {"site": work.run.site_id}) or 0)
    following: str | None = progress.replayed
    while following is not None:
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            following = await replay(session, site, after=following, limit=PAGE, now=work.now())
            progress.replayed = progress.replayed if following is None else following
            progress.done = min(progress.total, progress.done + PAGE)
            progress.changed = progress.done
