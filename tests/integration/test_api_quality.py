"""Data quality over REST: the summary, one check's issues, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from sprintreports.identity import tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.quality.check import CheckName
from sprintreports.kit import clock, db, http
from tests.applications import rest_app
from tests.integration.jira_site import fill, make_site, rows
from tests.integration.quality_support import CLEAN, tidy

HERE = "http://reports.test"


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A reader on a board with three issues without an estimate and one off the board."""
    async with db.transaction() as session:
        site = await make_site(session)
        messy = [tidy(10, points=None), tidy(11, points=None), tidy(12, points=None)]
        await fill(session, site, [*CLEAN, *messy, tidy(13, started=None, done=None, status="4")])
        made = await users.create(
            session, Viewer.system(), email="r@example.org", password="tall green yak 7", role=Role.VIEWER
        )
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=clock.now())
    headers = {"Authorization": f"Bearer {pair.access_token}"}
    transport = httpx.ASGITransport(rest_app())
    async with http.client(base_url=HERE, transport=transport, headers=headers) as client:
        yield client


async def ids() -> tuple[int, dict[int, int]]:
    async with db.transaction() as session:
        ((board,),) = await rows(session, "SELECT id FROM board")
        return board, dict(await rows(session, "SELECT jira_sprint_id, id FROM sprint"))


async def test_the_summary_names_every_check_worst_first(api: httpx.AsyncClient):
    board, sprints = await ids()
    answer = await api.get(f"/api/v1/boards/{board}/data-quality?sprint={sprints[1]}")
    assert answer.status_code == 200
    data: dict[str, Any] = answer.json()["data"]
    assert (data["board_id"], data["sprints"], data["issues"], data["left_out"]) == (
        board,
        ["Sprint 1"],
        5,
        1,
    )
    assert (data["unit"], data["problem"], data["waiting"]) == ("points", None, 0)
    assert {check["check"] for check in data["checks"]} == set(CheckName)
    first, second = data["checks"][:2]
    assert (first["check"], first["count"], first["effect"]) == ("done-without-estimate", 3, "totals")
    assert (second["check"], second["count"], second["subject"]) == ("status-off-board", 1, "issue")
    assert all(check["touches"] and check["why"] and check["advice"] for check in data["checks"])
    assert [check["count"] for check in data["checks"][2:]] == [0] * (len(CheckName) - 2)


async def test_what_a_board_does_not_ask_has_no_count(api: httpx.AsyncClient):
    board, _ = await ids()
    async with db.transaction() as session:
        await rows(session, "UPDATE board SET unit = 'count' RETURNING 1")
    data = (await api.get(f"/api/v1/boards/{board}/data-quality")).json()["data"]
    (check,) = [one for one in data["checks"] if one["check"] == "open-without-estimate"]
    assert (check["count"], check["pointless"]) == (
        None,
        "This board counts issues, so it needs no estimates.",
    )


async def test_the_issues_of_a_check_come_in_pages(api: httpx.AsyncClient):
    board, sprints = await ids()
    path = f"/api/v1/boards/{board}/data-quality/done-without-estimate"
    body = (await api.get(f"{path}?per_page=2&sprint={sprints[1]}")).json()
    assert body["meta"] == {"total": 3, "page": 1, "per_page": 2}
    assert body["data"][0] == {
        "subject": "issue", "name": "APP-10", "summary": "Issue 10", "url": "https://jira.test/browse/APP-10",
        "jira_issue_id": 10, "sprint_id": sprints[1], "sprint_name": "Sprint 1", "team": "Backend",
        "detail": "It has no story points and adds 0 to every sum.",
    }  # fmt: skip
    rest = (await api.get(body["links"]["next"])).json()
    assert [one["name"] for one in rest["data"]] == ["APP-12"]
    assert rest["links"]["next"] is None


async def test_what_does_not_exist_is_refused(api: httpx.AsyncClient):
    board, sprints = await ids()
    quality = f"/api/v1/boards/{board}/data-quality"
    for path, status in (
        ("/api/v1/boards/999999/data-quality", 404),
        (f"/api/v1/boards/999999/data-quality/{CheckName.CLOCK_SKEW}", 404),
        (f"{quality}?sprint=999999", 404),
        (f"{quality}/nonsense", 422),
        (f"{quality}?sprint=0", 422),
        (f"{quality}?check=clock-skew", 422),
        (f"{quality}/clock-skew?per_page=101&sprint={sprints[1]}", 422),
    ):
        answer = await api.get(path)
        assert answer.status_code == status, path
        assert answer.json()["error"]["message"], path
