"""When people are away: listed, typed, painted into a month, imported. Why somebody is away is never kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.planning import access, people
from sprintreports.planning.access import VISIBLE
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.reading import EARLIEST, LATEST, LONGEST

GONE = "This absence is gone already. Load the page again."
MOST_AT_ONCE = 20_000
_DAY = timedelta(days=1)


class Source(StrEnum):
    TYPED = "typed"
    ICAL = "ical"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence as it is stored."""

    id: int
    person_id: int
    first: date
    last: date
    part: DayPart
    source: Source
    uid: str | None

    @property
    def as_absence(self) -> Absence:
        return Absence(self.person_id, self.first, self.last, self.part)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: absences that are new, that were there already, and that the calendar has no more."""

    added: int
    kept: int
    replaced: int


_LISTING = text(f"""
SELECT a.id, a.person_id, a.first, a.last, a.part, a.source, a.uid FROM absence a
WHERE a.first <= :last AND a.last >= :first
  AND (CAST(:people AS bigint[]) IS NULL OR a.person_id = ANY(CAST(:people AS bigint[])))
  AND EXISTS (
    SELECT FROM team_member m JOIN team t ON t.id = m.team_id WHERE m.person_id = a.person_id AND {VISIBLE}
      AND (CAST(:teams AS bigint[]) IS NULL OR t.id = ANY(CAST(:teams AS bigint[]))))
ORDER BY a.first, a.last, a.id
""")
_INSERT = text("""
INSERT INTO absence (person_id, first, last, part, source, uid, created_by)
VALUES (:person, :first, :last, :part, :source, :uid, :by)
""")
_STORED = "id, person_id, first, last, part, source, uid"
_INSERT_ONE = text(f"{_INSERT.text} RETURNING {_STORED}")
_ONE = text(f"SELECT {_STORED} FROM absence WHERE id = :id")
_UPDATE = text(f"""
UPDATE absence SET first = :first, last = :last, part = :part, source = :source, uid = :uid WHERE id = :id RETURNING {_STORED}
""")
_DELETE = text("DELETE FROM absence WHERE id = ANY(:ids)")
_TOUCHING = text(
    "SELECT id, first, last, part, source, uid FROM absence WHERE person_id = :person AND first <= :day AND last >= :day FOR UPDATE"
)
_OF_UIDS = text(
    "SELECT id, person_id, first, last, part, source, uid FROM absence WHERE person_id = ANY(:people) AND last >= :since FOR UPDATE"
)
_HOLD = text("SELECT id FROM planning_person WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    first: date,
    last: date,
    team_ids: Collection[int] | None = None,
    person_ids: Collection[int] | None = None,
) -> list[AbsenceRow]:
    """Absences that touch these days, of members of teams that the viewer sees (None: of all). Raises Forbidden."""
    viewer.require(Permission.CAPACITY_READ)
    values = {
        "first": first,
        "last": last,
        "teams": None if team_ids is None else sorted(team_ids),
        "people": None if person_ids is None else sorted(person_ids),
        "seen": await access.seen(session, viewer),
    }
    return [_row(row) for row in await session.execute(_LISTING, values)]


async def one(session: AsyncSession, viewer: Viewer, absence_id: int) -> AbsenceRow:
    """Raises Forbidden, NotFound: gone, or of somebody whom the viewer does not see."""
    viewer.require(Permission.CAPACITY_READ)
    row = (await session.execute(_ONE, {"id": absence_id})).one_or_none()
    if row is None:
        raise NotFound(GONE)
    found = _row(row)
    if not await people.listing(session, viewer, ids=[found.person_id]):
        raise NotFound(GONE)
    return found


async def add(session: AsyncSession, viewer: Viewer, absence: Absence) -> AbsenceRow:
    """Somebody is away. Raises Forbidden, NotFound, Invalid."""
    await _hold(session, viewer, absence.person)
    _check(absence)
    added = _row((await session.execute(_INSERT_ONE, _values(viewer, absence))).one())
    await _tell(session, viewer, absence.person, added=[absence])
    return added


async def change(session: AsyncSession, viewer: Viewer, absence_id: int, wanted: Absence) -> AbsenceRow:
    """Other days, or another part of them, of the same person. What was imported is as typed from now on.

    Raises Forbidden, NotFound, Invalid.
    """
    await _hold(session, viewer, (await one(session, viewer, absence_id)).person_id)
    before = await one(session, viewer, absence_id)
    wanted = replace(wanted, person=before.person_id)
    _check(wanted)
    if before.as_absence == wanted:
        return before
    row = (await session.execute(_UPDATE, _values(viewer, wanted) | {"id": absence_id})).one()
    await _tell(session, viewer, before.person_id, added=[wanted], removed=[before.as_absence])
    return _row(row)


async def remove(session: AsyncSession, viewer: Viewer, absence_id: int) -> None:
    """Raises Forbidden, NotFound: gone already, or of somebody whom the viewer does not see."""
    person_id = await session.scalar(text("SELECT person_id FROM absence WHERE id = :id"), {"id": absence_id})
    if person_id is None:
        raise NotFound(GONE)
    await _hold(session, viewer, person_id)
    query = "DELETE FROM absence WHERE id = :id RETURNING id, person_id, first, last, part, source, uid"
    gone = (await session.execute(text(query), {"id": absence_id})).one_or_none()
    if gone is None:
        raise NotFound(GONE)
    await _tell(session, viewer, person_id, removed=[_row(gone).as_absence])


async def paint(
    session: AsyncSession, viewer: Viewer, person_id: int, day: date, part: DayPart | None
) -> None:
    """One cell of the month: away for this part of the day and no other; None: there all day.

    What reaches beyond the day stays beyond it. Painting the same twice changes nothing. Raises Forbidden, NotFound,
    Invalid.
    """
    await _hold(session, viewer, person_id)
    wanted = Absence(person_id, day, day, part or DayPart.WHOLE)
    _check(wanted)
    rows = (await session.execute(_TOUCHING, {"person": person_id, "day": day})).all()
    found = [
        AbsenceRow(row[0], person_id, row[1], row[2], DayPart(row[3]), Source(row[4]), row[5]) for row in rows
    ]
    taken = 0
    for row in found:
        taken |= row.part
    if taken == (part or 0):
        return
    await session.execute(_DELETE, {"ids": [row.id for row in found]})
    rest = [piece for row in found for piece in _around(row.as_absence, day)]
    for piece in [*rest, *([wanted] if part else [])]:
        await session.execute(_INSERT, _values(viewer, piece))
    removed = [] if part else [wanted]
    await _tell(session, viewer, person_id, added=[wanted] if part else [], removed=removed)


async def take_in(
    session: AsyncSession,
    viewer: Viewer,
    found: Sequence[tuple[int, ReadAbsence]],
    *,
    source: Source,
    since: date,
    until: date | None = None,
) -> Imported:
    """Store what a file tells of these people, from `since` on. until: the last day that was read; None: all of it was.

    An event that was imported before is as the file has it now; what is there already is not stored twice. What somebody
    typed stays, and so does what begins after `until`. Raises Forbidden, NotFound, Invalid.
    """
    if len(found) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE:,} absences at once. Import a shorter time.")
    wanted: defaultdict[int, dict[tuple[Any, ...], Absence]] = defaultdict(dict)
    for person_id, one in found:
        absence = Absence(person_id, one.first, one.last, one.part)
        _check(absence)
        if absence.last >= since:
            wanted[person_id][_key(absence, one.uid or None)] = absence
    for person_id in sorted(wanted):
        await _hold(session, viewer, person_id)
    stored = await session.execute(_OF_UIDS, {"people": sorted(wanted), "since": since})
    before: defaultdict[int, list[AbsenceRow]] = defaultdict(list)
    for row in map(_row, stored):
        if until is None or row.first <= until:
            before[row.person_id].append(row)
    done = Imported(0, 0, 0)
    for person_id, news in wanted.items():
        done = _sum(done, await _take_in(session, viewer, person_id, news, before[person_id], source))
    return done


async def _take_in(
    session: AsyncSession,
    viewer: Viewer,
    person_id: int,
    wanted: Mapping[tuple[Any, ...], Absence],
    before: Sequence[AbsenceRow],
    source: Source,
) -> Imported:
    uids = {key[0] for key in wanted if key[0] is not None}
    old = [row for row in before if row.uid in uids and _key(row.as_absence, row.uid) not in wanted]
    there = {_key(row.as_absence, row.uid) for row in before} | {
        _key(row.as_absence, None) for row in before if row.uid is None
    }
    fresh = [
        (key[0], absence)
        for key, absence in wanted.items()
        if key not in there and (None, *key[1:]) not in there
    ]
    await session.execute(_DELETE, {"ids": [row.id for row in old]})
    rows = [_values(viewer, absence, source=source, uid=uid) for uid, absence in fresh]
    if rows:
        await session.execute(_INSERT, rows)
    if rows or old:
        added, removed = [absence for _, absence in fresh], [row.as_absence for row in old]
        await _tell(session, viewer, person_id, added=added, removed=removed, source=source)
    return Imported(len(fresh), len(wanted) - len(fresh), len(old))


async def _hold(session: AsyncSession, viewer: Viewer, person_id: int) -> None:
    """Lock somebody whom the viewer sees, all of whose teams they may change."""
    viewer.require(Permission.CAPACITY_WRITE)
    await people.one(session, viewer, person_id)
    await access.may_write_person(session, viewer, person_id)
    await session.execute(_HOLD, {"ids": [person_id]})


def _check(absence: Absence) -> None:
    problem = ""
    if not EARLIEST <= absence.first <= LATEST or not EARLIEST <= absence.last <= LATEST:
        problem = f"Use days between {EARLIEST.year} and {LATEST.year}."
    elif absence.last < absence.first:
        problem = "The absence ends before it begins. Swap the two days."
    elif absence.last - absence.first > LONGEST:
        problem = "An absence lasts at most two years. Let the person leave the team instead."
    if problem:
        raise Invalid(problem, details=(FieldProblem("last_day", problem),))


def _around(absence: Absence, day: date) -> Iterable[Absence]:
    if absence.first < day:
        yield replace(absence, last=day - _DAY)
    if absence.last > day:
        yield replace(absence, first=day + _DAY)


def _values(
    viewer: Viewer, absence: Absence, *, source: Source = Source.TYPED, uid: str | None = None
) -> dict[str, Any]:
    return {
        "person": absence.person,
        "first": absence.first,
        "last": absence.last,
        "part": int(absence.part),
        "source": source.value,
        "uid": uid,
        "by": viewer.user_id,
    }


def _key(absence: Absence, uid: str | None) -> tuple[Any, ...]:
    return uid, absence.first, absence.last, absence.part


def _sum(one: Imported, other: Imported) -> Imported:
    return Imported(one.added + other.added, one.kept + other.kept, one.replaced + other.replaced)


# By their values: a table looks at thousands.
_PARTS = {part.value: part for part in DayPart}
_SOURCES = {source.value: source for source in Source}


def _row(row: Sequence[Any]) -> AbsenceRow:
    absence_id, person_id, first, last, part, source, uid = row
    return AbsenceRow(absence_id, person_id, first, last, _PARTS[part], _SOURCES[source], uid)


async def _tell(
    session: AsyncSession,
    viewer: Viewer,
    person_id: int,
    *,
    added: Sequence[Absence] = (),
    removed: Sequence[Absence] = (),
    source: Source = Source.TYPED,
) -> None:
    await audit.record(
        session,
        viewer,
        audit.Action.ABSENCE_CHANGED,
        subject=("planning person", person_id),
        before={"away": [_told(one) for one in removed[:50]]} if removed else None,
        after={"away": [_told(one) for one in added[:50]], "source": source.value, "count": len(added)},
    )


def _told(absence: Absence) -> list[Any]:
    return [absence.first.isoformat(), absence.last.isoformat(), int(absence.part)]
