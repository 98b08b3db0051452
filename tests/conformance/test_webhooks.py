"""The recorded webhooks of real Jiras, and the published signature: all are read, kept and routed.

Their self-made twins are in tests/integration/test_webhooks.py.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from sprintreports.jira.payloads import parse_time
from sprintreports.jira.webhooks import inbox, notices, setup
from tests.integration.small_jira import Json, SmallJira, serving
from tests.integration.sync_support import rows
from tests.integration.told_histories import site_answers
from tests.integration.told_support import told_site
from tests.integration.webhook_support import drain, hooked, rest, send, sign

pytestmark = pytest.mark.conformance


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second of waiting for what else comes in."""
    monkeypatch.setattr(inbox, "SETTLE", timedelta(0))


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


def latest_issues(bodies: Iterable[bytes]) -> list[Json]:
    """Each issue as its last delivery that shows it whole; some comments show next to nothing of it."""
    found: dict[str, Json] = {}
    for body in bodies:
        issue = json.loads(body)["issue"]
        fields = issue["fields"]
        if "updated" in fields:
            before = found.get(issue["id"])
            if before is None or parse_time(before["fields"]["updated"]) <= parse_time(fields["updated"]):
                found[issue["id"]] = issue
    none: Json = {"startAt": 0, "maxResults": 0, "total": 0, "histories": []}
    return [
        {"id": one["id"], "key": one["key"], "fields": one["fields"], "changelog": none}
        for one in found.values()
    ]


async def test_the_recorded_webhooks_are_worked_on(shared_data: Path, pg_url: str):
    """What each names is asked for, at a Jira that shows the recorded issues as they were in the end."""
    bodies = recordings(shared_data)
    issues = latest_issues(bodies.values())
    deleted = [issue for issue in issues if issue["id"] == "10303"]
    jira = SmallJira(site_answers(()), deleted)
    with serving(jira) as address:
        site_id = await told_site(address)
        made = await hooked(site_id)
        jira.issues = [issue for issue in issues if issue not in deleted]
        async with rest() as client:
            for name, body in sorted(bodies.items(), reverse=True):
                headers = {"X-Hub-Signature": sign(made.secret or "", body)}
                assert (
                    await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)
                ).status_code == 202, name
        await drain()
    notes = dict(
        rows(pg_url, "SELECT note, count(*) FROM webhook_delivery WHERE outcome = 'done' GROUP BY 1")
    )
    assert sum(notes.values()) == 32
    # Two issues are only known from a few fields of theirs, so this Jira has none of them; and one was deleted.
    (hidden,) = [count for note, count in notes.items() if "does not show the issue" in note]
    assert (hidden, notes["The issue is marked as deleted."], notes[""]) == (2, 1, 29)
    kept = rows(
        pg_url,
        "SELECT jira_issue_id, key, summary, status_id, jira_updated, deleted_at IS NULL FROM issue ORDER BY 1",
    )
    assert kept == sorted(
        (
            int(issue["id"]), issue["key"], issue["fields"]["summary"], issue["fields"]["status"]["id"],
            parse_time(issue["fields"]["updated"]), issue not in deleted,
        )
        for issue in issues
    )  # fmt: skip


def test_the_published_signature(shared_data: Path):
    vectors = json.loads((shared_data / "webhooks" / "signature-vectors.json").read_text())
    example = vectors["github_and_jira_x_hub_signature_256"]
    secret, body = example["secret"].encode(), example["body"].encode()
    assert inbox.signed(secret, body, example["header"])
    assert not inbox.signed(secret, body + b" ", example["header"])
    assert not inbox.signed(secret + b" ", body, example["header"])
