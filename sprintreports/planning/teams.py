"""Teams: listed, made, changed, and the days that a whole team is off."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict, FieldProblem, Invalid, NotFound
from sprintreports.metrics.values import Unit
from sprintreports.planning import access
from sprintreports.planning.access import NO_TEAM, VISIBLE
from sprintreports.planning.capacity.calendars import DayOff, Region, TeamCalendar, check_calendar
from sprintreports.planning.capacity.days import DayPart

MOST_TEAMS = 2_000
MOST_DAYS_OFF = 500
LONGEST_NAME = 200
DEEPEST = 10
_SETTINGS = "name, parent_id, unit, zone, weekdays, country, subdivision, focus, hours_per_day"


class NameTaken(Conflict):
    """A team of this name exists already. Choose another name, or merge the two."""


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """What can be set of a team. focus: percent; weekdays: 0 is Monday; parent_id: the group that it belongs to."""

    name: str
    parent_id: int | None = None
    unit: Unit = Unit.POINTS
    zone: str = "UTC"
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    country: str | None = None
    subdivision: str | None = None
    focus: Decimal = Decimal(80)
    hours_per_day: Decimal = Decimal(8)

    @property
    def calendar(self) -> TeamCalendar:
        """Its calendar without days off."""
        region = None if self.country is None else Region(self.country, self.subdivision)
        return TeamCalendar(self.zone, frozenset(self.weekdays), region)


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team as it is stored. disciplines: Jira's values that it stands for; members: how many it has in all."""

    id: int
    settings: TeamSettings
    disciplines: tuple[int, ...]
    members: int
    version: int


_LISTING = text(f"""
SELECT t.id, t.version, ARRAY(SELECT a.discipline_id FROM team_alias a WHERE a.team_id = t.id ORDER BY 1),
       (SELECT count(*) FROM team_member m WHERE m.team_id = t.id), {_SETTINGS}
FROM team t WHERE {VISIBLE} AND (CAST(:id AS bigint) IS NULL OR t.id = :id) ORDER BY lower(t.name), t.id
""")
INSERT = text(f"""
INSERT INTO team ({_SETTINGS})
VALUES (:name, :parent_id, :unit, :zone, CAST(:weekdays AS smallint[]), :country, :subdivision, :focus, :hours_per_day)
ON CONFLICT (lower(name)) WHERE deleted_at IS NULL DO NOTHING RETURNING id
""")
_UPDATE = text("""
UPDATE team SET name = :name, parent_id = :parent_id, unit = :unit, zone = :zone, weekdays = CAST(:weekdays AS smallint[]),
    country = :country, subdivision = :subdivision, focus = :focus, hours_per_day = :hours_per_day
WHERE id = :id
""")
_TAKEN = text("""
SELECT EXISTS (SELECT FROM team WHERE lower(name) = lower(:name) AND deleted_at IS NULL AND id <> :id)
""")
_ABOVE = text("""
WITH RECURSIVE above (id, parent_id, depth) AS (
    SELECT id, parent_id, 1 FROM team WHERE id = :parent AND deleted_at IS NULL
    UNION ALL
    SELECT t.id, t.parent_id, depth + 1 FROM team t JOIN above ON t.id = above.parent_id WHERE depth <= :deepest
) SELECT id FROM above
""")
_DAYS_OFF = text("""
SELECT team_id, first, last, part, name FROM team_day_off
WHERE team_id = ANY(:ids) AND last >= :first AND first <= :last ORDER BY team_id, first, id
""")


async def listing(session: AsyncSession, viewer: Viewer) -> list[TeamRow]:
    """The teams that the viewer may see, by name. Raises Forbidden."""
    return await _read(session, viewer, None)


async def any_ever(session: AsyncSession) -> bool:
    """Whether there is a team, or was one."""
    return bool(await session.scalar(text("SELECT EXISTS (SELECT FROM team)")))


async def one(session: AsyncSession, viewer: Viewer, team_id: int) -> TeamRow:
    """Raises Forbidden, NotFound."""
    found = await _read(session, viewer, team_id)
    if not found:
        raise NotFound(NO_TEAM)
    return found[0]


async def create(session: AsyncSession, viewer: Viewer, settings: TeamSettings) -> TeamRow:
    """A team without members, which stands for no value of Jira yet. Raises Forbidden, Invalid, NameTaken."""
    await access.may_write(session, viewer, ())
    await check(session, viewer, settings, team_id=None)
    count = await session.scalar(text("SELECT count(*) FROM team WHERE deleted_at IS NULL"))
    if count >= MOST_TEAMS:
        raise Invalid(f"There are {MOST_TEAMS:,} teams already. Delete or merge some first.")
    team_id = await session.scalar(INSERT, values_of(settings))
    if team_id is None:
        raise NameTaken
    await audit.record(
        session, viewer, audit.Action.TEAM_CHANGED, subject=("team", team_id), after=told(settings)
    )
    return await one(session, viewer, team_id)


async def change(
    session: AsyncSession, viewer: Viewer, team_id: int, settings: TeamSettings, *, version: int | None
) -> TeamRow:
    """Raises Forbidden, NotFound, Overtaken, Invalid, NameTaken."""
    held = await access.hold(session, viewer, team_id, version=version)
    before = await one(session, viewer, team_id)
    if before.settings == settings:
        return before
    await check(session, viewer, settings, team_id=team_id)
    if await session.scalar(_TAKEN, {"name": settings.name, "id": team_id}):
        raise NameTaken
    try:
        async with session.begin_nested():
            await session.execute(_UPDATE, values_of(settings) | {"id": team_id})
    except IntegrityError as error:
        raise NameTaken from error  # somebody gave another team this name this instant
    await access.grown(session, held)
    await audit.record_change(
        session,
        viewer,
        audit.Action.TEAM_CHANGED,
        subject=("team", team_id),
        before=told(before.settings),
        after=told(settings),
    )
    return await one(session, viewer, team_id)


async def delete(session: AsyncSession, viewer: Viewer, team_id: int, *, version: int | None) -> None:
    """The team goes, with its members' shares; Jira's values that it stood for are free again.

    Raises Forbidden, NotFound, Overtaken.
    """
    held = await access.hold(session, viewer, team_id, version=version)
    for statement in (
        "DELETE FROM team_alias WHERE team_id = :id",
        "DELETE FROM team_member WHERE team_id = :id",
        "UPDATE team SET parent_id = NULL, version = version + 1 WHERE parent_id = :id",
        "UPDATE team SET deleted_at = now(), version = version + 1 WHERE id = :id",
    ):
        await session.execute(text(statement), {"id": team_id})
    before = {"disciplines": sorted(held.disciplines)}
    await audit.record(
        session,
        viewer,
        audit.Action.TEAM_CHANGED,
        subject=("team", team_id),
        before=before,
        after={"deleted": True},
    )


async def days_off(session: AsyncSession, viewer: Viewer, team_id: int, *, since: date) -> tuple[DayOff, ...]:
    """The days that the whole team is off from a day on. Raises Forbidden, NotFound."""
    await one(session, viewer, team_id)
    return (await days_off_of(session, [team_id], first=since, last=date.max)).get(team_id, ())


async def days_off_of(
    session: AsyncSession, team_ids: Sequence[int], *, first: date, last: date
) -> dict[int, tuple[DayOff, ...]]:
    """The same of several teams, which the caller has found for the viewer; those that touch these days."""
    found: dict[int, tuple[DayOff, ...]] = {}
    rows = await session.execute(_DAYS_OFF, {"ids": list(team_ids), "first": first, "last": last})
    for team_id, begins, ends, part, name in rows:
        found[team_id] = (*found.get(team_id, ()), DayOff(begins, ends, DayPart(part), name))
    return found


async def set_days_off(
    session: AsyncSession,
    viewer: Viewer,
    team_id: int,
    wanted: Sequence[DayOff],
    *,
    since: date,
    version: int | None,
) -> int:
    """Replace the days off that end on `since` or later; those before stay. The team's next version.

    Raises Forbidden, NotFound, Overtaken, Invalid.
    """
    held = await access.hold(session, viewer, team_id, version=version)
    _check_days_off(wanted, since)
    before = await days_off(session, viewer, team_id, since=since)
    if set(before) == set(wanted):
        return held.version
    await session.execute(
        text("DELETE FROM team_day_off WHERE team_id = :id AND last >= :since"),
        {"id": team_id, "since": since},
    )
    rows = [
        {"id": team_id, "first": off.first, "last": off.last, "part": off.part, "name": off.name}
        for off in dict.fromkeys(wanted)
    ]
    if rows:
        insert = "INSERT INTO team_day_off (team_id, first, last, part, name) VALUES (:id, :first, :last, :part, :name)"
        await session.execute(text(insert), rows)
    await audit.record(
        session,
        viewer,
        audit.Action.TEAM_CHANGED,
        subject=("team", team_id),
        before={"days_off": [_told_day(off) for off in before]},
        after={"days_off": [_told_day(off) for off in wanted]},
    )
    return await access.grown(session, held)


def _check_days_off(wanted: Sequence[DayOff], since: date) -> None:
    problem = ""
    if len(wanted) > MOST_DAYS_OFF:
        problem = f"At most {MOST_DAYS_OFF} days off. Use from and to for days in a row."
    elif any(off.last < off.first for off in wanted):
        problem = "A day off ends before it begins. Swap its two days."
    elif any(off.last < since for off in wanted):
        problem = f"Days off before {since} are past, and stay as they were. Leave them out."
    elif any(len(off.name) > 120 or "\0" in off.name for off in wanted):
        problem = "The name of a day off is text of at most 120 characters."
    if problem:
        raise Invalid(problem, details=(FieldProblem("days_off", problem),))


async def _read(session: AsyncSession, viewer: Viewer, team_id: int | None) -> list[TeamRow]:
    viewer.require(Permission.CAPACITY_READ)
    found = await session.execute(_LISTING, {"seen": await access.seen(session, viewer), "id": team_id})
    return [
        TeamRow(
            id=row[0], version=row[1], disciplines=tuple(row[2]), members=row[3], settings=_settings(row[4:])
        )
        for row in found
    ]


def _settings(row: Sequence[Any]) -> TeamSettings:
    name, parent_id, unit, zone, weekdays, *rest = row
    return TeamSettings(name, parent_id, Unit(unit), zone, tuple(sorted(weekdays)), *rest)


async def check(
    session: AsyncSession, viewer: Viewer, settings: TeamSettings, *, team_id: int | None
) -> None:
    """Raises Invalid, with all that is wrong with the settings. `team_id`: whose they are to be, None: a new team's."""
    problems: list[FieldProblem] = []
    if not settings.name.strip() or len(settings.name) > LONGEST_NAME or "\0" in settings.name:
        problems.append(FieldProblem("name", f"Give the team a name of 1 to {LONGEST_NAME} characters."))
    if not 0 <= settings.focus <= 100:
        problems.append(FieldProblem("focus", "The focus factor is 0 to 100 %."))
    if not 0 < settings.hours_per_day <= 24:
        problems.append(FieldProblem("hours_per_day", "A working day has more than 0 and at most 24 hours."))
    if settings.subdivision is not None and settings.country is None:
        problems.append(FieldProblem("country", "Name the country that this is a part of."))
    problems += await _parent_problems(session, viewer, settings.parent_id, team_id)
    try:
        check_calendar(settings.calendar)
    except Invalid as refused:
        problems += refused.details
    if problems:
        raise Invalid("The team cannot be saved like this. " + problems[0].message, details=tuple(problems))


async def _parent_problems(
    session: AsyncSession, viewer: Viewer, parent_id: int | None, team_id: int | None
) -> list[FieldProblem]:
    if parent_id is None:
        return []
    above = list(await session.scalars(_ABOVE, {"parent": parent_id, "deepest": DEEPEST}))
    unchanged = await session.scalar(
        text("SELECT parent_id = :parent FROM team WHERE id = :id"), {"parent": parent_id, "id": team_id}
    )  # somebody limited to the team need not see its group
    if not above or not (unchanged or await _read(session, viewer, parent_id)):
        return [FieldProblem("parent_id", "There is no such group. Choose a team from the list.")]
    if team_id in above:
        return [FieldProblem("parent_id", "A team cannot be within itself. Choose another group.")]
    if len(above) >= DEEPEST:
        return [FieldProblem("parent_id", f"Groups can be nested {DEEPEST} deep. Choose a group further up.")]
    return []


def values_of(settings: TeamSettings) -> dict[str, Any]:
    """The bind values of INSERT."""
    return asdict(settings) | {
        "name": settings.name.strip(),
        "unit": settings.unit.value,
        "weekdays": list(settings.weekdays),
    }


def told(settings: TeamSettings) -> dict[str, Any]:
    """The settings as the audit log has them."""
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in values_of(settings).items()
    }


def _told_day(off: DayOff) -> list[Any]:
    return [off.first.isoformat(), off.last.isoformat(), int(off.part), off.name]
