"""The planner's panels as page events: versions and states, progress, two plans side by side, files and calendar links."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.kit import clock
from sprintreports.planning.queue.options import Exclude, PinIssue
from sprintreports.planning.queues import drafts, feeds, store
from sprintreports.ui.pages.planner.bench import benches
from sprintreports.ui.pages.planner.comparing_state import ComparePanel
from sprintreports.ui.pages.planner.exporting import ExportPanel
from sprintreports.ui.pages.planner.progress import ProgressPanel
from sprintreports.ui.pages.planner.state import PlannerPage
from sprintreports.ui.pages.planner.versions_state import VersionsPanel
from sprintreports.ui.pages.queues.state import Queues
from tests.integration.jira_site import NOW, rows
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import QA, WEB, QueueSite
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_queues_page import begun, mia, site
from tests.integration.test_users_page import become, fire, make

__all__ = ["mia", "site", "tab"]


@pytest.fixture(autouse=True)
def no_bench() -> Iterator[None]:
    """No queue is open from another test, whose numbers are used again."""
    benches.clear()
    yield
    benches.clear()


async def keep(tab: Tab, queue: int, note: str) -> str:
    """Keep what the board shows; what is said of it."""
    await tab.open(PlannerPage, f"/planner?queue={queue}")
    board = tab.of(PlannerPage)
    return f"{await fire(board, 'keep', {'note': note})} {board.complaint}"


async def opened(tab: Tab, panel: type, queue: int):
    await tab.open(panel, f"/planner?queue={queue}")
    return tab.of(panel)


async def test_a_version_is_looked_at_as_its_users_know_it(mia: Tab, site: QueueSite) -> None:
    queue = await begun(mia, site)
    panel = await opened(mia, VersionsPanel, queue)
    assert [(line.name, line.author, line.note) for line in panel.lines] == [
        ("Version 1", "Mia", "As it was generated.")
    ]
    await fire(panel, "look", "1")
    assert (panel.rounds, panel.looked_title) == (True, "Version 1: round-robin")
    teams = {line.name: line for line in panel.teams}
    assert {QA, WEB} <= set(teams)
    assert (teams[QA].capacity, teams[QA].issues) == ("6 pts", "0")
    qa = next(line for line in panel.teams if line.name == QA)
    await fire(panel, "pick_team", qa.id)
    assert panel.team_name == QA
    told = {line.key: line for group in panel.groups for line in group.lines}
    assert set(told) == {"APP-10", "APP-12", "APP-13"}
    first = told["APP-10"]
    assert (first.load, first.priority, first.scheduling) == ("3 pts", "High", "Flexible")
    assert first.stakeholder.endswith("olga")
    assert "APP-11" in first.why
    assert [group.title for group in panel.groups] == ["Below the cut-line"]
    await fire(panel, "turn", 99)
    assert (panel.page_text, panel.later) == ("", 0)
    await fire(panel, "look", "7")
    assert panel.complaint.startswith("This queue has no such version.")
    await fire(panel, "leave")
    assert panel.looked == ""


async def test_rounds_have_one_turn_for_each_stakeholder(mia: Tab, site: QueueSite) -> None:
    await mia.db.execute(text("DELETE FROM issue_link"))
    queue = await begun(mia, site)
    panel = await opened(mia, VersionsPanel, queue)
    await fire(panel, "look", "1")
    await fire(panel, "pick_team", next(line.id for line in panel.teams if line.name == QA))
    rounds = [group for group in panel.groups if group.title.startswith("Round ")]
    assert rounds
    for group in rounds:
        who = [line.stakeholder for line in group.lines]
        assert len(who) == len(set(who))
    by_priority = await begun(mia, site, name="P", algorithm="priority")
    panel = await opened(mia, VersionsPanel, by_priority)
    await fire(panel, "look", "1")
    assert not panel.rounds


async def test_a_queue_becomes_the_plan_and_another_takes_over(mia: Tab, site: QueueSite) -> None:
    first = await begun(mia, site, name="First")
    second = await begun(mia, site, name="Second")
    panel = await opened(mia, VersionsPanel, first)
    assert (panel.may_activate, panel.may_complete, panel.may_archive, panel.rival) == (True, False, True, "")
    assert "is the plan" in str(await fire(panel, "become", "active"))
    assert (panel.state_label, panel.may_activate, panel.may_complete) == ("Active", False, True)
    panel = await opened(mia, VersionsPanel, second)
    assert (panel.rival, panel.rival_link) == ("First", f"/planner?queue={first}")
    await fire(panel, "become", "active")
    assert panel.complaint.startswith("This sprint has an active queue already.")
    await fire(panel, "take_over")
    assert (panel.complaint, panel.state_label, panel.rival) == ("", "Active", "")
    assert dict(await rows(mia.db, "SELECT name, state FROM queue")) == {
        "First": "completed",
        "Second": "active",
    }
    await fire(panel, "become", "archived")
    assert panel.complaint.startswith("A queue goes from draft to active")
    await fire(panel, "become", "gone")
    assert "Load the page again" in panel.complaint
    panel = await opened(mia, VersionsPanel, first)
    assert (panel.editable, panel.may_archive) == (False, True)
    assert "This queue is completed or archived" in await keep(mia, first, "late")
    panel = await opened(mia, VersionsPanel, first)
    await fire(panel, "become", "archived")
    base = f"/queues?sprint={site.sprints[3]}"
    await mia.open(Queues, base)
    assert [line.name for line in mia.of(Queues).lines] == ["Second"]
    await mia.open(Queues, mia.of(Queues).archive_link)
    assert [(line.name, line.state) for line in mia.of(Queues).lines] == [
        ("Second", "Active"),
        ("First", "Archived"),
    ]


async def test_a_version_is_kept_and_a_new_queue_begins_from_an_old_one(mia: Tab, site: QueueSite) -> None:
    queue = await begun(mia, site, algorithm="priority")
    await drafts.apply(mia.db, ADMIN, queue, [Exclude(10)], seen=0, token="t", now=NOW)
    panel = await opened(mia, VersionsPanel, queue)
    assert panel.ahead == "1 edit since the last version is in no version yet."
    assert not panel.may_activate
    assert "Version 2 is kept." in await keep(mia, queue, " Without ten ")
    panel = await opened(mia, VersionsPanel, queue)
    assert [(line.number, line.note) for line in panel.lines] == [
        ("2", "Without ten"),
        ("1", "As it was generated."),
    ]
    assert (panel.ahead, panel.may_activate) == ("", True)
    said = str(await fire(panel, "begin_from", "2"))
    ((begun_id,),) = await rows(mia.db, "SELECT max(id) FROM queue")
    assert f"/planner?queue={begun_id}" in said
    info = await store.one(mia.db, ADMIN, begun_id)
    assert (info.name, info.base.exclusions, info.versions) == ("Plan, from version 2", frozenset({10}), 0)
    panel = await opened(mia, VersionsPanel, begun_id)
    assert panel.ahead.startswith("No version is kept yet.")
    for empty in (ProgressPanel, ComparePanel, ExportPanel):
        shown = await opened(mia, empty, begun_id)
        assert shown.status == ("ready" if empty is ComparePanel and len(shown.options) > 1 else "empty")
    panel = await opened(mia, VersionsPanel, 999_999)
    assert (panel.status, panel.lines) == ("failed", [])


async def test_progress_is_held_against_the_last_version(mia: Tab, site: QueueSite) -> None:
    await mia.db.execute(text("DELETE FROM issue_link"))
    queue = await begun(mia, site, algorithm="priority")
    panel = await opened(mia, ProgressPanel, queue)
    assert panel.reading.startswith("0 of 3 planned issues done")
    assert panel.note.startswith("This queue is a draft")
    qa = next(line for line in panel.teams if line.name == QA)
    assert (qa.share, [note.key for note in qa.next][:1]) == (0, ["APP-10"])
    assert qa.next[0].note.endswith("bela")
    await mia.db.execute(text("UPDATE issue SET status_id = '3' WHERE jira_issue_id = 10"))
    panel = await opened(mia, ProgressPanel, queue)
    qa = next(line for line in panel.teams if line.name == QA)
    assert panel.reading.startswith("1 of 3 planned issues done")
    assert (qa.done.split(",")[0], qa.share > 0) == ("1 of 2 issues", True)
    assert "APP-10" not in [note.key for note in qa.next]


async def test_what_came_fresh_and_what_left_are_told(mia: Tab, site: QueueSite) -> None:
    await mia.db.execute(text("DELETE FROM issue_link"))
    await mia.db.execute(
        text("UPDATE sprint_segment SET valid_to = now() WHERE jira_issue_id = 19 AND valid_to IS NULL")
    )
    queue = await begun(mia, site, algorithm="priority")
    await mia.db.execute(text("UPDATE sprint_segment SET valid_to = NULL WHERE jira_issue_id = 19"))
    await mia.db.execute(
        text("UPDATE sprint_segment SET valid_to = now() WHERE jira_issue_id = 12 AND valid_to IS NULL")
    )
    panel = await opened(mia, ProgressPanel, queue)
    assert [note.key for note in panel.fresh] == ["APP-19"]
    assert "1 no longer in the sprint, 1 came fresh and is not in the plan." in panel.reading
    qa = next(line for line in panel.teams if line.name == QA)
    assert ("APP-12", "has left the sprint undone") in [(note.key, note.note) for note in qa.slipped]


async def test_two_plans_are_compared_in_words(mia: Tab, site: QueueSite) -> None:
    await mia.db.execute(text("DELETE FROM issue_link"))
    first = await begun(mia, site, name="First", algorithm="priority")
    panel = await opened(mia, ComparePanel, first)
    assert panel.status == "empty"
    second = await begun(mia, site, name="Second", source=str(first), algorithm="priority")
    await drafts.apply(mia.db, ADMIN, second, [Exclude(10), PinIssue(12, 1)], seen=0, token="t", now=NOW)
    await keep(mia, second, "")
    panel = await opened(mia, ComparePanel, first)
    assert [one.label for one in panel.options] == [
        "First, version 1, the last one",
        "Second, version 2, the last one",
    ]
    assert (panel.first_name, panel.second_name) == ("First, version 1", "Second, version 2")
    assert "1 only in the first, 1 only in the second" in panel.reading
    figures = {line.name: (line.first, line.second) for line in panel.figures}
    assert figures["Algorithm"] == ("Priority", "Priority")
    assert int(figures["Issues in"][0]) == int(figures["Issues in"][1])
    qa = next(team for team in panel.teams if team.name == QA)
    only = next(kind for kind in qa.kinds if kind.title == "Only in the first")
    assert [(line.key, line.second) for line in only.lines] == [("APP-10", "It was excluded by hand.")]
    assert only.lines[0].first.startswith("Position 1. ")
    assert "The same in both" in panel.alike
    await fire(panel, "choose_second", f"{first}:1")
    assert panel.reading.startswith("Both have the same 3 issues in")
    await fire(panel, "choose_second", f"{first}:9")
    assert panel.complaint.startswith("This queue has no such version.")
    await fire(panel, "choose_first", "what")
    assert "no such queue" in panel.complaint
    panel = await opened(mia, ComparePanel, second)
    await fire(panel, "choose_first", f"{second}:1")
    await fire(panel, "choose_second", f"{second}:2")
    assert (panel.first_name, panel.second_name) == ("Second, version 1", "Second, version 2")


async def test_files_and_calendar_links(mia: Tab, site: QueueSite) -> None:
    queue = await begun(mia, site)
    panel = await opened(mia, ExportPanel, queue)
    assert [one.link for one in panel.files] == [
        f"/api/v1/queues/{queue}/versions/1/export?format={name}"
        for name in ("csv", "xlsx", "json", "ical", "html")
    ]
    assert (panel.active, panel.links, panel.feeds_at) == (False, [], f"/api/v1/queues/{queue}/feeds")
    await fire(await opened(mia, VersionsPanel, queue), "become", "active")
    await keep(mia, queue, "")
    vic = await make(mia, "Vic", Role.VIEWER)
    await become(mia, vic)
    viewer = replace(ADMIN, user_id=vic.id, role=Role.VIEWER)
    made = await feeds.make(mia.db, viewer, queue, name="Phone", now=clock.now())
    panel = await opened(mia, ExportPanel, queue)
    assert [(one.name, one.owner, one.used) for one in panel.links] == [("Phone", "Vic", "never")]
    assert made.url not in str(panel.links)
    await fire(panel, "pick_version", "1")
    assert panel.files[0].link.endswith("/versions/1/export?format=csv")
    await fire(panel, "revoke", panel.links[0].id)
    assert [one.state for one in panel.links] == ["Revoked"]
    await fire(panel, "revoke", "77777")
    assert panel.complaint.startswith("There is no such link.")
    await fire(panel, "made")
    assert len(panel.links) == 1
