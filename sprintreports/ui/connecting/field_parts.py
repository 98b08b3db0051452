"""The panel of fields: one row for each meaning, the exceptions, and what real issues say to it."""

from typing import Any

import reflex as rx

from sprintreports.jira.mapping import Slot
from sprintreports.ui.components.basics import failure, loading, notice, skeleton
from sprintreports.ui.connecting.field_lines import CLASSES, GUESS, NAMES, NONE
from sprintreports.ui.connecting.fields import FieldPicker
from sprintreports.ui.connecting.syncing import sync_panel

_FORM = "mapping-form"
_COLUMNS = ("Points", "Discipline team", "Stakeholder", "Sprints", "Timing")


def fields_panel(*, then: str = "", button: str = "Confirm the mapping") -> rx.Component:
    """`then`: where to go after confirming (`{site}`: the site's id); empty: stay, and watch what follows."""
    return rx.match(
        FieldPicker.status,
        ("ready", _ready(then, button)),
        ("failed", failure(FieldPicker.problem, FieldPicker.problem_id, retry=FieldPicker.load)),
        loading(skeleton(height="320px")),
    )


def _ready(then: str, button: str) -> rx.Component:
    return rx.el.div(
        rx.cond(
            FieldPicker.confirmed,
            rx.fragment(),
            notice(
                "These are guesses from your boards and fields. Look at each reason, then confirm.",
                tone="info",
            ),
        ),
        _fields(then),
        _exceptions(),
        _preview(),
        rx.cond(FieldPicker.complaint != "", notice(FieldPicker.complaint, tone="bad")),
        rx.el.p(FieldPicker.consequence, class_name="reading", role="status"),
        rx.el.div(
            rx.el.button(button, type="submit", form=_FORM, class_name="button primary"), class_name="row"
        ),
        rx.fragment()
        if then
        else rx.cond(
            FieldPicker.following, rx.el.section(rx.el.h3("What follows"), sync_panel(), class_name="stack")
        ),
        class_name="stack",
    )


def _fields(then: str) -> rx.Component:
    return rx.el.form(
        rx.el.div(rx.foreach(FieldPicker.lines, _slot), class_name="stack"),
        rx.cond(
            FieldPicker.found.length() > 0,
            rx.el.div(
                rx.el.h3("Projects whose boards estimate with another field"),
                rx.el.ul(rx.foreach(FieldPicker.found, rx.el.li), class_name="fine"),
            ),
        ),
        rx.el.input(type="hidden", name="then", value=then, read_only=True),
        on_submit=FieldPicker.confirm,
        id=_FORM,
        class_name="stack",
    )


def _slot(line: Any) -> rx.Component:
    identity = "slot-" + line.slot
    return rx.el.div(
        rx.el.div(
            rx.el.label(line.name, html_for=identity),
            rx.el.span(line.meaning, class_name="help"),
            rx.el.select(
                rx.foreach(line.options, _option),
                id=identity, name=line.slot, value=line.chosen,
                on_change=lambda value: FieldPicker.choose(line.slot, value),
            ),
            class_name="field",
        ),
        rx.el.div(
            rx.cond(
                (line.reason != "") & (line.chosen == line.reasoned),
                rx.el.p(rx.el.span("Why: ", class_name="quiet"), line.reason),
                rx.cond(line.chosen != line.reasoned, rx.el.p("Your choice, not kept yet.")),
            ),
            rx.cond(line.share != "", rx.el.p(line.share)),
            rx.cond(line.changed != "", rx.el.p(rx.el.strong(line.changed))),
            rx.cond(
                line.others.length() > 0,
                rx.el.details(
                    rx.el.summary("What other fields hold"), rx.el.ul(rx.foreach(line.others, rx.el.li))
                ),
            ),
            class_name="fine slot-why stack tight",
        ),
        rx.cond(line.slot == Slot.DISCIPLINE.value, _pattern()),
        rx.cond((line.slot == Slot.SCHEDULING.value) & (line.chosen != NONE), _meanings()),
        class_name="slot",
    )  # fmt: skip


def _pattern() -> rx.Component:
    return rx.el.div(
        rx.el.label("Only values that look like", html_for="discipline_pattern"),
        rx.el.span(
            "Such as team:* where * is the team's name: then not every label or component is a team. Empty takes all. "
            "Of several teams the first by name counts.",
            class_name="help",
        ),
        rx.el.input(
            type="text", id="discipline_pattern", name="discipline_pattern", default_value=FieldPicker.pattern,
            key=FieldPicker.pattern, on_blur=FieldPicker.name_like, max_length=100, placeholder="team:*", auto_complete="off",
        ),
        class_name="field narrow",
    )  # fmt: skip


def _meanings() -> rx.Component:
    """What the values of the scheduling field mean."""
    return rx.cond(
        FieldPicker.meanings.length() > 0,
        rx.el.fieldset(
            rx.el.legend("What its values mean"),
            rx.foreach(FieldPicker.meanings, _meaning),
            class_name="stack tight",
            id="scheduling-values",
        ),
    )


def _meaning(line: Any) -> rx.Component:
    identity = "means-" + line.place
    return rx.el.div(
        rx.el.label(line.value, html_for=identity),
        rx.el.span(line.seen, class_name="help"),
        rx.el.select(
            rx.el.option(line.guess, value=GUESS),
            *[rx.el.option(text, value=said.value) for said, text in CLASSES.items()],
            id=identity,
            value=line.chosen,
            on_change=lambda value: FieldPicker.mean(line.place, value),
        ),
        class_name="field narrow",
        key=line.place,
    )


def _exceptions() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Exceptions"),
        rx.el.p(
            "Where a project or an issue type uses another field. The most specific one holds: project and type, then "
            "project, then type. It is stronger than a board's own estimation field.",
            class_name="fine",
        ),
        rx.cond(
            FieldPicker.exceptions.length() > 0,
            rx.el.ul(rx.foreach(FieldPicker.exceptions, _exception), class_name="stack tight"),
            rx.el.p("There are none.", class_name="quiet"),
        ),
        _new_exception(),
        class_name="stack",
    )


def _exception(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.text, " ", rx.el.span(line.reach, class_name="quiet"), class_name="grow"),
        rx.el.button(
            "Remove", type="button", on_click=FieldPicker.remove(line.key), class_name="button small",
            custom_attrs={"aria-label": "Remove the exception: " + line.text},
        ),
        key=line.key,
        class_name="row",
    )  # fmt: skip


def _new_exception() -> rx.Component:
    slots = [
        rx.el.option(NAMES[slot][0], value=slot.value) for slot in (Slot.POINTS, Slot.DISCIPLINE, Slot.OWNER)
    ]
    return rx.el.form(
        rx.el.div(
            _field(
                "Meaning", "exception-slot",
                rx.el.select(
                    *slots, id="exception-slot", name="exception-slot", value=FieldPicker.new_slot, on_change=FieldPicker.offer
                ),
            ),
            _field("Project key", "exception-project", _suggested("exception-project", "any project")),
            _field("Issue type", "exception-type", _suggested("exception-type", "any type")),
            _field(
                "Field there", "exception-field",
                rx.el.select(rx.foreach(FieldPicker.new_fields, _option), id="exception-field", name="exception-field"),
            ),
            class_name="form-grid",
        ),
        rx.el.datalist(rx.foreach(FieldPicker.projects, _option), id="exception-projects"),
        rx.el.datalist(rx.foreach(FieldPicker.types, lambda name: rx.el.option(value=name)), id="exception-types"),
        rx.el.div(rx.el.button("Add the exception", type="submit", class_name="button"), class_name="row"),
        on_submit=FieldPicker.add,
        reset_on_submit=True,
        class_name="stack tight",
    )  # fmt: skip


def _suggested(name: str, placeholder: str) -> rx.Component:
    return rx.el.input(
        type="text",
        id=name,
        name=name,
        list=f"{name}s",
        placeholder=placeholder,
        max_length=255,
        auto_complete="off",
    )


def _field(label: str, name: str, control: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=name), control, class_name="field")


def _option(option: Any) -> rx.Component:
    return rx.el.option(option.label, value=option.value)


def _preview() -> rx.Component:
    return rx.el.section(
        rx.el.h3("On real issues"),
        rx.el.p(FieldPicker.basis, class_name="fine", role="status"),
        rx.cond(
            FieldPicker.tried.length() > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.caption("What this mapping reads from real issues", class_name="hidden-text"),
                    rx.el.thead(
                        rx.el.tr(*[rx.el.th(text, scope="col") for text in ("Issue", "Type", *_COLUMNS)])
                    ),
                    rx.el.tbody(rx.foreach(FieldPicker.tried, _tried)),
                    id="mapping-preview",
                ),
                class_name="table-wrap",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": "Real issues"},
            ),
        ),
        class_name="stack tight",
    )


def _tried(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.key, scope="row", class_name="k"),
        rx.el.td(line.type, class_name="k"),
        rx.cond(
            line.problem != "",
            rx.el.td(line.problem, col_span=len(_COLUMNS)),
            rx.foreach(line.cells, _cell),
        ),
        key=line.key,
    )


def _cell(cell: Any) -> rx.Component:
    return rx.el.td(
        rx.cond(
            cell.was != "",
            rx.fragment(rx.el.del_(cell.was, class_name="quiet"), " ", rx.el.ins(rx.el.strong(cell.text))),
            cell.text,
        )
    )
