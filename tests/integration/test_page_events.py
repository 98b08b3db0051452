"""A browser event: how many queries it costs, what it sends, and that nothing kept outlives its version or its viewer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from reflex.state import State
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import access, boards, choices, sprints
from sprintreports.kit import clock
from sprintreports.ui import routes, session
from sprintreports.ui.binding import Binding, note_cut
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.overview.state import Overview
from sprintreports.ui.pages.sprint.state import Sprint
from sprintreports.ui.pages.velocity.state import VelocityPage
from tests.integration.jira_site import rows
from tests.integration.test_reads import SYSTEM, site, sprint_id, team_ids

__all__ = ["site"]
# Who asks; boards, sprints, freshness and versions; how many notices are unread.
WARM = 3


@dataclass
class Tab:
    """One tab of a signed-in browser, without the browser: what each event asked the database and would send."""

    db: AsyncSession
    cookie: str
    root: Any = field(default_factory=lambda: State(_reflex_internal_init=True))
    asked: list[str] = field(default_factory=list)

    async def open(self, page: type[Any], address: str, *, by: str = "load") -> set[str]:
        """Follow a link (or stay there, by another event); the names of what is sent, without Reflex's own."""
        path, _, query = address.partition("?")
        pairs = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
        data = {"pathname": path, "asPath": address, "query": pairs, "token": "t", "sid": "s"}
        data |= {"headers": {"cookie": f"sprintreports_session={self.cookie}", "origin": "http://x.test"}}
        self.root._update_router_vars(data, {})
        self.root._clean()
        self.asked.clear()
        self.db.info.clear()  # as a transaction of its own would begin
        await page.event_handlers[by].fn(self.of(page))
        sent = {
            name.removesuffix("_rx_state_")
            for state, values in self.root.get_delta().items()
            if state != State.get_full_name()
            for name in values
        }
        self.root._clean()
        return sent

    def of(self, state: type[Any]) -> Any:
        return self.root.get_substate(state.get_full_name().split("."))


@pytest.fixture
async def tab(db_session: AsyncSession, site: SiteContext, monkeypatch: pytest.MonkeyPatch) -> Tab:
    assert routes.register  # importing the routes registers every state
    made = await users.create(
        db_session, SYSTEM, email="v@x.test", password="tall green yak 7", role=Role.VIEWER
    )
    new = await sessions.create(
        db_session, user_id=made.id, user_agent="", address="192.0.2.1", now=clock.now()
    )
    opened = Tab(db_session, new.token)

    @asynccontextmanager
    async def transaction() -> AsyncGenerator[AsyncSession]:
        yield db_session

    execute = psycopg.AsyncCursor.execute

    async def counted(self: Any, query: Any, *rest: Any, **options: Any) -> Any:
        opened.asked.append(query.decode() if isinstance(query, bytes) else str(query))
        return await execute(self, query, *rest, **options)

    monkeypatch.setattr(session, "transaction", transaction)
    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    return opened


async def test_an_event_reads_and_sends_what_changed(tab: Tab):
    number = await sprint_id(tab.db, 1)
    base = f"/sprint?sprint={number}"
    first = await tab.open(Sprint, base)
    assert {"kpis", "burndown", "burnup", "breakdown", "issues", "changes", "boards", "user_name"} <= first
    assert tab.of(Sprint).status == "ready"

    assert await tab.open(Sprint, base) == set()
    assert len(tab.asked) == WARM
    links = {"unit_links", "dimension_links", "guideline_links", "sort_links"}
    assert await tab.open(Sprint, f"{base}&sort=team&order=desc") == {"issues", "sort", "descending", *links}
    assert len(tab.asked) == WARM + 3, "the place, how many issues, and a page of them"
    assert await tab.open(Sprint, f"{base}&by=type") == {
        "breakdown",
        "dimension",
        "issues",
        "sort",
        "descending",
        *links,
    }
    by_unit = await tab.open(Sprint, f"{base}&unit=count")
    assert {"burndown", "burnup", "breakdown", "kpis", "nav"} <= by_unit
    assert not by_unit & {"name", "boards", "sprints", "user_name", "fresh_text"}
    for address in (base, f"{base}&sort=team&order=desc", f"{base}&by=type", f"{base}&unit=count"):
        await tab.open(Sprint, address)
        assert len(tab.asked) == WARM, address


async def test_what_one_made_is_there_for_all_who_may_see_the_same(tab: Tab):
    number = await sprint_id(tab.db, 1)
    await tab.open(Sprint, f"/sprint?sprint={number}")
    other = replace(tab, root=State(_reflex_internal_init=True))
    assert "burndown" in await other.open(Sprint, f"/sprint?sprint={number}")
    assert len(tab.asked) == WARM
    assert other.of(Sprint).get_value("burndown") is tab.of(Sprint).get_value("burndown")


async def test_new_facts_are_read_at_once_and_only_what_they_change_is_sent(tab: Tab):
    number = await sprint_id(tab.db, 1)
    base = f"/sprint?sprint={number}"
    await tab.open(Sprint, base)
    await rows(tab.db, "UPDATE sprint SET goal = 'Pay by card' WHERE id = %s RETURNING 1", number)
    assert await tab.open(Sprint, base) == {"goal"}
    await rows(tab.db, "UPDATE board SET name = 'Renamed' RETURNING 1")
    assert await tab.open(Sprint, base) == {"boards", "period"}
    await rows(tab.db, "UPDATE issue SET summary = 'Renamed' RETURNING 1")
    await rows(tab.db, "UPDATE site SET last_synced_at = last_synced_at + interval '1 minute' RETURNING 1")
    assert {"issues", "changes", "fresh_iso"} <= await tab.open(Sprint, base)
    await rows(tab.db, "UPDATE sprint_fact SET rebuilt_at = rebuilt_at RETURNING 1")
    assert await tab.open(Sprint, base) == set()
    assert len(tab.asked) > WARM, "read again, and found to be the same"


async def test_a_running_sprint_holds_for_a_minute(tab: Tab, monkeypatch: pytest.MonkeyPatch):
    number = await sprint_id(tab.db, 3)
    base = f"/sprint?sprint={number}"
    at = clock.now().replace(second=10, microsecond=0)
    monkeypatch.setattr(session.clock, "now", lambda: at)
    await tab.open(Sprint, base)
    monkeypatch.setattr(session.clock, "now", lambda: at.replace(second=59))
    assert await tab.open(Sprint, base) == set()
    assert len(tab.asked) == WARM
    monkeypatch.setattr(session.clock, "now", lambda: at.replace(second=59) + timedelta(seconds=1))
    assert {"burndown", "burnup"} <= await tab.open(Sprint, base)


async def test_what_a_viewer_may_see_is_part_of_what_is_kept(tab: Tab, monkeypatch: pytest.MonkeyPatch):
    number = await sprint_id(tab.db, 1)
    base = f"/sprint?sprint={number}"
    await tab.open(Sprint, base)
    whole = tab.of(Sprint).kpis["commitment"].value
    found = await sessions.resolve(tab.db, tab.cookie, now=clock.now())
    assert found

    def become(**changes: Any) -> None:
        async def resolve(*_: Any, **__: Any) -> sessions.Session:
            return replace(found, viewer=replace(found.viewer, **changes))

        monkeypatch.setattr(session.sessions, "resolve", resolve)

    become(team_ids=await team_ids(tab.db, "Frontend"))
    assert {"kpis", "burndown", "burnup", "breakdown", "issues"} <= await tab.open(Sprint, base)
    assert tab.of(Sprint).kpis["commitment"].value != whole
    assert {row.team for row in tab.of(Sprint).issues} == {"Frontend"}

    become(role=Role.ADMIN)
    assert {"is_admin", "user_role"} <= await tab.open(Sprint, base)
    assert tab.of(Sprint).kpis["commitment"].value == whole

    become(board_ids=frozenset[int]())
    assert {"kpis", "issues", "burndown", "boards", "status"} <= await tab.open(Sprint, base)
    page = tab.of(Sprint)
    assert (page.status, page.problem) == ("failed", access.NO_SPRINT)
    assert not page.issues
    assert not page.kpis
    assert page.burndown.light == {}
    assert tab.of(Frame).boards == []

    become()
    assert {"kpis", "issues", "burndown", "boards", "status"} <= await tab.open(Sprint, base)
    assert tab.of(Sprint).kpis["commitment"].value == whole


async def test_after_a_load_that_was_cut_off_all_is_sent_again_once(tab: Tab):
    base = f"/sprint?sprint={await sprint_id(tab.db, 1)}"
    whole = await tab.open(Sprint, base)
    tab.root.is_hydrated = True
    await note_cut(tab.root)
    assert await tab.open(Sprint, base) == set()
    tab.root.is_hydrated = False
    await note_cut(tab.root)
    assert await tab.open(Sprint, base) >= whole
    assert await tab.open(Sprint, base) == set()
    assert tab.of(Binding)._cuts == 1


async def test_overview_and_velocity_take_one_more_query_and_send_nothing_twice(tab: Tab):
    for page, address, part in ((Overview, "/", "cards"), (VelocityPage, "/velocity", "chart")):
        assert part in await tab.open(page, address)
        assert await tab.open(page, address) == set()
        assert len(tab.asked) == WARM + 1, address


async def test_an_address_past_the_last_page_is_put_right(tab: Tab):
    base = f"/sprint?sprint={await sprint_id(tab.db, 1)}"
    await tab.open(Sprint, f"{base}&page=1")
    page = tab.of(Sprint)
    assert page._to_the_last_page() is None
    await tab.open(Sprint, f"{base}&page=99&sort=team")
    assert page.issues, "what there is, is shown meanwhile"
    told = {str(name): str(value) for name, value in page._to_the_last_page().args}
    path, _, query = told["path"].strip('"').partition("?")
    assert (path, set(query.split("&"))) == ("/sprint", {base.partition("?")[2], "sort=team"})
    assert told["replace"] == "true", "the address that was wrong is no step back"


async def test_a_sprint_without_a_board_in_its_address_is_shown_on_its_own(tab: Tab):
    await tab.open(Overview, "/")
    own = (await boards.listing(tab.db, SYSTEM))[0].id
    await tab.open(Sprint, f"/sprint?sprint={await sprint_id(tab.db, 1)}&board={own + 1000}")
    assert tab.of(Sprint).problem == access.NO_BOARD
    await tab.open(Sprint, f"/sprint?sprint={await sprint_id(tab.db, 1)}")
    assert tab.of(Sprint).status == "ready"
    assert tab.of(Frame).board == str(own)


async def test_choices_pick_what_is_asked_for_then_the_last_then_the_active_sprint(
    db_session: AsyncSession, site: SiteContext
):
    first, active = await sprint_id(db_session, 1), await sprint_id(db_session, 3)
    board = (await boards.listing(db_session, SYSTEM))[0]
    found = await choices.read(db_session, SYSTEM)
    assert found.board == choices.BoardChoice(board.id, board.name, choices.Unit(board.unit))
    assert (found.sprint_id, found.settled) == (active, False)
    assert (await choices.read(db_session, SYSTEM, last_sprint=first)).sprint_id == first
    asked = await choices.read(db_session, SYSTEM, sprint_id=first, last_sprint=active)
    assert (asked.sprint_id, asked.settled) == (first, True)
    page = await sprints.page(db_session, SYSTEM, board_id=board.id, per_page=100)
    assert [(one.id, one.name, one.state) for one in found.sprints] == [
        (one.id, one.name, one.state) for one in page.items
    ]
    hidden = await choices.read(db_session, replace(SYSTEM, board_ids=frozenset[int]()), sprint_id=first)
    assert (hidden.boards, hidden.board, hidden.sprints, hidden.version) == ((), None, (), None)
