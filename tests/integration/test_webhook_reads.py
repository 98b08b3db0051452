"""What an admin reads of webhooks: what each speaks of, how long it took, how many came of late."""

from datetime import timedelta

import msgspec
import psycopg
import pytest

from sprintreports.jira.reads import webhooks as reads
from sprintreports.jira.sites import SiteNotFound
from sprintreports.jira.webhooks.deliveries import DeliveryNotFound
from sprintreports.jira.webhooks.subjects import subject_of
from sprintreports.kit import clock, db
from tests.integration.sync_support import SYSTEM

NOW = clock.now()
LETTERS = (
    # event, subject, outcome, age, took
    ("jira:issue_created", {"issue": {"id": 9, "key": "SHOP-9"}}, "done", 90_000, 1),
    ("jira:issue_updated", {"issue": {"id": "7", "key": "SHOP-7"}}, "done", 30, 2),
    ("jira:issue_updated", {"issue": {"id": 8}}, "failed", 20, 4),
    ("sprint_closed", {"sprint": {"id": 3, "name": "Sprint 3"}}, "done", 10, 1),
    ("issuelink_created", {"issueLink": {"sourceIssueId": 7, "destinationIssueId": 8}}, "ignored", 5, 1),
    ("board_updated", {"board": {"id": 4, "name": "Shop"}}, "waiting", 3, None),
)


@pytest.fixture
def kept(pg_url: str) -> None:
    with psycopg.connect(pg_url) as database:
        for number, name in ((7, "Test"), (8, "Other")):
            database.execute(
                "INSERT INTO site (id, name, base_url, dialect, auth, account, status, status_message) OVERRIDING SYSTEM "
                "VALUE VALUES (%s, %s, 'https://' || lower(%s) || '.test', 'cloud', 'basic', 'a@b.test', 'ok', '')",
                (number, name, name),
            )
        for number, (event, subject, outcome, age, took) in enumerate(LETTERS):
            at = NOW - timedelta(seconds=age)
            body = msgspec.json.encode({"webhookEvent": event, "timestamp": 1, **subject})
            settled = None if took is None else at + timedelta(seconds=took)
            database.execute(
                "INSERT INTO webhook_delivery (site_id, identifier, received_at, event, body, outcome, processed_at) "
                "VALUES (7, %s, %s, %s, %s, %s, %s)",
                (f"n{number}", at, event, body, outcome, settled),
            )


@pytest.mark.usefixtures("kept")
async def test_deliveries_name_what_they_speak_of_and_how_long_they_took():
    async with db.transaction() as session:
        page = await reads.page(session, SYSTEM, 7)
        assert [(row.subject, row.outcome) for row in page.items] == [
            ("Shop", "waiting"),
            ("Issue 7 and Issue 8", "ignored"),
            ("Sprint 3", "done"),
            ("Issue 8", "failed"),
            ("SHOP-7", "done"),
            ("SHOP-9", "done"),
        ]
        assert [row.took and row.took.total_seconds() for row in page.items] == [None, 1, 1, 4, 2, 1]
        updated = await reads.page(session, SYSTEM, 7, event="jira:issue_updated")
        assert [row.subject for row in updated.items] == ["Issue 8", "SHOP-7"]
        both = await reads.page(session, SYSTEM, 7, event="jira:issue_updated", outcome="failed")
        assert (both.total, [row.subject for row in both.items]) == (1, ["Issue 8"])
        second = await reads.page(session, SYSTEM, 7, page=2, per_page=4)
        assert (second.total, [row.subject for row in second.items]) == (6, ["SHOP-7", "SHOP-9"])
        row, body = await reads.one(session, SYSTEM, 7, page.items[-1].id)
        assert (row.subject, subject_of(body)) == ("SHOP-9", "SHOP-9")
        with pytest.raises(DeliveryNotFound):
            await reads.one(session, SYSTEM, 8, row.id)


@pytest.mark.usefixtures("kept")
async def test_the_tally_is_of_the_last_day_and_of_all_that_wait():
    async with db.transaction() as session:
        found = await reads.tally(session, SYSTEM, 7, now=NOW)
        assert (found.waiting, found.done, found.ignored, found.failed) == (1, 2, 1, 1)
        assert found.last_at == NOW - timedelta(seconds=3)
        assert found.events == (
            "board_updated", "issuelink_created", "jira:issue_updated", "sprint_closed"
        )  # fmt: skip
        nothing = await reads.tally(session, SYSTEM, 8, now=NOW)
        assert (nothing.last_at, nothing.waiting, nothing.done, nothing.events) == (None, 0, 0, ())
        with pytest.raises(SiteNotFound):
            await reads.tally(session, SYSTEM, 9, now=NOW)


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (b'{"worklog": {"issueId": "12"}}', "Issue 12"),
        (b'{"configuration": {"id": 4}}', "Board 4"),
        (b'{"sprint": {"id": 4}}', "Sprint 4"),
        (b'{"user": {"name": "x"}}', ""),
        (b"\xff", ""),
    ],
)
def test_what_a_body_speaks_of(body: bytes, subject: str):
    assert subject_of(body) == subject
