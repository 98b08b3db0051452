"""Baselines taken by rule: which are due, and each taken once, as of its own moment however late somebody gets to it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import turning_points
from sprintreports.jira.reads.turning_points import Course
from sprintreports.kit.errors import SprintReportsError
from sprintreports.metrics.calendar import local_day, midnight
from sprintreports.planning.queues import past
from sprintreports.planning.queues.past import Activation
from sprintreports.reports.baselines import keeping, rules
from sprintreports.reports.baselines.rules import RuleInForce
from sprintreports.reports.baselines.tables import EVERYWHERE, Reason

CATCH_UP = timedelta(days=90)  # what was missed for longer is not caught up


@dataclass(frozen=True, slots=True)
class Due:
    """A baseline that a rule asks for. day: that of the moment in the board's zone; with the first three it names the taking."""

    board_id: int
    sprint_id: int
    reason: Reason
    day: date
    moment: datetime

    @property
    def key(self) -> tuple[int, int, str, date]:
        return self.board_id, self.sprint_id, self.reason.value, self.day


_TAKEN = text("""
SELECT board_id, sprint_id, reason, day FROM baseline_taking WHERE sprint_id = ANY(CAST(:sprints AS bigint[]))
""")
_TAKE = text("""
INSERT INTO baseline_taking (board_id, sprint_id, reason, day, created_at) VALUES (:board, :sprint, :reason, :day, :now)
ON CONFLICT DO NOTHING RETURNING 1
""")
_NOTE = text("""
UPDATE baseline_taking SET baseline_id = :baseline, problem = :problem
WHERE (board_id, sprint_id, reason, day) = (:board, :sprint, :reason, :day)
""")


async def due(session: AsyncSession, *, now: datetime) -> list[Due]:
    """What the rules ask for and nobody has taken, the earliest moment first; four queries for any number of sprints.

    A moment is due once Jira's changes up to it are here, so that nothing that belongs to it is missed.
    """
    known = await rules.stored(session)
    if not any(one.rule.takes for one in known.values()):
        return []
    since = now - CATCH_UP
    courses = await turning_points.courses(session, since=since)
    planned = await past.activations(session, since=since, now=now)
    found = [one for one in moments(courses, planned, known, now=now) if one.moment > since]
    sprints = sorted({one.sprint_id for one in found})
    taken = {tuple(row) for row in await session.execute(_TAKEN, {"sprints": sprints})}
    return sorted((one for one in found if one.key not in taken), key=lambda one: (one.moment, one.key))


async def take(session: AsyncSession, one: Due, *, now: datetime) -> bool:
    """Take it as of its moment, unless somebody has; whether this did. What cannot be taken is noted with its reason, and not
    tried again."""
    values = {"board": one.board_id, "sprint": one.sprint_id, "reason": one.reason.value, "day": one.day}
    if (await session.execute(_TAKE, values | {"now": now})).one_or_none() is None:
        return False
    baseline_id, problem = None, ""
    try:
        async with session.begin_nested():
            made = await keeping.freeze(
                session,
                Viewer.system(),
                sprint_id=one.sprint_id,
                board_id=one.board_id,
                moment=one.moment,
                reason=one.reason,
                now=now,
            )
            baseline_id = made.id
    except SprintReportsError as error:
        problem = error.message
    await session.execute(_NOTE, values | {"baseline": baseline_id, "problem": problem})
    return baseline_id is not None


def moments(
    courses: Iterable[Course],
    planned: Collection[Activation],
    known: Mapping[int, RuleInForce],
    *,
    now: datetime,
) -> Iterator[Due]:
    """All moments that the rules name, taken or not, of these sprints; pure."""
    for course in courses:
        found = known.get(course.board_id) or known[EVERYWHERE]
        if found.since is None or course.known_until is None:
            continue
        for reason, moment in _of_course(course, planned, found, until=min(now, course.known_until)):
            if moment > found.since:
                yield Due(
                    course.board_id, course.sprint_id, reason, local_day(moment, zone=course.zone), moment
                )


def _of_course(
    course: Course, planned: Iterable[Activation], found: RuleInForce, *, until: datetime
) -> Iterator[tuple[Reason, datetime]]:
    rule = found.rule
    if rule.at_planning:
        for one in planned:
            if (one.board_id, one.sprint_id) == (course.board_id, course.sprint_id) and one.at <= until:
                yield Reason.PLANNING, one.at
    if rule.at_start and course.started <= until:
        yield Reason.START, course.started
    if rule.at_close and course.closed is not None and course.closed <= until:
        yield Reason.CLOSE, course.closed
    if rule.every_days:
        last = until if course.closed is None else min(until, course.closed)
        yield from ((Reason.DAY, at) for at in _ends_of_days(course, rule.every_days, last=last))


def _ends_of_days(course: Course, every: int, *, last: datetime) -> Iterator[datetime]:
    """The local midnights that end every n-th day of the sprint; the day of its start is the first one."""
    first = local_day(course.started, zone=course.zone)
    for number in range(every, (local_day(last, zone=course.zone) - first).days + 1, every):
        at = midnight(first + timedelta(days=number), zone=course.zone)
        if course.started < at <= last:
            yield at
