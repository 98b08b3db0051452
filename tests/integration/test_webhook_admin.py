"""An admin's view of webhooks by REST: what to enter into Jira, what came, once more please."""

from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest

from sprintreports.identity import tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.webhooks import setup
from sprintreports.kit import clock, db
from tests.integration.sync_support import one
from tests.integration.webhook_support import letter, rest, send, sign


@pytest.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    with psycopg.connect(pg_url) as database:
        database.execute(
            "INSERT INTO site (id, name, base_url, dialect, auth, account, status, status_message) OVERRIDING SYSTEM "
            "VALUE VALUES (7, 'Test', 'https://jira.test', 'cloud', 'basic', 'a@b.test', 'ok', ''), "
            "(8, 'Other', 'https://other.test', 'cloud', 'basic', 'a@b.test', 'ok', '')"
        )
    async with db.transaction() as session:
        made = await users.create(
            session, Viewer.system(), email="a@b.test", password="tall green yak 7", role=Role.ADMIN
        )
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=clock.now())
    async with rest() as client:
        client.headers["Authorization"] = f"Bearer {pair.access_token}"
        yield client


async def test_the_values_to_enter_are_shown_whole_once(api: httpx.AsyncClient):
    path = "/api/v1/sites/7/webhook"
    before = (await api.get(path)).json()["data"]
    assert (before["active"], before["secret"], before["url_with_token"]) == (False, None, None)
    made = await api.post(path)
    assert made.status_code == 201
    shown = made.json()["data"]
    assert shown["admin_page"] == "https://jira.test/plugins/servlet/webhooks"
    assert shown["url"].endswith(f"{setup.PATH}/7")
    assert shown["url_with_token"].startswith(shown["url"] + "/")
    assert len(shown["secret"]) >= 43
    assert {"jira:issue_updated", "sprint_closed", "board_configuration_changed"} <= set(shown["events"])
    assert "SPRINTREPORTS_PUBLIC_URL" in shown["warning"]
    after = (await api.get(path)).json()["data"]
    assert (after["active"], after["secret"], after["url_with_token"]) == (True, None, None)
    again = (await api.post(path)).json()["data"]
    assert again["secret"] != shown["secret"]
    assert again["url_with_token"] != shown["url_with_token"]
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).json()["data"]["active"] is False
    for method in ("GET", "POST", "DELETE"):
        assert (await api.request(method, "/api/v1/sites/99/webhook")).status_code == 404


async def test_deliveries_are_listed_read_and_tried_again(api: httpx.AsyncClient, pg_url: str):
    secret = (await api.post("/api/v1/sites/7/webhook")).json()["data"]["secret"]
    for number in range(3):
        body = letter(issue={"id": number + 1})
        headers = {"X-Hub-Signature": sign(secret, body), "X-Atlassian-Webhook-Identifier": f"n{number}"}
        await send(api, f"{setup.PATH}/7", body, headers=headers)
    with psycopg.connect(pg_url) as database:
        database.execute(
            "UPDATE webhook_delivery SET outcome = 'failed', tries = 6, note = 'No.' WHERE id = 2"
        )
        database.execute("UPDATE webhook_delivery SET received_at = now() - interval '1 hour' WHERE id = 1")
        database.execute("DELETE FROM procrastinate_jobs")
    base = "/api/v1/sites/7/webhook-deliveries"
    listed = (await api.get(f"{base}?per_page=2")).json()
    assert [row["identifier"] for row in listed["data"]] == ["n2", "n1"]
    assert listed["meta"] == {"total": 3, "page": 1, "per_page": 2}
    failed = (await api.get(f"{base}?outcome=failed")).json()["data"]
    assert [(row["id"], row["tries"], row["note"], row["event"]) for row in failed] == [
        (2, 6, "No.", "jira:issue_updated")
    ]
    oldest = (await api.get(f"{base}/1")).json()["data"]
    assert 3600 <= oldest["age_seconds"] < 3700
    assert oldest["body"].encode() == letter(issue={"id": 1})
    assert oldest["size"] == len(oldest["body"])
    answer = await api.post(f"{base}/2/retry")
    assert answer.status_code == 202
    assert (answer.json()["data"]["outcome"], answer.json()["data"]["tries"]) == ("waiting", 0)
    assert one(pg_url, "SELECT task_name FROM procrastinate_jobs") == "jira.webhooks"
    for path in (f"{base}/99", "/api/v1/sites/8/webhook-deliveries/2"):
        assert (await api.get(path)).status_code == 404
        assert (await api.post(f"{path}/retry")).status_code == 404
    assert (await api.get(f"{base}?outcome=lost")).status_code == 422
