"""Absences from a calendar or CSV file: read in pieces from the browser, looked at, then taken in."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.planning import absence_files, teams
from sprintreports.planning.absence_files import Away, Preview, Read
from sprintreports.planning.absences import Source
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.importing.ical import Window
from sprintreports.planning.importing.reading import MOST_BYTES
from sprintreports.ui import telling
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.pages.team.month import TeamMonth
from sprintreports.ui.planning import figures, rights
from sprintreports.ui.planning.entering import word
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_AHEAD = timedelta(days=548)  # a calendar's repeating events are read for a year and a half
_SHOWN = 100
_PARTS = {DayPart.WHOLE: "", DayPart.MORNING: ", mornings", DayPart.AFTERNOON: ", afternoons"}


@dataclass
class AwayLine:
    """An absence of the file as text."""

    name: str = ""
    when: str = ""
    known: bool = False


@dataclass
class NameLine:
    """A name of the file by which nobody of the team was found. field: its name in the form."""

    field: str = ""
    who: str = ""
    why: str = ""
    maybe: str = ""


class AbsenceImport(PageState, rx.State):
    """The file is kept here between the look at it and its import, and is never sent back."""

    complaint: str = ""
    may: bool = False
    people: list[Option] = []
    looked: bool = False
    reading: str = ""
    lines: list[AwayLine] = []
    names: list[NameLine] = []
    problems: list[str] = []
    _pieces: list[bytes] = []
    _calendar: bool = False

    @rx.event
    @loads(Permission.CAPACITY_READ)
    async def load(self) -> None:
        here = visit()
        team = await teams.one(here.session, here.viewer, self._team())
        self._forget()
        self.complaint = ""
        self._put(may=await rights.may_change(here.session, here.viewer, team.disciplines))
        self._settle(READY)

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def take(self, name: str, piece: str, at: int, last: bool) -> None:
        """One piece of the file. The last one is followed by the look at the whole."""
        self.complaint = ""
        if at == 0:
            self._forget()
        pieces = [*self._pieces, piece.encode(errors="replace")]
        if at != len(pieces) - 1:
            self._forget()
            raise Invalid("A piece of the file is missing. Choose the file again.")
        if sum(map(len, pieces)) > MOST_BYTES:
            self._forget()
            raise Invalid("This file is larger than 5 MB. Export a shorter time or fewer people at once.")
        self._pieces = pieces
        self._calendar = name.lower().endswith((".ics", ".ical", ".ifb"))
        if last:
            await self._look()

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def leave(self) -> None:
        self.complaint = ""
        self._forget()

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def apply(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        if not self._pieces:
            raise Invalid("Choose a file first.")
        settled = {
            line.who: person
            for line in self.names
            if (person := identifier(word(form, line.field))) is not None
        }
        file = await self._file()
        done, found = await absence_files.take_in(
            here.session, here.viewer, file, team_id=self._team(), settled=settled
        )
        if not found.matched:
            raise Invalid("This file names no member of the team. Look at the names in it.")
        self._forget()
        await (await self.get_state(TeamMonth))._read()  # noqa: SLF001  # what begins without _ is a handler
        return telling.good(
            f"{counted(done.added, 'absence')} entered, {done.kept} there already, {done.replaced} replaced."
        )

    def _team(self) -> int:
        return identifier(self._parameters().get("team")) or 0

    def _forget(self) -> None:
        self._pieces = []
        self._put(looked=False, reading="", lines=[], names=[], problems=[], people=[])

    async def _file(self) -> Read:
        here = visit()
        team = await teams.one(here.session, here.viewer, self._team())
        today = here.now.astimezone(here.zone).date()
        window = Window(today.replace(day=1), today + _AHEAD)
        source = Source.ICAL if self._calendar else Source.CSV
        return await absence_files.read(self._pieces, source=source, window=window, zone=team.settings.zone)

    async def _look(self) -> None:
        here = visit()
        file = await self._file()
        seen = await absence_files.preview(here.session, here.viewer, file, team_id=self._team())
        month = await self.get_state(TeamMonth)
        self.people = list(month.people)
        self.reading = _reading(seen, self._calendar)
        self.lines = [_line(one) for one in seen.away[:_SHOWN]]
        self.names = [
            NameLine(
                field=f"name-{place}",
                who=one.who,
                why=f"{'More than one member is' if one.ambiguous else 'No member is'} called so; "
                f"{counted(one.count, 'absence')}.",
                maybe=str(one.maybe[0][0]) if len(one.maybe) == 1 else "",
            )
            for place, one in enumerate(seen.unnamed[:_SHOWN])
        ]
        self.problems = [f"Line {one.line}: {one.message}" for one in seen.problems]
        self.looked = True


def _reading(seen: Preview, calendar: bool) -> str:
    known = len(seen.away) - seen.fresh
    past = f", {seen.past} over and left alone" if seen.past else ""
    said = [f"{counted(seen.fresh, 'absence')} to enter, {known} there already{past}."]
    if seen.left_out:
        said.append(f"{counted(seen.left_out, 'event' if calendar else 'line')} cannot be read.")
    if len(seen.away) > _SHOWN:
        said.append(f"The first {_SHOWN} are listed.")
    return " ".join(said)


def _line(one: Away) -> AwayLine:
    read = one.absence
    return AwayLine(one.name, f"{_days(read.first, read.last)}{_PARTS[read.part]}", one.known)


def _days(first: date, last: date) -> str:
    text = figures.day(first)
    return text if first == last else f"{text} to {figures.day(last)}"
