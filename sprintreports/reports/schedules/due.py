"""What is due by now, by the clock or by what happened to sprints, is put in line; each occasion once, whoever looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.reads import board_sprints
from sprintreports.jira.reads.board_sprints import BoardSprint
from sprintreports.reports.schedules import line, pausing, triggers
from sprintreports.reports.schedules.triggers import BeforeEnd, Clock, Closed, ScopeChange, Started, Trigger

CATCH_UP = timedelta(days=14)  # an event that is older is no news
AT_ONCE = 200
KEPT, FORGOTTEN = timedelta(days=180), timedelta(days=30)
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
_WAITING = text(
    f"SELECT id FROM schedule_run WHERE state = 'waiting' AND created_at < :before ORDER BY id LIMIT {AT_ONCE}"
)
_PURGE = text("DELETE FROM schedule_run WHERE ended_at < :before")
_FORGET = text("DELETE FROM schedule WHERE deleted_at < :before")


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happened to a sprint. key: names it among all of its schedule's."""

    key: str
    sprint_id: int
    at: datetime


async def tick(session: AsyncSession, *, now: datetime) -> int:
    """Put in line what is due; how many runs. Also gives runs a new job whose job is gone, and pauses what fails on and on."""
    made = await _by_clock(session, now=now) + await _by_event(session, now=now)
    for run_id in (await session.scalars(_WAITING, {"before": now - _LOST})).all():
        await line.enqueue(session, run_id)
    await pausing.after_failures(session, now=now)
    return made


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Forget runs that ended half a year ago, and schedules that were deleted a month ago."""
    await session.execute(_PURGE, {"before": now - KEPT})
    await session.execute(_FORGET, {"before": now - FORGOTTEN})


async def _by_clock(session: AsyncSession, *, now: datetime) -> int:
    made = 0
    for schedule_id, stored, zone, due_at in (await session.execute(_BY_CLOCK, {"now": now})).all():
        trigger = _trigger(stored)
        missed = triggers.missed(trigger, due_at, zone=zone, now=now)
        # One run for all that was missed.
        added = await line.add(
            session, schedule_id, due_at.isoformat(), due_at=due_at, missed=missed, now=now
        )
        made += added is not None
        then = triggers.next_due(trigger, now, zone)
        await session.execute(_ADVANCE, {"id": schedule_id, "next": then})
    return made


async def _by_event(session: AsyncSession, *, now: datetime) -> int:
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
        trigger = _trigger(row["trigger"])
        for one in occasions(trigger, row["zone"], mine, since=max(since, row["since"]), now=now):
            if (row["id"], one.key) not in had:
                added = await line.add(
                    session, row["id"], one.key, due_at=one.at, sprint_id=one.sprint_id, now=now
                )
                made += added is not None
    return made


def occasions(
    trigger: Trigger, zone: str, sprints: list[BoardSprint], *, since: datetime, now: datetime
) -> Iterator[Occasion]:
    """What has happened to these sprints after `since`, whether it has been run or not; pure.

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


def _trigger(stored: Any) -> Trigger:
    return msgspec.convert(stored, type=Trigger)
