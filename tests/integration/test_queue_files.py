"""A version of a queue from a browser: the page to print and files, for whoever has signed in and may see it."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio
from icalendar import Calendar
from openpyxl import load_workbook
from sqlalchemy import text

from sprintreports.identity import grants, sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant
from sprintreports.kit import clock, db, http
from sprintreports.planning.queue.options import Options
from sprintreports.ui import queue_routes
from tests.applications import rest_app
from tests.integration.planning_support import HERE, SYSTEM
from tests.integration.queue_site import QA, WEB, QueueSite, queue_site
from tests.integration.test_planning_queues import begun, kept


@dataclass(frozen=True, slots=True)
class Ground:
    web: httpx.AsyncClient
    site: QueueSite
    queue: int

    async def cookie(self, role: Role, *, team: str = "") -> dict[str, str]:
        """The session of somebody new."""
        async with db.transaction() as session:
            made = await users.create(
                session,
                SYSTEM,
                email=f"{role}{len(team)}@x.test",
                password=None,
                role=None if team else role,
                name="N",
            )
            if team:
                grant = Grant(role, team_ids=frozenset({self.site.values[team]}))
                await grants.give(session, SYSTEM, user_id=made.id, everywhere=None, limited=[grant])
            opened = await sessions.create(
                session, user_id=made.id, user_agent="", address="", now=clock.now()
            )
        return {"Cookie": f"{sessions.cookie_name()}={opened.token}"}


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await queue_site(session)
        queue = await begun(session, site, "<b>Plan</b>", Options())
        await kept(session, site, queue.id)
        await kept(session, site, queue.id, note="<i>Second</i>")
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(rest_app(queue_routes))) as web:
        yield Ground(web, site, queue.id)


async def test_the_page_to_print(ground: Ground) -> None:
    cookie = await ground.cookie(Role.VIEWER)
    answer = await ground.web.get(f"/queues/print?queue={ground.queue}&zone=Europe/Berlin", headers=cookie)
    assert answer.status_code == 200, answer.text
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "no-store" in answer.headers["cache-control"]
    page = answer.text
    assert "<script" not in page
    assert "&lt;b&gt;Plan&lt;/b&gt;" in page
    assert "&lt;i&gt;Second&lt;/i&gt;" in page
    for word in ("Version 2", "(Europe/Berlin)", "Hard scheduled", "Fairness", QA, WEB, "Cut-line", "APP-10"):
        assert word in page, word
    first = await ground.web.get(f"/queues/print?queue={ground.queue}&version=1", headers=cookie)
    assert "Version 1" in first.text
    async with db.transaction() as session:
        told = list((await session.execute(text(
            "SELECT subject_kind, subject_id, after::text FROM audit_entry WHERE action = 'report.exported' ORDER BY id"
        ))).all())  # fmt: skip
    assert [(kind, number) for kind, number, _ in told] == [("queue", str(ground.queue))] * 2
    assert '"format": "html"' in told[0][2]


async def test_files_have_types_names_and_what_is_in_them(ground: Ground) -> None:
    cookie = await ground.cookie(Role.VIEWER)
    found = {
        form: await ground.web.get(f"/queues/file?queue={ground.queue}&format={form}", headers=cookie)
        for form in ("csv", "xlsx", "json", "ical")
    }
    assert {form: answer.status_code for form, answer in found.items()} == dict.fromkeys(found, 200)
    assert found["xlsx"].headers["content-disposition"] == 'attachment; filename="b-plan-b-version-2.xlsx"'
    assert found["ical"].headers["content-type"] == "text/calendar; charset=utf-8"
    book = load_workbook(io.BytesIO(found["xlsx"].content))
    assert {"EMEA QA", "EMEA Web"} <= set(book.sheetnames)
    cells = list(book["EMEA QA"].iter_rows(min_row=2, values_only=True))
    assert all(row[9] for row in cells), "Jira's priority, or its usual one"
    assert found["json"].json()["schema"] == 1
    assert "APP-10" in found["csv"].text
    assert not Calendar.from_ical(found["ical"].content).walk("VEVENT")


async def test_who_sees_one_team_gets_one_team(ground: Ground) -> None:
    cookie = await ground.cookie(Role.VIEWER, team=QA)
    page = (await ground.web.get(f"/queues/print?queue={ground.queue}", headers=cookie)).text
    assert QA in page
    assert WEB not in page
    body = (await ground.web.get(f"/queues/file?queue={ground.queue}&format=xlsx", headers=cookie)).content
    assert "EMEA Web" not in load_workbook(io.BytesIO(body)).sheetnames


async def test_what_is_refused_is_said_in_a_sentence(ground: Ground) -> None:
    cookie = await ground.cookie(Role.VIEWER)
    for query, status in (
        ("print?queue=999999", 404),
        ("print", 404),
        ("print?queue=1' OR 1=1", 404),
        (f"print?queue={ground.queue}&version=3", 404),
        (f"print?queue={ground.queue}&version=99999999999", 404),
        (f"print?queue={ground.queue}&zone=Nowhere/Land", 422),
        (f"print?queue={ground.queue}&zone=../../etc/passwd", 422),
        (f"file?queue={ground.queue}&format=exe", 400),
        (f"file?queue={ground.queue}&format=html", 400),
    ):
        answer = await ground.web.get(f"/queues/{query}", headers=cookie)
        assert answer.status_code == status, query
        assert "This did not work" in answer.text
    for path in (f"print?queue={ground.queue}", f"file?queue={ground.queue}&format=csv"):
        answer = await ground.web.get(f"/queues/{path}")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2Fqueues%2F")
