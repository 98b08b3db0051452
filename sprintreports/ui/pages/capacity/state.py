"""The capacity of the teams in the sprint that the address names, and in those around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import disciplines
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.kit.paging import Page
from sprintreports.metrics.values import SprintState
from sprintreports.planning import by_hand, sprint_plan
from sprintreports.planning.capacity.overrides import RATES
from sprintreports.planning.sprint_plan import CapacityTable, Column, Line
from sprintreports.ui import dates, telling
from sprintreports.ui.components.figures import Chart
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.paged import asked_page
from sprintreports.ui.pages.capacity import rows
from sprintreports.ui.pages.capacity.rows import PATH, CapacityLine
from sprintreports.ui.planning import rights
from sprintreports.ui.session import acts, loads, refreshes, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_PER_PAGE = 25
_TWIN = ["Team", "Sprint", "When", "Person-days", "Capacity", "Planned", "Delivered", "Utilisation"]


@dataclass
class HeatColumn:
    """A sprint at the head of the heat map."""

    name: str = ""
    when: str = ""
    link: str = ""
    asked: bool = False


@dataclass
class HeatCell:
    """A team in a sprint: the share, what it is of, the tone and the tone in a word."""

    share: str = ""
    told: str = ""
    tone: str = ""
    word: str = ""


@dataclass
class HeatLine:
    name: str = ""
    cells: list[HeatCell] = field(default_factory=list)


class CapacityPage(PageState, rx.State):
    """Everything on the page, as text. `board`, `sprint`: what it was made for, for its panels."""

    name: str = ""
    subtitle: str = ""
    board: str = ""
    sprint: str = ""
    reading: str = ""
    nothing: str = ""
    search: str = ""
    lines: list[CapacityLine] = []
    pager: Pager = Pager()
    homeless: list[str] = []
    heat_columns: list[HeatColumn] = []
    heat: list[HeatLine] = []
    twin: Chart = Chart()
    copy_from: str = ""
    copy_name: str = ""
    blank_text: str = ""
    blank_link: str = ""
    blank_action: str = ""

    @rx.event
    @loads(Permission.CAPACITY_READ)
    async def load(self) -> None:
        await self._load()

    @rx.event
    @refreshes(Permission.CAPACITY_READ)
    async def refresh(self) -> None:
        """The numbers changed while the page was open."""
        await self._load()

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def find(self, words: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), search=words[:200], page=None), replace=True)

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def copy_rates(self) -> Any:
        """Shares, hours, focus and rates that were set by hand for the sprint before, where this one has none."""
        here = visit()
        before, after = identifier(self.copy_from), identifier(self.sprint)
        if before is None or after is None:
            raise Invalid("There is no sprint before this one with rates to copy.")
        copied = 0
        for team in await self._to_copy(before):
            copied += await by_hand.copy(
                here.session, here.viewer, team_id=team, from_sprint=before, to_sprint=after, now=here.now
            )
        await self._load()
        return telling.good(f"{counted(copied, 'figure')} copied; what this sprint had stays.")

    async def _load(self) -> None:
        found = await around(self)
        parameters = self._parameters()
        asked = parameters.get("sprint")
        sprint_id = identifier(asked) if asked else found.sprint_id
        if sprint_id is None:
            if asked:
                raise NotFound("There is no such sprint, or you may not see it. Pick another one above.")
            self._show_nothing(any_board=bool(found.boards))
            return
        board_id = identifier(parameters.get("board")) or (found.board and found.board.id)
        await self._show(sprint_id, board_id)

    async def _show(self, sprint_id: int, board_id: int | None) -> None:
        here = visit()
        parameters = self._parameters()
        table = await sprint_plan.table(
            here.session, here.viewer, sprint_id=sprint_id, board_id=board_id or None
        )
        at = next(place for place, one in enumerate(table.columns) if one.sprint_id == sprint_id)
        search = parameters.get("search", "")[:200]
        fitting = [
            one for one in table.lines if search.casefold().strip() in one.team.settings.name.casefold()
        ]
        last = max(1, -(-len(fitting) // _PER_PAGE))
        number = min(asked_page(parameters), last)
        page = Page(fitting[(number - 1) * _PER_PAGE : number * _PER_PAGE], len(fitting), number, _PER_PAGE)
        names = {row.id: row.name for row in await disciplines.listing(here.session, here.viewer)}
        column = table.columns[at]
        self._put(
            name=f"Capacity of {column.name}",
            subtitle=f"{column.name}, {dates.period(column.span.start, column.span.end, here.zone)}",
            board=str(table.board_id),
            sprint=str(sprint_id),
            reading=rows.reading([one.cells[at] for one in table.lines]),
            nothing=_nothing(any_at_all=bool(table.lines), found=bool(fitting)),
            search=search,
            lines=[rows.line(one, one.cells[at]) for one in page.items],
            pager=pager_of(page, path=PATH, parameters=parameters, name="page", noun="teams"),
            homeless=rows.homeless(table.homeless[at], names),
            **self._heat(table, page.items, at),
        )
        # The one just before it on its board, closed or still open: as `team_sums.Around.last`.
        last = table.columns[at - 1] if at else None
        await self._offer_rates(None if last is None else (last.sprint_id, last.name))
        self._settle(READY)

    def _heat(self, table: CapacityTable, lines: Sequence[Line], at: int) -> dict[str, Any]:
        whens = [_when(column, place, at) for place, column in enumerate(table.columns)]
        columns = [
            HeatColumn(
                column.name,
                when,
                address(PATH, {"board": table.board_id}, sprint=column.sprint_id),
                place == at,
            )
            for place, (column, when) in enumerate(zip(table.columns, whens, strict=True))
        ]
        heat = [
            HeatLine(
                line.team.settings.name,
                [
                    HeatCell(*rows.heat_cell(cell, column.state))
                    for cell, column in zip(line.cells, table.columns, strict=True)
                ],
            )
            for line in lines
        ]
        twin = [
            rows.twin_row(cell, column.name, when)
            for line in lines
            for cell, column, when in zip(line.cells, table.columns, whens, strict=True)
        ]
        return {"heat_columns": columns, "heat": heat, "twin": Chart(columns=_TWIN, rows=twin)}

    async def _offer_rates(self, before: tuple[int, str] | None) -> None:
        """Copying is offered where the sprint before has rates by hand of a team that the viewer may change."""
        offered = before if before is not None and await self._to_copy(before[0]) else None
        self._put(
            copy_from=str(offered[0]) if offered else "",
            copy_name=offered[1] if offered else "",
        )

    async def _to_copy(self, sprint_id: int) -> list[int]:
        here = visit()
        if not here.viewer.can(Permission.CAPACITY_WRITE):
            return []
        found = await by_hand.listing(here.session, here.viewer, sprint_ids=[sprint_id])
        teams = {row.team_id for row in found if row.override.measure in RATES}
        return [one for one in sorted(teams) if await rights.may_change_team(here.session, here.viewer, one)]

    def _show_nothing(self, *, any_board: bool) -> None:
        can_connect = visit().viewer.can(Permission.SETTINGS_WRITE)
        self.blank_link = self.blank_action = ""
        if any_board:
            self.blank_text = (
                "This board has no sprints. Pick another board above, or create a sprint in Jira."
            )
        elif can_connect:
            self.blank_text = "Connect a Jira, choose its boards and sync them."
            self.blank_link, self.blank_action = "/setup", "Connect Jira"
        else:
            self.blank_text = "Ask an admin to connect Jira, or to give you access to a board."
        self._settle(EMPTY)


def _when(column: Column, place: int, asked: int) -> str:
    if place == asked:
        return "This sprint"
    if column.state is SprintState.CLOSED:
        return "Past"
    return "Running" if column.state is SprintState.ACTIVE else "Coming"


def _nothing(*, any_at_all: bool, found: bool) -> str:
    if found:
        return ""
    if any_at_all:
        return "No team has a name like this."
    return "No team has members or work in this sprint. Make teams of Jira's values first, and say who is in them."
