"""What an edit hands back is the draft that anybody would read after it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.planning.queue.options import Exclude, PinIssue, SetTiming
from sprintreports.planning.queue.values import Scheduling, Timing
from sprintreports.planning.queues import drafts
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import queue_site
from tests.integration.test_planning_queues import BELA, begun


async def test_the_draft_that_an_edit_leaves_is_the_one_that_is_read(db_session: AsyncSession):
    queue = await begun(db_session, await queue_site(db_session))
    at = (NOW + timedelta(days=1)).astimezone(ZoneInfo("Europe/Berlin"))
    timing = SetTiming(12, Timing(Scheduling.HARD, at, at + timedelta(hours=2)))
    held = {"seen": 0, "now": NOW + timedelta(minutes=1)}
    for applied in (
        await drafts.apply(db_session, ADMIN, queue.id, [PinIssue(10, 1), timing], token="a", **held),
        await drafts.apply(db_session, ADMIN, queue.id, [PinIssue(10, 1), timing], token="a", **held),
    ):
        assert applied.draft == await drafts.read(db_session, ADMIN, queue.id)
    for step, token in ((drafts.undo, "u"), (drafts.redo, "r"), (drafts.redo, "r"), (drafts.redo, "nothing")):
        applied = await step(db_session, ADMIN, queue.id, token=token, **held)
        assert applied.draft == await drafts.read(db_session, ADMIN, queue.id)
    applied = await drafts.apply(db_session, BELA, queue.id, [Exclude(10)], token="clash", **held)
    assert applied.clashes
    assert applied.draft == await drafts.read(db_session, ADMIN, queue.id)
