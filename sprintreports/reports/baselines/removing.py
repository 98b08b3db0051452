"""Baselines leave: put away by somebody or by rule, kept for 30 days so that they can be taken back, then gone for good."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict
from sprintreports.reports.baselines import ledger
from sprintreports.reports.baselines.ledger import Baseline
from sprintreports.reports.baselines.tables import EVERYWHERE, LONGEST_HOLDER

KEPT = timedelta(days=30)


class InUse(Conflict):
    """A report or a schedule rests on this baseline. Delete that first, or let it speak of another state."""


_PUT_AWAY = text(
    "UPDATE baseline SET deleted_at = :now, deleted_by = :by WHERE id = :id AND deleted_at IS NULL"
)
_TAKE_BACK = text("UPDATE baseline SET deleted_at = NULL, deleted_by = NULL WHERE id = :id")
_PURGE = text("""
DELETE FROM baseline b WHERE b.deleted_at < :before AND NOT EXISTS (SELECT FROM baseline_use u WHERE u.baseline_id = b.id)
""")
# A board's own rule, else the one for all. What somebody froze by hand stays until somebody deletes it, and so do starts and
# closes.
_OUTLIVED = text(f"""
UPDATE baseline b SET deleted_at = :now, deleted_by = 0
FROM baseline_rule r
WHERE r.board_id = CASE WHEN EXISTS (SELECT FROM baseline_rule own WHERE own.board_id = b.board_id) THEN b.board_id ELSE {EVERYWHERE} END
  AND r.keep_days > 0 AND b.created_at < CAST(:now AS timestamptz) - make_interval(days => r.keep_days)
  AND b.reason IN ('planning', 'day') AND b.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM baseline_use u WHERE u.baseline_id = b.id)
RETURNING b.id
""")
_USES = text("DELETE FROM baseline_use WHERE holder = :holder AND baseline_id <> ALL(CAST(:ids AS bigint[]))")
_USE = text("""
INSERT INTO baseline_use (baseline_id, holder)
SELECT b.id, :holder FROM baseline b WHERE b.id = ANY(CAST(:ids AS bigint[])) ON CONFLICT DO NOTHING
""")


async def delete(session: AsyncSession, viewer: Viewer, baseline_id: int, *, now: datetime) -> None:
    """Put a baseline away; it can be taken back for 30 days. Raises Forbidden, NotFound, InUse."""
    baseline = await _may_write(session, viewer, baseline_id)
    if baseline.used:
        raise InUse
    await session.execute(_PUT_AWAY, {"id": baseline_id, "now": now, "by": viewer.user_id})
    await audit.record(
        session,
        viewer,
        audit.Action.BASELINE_DELETED,
        subject=("baseline", baseline_id),
        before={
            "sprint": baseline.sprint_id,
            "moment": baseline.moment.isoformat(),
            "sha256": baseline.digest,
        },
    )


async def restore(session: AsyncSession, viewer: Viewer, baseline_id: int) -> Baseline:
    """Take a deleted baseline back; of one that is there, nothing changes. Raises Forbidden, NotFound."""
    baseline = await _may_write(session, viewer, baseline_id, deleted=True)
    if baseline.deleted_at is not None:
        await session.execute(_TAKE_BACK, {"id": baseline_id})
        await audit.record(session, viewer, audit.Action.BASELINE_RESTORED, subject=("baseline", baseline_id))
    return await ledger.one(session, viewer, baseline_id)


async def use(session: AsyncSession, *, holder: str, baseline_ids: Collection[int]) -> None:
    """Say which baselines something rests on, from now on these and no others; none: it is gone.

    holder: such as "report:12". Who may see them is the caller's to ask.
    """
    if not holder or len(holder) > LONGEST_HOLDER:
        raise ValueError(f"A holder is named with 1 to {LONGEST_HOLDER} characters.")
    asked = {"holder": holder, "ids": sorted(set(baseline_ids))}
    await session.execute(_USES, asked)
    await session.execute(_USE, asked)


async def outlived(session: AsyncSession, *, now: datetime) -> int:
    """Put away what the rules keep no longer; how many."""
    gone = sorted((await session.execute(_OUTLIVED, {"now": now})).scalars())
    if gone:
        await audit.record(
            session,
            Viewer.system(),
            audit.Action.BASELINE_DELETED,
            subject=("baseline", f"{len(gone)} by rule"),
            before={"baselines": gone},
        )
    return len(gone)


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Delete for good what was put away over 30 days ago; how many. What something rests on by now stays."""
    done = await session.execute(_PURGE, {"before": now - KEPT})
    return cast("CursorResult[Any]", done).rowcount


async def _may_write(
    session: AsyncSession, viewer: Viewer, baseline_id: int, *, deleted: bool = False
) -> Baseline:
    viewer.require(Permission.REPORTS_WRITE)
    found = await ledger.one(session, viewer, baseline_id, deleted=deleted)
    viewer.require(Permission.REPORTS_WRITE, board_id=found.board_id)
    return found
