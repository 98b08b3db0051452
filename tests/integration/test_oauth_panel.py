"""The panel “Sign in with Atlassian”, event by event, without a browser: there, back, the choice, and how it stands."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from reflex.state import State

from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira.oauth.protocol import callback_url
from sprintreports.jira.webhooks.dynamic import Registration
from sprintreports.ui import routes
from sprintreports.ui.connecting.atlassian import AtlassianForm, hook_line
from sprintreports.ui.connecting.reconnecting import SiteForm
from tests.integration.oauth_support import APP, Browser, browser, use_as_atlassian
from tests.integration.sync_support import one

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def jira() -> Iterator[RunningDemo]:
    with running_demo(scale=0.05, seed="panel") as demo:
        yield demo


@pytest.fixture
async def ada(jira: RunningDemo, pg_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    assert routes.register  # importing the routes registers every state
    use_as_atlassian(jira, monkeypatch)
    async with browser() as someone:
        yield someone


class Tab:
    """One tab of Ada's browser."""

    def __init__(self, ada: Browser) -> None:
        self._cookie = ada.cookie
        self._root: Any = State(_reflex_internal_init=True)

    def at(self, address: str, kind: type[Any] = AtlassianForm) -> Any:
        path, _, query = address.partition("?")
        pairs = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
        data = {"pathname": path, "asPath": address, "query": pairs, "token": "t", "sid": "s"}
        data |= {"headers": {"cookie": f"sprintreports_session={self._cookie}", "origin": "http://x.test"}}
        self._root._update_router_vars(data, {})
        return self._root.get_substate(kind.get_full_name().split("."))

    async def does(self, state: Any, event: str, *values: Any) -> str:
        """Handle an event; the address that it leads to."""
        answer = await type(state).event_handlers[event].fn(state, *values)
        found = re.search(r'"((?:https?://|/)[^"]*)"', str(answer))
        return unquote(found.group(1)) if found and "_redirect" in str(answer) else ""


async def there_and_back(ada: Browser, tab: Tab, start: str) -> str:
    """Through Atlassian; the address that the browser is sent to in the end."""
    state = tab.at(start)
    await tab.does(state, "load")
    assert state.callback == callback_url()
    answer = await AtlassianForm.event_handlers["begin"].fn(state, dict(APP))
    url = re.search(r"http[^\"']*authorize\?[^\"']*", str(answer))
    assert url, answer
    back = await ada.client.get(await ada.consent(url.group()))
    return back.headers["Location"]


async def test_the_wizard_goes_on_with_the_boards(ada: Browser, pg_url: str):
    tab = Tab(ada)
    returned = await there_and_back(ada, tab, "/setup")
    assert returned.startswith("/setup?oauth=")
    site_id = one(pg_url, "SELECT id FROM site")
    state = tab.at(returned)
    assert await tab.does(state, "load") == f"/setup?site={site_id}&step=boards"
    # The site's own page says how it stands, switches webhooks, and offers no field for a token.
    page = tab.at(f"/site?site={site_id}&tab=connection")
    await tab.does(page, "load")
    assert page.connected
    assert page.standing.startswith("Signed in with Atlassian since")
    assert "after the first sync" in page.hook
    await tab.does(page, "switch")
    assert (page.hook_wanted, page.hook) == (
        False,
        "Webhooks are switched off: changes arrive with the syncs.",
    )
    form = tab.at(f"/site?site={site_id}&tab=connection", SiteForm)
    await tab.does(form, "load")
    assert form.kind == "oauth"
    await tab.does(form, "save", {"name": "Renamed"})
    assert one(pg_url, "SELECT name, auth FROM site") == ("Renamed", "oauth")


async def test_signing_in_again_comes_back_to_the_site(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = (await ada.sign_in())["site_id"]
    jira.atlassian(revoke=True)
    await ada.client.post(f"/api/v1/sites/{site_id}/test")
    tab = Tab(ada)
    start = f"/site?site={site_id}&tab=connection"
    page = tab.at(start)
    await tab.does(page, "load")
    assert page.over
    assert "sign in with Atlassian again" in page.standing
    returned = await there_and_back(ada, tab, start)
    assert returned.startswith(f"{start}&oauth=")
    page = tab.at(returned)
    assert await tab.does(page, "load") == ""
    assert (page.over, page.praise) == (
        False,
        "You are signed in with Atlassian again. The next sync uses it.",
    )


async def test_a_refusal_is_told_and_a_choice_is_offered(ada: Browser, jira: RunningDemo, pg_url: str):
    tab = Tab(ada)
    jira.atlassian(deny=True)
    state = tab.at(await there_and_back(ada, tab, "/setup"))
    await tab.does(state, "load")
    assert "did not allow the access" in state.complaint
    jira.atlassian(deny=False, sites=2)
    state = tab.at(await there_and_back(ada, tab, "/setup"))
    await tab.does(state, "load")
    assert [choice.name for choice in state.choices] == ["Demo company", "Other company 2"]
    leads_to = await tab.does(state, "choose", state.choices[0].id)
    assert leads_to == f"/setup?site={one(pg_url, 'SELECT id FROM site')}&step=boards"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wanted": False}, "switched off"),
        ({"problem": "Jira said no."}, "Jira said no."),
        ({"registered": False}, "after the first sync"),
        ({"expires_at": NOW - timedelta(days=1)}, "after the first sync"),
        ({}, "at once, in A, B"),
    ],
)
def test_how_the_webhook_stands(changes: dict[str, Any], said: str):
    whole = {
        "wanted": True,
        "registered": True,
        "projects": ("A", "B"),
        "expires_at": NOW + timedelta(days=20),
        "checked_at": NOW,
        "problem": "",
        "url": "https://x.test",
    }
    assert said in hook_line(Registration(**whole | changes), now=NOW, zone=ZoneInfo("UTC"))
