"""One template: its parts beside a preview with real data, and its versions."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, link, loading, notice, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.components.tables import action_head, pager
from sprintreports.ui.layout import frame
from sprintreports.ui.pages.report_template.editing import keeping, parts
from sprintreports.ui.pages.report_template.preview import TemplatePreview
from sprintreports.ui.pages.report_template.state import ReportTemplate
from sprintreports.ui.planning.parts import asked_first, complaint, field, scrolling
from sprintreports.ui.reporting import parts as reporting
from sprintreports.ui.reporting.states import LIBRARY, TEMPLATES


def page() -> rx.Component:
    return frame(
        by_status(
            ReportTemplate,
            ready=_ready(),
            blank=rx.fragment(),
            waiting=loading(skeleton(height="60px", width="420px"), skeleton(height="390px")),
        ),
        page="/reports",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(_called()),
        _head(),
        _older(),
        rx.el.div(
            rx.el.div(
                rx.cond(
                    ReportTemplate.may_edit,
                    rx.fragment(keeping(), parts()),
                    rx.fragment(complaint(ReportTemplate.complaint), _parts_alone()),
                ),
                class_name="stack",
            ),
            _preview(),
            class_name="template-bench",
        ),
        rx.cond(ReportTemplate.history.length() > 0, _versions()),
        class_name="stack wide-gap",
    )


def _called() -> Any:
    return rx.cond(ReportTemplate.name != "", ReportTemplate.name, "New template")


def _head() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.div(
                rx.el.h1(_called()),
                chip(ReportTemplate.kind_name),
                rx.cond(
                    ReportTemplate.may_edit & (ReportTemplate.changed | (ReportTemplate.template == "")),
                    chip("Not kept yet", "warn"),
                ),
                class_name="row",
            ),
            rx.el.p(
                link("Reports", to=LIBRARY),
                " › ",
                link("Templates", to=TEMPLATES),
                rx.cond(ReportTemplate.version != "", rx.el.span(" › Version ", ReportTemplate.version)),
                class_name="sub",
            ),
            rx.cond(ReportTemplate.told != "", rx.el.p(ReportTemplate.told, class_name="sub")),
        ),
        rx.el.div(
            rx.cond(
                (ReportTemplate.copy_link != "") & ~ReportTemplate.may_edit,
                link("Copy to make your own", to=ReportTemplate.copy_link, class_name="button"),
            ),
            rx.cond(
                ReportTemplate.may_change,
                asked_first(
                    "delete-template",
                    "Delete",
                    "Delete this template?",
                    "It goes off the list for everybody. Reports that use it stay as they are.",
                    yes="Delete the template",
                    on_yes=ReportTemplate.delete,
                ),
            ),
            class_name="row",
        ),
        class_name="page-head",
    )


def _older() -> rx.Component:
    return rx.cond(
        ReportTemplate.older,
        notice(
            rx.el.p(
                "This is version ",
                ReportTemplate.version,
                ". The newest one is version ",
                ReportTemplate.based_on,
                ".",
            ),
            rx.cond(ReportTemplate.may_change, rx.el.div(_take_back(ReportTemplate.version))),
        ),
    )


def _take_back(number: Any) -> rx.Component:
    return rx.el.button(
        "Take version " + number + " back",
        type="button",
        class_name="button small",
        on_click=[ReportTemplate.take_back(number), TemplatePreview.again],
    )


def _parts_alone() -> rx.Component:
    """What the template says, for who cannot change it, or not here."""
    return rx.el.section(
        rx.el.h2("Parts"),
        rx.cond(
            ReportTemplate.title != "",
            rx.el.p("Title of the report: ", ReportTemplate.title, class_name="fine"),
        ),
        rx.el.ol(
            rx.foreach(ReportTemplate.pieces, lambda one: rx.cond(one.shown, _part_alone(one))),
            class_name="pieces",
        ),
        rx.cond(
            ReportTemplate.left_out != "",
            rx.el.p("Left out: ", ReportTemplate.left_out, ".", class_name="fine"),
        ),
        class_name="stack",
        custom_attrs={"aria-label": "Parts of the template"},
    )


def _part_alone(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                rx.cond(one.title != "", one.title, one.name),
                rx.cond((one.title != "") & ~one.own, rx.el.span(" (", one.name, ")", class_name="fine")),
                class_name="grow",
            ),
            rx.cond(one.own, chip("Text")),
            class_name="row piece-head",
        ),
        rx.cond(one.text != "", rx.el.p(one.text, class_name="piece-text")),
        rx.cond(one.told != "", rx.el.p(one.told, class_name="fine")),
        key=one.id,
        class_name="piece",
    )


def _preview() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Preview"),
            rx.el.p("Real data, laid out by what is on this page, kept or not.", class_name="reading"),
        ),
        rx.el.div(
            rx.cond(
                TemplatePreview.boards.length() > 0,
                field(
                    "Board",
                    "preview-board",
                    _select("preview-board", TemplatePreview.boards, TemplatePreview.board, TemplatePreview.pick_board),
                ),
            ),
            field("What is shown", "preview-subject", _subjects()),
            class_name="row top preview-of",
        ),
        complaint(TemplatePreview.complaint),
        rx.cond(
            ReportTemplate.wrong != "",
            notice("Text that cannot be used is left out here until it is put right.", tone="warn"),
        ),
        rx.cond(
            TemplatePreview.title != "",
            rx.el.div(
                rx.el.div(
                    rx.el.p(TemplatePreview.title, class_name="preview-title"),
                    rx.el.p(TemplatePreview.subtitle, class_name="sub"),
                ),
                reporting.document(TemplatePreview.groups),
                class_name="stack preview-sheet",
            ),
            rx.cond(
                TemplatePreview.subject == "",
                notice(
                    "There is nothing here to show it on yet: no sprint of this board, and no report of this kind. Choose another board."
                ),
            ),
        ),
        class_name="stack template-preview",
        id="preview",
        custom_attrs={"aria-label": "Preview"},
    )  # fmt: skip


def _select(identity: str, options: Any, value: Any, on_change: Any) -> rx.Component:
    return rx.el.select(
        rx.foreach(options, lambda one: rx.el.option(one.label, value=one.value)),
        id=identity,
        name=identity,
        value=value,
        on_change=on_change,
    )


def _subjects() -> rx.Component:
    def group(label: str, options: Any) -> rx.Component:
        return rx.cond(
            options.length() > 0,
            rx.el.optgroup(
                rx.foreach(options, lambda one: rx.el.option(one.label, value=one.value)), label=label
            ),
        )

    return rx.el.select(
        group("On this board", TemplatePreview.sprints),
        group("In the library", TemplatePreview.reports),
        id="preview-subject",
        name="preview-subject",
        value=TemplatePreview.subject,
        on_change=TemplatePreview.pick,
    )


def _versions() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Versions"),
                rx.el.p("A version never changes: reports that were given it stay as they are.", class_name="reading"),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        scrolling(
            rx.el.table(
                rx.el.caption("Versions of this template", class_name="hidden-text"),
                rx.el.thead(
                    rx.el.tr(
                        *[rx.el.th(text, scope="col") for text in ("Version", "What it holds", "Note", "By", "Kept")],
                        action_head(),
                    )
                ),
                rx.el.tbody(rx.foreach(ReportTemplate.history, _version)),
                class_name="library",
            ),
            label="Versions of this template",
        ),
        pager(ReportTemplate.pager),
        class_name="panel",
        id="versions",
    )  # fmt: skip


def _version(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            link("Version " + one.number, to=one.link, custom_attrs={"aria-current": rx.cond(one.looked, "true", "false")}),
            rx.cond(one.newest, rx.el.span(" ", chip("Newest"))),
            scope="row",
        ),
        rx.el.td(one.told, class_name="num"),
        rx.el.td(one.note, class_name="t"),
        rx.el.td(one.author),
        rx.el.td(one.kept, class_name="num"),
        rx.el.td(rx.cond(ReportTemplate.may_change & ~one.newest, _take_back(one.number))),
        key=one.number,
    )  # fmt: skip
