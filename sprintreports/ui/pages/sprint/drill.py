"""The issues behind a bar or row of the breakdown, in a panel at the right."""

from typing import Any

import reflex as rx

from sprintreports.charts.breakdown import MOST_BARS
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import sprint_issues
from sprintreports.kit.errors import NotFound
from sprintreports.metrics.sprint_report import Dimension
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.ui.components.basics import chip, outside
from sprintreports.ui.components.live import drawer
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import UNIT_NAMES, counted
from sprintreports.ui.pages.sprint import rows
from sprintreports.ui.pages.sprint.rows import IssueLine
from sprintreports.ui.pages.sprint.state import Sprint
from sprintreports.ui.session import acts, visit

_MOST = 100


class Drill(rx.State):
    """What the panel shows. Closed and empty until a bar or row is chosen."""

    is_open: bool = False
    title: str = ""
    reading: str = ""
    issues: list[IssueLine] = []

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def show(self, row: int) -> None:
        """Look into a row of the breakdown's table."""
        page = await self.get_state(Sprint)
        if not 0 <= row < len(page.breakdown.parts):
            raise NotFound("This part is not on the page any more. Load the page again.")
        await self._show(page, page.breakdown.rows[row][0], page.breakdown.parts[row])

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def show_bar(self, points: list[dict[str, Any]]) -> None:
        """Look into a bar. The last of many bars stands for all others: the table has each of them."""
        bar = points[0].get("pointNumber") if points else None
        page = await self.get_state(Sprint)
        parts = page.breakdown.parts
        if (
            not isinstance(bar, int)
            or not 0 <= bar < len(parts)
            or (bar == MOST_BARS - 1 and len(parts) > MOST_BARS)
        ):
            return
        await self._show(page, page.breakdown.rows[bar][0], parts[bar])

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def close(self) -> None:
        self.is_open = False
        self.issues = []

    async def _show(self, page: Sprint, name: str, label: str) -> None:
        here = visit()
        frame = await self.get_state(Frame)
        sprint_id = identifier(page._parameters().get("sprint")) or identifier(frame.sprint)  # noqa: SLF001  # as the page itself reads them
        board_id = identifier(page._parameters().get("board")) or identifier(frame.board)  # noqa: SLF001  # the same
        if sprint_id is None:
            raise NotFound("Pick a sprint above first.")
        dimension, unit = Dimension(page.dimension), Unit(page.unit)
        found = await sprint_issues.page(
            here.session,
            here.viewer,
            sprint_id=sprint_id,
            board_id=board_id,
            part=(dimension, label),
            sort="bucket",
            per_page=_MOST,
        )
        planned = page.state_label == rows.STATES[SprintState.FUTURE][0]
        self.title = f"{dimension.value.capitalize()}: {name}"
        self.reading = f"{counted(found.total, 'issue')}. Estimates in {UNIT_NAMES[unit]}."
        if found.total > _MOST:
            self.reading += f" The first {_MOST} are listed."
        self.issues = [rows.issue_line(row, unit, planned=planned) for row in found.items]
        self.is_open = True


def panel() -> rx.Component:
    return drawer(
        rx.el.div(
            rx.el.header(
                rx.el.div(rx.el.h2(Drill.title), rx.el.p(Drill.reading, class_name="reading")),
                rx.el.button(
                    rx.icon("x", size=18),
                    type="button",
                    class_name="icon-button",
                    on_click=Drill.close,
                    custom_attrs={"aria-label": "Close"},
                ),
                class_name="drawer-head",
            ),
            rx.el.div(
                rx.el.table(
                    rx.el.caption(Drill.title, class_name="hidden-text"),
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th("Issue", scope="col"),
                            rx.el.th("Status", scope="col"),
                            rx.el.th("Final", scope="col", class_name="n"),
                            rx.el.th("Outcome", scope="col"),
                        )
                    ),
                    rx.el.tbody(rx.foreach(Drill.issues, _issue)),
                ),
                class_name="table-wrap",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": Drill.title},
            ),
            class_name="drawer-body",
        ),
        open=Drill.is_open,
        label=Drill.title,
        on_close=Drill.close,
    )


def _issue(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            outside(row.key, href=row.url, class_name="key"),
            rx.el.div(row.summary, class_name="fine"),
            class_name="t",
        ),
        rx.el.td(row.status),
        rx.el.td(row.final, class_name="n"),
        rx.el.td(chip(row.outcome, row.tone)),
    )
