"""The recorded webhooks of real Jiras, and the published signature: all are read, kept and routed.

Their self-made twins are in tests/integration/test_webhooks.py.
"""

import json
from pathlib import Path

import psycopg
import pytest

from sprintreports.jira.webhooks import inbox, notices, setup
from tests.integration.webhook_support import drain, hooked, rest, send, sign

pytestmark = pytest.mark.conformance


def recordings(shared_data: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted((shared_data / "webhooks" / "jira").glob("*.json"))
    }


def test_the_recorded_webhooks_name_their_issues(shared_data: Path):
    found = {name: notices.read(body) for name, body in recordings(shared_data).items()}
    assert len(found) == 32
    for name, notice in found.items():
        said = json.loads((shared_data / "webhooks" / "jira" / name).read_text())
        assert notice.event == said["webhookEvent"]
        assert (str(notice.issue_id), notice.key) == (said["issue"]["id"], said["issue"]["key"]), name
        assert notice.at == said["timestamp"]
        assert notice.deleted is (name == "webhook-issue-deleted.json")
        assert notice.concerns_us
    plan = notices.Plan.of(found.values())
    assert set(plan.issues) >= {10001, 10040, 10101, 10226, 10303, 10357, 10360, 10509}
    assert plan.deleted == {10303}
    assert not plan.sprints
    assert not plan.boards


async def test_the_recorded_webhooks_are_kept_and_taken_up(shared_data: Path, pg_url: str):
    with psycopg.connect(pg_url) as database:
        database.execute(
            "INSERT INTO site (id, name, base_url, dialect, auth, account, status, status_message) "
            "OVERRIDING SYSTEM VALUE VALUES (7, 'Test', 'http://127.0.0.1:1', 'cloud', 'basic', 'a@b.test', 'ok', '')"
        )
    made = await hooked(7)
    bodies = recordings(shared_data)
    async with rest() as client:
        for body in bodies.values():
            for fresh in (True, False):
                headers = {"X-Hub-Signature": sign(made.secret or "", body)}
                answer = await send(client, f"{setup.PATH}/7", body, headers=headers)
                assert (answer.status_code, answer.json()["data"]["fresh"]) == (202, fresh)
    await drain()
    with psycopg.connect(pg_url) as database:
        kept = database.execute("SELECT body, outcome, note FROM webhook_delivery ORDER BY id").fetchall()
    assert [bytes(body) for body, _, _ in kept] == list(bodies.values())
    assert {(outcome, "not been synced yet" in note) for _, outcome, note in kept} == {("ignored", True)}


def test_the_published_signature(shared_data: Path):
    vectors = json.loads((shared_data / "webhooks" / "signature-vectors.json").read_text())
    example = vectors["github_and_jira_x_hub_signature_256"]
    secret, body = example["secret"].encode(), example["body"].encode()
    assert inbox.signed(secret, body, example["header"])
    assert not inbox.signed(secret, body + b" ", example["header"])
    assert not inbox.signed(secret + b" ", body, example["header"])
