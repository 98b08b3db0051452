"""A Jira with little in it, and that little odd: nothing of it stops a sync, and each oddity is named."""

import httpx
import pytest

from sprintreports.jira import sites, sync
from sprintreports.jira.client import Auth, connect
from sprintreports.jira.sites import Connection
from sprintreports.kit import clock, db
from tests.integration.sync_support import SYSTEM, one, rows

BASE = "https://odd.example"
ISSUES = {
    "1": {"status": {"id": "77", "name": "Nobody knows", "statusCategory": {"key": "new"}}, "cf_1": None, "cf_2": [{"id": 3, "name": "No dates", "state": "future"}]},
    "2": {"status": {"id": "1", "name": "To do", "statusCategory": {"key": "new"}}, "cf_1": 5, "cf_2": [{"id": 4, "name": "Other's", "state": "active"}]},
    "3": {"status": {"id": "1", "name": "To do", "statusCategory": {"key": "new"}}, "cf_2": None},
}  # fmt: skip
BOARDS = [
    {"id": 1, "name": "Team", "type": "scrum", "location": {"projectKey": "A"}},
    {"id": 2, "name": "Fresh", "type": "scrum"},
    {"id": 3, "name": "Hidden", "type": "scrum"},
    {"id": 4, "name": "Unfiltered", "type": "scrum"},
]
SPRINTS = [
    {"id": 3, "name": "No dates", "state": "future"},
    {"id": 5, "name": "Closed, who knows when", "state": "closed", "startDate": "2026-01-01T00:00:00.000Z"},
    {"id": 6, "name": "Never started", "state": "active"},
]
CONFIGURATION = {
    "columnConfig": {
        "columns": [{"name": "Do", "statuses": [{"id": "1"}]}, {"name": "Done", "statuses": [{"id": "3"}]}]
    },
    "estimation": {"type": "field", "field": {"fieldId": "cf_1"}},
}
FIELDS = [
    {"id": "summary", "name": "Summary"},
    {"id": "cf_1", "name": "Punkte", "custom": True, "schema": {"type": "number"}},
    {"id": "cf_2", "name": "Sprint", "custom": True, "schema": {"type": "array", "custom": "com.pyxis.greenhopper.jira:gh-sprint"}},
]  # fmt: skip


def issue(number: str) -> dict[str, object]:
    shared = {
        "summary": f"Issue {number}", "created": "2026-01-02T00:00:00.000+0000", "updated": "2026-01-03T00:00:00.000+0000",
        "issuetype": {"id": "1", "name": "Story"}, "project": {"id": "10", "key": "A", "name": "A"}, "priority": None,
    }  # fmt: skip
    return {"id": number, "key": f"A-{number}", "fields": {**shared, **ISSUES[number]}}


def answer(request: httpx.Request) -> httpx.Response:
    path = request.url.path
    lists = {
        "/rest/api/2/serverInfo": {"version": "1001", "deploymentType": "Cloud"},
        "/rest/api/3/myself": {"accountId": "me", "displayName": "Me"},
        "/rest/api/3/field": FIELDS,
        "/rest/api/3/status": [{"id": "1", "name": "To do", "statusCategory": {"key": "new"}}],
        "/rest/agile/1.0/board": {"values": BOARDS, "isLast": True},
        "/rest/agile/1.0/board/1/sprint": {"values": SPRINTS, "isLast": True},
        "/rest/agile/1.0/board/2/sprint": {"values": [], "isLast": True},
        "/rest/api/3/search/approximate-count": {"count": 3},
        "/rest/api/3/search/jql": {"issues": [{"id": number} for number in ISSUES], "isLast": True},
        "/rest/api/3/issue/bulkfetch": {"issues": [issue(number) for number in ISSUES]},
        "/rest/api/3/changelog/bulkfetch": {"issueChangeLogs": []},
        "/rest/agile/1.0/board/1/configuration": {"id": 1, "filter": {"id": "11"}, **CONFIGURATION},
        "/rest/agile/1.0/board/2/configuration": {
            "id": 2,
            "filter": {"id": "12"},
            "columnConfig": {"columns": []},
        },
        "/rest/agile/1.0/board/4/configuration": {"id": 4},
    }
    if path.startswith("/rest/agile/1.0/board/3/"):
        return httpx.Response(403, json={"errorMessages": ["You are not permitted to see this board."]})
    return httpx.Response(200, json=lists[path]) if path in lists else httpx.Response(404, json={})


@pytest.fixture
async def odd_site(pg_url: str) -> int:
    async with db.transaction() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(
            "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message) "
            "VALUES ('Odd', %s, 'cloud', 'bearer', '', 'new', '') RETURNING id",
            (BASE,),
        )
        row = await cursor.fetchone()
        assert row is not None
        site_id = int(row[0])
        secret = sites.seal_secret(site_id, "pat")
        await connection.execute("UPDATE site SET secret = %s WHERE id = %s", (secret, site_id))
        for board in BOARDS:
            await connection.execute(
                "INSERT INTO board (site_id, jira_board_id, name, type, selected) VALUES (%s, %s, %s, %s, true)",
                (site_id, board["id"], board["name"], board["type"]),
            )
    return site_id


async def run(site_id: int) -> sync.Outcome:
    async def open_client(site):
        return await connect(site.base_url, sites.credentials_of(site), transport=httpx.MockTransport(answer))

    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.FULL)
    return await sync.run(db.transaction, run_id=run_id, now=clock.now, open_client=open_client)


async def test_oddities_are_named_and_stop_nothing(odd_site, pg_url):
    outcome = await run(odd_site)
    assert (outcome.end, outcome.error, outcome.issues) == ("done", None, 3)
    problems = dict(rows(pg_url, "SELECT jira_board_id, problem FROM board"))
    assert problems[1] is problems[2] is None
    assert "not permitted" in problems[3]
    assert "no filter" in problems[4]
    notes = [entry["message"] for entry in one(pg_url, "SELECT notes FROM sync_run")]
    assert any("“Fresh” has no sprints" in note for note in notes)
    sprints = {number: (state, delivered, note) for number, state, delivered, note in rows(
        pg_url, "SELECT jira_sprint_id, state, delivered, note FROM sprint"
    )}  # fmt: skip
    assert sprints[3] == ("future", True, None)
    assert sprints[5][:2] == ("closed", True)
    assert "does not say when" in sprints[5][2]
    assert "no start date" in sprints[6][2]
    assert sprints[4][:2] == ("unknown", False)
    assert "does not deliver it" in sprints[4][2]
    assert dict(rows(pg_url, "SELECT jira_issue_id, points FROM issue")) == {1: None, 2: 5000, 3: None}
    assert one(pg_url, "SELECT name FROM status WHERE status_id = '77'") == "Nobody knows"
    mapping = one(pg_url, "SELECT mapping FROM site")
    assert (mapping["points"], mapping["sprint"], mapping["owner"]) == ("cf_1", "cf_2", None)


async def test_connections_that_cannot_work_are_refused_by_field():
    for connection, field in (
        (Connection("https://x.example", Auth.BASIC, "", "token"), "account"),
        (Connection("https://x.example", Auth.BEARER, "", ""), "secret"),
        (Connection("https://x.example", Auth.BEARER, "", "a\nb"), "secret"),
        (Connection("not an address", Auth.BEARER, "", "pat"), "base_url"),
    ):
        with pytest.raises(sites.Invalid) as caught:
            connection.checked()
        assert [problem.field for problem in caught.value.details] == [field]
