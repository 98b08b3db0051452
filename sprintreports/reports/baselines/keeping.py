"""A state is frozen: gathered whole, written as canonical bytes, and kept with its hash."""

import asyncio
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid
from sprintreports.reports import gathering
from sprintreports.reports.baselines import canonical, ledger
from sprintreports.reports.baselines.ledger import Baseline
from sprintreports.reports.baselines.tables import LONGEST_NOTE, Reason
from sprintreports.reports.snapshot import Snapshot

MOST_OF_SPRINT = 500
WHOLE_BOARD = "A baseline holds all teams of a board, and your role is limited to some. Ask a manager of the board for one."

_INSERT = text("""
INSERT INTO baseline (site_id, board_id, board_name, sprint_id, jira_sprint_id, sprint_name, state, reason, note, moment,
    schema_version, digest, content, size, summary, created_by, created_at)
VALUES (:site, :board, :board_name, :sprint, :jira_sprint, :sprint_name, :state, :reason, :note, :moment, :schema, :digest,
    :content, :size, CAST(:summary AS jsonb), :by, :now)
RETURNING id
""")
_COUNT = text("SELECT count(*) FROM baseline WHERE sprint_id = :sprint AND board_id = :board")


async def freeze(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    moment: datetime | None = None,
    reason: Reason = Reason.MANUAL,
    note: str = "",
    now: datetime,
) -> Baseline:
    """Keep the sprint as it is now, or as it was at a past moment, for good. Raises Forbidden, NotFound, Invalid."""
    viewer.require(Permission.REPORTS_WRITE)
    _check_note(note)
    if moment is not None:
        gathering.checked_moment(moment, now=now)
    place = await gathering.place_of(session, viewer, sprint_id=sprint_id, board_id=board_id)
    viewer.require(Permission.REPORTS_WRITE, board_id=place.board_id)
    if viewer.team_ids is not None:
        raise Forbidden(WHOLE_BOARD)
    held = await session.scalar(_COUNT, {"sprint": place.sprint_id, "board": place.board_id})
    if held >= MOST_OF_SPRINT:
        raise Invalid(f"This sprint has {MOST_OF_SPRINT} baselines already. Delete some that nobody needs.")
    ids = {"sprint_id": place.sprint_id, "board_id": place.board_id}
    if moment is None:
        snapshot = await gathering.live(session, viewer, **ids, now=now)
    else:
        snapshot = await gathering.as_of(session, viewer, **ids, moment=moment, now=now)
    return await keep(session, viewer, snapshot, reason=reason, note=note.strip(), now=now)


async def keep(
    session: AsyncSession, viewer: Viewer, snapshot: Snapshot, *, reason: Reason, note: str, now: datetime
) -> Baseline:
    """Keep a whole snapshot, whose maker the caller has checked."""
    body, digest, content = await asyncio.to_thread(_written, snapshot)
    values = {
        "site": snapshot.site_id,
        "board": snapshot.board_id,
        "board_name": snapshot.board_name,
        "sprint": snapshot.sprint_id,
        "jira_sprint": snapshot.jira_sprint_id,
        "sprint_name": snapshot.sprint_name,
        "state": snapshot.report.state.value,
        "reason": reason.value,
        "note": note,
        "moment": snapshot.moment,
        "schema": canonical.SCHEMA,
        "digest": digest,
        "content": content,
        "size": len(body),
        "summary": msgspec.json.encode(ledger.figures_of(snapshot)).decode(),
        "by": viewer.user_id,
        "now": now,
    }
    baseline_id = (await session.execute(_INSERT, values)).scalar_one()
    # Its hash stands in the audit log's chain too: who changes both content and hash in the database is told by that.
    await audit.record(
        session,
        viewer,
        audit.Action.BASELINE_FROZEN,
        subject=("baseline", baseline_id),
        after={
            "sprint": snapshot.sprint_id,
            "board": snapshot.board_id,
            "reason": reason.value,
            "moment": snapshot.moment.isoformat(),
            "sha256": digest.hex(),
        },
    )
    return await ledger.one(session, viewer, baseline_id)


def _written(snapshot: Snapshot) -> tuple[bytes, bytes, bytes]:
    body = canonical.canonical(snapshot)
    if len(body) > canonical.MOST_BYTES:
        raise Invalid(
            f"This sprint is too large to be kept: {len(body) // 2**20:,} MB, and {canonical.MOST_BYTES // 2**20} MB is the most."
        )
    return body, canonical.digest_of(body), canonical.packed(body)


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE or "\0" in note:
        problem = FieldProblem("note", f"A note has at most {LONGEST_NOTE:,} characters.")
        raise Invalid(problem.message, details=(problem,))
