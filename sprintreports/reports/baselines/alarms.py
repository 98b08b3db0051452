"""A baseline that is not what was frozen is told: in the audit log and to those who run this server, by whichever door met it, and
by looking at all in turn."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import notices
from sprintreports.identity.audit.actions import Action
from sprintreports.identity.audit.refusals import refused
from sprintreports.identity.notices.kinds import BaselineBroken
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Unavailable
from sprintreports.observability import logs
from sprintreports.reports.baselines import reading
from sprintreports.reports.baselines.canonical import NotAsItWas

_ROUNDS = 24  # hours in which all have been looked at
_MOST = 200  # at once

log = logs.get("baselines")

_SOME = text("""
SELECT id FROM baseline WHERE deleted_at IS NULL AND id % :rounds = :round ORDER BY id DESC LIMIT :most
""")
_NAMES = text("SELECT sprint_name, board_id, board_name FROM baseline WHERE id = :id")


async def told(
    unit: Callable[[], AbstractAsyncContextManager[AsyncSession]],
    viewer: Viewer | None,
    error: NotAsItWas,
    *,
    now: datetime,
) -> None:
    """Write it into the audit log and tell of it, for a door after its own transaction has ended. That it cannot be written changes
    no answer."""
    log.error("baseline_broken", baseline_id=error.baseline_id)
    try:
        async with unit() as session:
            await _write(session, viewer, error, now=now)
    except (SQLAlchemyError, Unavailable) as problem:
        log.error("baseline_broken_not_recorded", error=repr(problem))  # noqa: TRY400  # a sentence is enough


async def look_at_some(session: AsyncSession, *, now: datetime) -> int:
    """Hold a part of all baselines against their hashes, each once a day; how many do not fit."""
    asked = {"rounds": _ROUNDS, "round": int(now.timestamp() // 3600) % _ROUNDS, "most": _MOST}
    broken = 0
    for baseline_id in (await session.execute(_SOME, asked)).scalars().all():
        try:
            await reading.verify(session, baseline_id)
        except NotAsItWas as error:
            broken += 1
            log.error("baseline_broken", baseline_id=baseline_id)  # noqa: TRY400  # which one is all there is to say
            await _write(session, Viewer.system(), error, now=now)
    return broken


async def _write(session: AsyncSession, viewer: Viewer | None, error: NotAsItWas, *, now: datetime) -> None:
    await refused(
        session,
        viewer,
        what=str(error.baseline_id or ""),
        reason=error.message,
        now=now,
        action=Action.BASELINE_BROKEN,
        kind="baseline",
    )
    await _tell(session, error.baseline_id, now=now)


async def _tell(session: AsyncSession, baseline_id: int | None, *, now: datetime) -> None:
    """Once a baseline, however often it is met."""
    row = (await session.execute(_NAMES, {"id": baseline_id})).one_or_none()
    if row is None or baseline_id is None:
        return
    parts = BaselineBroken(baseline_id, row.sprint_name, row.board_id, row.board_name)
    key = f"baseline_broken:{baseline_id}"
    await notices.tell(session, parts, to=Permission.SETTINGS_WRITE, key=key, now=now)
