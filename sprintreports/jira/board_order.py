"""The order of a board's open issues as Jira ranks them: kept as places, and whose turn it is to be read (decision 0017)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context
from sprintreports.kit import db
from sprintreports.metrics.values import BoardRules, State

# So long after somebody planned on a board, each run reads its order.
WANTED_FOR = timedelta(days=35)
# So many of the open issues that a board is known to show may be absent from its order: more, and it is not whole.
SLACK, SLACK_SHARE = 5, 50

_BOARDS = """
SELECT b.jira_board_id, b.name, b.filter_id, coalesce(b.order_wanted_at > %(wanted_since)s, false)
FROM board b
WHERE b.site_id = %(site)s AND b.selected AND b.deleted_at IS NULL AND b.problem IS NULL AND b.filter_id IS NOT NULL
  AND EXISTS (
    SELECT FROM board_sprint l JOIN sprint s USING (site_id, jira_sprint_id)
    WHERE l.site_id = b.site_id AND l.jira_board_id = b.jira_board_id AND s.state IN ('active', 'future')
      AND s.deleted_at IS NULL)
ORDER BY b.ordered_at NULLS FIRST, b.jira_board_id
"""
_HELD = """
SELECT b.jira_issue_id, b.place, b.seen_to IS NULL AND i.deleted_at IS NULL AND i.hidden_at IS NULL AND i.status_id = ANY(%(open)s)
FROM board_issue b JOIN issue i USING (site_id, jira_issue_id)
WHERE b.site_id = %(site)s AND b.jira_board_id = %(board)s
  AND (b.place IS NOT NULL OR (b.seen_to IS NULL AND i.status_id = ANY(%(open)s)))
"""
_MOVE = """
UPDATE board_issue b SET place = now_at.place
FROM unnest(%(issues)s::bigint[], %(places)s::integer[]) AS now_at(issue, place)
WHERE b.site_id = %(site)s AND b.jira_board_id = %(board)s AND b.jira_issue_id = now_at.issue
  AND (b.seen_to IS NULL OR now_at.place IS NULL)
"""
_STATUSES = "SELECT status_id FROM status WHERE site_id = %s AND NOT deleted ORDER BY status_id"
_ASKED = "UPDATE board SET ordered_at = %s WHERE site_id = %s AND jira_board_id = ANY(%s)"
# A board without a sprint to plan is not read any more, so what was read of it would grow old without a sign.
_UNPLANNED = """
UPDATE board b SET ordered_at = NULL
WHERE b.site_id = %(site)s AND b.ordered_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM board_sprint l JOIN sprint s USING (site_id, jira_sprint_id)
    WHERE l.site_id = b.site_id AND l.jira_board_id = b.jira_board_id AND s.state IN ('active', 'future')
      AND s.deleted_at IS NULL)
RETURNING b.jira_board_id
"""
_FORGET = """
UPDATE board_issue SET place = NULL WHERE site_id = %s AND jira_board_id = ANY(%s) AND place IS NOT NULL
"""
_WANT = "UPDATE board SET order_wanted_at = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class OrderedBoard:
    """A board that can be planned on. wanted: somebody did so lately. open: the statuses of its columns, but for those of done."""

    jira_board_id: int
    name: str
    filter_id: str
    wanted: bool
    open: tuple[str, ...]


async def plannable(session: AsyncSession, site_id: int, *, now: datetime) -> list[OrderedBoard]:
    """The chosen boards with a sprint that is active or planned, those first whose order was asked for longest ago."""
    connection = await db.raw(session)
    cursor = await connection.execute(_BOARDS.encode(), {"site": site_id, "wanted_since": now - WANTED_FOR})
    found = await cursor.fetchall()
    cursor = await connection.execute(_STATUSES, (site_id,))
    known = [status for (status,) in await cursor.fetchall()]
    boards = await context.boards(connection, site_id, [row[0] for row in found])
    ordered = (
        OrderedBoard(number, name, filter_id, wanted, _open(boards[number].rules, known))
        for number, name, filter_id, wanted in found
    )
    return [board for board in ordered if board.open]


def _open(rules: BoardRules, statuses: Sequence[str]) -> tuple[str, ...]:
    """Those of these statuses that exist: Jira refuses a search that names another."""
    return tuple(status for status in statuses if rules.state(status) in (State.TODO, State.DOING))


async def keep(session: AsyncSession, site_id: int, board: OrderedBoard, issues: Sequence[int]) -> bool:
    """The board's open issues stand in this order, and all others have no place.

    False, and nothing is changed: too many are absent that the board is known to show.
    """
    connection = await db.raw(session)
    here = {"site": site_id, "board": board.jira_board_id}
    cursor = await connection.execute(_HELD.encode(), {**here, "open": list(board.open)})
    held = await cursor.fetchall()
    places = {issue: at for at, issue in enumerate(issues, start=1)}
    known = [issue for issue, _, is_open in held if is_open]
    absent = sum(issue not in places for issue in known)
    if absent > max(SLACK, len(known) // SLACK_SHARE):
        return False
    stood: dict[int, int | None] = {issue: place for issue, place, _ in held}
    moved = {
        issue: places.get(issue)
        for issue in (*stood, *places)
        if issue not in stood or stood[issue] != places.get(issue)
    }
    if moved:
        await connection.execute(
            _MOVE.encode(), {**here, "issues": list(moved), "places": list(moved.values())}
        )
    return True


async def asked(session: AsyncSession, site_id: int, boards: Sequence[int], *, now: datetime) -> None:
    """The orders of these boards were asked for, with or without success: now it is the turn of others."""
    connection = await db.raw(session)
    await connection.execute(_ASKED, (now, site_id, list(boards)))


async def forget_unplanned(session: AsyncSession, site_id: int) -> int:
    """Take the places off the boards that have no sprint to plan any more. Returns how many boards."""
    connection = await db.raw(session)
    cursor = await connection.execute(_UNPLANNED.encode(), {"site": site_id})
    boards = [board for (board,) in await cursor.fetchall()]
    if boards:
        await connection.execute(_FORGET.encode(), (site_id, boards))
    return len(boards)


async def want(session: AsyncSession, board_id: int, *, now: datetime) -> None:
    """Somebody plans on this board (our id): from now on each run reads its order, for a while."""
    connection = await db.raw(session)
    await connection.execute(_WANT, (now, board_id))
