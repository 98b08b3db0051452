"""The form with the team's calendar, the values of Jira that it stands for, merging and deleting."""

from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from sprintreports.planning.capacity.countries import countries
from sprintreports.ui.components.basics import by_status, facts, loading, skeleton
from sprintreports.ui.pages.team.settings import TeamForm
from sprintreports.ui.planning import figures
from sprintreports.ui.planning.entering import WEEKDAYS
from sprintreports.ui.planning.parts import asked_first, choice, complaint, field, from_list, text_input


def settings_panel() -> rx.Component:
    return by_status(TeamForm, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px")))


def _ready() -> rx.Component:
    return rx.el.div(
        complaint(TeamForm.complaint),
        rx.cond(TeamForm.may, rx.fragment(_form(), _values(), _end()), _read_only()),
        class_name="stack",
    )


def _read_only() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            facts(
                ("Time zone", TeamForm.zone),
                ("Public holidays of", rx.cond(TeamForm.country != "", TeamForm.country, "no country")),
                ("Focus factor", rx.el.span(TeamForm.focus, " %")),
                ("Hours of a day", TeamForm.hours),
            ),
            class_name="panel-body",
        ),
        class_name="panel",
    )


def _form() -> rx.Component:
    nations = [("", "No country"), *((code, f"{name} ({code})") for code, name in countries().items())]
    return rx.el.section(
        rx.el.header(rx.el.h2("Calendar and rates"), class_name="panel-head"),
        rx.el.form(
            rx.el.div(
                field("Name", "team-name", text_input("team-name", "name", TeamForm.name, required=True)),
                field("Group", "team-parent", from_list("team-parent", "parent", TeamForm.parents, TeamForm.parent, none="No group")),
                field("Plans in", "team-unit", choice("team-unit", "unit", figures.UNITS, TeamForm.unit)),
                field("Time zone", "team-zone", text_input("team-zone", "zone", TeamForm.zone, required=True, list="zones", max_length=100),
                      "Half days are counted by its clock."),
                field(
                    "Public holidays of",
                    "team-country",
                    rx.el.select(
                        *[rx.el.option(text, value=code) for code, text in nations],
                        id="team-country",
                        name="country",
                        value=TeamForm.country,
                        on_change=TeamForm.pick_country,
                    ),
                ),
                rx.cond(
                    TeamForm.subdivisions.length() > 0,
                    field(
                        "Part of the country",
                        "team-subdivision",
                        rx.el.select(
                            rx.el.option("The whole country", value=""),
                            rx.foreach(TeamForm.subdivisions, lambda one: rx.el.option(one, value=one)),
                            id="team-subdivision",
                            name="subdivision",
                            default_value=TeamForm.subdivision,
                            key=TeamForm.country + TeamForm.subdivision,
                        ),
                    ),
                ),
                field("Focus factor in %", "team-focus", text_input("team-focus", "focus", TeamForm.focus, required=True, max_length=8),
                      "What part of the working hours goes into planned work."),
                field("Hours of a day", "team-hours", text_input("team-hours", "hours", TeamForm.hours, required=True, max_length=6)),
                class_name="form-grid",
            ),
            rx.el.fieldset(
                rx.el.legend("Working days", class_name="label"),
                *[
                    rx.el.label(
                        rx.el.input(type="checkbox", name=f"day-{number}", default_checked=TeamForm.weekdays[number]),
                        name,
                        class_name="row",
                    )
                    for number, name in enumerate(WEEKDAYS)
                ],
                class_name="days",
                key=TeamForm.version,
            ),
            rx.el.datalist(*[rx.el.option(value=zone) for zone in sorted(available_timezones())], id="zones"),
            rx.el.div(rx.el.button("Save the team", type="submit", class_name="button primary"), class_name="row"),
            on_submit=TeamForm.keep,
            class_name="panel-body stack",
        ),
        class_name="panel",
        id="calendar",
    )  # fmt: skip


def _values() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Values of Jira that it stands for"),
                rx.el.p(
                    "Issues with these values of the team field are this team's. Tick more where it was renamed or is "
                    "spelt differently; a value of another team is taken from that one.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.el.form(
            rx.cond(
                TeamForm.values.length() > 0,
                rx.el.div(rx.foreach(TeamForm.values, _value), class_name="ticks", role="group",
                          custom_attrs={"aria-label": "Values of Jira's team field"}),
                rx.el.p("Jira names no value of the team field yet. Choose the field on the page of the Jira site, then sync.", class_name="quiet"),
            ),
            rx.el.div(rx.el.button("Save the values", type="submit", class_name="button"), class_name="row"),
            on_submit=TeamForm.keep_values,
            key=TeamForm.version,
            class_name="panel-body stack",
        ),
        class_name="panel",
    )  # fmt: skip


def _value(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(type="checkbox", id=one.field, name=one.field, default_checked=one.chosen),
        rx.el.label(
            one.name, " ", rx.el.span(one.of, class_name="fine"), html_for=one.field, class_name="grow"
        ),
        class_name="choice",
        key=one.field,
    )


def _end() -> rx.Component:
    return rx.el.section(
        rx.el.header(rx.el.h2("Merge or delete"), class_name="panel-head"),
        rx.el.div(
            rx.cond(
                TeamForm.targets.length() > 0,
                rx.el.form(
                    rx.el.label("This team becomes a part of", html_for="merge-into"),
                    from_list("merge-into", "into", TeamForm.targets, "", none="Choose a team"),
                    rx.el.button("Merge", type="submit", class_name="button"),
                    on_submit=TeamForm.merge,
                    class_name="row merge",
                ),
            ),
            rx.el.p(
                "Merging takes members and values along; numbers of sprints are read with the merged team from then on.",
                class_name="fine",
            ),
            rx.el.div(
                asked_first(
                    "delete-team",
                    "Delete this team",
                    "Delete this team?",
                    "Its members' shares end, and its values of Jira are free for other teams. People and their absences stay.",
                    yes="Delete the team",
                    on_yes=TeamForm.delete,
                ),
                class_name="row",
            ),
            class_name="panel-body stack tight",
        ),
        class_name="panel",
    )
