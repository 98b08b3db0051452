"""When a schedule runs: by the clock with the next runs beneath, or by what happens to sprints."""

from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from sprintreports.reports.schedules.triggers import LONGEST_EXPRESSION
from sprintreports.ui.pages.schedules import entering
from sprintreports.ui.pages.schedules.editing import ScheduleEditor
from sprintreports.ui.pages.schedules.form_parts import by_clock, entry, field, fixed, select, wrong
from sprintreports.ui.planning.entering import WEEKDAYS

_WHEN = (
    (entering.WEEKLY, "On weekdays, at a time"),
    (entering.CRON, "By a cron expression"),
    (entering.STARTED, "When a sprint starts"),
    (entering.CLOSED, "When a sprint is closed"),
    (entering.BEFORE_END, "Some days before a sprint's end"),
)
_BY_NUMBERS = (
    (entering.SCOPE_CHANGE, "When the scope has changed by much"),
    (entering.FORECAST, "When the forecast is poor"),
)


def when() -> rx.Component:
    control = select(
        "s-on",
        "on",
        [*fixed(_WHEN), rx.cond(ScheduleEditor.sees_teams, rx.fragment(*fixed(_BY_NUMBERS)))],
        value=ScheduleEditor.on,
        on_change=ScheduleEditor.pick_when,
    )
    return rx.fragment(
        field("When", "s-on", "on", control),
        rx.match(
            ScheduleEditor.on,
            (entering.WEEKLY, _weekly()),
            (entering.CRON, _cron()),
            (entering.BEFORE_END, _days()),
            (entering.SCOPE_CHANGE, _percent()),
            (entering.FORECAST, _chance()),
            rx.el.p("Once for each sprint, as soon as it is known here.", class_name="fine"),
        ),
        rx.cond(by_clock() | (ScheduleEditor.on == entering.BEFORE_END), _zone()),
        rx.cond(by_clock(), _ahead()),
    )


def _weekly() -> rx.Component:
    return rx.fragment(
        rx.el.fieldset(
            rx.el.legend("Days"),
            *[_day(number, name) for number, name in enumerate(WEEKDAYS, start=1)],
            wrong(ScheduleEditor.problems["trigger.weekdays"], "s-days-wrong"),
            class_name="days",
        ),
        field(
            "Time",
            "s-at",
            "trigger.at",
            entry(
                "s-at",
                "at",
                field="trigger.at",
                type="time",
                required=True,
                default_value=ScheduleEditor.at,
                on_change=ScheduleEditor.see_at.debounce(250),
            ),
        ),
    )


def _day(number: int, name: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=f"day-{number}",
            default_checked=ScheduleEditor.days_on[number - 1],
            on_change=lambda ticked: ScheduleEditor.see_day(str(number), ticked),
        ),
        f" {name}",
    )


def _cron() -> rx.Component:
    return field(
        "Cron expression",
        "s-cron",
        "trigger.cron",
        entry(
            "s-cron",
            "cron",
            field="trigger.cron",
            required=True,
            spell_check=False,
            max_length=LONGEST_EXPRESSION,
            default_value=ScheduleEditor.cron,
            on_change=ScheduleEditor.see_cron.debounce(250),
        ),
        "Minute, hour, day of the month, month, weekday (0 and 7 are Sunday), such as 0 9 * * 1-5.",
    )


def _number(label: str, name: str, wrong_as: str, value: Any, told: str) -> rx.Component:
    control = entry(
        f"s-{name}",
        name,
        field=wrong_as,
        default_value=value,
        required=True,
        input_mode="numeric",
        max_length=5,
    )
    return field(label, f"s-{name}", wrong_as, control, told)


def _days() -> rx.Component:
    told = "Before the planned end, at the same time of day. Not for a sprint that begins later than that."
    return _number("Days before the end", "days", "trigger.days", ScheduleEditor.days, told)


def _percent() -> rx.Component:
    told = "Once a sprint, as soon as its scope is further from its commitment than this, either way, over all teams."
    return _number("Percent of the commitment", "percent", "trigger.percent", ScheduleEditor.percent, told)


def _chance() -> rx.Component:
    told = "Once a sprint, as soon as the chance that it finishes all that is in its scope is below this."
    return _number("Chance in percent", "chance", "trigger.percent", ScheduleEditor.chance, told)


def _zone() -> rx.Component:
    return rx.fragment(
        field(
            "Time zone",
            "s-zone",
            "zone",
            entry(
                "s-zone",
                "zone",
                required=True,
                list="schedule-zones",
                spell_check=False,
                max_length=64,
                default_value=ScheduleEditor.zone,
                on_change=ScheduleEditor.see_zone.debounce(250),
            ),
        ),
        rx.el.datalist(
            *[rx.el.option(value=zone) for zone in sorted(available_timezones())], id="schedule-zones"
        ),
    )


def _ahead() -> rx.Component:
    return rx.el.section(
        rx.el.h3("The next runs"),
        rx.cond(
            ScheduleEditor.ahead_problem != "",
            rx.cond(
                # Beside its field it stands already.
                _told(),
                rx.el.p("They are shown once the fields above are right.", class_name="fine"),
                rx.el.p(ScheduleEditor.ahead_problem, class_name="wrong"),
            ),
            rx.fragment(
                rx.el.p("It runs " + ScheduleEditor.said + "."),
                rx.el.ul(rx.foreach(ScheduleEditor.ahead, rx.el.li), class_name="plain-list", id="ahead"),
                rx.el.p("As your clock shows them, in " + ScheduleEditor.shown_in + ".", class_name="fine"),
            ),
        ),
        class_name="stack tight",
        custom_attrs={"aria-live": "polite"},
    )


def _told() -> Any:
    """Whether a field about the clock says what is wrong with it."""
    wrong_ones = [
        ScheduleEditor.problems[name] for name in ("trigger.weekdays", "trigger.at", "trigger.cron", "zone")
    ]
    return reduce(or_, wrong_ones)
