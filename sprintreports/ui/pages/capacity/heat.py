"""Teams by sprints in colours: past ones by what they delivered of their plan, coming ones by how full they are."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import link
from sprintreports.ui.components.figures import data_table, twin_switch
from sprintreports.ui.pages.capacity.state import CapacityPage

_NAME = "Past and coming sprints"


def heat_map() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2(_NAME),
                rx.el.p(
                    "Past sprints: what was delivered of what was planned. Running and coming ones: how much of the "
                    "capacity is taken.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            twin_switch("heat", _NAME),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.table(
                    rx.el.caption(_NAME, class_name="hidden-text"),
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th("Team", scope="col"), rx.foreach(CapacityPage.heat_columns, _column)
                        )
                    ),
                    rx.el.tbody(rx.foreach(CapacityPage.heat, _line)),
                    class_name="heat",
                ),
                class_name="chart-side table-wrap",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": _NAME},
            ),
            rx.el.div(
                data_table(CapacityPage.twin, caption=_NAME),
                class_name="table-side",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": _NAME + ", as a table"},
            ),
            class_name="panel-body",
        ),
        class_name="panel chart-card",
        id="heat",
    )


def _column(column: Any) -> rx.Component:
    return rx.el.th(
        rx.cond(column.asked, column.name, link(column.name, to=column.link)),
        rx.el.div(column.when, class_name="fine"),
        scope="col",
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(rx.el.th(line.name, scope="row"), rx.foreach(line.cells, _cell))


def _cell(cell: Any) -> rx.Component:
    return rx.el.td(
        rx.el.strong(cell.share),
        rx.cond(cell.word != "", rx.el.span(" ", cell.word)),
        rx.el.div(cell.told),
        class_name="heat-cell " + cell.tone,
    )
