"""The numbers of the touched sprints, and of running ones on a new day.

By both processes where there are many: each takes what the other has not taken.
"""

import asyncio

from sqlalchemy import text

from sprintreports.jira import facts
from sprintreports.jira.sync.beside import ComputeFacts, Helper, HelperGone
from sprintreports.jira.sync.work import Work

FACTS_A_PAGE = 20
ENOUGH_FOR_TWO = 200  # sprints: with fewer, starting a process takes longer than it saves


async def compute_facts(work: Work) -> None:
    """Page by page, until no sprint is left."""
    async with work.unit() as session:
        await facts.touch_of_a_new_day(session, work.run.site_id, now=work.now())
        query = text("SELECT count(*) FROM sprint_touched WHERE site_id = :site")
        left = int(await session.scalar(query, {"site": work.run.site_id}) or 0)
    helper = await work.beside.helper(enough=left >= ENOUGH_FOR_TWO)
    if helper is not None and left > FACTS_A_PAGE:
        await _together(work, helper)
    left = 1
    while left:
        left = await _page(work)


async def _together(work: Work, helper: Helper) -> None:
    """Until less than a page is left, which the other one may hold."""
    aside = asyncio.create_task(_aside(work, helper))
    try:
        while await _page(work) > FACTS_A_PAGE:
            pass
        await aside
    finally:
        aside.cancel()


async def _aside(work: Work, helper: Helper) -> None:
    try:
        order = ComputeFacts(work.run.site_id, FACTS_A_PAGE, work.now())
        while await helper.do(order) > FACTS_A_PAGE:
            order = ComputeFacts(work.run.site_id, FACTS_A_PAGE, work.now())
    except HelperGone:
        work.beside.lose()


async def _page(work: Work) -> int:
    async with work.page() as session:
        return await facts.rebuild_touched(session, work.run.site_id, now=work.now(), limit=FACTS_A_PAGE)
