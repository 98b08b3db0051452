"""Schedules in words, what came of a run with all that it sent, and what a form asks for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sprintreports.jira.reads.board_sprints import BoardSprint
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.publishing.values import (
    Connection,
    Delivery,
    DeliveryState,
    EmailSettings,
    FileFormat,
    Service,
    SlackBy,
    SlackSettings,
    Target,
)
from sprintreports.reports.schedules.tables import RunState
from sprintreports.reports.schedules.triggers import (
    BeforeEnd,
    Clock,
    Closed,
    ForecastBelow,
    ScopeChange,
    Started,
    Trigger,
)
from sprintreports.reports.schedules.values import (
    Content,
    Recipient,
    Run,
    Schedule,
    SprintReport,
    StoredReport,
    Wanted,
    Which,
)
from sprintreports.ui.pages.schedules import entering, rows
from sprintreports.ui.pages.schedules.entering import BOTH, FREEZE, LIBRARY, SEND, RecipientForm
from sprintreports.ui.pages.schedules.rows import Names

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NAMES = Names({7: "Payments"}, {3: "Weekly review"}, {4: "Mail"})
MAIL = Recipient(4, Target(to=("ada@x.test",), files=(FileFormat.PDF,)))
WANTED = Wanted("Nightly", Clock("0 9 * * 1-5"), "Europe/Berlin", SprintReport(), 7, False, (MAIL,))
DELIVERY = Delivery(
    id=9, connection_id=4, connection="Mail", kind=Service.EMAIL, user_id=1, user="Ada", report_id=None, title="", target=MAIL.target,
    state=DeliveryState.DELIVERED, failure="", choices=(), attempts=1, sentence="", url="", next_at=None, created_at=AT, updated_at=AT,
    ended_at=AT,
)  # fmt: skip
RUN = Run(5, 2, AT, 12, 0, RunState.DONE, "1 delivery was put in line.", None, (9,), AT, AT)
SPRINT = BoardSprint(7, 12, AT, None, None, "UTC", None, None, None)
FAILED = replace(DELIVERY, id=10, state=DeliveryState.FAILED, sentence="The mailbox is full.")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "Sends the state of the sprint that runs on Payments"),
        ({"baseline": True}, "Sends the state of the sprint that runs on Payments, and takes a baseline"),
        (
            {"content": SprintReport(which=Which.CLOSED), "recipients": (), "baseline": True},
            "Takes a baseline of the sprint that was closed last on Payments",
        ),
        (
            {"content": SprintReport(DocumentKind.REVIEW), "trigger": Closed()},
            "Sends the review of the sprint on Payments that is closed",
        ),
        (
            {"content": SprintReport(DocumentKind.COMPARISON), "trigger": BeforeEnd(2)},
            "Sends what has changed since the start of the sprint on Payments that is about to end",
        ),
        (
            {"trigger": ScopeChange(10), "baseline": True},
            "Sends the state of the sprint that runs on Payments, and takes a baseline",
        ),
        ({"trigger": Started()}, "Sends the state of the sprint on Payments that starts"),
        ({"content": SprintReport(DocumentKind.TREND)}, "Sends a trend of the sprints on Payments"),
        ({"content": StoredReport(3), "board_id": None}, "Sends the report “Weekly review”"),
        (
            {"content": StoredReport(3), "trigger": Started()},
            "Sends the report “Weekly review”, by the sprints on Payments",
        ),
        ({"content": StoredReport(8), "board_id": None}, "Sends a report that you do not see"),
        ({"board_id": 8}, "Sends the state of the sprint that runs on a board that you do not see"),
    ],
)
def test_what_it_does_in_words(change: dict[str, Any], told: str) -> None:
    assert rows.what(replace(WANTED, **change), NAMES) == told


def schedule(**change: Any) -> Schedule:
    usual: dict[str, Any] = {
        "id": 2, "owner_id": 1, "owner": "Ada", "wanted": WANTED, "next_at": AT, "paused_at": None, "paused_reason": "",
        "last_at": None, "last_state": None, "last_sentence": None, "last_deliveries": (), "created_at": AT, "updated_at": AT,
    }  # fmt: skip
    return Schedule(**usual | change)


def test_a_line_of_the_ledger() -> None:
    line = rows.line(schedule(), NAMES, {}, BERLIN, own=True)
    assert (line.when, line.next) == (
        "Every weekday at 09:00, Europe/Berlin",
        "Mon 2 Mar 2026, 10:00 (Europe/Berlin)",
    )
    assert line.link == "/schedules?schedule=2"
    filtered = rows.line(schedule(), NAMES, {}, BERLIN, own=True, parameters={"search": "x", "page": "2"})
    assert filtered.link == "/schedules?search=x&page=2&schedule=2"
    assert (line.where, line.outcome, line.told, line.ran) == (
        "Mail: ada@x.test, with PDF",
        "Never ran",
        "",
        "",
    )
    paused = rows.line(schedule(paused_at=AT, paused_reason="Why."), NAMES, {}, BERLIN, own=False)
    assert (paused.next, paused.paused) == ("", "Why.")
    ran = schedule(
        last_at=AT, last_state=RunState.DONE, last_sentence="2 deliveries were put in line.", last_deliveries=(9, 10)
    )  # fmt: skip
    line = rows.line(ran, NAMES, {9: DELIVERY, 10: FAILED}, BERLIN, own=True)
    assert (line.outcome, line.tone) == ("Not delivered", "bad")
    assert line.told == "2 deliveries were put in line. 1 of 2 failed: The mailbox is full."
    gone = rows.line(schedule(), Names({}, {}, {}), {}, BERLIN, own=True)
    assert gone.where.startswith("A connection that was deleted")


@pytest.mark.parametrize(
    ("state", "sent", "told"),
    [
        (RunState.WAITING, [], ("In line", "info", "Said.")),
        (RunState.NOTHING, [], ("Nothing to report", "", "Said.")),
        (RunState.FAILED, [], ("Failed", "bad", "Said.")),
        (RunState.DONE, [], ("Done", "good", "Said.")),
        (RunState.DONE, [DELIVERY], ("Done", "good", "Said. It arrived.")),
        (RunState.DONE, [DELIVERY, DELIVERY], ("Done", "good", "Said. All of them arrived.")),
        (RunState.DONE, [FAILED], ("Not delivered", "bad", "Said. It failed: The mailbox is full.")),
        (RunState.DONE, [replace(DELIVERY, state=DeliveryState.QUEUED)], ("On its way", "info", "Said.")),
        (
            RunState.DONE,
            [replace(DELIVERY, state=DeliveryState.CLASH, sentence="Somebody edited the page.")],
            ("Somebody has to look", "warn", "Said. Somebody edited the page."),
        ),
    ],
)
def test_a_run_is_done_well_once_all_has_arrived(
    state: RunState, sent: list[Delivery], told: tuple[str, str, str]
) -> None:
    assert rows.came_to(state, "Said.", sent) == told


@pytest.mark.parametrize(
    ("content", "report"),
    [
        (SprintReport(), "/report?of=sprint-12-board-7"),
        (SprintReport(DocumentKind.REVIEW), "/report?review=12&board=7"),
        (
            SprintReport(DocumentKind.COMPARISON),
            "/report?before=sprint-12-board-7%402026-03-02T09%3A00%3A00%2B00%3A00&after=sprint-12-board-7",
        ),
        (StoredReport(3), "/report?id=3"),
        (SprintReport(DocumentKind.TREND), ""),
    ],
)
def test_a_run_leads_to_what_it_made(content: Content, report: str) -> None:
    wanted = replace(WANTED, content=content)
    run = replace(RUN, baseline_id=6)
    line = rows.run_line(run, wanted, {12: "Sprint 12"}, {9: DELIVERY}, BERLIN, of_board={12: SPRINT})
    assert (line.sprint, line.outcome, line.when) == ("Sprint 12", "Done", "Mon 2 Mar 2026, 10:00")
    urls = [one.url for one in line.links]
    assert urls == ["/deliveries?delivery=9", "/report?of=baseline-6", *([report] if report else [])]
    assert (line.links[0].text, line.links[0].state) == ("Mail", "Delivered")
    # What is kept no longer, or is no longer seen, is said and not linked.
    bare = rows.run_line(RUN, replace(wanted, recipients=()), {}, {}, BERLIN, of_board={})
    assert (bare.links, bare.sprint) == ([], "A sprint that you do not see")
    assert bare.told == "1 delivery was put in line. 1 delivery is no longer listed."


def ask(form: dict[str, Any], **more: Any) -> Wanted:
    usual: dict[str, Any] = {
        "does": SEND, "what": "baseline", "on": entering.WEEKLY, "own": "me@x.test", "may_write": True,
    }  # fmt: skip
    start = {"name": "N", "board": "7", "zone": "UTC", "at": "09:00", "day-1": "on", "day-3": "on"}
    return entering.wanted_of(start | form, more.pop("rows", []), **usual | more)


@pytest.mark.parametrize(
    ("on", "form", "trigger", "which"),
    [
        ("weekly", {"which": "started"}, Clock("0 9 * * 1,3"), Which.STARTED),
        ("cron", {"cron": " */5  * * * * ", "which": "?"}, Clock("*/5 * * * *"), Which.RUNNING),
        ("sprint_started", {"which": "closed"}, Started(), Which.STARTED),
        ("sprint_closed", {}, Closed(), Which.CLOSED),
        ("before_end", {"days": "3"}, BeforeEnd(3), Which.RUNNING),
        ("scope_change", {"percent": "15 %"}, ScopeChange(15), Which.RUNNING),
        ("forecast_below", {"chance": "60"}, ForecastBelow(60), Which.RUNNING),
    ],
)
def test_a_form_says_when(on: str, form: dict[str, Any], trigger: Trigger, which: Which) -> None:
    wanted = ask(form, on=on)
    assert (wanted.trigger, wanted.content, wanted.board_id) == (
        trigger,
        SprintReport(which=which, template=TemplateChoice()),
        7,
    )
    assert entering.on_of(trigger) == on


@pytest.mark.parametrize(
    ("trigger", "on", "told"),
    [
        (Clock("45 17 * * 2-3"), "weekly", {"at": "17:45", "days_on": (False, True, True, *[False] * 4)}),
        (Clock("*/5 * * * *"), "cron", {"cron": "*/5 * * * *", "at": "09:00"}),
        (BeforeEnd(7), "before_end", {"days": "7", "percent": "10"}),
        (ScopeChange(33), "scope_change", {"percent": "33", "chance": "50"}),
        (ForecastBelow(80), "forecast_below", {"chance": "80", "percent": "10"}),
        (Started(), "sprint_started", {"cron": "0 9 * * 1-5"}),
        (Closed(), "sprint_closed", {"days": "2"}),
    ],
)
def test_a_trigger_stands_in_its_fields_again(trigger: Trigger, on: str, told: dict[str, Any]) -> None:
    found = entering.typed(trigger)
    assert found.on == on
    assert {name: getattr(found, name) for name in told} == told


def test_the_form_looks_ahead_in_the_visitors_zone() -> None:
    working = (True, *[False] * 6)
    assert entering.cron_of("07:05", working) == "5 7 * * 1"
    assert entering.cron_of("", working) == entering.cron_of("07:05", [False] * 7) == ""
    form = entering.clock_form("", "09:00", working)
    said, ahead = entering.looked_ahead(form, "weekly", "UTC", now=AT, shown_in=BERLIN)
    # AT is a Monday at nine: the next ones; Berlin is an hour ahead, and two from 29 March on.
    assert said == "every Monday at 09:00, UTC"
    assert ahead == [
        "Mon 9 Mar 2026, 10:00", "Mon 16 Mar 2026, 10:00", "Mon 23 Mar 2026, 10:00", "Mon 30 Mar 2026, 11:00",
        "Mon 6 Apr 2026, 11:00",
    ]  # fmt: skip
    with pytest.raises(Invalid):
        entering.looked_ahead(form, "weekly", "Mars/Olympus", now=AT, shown_in=BERLIN)


def test_a_form_says_what() -> None:
    assert ask({}, does=FREEZE).content == SprintReport()
    assert (ask({}, does=FREEZE).baseline, ask({}, does=BOTH).baseline, ask({}).baseline) == (
        True,
        True,
        False,
    )
    stored = ask({"report": "3"}, what=LIBRARY)
    assert (stored.content, stored.board_id) == (StoredReport(3), None)
    assert ask({"report": "3"}, what=LIBRARY, on="sprint_closed").board_id == 7
    assert ask({"report": "3"}, what=LIBRARY, does=BOTH).board_id == 7
    own = ask({"template": "12:3"}, what="review").content
    assert isinstance(own, SprintReport)
    assert (own.report, own.template) == (DocumentKind.REVIEW, TemplateChoice(template_id=12, number=3))


@pytest.mark.parametrize(
    ("form", "more", "fields"),
    [
        ({"day-1": "", "at": "9"}, {}, {"trigger.at"}),
        ({"days": "0"}, {"on": "before_end"}, {"trigger.days"}),
        ({"days": "61"}, {"on": "before_end"}, {"trigger.days"}),
        ({"percent": "ten"}, {"on": "scope_change"}, {"trigger.percent"}),
        ({"chance": "100"}, {"on": "forecast_below"}, {"trigger.percent"}),
        (
            {"percent": "-1"},
            {"on": "scope_change", "what": LIBRARY},
            {"trigger.percent", "content.report_id"},
        ),
        ({}, {"on": "never"}, {"trigger"}),
        ({}, {"what": "nonsense"}, {"content.report_id"}),
    ],
)
def test_what_a_form_gets_wrong_is_told_at_its_field(
    form: dict[str, Any], more: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(form, **more)
    assert {one.field for one in refused.value.details} == fields


def test_recipients_as_the_form_has_them() -> None:
    settings = EmailSettings(host="h", sender="s@x.test")
    mail = Connection(
        id=4, kind=Service.EMAIL, name="Mail", settings=settings, has_secret=False, paused=False, paused_reason="", paused_until=None,
        checked_at=None, check_ok=None, check_message="", delivered_at=None, created_at=AT, updated_at=AT,
    )  # fmt: skip
    row = entering.recipient_form("2", mail, own="me@x.test")
    assert (row.mail, row.kind, row.pdf) == ("me@x.test", "email", False)
    again = entering.recipient_form("2", mail, MAIL.target, own="me@x.test")
    assert (again.mail, again.pdf, again.xlsx) == ("ada@x.test", True, False)
    form = {"r2-to": "a@x.test\nb@x.test", "r2-file-pdf": "on", "r22-to": "c@x.test"}
    found = entering.recipient(form, row, own="me@x.test", may_write=True)
    assert found == Recipient(4, Target(to=("a@x.test", "b@x.test"), files=(FileFormat.PDF,)))
    # Who may not write reports mails to themselves.
    own = entering.recipient(form, row, own="me@x.test", may_write=False)
    assert own.target.to == ("me@x.test",)
    bot = SlackSettings(by=SlackBy.BOT, channel="#delivery")
    slack = entering.recipient_form("1", replace(mail, kind=Service.SLACK, settings=bot), own="")
    assert (slack.of_bot, slack.channel) == (True, "#delivery")
    with pytest.raises(Invalid):
        entering.recipient(form, RecipientForm("1"), own="", may_write=True)


def test_what_is_wrong_goes_to_its_field_or_row_or_above_the_form() -> None:
    error = Invalid(
        details=(
            FieldProblem("name", "A name."),
            FieldProblem("recipients.1.target.to", "No address."),
            FieldProblem("recipients.1.target.to", "Neither."),
            FieldProblem("recipients", "Some."),
            FieldProblem("elsewhere", "Else."),
        )
    )
    fields, of_rows, rest = entering.by_field(error)
    assert (fields["name"], fields["recipients"], fields["zone"]) == ("A name.", "Some.", "")
    assert (of_rows, rest) == ({1: "No address."}, "Else.")
    assert entering.by_field(Invalid("You have 50 schedules already."))[2] == "You have 50 schedules already."
