"""The webhooks page as events: what it shows, that no secret is ever in its state, retry, and who may do what."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from sprintreports import settings as settings_module
from sprintreports.identity import sessions
from sprintreports.identity.permissions import Role
from sprintreports.jira import webhooks
from sprintreports.jira.context import SiteContext
from sprintreports.kit import clock, queue
from sprintreports.ui import session
from sprintreports.ui.pages.webhooks.state import Delivery, Webhooks
from tests.integration.jira_site import rows
from tests.integration.sync_support import SYSTEM
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import site

__all__ = ["site", "tab"]


@pytest.fixture
async def admin(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> Tab:
    found = await sessions.resolve(tab.db, tab.cookie, now=clock.now())
    assert found

    async def resolve(*_: Any, **__: Any) -> sessions.Session:
        return replace(found, viewer=replace(found.viewer, role=Role.ADMIN))

    monkeypatch.setattr(session.sessions, "resolve", resolve)
    return tab


async def deliver(tab: Tab, site: SiteContext, number: int, outcome: str = "done") -> int:
    body = msgspec.json.encode(
        {"webhookEvent": "jira:issue_updated", "issue": {"id": number, "key": f"APP-{number}"}}
    )
    settled = None if outcome == "waiting" else clock.now()
    found = await rows(
        tab.db,
        "INSERT INTO webhook_delivery (site_id, identifier, received_at, event, body, outcome, processed_at) "
        "VALUES (%s, %s, %s, 'jira:issue_updated', %s, %s, %s) RETURNING id",
        site.site_id, f"n{number}", clock.now(), body, outcome, settled,
    )  # fmt: skip
    return int(found[0][0])


async def test_what_it_shows_and_never_a_secret(admin: Tab, site: SiteContext):
    address = f"/webhooks?site={site.site_id}"
    await admin.open(Webhooks, address)
    page = admin.of(Webhooks)
    assert (page.status, page.active, page.tone) == ("ready", False, "info")
    assert page.nothing.startswith("Nothing has come. Switch webhooks on")
    made = await webhooks.renew(admin.db, SYSTEM, site.site_id, now=clock.now())
    assert {"active", "standing"} <= await admin.open(Webhooks, address, by="renewed")
    assert page.url == made.url
    assert page.renew_at == f"/api/v1/sites/{site.site_id}/webhook"
    assert made.secret
    assert made.url_with_token
    everything = str(admin.root.dict())
    assert made.url in everything
    assert made.secret not in everything
    assert made.url_with_token not in everything
    await page.event_handlers["switch_off"].fn(page)
    assert page.active is False


@pytest.fixture
def with_queue(shared_database: str) -> Iterator[None]:
    """The queue wants to know its database, though it is used inside our transaction."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPRINTREPORTS_DATABASE_URL", shared_database)
        settings_module.reload()
        queue.app.cache_clear()
        yield
    settings_module.reload()
    queue.app.cache_clear()


@pytest.mark.usefixtures("with_queue")
async def test_deliveries_are_paged_filtered_and_tried_again(admin: Tab, site: SiteContext):
    address = f"/webhooks?site={site.site_id}"
    for number in range(27):
        await deliver(admin, site, number, "failed" if number == 3 else "done")
    await admin.open(Webhooks, address)
    page = admin.of(Webhooks)
    assert [line.subject for line in page.lines] == [f"APP-{number}" for number in range(26, 1, -1)]
    assert page.pager.next == f"{address}&page=2"
    await admin.open(Webhooks, f"{address}&page=9")
    assert [line.subject for line in page.lines] == ["APP-1", "APP-0"], "the last page where there are fewer"
    await admin.open(Webhooks, f"{address}&outcome=failed")
    assert [(line.subject, line.retry) for line in page.lines] == [("APP-3", True)]
    await page.event_handlers["retry"].fn(page, page.lines[0].id)
    assert page.lines == []
    assert page.any_waiting
    assert await admin.open(Webhooks, f"{address}&outcome=waiting") >= {"lines", "outcome"}
    assert [line.subject for line in page.lines] == ["APP-3"]
    await admin.open(Webhooks, f"{address}&event=sprint_closed")
    assert page.lines == []
    assert "sprint_closed" in page.event_options


async def test_one_delivery_is_shown_with_its_body(admin: Tab, site: SiteContext):
    number = await deliver(admin, site, 5)
    await admin.open(Webhooks, "/webhooks")
    panel = admin.of(Delivery)
    await panel.event_handlers["show"].fn(panel, str(number))
    assert (panel.is_open, panel.line.subject) == (True, "APP-5")
    assert '"webhookEvent": "jira:issue_updated"' in panel.body
    await panel.event_handlers["close"].fn(panel)
    assert (panel.is_open, panel.body) == (False, "")


@pytest.mark.usefixtures("site")
async def test_others_see_nothing_of_it(tab: Tab):
    await tab.open(Webhooks, "/webhooks")
    page = tab.of(Webhooks)
    assert (page.status, page.url, page.lines) == ("failed", "", [])
