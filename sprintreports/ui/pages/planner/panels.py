"""What stands beside the board, each in a tab of its own that loads itself: versions, progress, comparison, export."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.ui.components.basics import segments
from sprintreports.ui.links import address, identifier
from sprintreports.ui.pages.planner import comparing, exporting, progress, versions
from sprintreports.ui.pages.planner.comparing_state import ComparePanel
from sprintreports.ui.pages.planner.exporting import ExportPanel
from sprintreports.ui.pages.planner.progress import ProgressPanel
from sprintreports.ui.pages.planner.versions_state import VersionsPanel
from sprintreports.ui.planning.plans import PLANNER
from sprintreports.ui.session import loads
from sprintreports.ui.status import READY, PageState

BOARD = "board"
TABS = (
    (BOARD, "Board"),
    ("versions", "Versions"),
    ("progress", "Progress"),
    ("compare", "Compare"),
    ("export", "Export"),
)
_LOADS: dict[str, Any] = {
    "versions": VersionsPanel.load,
    "progress": ProgressPanel.load,
    "compare": ComparePanel.load,
    "export": ExportPanel.load,
}


class PlannerTabs(PageState, rx.State):
    """Which part of the planner the address names."""

    queue: str = ""
    tab: str = BOARD
    links: dict[str, str] = {name: PLANNER for name, _ in TABS}

    @rx.event
    @loads(Permission.QUEUES_READ)
    async def load(self) -> Any:
        parameters = self._parameters()
        queue = identifier(parameters.get("queue"))
        wanted = parameters.get("tab", BOARD)
        self._put(
            queue=str(queue or ""),
            tab=wanted if queue and wanted in _LOADS else BOARD,
            links={
                name: address(PLANNER, queue=queue, tab=None if name == BOARD else name) for name, _ in TABS
            },
        )
        self._settle(READY)
        return [_LOADS[self.tab]] if self.tab in _LOADS else None


def tabs() -> rx.Component:
    """The way from one part to the other."""
    return rx.cond(
        PlannerTabs.queue != "",
        segments(TABS, chosen=PlannerTabs.tab, links=PlannerTabs.links, label="Part of the planner"),
    )


def beside(board: rx.Component) -> rx.Component:
    """The board, or the panel that is asked for in its place."""
    return rx.match(
        PlannerTabs.tab,
        ("versions", versions.panel()),
        ("progress", progress.panel()),
        ("compare", comparing.panel()),
        ("export", exporting.panel()),
        board,
    )
