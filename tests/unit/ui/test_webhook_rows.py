"""Deliveries as text: what became of them, what to do, and bodies that a page can hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sprintreports.jira.reads.webhooks import DeliveryRow, Tally
from sprintreports.ui.pages.webhooks import rows

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
ROW = DeliveryRow(
    id=3, site_id=7, identifier="abc", event="jira:issue_updated", outcome="done", tries=1,
    received_at=NOW - timedelta(seconds=30), not_before=None, processed_at=NOW - timedelta(seconds=28), note="", size=812,
    subject="SHOP-1",
)  # fmt: skip
TALLY = Tally(
    NOW - timedelta(minutes=5), waiting=0, done=3, ignored=1, failed=0, events=("jira:issue_updated",)
)


def test_a_delivery_as_text():
    line = rows.delivery_line(ROW, now=NOW, zone=ZONE)
    assert (line.id, line.when, line.subject, line.outcome, line.tone, line.took, line.retry) == (
        "3", "Wed 4 Mar, 12:59", "SHOP-1", "Done", "good", "2 s", False
    )  # fmt: skip
    quick = replace(ROW, processed_at=ROW.received_at + timedelta(milliseconds=400), subject="")
    assert rows.delivery_line(quick, now=NOW, zone=ZONE).took == "under 1 s"
    assert rows.delivery_line(quick, now=NOW, zone=ZONE).subject == "—"


def test_only_what_failed_is_offered_to_be_tried_again():
    offered = [
        outcome.value for outcome in rows.OUTCOMES
        if rows.delivery_line(replace(ROW, outcome=outcome.value), now=NOW, zone=ZONE).retry
    ]  # fmt: skip
    assert offered == ["failed"]


def test_one_that_waits_says_when_it_is_tried_again():
    waits = replace(
        ROW,
        outcome="waiting",
        processed_at=None,
        note="Jira is busy.",
        not_before=NOW + timedelta(seconds=20),
    )
    line = rows.delivery_line(waits, now=NOW, zone=ZONE)
    assert (line.note, line.took) == ("Jira is busy. Tried again in 20 s.", "—")
    due = rows.delivery_line(replace(waits, not_before=NOW), now=NOW, zone=ZONE)
    assert due.note == "Jira is busy."


@pytest.mark.parametrize(
    ("active", "changes", "tone", "words"),
    [
        (True, {}, "good", "Webhooks arrive. The last webhook came Wed 4 Mar 2026, 12:55 (5 min ago)."),
        (True, {"failed": 2}, "warn", "2 deliveries of the last 24 hours failed"),
        (True, {"last_at": None}, "warn", "then edit an issue there"),
        (False, {}, "info", "What came before is listed below."),
        (False, {"last_at": None}, "info", "changes in Jira arrive with the next sync."),
    ],
)
def test_whether_it_works_is_said_in_a_sentence(
    active: bool, changes: dict[str, object], tone: str, words: str
):
    said, told = rows.standing(replace(TALLY, **changes), active=active, now=NOW, zone=ZONE)  # type: ignore[arg-type]
    assert told == tone
    assert words in said


def test_a_webhook_that_we_registered_asks_for_nothing_to_be_entered():
    silent = replace(TALLY, last_at=None)
    said, tone = rows.standing(silent, active=False, registered=True, now=NOW, zone=ZONE)
    assert tone == "warn"
    assert "registered in Jira" in said
    assert "Enter" not in said
    assert rows.standing(TALLY, active=False, registered=True, now=NOW, zone=ZONE)[1] == "good"


def test_figures_lead_to_their_deliveries():
    links = {name: f"/webhooks?outcome={name}" for name in ("waiting", "done", "ignored", "failed")}
    assert [(one.name, one.value, one.link) for one in rows.figures(replace(TALLY, waiting=1204), links)] == [
        ("Done", "3", "/webhooks?outcome=done"),
        ("Nothing to do", "1", "/webhooks?outcome=ignored"),
        ("Failed", "0", "/webhooks?outcome=failed"),
        ("Waiting", "1,204", "/webhooks?outcome=waiting"),
    ]


def test_a_body_is_shown_as_people_read_it_and_never_too_much_of_it():
    assert rows.payload(b'{"a":[1,"<b>"]}') == ('{\n  "a": [\n    1,\n    "<b>"\n  ]\n}', "")
    assert rows.payload(b"\xffnot json")[0].endswith("not json")
    text, cut = rows.payload(b'{"a":"' + b"x" * 200_000 + b'"}')
    assert len(text) == rows.MOST_SHOWN
    assert "REST" in cut
    assert "812 bytes. Identifier abc" in rows.details(ROW, zone=ZONE)


def test_an_empty_list_says_what_to_do():
    said = {
        rows.nothing(filtered=filtered, active=active)
        for filtered in (True, False)
        for active in (True, False)
    }
    assert len(said) == 3
    assert all(sentence.endswith(".") for sentence in said)
