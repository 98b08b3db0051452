"""The versions of a queue, and what becomes of the queue itself."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, link, loading, notice, skeleton
from sprintreports.ui.components.tables import action_head
from sprintreports.ui.pages.planner.versions_look import looked
from sprintreports.ui.pages.planner.versions_state import VersionsPanel
from sprintreports.ui.planning.parts import asked_first, complaint, scrolling

_VERSION_HEADS = (
    ("Version", ""), ("Kept", ""), ("By", ""), ("Note", ""), ("Algorithm", ""), ("In", "n"), ("Below", "n"),
    ("Conflicts", ""), ("Fairness", "n"),
)  # fmt: skip


def panel() -> rx.Component:
    return by_status(
        VersionsPanel,
        ready=rx.el.div(
            complaint(VersionsPanel.complaint),
            rx.cond(VersionsPanel.looked != "", looked(), rx.fragment(_state(), _list())),
            class_name="stack",
        ),
        blank=rx.fragment(),
        waiting=loading(skeleton(height="120px"), skeleton(height="220px")),
    )


def _state() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.div(
                    rx.el.h2("What becomes of this queue"),
                    chip(VersionsPanel.state_label, VersionsPanel.state_tone),
                    class_name="row",
                ),
                rx.el.p(VersionsPanel.state_text, class_name="reading"),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.cond(VersionsPanel.ahead != "", notice(VersionsPanel.ahead, tone="warn")),
            rx.cond(VersionsPanel.may & VersionsPanel.editable, _to_keep()),
            rx.el.div(_activate(), _complete(), _archive(), class_name="row"),
            class_name="panel-body stack",
        ),
        class_name="panel",
        id="queue-state",
    )


def _to_keep() -> rx.Component:
    """A version is what somebody has seen, so it is kept where it is seen."""
    return rx.el.div(
        link("Keep a version", to=VersionsPanel.board_link + "#keeping", class_name="button"),
        rx.el.span("on the board, where you see what is kept.", class_name="fine"),
        class_name="row",
    )


def _activate() -> rx.Component:
    alone = _asked(
        "queue-activate",
        "Make it the plan of the sprint",
        "Make it the plan of the sprint?",
        "Everybody sees it as the plan, and progress is held against its last version. It can still be edited. A sprint has one "
        "plan at a time.",
        yes="Make it the plan",
        on_yes=VersionsPanel.become("active"),
    )
    instead = rx.el.div(
        rx.el.p(link(VersionsPanel.rival, to=VersionsPanel.rival_link), " is the plan of this sprint."),
        _asked(
            "queue-take-over",
            "Make this one the plan instead",
            "Make this one the plan instead?",
            rx.fragment(
                "“", VersionsPanel.rival, "” is completed: it stays as it is and cannot be edited any more."
            ),
            yes="Complete that one, and make this one the plan",
            on_yes=VersionsPanel.take_over,
        ),
        class_name="row",
    )
    return rx.cond(VersionsPanel.may_activate, rx.cond(VersionsPanel.rival != "", instead, alone))


def _complete() -> rx.Component:
    return rx.cond(
        VersionsPanel.may_complete,
        _asked(
            "queue-complete",
            "Complete it",
            "Complete this queue?",
            "It stays as it is and cannot be edited any more. The sprint has no plan then, until another queue becomes it.",
            yes="Complete it",
            on_yes=VersionsPanel.become("completed"),
        ),
    )


def _archive() -> rx.Component:
    return rx.cond(
        VersionsPanel.may_archive,
        asked_first(
            "queue-archive",
            "Archive it",
            "Archive this queue?",
            "It leaves the list and cannot be edited any more. Its versions are kept, and can be looked at from the list with "
            "archived queues.",
            yes="Archive it",
            on_yes=VersionsPanel.become("archived"),
        ),
    )


def _asked(identity: str, button: str, question: str, told: Any, *, yes: str, on_yes: Any) -> rx.Component:
    """A step with its consequences said first."""
    return rx.fragment(
        rx.el.button(button, type="button", class_name="button", custom_attrs={"popoverTarget": identity}),
        rx.el.div(
            rx.el.h3(question),
            rx.el.p(told),
            rx.el.p(
                rx.el.button(
                    yes,
                    type="button",
                    class_name="button primary",
                    on_click=on_yes,
                    custom_attrs={"popoverTarget": identity, "popoverTargetAction": "hide"},
                )
            ),
            id=identity,
            class_name="pop right",
            custom_attrs={"popover": "auto"},
        ),
    )


def _list() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Versions"),
                rx.el.p("What was kept, the last one first. A version never changes.", class_name="reading"),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.cond(
            VersionsPanel.lines.length() > 0,
            scrolling(
                rx.el.table(
                    rx.el.caption("Versions of this queue", class_name="hidden-text"),
                    rx.el.thead(
                        rx.el.tr(
                            *[rx.el.th(text, scope="col", class_name=kind) for text, kind in _VERSION_HEADS],
                            action_head(),
                        )
                    ),
                    rx.el.tbody(rx.foreach(VersionsPanel.lines, _version)),
                ),
                label="Versions of this queue",
            ),
            rx.el.p(
                "No version is kept yet. What is kept can be looked at later, compared, and become the plan of the sprint.",
                class_name="panel-body quiet",
            ),
        ),
        rx.cond(VersionsPanel.older != "", rx.el.p(VersionsPanel.older, class_name="panel-body fine")),
        class_name="panel",
        id="versions",
    )


def _version(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.name, scope="row"),
        rx.el.td(line.made, class_name="num"),
        rx.el.td(line.author),
        rx.el.td(line.note, class_name="t"),
        rx.el.td(line.algorithm, rx.cond(line.proof != "", rx.el.div(line.proof, class_name="fine"))),
        rx.el.td(line.inside, class_name="n"),
        rx.el.td(line.below, class_name="n"),
        rx.el.td(line.conflicts),
        rx.el.td(line.fairness, class_name="n"),
        rx.el.td(
            rx.el.button(
                "Look at it",
                type="button",
                class_name="button small",
                on_click=VersionsPanel.look(line.number),
                custom_attrs={"aria-label": "Look at " + line.name},
            )
        ),
        key=line.number,
    )
