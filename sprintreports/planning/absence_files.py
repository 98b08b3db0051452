"""Absences in a file: what it would change for a team, and the change itself."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Invalid
from sprintreports.planning import absences, members, people, teams
from sprintreports.planning.absences import Imported, Source
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.ical import Window, read_ical
from sprintreports.planning.importing.matching import match
from sprintreports.planning.importing.reading import Found, LineProblem
from sprintreports.planning.importing.sheets import read_absences


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read. since: days before it are not touched."""

    source: Source
    since: date
    found: Found[ReadAbsence]


@dataclass(frozen=True, slots=True)
class Away:
    """An absence of the file, and whose it is. known: it is stored already, just so."""

    person: int
    name: str
    absence: ReadAbsence
    known: bool


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Words by which nobody was found, or more than one, and how many absences that concerns."""

    who: str
    ambiguous: bool
    maybe: tuple[tuple[int, str], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file says of a team's members. past: absences that are over; left_out: how many entries cannot be read."""

    source: Source
    away: tuple[Away, ...]
    unnamed: tuple[Unnamed, ...]
    problems: tuple[LineProblem, ...]
    left_out: int
    past: int

    @property
    def fresh(self) -> int:
        return sum(not one.known for one in self.away)


def read(chunks: Iterable[bytes], *, calendar: bool, window: Window, zone: str) -> Read:
    """calendar: it is iCalendar, else CSV. Raises Invalid for what is neither, or too large."""
    found = read_ical(chunks, window=window, zone=zone) if calendar else read_absences(chunks)
    return Read(Source.ICAL if calendar else Source.CSV, window.first, found)


async def preview(session: AsyncSession, viewer: Viewer, team_id: int, file: Read) -> Preview:
    """What the file would change, without storing anything. Raises Forbidden, NotFound."""
    matched, others, names = await _matched(session, viewer, team_id, file)
    lasting = [(whom, one) for whom, one in matched if one.last >= file.since]
    stored = await _stored(session, viewer, names, lasting)
    return Preview(
        source=file.source,
        away=tuple(
            Away(whom, names[whom], one, (whom, one.first, one.last, one.part) in stored)
            for whom, one in lasting
        ),
        unnamed=others,
        problems=file.found.problems,
        left_out=file.found.left_out,
        past=len(matched) - len(lasting),
    )


async def take_in(
    session: AsyncSession, viewer: Viewer, team_id: int, file: Read, *, settled: Mapping[str, int]
) -> Imported:
    """Store what the file says of the team's members. settled: whom words mean by which nobody was found.

    Raises Forbidden, NotFound, Invalid.
    """
    await teams.one(session, viewer, team_id)
    rows = await members.listing(session, viewer, team_ids=[team_id])
    ids = {row.person.id for row in rows}
    if set(settled.values()) - ids:
        raise Invalid("Choose members of this team for the names that are not known.")
    await people.learn(session, viewer, settled)
    matched, _, _ = await _matched(session, viewer, team_id, file)
    if not matched:
        raise Invalid("This file names no member of the team. Look at the names in it.")
    return await absences.take_in(session, viewer, matched, source=file.source, since=file.since)


async def _matched(
    session: AsyncSession, viewer: Viewer, team_id: int, file: Read
) -> tuple[list[tuple[int, ReadAbsence]], tuple[Unnamed, ...], dict[int, str]]:
    await teams.one(session, viewer, team_id)
    rows = await members.listing(session, viewer, team_ids=[team_id])
    names = {row.person.id: row.person.name for row in rows}
    known = [one for one in await people.known(session, viewer) if one.person in names]
    matched, others = match(file.found.items, known)
    counted = Counter({one: len(items) for one, items in others})
    unnamed = tuple(
        Unnamed(one.who, one.ambiguous, tuple((whom, names[whom]) for whom in one.people), count)
        for one, count in counted.items()
    )
    return matched, unnamed, names


async def _stored(
    session: AsyncSession,
    viewer: Viewer,
    people_ids: Collection[int],
    wanted: Sequence[tuple[int, ReadAbsence]],
) -> set[tuple[int, date, date, int]]:
    if not wanted:
        return set()
    first, last = min(one.first for _, one in wanted), max(one.last for _, one in wanted)
    rows = await absences.listing(session, viewer, first=first, last=last, person_ids=people_ids)
    return {(row.person_id, row.first, row.last, row.part) for row in rows}
