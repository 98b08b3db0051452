"""A template's parts, to be moved, ticked and written in. After each change the preview is made anew.

Fields and ticks are the visitor's own once they are there, so that none waits for the server; what is opened has new ones.
"""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import chip, notice
from sprintreports.ui.pages.report_template.preview import TemplatePreview
from sprintreports.ui.pages.report_template.state import ReportTemplate
from sprintreports.ui.planning.parts import complaint, field, text_input

_TITLE, _TEXT = 200, 20_000


class Arranging(rx.Component):
    """Keeps the focus on what is moved, and gives it to what is added; Alt with an arrow key presses the button that moves."""

    library = "$/public/arranging.jsx"
    tag = "Arranging"
    order: rx.Var[str]
    fresh: rx.Var[str]


def _then_again(event: Any) -> list[Any]:
    return [event, TemplatePreview.again]


def keeping() -> rx.Component:
    """What the template is called, who sees it, and the button that keeps it."""
    return rx.el.section(
        complaint(ReportTemplate.complaint),
        rx.cond(ReportTemplate.wrong != "", notice(ReportTemplate.wrong, tone="warn")),
        rx.el.form(
            field(
                "Name",
                "template-name",
                text_input("template-name", "name", ReportTemplate.name, required=True, max_length=120),
            ),
            field(
                "Note on this version",
                "template-note",
                text_input(
                    "template-note",
                    "note",
                    max_length=500,
                    key=ReportTemplate.template + "-" + ReportTemplate.based_on,
                ),
                "What is new in it, for those who look for it later.",
            ),
            rx.cond(ReportTemplate.may_share | ReportTemplate.shared, _shared()),
            rx.el.div(
                rx.el.button(
                    rx.cond(
                        ReportTemplate.template == "",
                        "Keep the template",
                        rx.cond(ReportTemplate.changed, "Keep as a new version", "Keep"),
                    ),
                    type="submit",
                    class_name="button primary",
                ),
                rx.cond(
                    ReportTemplate.template != "",
                    rx.el.button(
                        "Keep as a template of its own",
                        type="button",
                        class_name="button",
                        on_click=ReportTemplate.keep_apart,
                    ),
                ),
                class_name="row",
            ),
            on_submit=ReportTemplate.keep,
            class_name="stack tight",
        ),
        class_name="panel padded stack tight",
        custom_attrs={"aria-label": "Keep the template"},
    )


def _shared() -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name="shared",
            default_checked=ReportTemplate.shared,
            key=ReportTemplate.template + ReportTemplate.shared.to(str),
        ),
        rx.el.span(
            rx.el.strong("For all"),
            rx.el.span("Whoever reads reports can use it. Else it is yours alone.", class_name="fine"),
            class_name="words",
        ),
        class_name="choice flush",
    )


def parts() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Parts"),
            rx.el.p(
                "Move a part with its arrows, or with Alt and an arrow key from within it.",
                class_name="reading",
            ),
        ),
        rx.el.div(
            field(
                "Title of the report",
                "report-title",
                text_input(
                    "report-title",
                    "title",
                    ReportTemplate.title,
                    max_length=_TITLE,
                    placeholder="As usual",
                    key="title-" + ReportTemplate.opened,
                    on_blur=lambda value: _then_again(ReportTemplate.title_report(value)),
                ),
                "It may hold placeholders, such as {{ report.moment }}.",
            ),
            _problem(ReportTemplate.title_problem),
        ),
        _add("first", "Add text before all parts"),
        Arranging.create(
            rx.el.ol(
                rx.foreach(ReportTemplate.pieces, _piece), class_name="pieces", key=ReportTemplate.opened
            ),
            order=ReportTemplate.order,
            fresh=ReportTemplate.fresh,
        ),
        _add("last", "Add text after the last part"),
        rx.el.p(ReportTemplate.said, role="status", class_name="hidden-text"),
        class_name="stack",
        custom_attrs={"aria-label": "Parts of the template"},
    )


def _add(place: str, label: str) -> rx.Component:
    return rx.el.div(
        rx.el.button(label, type="button", class_name="button small", on_click=ReportTemplate.add_text(place))
    )


def _piece(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(one.own, rx.el.span(one.name, chip("Your words"), class_name="row grow"), _shown(one)),
            rx.cond(one.shown, rx.fragment(_move(one, "up", "arrow-up"), _move(one, "down", "arrow-down"))),
            rx.cond(one.own, _take_out(one)),
            class_name="row piece-head",
        ),
        rx.cond(one.shown, _inside(one)),
        key=one.id,
        class_name=rx.cond(one.shown, "piece", "piece left-out"),
        custom_attrs={"data-piece": one.id},
    )


def _shown(one: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            id=one.id + "-shown",
            default_checked=one.shown,
            on_change=lambda value: _then_again(ReportTemplate.show(one.id, value)),
        ),
        rx.el.span(one.name),
        class_name="row grow",
    )


def _move(one: Any, way: str, icon: str) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=16),
        type="button",
        id=one.id + "-" + way,
        class_name="icon-button",
        on_click=_then_again(ReportTemplate.move(one.id, way)),
        custom_attrs={"aria-label": "Move " + _called(one) + " " + way, "data-move": way},
    )


def _called(one: Any) -> Any:
    return rx.cond(one.title != "", one.title, one.name)


def _take_out(one: Any) -> rx.Component:
    return rx.el.button(
        rx.icon("x", size=16),
        type="button",
        class_name="icon-button",
        on_click=_then_again(ReportTemplate.take_out(one.id)),
        custom_attrs={"aria-label": "Take out " + _called(one)},
    )


def _inside(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="text",
            id=one.id + "-title",
            name=one.id + "-title",
            default_value=one.title,
            placeholder=rx.cond(one.own, "No title", "Title: " + one.name),
            max_length=_TITLE,
            on_blur=lambda value: _then_again(ReportTemplate.retitle(one.id, value)),
            custom_attrs={"aria-label": "Title of " + one.name},
        ),
        _problem(one.title_problem),
        rx.cond(one.own, _words(one)),
        _problem(one.problem),
        rx.cond(one.told != "", _contents(one)),
        class_name="stack tight",
    )


def _words(one: Any) -> rx.Component:
    return rx.fragment(
        rx.el.textarea(
            id=one.id + "-text",
            name=one.id + "-text",
            default_value=one.text,
            key=one.id + "-" + one.typed.to_string(),
            rows="4",
            max_length=_TEXT,
            on_blur=lambda value: _then_again(ReportTemplate.write(one.id, value)),
            custom_attrs={"aria-label": "Text of " + _called(one)},
        ),
        rx.el.select(
            rx.el.option("Insert a figure or a name", value=""),
            rx.el.optgroup(
                rx.foreach(ReportTemplate.subjects, lambda it: rx.el.option(it.label, value=it.value)),
                label="What the report is about",
            ),
            rx.el.optgroup(
                rx.foreach(ReportTemplate.figures, lambda it: rx.el.option(it.label, value=it.value)),
                label="Figures",
            ),
            id=one.id + "-insert",
            name=one.id + "-insert",
            value="",
            on_change=lambda value: _then_again(ReportTemplate.insert(one.id, value)),
            custom_attrs={"aria-label": "Insert into " + _called(one)},
        ),
    )


def _contents(one: Any) -> rx.Component:
    return rx.el.details(
        rx.el.summary(one.told, id=one.id + "-contents"),
        rx.cond(one.figures.length() > 0, _ticks(one, one.figures, "Figures")),
        rx.cond(one.others.length() > 0, _ticks(one, one.others, "Sentences, charts and tables")),
    )


def _ticks(one: Any, ticks: Any, legend: str) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(legend),
        rx.foreach(
            ticks,
            lambda it: rx.el.label(
                rx.el.input(
                    type="checkbox",
                    default_checked=it.shown,
                    id=one.id + "-" + it.key + "-tick",
                    on_change=lambda value: _then_again(ReportTemplate.tick(one.id, it.key, value)),
                ),
                rx.el.span(it.label),
                key=it.key,
            ),
        ),
        class_name="piece-ticks",
    )


def _problem(sentence: Any) -> rx.Component:
    return rx.cond(sentence != "", rx.el.p(sentence, role="alert", class_name="piece-problem"))
