"""Figures of a sprint that somebody set by hand for a team or a member: set, taken back, copied, and their history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import sprints
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.planning import access, members
from sprintreports.planning.access import VISIBLE, Overtaken
from sprintreports.planning.capacity.overrides import Measure, Override, check_override, copied


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """A figure that was set, by whom and when; ended: by whom and when it was taken back or replaced."""

    id: int
    team_id: int
    sprint_id: int
    override: Override
    created_by: int
    created_at: datetime
    ended_by: int | None
    ended_at: datetime | None


_COLUMNS = "o.id, o.team_id, o.sprint_id, o.measure, o.value, o.person_id, o.reason, o.created_by, o.created_at, o.ended_by, o.ended_at"
_LISTING = text(f"""
SELECT {_COLUMNS} FROM capacity_override o JOIN team t ON t.id = o.team_id
WHERE {VISIBLE} AND o.sprint_id = ANY(:sprints) AND (CAST(:teams AS bigint[]) IS NULL OR t.id = ANY(CAST(:teams AS bigint[])))
  AND (:ended OR o.ended_at IS NULL) ORDER BY o.team_id, o.created_at, o.id
""")
_PLACE = "team_id = :team AND sprint_id = :sprint AND measure = :measure AND person_id IS NOT DISTINCT FROM CAST(:person AS bigint)"
_CURRENT = text(
    f"SELECT id, value, reason FROM capacity_override WHERE {_PLACE} AND ended_at IS NULL FOR UPDATE"
)
_END = text("UPDATE capacity_override SET ended_at = :now, ended_by = :by WHERE id = :id")
_INSERT = text("""
INSERT INTO capacity_override (team_id, sprint_id, person_id, measure, value, reason, created_by, created_at)
VALUES (:team, :sprint, :person, :measure, :value, :reason, :by, :now)
""")


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_ids: Collection[int],
    team_ids: Collection[int] | None = None,
    history: bool = False,
) -> list[OverrideRow]:
    """What is set by hand in these sprints; history: with what was before. Raises Forbidden."""
    viewer.require(Permission.CAPACITY_READ)
    values = {
        "sprints": sorted(sprint_ids),
        "teams": None if team_ids is None else sorted(team_ids),
        "seen": await access.seen(session, viewer),
        "ended": history,
    }
    return [_row(row) for row in await session.execute(_LISTING, values)]


async def put(
    session: AsyncSession,
    viewer: Viewer,
    *,
    team_id: int,
    sprint_id: int,
    override: Override,
    replaces: int | None,
    now: datetime,
) -> None:
    """Set a figure. `replaces`: the id of the one that was shown, None where none was.

    Raises Forbidden, NotFound, Invalid, Overtaken when another one holds by now.
    """
    await access.hold(session, viewer, team_id)
    await sprints.one(session, viewer, sprint_id)
    check_override(override)
    if override.person is not None:
        found = {row.person.id for row in await members.listing(session, viewer, team_ids=[team_id])}
        if override.person not in found:
            problem = FieldProblem("person_id", "This person is not in the team. Choose a member.")
            raise Invalid(problem.message, details=(problem,))
    await _put(session, viewer, team_id, sprint_id, override, replaces=replaces, now=now)


async def take_back(
    session: AsyncSession, viewer: Viewer, *, team_id: int, sprint_id: int, override_id: int, now: datetime
) -> None:
    """What is computed holds again. Raises Forbidden, NotFound, Overtaken when it was replaced or taken back already."""
    await access.hold(session, viewer, team_id)
    rows = await listing(session, viewer, sprint_ids=[sprint_id], team_ids=[team_id])
    found = next((row for row in rows if row.id == override_id), None)
    if found is None:
        raise Overtaken
    await session.execute(_END, {"id": override_id, "by": viewer.user_id, "now": now})
    await _tell(session, viewer, team_id, sprint_id, before=found.override, after=None)


async def copy(
    session: AsyncSession, viewer: Viewer, *, team_id: int, from_sprint: int, to_sprint: int, now: datetime
) -> int:
    """Copy a sprint's rates to another one, where it has none of its own; never days. How many were copied.

    Raises Forbidden, NotFound, Invalid.
    """
    if from_sprint == to_sprint:
        raise Invalid("Choose another sprint to copy from.")
    await access.hold(session, viewer, team_id)
    await sprints.one(session, viewer, from_sprint)
    await sprints.one(session, viewer, to_sprint)
    rows = await listing(session, viewer, sprint_ids=[from_sprint, to_sprint], team_ids=[team_id])
    still = [row.person.id for row in await members.listing(session, viewer, team_ids=[team_id])]
    there = {(row.override.person, row.override.measure) for row in rows if row.sprint_id == to_sprint}
    rates = copied([row.override for row in rows if row.sprint_id == from_sprint], people=still)
    fresh = [one for one in rates if (one.person, one.measure) not in there]
    for one in fresh:
        await _put(session, viewer, team_id, to_sprint, one, replaces=None, now=now)
    return len(fresh)


async def for_plans(
    session: AsyncSession, viewer: Viewer, *, sprint_ids: Collection[int]
) -> dict[tuple[int, int], tuple[Override, ...]]:
    """What is set by hand, by team and sprint. Raises Forbidden."""
    found: dict[tuple[int, int], tuple[Override, ...]] = {}
    for row in await listing(session, viewer, sprint_ids=sprint_ids):
        place = row.team_id, row.sprint_id
        found[place] = (*found.get(place, ()), row.override)
    return found


async def _put(
    session: AsyncSession,
    viewer: Viewer,
    team_id: int,
    sprint_id: int,
    override: Override,
    *,
    replaces: int | None,
    now: datetime,
) -> None:
    value = Decimal(override.value.numerator) / Decimal(override.value.denominator)
    place = {
        "team": team_id,
        "sprint": sprint_id,
        "measure": override.measure.value,
        "person": override.person,
    }
    current = (await session.execute(_CURRENT, place)).one_or_none()
    if (None if current is None else current[0]) != replaces:
        raise Overtaken
    before = None
    if current is not None:
        before = replace(override, value=Fraction(current[1]), reason=current[2])
        if before == override:
            return
        await session.execute(_END, {"id": current[0], "by": viewer.user_id, "now": now})
    row = place | {"value": value, "reason": override.reason.strip(), "by": viewer.user_id, "now": now}
    await session.execute(_INSERT, row)
    await _tell(session, viewer, team_id, sprint_id, before=before, after=override)


async def _tell(
    session: AsyncSession,
    viewer: Viewer,
    team_id: int,
    sprint_id: int,
    *,
    before: Override | None,
    after: Override | None,
) -> None:
    await audit.record(
        session,
        viewer,
        audit.Action.CAPACITY_CHANGED,
        subject=("team", team_id),
        before=None if before is None else _told(before, sprint_id),
        after={"sprint": sprint_id, "value": None} if after is None else _told(after, sprint_id),
    )


def _told(override: Override, sprint_id: int) -> dict[str, Any]:
    return {
        "sprint": sprint_id,
        "measure": override.measure.value,
        "person": override.person,
        "value": f"{float(override.value):g}",
        "reason": override.reason,
    }


def _row(row: Sequence[Any]) -> OverrideRow:
    override_id, team_id, sprint_id, measure, value, person, reason, *stamps = row
    override = Override(Measure(measure), Fraction(value), person, reason)
    return OverrideRow(override_id, team_id, sprint_id, override, *stamps)
