"""All teams: a list to search, several changed at once, and the values of Jira that no team stands for yet."""

from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from sprintreports.planning.capacity.countries import countries
from sprintreports.ui.components.basics import by_status, link, loading, skeleton
from sprintreports.ui.components.tables import pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.teams.pasting import paste_button, paste_panel
from sprintreports.ui.pages.teams.state import NONE, Teams
from sprintreports.ui.planning import figures
from sprintreports.ui.planning.parts import (
    choice,
    complaint,
    field,
    from_list,
    heads,
    scrolling,
    side_panel,
    text_input,
)

_KEEP = "As it is"
_SEVERAL = "several"  # the form that the ticks of the list belong to


def page() -> rx.Component:
    return frame(
        page_head(
            "Teams",
            "Who works together, by which calendar, and for which of Jira's values.",
            rx.cond(Teams.may_change, paste_button()),
            rx.cond(
                Teams.may_create,
                rx.el.button(
                    rx.icon("plus", size=16),
                    "New team",
                    type="button",
                    class_name="button primary",
                    on_click=Teams.begin,
                ),
            ),
        ),
        by_status(Teams, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))),
        page="/teams",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(Teams.creating, rx.fragment(), complaint(Teams.complaint)),
        _list(),
        rx.cond(Teams.values.length() > 0, _values()),
        rx.cond(Teams.may_create, _new_team()),
        rx.cond(Teams.may_change, paste_panel()),
        class_name="stack",
    )


def _list() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(rx.el.h2("Teams"), rx.el.p(Teams.reading, class_name="reading"), class_name="grow"),
            rx.el.div(
                search_box("Search teams", value=Teams.search, on_search=Teams.find),
                rx.cond(
                    Teams.groups.length() > 0,
                    rx.el.select(
                        rx.el.option("All groups", value=""),
                        rx.foreach(Teams.groups, lambda one: rx.el.option(one.label, value=one.value)),
                        name="group",
                        value=Teams.group,
                        on_change=Teams.pick_group,
                        custom_attrs={"aria-label": "Group"},
                    ),
                ),
                class_name="filters row",
            ),
            class_name="panel-head",
        ),
        rx.cond(
            Teams.lines.length() > 0,
            scrolling(
                rx.el.table(
                    rx.el.caption("Teams", class_name="hidden-text"),
                    heads(
                        ("Team", ""),
                        ("Members", ""),
                        ("Plans in", ""),
                        ("Calendar", ""),
                        ("Values in Jira", ""),
                    ),
                    rx.el.tbody(rx.foreach(Teams.lines, _line)),
                ),
                label="Teams",
            ),
        ),
        rx.cond(Teams.nothing != "", rx.el.p(Teams.nothing, class_name="panel-body quiet")),
        pager(Teams.pager),
        rx.cond(Teams.may_change, _several()),
        class_name="panel",
        id="teams",
    )


def _line(line: Any) -> rx.Component:
    name = rx.el.span(
        link(line.name, to=line.link),
        rx.cond(line.path != "", rx.el.div(line.path, class_name="fine")),
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.div(
                rx.cond(
                    line.may,
                    rx.el.input(
                        type="checkbox",
                        name="team-" + line.id,
                        form=_SEVERAL,
                        custom_attrs={"aria-label": "Change " + line.name},
                    ),
                ),
                name,
                class_name="row in-tree",
                style={"paddingLeft": (line.depth * 18).to(str) + "px"},
            ),
            scope="row",
        ),
        rx.el.td(line.members),
        rx.el.td(line.unit),
        rx.el.td(line.calendar, class_name="quiet"),
        rx.el.td(line.stands_for, class_name="t quiet"),
        key=line.id,
    )


def _several() -> rx.Component:
    nations = [rx.el.option(f"{name} ({code})", value=code) for code, name in countries().items()]
    return rx.el.details(
        rx.el.summary("Change several teams at once"),
        rx.el.form(
            rx.el.div(
                field(
                    "Which teams",
                    "several-which",
                    rx.el.select(
                        rx.el.option("Those that are ticked", value="ticked"),
                        rx.el.option("All that the filters show: ", Teams.found, value="found"),
                        id="several-which",
                        name="which",
                    ),
                ),
                field(
                    "Group",
                    "several-parent",
                    rx.el.select(
                        rx.el.option(_KEEP, value=""),
                        rx.el.option("No group", value=NONE),
                        rx.foreach(Teams.choices, lambda one: rx.el.option(one.label, value=one.value)),
                        id="several-parent",
                        name="parent",
                    ),
                ),
                field("Plans in", "several-unit", choice("several-unit", "unit", [("", _KEEP), *figures.UNITS], "")),
                field(
                    "Time zone",
                    "several-zone",
                    rx.el.input(id="several-zone", name="zone", type="text", list="zones", placeholder=_KEEP, max_length=100),
                ),
                field(
                    "Public holidays of",
                    "several-country",
                    rx.el.select(
                        rx.el.option(_KEEP, value=""),
                        rx.el.option("No country", value=NONE),
                        *nations,
                        id="several-country",
                        name="country",
                    ),
                ),
                field("Focus factor in %", "several-focus", text_input("several-focus", "focus", placeholder=_KEEP, max_length=6)),
                field("Hours of a day", "several-hours", text_input("several-hours", "hours", placeholder=_KEEP, max_length=6)),
                class_name="form-grid",
            ),
            rx.el.div(rx.el.button("Change these teams", type="submit", class_name="button"), class_name="row"),
            id=_SEVERAL,
            on_submit=Teams.change_several,
            class_name="stack tight",
        ),
        rx.el.datalist(*[rx.el.option(value=zone) for zone in sorted(available_timezones())], id="zones"),
        class_name="panel-body",
    )  # fmt: skip


def _values() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Values of Jira without a team"),
                rx.el.p(Teams.values_reading, class_name="reading"),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.el.form(
            rx.el.div(
                rx.foreach(
                    Teams.values,
                    lambda one: rx.el.div(
                        rx.el.input(type="checkbox", id=one.field, name=one.field, default_checked=True),
                        rx.el.label(
                            one.name, " ", rx.el.span(one.site, class_name="fine"), html_for=one.field, class_name="grow"
                        ),
                        class_name="choice",
                        key=one.field,
                    ),
                ),
                class_name="ticks",
                role="group",
                custom_attrs={"aria-label": "Values of Jira's team field"},
            ),
            rx.el.div(
                field(
                    "Make of them",
                    "into",
                    from_list("into", "into", Teams.choices, "", none="A team each"),
                    "A team can stand for several values: old names, other spellings, other sites.",
                ),
                field(
                    "Groups",
                    "separator",
                    text_input("separator", "separator", placeholder="such as /", max_length=10),
                    "What stands between a group and its team, as in EMEA / QA. Empty: no groups.",
                ),
                class_name="form-grid",
            ),
            rx.el.div(
                rx.el.button("Make teams of these", type="submit", class_name="button primary"), class_name="row"
            ),
            on_submit=Teams.map_values,
            class_name="panel-body stack",
        ),
        class_name="panel",
        id="values",
    )  # fmt: skip


def _new_team() -> rx.Component:
    return side_panel(
        "New team",
        "Its members, calendar and values come on its own page.",
        rx.el.form(
            field("Name", "new-name", text_input("new-name", "name", required=True)),
            field("Group", "new-parent", from_list("new-parent", "parent", Teams.choices, "", none="No group")),
            complaint(Teams.complaint),
            rx.el.div(rx.el.button("Make the team", type="submit", class_name="button primary"), class_name="row"),
            on_submit=Teams.create,
            class_name="stack",
        ),
        is_open=Teams.creating,
        on_close=Teams.end,
    )  # fmt: skip
