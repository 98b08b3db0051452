"""The guideline of a sprint's burndown by the capacity of its teams, in place of the board's working days."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access
from sprintreports.metrics.burndown import Burndown
from sprintreports.planning import sprint_plan
from sprintreports.planning.capacity import guideline as lines
from sprintreports.planning.capacity.guideline import Part

_MOST_NAMED = 3


class GuidelineBasis(StrEnum):
    """What the guideline goes by: the working days of the board, as Jira's does, or what the teams can really do."""

    WORKING_DAYS = "working_days"
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class Guided:
    """A burndown with what its guideline goes by, in words too."""

    course: Burndown
    basis: GuidelineBasis
    note: str


async def by_capacity(
    session: AsyncSession,
    viewer: Viewer,
    course: Burndown,
    *,
    sprint_id: int,
    board_id: int | None = None,
) -> Guided:
    """The burndown with a guideline by the available person-days of each team, of those that the viewer sees.

    Where no team of the sprint has any it keeps the board's working days, and the note says why. Raises Forbidden, NotFound.
    """
    teams = await sprint_plan.commitments(session, viewer, sprint_id=sprint_id, board_id=board_id)
    if teams is None:
        return _kept(course, "the numbers of this sprint are still being computed")
    goal = course.planned_end or (course.end if course.closed else None)
    if course.start is None or goal is None:
        return _kept(course, "this sprint has no start or no planned end")
    calendar = (await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)).calendar
    # Off the event loop: it goes day by day for each member of each team.
    parts = await asyncio.to_thread(lines.parts_of, course.initial, teams, calendar, course.start, goal)
    if not parts:
        return _kept(course, "no team with available days has work in this sprint")
    line = lines.guideline(parts, course.start, goal)
    return Guided(replace(course, guideline=line), GuidelineBasis.CAPACITY, _note(parts))


def by_working_days(course: Burndown) -> Guided:
    """The burndown as it is."""
    return Guided(course, GuidelineBasis.WORKING_DAYS, "The guideline goes by the working days of the board.")


def _kept(course: Burndown, why: str) -> Guided:
    note = f"The guideline goes by the working days of the board, since {why}."
    return Guided(course, GuidelineBasis.WORKING_DAYS, note)


def _note(parts: Sequence[Part]) -> str:
    names = [part.team for part in parts if part.team]
    whose = f"{len(names)} teams" if len(names) > _MOST_NAMED else _and(names)
    note = f"The guideline goes by the available person-days of {whose}."
    if len(names) < len(parts):
        note += " Work of no team with available days goes by the working days of the board."
    return note


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
