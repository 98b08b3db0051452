"""Connections, deliveries and their tries in words, and what a form names as the place to send to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sprintreports.integrations.channel import Choice, Failure
from sprintreports.integrations.confluence import Dialect
from sprintreports.reports.publishing.previewing import DryRun
from sprintreports.reports.publishing.values import (
    Attempt,
    ConfluenceSettings,
    Connection,
    Delivery,
    DeliveryState,
    EmailSettings,
    FileFormat,
    Service,
    SlackBy,
    SlackSettings,
    Target,
    TeamsSettings,
)
from sprintreports.ui.pages.connections import rows as connecting
from sprintreports.ui.pages.deliveries import rows
from sprintreports.ui.pages.report.publishing_rows import plan, target_of
from sprintreports.ui.reporting import sending

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
DELIVERY = Delivery(
    id=9, connection_id=4, connection="Company wiki", kind=Service.CONFLUENCE, user_id=7, user="Ada", report_id=None, title="",
    target=Target(space="TEAM"), state=DeliveryState.DELIVERED, failure="", choices=(), attempts=1, sentence="", url="", next_at=None,
    created_at=AT, updated_at=AT, ended_at=AT,
)  # fmt: skip
CONNECTION = Connection(
    id=4, kind=Service.TEAMS, name="Chat", settings=TeamsSettings(), has_secret=True, paused=False, paused_reason="",
    paused_until=None, checked_at=None, check_ok=None, check_message="", delivered_at=None, created_at=AT, updated_at=AT,
)  # fmt: skip


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_has_words_and_only_what_stands_still_may_be_sent_again(state: DeliveryState) -> None:
    found = replace(DELIVERY, state=state, choices=(Choice.NEW_PAGE,))
    assert rows.line(found, UTC_ZONE, {}).state
    may = {DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.WAITING, DeliveryState.CLASH}
    assert bool(sending.ways(found)) == (state in may)
    if state is DeliveryState.CLASH:
        assert [one.choice for one in sending.ways(found)] == ["new_page"]


def test_a_line_keeps_the_filters_and_follows_no_odd_address() -> None:
    line = rows.line(replace(DELIVERY, url="javascript:alert(1)"), UTC_ZONE, {"state": "failed", "page": "2"})
    assert (line.link, line.url) == ("/deliveries?state=failed&page=2&delivery=9", "")
    assert line.title == "A report that is not in the library"
    assert rows.line(replace(DELIVERY, report_id=3, user=""), UTC_ZONE, {}).report == "/report?id=3"
    waiting = replace(DELIVERY, state=DeliveryState.WAITING, next_at=AT)
    assert sending.next_try(waiting, UTC_ZONE) == "Next try: Mon 2 Mar 2026, 09:00."
    assert sending.next_try(replace(waiting, state=DeliveryState.FAILED), UTC_ZONE) == ""


@pytest.mark.parametrize("outcome", ["delivered", "cut off", *Failure])
def test_every_outcome_of_a_try_has_words(outcome: str) -> None:
    line = rows.try_line(Attempt(1, AT, AT + timedelta(seconds=48), outcome, "So."), UTC_ZONE)
    assert (bool(line.outcome), line.took, line.sentence) == (True, "48 s", "So.")


def test_a_try_at_work_has_not_ended() -> None:
    line = rows.try_line(Attempt(2, AT, None, "", ""), UTC_ZONE)
    assert (line.outcome, line.took) == ("At work", "")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(), ""),
        (Target(space="TEAM"), "Space TEAM"),
        (Target(space="TEAM", parent="98"), "Space TEAM, under page 98"),
        (Target(channel="#delivery"), "#delivery"),
        (Target(to=("a@x.test", "b@x.test")), "a@x.test, b@x.test"),
        (Target(to=tuple(f"{one}@x.test" for one in "abcd")), "a@x.test, b@x.test, c@x.test and 1 other"),
    ],
)
def test_where_it_goes(target: Target, words: str) -> None:
    assert sending.place(target) == words


def test_a_form_names_only_what_its_service_takes() -> None:
    form = {
        "space": " TEAM ", "parent": "98", "channel": "#delivery", "to": "a@x.test; b@x.test\n\n c@x.test,", "file-pdf": "on",
        "file-exe": "on",
    }  # fmt: skip
    assert target_of(form, Service.CONFLUENCE) == Target(space="TEAM", parent="98", files=(FileFormat.PDF,))
    assert target_of(form, Service.SLACK) == Target(channel="#delivery")
    assert target_of(form, Service.TEAMS) == Target()
    assert target_of(form, Service.EMAIL) == Target(
        to=("a@x.test", "b@x.test", "c@x.test"), files=(FileFormat.PDF,)
    )


def test_a_plan_is_cut_and_says_so() -> None:
    found = plan(DryRun("T", "S", (Choice.OVERWRITE,), "x" * 20_007, ("a.png", "b.pdf")), Target())
    assert found.content.endswith("… and 7 more characters")
    assert (found.files, found.warning != "") == ("a.png, b.pdf", True)
    pictured = plan(DryRun("T", "S", (), "x", ("chart-teams.png", "b.pdf", "chart-0.png")), Target())
    assert pictured.files == "b.pdf, 2 pictures of charts"


@pytest.mark.parametrize(
    ("settings", "kind", "place"),
    [
        (ConfluenceSettings("https://w.test", Dialect.CLOUD, "a@x.test"), "confluence-cloud", "https://w.test"),
        (ConfluenceSettings("https://w.test/c", Dialect.DATA_CENTER), "confluence-datacenter", "https://w.test/c"),
        (SlackSettings(SlackBy.WEBHOOK), "slack-webhook", ""),
        (SlackSettings(SlackBy.BOT, "#d"), "slack-bot", "#d"),
        (TeamsSettings(), "teams", ""),
        (EmailSettings("m.test", "r@x.test", 465), "email", "m.test:465, from r@x.test"),
    ],
)  # fmt: skip
def test_each_kind_has_its_form_and_its_place(settings: object, kind: str, place: str) -> None:
    found = replace(CONNECTION, settings=settings)
    assert kind in connecting.KINDS
    assert (connecting.kind_of(found), connecting.place(found)) == (kind, place)
    values = connecting.form_values(found)
    assert (values["name"], set(values)) == ("Chat", set(connecting.USUAL))


def test_the_standing_of_a_connection() -> None:
    assert connecting.standing(CONNECTION, UTC_ZONE)[0] == "Never tested"
    good = replace(CONNECTION, check_ok=True, check_message="We are Reports.")
    assert connecting.standing(good, UTC_ZONE) == ("Works", "good", "We are Reports.")
    assert connecting.standing(replace(good, check_ok=False), UTC_ZONE)[0] == "Its last test failed"
    paused = replace(good, paused=True, paused_reason="Slack does not answer.", paused_until=AT)
    assert connecting.standing(paused, UTC_ZONE) == (
        "Paused",
        "bad",
        "Slack does not answer. Paused until Mon 2 Mar 2026, 09:00.",
    )
    assert "until somebody" in connecting.standing(replace(paused, paused_until=None), UTC_ZONE)[2]
