"""The planner where Jira says when an issue is to happen: whose word holds, who set it, and leaving it to Jira again."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues.store import create
from sprintreports.ui.pages.planner.bench import benches
from tests.integration.jira_site import NOW, fill
from tests.integration.planning_site import ADMIN
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_planner_page import issue, opened
from tests.integration.test_queue_timing import Ground, a, ground_of
from tests.integration.test_users_page import fire, make
from tests.unit.jira.samples import day

__all__ = ["tab"]


@pytest.fixture
async def site(db_session: AsyncSession) -> AsyncIterator[Ground]:
    benches.clear()
    yield await ground_of(db_session)
    benches.clear()


@pytest.fixture
async def queue(db_session: AsyncSession, site: Ground) -> int:
    made = await create(
        db_session, ADMIN, sprint_id=site.sprint, name="First", options=Options(algorithm="priority"),
        sources=Sources(), now=NOW,
    )  # fmt: skip
    return made.id


async def test_a_card_says_whose_word_its_class_is(tab: Tab, queue: int) -> None:
    mia = await make(tab, "Mia", Role.MANAGER)
    seen = await opened(tab, mia, queue)
    window = seen.card("APP-10")
    assert (window["kind"], window["source"], window["own"]) == (
        "hard", "from Jira: Scheduling = Maintenance window", False,
    )  # fmt: skip
    assert window["why"].endswith("Its times are from Jira: Scheduling = Maintenance window.")
    assert (window["from"], window["to"]) != ("", "")
    assert (seen.card("APP-12")["kind"], seen.card("APP-12")["source"]) == (
        "soft",
        "from Jira: Due date = 2025-05-01",
    )
    assert (seen.card("APP-16")["kind"], seen.card("APP-16")["source"]) == ("flexible", "")
    assert any("class is not known: “Q3”" in note for note in seen.page.notes)

    timing = {"kind": "soft", "end": "2025-04-29T12:00"}
    await seen.send(issue(10, "timing", timing=timing), issue(16, "timing", timing=timing), token="a")
    own = seen.card("APP-10")
    assert (own["kind"], own["own"], own["source"]) == ("soft", True, "set here by Mia")
    assert own["jira"] == "exact times (Scheduling = Maintenance window)"
    assert seen.card("APP-16")["jira"] == "flexible, since Jira says nothing"
    await seen.send(issue(10, "reset_timing"), token="b")
    assert seen.page.complaint == ""
    assert seen.card("APP-10") == window
    await seen.send(op="undo", token="c")
    assert seen.card("APP-10")["source"] == "set here by Mia"


async def test_a_date_that_moved_in_jira_is_news(
    tab: Tab, db_session: AsyncSession, site: Ground, queue: int
) -> None:
    mia = await make(tab, "Mia", Role.MANAGER)
    seen = await opened(tab, mia, queue)
    assert seen.page.fresh
    await fill(db_session, site.site, [a(11, "Target date", duedate="2025-04-29", updated=day(61))])
    benches_look_again()
    await seen.open(queue)
    assert not seen.page.fresh
    await fire(seen.page, "plan_again")
    assert seen.page.moves == [
        "The deadline of APP-11 was moved from 2025-04-24 to 2025-04-29 by Jira (Scheduling = Target date). "
        + seen.card("APP-11")["why"]
    ]
    assert seen.page.fresh


def benches_look_again() -> None:
    """As after news of a sync."""
    for bench in benches._benches.values():
        bench.looked = ""
