"""The form of a schedule as values, and what is wanted by it: read and filled in without asking anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.publishing.values import Connection, FileFormat, Service, Target
from sprintreports.reports.schedules import triggers, weekly, words
from sprintreports.reports.schedules.triggers import (
    MOST_CHANCE,
    MOST_DAYS,
    MOST_PERCENT,
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
    SprintReport,
    StoredReport,
    Wanted,
    Which,
)
from sprintreports.ui.dates import instant
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.connections.rows import BOT, kind_of
from sprintreports.ui.pages.report.publishing_rows import target_of
from sprintreports.ui.planning.entering import ticked, word
from sprintreports.ui.reporting import choosing

# What it does.
SEND, FREEZE, BOTH = "send", "freeze", "both"
# What it sends: a report of the library, or one of these kinds on a sprint of the board.
LIBRARY = "library"
# When it does: two ways to say a time, and what happens to sprints.
WEEKLY, CRON = "weekly", "cron"
BY_CLOCK = frozenset({WEEKLY, CRON})
STARTED, CLOSED, BEFORE_END = "sprint_started", "sprint_closed", "before_end"
SCOPE_CHANGE, FORECAST = "scope_change", "forecast_below"
EVERY_DAY, _WORKING = range(1, 8), range(1, 6)
PREVIEWED = 5
_NO_NUMBER = "Write a whole number from 1 to {most:,}."
#: The fields that can be wrong, as the domain names them.
FIELDS = (
    "name", "board_id", "content.report_id", "content.template", "trigger.weekdays", "trigger.at", "trigger.cron", "trigger.days",
    "trigger.percent", "zone", "recipients",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields about when. days_on: from Monday on; days: before the end."""

    on: str = WEEKLY
    days_on: tuple[bool, ...] = tuple(day in _WORKING for day in EVERY_DAY)
    at: str = "09:00"
    cron: str = "0 9 * * 1-5"
    days: str = "2"
    percent: str = "10"
    chance: str = "50"


@dataclass
class RecipientForm:
    """One of those that it goes to. key: which row of the form; kind: the service, by which the fields are shown."""

    key: str = ""
    connection: str = ""
    kind: str = ""
    of_bot: bool = False
    space: str = ""
    parent: str = ""
    channel: str = ""
    mail: str = ""
    pdf: bool = False
    xlsx: bool = False
    problem: str = ""


def recipient_form(
    key: str, connection: Connection, target: Target | None = None, *, own: str
) -> RecipientForm:
    """A row as it is filled in. own: the visitor's address, which is where a mail goes first."""
    given = target or Target(to=(own,))
    return RecipientForm(
        key=key,
        connection=str(connection.id),
        kind=connection.kind.value,
        of_bot=kind_of(connection) == BOT,
        space=given.space,
        parent=given.parent,
        channel=given.channel or getattr(connection.settings, "channel", ""),
        mail="\n".join(given.to) or own,
        pdf=FileFormat.PDF in given.files,
        xlsx=FileFormat.XLSX in given.files,
    )  # fmt: skip


def recipient(form: Mapping[str, Any], row: RecipientForm, *, own: str, may_write: bool) -> Recipient:
    """The row as wanted. Who may not write reports mails to themselves, whatever the form says."""
    prefix = f"r{row.key}-"
    given = {name.removeprefix(prefix): value for name, value in form.items() if name.startswith(prefix)}
    if not may_write and row.kind == Service.EMAIL:
        given["to"] = own
    connection = identifier(row.connection)
    if connection is None or row.kind not in set(Service):
        raise _problem("recipients", "Choose a connection for each row, or take the row away.")
    return Recipient(connection, target_of(given, Service(row.kind)))


def trigger_of(form: Mapping[str, Any], on: str) -> Trigger:
    """Raises Invalid for what is no number or no time; the rest is checked on saving."""
    match on:
        case "weekly":
            days = tuple(one for one in ticked(form, "day-") if one <= 7)
            return Clock(weekly.as_cron(weekly.entered(days, word(form, "at"))))
        case "cron":
            return Clock(" ".join(word(form, "cron").split()))
        case "sprint_started":
            return Started()
        case "sprint_closed":
            return Closed()
        case "before_end":
            return BeforeEnd(_whole(word(form, "days"), "trigger.days", most=MOST_DAYS))
        case "scope_change":
            return ScopeChange(_whole(word(form, "percent"), "trigger.percent", most=MOST_PERCENT))
        case "forecast_below":
            return ForecastBelow(_whole(word(form, "chance"), "trigger.percent", most=MOST_CHANCE))
        case _:
            raise _problem("trigger", "Choose when it runs.")


def on_of(trigger: Trigger) -> str:
    """Which way of saying when fits a trigger."""
    match trigger:
        case Clock(cron=cron):
            return CRON if weekly.from_cron(cron) is None else WEEKLY
        case Started():
            return STARTED
        case Closed():
            return CLOSED
        case BeforeEnd():
            return BEFORE_END
        case ScopeChange():
            return SCOPE_CHANGE
        case ForecastBelow():
            return FORECAST


def typed(trigger: Trigger) -> Typed:
    """What stands in the fields for a trigger; in those that are not its own, what usually does."""
    usual = Typed(on=on_of(trigger))
    match trigger:
        case Clock(cron=cron):
            told = weekly.from_cron(cron)
            if told is None:
                return replace(usual, cron=cron)
            days = tuple(day in told.weekdays for day in EVERY_DAY)
            return replace(usual, cron=cron, at=f"{told.at:%H:%M}", days_on=days)
        case BeforeEnd(days=days):
            return replace(usual, days=str(days))
        case ScopeChange(percent=percent):
            return replace(usual, percent=str(percent))
        case ForecastBelow(percent=percent):
            return replace(usual, chance=str(percent))
        case Started() | Closed():
            return usual


def usual_which(on: str) -> Which:
    """Which sprint a run by hand is about where nothing else says it."""
    return {STARTED: Which.STARTED, CLOSED: Which.CLOSED}.get(on, Which.RUNNING)


def content_of(form: Mapping[str, Any], *, does: str, what: str, on: str) -> Content:
    """Raises Invalid, NotFound."""
    which = word(form, "which")
    meant = Which(which) if on in BY_CLOCK and which in set(Which) else usual_which(on)
    if does == FREEZE:
        return SprintReport(which=meant)
    if what == LIBRARY:
        report = identifier(word(form, "report"))
        if report is None:
            raise _problem("content.report_id", "Choose a report of the library.")
        return StoredReport(report)
    if what not in set(DocumentKind):
        raise _problem("content.report_id", "Choose what is sent.")
    choice = choosing.choice_of(word(form, "template"))
    return SprintReport(DocumentKind(what), meant, choice)


def needs_board(*, does: str, what: str, on: str) -> bool:
    """Whether a schedule like this is about the sprints of a board."""
    return does != SEND or what != LIBRARY or on not in BY_CLOCK


def wanted_of(
    form: Mapping[str, Any], rows: list[RecipientForm], *, does: str, what: str, on: str, own: str, may_write: bool
) -> Wanted:  # fmt: skip
    """What the form asks for. Raises Invalid with all that is wrong in it, NotFound."""
    problems = list[FieldProblem]()
    trigger: Trigger = Started()
    content: Content = SprintReport()
    try:
        trigger = trigger_of(form, on)
    except Invalid as error:
        problems += error.details
    try:
        content = content_of(form, does=does, what=what, on=on)
    except Invalid as error:
        problems += error.details
    sent = () if does == FREEZE else tuple(recipient(form, one, own=own, may_write=may_write) for one in rows)
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    board = identifier(word(form, "board")) if needs_board(does=does, what=what, on=on) else None
    return Wanted(
        word(form, "name"), trigger, word(form, "zone") or "UTC", content, board, does != SEND, sent
    )  # fmt: skip


def clock_form(cron: str, at: str, days_on: Sequence[bool]) -> dict[str, str]:
    """The fields about the clock as the form would send them."""
    ticks = {f"day-{day}": "on" for day, ticked_on in zip(EVERY_DAY, days_on, strict=False) if ticked_on}
    return {"cron": cron, "at": at} | ticks


def cron_of(at: str, days_on: Sequence[bool]) -> str:
    """Weekdays and a time as an expression; empty where they are not both entered."""
    try:
        found = trigger_of(clock_form("", at, days_on), WEEKLY)
    except Invalid:
        return ""
    return found.cron if isinstance(found, Clock) else ""


def looked_ahead(
    form: Mapping[str, Any], on: str, zone: str, *, now: datetime, shown_in: ZoneInfo
) -> tuple[str, list[str]]:
    """When it runs in words, and its next times as the visitor's clock shows them. Raises Invalid."""
    trigger = trigger_of(form, on)
    triggers.checked(trigger, zone)
    told = words.when(trigger, zone)
    times = triggers.upcoming(trigger, now, zone, PREVIEWED)
    return told, [instant(one, shown_in) for one in times]


def by_field(error: Invalid) -> tuple[dict[str, str], dict[int, str], str]:
    """What is wrong by field and by row of the recipients, and what belongs to none of them."""
    fields, rows, rest = dict.fromkeys(FIELDS, ""), dict[int, str](), list[str]()
    for one in error.details:
        place = one.field.removeprefix("recipients.").partition(".")[0]
        if one.field in fields:
            fields[one.field] = fields[one.field] or one.message
        elif one.field.startswith("recipients.") and place.isdigit():
            rows[int(place)] = rows.get(int(place)) or one.message
        else:
            rest.append(one.message)
    if not error.details:
        rest.append(error.message)
    return fields, rows, " ".join(dict.fromkeys(rest))


def _whole(text: str, field: str, *, most: int) -> int:
    found = identifier(text.removesuffix("%").strip())
    if found is None or found > most:
        raise _problem(field, _NO_NUMBER.format(most=most))
    return found


def _problem(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, details=(FieldProblem(field, sentence),))
