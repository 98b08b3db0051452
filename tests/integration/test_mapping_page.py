"""The panels of fields and board settings, handler by handler, against the stand-in: what an admin sees after each step."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from reflex.state import State

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.jira import mapping_setup
from sprintreports.kit import clock, db
from sprintreports.ui import routes
from sprintreports.ui.connecting.board_settings import BoardForm
from sprintreports.ui.connecting.fields import FieldPicker
from tests.integration.sync_support import SYSTEM, connected, connection, one, rows, synced

NOW = 1_780_000_000_000


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=3, scale=0.15, now=NOW) as demo:
        yield demo


class Tab:
    """An admin's tab on a site's page, without the browser."""

    def __init__(self, cookie: str, site_id: int) -> None:
        self.root: Any = State(_reflex_internal_init=True)
        address = f"/site?site={site_id}"
        data = {
            "pathname": "/site",
            "asPath": address,
            "query": {"site": str(site_id)},
            "token": "t",
            "sid": "s",
        }
        data |= {"headers": {"cookie": f"sprintreports_session={cookie}", "origin": "http://x.test"}}
        self.root._update_router_vars(data, {})

    async def do(self, state: type[Any], event: str, *values: Any) -> Any:
        """The event's answer; the state is looked at by `of`."""
        answer = await state.event_handlers[event].fn(self.of(state), *values)
        self.root._clean()
        return answer

    def of(self, state: type[Any]) -> Any:
        return self.root.get_substate(state.get_full_name().split("."))


@pytest_asyncio.fixture
async def tab(cloud: RunningDemo, pg_url: str) -> AsyncIterator[Tab]:
    assert routes.register  # importing the routes registers every state
    site_id = await connected(connection(cloud))
    await synced(site_id)
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email="a@x.test", password="tall green yak 7", role=Role.ADMIN
        )
        new = await sessions.create(
            session, user_id=made.id, user_agent="", address="192.0.2.1", now=clock.now()
        )
    yield Tab(new.token, site_id)


def line(picker: Any, slot: str) -> Any:
    return next(one for one in picker.lines if one.slot == slot)


async def test_a_choice_is_tried_and_nothing_kept(tab: Tab, pg_url: str):
    await tab.do(FieldPicker, "load")
    picker = tab.of(FieldPicker)
    assert (picker.status, picker.complaint) == ("ready", "")
    assert len(picker.tried) == 10
    assert not any(cell.was for tried in picker.tried for cell in tried.cells)
    assert line(picker, "points").share.startswith("Filled in ")
    assert any("most frequent" in other for other in line(picker, "points").others)
    assert picker.consequence == "Confirming changes nothing in the numbers."
    await tab.do(FieldPicker, "choose", "discipline", "project")
    assert line(picker, "discipline").changed.startswith("Reads ")
    assert any(tried.cells[1].was for tried in picker.tried)
    assert picker.consequence.endswith("stored issues again, without a call to Jira.")
    await tab.do(FieldPicker, "choose", "discipline", "labels")
    await tab.do(FieldPicker, "name_like", " team:* ")
    assert picker.pattern == "team:*"
    assert one(pg_url, "SELECT mapping ->> 'discipline_pattern' FROM site") == ""
    assert one(pg_url, "SELECT count(*) FROM sync_run WHERE mode = 'replay'") == 0


async def test_exceptions_are_added_and_removed(tab: Tab, pg_url: str):
    await tab.do(FieldPicker, "load")
    picker = tab.of(FieldPicker)
    await tab.do(
        FieldPicker, "add", {"exception-slot": "points", "exception-project": " ", "exception-type": ""}
    )
    assert picker.complaint.startswith("Name a project, an issue type, or both.")
    form = {"exception-slot": "points", "exception-project": "NOPE", "exception-field": "none"}
    await tab.do(FieldPicker, "add", form)
    await tab.do(FieldPicker, "confirm", {})
    assert "No project NOPE is known here." in picker.complaint
    await tab.do(FieldPicker, "remove", picker.exceptions[0].key)
    assert picker.exceptions == []
    await tab.do(FieldPicker, "offer", "owner")
    assert [option.value for option in picker.new_fields] == [
        option.value for option in line(picker, "owner").options
    ]
    for field in ("customfield_10016", "none"):
        await tab.do(
            FieldPicker, "add",
            {"exception-slot": "points", "exception-type": "Bug", "exception-field": field},
        )  # fmt: skip
    assert [held.text for held in picker.exceptions] == ["Story points of the type Bug: none."]
    bugs = one(pg_url, "SELECT count(*) FROM issue WHERE type = 'Bug'")
    assert picker.exceptions[0].reach == f"Holds for {bugs} stored issues."
    await tab.do(FieldPicker, "confirm", {})
    assert (picker.complaint, picker.following, picker.confirmed) == ("", True, True)
    assert rows(pg_url, "SELECT state FROM sync_run WHERE mode = 'replay'") == [("queued",)]
    async with db.transaction() as session:
        mapping = await mapping_setup.current(session, SYSTEM, one(pg_url, "SELECT id FROM site"))
    assert [(held.slot, held.field, held.type) for held in mapping.overrides] == [("points", None, "Bug")]
    await tab.do(FieldPicker, "load")
    assert [held.text for held in picker.exceptions] == ["Story points of the type Bug: none."]


async def test_a_field_that_vanished_from_jira_is_shown_as_such(tab: Tab, pg_url: str):
    rows(
        pg_url,
        "UPDATE site SET mapping = mapping || '{\"confirmed\": true, \"owner\": \"customfield_9\", "
        "\"names\": {\"customfield_9\": \"Sponsor\"}}' RETURNING 1",
    )  # fmt: skip
    await tab.do(FieldPicker, "load")
    picker = tab.of(FieldPicker)
    chosen = next(option for option in line(picker, "owner").options if option.value == "customfield_9")
    assert chosen.label == "Sponsor (no longer in this Jira)"
    assert line(picker, "owner").share.startswith("Empty, or not of this kind, in all of ")
    await tab.do(FieldPicker, "confirm", {})
    assert (
        "The field “Sponsor” (customfield_9) for the stakeholder is no longer in this Jira"
        in picker.complaint
    )


async def test_what_is_done_is_chosen_on_the_boards_tab(tab: Tab, pg_url: str):
    await tab.do(BoardForm, "load")
    form = tab.of(BoardForm)
    assert (form.status, form.done) == ("ready", "column")
    assert form.rightmost.startswith("Now that is “")
    assert "In Jira this board estimates with “" in form.estimation
    kept = {"zone": "UTC", "day-0": "on", "unit": "points", "subtasks": "parents", "done": "chosen"}
    await tab.do(BoardForm, "save", kept)
    assert "Choose at least one status that counts as done" in form.complaint
    everything = {status.field: "on" for status in form.statuses}
    await tab.do(BoardForm, "save", {**kept, **everything})
    assert "every issue would be done from its start" in form.complaint
    some = {status.field: "on" for status in form.statuses if status.chosen}
    await tab.do(BoardForm, "save", {**kept, **some})
    assert (form.complaint, form.done) == ("", "chosen")
    stored = one(pg_url, "SELECT done_statuses FROM board WHERE id = %s", int(form.board))
    assert {f"done-{status}" for status in stored} == set(some)
    await tab.do(BoardForm, "save", {**kept, "done": "column"})
    assert one(pg_url, "SELECT done_statuses FROM board WHERE id = %s", int(form.board)) is None


async def test_a_value_of_the_class_is_told_what_it_means(tab: Tab, pg_url: str):
    await tab.do(FieldPicker, "load")
    picker = tab.of(FieldPicker)
    assert line(picker, "scheduling").reason == "The field is named “Scheduling”."
    assert line(picker, "deadline").chosen == "duedate"
    assert {held.value: held.guess for held in picker.meanings} == {
        "Maintenance window": "As its words say: at exact times",
        "Target date": "As its words say: by its deadline",
        "Flexible": "As its words say: in its turn",
    }
    for place, said in (("maintenance window", "soft"), ("target date", "melted"), ("nowhere", "hard")):
        await tab.do(FieldPicker, "mean", place, said)
    assert picker.complaint == "Choose what this value means from the list."
    assert {held.place: held.chosen for held in picker.meanings if held.chosen != "guess"} == {
        "maintenance window": "soft"
    }
    assert line(picker, "scheduling").changed.startswith("Reads ")
    assert picker.consequence == "Confirming changes nothing in the numbers."
    assert one(pg_url, "SELECT mapping ->> 'scheduling_values' FROM site") == "{}", "nothing is kept yet"
    await tab.do(FieldPicker, "confirm", {})
    assert picker.complaint == ""
    assert one(pg_url, "SELECT mapping -> 'scheduling_values' FROM site") == {"maintenance window": "soft"}
    assert one(pg_url, "SELECT count(*) FROM sync_run WHERE mode = 'replay'") == 0, (
        "plans ask for it themselves"
    )
    await tab.do(FieldPicker, "choose", "scheduling", "none")
    assert [held.seen for held in picker.meanings] == ["in none of the issues looked at"]
    await tab.do(FieldPicker, "load")
    assert [held.chosen for held in picker.meanings if held.place == "maintenance window"] == ["soft"]
