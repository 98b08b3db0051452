"""A document's sections on a page: figures as tiles, tables with the issues behind a row, charts with their table twins."""

from typing import Any

import plotly.graph_objects as go
import reflex as rx

from sprintreports.ui.components.basics import chip, notice, outside


def document(groups: Any) -> rx.Component:
    """All sections of `groups`, a list var of `Group`, after a list of them to jump to."""
    return rx.el.div(
        rx.cond(
            groups.length() > 2,
            rx.el.nav(
                rx.el.ul(
                    rx.foreach(groups, lambda one: rx.el.li(rx.el.a(one.title, href="#part-" + one.key))),
                    class_name="report-contents",
                ),
                custom_attrs={"aria-label": "Sections of the report"},
            ),
        ),
        rx.foreach(groups, _group),
        class_name="stack wide-gap report",
    )


def _group(group: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(group.title, id="part-" + group.key, tab_index=-1),
        rx.foreach(group.parts, _part),
        class_name="stack",
        custom_attrs={"aria-labelledby": "part-" + group.key},
        key=group.key,
    )


def _part(part: Any) -> rx.Component:
    return rx.el.div(
        rx.match(
            part.kind,
            ("paragraph", rx.el.div(rx.foreach(part.texts, lambda text: rx.el.p(text, class_name="prose")))),
            ("notice", _notice(part)),
            ("facts", _tiles(part)),
            ("chart", _chart(part)),
            _table_panel(part),
        ),
        key=part.key,
    )


def _notice(part: Any) -> rx.Component:
    words = rx.foreach(part.texts, rx.el.p)
    return rx.match(
        part.tone,
        ("bad", notice(words, tone="bad")),
        ("warn", notice(words, tone="warn")),
        ("good", notice(words, tone="good")),
        notice(words),
    )


def _tiles(part: Any) -> rx.Component:
    return rx.el.div(rx.foreach(part.figures, _tile), class_name="kpis", role="group",
                     custom_attrs={"aria-label": "Figures"})  # fmt: skip


def _tile(figure: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.span(figure.label), class_name="kpi-label"),
        rx.el.div(
            figure.value,
            rx.cond(figure.unit != "", rx.el.span(figure.unit, class_name="unit")),
            class_name="kpi-value " + figure.css,
        ),
        rx.cond(figure.change != "", rx.el.div(figure.change, class_name="kpi-note " + figure.tone)),
        rx.cond(figure.detail != "", rx.el.div(figure.detail, class_name="kpi-note")),
        class_name="kpi",
        role="group",
        custom_attrs={"aria-label": figure.label},
    )


def _chart(part: Any) -> rx.Component:
    group = "twin-" + part.key
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.cond(part.over != "", rx.el.h3(part.over)),
                rx.el.p(part.reading, class_name="reading"),
                class_name="grow",
            ),
            _twin(part, group),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.el.div(
                rx.color_mode_cond(_plot(part.light), _plot(part.dark)),
                class_name=rx.cond(part.tall, "chart-side chart tall", "chart-side chart"),
                role="img",
                custom_attrs={"aria-label": part.title + ". " + part.reading},
            ),
            rx.el.div(
                _table(part),
                class_name="table-side",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": part.title + ", as a table"},
            ),
            class_name="panel-body",
        ),
        class_name="panel chart-card",
    )


def _twin(part: Any, group: Any) -> rx.Component:
    def option(value: str, text: str, *, checked: bool) -> rx.Component:
        return rx.el.label(
            text,
            rx.el.input(
                type="radio", name=group, value=value, default_checked=checked, id=group + "-" + value
            ),
        )

    return rx.el.div(
        option("chart", "Chart", checked=True),
        option("table", "Table", checked=False),
        class_name="twin",
        role="radiogroup",
        custom_attrs={"aria-label": "Show " + part.title + " as"},
    )


def _plot(figure: Any) -> rx.Component:
    return rx.plotly.basic(
        data=figure.to(go.Figure),
        template=None,
        config={"displayModeBar": False, "responsive": True, "doubleClick": "reset"},
        use_resize_handler=True,
        width="100%",
        height="100%",
    )


def _table_panel(part: Any) -> rx.Component:
    return rx.el.section(
        rx.cond(
            (part.over != "") | (part.reading != ""),
            rx.el.header(
                rx.el.div(
                    rx.cond(part.over != "", rx.el.h3(part.over)),
                    rx.cond(part.reading != "", rx.el.p(part.reading, class_name="reading")),
                    class_name="grow",
                ),
                class_name="panel-head",
            ),
        ),
        rx.cond(
            part.rows.length() > 0,
            rx.el.div(
                _table(part), class_name="table-wrap", tab_index=0, role="region",
                custom_attrs={"aria-label": part.title},
            ),
            rx.el.p(part.nothing, class_name="panel-body quiet"),
        ),
        rx.cond(part.more != "", rx.el.p(part.more, class_name="panel-body fine")),
        class_name="panel",
    )  # fmt: skip


def _table(part: Any) -> rx.Component:
    return rx.el.table(
        rx.el.caption(part.title, class_name="hidden-text"),
        rx.el.thead(
            rx.el.tr(
                rx.foreach(part.heads, lambda head: rx.el.th(head.text, scope="col", class_name=head.css))
            )
        ),
        rx.el.tbody(rx.foreach(part.rows, lambda row, at: _rows(row, at, part))),
        class_name="report-table",
    )


def _rows(row: Any, at: Any, part: Any) -> rx.Component:
    return rx.fragment(
        rx.el.tr(
            rx.foreach(
                row.cells,
                lambda cell, place: rx.cond(
                    place == 0,
                    rx.el.th(_value(cell), scope="row", class_name=cell.css),
                    rx.el.td(_value(cell), class_name=cell.css),
                ),
            ),
            class_name="mark-" + row.css,
        ),
        rx.cond(
            row.behind != "",
            rx.el.tr(
                rx.el.td(rx.el.details(rx.el.summary(row.behind), _behind(row, part)), col_span=part.width),
                class_name="behind",
            ),
        ),
        key=at,
    )


def _behind(row: Any, part: Any) -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.foreach(
                    part.child_heads, lambda head: rx.el.th(head.text, scope="col", class_name=head.css)
                )
            )
        ),
        rx.el.tbody(
            rx.foreach(
                row.children,
                lambda line: rx.el.tr(
                    rx.foreach(line.cells, lambda cell: rx.el.td(_value(cell), class_name=cell.css))
                ),
            )
        ),
    )


def _value(cell: Any) -> rx.Component:
    return rx.cond(
        cell.url != "",
        outside(cell.text, href=cell.url),
        rx.cond(cell.lozenge, chip(cell.text, cell.tone), rx.el.span(cell.text)),
    )
