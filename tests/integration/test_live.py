"""Open pages hear of changed numbers: through the database, over a stream, and as an event that sends what differs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import access, choices
from sprintreports.kit import clock, db, http, listening
from sprintreports.ui import live
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.live import Numbers, words
from sprintreports.ui.pages.overview import state as overview_state
from sprintreports.ui.pages.overview.state import Overview
from sprintreports.ui.pages.quality.state import QualityPage
from sprintreports.ui.pages.reconciliation.state import Reconciling
from sprintreports.ui.pages.sprint.state import Sprint
from sprintreports.ui.pages.velocity.state import VelocityPage
from tests.integration.jira_site import fill, rows
from tests.integration.sync_support import SYSTEM
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import site, sprint_id
from tests.integration.webhook_support import PATIENCE, served
from tests.unit.jira.samples import change, day, estimated, issue, moved

__all__ = ["site", "tab"]


async def _until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # what is waited for happens in the database and in other tasks
            await asyncio.sleep(0.01)


async def test_what_is_announced_is_heard_when_it_is_committed(pg_url: str):
    heard: list[str] = []
    task = asyncio.create_task(listening.listen("numbers_test", heard.append))
    await _until(lambda: heard == [""])
    async with db.transaction() as session:
        await listening.announce(session, "numbers_test", "7")
        async with db.transaction() as other:
            await listening.announce(other, "numbers_test", "8")
    await _until(lambda: len(heard) == 3)
    assert heard == ["", "8", "7"], "the one that committed first"
    with psycopg.connect(pg_url, autocommit=True) as database:
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND query LIKE 'LISTEN%'"
        )
    await _until(lambda: heard[3:] == [""])
    async with db.transaction() as session:
        await listening.announce(session, "numbers_test", "9")
    await _until(lambda: heard[4:] == ["9"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_tab_is_told_the_state_then_each_later_one():
    numbers = Numbers()
    first = numbers.version
    async with aclosing(words(numbers, gap=0, beat=60)) as stream:
        assert (await anext(stream)).startswith(b"retry: ")
        assert await anext(stream) == f"data: {first}\n\n".encode()
        assert numbers.watching == 1
        numbers.changed()
        numbers.changed()
        assert numbers.version != first
        assert await anext(stream) == f"data: {numbers.version}\n\n".encode(), "two changes, one word"
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        assert not waiting.done(), "nothing changed, nothing is said"
        numbers.changed()
        assert await waiting == f"data: {numbers.version}\n\n".encode()
    assert numbers.watching == 0


async def test_silence_is_broken_before_a_proxy_takes_it_for_the_end():
    numbers = Numbers()
    async with aclosing(words(numbers, gap=0, beat=0.01)) as stream:
        said = [await anext(stream) for _ in range(4)]
    assert said[2:] == [b":\n\n", b":\n\n"]


async def test_many_tabs_are_told_one_after_another():
    numbers = Numbers()
    with numbers.watch() as first, numbers.watch() as second:
        numbers.changed()
        assert first.bell.is_set()
        assert not second.bell.is_set()
        async with asyncio.timeout(PATIENCE):
            await second.bell.wait()


async def test_two_processes_never_name_a_state_alike():
    assert Numbers().version != Numbers().version


@pytest.fixture
async def web(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The stream over HTTP, in a process that listens to its database."""
    del pg_url
    app = FastAPI()
    app.include_router(live.router)
    async with live.listening_to_numbers(), served(app) as address, http.client(base_url=address) as client:
        yield client


async def test_who_is_not_signed_in_hears_nothing(web: httpx.AsyncClient):
    assert (await web.get(live.PATH)).status_code == 204
    web.cookies.set(sessions.COOKIE_NAME, "guessed")
    assert (await web.get(live.PATH)).status_code == 204
    assert live.numbers.watching == 0


async def test_a_commit_elsewhere_reaches_a_signed_in_tab(web: httpx.AsyncClient):
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email="v@x.test", password="tall green yak 7", role=Role.VIEWER
        )
        new = await sessions.create(
            session, user_id=made.id, user_agent="", address="192.0.2.1", now=clock.now()
        )
    web.cookies.set(sessions.COOKIE_NAME, new.token)
    async with asyncio.timeout(PATIENCE), web.stream("GET", live.PATH) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = (line async for line in answer.aiter_lines() if line.startswith("data: "))
        first = await anext(lines)
        async with db.transaction() as session:
            await listening.announce(session, listening.NUMBERS, "1")
        later = await anext(lines)
        assert later != first
        assert later == f"data: {live.numbers.version}"
    await _until(lambda: live.numbers.watching == 0)


@pytest.mark.parametrize("by", ["sign-out", "password", "deactivation", "time"])
async def test_a_stream_ends_with_its_session(web: httpx.AsyncClient, by: str):
    now = clock.now()
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email="v@x.test", password="tall green yak 7", role=Role.VIEWER
        )
        new = await sessions.create(session, user_id=made.id, user_agent="", address="192.0.2.1", now=now)
    web.cookies.set(sessions.COOKIE_NAME, new.token)
    async with asyncio.timeout(PATIENCE), web.stream("GET", live.PATH) as answer:
        lines = answer.aiter_lines()
        while not (await anext(lines)).startswith("data: "):
            pass
        async with db.transaction() as session:
            match by:
                case "sign-out":
                    await sessions.end(session, new.token)
                case "password":
                    await users.set_password(session, user_id=made.id, password="short blue crane 9")
                case "deactivation":
                    await users.set_active(session, SYSTEM, user_id=made.id, active=False)
                case _:
                    await session.execute(
                        text("UPDATE user_session SET last_seen_at = :then"),
                        {"then": now - timedelta(days=2)},
                    )
        heard = [line async for line in lines]
    assert "event: over" in heard, "told before the stream was closed"
    assert (await web.get(live.PATH)).status_code == 204


async def _re_estimate(tab: Tab, site: SiteContext) -> None:
    """Issue 7 of the running sprint was 4 points, done. Now it is 6."""
    changes = (change(71, day(46), moved("1", "3")), change(72, day(48), estimated("4", "6")))
    await fill(tab.db, site, [issue(7, *changes, status="3", sprints=[3], points=6, team="Frontend")])


async def test_a_refresh_keeps_the_place_and_sends_what_differs(tab: Tab, site: SiteContext):
    address = f"/sprint?sprint={await sprint_id(tab.db, 3)}&sort=team&order=desc&by=type"
    await tab.open(Sprint, address)
    before = tab.of(Sprint).kpis["completed"].value
    assert await tab.open(Sprint, address, by="refresh") == set(), "nothing changed, nothing is sent"
    await _re_estimate(tab, site)
    sent = await tab.open(Sprint, address, by="refresh")
    assert {"kpis", "was", "burndown", "breakdown", "issues", "news"} <= sent
    assert not sent & {"name", "sort", "descending", "dimension", "sort_links", "boards", "unit", "search"}
    page, frame = tab.of(Sprint), tab.of(Frame)
    after = page.kpis["completed"].value
    assert (before, after) == ("4", "6")
    assert page.was["completed"] == "was 4 pts"
    assert "commitment" not in page.was
    assert "Completed from 4 pts to 6 pts" in frame.news
    assert (page.sort, page.descending, page.dimension) == ("team", True, "type")
    assert await tab.open(Sprint, address) == {"was", "news"}, "a load of one's own is no news"
    assert (tab.of(Sprint).was, tab.of(Frame).news) == ({}, "")


async def test_overview_and_velocity_tell_what_is_new_too(tab: Tab, site: SiteContext):
    await tab.open(Overview, "/")
    await _re_estimate(tab, site)
    assert {"cards", "was", "news"} <= await tab.open(Overview, "/", by="refresh")
    assert list(tab.of(Overview).was.values()) == ["was 4 of 12 pts"]
    assert "Sprint 3, done from 4 of 12 pts to 6 of 14 pts" in tab.of(Frame).news

    await tab.open(VelocityPage, "/velocity")
    assert await tab.open(VelocityPage, "/velocity", by="refresh") == set()
    changes = (change(21, day(20), moved("1", "3")),)
    await fill(tab.db, site, [issue(9, *changes, status="3", sprints=[2], points=6)])
    assert {"kpis", "chart", "was", "news"} <= await tab.open(VelocityPage, "/velocity", by="refresh")
    assert set(tab.of(VelocityPage).was) >= {"velocity", "median"}


async def test_quality_and_reconciliation_follow_and_send_nothing_twice(tab: Tab, site: SiteContext):
    for page, address in ((QualityPage, "/quality"), (Reconciling, "/reconciliation")):
        assert {"boards", "user_name"} <= await tab.open(page, address) or page is Reconciling
        assert tab.of(page).status == "ready"
        assert await tab.open(page, address) == set()
        assert await tab.open(page, address, by="refresh") == set()
    done_unestimated = issue(9, change(21, day(20), moved("1", "3")), status="3", sprints=[2])
    await fill(tab.db, site, [done_unestimated])
    assert "checks" in await tab.open(QualityPage, "/quality", by="refresh")
    drilled = "/quality?check=done-without-estimate"
    assert "findings" in await tab.open(QualityPage, drilled)
    assert [row.name for row in tab.of(QualityPage).findings] == ["APP-9"]
    assert await tab.open(QualityPage, drilled, by="refresh") == set()


async def test_a_refresh_that_fails_on_our_side_leaves_the_page(tab: Tab, monkeypatch: pytest.MonkeyPatch):
    await tab.open(Overview, "/")

    async def broken(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the server is gone"))

    monkeypatch.setattr(overview_state.overview, "read", broken)
    assert not await tab.open(Overview, "/", by="refresh") & {"status", "problem", "cards"}
    assert tab.of(Overview).status == "ready"
    assert "status" in await tab.open(Overview, "/"), "who loads it is told"


async def test_access_that_is_taken_away_ends_what_a_page_shows(tab: Tab):
    address = f"/sprint?sprint={await sprint_id(tab.db, 3)}"
    await tab.open(Sprint, address)
    await rows(tab.db, "DELETE FROM board_sprint RETURNING 1")
    await tab.open(Sprint, address, by="refresh")
    page = tab.of(Sprint)
    assert (page.status, page.problem, page.kpis) == ("failed", access.NOT_LISTED, {})


async def test_the_state_that_a_page_names_is_older_than_what_it_shows(
    tab: Tab, monkeypatch: pytest.MonkeyPatch
):
    number = await sprint_id(tab.db, 3)
    seen: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def meanwhile(self: object, query: object, *values: object, **options: object) -> object:
        if query is choices._RAW:
            seen.append(live.numbers.version)
            live.numbers.changed()
        return await execute(self, query, *values, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", meanwhile)
    await tab.open(Sprint, f"/sprint?sprint={number}")
    assert [tab.of(Frame).live] == seen
    assert live.numbers.version not in seen
