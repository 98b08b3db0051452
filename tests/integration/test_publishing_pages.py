"""The pages of connections and deliveries, and the panel that publishes, as page events: what they show, do and refuse."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import sessions
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, queue
from sprintreports.reports.publishing import connections
from sprintreports.reports.publishing.checking import Draft
from sprintreports.reports.publishing.delivering import deliver
from sprintreports.reports.publishing.values import Connection, read_settings
from sprintreports.ui.pages.connections.form import ConnectionEditor
from sprintreports.ui.pages.connections.state import Connections
from sprintreports.ui.pages.deliveries.state import Deliveries
from sprintreports.ui.pages.report.publishing import ReportSending
from sprintreports.ui.pages.report.state import ReportPage
from tests.integration.jira_site import rows
from tests.integration.publishing_site import Drawn, chat, wiki
from tests.integration.queue_site import QueueSite, queue_site
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_users_page import become, fire, make
from tests.publishing_support import Said

__all__ = ["tab"]
MAIL = {"kind": "email", "host": "127.0.0.1", "port": 9, "security": "none", "sender": "reports@x.test"}


@pytest.fixture
async def site(db_session: AsyncSession) -> QueueSite:
    return await queue_site(db_session)


@pytest.fixture
async def boss(tab: Tab, site: QueueSite, monkeypatch: pytest.MonkeyPatch) -> Tab:
    """An admin. Jobs go nowhere, `deliver_all` does theirs."""

    async def defer(*_: Any, **__: Any) -> int:
        return 1

    monkeypatch.setattr(queue, "defer", defer)
    return await become(tab, await make(tab, "Boss", Role.ADMIN))


async def asker(tab: Tab) -> Viewer:
    found = await sessions.resolve(tab.db, tab.cookie, now=clock.now())
    assert found
    return found.viewer


async def connected(tab: Tab, body: dict[str, Any]) -> Connection:
    """Set up by whom the tab belongs to: an admin."""
    draft = Draft(body["name"], read_settings(body["settings"]), body.get("secret", ""))
    return await connections.create(tab.db, await asker(tab), draft)


async def deliver_all(tab: Tab) -> None:
    @asynccontextmanager
    async def unit() -> AsyncGenerator[AsyncSession]:
        yield tab.db

    for (one,) in await rows(tab.db, "SELECT id FROM delivery WHERE state = 'queued' ORDER BY id"):
        await deliver(unit, one, now=clock.now, making=Drawn())


async def panel_of(tab: Tab, site: QueueSite) -> Any:
    """The panel that publishes, opened on the report of a sprint."""
    await tab.open(ReportPage, f"/report?of=sprint-{site.sprints[3]}")
    panel = tab.of(ReportSending)
    await fire(panel, "show")
    return panel


async def test_nothing_is_sent_before_a_look(boss: Tab, site: QueueSite) -> None:
    with wiki() as (pages, _, body):
        await connected(boss, body)
        panel = await panel_of(boss, site)
        await fire(panel, "send")
        assert "Look first" in panel.complaint
        await fire(panel, "wait")  # sent by the form before the look, which takes seconds
        assert (panel.looking, panel.complaint) == (True, "")
        await fire(panel, "look", {"space": "no space", "parent": ""})
        assert (panel.looking, panel.planned, "key of the space" in panel.complaint) == (False, False, True)
        assert (pages.pages, await rows(boss.db, "SELECT count(*) FROM delivery")) == ({}, [(0,)])


async def test_a_report_goes_to_a_page_after_a_look_and_is_followed(boss: Tab, site: QueueSite) -> None:
    with wiki() as (pages, place, body):
        made = await connected(boss, body)
        panel = await panel_of(boss, site)
        assert [(one.value, one.label) for one in panel.connections] == [
            (str(made.id), "Wiki (Confluence Cloud)")
        ]
        assert (panel.connection, panel.kind) == (str(made.id), "confluence")
        await fire(panel, "look", {"space": "TEAM", "parent": "", "to": "not@this.test"})
        assert (panel.complaint, panel.planned, panel.plan.place) == ("", True, "Space TEAM")
        assert panel.plan.title in panel.plan.sentence
        assert "new page" in panel.plan.sentence
        assert "<" in panel.plan.content
        assert (pages.pages, place.count("POST"), place.count("PUT")) == ({}, 0, 0)
        assert await rows(boss.db, "SELECT count(*) FROM delivery") == [(0,)]

        await fire(panel, "send")
        assert (panel.was_sent, panel.planned, panel.was.state, panel.was.live) == (
            True,
            False,
            "In line",
            True,
        )
        await fire(panel, "send")  # a second press sends nothing more
        assert await rows(boss.db, "SELECT count(*) FROM delivery") == [(1,)]
        await deliver_all(boss)
        await fire(panel, "tick")
        assert (panel.was.state, panel.was.live) == ("Delivered", False)
        (page_id,) = pages.pages
        assert panel.was.url.endswith(f"/pages/{page_id}")

        await boss.open(Deliveries, panel.was.link)
        ledger = boss.of(Deliveries)
        assert (ledger.status, ledger.one.state, ledger.one.by, ledger.moving) == (
            "ready",
            "Delivered",
            "Boss",
            False,
        )
        assert ([one.outcome for one in ledger.tries], ledger.ways) == (["Delivered"], [])
        assert (ledger.lines[0].connection, ledger.lines[0].service) == ("Wiki", "Confluence")

        # Somebody edits the page: the next look says so, and the ledger asks what to do.
        pages.edit(page_id, "<p>Mine</p>")
        panel = await panel_of(boss, site)
        await fire(panel, "look", {"space": "TEAM", "parent": ""})
        assert panel.plan.warning
        await fire(panel, "send")
        await deliver_all(boss)
        await fire(panel, "tick")
        assert panel.was.state == "Somebody has to choose"
        await boss.open(Deliveries, panel.was.link)
        assert [one.choice for one in ledger.ways] == ["overwrite", "new_page"]
        await fire(ledger, "again", "")
        assert ledger.complaint
        await fire(ledger, "again", "elsewhere")
        assert ledger.complaint
        await fire(ledger, "again", "overwrite")
        assert (ledger.complaint, ledger.one.state, ledger.moving) == ("", "In line", True)
        await deliver_all(boss)
        await fire(ledger, "tick")
        assert (ledger.one.state, [one.outcome for one in ledger.tries]) == (
            "Delivered",
            ["Clash", "Delivered"],
        )
        assert len(pages.pages) == 1


async def test_a_refused_message_is_sent_again_and_filters_find_it(boss: Tab, site: QueueSite) -> None:
    with chat() as (slack, place, body):
        made = await connected(boss, body)
        panel = await panel_of(boss, site)
        assert (panel.kind, panel.of_bot) == ("slack", False)
        await fire(panel, "look", {})
        place.instead.append(("POST", "/x", Said(400, "invalid_payload", {"Content-Type": "text/html"})))
        await fire(panel, "send")
        await deliver_all(boss)
        assert slack.posted == []
        await fire(panel, "tick")
        assert panel.was.state == "Failed"
        ledger = boss.of(Deliveries)
        for query, found in {
            "": 1,
            "?state=failed": 1,
            "?state=delivered": 0,
            "?state=nonsense": 1,
            f"?connection={made.id}": 1,
            f"?connection={made.id + 1}": 0,
            "?page=7": 1,
        }.items():
            await boss.open(Deliveries, f"/deliveries{query}")
            assert (ledger.status, len(ledger.lines)) == ("ready", found), query
        await boss.open(Deliveries, "/deliveries?delivery=999999")
        assert (ledger.status, ledger.opened, "no such delivery" in ledger.complaint) == ("ready", "", True)
        await boss.open(Deliveries, panel.was.link)
        (way,) = ledger.ways
        assert (way.label, ledger.tries[0].tone) == ("Try again", "bad")
        await fire(ledger, "again", way.choice)
        await deliver_all(boss)
        await fire(ledger, "tick")
        assert (ledger.one.state, ledger.ways, len(slack.posted)) == ("Delivered", [], 1)
        await fire(ledger, "again", "")
        assert "nothing to send again" in ledger.complaint
        assert "delivery=" not in str(await fire(ledger, "close"))


async def test_who_sees_which_deliveries(boss: Tab, site: QueueSite) -> None:
    await connected(boss, {"name": "Mail", "settings": MAIL})
    panel = await panel_of(boss, site)
    await fire(panel, "look", {"to": "boss@x.test; team@x.test"})
    assert panel.complaint == ""
    assert panel.plan.sentence.startswith("2 mails")
    await fire(panel, "send")
    ((theirs,),) = await rows(boss.db, "SELECT id FROM delivery")

    ulf = await become(boss, await make(boss, "Ulf", Role.USER))
    ledger = ulf.of(Deliveries)
    await ulf.open(Deliveries, "/deliveries")
    assert (ledger.status, ledger.sees_all, ledger.lines) == ("empty", False, [])
    await ulf.open(Deliveries, f"/deliveries?delivery={theirs}")
    assert (ledger.opened, "somebody else's" in ledger.complaint) == ("", True)
    ledger.opened = str(theirs)
    await fire(ledger, "again", "")
    assert "somebody else's" in ledger.complaint

    # A plain user mails a report to themselves, and to nobody else.
    panel = await panel_of(ulf, site)
    assert panel.own.casefold() == "ulf@x.test"
    await fire(panel, "look", {"to": "Ulf@x.test, team@x.test"})
    assert (panel.planned, panel.complaint != "") == (False, True)
    await fire(panel, "look", {"to": panel.own})
    assert (panel.complaint, panel.planned, panel.plan.place) == ("", True, panel.own)
    await fire(panel, "send")
    await ulf.open(Deliveries, "/deliveries")
    assert [(one.by, one.place) for one in ledger.lines] == [("Ulf", panel.own)]
    assert panel._delivery != theirs
    panel._delivery = theirs
    await fire(panel, "tick")
    assert "somebody else's" in panel.complaint

    await become(boss, await make(boss, "Ada", Role.ADMIN))
    await boss.open(Deliveries, "/deliveries")
    assert (ledger.sees_all, {one.by for one in ledger.lines}) == (True, {"Boss", "Ulf"})


async def test_a_connection_is_tested_changed_and_deleted_and_its_secret_stays_inside(boss: Tab) -> None:
    page, editor = boss.of(Connections), boss.of(ConnectionEditor)
    await boss.open(Connections, "/connections")
    assert (page.status, page.may_change) == ("empty", True)
    await fire(editor, "begin")
    await fire(editor, "choose", "email")
    assert (editor.is_open, editor.kind, editor.to, editor.method, editor.values["port"]) == (
        True,
        "email",
        "/api/v1/connections",
        "POST",
        "587",
    )
    with wiki() as (_pages, place, body):
        made = await connected(boss, body)
        await fire(editor, "kept")
        assert (editor.is_open, [one.name for one in page.lines]) == (False, ["Wiki"])
        await boss.open(Connections, f"/connections?connection={made.id}")
        assert (page.opened, page.one.state, page.one.place) == (str(made.id), "Never tested", place.url)
        await fire(page, "test")
        assert (page.complaint, page.one.state, "Reports" in page.one.told) == ("", "Works", True)
        place.instead.append(("GET", "/user/current", Said(401, {"message": "No"})))
        await fire(page, "test")
        assert (page.one.state, page.one.tone, "until somebody" in page.one.told) == ("Paused", "bad", True)
        await fire(editor, "edit", page.opened)
        assert (editor.method, editor.kind, editor.has_secret) == ("PATCH", "confluence-cloud", True)
        assert editor.values["base_url"] == place.url
        held = str([boss.root.dict(), vars(editor), vars(page)])
        assert place.url in held
        assert body["secret"] not in held
        await fire(page, "delete")
        await boss.open(Connections, f"/connections?connection={made.id}")
        assert (page.opened, page.lines, "deleted" in page.complaint) == ("", [], True)
        assert await rows(boss.db, "SELECT secret FROM connection") == [(None,)]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.USER, Role.MANAGER])
async def test_connections_are_for_admins(boss: Tab, role: Role) -> None:
    with wiki() as (_pages, place, body):
        made = await connected(boss, body)
        low = await become(boss, await make(boss, "Low", role))
        page, editor = low.of(Connections), low.of(ConnectionEditor)
        await low.open(Connections, f"/connections?connection={made.id}")
        assert (page.status, page.lines, page.opened) == ("failed", [], "")
        page.opened = str(made.id)
        for state, handler, values in (
            (page, "test", ()),
            (page, "delete", ()),
            (editor, "begin", ()),
            (editor, "edit", (str(made.id),)),
        ):
            await fire(state, handler, *values)
            assert state.complaint, handler
        assert (editor.is_open, place.asked) == (False, [])
        assert await rows(low.db, "SELECT name, deleted_at FROM connection") == [("Wiki", None)]
