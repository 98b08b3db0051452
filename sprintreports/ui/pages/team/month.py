"""A month of the team, member by member: absences and the team's days off, painted into the days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.kit.paging import Page
from sprintreports.planning import absences, team_month, teams
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.months import DayCell, DayKind, MonthRow
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.importing.reading import EARLIEST, LATEST
from sprintreports.planning.team_month import EVERYBODY
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page
from sprintreports.ui.planning import rights
from sprintreports.ui.planning.entering import needed_day, word
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

PARTS = ((DayPart.WHOLE, "Whole days"), (DayPart.MORNING, "Mornings"), (DayPart.AFTERNOON, "Afternoons"))
_PER_PAGE = 40
_KINDS = {
    DayKind.WORKING: "w", DayKind.NO_WEEKDAY: "n", DayKind.HOLIDAY: "h", DayKind.DAY_OFF: "o", DayKind.OUTSIDE: "x",
}  # fmt: skip
_NO_DAY = "This is no day of the month. Load the page again."


@dataclass
class GridDay:
    """A day at the head of the grid."""

    iso: str = ""
    number: str = ""
    weekday: str = ""
    today: bool = False


@dataclass
class GridRow:
    """The team's or a member's days. cells: what a day is and which halves are painted, as assets/month.jsx reads it."""

    id: str = ""
    name: str = ""
    may: bool = False
    cells: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class TeamMonth(PageState, rx.State):
    """The month that the address names, else this one, of the team that it names."""

    complaint: str = ""
    may: bool = False
    title: str = ""
    days: list[GridDay] = []
    lines: list[GridRow] = []
    people: list[Option] = []
    previous: str = ""
    next: str = ""
    pager: Pager = Pager()

    @rx.event
    @loads(Permission.CAPACITY_READ)
    async def load(self) -> None:
        self.complaint = ""
        await self._read()
        self._settle(READY)

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def paint(self, person: str, day: str, part: str, name: str) -> None:
        """One cell: away or off for this part of the day, 0: not at all."""
        here = visit()
        self.complaint = ""
        try:
            wanted, at = DayPart(int(part)) if part != "0" else None, date.fromisoformat(day)
        except ValueError:
            raise Invalid(_NO_DAY) from None
        team_id = self._team()
        if person == str(EVERYBODY):
            await team_month.paint_day_off(
                here.session, here.viewer, team_id, at, wanted, name=name.strip()[:120]
            )
        else:
            await absences.paint(here.session, here.viewer, identifier(person) or 0, at, wanted)
        await self._read()

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def be_away(self, form: dict[str, Any]) -> Any:
        """Somebody is away for more than a few days."""
        here = visit()
        self.complaint = ""
        part = word(form, "part")
        first = needed_day(word(form, "first"), "The first day")
        last = needed_day(word(form, "last") or word(form, "first"), "The last day")
        halves = DayPart(int(part)) if part in {str(one.value) for one in DayPart} else DayPart.WHOLE
        person = identifier(word(form, "person")) or 0
        await absences.add(here.session, here.viewer, Absence(person, first, last, halves))
        await self._read()
        return telling.good("The absence is entered.")

    def _team(self) -> int:
        return identifier(self._parameters().get("team")) or 0

    async def _read(self) -> None:
        here = visit()
        asked = self._parameters()
        team = await teams.one(here.session, here.viewer, self._team())
        today = here.now.astimezone(here.zone).date()
        year, number = _month(asked.get("month", ""), today)
        found = await team_month.month(here.session, here.viewer, team.id, year=year, number=number)
        may = await rights.may_change(here.session, here.viewer, team.disciplines)
        everybody, people = found[0], found[1:]
        at = min(asked_page(asked), max(1, -(-len(people) // _PER_PAGE)))
        page = Page(list(people[(at - 1) * _PER_PAGE : at * _PER_PAGE]), len(people), at, _PER_PAGE)
        theirs = [
            _row(row, may=may and await rights.may_change_person(here.session, here.viewer, row.person))
            for row in page.items
        ]
        self._put(
            may=may,
            title=f"{date(year, number, 1):%B %Y}",
            days=[_day(cell, today) for cell in everybody.cells],
            lines=[_row(everybody, may=may), *theirs],
            people=self._people(people, theirs) if may else [],
            previous=self._link(_step(year, number, -1)),
            next=self._link(_step(year, number, 1)),
            pager=pager_of(page, path="/team", parameters=asked, name="page", noun="members"),
        )

    def _people(self, everybody: Sequence[MonthRow], shown: Sequence[GridRow]) -> list[Option]:
        """Whose absences may be entered; who may not change every team is asked about those on the page alone."""
        if rights.writes_everywhere(visit().viewer):
            return [Option(str(row.person), row.name) for row in everybody]
        return [Option(row.id, row.name) for row in shown if row.may]

    def _link(self, month: date) -> str:
        if not EARLIEST <= month <= LATEST:
            return ""
        return address("/team", self._parameters(), tab="month", month=f"{month:%Y-%m}", page=None)


def _month(text: str, today: date) -> tuple[int, int]:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = today
    return (found if EARLIEST <= found <= LATEST else today).timetuple()[:2]


def _step(year: int, number: int, by: int) -> date:
    months = year * 12 + number - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _day(cell: DayCell, today: date) -> GridDay:
    return GridDay(cell.day.isoformat(), str(cell.day.day), f"{cell.day:%a}", cell.day == today)


def _row(row: MonthRow, *, may: bool) -> GridRow:
    whole_team = row.person == EVERYBODY
    return GridRow(
        id=str(row.person),
        name="The whole team" if whole_team else row.name,
        may=may,
        cells=[_code(cell, whole_team=whole_team) for cell in row.cells],
        notes=[cell.note for cell in row.cells],
    )


def _code(cell: DayCell, *, whole_team: bool) -> str:
    if not whole_team:
        return f"{_KINDS[cell.kind]}{cell.away}"
    off = DayPart.WHOLE & ~cell.free if cell.kind is DayKind.DAY_OFF else 0
    return f"{'w' if off else _KINDS[cell.kind]}{off}"
