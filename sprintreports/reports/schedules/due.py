"""What is due by now, by the clock or by what happened to sprints, is put in line; each occasion once, whoever looks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.reads import board_sprints
from sprintreports.jira.reads.board_sprints import BoardSprint
from sprintreports.observability import logs
from sprintreports.reports.schedules import chances, line, pausing, triggers
from sprintreports.reports.schedules.chances import Chances
from sprintreports.reports.schedules.triggers import (
    BeforeEnd,
    Clock,
    Closed,
    ForecastBelow,
    ScopeChange,
    Started,
    Trigger,
)

CATCH_UP = timedelta(days=14)  # an event that is older is no news
AT_ONCE = 200
KEPT, FORGOTTEN = timedelta(days=180), timedelta(days=30)
NONE_TOLD: Chances = MappingProxyType({})
_UNREADABLE = "Its trigger or its time zone can no longer be read. Change the schedule, then resume it."
_LOST = timedelta(minutes=5)  # a run that waits for longer may have lost its job

_ALIVE = "paused_at IS NULL AND deleted_at IS NULL"
_BY_CLOCK = text(f"""
SELECT id, trigger, zone, next_at FROM schedule WHERE next_at <= :now AND {_ALIVE} ORDER BY next_at LIMIT {AT_ONCE}
FOR UPDATE SKIP LOCKED
""")
_ADVANCE = text("UPDATE schedule SET next_at = :next WHERE id = :id")
_BY_EVENT = text(f"""
SELECT id, trigger, zone, board_id, since FROM schedule WHERE trigger ->> 'on' <> 'clock' AND board_id IS NOT NULL AND {_ALIVE}
ORDER BY id FOR UPDATE SKIP LOCKED
""")
_HAD = text("""
SELECT schedule_id, occasion FROM schedule_run
WHERE schedule_id = ANY(CAST(:schedules AS bigint[])) AND sprint_id = ANY(CAST(:sprints AS bigint[]))
""")
_WAITING = text(f"""
SELECT r.id FROM schedule_run r JOIN schedule s ON s.id = r.schedule_id
WHERE r.state = 'waiting' AND r.created_at < :before AND s.deleted_at IS NULL AND NOT EXISTS (
    SELECT FROM procrastinate_jobs j
    WHERE j.status IN ('todo', 'doing') AND j.task_name = :job AND (j.args ->> 'run_id')::bigint = r.id
)
ORDER BY r.id LIMIT {AT_ONCE}
""")
_PURGE = text("DELETE FROM schedule_run WHERE ended_at < :before")
_FORGET = text("DELETE FROM schedule WHERE deleted_at < :before")


log = logs.get("reports.schedules")


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happened to a sprint. key: names it among all of its schedule's."""

    key: str
    sprint_id: int
    at: datetime


async def tick(session: AsyncSession, *, now: datetime) -> int:
    """Put in line what is due; how many runs. Also gives runs a new job whose job is gone, and pauses what fails on and on."""
    made = await _apart(session, lambda: _by_clock(session, now=now))
    made += await _apart(session, lambda: _by_event(session, now=now))
    lost = {"before": now - _LOST, "job": line.SCHEDULE_JOB}
    for run_id in (await session.scalars(_WAITING, lost)).all():
        await line.enqueue(session, run_id)
    await pausing.after_failures(session, now=now)
    return made


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Forget runs that ended half a year ago, and schedules that were deleted a month ago."""
    await session.execute(_PURGE, {"before": now - KEPT})
    await session.execute(_FORGET, {"before": now - FORGOTTEN})


async def _apart(session: AsyncSession, look: Callable[[], Awaitable[int]]) -> int:
    """What one kind of trigger puts in line. What goes wrong there is not to stop the other kind."""
    try:
        async with session.begin_nested():
            return await look()
    except DBAPIError:
        raise
    except Exception:
        log.exception("schedules_not_looked_at")
        return 0


async def _by_clock(session: AsyncSession, *, now: datetime) -> int:
    made = 0
    for schedule_id, stored, zone, due_at in (await session.execute(_BY_CLOCK, {"now": now})).all():
        await asyncio.sleep(
            0
        )  # after a long stop there is much to count, and the worker has to say that it lives
        try:
            trigger = _trigger(stored)
            missed = triggers.missed(trigger, due_at, zone=zone, now=now)
            then = triggers.next_due(trigger, now, zone)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one, the others are to run
            await _unreadable(session, schedule_id, error, now=now)
            continue
        # One run for all that was missed.
        added = await line.add(
            session, schedule_id, due_at.isoformat(), due_at=due_at, missed=missed, now=now
        )
        made += added is not None
        await session.execute(_ADVANCE, {"id": schedule_id, "next": then})
    return made


async def _unreadable(session: AsyncSession, schedule_id: int, error: Exception, *, now: datetime) -> None:
    """A trigger or time zone that was good once: zones leave the world's list, and backups come from other releases."""
    log.error("schedule_unreadable", schedule_id=schedule_id, error=repr(error))
    await pausing.pause(session, schedule_id, _UNREADABLE, now=now)


async def _by_event(session: AsyncSession, *, now: datetime) -> int:
    # Before the schedules are held: who changes one is not to wait for a forecast.
    likely = await _likely(session, now=now)
    found = (await session.execute(_BY_EVENT)).mappings().all()
    if not found:
        return 0
    since = now - CATCH_UP
    sprints = await board_sprints.of_boards(session, {row["board_id"] for row in found}, since=since)
    asked = {"schedules": [row["id"] for row in found], "sprints": [one.sprint_id for one in sprints]}
    had = {tuple(row) for row in await session.execute(_HAD, asked)}
    made = 0
    for row in found:
        mine = [one for one in sprints if one.board_id == row["board_id"]]
        begun = max(since, row["since"])
        try:
            trigger = _trigger(row["trigger"])
            happened = list(occasions(trigger, row["zone"], mine, since=begun, now=now, likely=likely))
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one, the others are to run
            await _unreadable(session, row["id"], error, now=now)
            continue
        for one in happened:
            if (row["id"], one.key) not in had:
                added = await line.add(
                    session, row["id"], one.key, due_at=one.at, sprint_id=one.sprint_id, now=now
                )
                made += added is not None
    return made


async def _likely(session: AsyncSession, *, now: datetime) -> Chances:
    """What goes wrong with a forecast is not to stop what waits for something else."""
    try:
        async with session.begin_nested():
            return await chances.asked(session, now=now)
    except DBAPIError:
        raise
    except Exception:
        log.exception("forecasts_not_read")
        return NONE_TOLD


def occasions(
    trigger: Trigger,
    zone: str,
    sprints: list[BoardSprint],
    *,
    since: datetime,
    now: datetime,
    likely: Chances = NONE_TOLD,
) -> Iterator[Occasion]:
    """What has happened to these sprints after `since`, whether it has been run or not; pure. likely: what is told of them.

    A start or a close counts once Jira's changes up to it are here.
    """
    for sprint in sprints:
        known = min(now, sprint.known_until) if sprint.known_until is not None else since
        at: datetime | None = None
        name = "clock"
        match trigger:
            case Clock():
                pass
            case Started():
                name, at = "sprint_started", sprint.started if sprint.started <= known else None
            case Closed():
                name, at = (
                    "sprint_closed",
                    sprint.closed if sprint.closed and sprint.closed <= known else None,
                )
            case BeforeEnd(days=days):
                name, at = f"before_end:{days}", _before_end(sprint, days, zone, now=now)
            case ScopeChange(percent=percent):
                name, at = f"scope_change:{percent}", now if _moved(sprint, percent) else None
            case ForecastBelow(percent=percent):
                name, at = f"forecast_below:{percent}", now if _unlikely(sprint, percent, likely) else None
        if at is not None and at > since:
            yield Occasion(f"{name}:{sprint.sprint_id}", sprint.sprint_id, at)


def _before_end(sprint: BoardSprint, days: int, zone: str, *, now: datetime) -> datetime | None:
    """When so many days are left, if that is now or was; a sprint that began later has never had so many."""
    if sprint.closed is not None or sprint.planned_end is None:
        return None
    at = triggers.before_end(sprint.planned_end, days, zone)
    return at if sprint.started <= at <= now < sprint.planned_end else None


def _moved(sprint: BoardSprint, percent: int) -> bool:
    if sprint.closed is not None or sprint.commitment is None or sprint.scope is None:
        return False
    return triggers.scope_moved(sprint.commitment, sprint.scope, percent)


def _unlikely(sprint: BoardSprint, percent: int, likely: Chances) -> bool:
    chance = likely.get((sprint.board_id, sprint.sprint_id))
    return sprint.closed is None and triggers.unlikely(chance, percent)


def _trigger(stored: Any) -> Trigger:
    return msgspec.convert(stored, type=Trigger)
