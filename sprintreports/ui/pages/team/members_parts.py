"""The members as a table that is edited in place, those who may join, and the paste from a spreadsheet."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, loading, notice, skeleton
from sprintreports.ui.pages.team.members import TeamMembers
from sprintreports.ui.planning.parts import (
    asked_first,
    complaint,
    field,
    heads,
    scrolling,
    side_panel,
    text_input,
)

_COLUMNS = (
    ("Member", ""), ("Share in %", ""), ("Hours of a day", ""), ("Part-time in %", ""), ("First day", ""), ("Last day", ""),
    ("Skills", ""), ("Holidays of", ""),
)  # fmt: skip

_ACTION = (rx.el.span("Action", class_name="hidden-text"), "")


def members_panel() -> rx.Component:
    return by_status(
        TeamMembers, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="260px"))
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(TeamMembers.pasting, rx.fragment(), complaint(TeamMembers.complaint)),
        rx.cond(TeamMembers.may, rx.el.form(_table(), on_submit=TeamMembers.keep), _table()),
        rx.cond(TeamMembers.may, rx.fragment(_joining(), _pasting())),
        class_name="stack",
    )


def _table() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Members"),
                rx.el.p(
                    "Share: what part of the person's time this team has. Without hours of their own a day has the "
                    "team's ",
                    TeamMembers.usual_hours,
                    ". Holidays: empty are the team's; DE-BE are those of Berlin.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            rx.cond(
                TeamMembers.may,
                rx.el.button(
                    rx.icon("clipboard-paste", size=16),
                    "Paste from a spreadsheet",
                    type="button",
                    class_name="button",
                    on_click=TeamMembers.begin_paste,
                ),
            ),
            class_name="panel-head",
        ),
        rx.cond(
            TeamMembers.lines.length() > 0,
            rx.fragment(
                scrolling(
                    rx.el.table(
                        rx.el.caption("Members", class_name="hidden-text"),
                        rx.cond(TeamMembers.may, heads(*_COLUMNS, _ACTION), heads(*_COLUMNS)),
                        rx.el.tbody(rx.foreach(TeamMembers.lines, _line)),
                        class_name="editable",
                    ),
                    label="Members",
                ),
                rx.cond(
                    TeamMembers.may,
                    rx.el.div(
                        rx.el.button("Save the members", type="submit", class_name="button primary"),
                        class_name="panel-body row",
                    ),
                ),
            ),
            rx.el.p("Nobody is in this team yet.", class_name="panel-body quiet"),
        ),
        class_name="panel",
        id="members",
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            line.name, rx.cond(line.also != "", rx.el.div("Also ", line.also, class_name="fine")), scope="row"
        ),
        _cell(line, "share", "Share", line.share, TeamMembers.may, width="84px"),
        _cell(line, "hours", "Hours of a day", line.hours, line.own, width="84px"),
        _cell(line, "part", "Part-time", line.part_time, line.own, width="84px"),
        _cell(line, "since", "First day", line.since, TeamMembers.may, kind="date", width="150px"),
        _cell(line, "until", "Last day", line.until, TeamMembers.may, kind="date", width="150px"),
        _cell(line, "skills", "Skills", line.skills, line.own, width="180px"),
        _cell(line, "region", "Holidays", line.region, line.own, width="92px"),
        rx.cond(
            TeamMembers.may,
            rx.el.td(
                asked_first(
                    "take-out-" + line.id,
                    rx.fragment("Take out ", rx.el.span(line.name, class_name="hidden-text")),
                    rx.fragment("Take ", line.name, " out of the team?"),
                    "Their share and their days in this team end, in past sprints too. To end them from a day on, "
                    "give the last day and save. The person, their absences and their other teams stay.",
                    yes="Take out of the team",
                    on_yes=TeamMembers.take_out(line.id),
                )
            ),
        ),
        key=line.id,
    )


def _cell(
    line: Any, name: str, label: str, value: Any, may: Any, *, kind: str = "text", width: str
) -> rx.Component:
    return rx.el.td(
        rx.cond(
            may,
            rx.el.input(
                type=kind,
                name=f"{name}-" + line.id,
                default_value=value,
                key=value,
                max_length=400,
                custom_attrs={"aria-label": f"{label} of " + line.name},
                style={"width": width},
            ),
            rx.cond(value != "", value, "—"),
        )
    )


def _joining() -> rx.Component:
    return rx.el.section(
        rx.el.header(rx.el.h2("Who joins"), class_name="panel-head"),
        rx.el.form(
            rx.cond(
                TeamMembers.suggested.length() > 0,
                _ticks("They have issues of this team, and are not in it", TeamMembers.suggested),
            ),
            rx.cond(TeamMembers.may_search, _search()),
            rx.el.div(
                field("Somebody who is not in Jira", "join-name", text_input("join-name", "name")),
                field("Their e-mail address", "join-email", text_input("join-email", "email", type="email", max_length=255)),
                class_name="form-grid",
            ),
            rx.el.div(rx.el.button("Add to the team", type="submit", class_name="button"), class_name="row"),
            on_submit=TeamMembers.add,
            key=TeamMembers.version,
            class_name="panel-body stack",
        ),
        class_name="panel",
    )  # fmt: skip


def _ticks(label: str, options: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(label, class_name="label"),
        rx.el.div(
            rx.foreach(
                options,
                lambda one: rx.el.label(
                    rx.el.input(type="checkbox", name=one.value), rx.el.span(one.label), class_name="choice", key=one.value
                ),
            ),
            class_name="ticks",
        ),
        class_name="plain stack tight",
    )  # fmt: skip


def _search() -> rx.Component:
    return rx.fragment(
        field(
            "Somebody else in Jira",
            "join-search",
            rx.el.input(
                id="join-search",
                name="search",
                type="search",
                placeholder="Find somebody by name",
                on_change=TeamMembers.find_people.debounce(350),
                max_length=200,
            ),
        ),
        rx.cond(TeamMembers.found.length() > 0, _ticks("Found in Jira", TeamMembers.found)),
        rx.cond(
            (TeamMembers.searched != "") & (TeamMembers.found.length() == 0),
            rx.el.p(
                "Nobody in Jira has a name like this, who is not in the team already.", class_name="quiet"
            ),
        ),
    )


def _pasting() -> rx.Component:
    return side_panel(
        "Paste members",
        "Copy lines in your spreadsheet: who, share, hours of a day, part-time, first day, last day, skills. "
        "With a line of titles they may be in any order.",
        rx.el.form(
            field(
                "Lines",
                "pasted",
                rx.el.textarea(id="pasted", name="pasted", rows="8", max_length=500_000, class_name="mono"),
            ),
            rx.el.div(
                rx.el.button("See what they would change", type="submit", class_name="button"),
                class_name="row",
            ),
            on_submit=TeamMembers.look_at_paste,
            class_name="stack tight",
        ),
        complaint(TeamMembers.complaint),
        rx.cond(TeamMembers.looked, _preview()),
        is_open=TeamMembers.pasting,
        on_close=TeamMembers.end_paste,
    )


def _preview() -> rx.Component:
    return rx.el.form(
        rx.el.p(TeamMembers.paste_reading, role="status"),
        rx.cond(
            TeamMembers.problems.length() > 0,
            notice(
                rx.el.p("These lines are left out:"),
                rx.el.ul(rx.foreach(TeamMembers.problems, rx.el.li), class_name="plain-list"),
                tone="warn",
            ),
        ),
        rx.cond(
            TeamMembers.paste_lines.length() > 0,
            scrolling(
                rx.el.table(
                    rx.el.caption("What the lines say", class_name="hidden-text"),
                    heads(("Who", ""), ("What the line says", "")),
                    rx.el.tbody(
                        rx.foreach(
                            TeamMembers.paste_lines,
                            lambda one: rx.el.tr(
                                rx.el.th(
                                    one.name, " ", rx.cond(one.fresh, chip("Joins", "info")), scope="row"
                                ),
                                rx.el.td(one.what, class_name="t"),
                            ),
                        )
                    ),
                ),
                label="What the lines say",
            ),
        ),
        rx.foreach(TeamMembers.strangers, _stranger),
        rx.el.div(
            rx.el.button("Take these lines in", type="submit", class_name="button primary"), class_name="row"
        ),
        on_submit=TeamMembers.apply_paste,
        class_name="stack tight",
    )


def _stranger(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(one.who, html_for=one.field),
        rx.el.select(
            rx.el.option("Leave this line out", value=""),
            rx.foreach(one.options, lambda known: rx.el.option("It is ", known.label, value=known.value)),
            rx.el.option("Somebody new, who is not in Jira", value="new"),
            id=one.field,
            name=one.field,
        ),
        rx.el.span(one.why, class_name="help"),
        class_name="field",
        key=one.field,
    )
