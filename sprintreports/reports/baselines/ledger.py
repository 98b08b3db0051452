"""The ledger of baselines: what is kept, found without opening any.

A baseline is seen by whoever may read reports of its board; its figures, which are those of all teams, by who sees them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.kit.paging import By, Page, Sort, order_by
from sprintreports.metrics.values import Amount, SprintState, Unit
from sprintreports.reports.baselines.tables import Reason
from sprintreports.reports.snapshot import Snapshot

MOST_PER_PAGE = 100
NO_BASELINE = "There is no such baseline, or you may not see it. Choose one from the list of baselines."
# Each query of baselines as `b` starts its conditions with this. `:boards` NULL: all boards.
VISIBLE = "(CAST(:boards AS bigint[]) IS NULL OR b.board_id = ANY(CAST(:boards AS bigint[])))"
ORDERS = {
    "moment": "b.moment {way}",
    "created_at": "b.created_at {way}",
    "sprint_name": "lower(b.sprint_name) {way}",
    "board_name": "lower(b.board_name) {way}",
    "reason": "b.reason {way}",
    "size": "b.size {way}",
}
_COLUMNS = """b.id, b.site_id, b.board_id, b.board_name, b.sprint_id, b.jira_sprint_id, b.sprint_name, b.state, b.reason, b.note, b.moment,
    b.schema_version, b.digest, b.size, b.created_by, b.created_at, b.deleted_at,
    EXISTS (SELECT FROM baseline_use u WHERE u.baseline_id = b.id), b.summary"""
_WHERE = f"""
FROM baseline b WHERE {VISIBLE}
  AND (b.deleted_at IS NOT NULL) = :deleted
  AND (CAST(:board AS bigint) IS NULL OR b.board_id = :board)
  AND (CAST(:sprint AS bigint) IS NULL OR b.sprint_id = :sprint)
  AND (CAST(:reason AS text) IS NULL OR b.reason = :reason)
  AND (CAST(:search AS text) IS NULL OR b.sprint_name ILIKE :search OR b.board_name ILIKE :search OR b.note ILIKE :search)
"""
_ONE = text(
    f"SELECT {_COLUMNS} FROM baseline b WHERE {VISIBLE} AND b.id = :id AND (:deleted OR b.deleted_at IS NULL)"
)


class Figures(msgspec.Struct, frozen=True):
    """A state in a few figures, over all teams. scope: what is in the sprint at the moment, of which so many issues are without
    story points (unestimated) or time (untimed)."""

    unit: Unit
    issues: int
    commitment: Amount
    scope: Amount
    completed: Amount
    unestimated: int
    untimed: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline without its content. digest: SHA-256 as text; size: of its canonical bytes; used: something rests on it;
    figures None: the viewer sees some teams alone."""

    id: int
    site_id: int
    board_id: int
    board_name: str
    sprint_id: int
    jira_sprint_id: int
    sprint_name: str
    state: SprintState
    reason: Reason
    note: str
    moment: datetime
    schema: int
    digest: str
    size: int
    created_by: int
    created_at: datetime
    deleted_at: datetime | None
    used: bool
    figures: Figures | None


def boards_of(viewer: Viewer) -> list[int] | None:
    """The bind value of `:boards`. Raises Forbidden."""
    viewer.require(Permission.REPORTS_READ)
    boards = viewer.boards_for(Permission.REPORTS_READ)
    return None if boards is None else sorted(boards)


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    search: str = "",
    board_id: int | None = None,
    sprint_id: int | None = None,
    reason: Reason | None = None,
    deleted: bool = False,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[Baseline]:
    """One page of them, the last moment first. search: in the names of sprint and board and in the note. deleted: those that
    were deleted and can be restored, for who may delete. Raises Forbidden, Invalid.
    """
    _check(sort, page=page, per_page=per_page)
    if deleted:
        viewer.require(Permission.REPORTS_WRITE)
    asked = {
        "boards": boards_of(viewer),
        "search": _pattern(search),
        "board": board_id,
        "sprint": sprint_id,
        "reason": None if reason is None else reason.value,
        "deleted": deleted,
    }
    total = (await session.execute(text(f"SELECT count(*) {_WHERE}"), asked)).scalar_one()
    order = order_by(sort or (By("moment", descending=True),), ORDERS, usual="", last="b.id DESC")
    query = f"SELECT {_COLUMNS} {_WHERE} {order} LIMIT :limit OFFSET :offset"
    rows = await session.execute(text(query), asked | {"limit": per_page, "offset": (page - 1) * per_page})
    return Page([_baseline(row, viewer) for row in rows], total, page, per_page)


async def one(session: AsyncSession, viewer: Viewer, baseline_id: int, *, deleted: bool = False) -> Baseline:
    """Raises Forbidden, NotFound. deleted: one that was deleted is found, too."""
    asked = {"boards": boards_of(viewer), "id": baseline_id, "deleted": deleted}
    row = (await session.execute(_ONE, asked)).one_or_none()
    if row is None:
        raise NotFound(NO_BASELINE)
    return _baseline(row, viewer)


def figures_of(snapshot: Snapshot) -> Figures:
    """The few figures of a state."""
    totals = snapshot.report.totals
    return Figures(
        snapshot.unit,
        totals.issues,
        totals.initial,
        totals.final,
        totals.completed,
        totals.unestimated,
        totals.untimed,
    )


def _baseline(row: Sequence[Any], viewer: Viewer) -> Baseline:
    (
        id_, site, board, board_name, sprint, jira_sprint, sprint_name, state, reason, note, moment, schema, digest, size,
        by, at, deleted_at, used, summary,
    ) = row  # fmt: skip
    figures = msgspec.convert(summary, Figures) if viewer.team_ids is None else None
    return Baseline(
        id_, site, board, board_name, sprint, jira_sprint, sprint_name, SprintState(state), Reason(reason), note, moment,
        schema, bytes(digest).hex(), size, by, at, deleted_at, used, figures,
    )  # fmt: skip


def _pattern(search: str) -> str | None:
    """What ILIKE looks for; the signs that mean something to it are looked for as they are."""
    wanted = search.strip().replace("\0", "")
    if not wanted:
        return None
    for sign in ("\\", "%", "_"):
        wanted = wanted.replace(sign, f"\\{sign}")
    return f"%{wanted}%"


def _check(sort: Sort, *, page: int, per_page: int) -> None:
    problems: list[FieldProblem] = []
    if any(one.name not in ORDERS for one in sort):
        problems.append(FieldProblem("sort", f"Sort by one of {', '.join(ORDERS)}."))
    if page < 1:
        problems.append(FieldProblem("page", "Pages are counted from 1."))
    if not 1 <= per_page <= MOST_PER_PAGE:
        problems.append(FieldProblem("per_page", f"A page holds 1 to {MOST_PER_PAGE} baselines."))
    if problems:
        raise Invalid(
            "The list of baselines cannot be shown like this: see the details.", details=tuple(problems)
        )
