"""Schedules as people make, look at, change, pause and run them. What runs them by itself is `due.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.words import pattern
from sprintreports.kit.errors import Forbidden, Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.reports.schedules import line, rights, triggers
from sprintreports.reports.schedules.tables import RunState
from sprintreports.reports.schedules.triggers import Trigger
from sprintreports.reports.schedules.values import Content, Recipient, Run, Schedule, StoredReport, Wanted

MOST_SCHEDULES = 50  # of one person
BY_HAND = "Paused by hand."
ORDERS = {
    "name": "lower(s.name) {way}",
    "owner": "lower(u.name) {way}",
    "next_at": "s.next_at {way} NULLS LAST",
    "created_at": "s.created_at {way}",
    "updated_at": "s.updated_at {way}",
}
RUN_ORDERS = {"due_at": "r.due_at {way}", "ended_at": "r.ended_at {way} NULLS LAST", "state": "r.state {way}"}
# Everybody sees their own; who may read settings sees all.
_SEEN = "s.deleted_at IS NULL AND (:all OR s.owner_id = :user)"
_WHERE = f"""{_SEEN} AND (CAST(:paused AS boolean) IS NULL OR (s.paused_at IS NOT NULL) = :paused)
    AND (CAST(:words AS text) IS NULL OR s.name ILIKE :words OR u.name ILIKE :words)"""
_FROM = """
schedule s JOIN user_account u ON u.id = s.owner_id
LEFT JOIN LATERAL (
    SELECT due_at, state, sentence, delivery_ids FROM schedule_run WHERE schedule_id = s.id ORDER BY id DESC LIMIT 1
) r ON true
"""
COLUMNS = "s.id, s.owner_id, s.name, s.trigger, s.zone, s.board_id, s.content, s.baseline, s.recipients"
_COLUMNS = f"""{COLUMNS}, u.name AS owner, s.next_at, s.paused_at, s.paused_reason, r.due_at AS last_at, r.state AS last_state,
    r.sentence AS last_sentence, r.delivery_ids AS last_deliveries, s.created_at, s.updated_at"""
_TOTAL = text(f"SELECT count(*) FROM schedule s JOIN user_account u ON u.id = s.owner_id WHERE {_WHERE}")
_ONE = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_SEEN} AND s.id = :id")
_HOLD = text(f"SELECT s.id FROM schedule s WHERE {_SEEN} AND s.id = :id FOR UPDATE")
_COUNT = text("SELECT count(*) FROM schedule WHERE owner_id = :user AND deleted_at IS NULL")
_INSERT = text("""
INSERT INTO schedule (owner_id, scopes, name, trigger, zone, board_id, content, baseline, recipients, since, next_at, created_at,
                      updated_at)
VALUES (:user, CAST(:scopes AS jsonb), :name, CAST(:trigger AS jsonb), :zone, :board, CAST(:content AS jsonb), :baseline,
        CAST(:recipients AS jsonb), :now, :next, :now, :now) RETURNING id
""")
# What happened before somebody changed when it runs is not run.
_UPDATE = text("""
UPDATE schedule SET scopes = CAST(:scopes AS jsonb), name = :name, trigger = CAST(:trigger AS jsonb), zone = :zone,
    board_id = :board, content = CAST(:content AS jsonb), baseline = :baseline, recipients = CAST(:recipients AS jsonb),
    next_at = CASE WHEN :moved THEN :next ELSE next_at END, since = CASE WHEN :moved THEN CAST(:now AS timestamptz) ELSE since END,
    updated_at = :now WHERE id = :id
""")
_PAUSE = text("""
UPDATE schedule SET paused_at = :now, paused_reason = :reason, updated_at = :now WHERE id = :id AND paused_at IS NULL RETURNING 1
""")
_RESUME = text("""
UPDATE schedule SET paused_at = NULL, paused_reason = '', next_at = :next, since = :now, updated_at = :now WHERE id = :id
""")
_DELETE = text("UPDATE schedule SET deleted_at = :now WHERE id = :id")
_RUNS = "schedule_run r WHERE r.schedule_id = :id"
_RUN_COLUMNS = """r.id, r.schedule_id, r.due_at, r.sprint_id, r.missed, r.state, r.sentence, r.baseline_id, r.delivery_ids,
    r.created_at, r.ended_at"""
_RUN = text(f"SELECT {_RUN_COLUMNS} FROM schedule_run r WHERE r.id = :id")
# Until the schedule is written, nobody deletes the report that it rests on (`library/resting.py`).
_KEEP_REPORT = text("SELECT FROM report WHERE id = :id FOR SHARE")
_WAITING = text(
    "SELECT id FROM schedule_run WHERE schedule_id = :id AND state = 'waiting' ORDER BY id LIMIT 1"
)


class ScheduleUnknown(NotFound):
    """There is no such schedule, or it is somebody else's. Choose one from the list of schedules."""


class NotOneself(Forbidden):
    """This schedule runs as somebody else. They alone can change or run it."""


async def create(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> Schedule:
    """Have something done by itself from now on, as this person. Raises Forbidden, NotFound, Invalid."""
    wanted = await _allowed(session, viewer, wanted, now=now)
    if (await session.scalar(_COUNT, {"user": viewer.user_id}) or 0) >= MOST_SCHEDULES:
        raise Invalid(f"You have {MOST_SCHEDULES} schedules already. Delete some that you no longer need.")
    values = _values(viewer, wanted, now=now) | {"user": viewer.user_id}
    made = (await session.execute(_INSERT, values)).scalar_one()
    await _record(session, viewer, audit.Action.SCHEDULE_CREATED, made, after=_told(wanted))
    return await one(session, viewer, made)


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    search: str = "",
    paused: bool | None = None,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[Schedule]:
    """The viewer's own schedules, and everybody's for who may read settings. search: in names and owners. Raises Forbidden."""
    asked = _asked(viewer) | {"paused": paused, "words": pattern(search)}
    total = await session.scalar(_TOTAL, asked)
    order = order_by(sort, ORDERS, usual="lower(s.name)", last="s.id")
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_WHERE} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, {**asked, "limit": per_page, "offset": (page - 1) * per_page})
    return Page([_schedule(row) for row in rows.mappings()], total or 0, page, per_page)


async def one(session: AsyncSession, viewer: Viewer, schedule_id: int) -> Schedule:
    """Raises Forbidden, ScheduleUnknown."""
    found = await session.execute(_ONE, _asked(viewer) | {"id": schedule_id})
    row = found.mappings().one_or_none()
    if row is None:
        raise ScheduleUnknown
    return _schedule(row)


async def change(
    session: AsyncSession, viewer: Viewer, schedule_id: int, wanted: Wanted, *, now: datetime
) -> Schedule:
    """Make one's own schedule what is wanted. Raises Forbidden, NotFound, Invalid."""
    before = await _held(session, viewer, schedule_id, own=True)
    wanted = await _allowed(session, viewer, wanted, now=now)
    if wanted == before.wanted:
        return before
    when = (wanted.trigger, wanted.zone, wanted.board_id)
    moved = when != (before.wanted.trigger, before.wanted.zone, before.wanted.board_id)
    values = _values(viewer, wanted, now=now) | {"id": schedule_id, "moved": moved}
    await session.execute(_UPDATE, values)
    after = _told(wanted)
    action = audit.Action.SCHEDULE_CHANGED
    await _record(session, viewer, action, schedule_id, before=_told(before.wanted), after=after)
    return await one(session, viewer, schedule_id)


async def pause(session: AsyncSession, viewer: Viewer, schedule_id: int, *, now: datetime) -> Schedule:
    """Let one's own schedule, or as an admin anybody's, rest. Raises Forbidden, ScheduleUnknown."""
    await _held(session, viewer, schedule_id, own=False)
    asked = {"id": schedule_id, "now": now, "reason": BY_HAND}
    if await session.scalar(_PAUSE, asked):
        await _record(session, viewer, audit.Action.SCHEDULE_PAUSED, schedule_id, after={"reason": BY_HAND})
    return await one(session, viewer, schedule_id)


async def resume(session: AsyncSession, viewer: Viewer, schedule_id: int, *, now: datetime) -> Schedule:
    """Let one's own schedule go on from now; what was missed meanwhile is not run. Raises Forbidden, NotFound, Invalid."""
    before = await _held(session, viewer, schedule_id, own=True)
    if before.paused_at is None:
        return before
    await rights.allowed(session, viewer, before.wanted, now=now)
    then = triggers.next_due(before.wanted.trigger, now, before.wanted.zone)
    await session.execute(_RESUME, {"id": schedule_id, "now": now, "next": then})
    await _record(session, viewer, audit.Action.SCHEDULE_RESUMED, schedule_id)
    return await one(session, viewer, schedule_id)


async def delete(session: AsyncSession, viewer: Viewer, schedule_id: int, *, now: datetime) -> None:
    """One's own, or as an admin anybody's. What it made stays. Raises Forbidden, ScheduleUnknown."""
    found = await _held(session, viewer, schedule_id, own=False)
    await session.execute(_DELETE, {"id": schedule_id, "now": now})
    told = {"name": found.wanted.name, "owner": found.owner_id}
    await _record(session, viewer, audit.Action.SCHEDULE_DELETED, schedule_id, before=told)


async def run_now(session: AsyncSession, viewer: Viewer, schedule_id: int, *, now: datetime) -> Run:
    """Run one's own schedule once, paused or not; a run that waits already is the same one. Raises Forbidden, NotFound, Invalid."""
    found = await _held(session, viewer, schedule_id, own=True)
    await rights.allowed(session, viewer, found.wanted, now=now)
    run_id = await session.scalar(_WAITING, {"id": schedule_id})
    if run_id is None:
        run_id = await line.add(session, schedule_id, f"now:{now.isoformat()}", due_at=now, now=now)
        await _record(session, viewer, audit.Action.SCHEDULE_RUN, schedule_id, after={"run": run_id})
    return run_of((await session.execute(_RUN, {"id": run_id})).mappings().one())


async def runs(
    session: AsyncSession,
    viewer: Viewer,
    schedule_id: int,
    *,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[Run]:
    """What became of a schedule, the last first. Raises Forbidden, ScheduleUnknown."""
    await one(session, viewer, schedule_id)
    total = await session.scalar(text(f"SELECT count(*) FROM {_RUNS}"), {"id": schedule_id})
    order = order_by(sort, RUN_ORDERS, usual="r.id DESC", last="r.id")
    query = text(f"SELECT {_RUN_COLUMNS} FROM {_RUNS} {order} LIMIT :limit OFFSET :offset")
    asked = {"id": schedule_id, "limit": per_page, "offset": (page - 1) * per_page}
    rows = await session.execute(query, asked)
    return Page([run_of(row) for row in rows.mappings()], total or 0, page, per_page)


def wanted_of(row: Any) -> Wanted:
    """A row of `COLUMNS`."""
    return Wanted(
        name=row["name"],
        trigger=msgspec.convert(row["trigger"], type=Trigger),
        zone=row["zone"],
        content=msgspec.convert(row["content"], type=Content),
        board_id=row["board_id"],
        baseline=row["baseline"],
        recipients=msgspec.convert(row["recipients"], type=tuple[Recipient, ...]),
    )


def run_of(row: Any) -> Run:
    """A row of a run."""
    same = (
        "id",
        "schedule_id",
        "due_at",
        "sprint_id",
        "missed",
        "sentence",
        "baseline_id",
        "created_at",
        "ended_at",
    )
    return Run(
        state=RunState(row["state"]),
        delivery_ids=tuple(row["delivery_ids"]),
        **{name: row[name] for name in same},
    )


def _schedule(row: Any) -> Schedule:
    same = (
        "id", "owner_id", "owner", "next_at", "paused_at", "paused_reason", "last_at", "last_sentence", "created_at", "updated_at",
    )  # fmt: skip
    state = None if row["last_state"] is None else RunState(row["last_state"])
    put = tuple(row["last_deliveries"] or ())
    return Schedule(
        wanted=wanted_of(row), last_state=state, last_deliveries=put, **{name: row[name] for name in same}
    )


async def _allowed(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> Wanted:
    if isinstance(wanted.content, StoredReport):
        await session.execute(_KEEP_REPORT, {"id": wanted.content.report_id})
    return await rights.allowed(session, viewer, wanted, now=now)


async def _held(session: AsyncSession, viewer: Viewer, schedule_id: int, *, own: bool) -> Schedule:
    """Lock a schedule that the viewer may change. Raises Forbidden, ScheduleUnknown."""
    await session.execute(_HOLD, _asked(viewer) | {"id": schedule_id})
    found = await one(session, viewer, schedule_id)
    if found.owner_id != viewer.user_id:
        if own:
            raise NotOneself
        viewer.require(Permission.SETTINGS_WRITE)
    return found


def _asked(viewer: Viewer) -> dict[str, Any]:
    viewer.require(Permission.REPORTS_READ)
    return {"all": viewer.can(Permission.SETTINGS_READ), "user": viewer.user_id}


def _values(viewer: Viewer, wanted: Wanted, *, now: datetime) -> dict[str, Any]:
    return {
        "scopes": None if viewer.scopes is None else _json(sorted(viewer.scopes)),
        "name": wanted.name,
        "trigger": _json(wanted.trigger),
        "zone": wanted.zone,
        "board": wanted.board_id,
        "content": _json(wanted.content),
        "baseline": wanted.baseline,
        "recipients": _json(wanted.recipients),
        "next": triggers.next_due(wanted.trigger, now, wanted.zone),
        "now": now,
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _told(wanted: Wanted) -> dict[str, Any]:
    """What the audit log says of a schedule: not to whom it writes."""
    return {
        "name": wanted.name,
        "trigger": msgspec.to_builtins(wanted.trigger),
        "zone": wanted.zone,
        "content": msgspec.to_builtins(wanted.content),
        "board": wanted.board_id,
        "baseline": wanted.baseline,
        "connections": [one.connection_id for one in wanted.recipients],
    }


async def _record(
    session: AsyncSession,
    viewer: Viewer,
    action: audit.Action,
    schedule_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    await audit.record(session, viewer, action, subject=("schedule", schedule_id), before=before, after=after)
