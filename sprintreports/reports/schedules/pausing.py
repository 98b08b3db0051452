"""A schedule that cannot go on is paused, and its owner is told why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, notices
from sprintreports.identity.notices.kinds import SchedulePaused
from sprintreports.identity.viewer import Viewer

MOST_FAILURES = 5
_PAUSE = text("""
UPDATE schedule SET paused_at = :now, paused_reason = :reason, updated_at = :now
WHERE id = :id AND paused_at IS NULL AND deleted_at IS NULL RETURNING owner_id, name
""")
# The last five that ended since it was made, changed or resumed, all of them in vain: the run itself, or a delivery of it.
_FAILING = text(f"""
SELECT s.id, (
    SELECT coalesce(nullif(CASE WHEN r.state = 'failed' THEN r.sentence END, ''),
        (SELECT d.sentence FROM delivery d WHERE d.state = 'failed'
         AND d.id IN (SELECT value::bigint FROM jsonb_array_elements_text(r.delivery_ids)) ORDER BY d.id LIMIT 1), r.sentence)
    FROM schedule_run r WHERE r.schedule_id = s.id AND r.ended_at IS NOT NULL ORDER BY r.id DESC LIMIT 1
)
FROM schedule s CROSS JOIN LATERAL (
    SELECT count(*) AS ended, bool_and(failed) AS failed FROM (
        SELECT r.state = 'failed' OR EXISTS (
            SELECT FROM delivery d WHERE d.state = 'failed'
            AND d.id IN (SELECT value::bigint FROM jsonb_array_elements_text(r.delivery_ids))
        ) AS failed
        FROM schedule_run r
        WHERE r.schedule_id = s.id AND r.ended_at IS NOT NULL AND r.state <> 'nothing' AND r.created_at >= s.since
        ORDER BY r.id DESC LIMIT {MOST_FAILURES}
    ) AS last
) AS l
WHERE s.paused_at IS NULL AND s.deleted_at IS NULL AND l.ended = {MOST_FAILURES} AND l.failed
""")


async def after_failures(session: AsyncSession, *, now: datetime) -> int:
    """Pause what has failed five times in a row; how many."""
    failing = (await session.execute(_FAILING)).all()
    for schedule_id, sentence in failing:
        reason = f"It failed {MOST_FAILURES} times in a row. The last time: {sentence}"
        await pause(session, schedule_id, reason, now=now)
    return len(failing)


async def pause(session: AsyncSession, schedule_id: int, reason: str, *, now: datetime) -> None:
    """Pause it, unless it is, and tell its owner."""
    asked = {"id": schedule_id, "now": now, "reason": reason}
    row = (await session.execute(_PAUSE, asked)).one_or_none()
    if row is None:
        return
    owner_id, name = row
    system = Viewer.system()
    subject = ("schedule", schedule_id)
    await audit.record(
        session, system, audit.Action.SCHEDULE_PAUSED, subject=subject, after={"reason": reason}
    )
    parts = SchedulePaused(schedule_id, name, reason)
    key = f"schedule_paused:{schedule_id}:{now.isoformat()}"
    await notices.tell(session, parts, to=owner_id, key=key, now=now)
