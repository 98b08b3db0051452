"""What becomes of a planner's queue as time goes on and processes end: who is told that Jira moved on, and what a plan keeps to."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from sprintreports.identity.users import User
from sprintreports.kit import clock
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import serving, store
from sprintreports.ui.pages.planner.bench import benches
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import QA, QueueSite
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_planner_page import Seen, issue, mia, opened, queue, site
from tests.integration.test_users_page import fire

__all__ = ["mia", "queue", "site", "tab"]


async def test_who_plans_what_is_left_is_told_that_jira_moved_on_and_not_that_time_did(
    tab: Tab, mia: User, site: QueueSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await store.create(
        tab.db, ADMIN, sprint_id=site.sprints[3], name="Rest", options=Options(algorithm="priority"),
        sources=Sources(rest=True), now=NOW,
    )  # fmt: skip
    began = clock.now()
    await tab.db.execute(
        text("UPDATE sprint SET start_date = :start, activated_at = :start, end_date = :end WHERE id = :id"),
        {"start": began - timedelta(days=1), "end": began + timedelta(days=20), "id": site.sprints[3]},
    )
    seen = await opened(tab, mia, made.id)
    await fire(seen.page, "keep", {"note": ""})
    assert (seen.page.status, seen.page.versions) == ("ready", 1)
    before = {one["name"]: one["capacity"] for one in seen.columns()}
    for later in (timedelta(hours=5), timedelta(days=10)):
        monkeypatch.setattr(clock, "now", lambda later=later: began + later)
        next(iter(benches._benches.values())).looked = ""
        seen = await opened(tab, mia, made.id)
        assert (seen.page.status, seen.page.fresh, seen.page.behind) == ("ready", True, ""), later
        benches.clear()
        seen = await opened(tab, mia, made.id)
        assert (seen.page.status, seen.page.fresh, seen.page.behind) == ("ready", True, ""), "a restart"
    after = {one["name"]: one["capacity"] for one in seen.columns()}
    assert after[QA] < before[QA], "of the sprint there is less left"
    await tab.db.execute(text("UPDATE issue SET priority = 'Highest' WHERE key = 'APP-105'"))
    next(iter(benches._benches.values())).looked = ""
    await seen.open(made.id, by="refresh")
    assert not seen.page.fresh
    benches.clear()
    await seen.open(made.id)
    assert (seen.page.fresh, seen.page.behind) == (False, "version 1")


@pytest.mark.parametrize("kept", [False, True])
async def test_what_was_planned_again_is_kept_to_after_a_restart(
    tab: Tab, mia: User, queue: int, *, kept: bool
) -> None:
    seen = await opened(tab, mia, queue)
    first = seen.lists()
    await tab.db.execute(
        text("UPDATE issue SET priority = 'Highest' WHERE key IN ('APP-105', 'APP-106', 'APP-107')")
    )
    await fire(seen.page, "plan_again")
    if kept:
        await fire(seen.page, "keep", {"note": ""})
    out = first[QA][0]
    await seen.send(issue(int(out[4:]), "exclude"), token="a")
    without = seen.lists()
    benches.clear()
    again = await opened(tab, mia, queue)
    assert again.lists() == without
    benches.clear()
    last = without[QA][without[QA].index("|") - 1]
    await again.send(issue(int(last[4:]), "exclude"), token="b")
    restarted = again.lists()
    benches.clear()
    found = await serving.basis(tab.db, ADMIN, queue, now=NOW)
    alone = (await serving.made(found)).placements()
    inside = [key for key in restarted[QA] if key != "|"][: restarted[QA].index("|")]
    assert inside != [one.key for one in alone.values() if one.team == site_team(seen) and one.side == "in"]
    assert set(inside) <= set(first[QA]), "what was in stays in"
    await again.open(queue)
    await again.send({"kind": "rule", "rule": "buffer", "value": 1}, token="c")
    ruled = again.lists()
    benches.clear()
    assert (await opened(tab, mia, queue)).lists() == ruled, "a rule of the whole is planned from the options"


def site_team(seen: Seen) -> int:
    return next(int(one["id"]) for one in seen.columns() if one["name"] == QA)
