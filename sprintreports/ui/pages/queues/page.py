"""The ledger of a sprint's queues, and the form of a new one."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, notice, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.components.picker import board_and_sprint
from sprintreports.ui.components.tables import action_head
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.queues.form import new_queue, new_queue_button
from sprintreports.ui.pages.queues.state import Queues
from sprintreports.ui.planning.parts import asked_first, complaint, field, scrolling, side_panel, text_input

_HEADS = (
    ("Queue", ""), ("State", ""), ("Algorithm", ""), ("In", "n"), ("Below", "n"), ("Aside", "n"), ("Conflicts", ""),
    ("Fairness", "n"), ("Versions", ""), ("Begun by", ""), ("Last change", ""),
)  # fmt: skip


def page() -> rx.Component:
    return frame(
        by_status(
            Queues,
            ready=_ready(),
            blank=_blank(),
            waiting=loading(skeleton(height="40px", width="320px"), skeleton(height="260px")),
        ),
        page="/queues",
        picker=board_and_sprint(),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(Queues.name),
        page_head(
            Queues.name,
            Queues.subtitle,
            link("Capacity of the teams", to=Queues.capacity_link, class_name="button"),
            link("Report of the sprint", to=Queues.sprint_link, class_name="button"),
            rx.cond(Queues.may & ~Queues.closed, new_queue_button()),
        ),
        _sprints(),
        rx.cond(
            Queues.closed,
            notice(
                "This sprint is closed. Its queues stay to be looked at; new ones are made for sprints to come."
            ),
        ),
        rx.cond(Queues.teamless, _teamless()),
        rx.cond(Queues.renaming == "", complaint(Queues.complaint)),
        rx.cond(Queues.deleted != "", _deleted()),
        rx.cond(Queues.lines.length() > 0, _ledger(), _no_queue()),
        rx.el.p(
            link(
                rx.cond(Queues.archived, "Hide archived queues", "Show archived queues too"),
                to=Queues.archive_link,
            ),
            class_name="fine",
        ),
        rx.cond(Queues.may, rx.fragment(new_queue(), _renaming())),
        class_name="stack",
    )


def _sprints() -> rx.Component:
    """The sprints to plan, as views of their own."""
    return rx.cond(
        Queues.sprints.length() > 1,
        rx.el.nav(
            rx.foreach(
                Queues.sprints,
                lambda one: link(
                    one.name,
                    to=one.link,
                    custom_attrs={"aria-current": rx.cond(one.chosen, "true", "false")},
                ),
            ),
            class_name="seg",
            custom_attrs={"aria-label": "Sprints to plan"},
        ),
    )


def _teamless() -> rx.Component:
    return notice(
        rx.el.p(
            "There are no teams yet, so nobody's capacity is known and every issue would stay below the cut-line."
        ),
        rx.el.p(
            rx.cond(
                Queues.may_make_teams,
                link("Make teams of Jira's values first", to="/teams"),
                "Ask a manager to set up the teams.",
            )
        ),
        tone="warn",
    )


def _ledger() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(rx.el.h2("Queues"), rx.el.p(Queues.reading, class_name="reading"), class_name="grow"),
            class_name="panel-head",
        ),
        scrolling(
            rx.el.table(
                rx.el.caption("Queues of this sprint", class_name="hidden-text"),
                rx.el.thead(
                    rx.el.tr(
                        *[rx.el.th(text, scope="col", class_name=kind) for text, kind in _HEADS],
                        rx.cond(Queues.may, action_head()),
                    )
                ),
                rx.el.tbody(rx.foreach(Queues.lines, _line)),
                class_name="queues",
            ),
            label="Queues of this sprint",
        ),
        class_name="panel",
        id="queues",
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(line.name, to=line.link), scope="row"),
        rx.el.td(chip(line.state, line.tone)),
        rx.el.td(line.algorithm),
        rx.el.td(line.inside, class_name="n"),
        rx.el.td(line.below, class_name="n"),
        rx.el.td(line.aside, class_name="n"),
        rx.el.td(line.conflicts),
        rx.el.td(line.fairness, class_name="n"),
        rx.el.td(line.versions, rx.cond(line.ahead != "", rx.el.div(line.ahead, class_name="fine"))),
        rx.el.td(line.author),
        rx.el.td(line.changed, class_name="num"),
        rx.cond(
            Queues.may,
            rx.el.td(
                rx.el.div(
                    rx.el.button(
                        "Rename",
                        type="button",
                        class_name="button small",
                        on_click=Queues.begin_renaming(line.id),
                        custom_attrs={"aria-label": "Rename " + line.name},
                    ),
                    rx.cond(line.deletable, _delete(line)),
                    class_name="row tight",
                )
            ),
        ),
        key=line.id,
    )


def _delete(line: Any) -> rx.Component:
    return asked_first(
        "delete-" + line.id,
        "Delete",
        "Delete this queue?",
        rx.fragment(
            "“",
            line.name,
            "” goes from all lists, with its edits and versions. You can take that back right afterwards.",
        ),
        yes="Delete it",
        on_yes=Queues.delete(line.id),
        label="Delete " + line.name,
    )


def _deleted() -> rx.Component:
    return notice(
        rx.el.p("“", Queues.deleted_name, "” is deleted."),
        rx.el.button("Take it back", type="button", class_name="button small", on_click=Queues.restore),
    )


def _no_queue() -> rx.Component:
    return empty(
        "No queue for this sprint yet",
        rx.cond(
            Queues.may & ~Queues.closed,
            rx.fragment(
                rx.el.p(
                    "A queue puts the sprint's issues in order for each team, within what the team can do, and says why each "
                    "issue is in or out."
                ),
                new_queue_button("Make the first one"),
            ),
            rx.el.p("A manager of this board has not made one."),
        ),
        icon="list-ordered",
    )


def _renaming() -> rx.Component:
    return side_panel(
        "Rename the queue",
        "Its versions and links stay as they are.",
        complaint(Queues.complaint),
        rx.el.form(
            field(
                "Name",
                "rename-name",
                text_input("rename-name", "name", Queues.renaming_name, required=True, max_length=120),
            ),
            rx.el.div(rx.el.button("Rename", type="submit", class_name="button primary")),
            on_submit=Queues.rename,
            class_name="stack tight",
        ),
        is_open=Queues.renaming != "",
        on_close=Queues.end_renaming,
    )


def _blank() -> rx.Component:
    return empty(
        Queues.blank_title,
        rx.el.p(Queues.blank_text),
        _choices(),
        rx.cond(
            Queues.blank_link != "",
            link(Queues.blank_action, to=Queues.blank_link, class_name="button primary"),
        ),
        icon="list-ordered",
    )


def _choices() -> rx.Component:
    return rx.cond(
        Queues.sprints.length() > 0,
        rx.el.ul(
            rx.foreach(
                Queues.sprints,
                lambda one: rx.el.li(link(one.name, to=one.link)),
            ),
            class_name="stack tight",
        ),
    )
