"""Reconciliation over REST and by its job: ask Jira, be refused kindly, upload, queue, stop."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity import tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.jira.client.cloud import CloudClient
from sprintreports.jira.client.protocol import IssueRef
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.reconciliation import running
from sprintreports.jobs import worker
from sprintreports.kit import clock, db, http
from tests.applications import rest_app
from tests.integration.reconciliation_site import connection_of, no_pause, reconciled
from tests.integration.sync_support import SYSTEM, break_it, connected, one, rows, synced

ENDPOINT = "/rest/greenhopper/1.0/rapid/charts/sprintreport"
STOREFRONT = 1
PATIENCE = 60.0


@pytest.fixture(scope="module")
def jira() -> Iterator[RunningDemo]:
    with running_demo(seed=4, scale=0.1) as demo:
        yield demo


@pytest_asyncio.fixture
async def api(pg_url: str, jira: RunningDemo) -> AsyncIterator[httpx.AsyncClient]:
    """An admin's client, on one synced board."""
    break_it(jira)
    site_id = await connected(connection_of(jira, Dialect.CLOUD), boards_wanted={STOREFRONT})
    assert (await synced(site_id)).error is None
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email="ada@example.org", password="tall green yak 7", role=Role.ADMIN
        )
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=clock.now())
    headers = {"Authorization": f"Bearer {pair.access_token}"}
    transport = httpx.ASGITransport(rest_app())
    async with http.client(base_url="http://reports.test", headers=headers, transport=transport) as client:
        yield client


async def got(api: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await api.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def sprint_of(url: str, state: str = "closed") -> tuple[int, int]:
    """(our id, Jira's id) of the last sprint in this state."""
    query = (
        "SELECT s.id, s.jira_sprint_id FROM sprint s JOIN board_sprint l USING (site_id, jira_sprint_id) "
        "WHERE s.state = %s AND l.jira_board_id = %s ORDER BY s.complete_date DESC NULLS LAST LIMIT 1"
    )
    return one(url, query, state, STOREFRONT)


async def test_ask_jira_for_one_sprint(api: httpx.AsyncClient, pg_url: str):
    sprint, _ = sprint_of(pg_url)
    before = await got(api, f"/sprints/{sprint}/reconciliation")
    assert (before["standing"], before["source"], before["issues"]) == ("not_compared", None, [])
    answer = await api.post(f"/api/v1/sprints/{sprint}/reconciliation")
    assert answer.status_code == 200, answer.text
    after = await got(api, f"/sprints/{sprint}/reconciliation")
    assert after == answer.json()["data"]
    assert (after["standing"], after["source"], after["differing"], after["adds_up"]) == (
        "equal",
        "jira",
        0,
        True,
    )
    assert len(after["issues"]) == one(
        pg_url,
        "SELECT count(*) FROM sprint_issue_fact f JOIN sprint s USING (site_id, jira_sprint_id) "
        "WHERE s.id = %s AND bucket IS NOT NULL",
        sprint,
    )
    assert all(line["ours"] == line["jira"] for line in after["issues"])
    assert after["issues"][0]["url"].endswith(f"/browse/{after['issues'][0]['key']}")
    assert after["report_url"].endswith(f"&sprint={sprint_of(pg_url)[1]}")
    assert [check["bucket"] for check in after["checks"]][-1] is None


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_jira_that_does_not_give_its_report_is_a_kind_sentence(
    api: httpx.AsyncClient, jira: RunningDemo, pg_url: str, status: int
):
    sprint, jira_sprint = sprint_of(pg_url)
    break_it(jira, status=status, path_prefix="/rest/greenhopper")
    answer = await api.post(f"/api/v1/sprints/{sprint}/reconciliation")
    assert answer.status_code == 502
    message = answer.json()["error"]["message"]
    assert f"{jira.base_url}{ENDPOINT}?rapidViewId={STOREFRONT}&sprintId={jira_sprint}" in message
    assert "upload" in message
    site_id = one(pg_url, "SELECT id FROM site")
    assert await reconciled(site_id, STOREFRONT) == 0
    noted = one(pg_url, "SELECT count(*) FROM sprint_reconciliation WHERE problem LIKE '%%upload%%'")
    assert noted == (1 if status == 410 else 3), "it does not ask on where it is not wanted"
    board = await got(api, f"/boards/{one(pg_url, 'SELECT id FROM board WHERE selected')}/reconciliation")
    assert (board["share_equal"], board["not_compared"]) == (None, len(board["sprints"]))
    assert sum(bool(found["problem"]) for found in board["sprints"]) == noted


async def test_a_refusal_among_good_answers_stops_nothing(
    api: httpx.AsyncClient, jira: RunningDemo, pg_url: str
):
    break_it(jira, status=404, path_prefix="/rest/greenhopper", skip=2, times=4)
    site_id, closed = one(pg_url, "SELECT id FROM site"), 26
    assert await reconciled(site_id, STOREFRONT) == closed - 4
    assert await reconciled(site_id, STOREFRONT) == 4
    assert rows(pg_url, "SELECT 1 FROM sprint_reconciliation WHERE problem IS NOT NULL OR body IS NULL") == []


async def test_an_answer_that_is_no_report_is_refused_and_nothing_is_kept(
    api: httpx.AsyncClient, jira: RunningDemo, pg_url: str
):
    sprint, _ = sprint_of(pg_url)
    break_it(jira, html=True, path_prefix="/rest/greenhopper")
    answer = await api.post(f"/api/v1/sprints/{sprint}/reconciliation")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "UPSTREAM_FAILED")
    assert rows(pg_url, "SELECT 1 FROM sprint_reconciliation") == []


async def test_upload_a_report(api: httpx.AsyncClient, jira: RunningDemo, pg_url: str):
    sprint, jira_sprint = sprint_of(pg_url)
    where = f"/api/v1/sprints/{sprint}/reconciliation"
    async with http.client(base_url=jira.base_url) as browser:
        parameters = {"rapidViewId": STOREFRONT, "sprintId": jira_sprint}
        shown = await browser.get(ENDPOINT, params=parameters, auth=(jira.email, jira.token))
    report = shown.json()
    answer = await api.put(where, json=report)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["data"]["standing"], answer.json()["data"]["source"]) == ("equal", "upload")

    key = next(iter(report["contents"]["completedIssues"]))["key"]
    report["contents"]["puntedIssues"].append(report["contents"]["completedIssues"].pop(0))
    report["contents"]["completedIssuesEstimateSum"] = {"value": 987.0, "text": "987.0"}
    changed = (await api.put(where, json=report)).json()["data"]
    assert (changed["standing"], changed["differing"], changed["adds_up"]) == ("differs", 1, False)
    first = changed["issues"][0]
    assert (first["key"], first["ours"]["bucket"], first["jira"]["bucket"]) == (key, "completed", "removed")
    assert [found["aspect"] for found in first["differences"]] == ["bucket"]
    assert first["differences"][0]["explanation"]

    report["sprint"]["id"] = jira_sprint + 1
    refused = await api.put(where, json=report)
    assert refused.status_code == 422
    assert f"report of sprint {jira_sprint + 1}" in refused.json()["error"]["details"][0]["message"]
    for nonsense in ({}, {"contents": {}, "sprint": {"id": jira_sprint}}, {"rows": []}):
        refused = await api.put(where, json=nonsense)
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "body")
    assert (
        await api.put(where, content=b"[]", headers={"Content-Type": "application/json"})
    ).status_code == 422
    large = {"contents": {"completedIssues": []}, "sprint": {"id": jira_sprint}, "more": "x" * 1024 * 1024}
    assert (await api.put(where, json=large)).status_code == 413
    assert (await got(api, f"/sprints/{sprint}/reconciliation"))["differing"] == 1, (
        "refused reports leave no trace"
    )


async def test_a_sprint_that_is_not_closed_has_nothing_final(api: httpx.AsyncClient, pg_url: str):
    sprint, jira_sprint = sprint_of(pg_url, "active")
    where = f"/api/v1/sprints/{sprint}/reconciliation"
    report = {"contents": {"completedIssues": []}, "sprint": {"id": jira_sprint}}
    for answer in (await api.get(where), await api.post(where), await api.put(where, json=report)):
        assert answer.status_code == 409
        assert "closed" in answer.json()["error"]["message"]


async def test_what_jira_lists_and_does_not_give_is_hidden_by_permission(
    api: httpx.AsyncClient, pg_url: str, monkeypatch: pytest.MonkeyPatch
):
    sprint, _ = sprint_of(pg_url)
    async with db.transaction() as session:
        found = await session.execute(
            text(
                "SELECT f.jira_issue_id FROM sprint_issue_fact f JOIN sprint s USING (site_id, jira_sprint_id) "
                "WHERE s.id = :sprint AND bucket IS NOT NULL ORDER BY 1 LIMIT 1"
            ),
            {"sprint": sprint},
        )
        lost = found.scalar_one()
        for table in ("issue", "issue_timeline", "sprint_segment", "sprint_issue_fact", "board_issue"):
            await session.execute(text(f"DELETE FROM {table} WHERE jira_issue_id = :lost"), {"lost": lost})
    where = f"/api/v1/sprints/{sprint}/reconciliation"

    async def differences() -> list[tuple[int, str, str]]:
        answer = await api.post(where)
        return [
            (line["jira_issue_id"], one["aspect"], one["reason"])
            for line in answer.json()["data"]["issues"]
            for one in line["differences"]
        ]

    assert await differences() == [(lost, "presence", "not_stored")], "Jira gives it: a sync has to bring it"

    async def gives_nothing(
        self: CloudClient, refs: Sequence[IssueRef], *, fields: Sequence[str]
    ) -> list[RawIssue]:
        assert [ref.id for ref in refs] == [lost]
        return []

    monkeypatch.setattr(CloudClient, "issues", gives_nothing)
    assert await differences() == [(lost, "presence", "hidden")]


async def test_a_boards_sprints_are_compared_by_a_job(
    api: httpx.AsyncClient, pg_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(running.reconcile_board, "__kwdefaults__", {"sleep": no_pause})
    where = f"/boards/{one(pg_url, 'SELECT id FROM board WHERE selected')}/reconciliation"
    closed = len((await got(api, where))["sprints"])
    queued = await api.post(f"/api/v1{where}")
    assert (queued.status_code, queued.json()["data"]) == (202, {"sprints": closed, "running": False})
    assert (await api.post(f"/api/v1{where}")).json()["data"] == {"sprints": closed, "running": True}
    assert (await got(api, where))["running"]
    assert (await api.delete(f"/api/v1{where}")).status_code == 204
    assert not (await got(api, where))["running"]
    assert rows(pg_url, "SELECT status::text FROM procrastinate_jobs") == [("cancelled",)]
    await worker.run(wait=False)
    assert (await got(api, where))["not_compared"] == closed, "a job that was taken back does nothing"

    assert (await api.post(f"/api/v1{where}")).json()["data"]["running"] is False
    await worker.run(wait=False)
    board = await got(api, where)
    assert (board["share_equal"], board["equal"], board["differing"], board["not_compared"]) == (
        1.0,
        closed,
        0,
        0,
    )
    assert {found["source"] for found in board["sprints"]} == {"jira"}
    assert (await api.post(f"/api/v1{where}")).json()["data"] == {"sprints": 0, "running": False}


async def test_a_job_at_work_can_be_stopped_and_what_came_stays(
    api: httpx.AsyncClient, pg_url: str, monkeypatch: pytest.MonkeyPatch
):
    asleep = asyncio.Event()

    async def for_long(_: float) -> None:
        asleep.set()
        await asyncio.sleep(3600)

    monkeypatch.setattr(running.reconcile_board, "__kwdefaults__", {"sleep": for_long})
    where = f"/boards/{one(pg_url, 'SELECT id FROM board WHERE selected')}/reconciliation"
    await api.post(f"/api/v1{where}")
    work = asyncio.create_task(worker.run())
    try:
        await asyncio.wait_for(asleep.wait(), PATIENCE)
        assert (await api.delete(f"/api/v1{where}")).status_code == 204
        async with asyncio.timeout(PATIENCE):
            while rows(pg_url, "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'"):  # noqa: ASYNC110  # only the database tells
                await asyncio.sleep(0.1)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    assert rows(pg_url, "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'jira.reconcile'") == [
        ("aborted",)
    ]
    board = await got(api, where)
    assert (board["equal"], board["running"]) == (1, False)
