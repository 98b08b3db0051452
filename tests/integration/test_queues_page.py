"""A sprint's queues and the planner's panels as page events: what is shown to whom, what each action does, what is refused."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import grants
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Algorithm, Options, PinIssue
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue.values import Inputs
from sprintreports.planning.queues import drafts, making, versions
from sprintreports.ui import session as session_module
from sprintreports.ui.pages.planner.comparing_state import ComparePanel
from sprintreports.ui.pages.planner.progress import ProgressPanel
from sprintreports.ui.pages.planner.versions_state import VersionsPanel
from sprintreports.ui.pages.queues.beginning import NewQueue
from sprintreports.ui.pages.queues.state import Queues
from tests.integration.jira_site import NOW, rows
from tests.integration.planning_site import ADMIN
from tests.integration.queue_site import QA, WEB, QueueSite, queue_site
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import SYSTEM
from tests.integration.test_users_page import become, fire, make

__all__ = ["tab"]


@pytest.fixture
async def site(db_session: AsyncSession) -> QueueSite:
    return await queue_site(db_session)


@pytest.fixture
async def mia(tab: Tab) -> Tab:
    """A manager of everything."""
    return await become(tab, await make(tab, "Mia", Role.MANAGER))


def form(**changes: str) -> dict[str, str]:
    """What the browser sends of a new queue."""
    return {
        "name": "Plan", "source": "", "algorithm": "round_robin", "subtasks": "board", "backlog": "0", "unit": "", "buffer": "0",
    } | changes  # fmt: skip


async def begun(tab: Tab, site: QueueSite, **changes: str) -> int:
    """A new queue of the sprint; its id."""
    await tab.open(Queues, f"/queues?sprint={site.sprints[3]}")
    page = tab.of(NewQueue)
    await fire(page, "begin")
    said = str(await fire(page, "create", form(**changes)))
    assert page.complaint == ""
    ((found,),) = await rows(tab.db, "SELECT max(id) FROM queue")
    assert f"/planner?queue={found}" in said
    return found


async def test_a_queue_is_made_by_each_algorithm_and_told_in_the_ledger(mia: Tab, site: QueueSite) -> None:
    base = f"/queues?sprint={site.sprints[3]}"
    await mia.open(Queues, base)
    page = mia.of(Queues)
    assert (page.status, page.name, page.lines, page.may) == ("ready", "Queues of Sprint 3", [], True)
    await fire(mia.of(NewQueue), "begin")
    assert [one.value for one in mia.of(NewQueue).algorithms] == list(Algorithm)
    assert all(one.words.endswith(".") for one in mia.of(NewQueue).algorithms)
    for algorithm in Algorithm:
        await begun(mia, site, name=f"By {algorithm}", algorithm=algorithm)
    await mia.open(Queues, base)
    assert page.reading == "No queue is the plan of this sprint yet, 4 drafts."
    told = {line.algorithm: line for line in page.lines}
    assert set(told) == {"Round-robin", "Weighted fair", "Priority", "Optimal"}
    for line in page.lines:
        assert (line.state, line.author, line.versions, line.ahead) == ("Draft", "Mia", "1 version", "")
        assert int(line.inside) + int(line.below) + int(line.aside) == 8
        assert line.conflicts != "none"


async def test_a_new_queue_begins_from_another_with_all_that_was_decided_there(
    mia: Tab, site: QueueSite
) -> None:
    first = await begun(
        mia, site, algorithm="priority", buffer="10 %", backlog="2", unit="points", carry="on"
    )
    await drafts.apply(mia.db, ADMIN, first, [PinIssue(12, 1)], seen=0, token="t", now=NOW)
    await mia.open(Queues, f"/queues?sprint={site.sprints[3]}")
    (line,) = mia.of(Queues).lines
    assert (line.algorithm, line.ahead, line.link) == (
        "Priority",
        "1 edit since version 1",
        f"/planner?queue={first}",
    )
    page = mia.of(NewQueue)
    await fire(page, "begin")
    assert (page.name, [one.label for one in page.queues]) == ("Plan 2", ["Plan"])
    await fire(page, "start_from", str(first))
    assert (page.algorithm, page.buffer, page.backlog, page.unit) == ("priority", "10", "2", "points")
    assert (page.carry, page.rest, page.subtasks) == (True, False, "no")
    assert "“Plan”" in page.told
    second = await begun(
        mia, site, name="Again", source=str(first), algorithm="weighted_fair", subtasks="yes"
    )
    options = (await drafts.read(mia.db, ADMIN, second)).options
    assert (options.algorithm, options.include_subtasks, options.buffer, list(options.pins)) == (
        "weighted_fair",
        True,
        0,
        [12],
    )
    await fire(page, "begin")
    await fire(page, "start_from", str(first))
    await fire(page, "start_from", "")
    assert (page.algorithm, page.buffer, page.told, page.source) == ("round_robin", "0", "", "")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": " "}, "Give the queue a name"),
        ({"algorithm": "dice"}, "Choose how the issues are put in order."),
        ({"backlog": "many"}, "Issues of the backlog: 'many' is no number."),
        ({"backlog": "10001"}, "give a whole number from 0 to 10,000."),
        ({"buffer": "-1"}, "The buffer: give a whole number from 0 to 100."),
        ({"buffer": "2.5"}, "The buffer: give a whole number from 0 to 100."),
        ({"source": "999999"}, "There is no such queue"),
    ],
)
async def test_what_cannot_be_meant_is_said_beside_the_form(
    mia: Tab, site: QueueSite, changes: dict[str, str], told: str
) -> None:
    await mia.open(Queues, f"/queues?sprint={site.sprints[3]}")
    page = mia.of(NewQueue)
    await fire(page, "begin")
    await fire(page, "create", form(**changes))
    assert told in page.complaint
    assert page.is_open
    assert await rows(mia.db, "SELECT count(*) FROM queue_version") == [(0,)]


async def test_a_queue_gets_another_name(mia: Tab, site: QueueSite) -> None:
    queue = await begun(mia, site)
    await mia.open(Queues, f"/queues?sprint={site.sprints[3]}")
    page = mia.of(Queues)
    await fire(page, "begin_renaming", str(queue))
    assert (page.renaming, page.renaming_name) == (str(queue), "Plan")
    await fire(page, "rename", {"name": " "})
    assert page.complaint.startswith("Give the queue a name")
    assert "another name" in str(await fire(page, "rename", {"name": "Plan of the crew"}))
    assert ([line.name for line in page.lines], page.renaming) == (["Plan of the crew"], "")


async def test_a_queue_is_deleted_and_taken_back(mia: Tab, site: QueueSite) -> None:
    first = await begun(mia, site, name="First")
    second = await begun(mia, site, name="Second")
    await fire_on(mia, VersionsPanel, first, "become", "active")
    await mia.open(Queues, f"/queues?sprint={site.sprints[3]}")
    page = mia.of(Queues)
    assert {line.name: line.deletable for line in page.lines} == {"First": False, "Second": True}
    await fire(page, "delete", str(first))
    assert page.complaint.startswith("This queue is the plan of its sprint, so it is not deleted.")
    said = await fire(page, "delete", str(second))
    assert "The queue is deleted." in str(said)
    assert ([line.name for line in page.lines], page.deleted_name, page.complaint) == (
        ["First"],
        "Second",
        "",
    )
    await fire(page, "restore")
    assert ([line.name for line in page.lines], page.deleted) == (["First", "Second"], "")
    await fire(page, "delete", str(second))
    await mia.open(Queues, f"/queues?sprint={site.sprints[3]}")
    assert page.deleted == "", "nothing is left to take back once the page is loaded again"
    vic = await become(mia, await make(mia, "Vic", Role.VIEWER))
    await vic.open(Queues, f"/queues?sprint={site.sprints[3]}")
    await fire(vic.of(Queues), "delete", str(first))
    assert "does not allow this" in vic.of(Queues).complaint


async def test_no_connection_is_held_while_a_queue_is_made(
    mia: Tab, site: QueueSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_now: list[bool] = [False]
    during: list[bool] = []
    usual = session_module.transaction

    @asynccontextmanager
    async def watched() -> AsyncGenerator[AsyncSession]:
        async with usual() as session:
            open_now[0] = True
            try:
                yield session
            finally:
                open_now[0] = False

    async def made(inputs: Inputs, options: Options, **more: Any) -> Queue:
        during.append(open_now[0])
        return generate(inputs, options)

    monkeypatch.setattr(session_module, "transaction", watched)
    monkeypatch.setattr(making, "made", made)
    queue = await begun(mia, site)
    assert during == [False]
    stored = await versions.read(mia.db, ADMIN, queue)
    assert (stored.version.number, stored.version.head, stored.version.note) == (1, 0, "As it was generated.")

    async def failing(inputs: Inputs, options: Options, **more: Any) -> Queue:
        raise making.TookTooLong

    monkeypatch.setattr(making, "made", failing)
    page = mia.of(NewQueue)
    await fire(page, "begin")
    await fire(page, "create", form(name="Never"))
    assert page.complaint.startswith("This queue could not be made in time")
    assert await rows(mia.db, "SELECT name FROM queue") == [("Plan",)], "nothing is left of it"


async def fire_on(tab: Tab, state: type, queue: int, handler: str, *values: str) -> None:
    await tab.open(state, f"/planner?queue={queue}")
    await fire(tab.of(state), handler, *values)


async def test_sprints_to_plan_are_offered_and_closed_ones_are_told(mia: Tab, site: QueueSite) -> None:
    await mia.db.execute(text("UPDATE sprint SET state = 'closed' WHERE state = 'active'"))
    await mia.open(Queues, f"/queues?board={site.boards[7]}")
    page = mia.of(Queues)
    offered = [one.name for one in page.sprints]
    assert offered
    assert (page.status, page.blank_title) == ("empty", "Which sprint do you want to plan?")
    await mia.open(Queues, f"/queues?board={site.boards[7]}&sprint={site.sprints[1]}")
    assert (page.status, page.closed, [one.name for one in page.sprints]) == ("ready", True, offered)
    await fire(mia.of(NewQueue), "begin")
    await fire(mia.of(NewQueue), "create", form())
    assert "closed" in mia.of(NewQueue).complaint
    for address in ("/queues?sprint=999999", "/queues?sprint=x"):
        await mia.open(Queues, address)
        assert page.status == "failed"


async def test_without_teams_the_page_says_what_comes_first(mia: Tab, site: QueueSite) -> None:
    await mia.open(Queues, f"/queues?sprint={site.sprints[3]}")
    assert not mia.of(Queues).teamless
    await mia.db.execute(text("UPDATE team SET deleted_at = now()"))
    await mia.open(Queues, f"/queues?sprint={site.sprints[3]}")
    assert (mia.of(Queues).teamless, mia.of(Queues).may_make_teams) == (True, True)


async def test_who_may_only_look_is_shown_no_action(mia: Tab, site: QueueSite) -> None:
    queue = await begun(mia, site)
    tab = await become(mia, await make(mia, "Vic", Role.VIEWER))
    await tab.open(Queues, f"/queues?sprint={site.sprints[3]}")
    page = tab.of(Queues)
    assert (page.status, page.may, [line.name for line in page.lines]) == ("ready", False, ["Plan"])
    await fire(tab.of(NewQueue), "create", form(name="Mine"))
    await fire(page, "rename", {"name": "Mine"})
    await tab.open(VersionsPanel, f"/planner?queue={queue}")
    panel = tab.of(VersionsPanel)
    assert (panel.status, panel.may, panel.may_activate, len(panel.lines)) == ("ready", False, False, 1)
    for handler, values in (("become", ["active"]), ("take_over", []), ("begin_from", ["1"])):
        await fire(panel, handler, *values)
    assert await rows(tab.db, "SELECT name, state, versions FROM queue") == [("Plan", "draft", 1)]
    await fire(panel, "look", "1")
    assert panel.looked == "1"


async def test_a_manager_of_some_teams_sees_their_part(mia: Tab, site: QueueSite) -> None:
    queue = await begun(mia, site)
    user = await make(mia, "Tom", Role.MANAGER)
    only = Grant(Role.MANAGER, team_ids=frozenset({site.values[QA]}))
    await grants.give(mia.db, SYSTEM, user_id=user.id, everywhere=None, limited=[only])
    tab = await become(mia, user)
    await tab.open(Queues, f"/queues?sprint={site.sprints[3]}")
    page = tab.of(Queues)
    assert (page.may, page.lines[0].inside, page.lines[0].fairness) == (False, "—", "—")
    await tab.open(VersionsPanel, f"/planner?queue={queue}")
    panel = tab.of(VersionsPanel)
    await fire(panel, "look", "1")
    assert [line.name for line in panel.teams] == [QA]
    keys = {line.key for group in panel.groups for line in group.lines}
    assert keys == {"APP-10", "APP-12", "APP-13"}
    await tab.open(ProgressPanel, f"/planner?queue={queue}")
    progress = tab.of(ProgressPanel)
    assert progress.status == "ready"
    assert not {line.name for line in progress.teams} & {WEB}
    assert not {note.key for note in progress.fresh} & {"APP-11", "APP-14", "APP-20"}
    await tab.open(ComparePanel, f"/planner?queue={queue}")
    assert tab.of(ComparePanel).status == "empty"
