"""The audit log read: filters, pages, files; every query of it starts at an index, however long the log is."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, sessions, tokens, users
from sprintreports.identity.audit.listing import Filters, page, statement
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from sprintreports.kit.errors import Invalid
from tests.applications import rest_app

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MANY = 200_000
FILL = """
INSERT INTO audit_entry (at, action, outcome, actor_id, subject_kind, subject_id, address, request_id, mac)
SELECT CAST(:now AS timestamptz) - n * interval '10 s', (ARRAY['session.sign_in', 'site.changed', 'user.created'])[1 + n % 3],
       CASE WHEN n % 1000 = 0 THEN 'refused' ELSE 'done' END, n % 200, 'site', (n % 500)::text,
       '192.0.2.' || n % 250, 'req_' || n, ''
FROM generate_series(1, :many) AS n
"""
ASKED = (
    Filters(),
    Filters(since=NOW - timedelta(days=9), until=NOW - timedelta(days=8)),
    Filters(action="site.changed"),
    Filters(action="session."),
    Filters(actor=7),
    Filters(actor=7, until=NOW - timedelta(days=8)),
    Filters(subject_kind="site", subject_id="7"),
    Filters(outcome=audit.Outcome.REFUSED),
    Filters(outcome=audit.Outcome.DONE),
    Filters(address="192.0.2.7"),
    Filters(request_id="req_70000"),
    Filters(actor=7, action="site.changed", outcome=audit.Outcome.REFUSED),
)


def _scans(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] in ("Seq Scan", "Parallel Seq Scan") and plan["Relation Name"] == "audit_entry":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)


async def test_no_filter_reads_the_whole_log(db_session: AsyncSession):
    await db_session.execute(text(FILL), {"now": NOW, "many": MANY})
    await db_session.execute(text("ANALYZE audit_entry"))
    for filters in ASKED:
        for before in (None, "1764547200000000.7"):
            query, values = statement(filters, before=before, limit=51)
            explained = await db_session.execute(text(f"EXPLAIN (FORMAT JSON) {query.text}"), values)
            assert list(_scans(explained.scalar_one()[0]["Plan"])) == [], filters
    careless = "EXPLAIN (FORMAT JSON) SELECT 1 FROM audit_entry e WHERE e.mac = ''"
    assert list(_scans((await db_session.execute(text(careless))).scalar_one()[0]["Plan"])) != []


async def test_pages_follow_each_other_without_gap_or_repetition(db_session: AsyncSession):
    await db_session.execute(text(FILL), {"now": NOW, "many": 100})
    # Ten of the same instant: the place in the list is told by id.
    await db_session.execute(
        text(FILL.replace("n * interval '10 s'", "interval '50 s'")), {"now": NOW, "many": 10}
    )
    met: list[int] = []
    before = None
    while True:
        found = await page(db_session, Viewer.system(), Filters(), before=before, per_page=7)
        met += [row.id for row in found.rows]
        before = found.next
        if before is None:
            break
        if len(met) == 7:  # what comes meanwhile is not on the pages that follow
            await audit.record(db_session, Viewer.system(), audit.Action.SITE_CHANGED)
    assert len(met) == len(set(met)) == 110
    for odd in ("x", "1", "1.x", "-1.-1", f"1.{2**63}", f"{10**30}.1"):
        with pytest.raises(Invalid):
            await page(db_session, Viewer.system(), Filters(), before=odd)


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(rest_app(), client=("192.0.2.9", 4000))
    async with http.client(base_url="http://reports.test", transport=transport) as client:
        yield client


async def _as(role: Role) -> tuple[int, dict[str, str]]:
    async with db.transaction() as session:
        made = await users.create(
            session, Viewer.system(), email=f"{role}@example.org", password="tall green yak 7", role=role
        )
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=clock.now())
        return made.id, {"Authorization": f"Bearer {pair.access_token}"}


async def test_refusals_are_in_the_log_with_who_what_and_from_where(api: httpx.AsyncClient):
    viewer, refused = await _as(Role.VIEWER)
    _, admin = await _as(Role.ADMIN)
    for _ in range(5):
        answer = await api.delete("/api/v1/sites/7", headers=refused)
        assert answer.status_code == 403
    answer = await api.get("/api/v1/audit-entries?action=permission.refused", headers=admin)
    (entry,) = answer.json()["data"]
    assert (entry["actor_id"], entry["outcome"], entry["address"]) == (viewer, "refused", "192.0.2.9")
    assert (entry["subject_kind"], entry["subject_id"]) == ("door", "DELETE /api/v1/sites/{site_id}")
    assert entry["request_id"].startswith("req_")
    assert answer.json()["meta"]["next"] is None
    assert (await api.get("/api/v1/audit-entries", headers=refused)).status_code == 403


async def test_filters_pages_and_files_by_rest(api: httpx.AsyncClient):
    viewer, admin = await _as(Role.ADMIN)
    async with db.transaction() as session:
        await session.execute(text("SELECT 1"))
        for number in range(5):
            await audit.record(
                session, await _viewer(session, viewer), audit.Action.SETTING_CHANGED,
                subject=("setting", f"=cmd|' /C calc'!A{number}"), after={"note": "+1", "n": number},
            )  # fmt: skip
    path = "/api/v1/audit-entries?action=setting.&per_page=2"
    met: list[str] = []
    while path:
        body = (await api.get(path, headers=admin)).json()
        met += [entry["subject_id"][-1] for entry in body["data"]]
        path = body["links"]["next"]
    assert met == ["4", "3", "2", "1", "0"]

    answer = await api.get("/api/v1/audit-entries/export?action=setting.", headers=admin)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0]["subject_id"] == "'=cmd|' /C calc'!A4"
    assert json.loads(lines[0]["after"]) == {"note": "+1", "n": 4}
    assert all(
        not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for line in lines for cell in line.values()
    )
    as_json = (
        await api.get("/api/v1/audit-entries/export?format=json&action=setting.", headers=admin)
    ).json()
    assert as_json[0]["subject_id"] == "=cmd|' /C calc'!A4"

    exported = (await api.get("/api/v1/audit-entries?action=report.exported", headers=admin)).json()["data"]
    assert [entry["after"]["format"] for entry in exported] == ["json", "csv"]
    for query in (
        f"actor={viewer}",
        "address=192.0.2.9",
        "subject_kind=audit",
        f"since={clock.now().date()}",
    ):
        found = (await api.get(f"/api/v1/audit-entries?{query}", headers=admin)).json()["data"]
        assert found, query
    assert (await api.get("/api/v1/audit-entries?until=2020-01-01", headers=admin)).json()["data"] == []
    for query in ("outcome=x", "actor=-1", "since=x", "before=x", "action=%00", "colour=1"):
        assert (await api.get(f"/api/v1/audit-entries?{query}", headers=admin)).status_code == 422, query


async def _viewer(session: AsyncSession, user_id: int) -> Viewer:
    made = await sessions.create(session, user_id=user_id, user_agent="", address="", now=clock.now())
    found = await sessions.resolve(session, made.token, now=clock.now())
    assert found is not None
    return found.viewer
