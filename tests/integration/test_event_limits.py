"""A page's events are counted: for a session, or for the address of a visitor. Who goes on too fast is told so, and loses nothing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from sprintreports.kit import limits
from sprintreports.ui import session
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.overview.state import Overview
from sprintreports.ui.pages.sign_in.state import SignIn
from sprintreports.ui.search_state import Search
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import site

__all__ = ["site", "tab"]
MANY = 5


@pytest_asyncio.fixture(autouse=True)
async def counted_anew(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    await limits.dispose()
    monkeypatch.setattr(session, "EVENTS_PER_MINUTE", MANY)
    yield
    await limits.dispose()


async def _find(tab: Tab) -> Any:
    state = tab.of(Search)
    return await state.event_handlers["find"].fn(state, "APP-1")


async def test_a_flood_of_one_session_is_stopped_and_its_page_stays(tab: Tab) -> None:
    await tab.open(Overview, "/")
    assert tab.of(Overview).status == "ready"
    for _ in range(MANY - 1):
        assert await _find(tab) is None
    told = await _find(tab)
    assert "asks more quickly than anybody reads" in str(told)
    await tab.open(Overview, "/", by="refresh")
    assert tab.of(Overview).status == "ready", "a page that loads itself again keeps what it shows"
    await tab.open(Overview, "/")
    page = tab.of(Overview)
    assert (page.status, page.problem_id) == ("failed", "")
    assert page.problem.endswith("seconds, then load the page again.")
    assert tab.of(Frame).user_name == "v"


async def test_sessions_are_counted_apart_and_visitors_by_their_address(
    tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(MANY + 1):
        await tab.open(Overview, "/")
    assert tab.of(Overview).status == "failed"
    tab.cookie = ""
    await tab.open(SignIn, "/sign-in")
    assert tab.of(SignIn).local, "a visitor is not stopped by what a session did"
    asked: list[tuple[str, str]] = []
    hit = limits.hit

    async def watched(kind: str, caller: str, *, per_minute: int) -> limits.Standing:
        asked.append((kind, caller))
        return await hit(kind, caller, per_minute=1)

    monkeypatch.setattr(limits, "hit", watched)
    state = tab.of(SignIn)
    assert await state.event_handlers["load"].fn(state) is None
    assert "asks more quickly" in str(await state.event_handlers["load"].fn(state))
    assert {kind for kind, _ in asked} == {"address"}
