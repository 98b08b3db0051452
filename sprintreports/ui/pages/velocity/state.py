"""The velocity page's filters (they live in the address), its figures as text, its chart as dicts."""

from functools import lru_cache
from typing import Any

import reflex as rx

from sprintreports.charts import writing
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import boards, velocities
from sprintreports.metrics.values import Unit
from sprintreports.metrics.velocity import Velocity
from sprintreports.ui import charting
from sprintreports.ui.components.figures import Chart, Kpi, changed_tiles
from sprintreports.ui.definitions import NAMES
from sprintreports.ui.frame_state import around, tell
from sprintreports.ui.links import address, identifier, number
from sprintreports.ui.news import was
from sprintreports.ui.numbers import unit_named
from sprintreports.ui.pages.velocity import rows
from sprintreports.ui.pages.velocity.rows import SprintLine
from sprintreports.ui.session import acts, loads, refreshes, visit
from sprintreports.ui.status import EMPTY, READY, PageState

UNITS = (("points", "Points"), ("hours", "Hours"), ("count", "Issues"))
PATH = "/velocity"
FEWEST, USUAL, MOST = 3, 7, 26


class VelocityPage(PageState, rx.State):
    """Everything on the page, as text. Loaded again whenever the address changes."""

    name: str = ""
    subtitle: str = ""
    unit: str = "points"
    unit_links: dict[str, str] = {}
    last: str = str(USUAL)
    caution: str = ""
    kpis: dict[str, Kpi] = {}
    was: dict[str, str] = {}
    chart: Chart = Chart()
    lines: list[SprintLine] = []
    blank_title: str = ""
    blank_text: str = ""
    blank_link: str = ""
    blank_action: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        self._put(was={})
        await self._load()

    @rx.event
    @refreshes(Permission.SPRINTS_READ)
    async def refresh(self) -> None:
        """The numbers changed while the page was open."""
        before = self.get_value("kpis")
        await self._load()
        changes = changed_tiles(before, self.get_value("kpis"), NAMES)
        self._put(was=was(changes))
        await tell(self, changes)

    async def _load(self) -> None:
        here = visit()
        found = await around(self)
        parameters = self._parameters()
        board_id = identifier(parameters.get("board")) or (found.board and found.board.id)
        last = number(parameters.get("last"), default=USUAL, lowest=FEWEST, highest=MOST)
        links = {value: address(PATH, parameters, unit=value) for value, _ in UNITS}
        self._put(last=str(last), unit_links=links)
        if board_id is None:
            self._show_no_board()
            return
        board = found.board
        if board is None or board.id != board_id:  # the frame lists what is chosen for sync
            board = await boards.one(here.session, here.viewer, board_id)
        unit = unit_named(parameters.get("unit"), default=Unit(board.unit))
        velocity = await velocities.read(here.session, here.viewer, board_id=board_id, last=last, unit=unit)
        self._put(unit=unit.value)
        if not velocity.sprints:
            self._show_no_sprints(board.name)
            return
        self._put(
            name=f"Velocity of {board.name}",
            subtitle=f"What {board.name} completes in a sprint, and how reliably.",
            caution=rows.caution(velocity),
            kpis=rows.tiles(velocity, doubts=address("/quality", board=board_id)),
            chart=_drawn(velocity, here.zone.key, writing.style()),
            lines=rows.lines(velocity, board=str(board_id), zone=here.zone),
        )
        self._settle(READY)

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def pick_last(self, last: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), last=last))

    def _show_no_sprints(self, board: str) -> None:
        self.subtitle, self.blank_link = "", ""
        self.blank_title = f"{board} has closed no sprint yet"
        self.blank_text = (
            "Velocity is known once a sprint has been completed in Jira and synced. Three make a spread. "
            "A kanban board has no sprints, and so no velocity: pick a scrum board above."
        )
        self._settle(EMPTY)

    def _show_no_board(self) -> None:
        self.subtitle, self.blank_title = "", "No board to show yet"
        self.blank_link, self.blank_action = "", ""
        if visit().viewer.can(Permission.SETTINGS_WRITE):
            self.blank_text = "Connect a Jira, choose its boards and sync them."
            self.blank_link, self.blank_action = "/setup", "Connect Jira"
        else:
            self.blank_text = "Ask an admin to connect Jira, or to give you access to a board."
        self._settle(EMPTY)


@lru_cache(maxsize=256)
def _drawn(velocity: Velocity, zone: str, _style: writing.Style) -> Chart:
    """The same numbers are drawn once for all who look at them in the same style."""
    return charting.velocity(velocity, zone=zone)
