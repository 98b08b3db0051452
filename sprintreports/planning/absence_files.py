"""Absences in a file: what it would change, for a team or for all whom somebody sees, and the change itself."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Invalid
from sprintreports.planning import absences, members, people, teams
from sprintreports.planning.absences import Imported, Source
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.ical import Window, read_ical
from sprintreports.planning.importing.matching import Unmatched, match
from sprintreports.planning.importing.reading import Found, LineProblem
from sprintreports.planning.importing.sheets import read_absences

_NOBODY: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read. since: days before it are not touched; until: the last day that was read, None: all were."""

    source: Source
    since: date
    until: date | None
    found: Found[ReadAbsence]


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose the absences of a file are, and those of whom nobody was found. names: of all who could be meant."""

    matched: list[tuple[int, ReadAbsence]]
    others: list[tuple[Unmatched, list[ReadAbsence]]]
    names: Mapping[int, str]


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


async def read(chunks: Sequence[bytes], *, source: Source, window: Window, zone: str) -> Read:
    """A file of the source's kind. Raises Invalid for what is none, or too large."""
    # Off the event loop: a file may take a good second, in which others would wait.
    return await asyncio.to_thread(_read, chunks, source, window, zone)


def _read(chunks: Sequence[bytes], source: Source, window: Window, zone: str) -> Read:
    if source is Source.ICAL:
        return Read(source, window.first, window.last, read_ical(chunks, window=window, zone=zone))
    return Read(source, window.first, None, read_absences(chunks))


async def whose(session: AsyncSession, viewer: Viewer, file: Read, *, team_id: int | None = None) -> Whose:
    """Whose the absences of a file are: among all whom the viewer sees, or among a team's members.

    Raises Forbidden, NotFound.
    """
    known = await people.known(session, viewer)
    if team_id is not None:
        await teams.one(session, viewer, team_id)
        there = {row.person.id for row in await members.listing(session, viewer, team_ids=[team_id])}
        known = [one for one in known if one.person in there]
    matched, others = await asyncio.to_thread(match, file.found.items, known)
    return Whose(matched, others, {one.person: one.name for one in known})


async def preview(
    session: AsyncSession, viewer: Viewer, file: Read, *, team_id: int | None = None
) -> Preview:
    """What the file would change, without storing anything. Raises Forbidden, NotFound."""
    found = await whose(session, viewer, file, team_id=team_id)
    lasting = [(whom, one) for whom, one in found.matched if one.last >= file.since]
    stored = await _stored(session, viewer, found.names, lasting)
    counted = Counter({one: len(items) for one, items in found.others})
    return Preview(
        source=file.source,
        away=tuple(
            Away(whom, found.names[whom], one, (whom, one.first, one.last, one.part) in stored)
            for whom, one in lasting
        ),
        unnamed=tuple(
            Unnamed(one.who, one.ambiguous, tuple((whom, found.names[whom]) for whom in one.people), count)
            for one, count in counted.items()
        ),
        problems=file.found.problems,
        left_out=file.found.left_out,
        past=len(found.matched) - len(lasting),
    )


async def take_in(
    session: AsyncSession,
    viewer: Viewer,
    file: Read,
    *,
    team_id: int | None = None,
    settled: Mapping[str, int] = _NOBODY,
) -> tuple[Imported, Whose]:
    """Store what the file says of those whom it names. settled: whom words mean by which nobody was found.

    Raises Forbidden, NotFound, Invalid.
    """
    if settled:
        found = await whose(session, viewer, file, team_id=team_id)
        if set(settled.values()) - set(found.names):
            raise Invalid("Choose members of this team for the names that are not known.")
        await people.learn(session, viewer, settled)
    found = await whose(session, viewer, file, team_id=team_id)
    done = await absences.take_in(
        session, viewer, found.matched, source=file.source, since=file.since, until=file.until
    )
    return done, found


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
