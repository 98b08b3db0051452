"""What counts as done on a board: its right-most column, or statuses that an admin chose."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.tables import Board
from sprintreports.kit.errors import FieldProblem, Invalid

NONE_CHOSEN = "Choose at least one status that counts as done, or let the right-most column decide."


@dataclass(frozen=True, slots=True)
class DoneRule:
    """The ids of the statuses that count as done; None: those of the right-most column."""

    statuses: tuple[str, ...] | None


RIGHTMOST = DoneRule(None)


@dataclass(frozen=True, slots=True)
class BoardStatus:
    """A status of the board's columns, or one that its issues have or had. `column`: None when it is in none."""

    status_id: str
    name: str
    category: str
    column: str | None
    rightmost: bool
    deleted: bool


# Columns from left to right, then what was seen besides, by name.
_STATUSES = """
WITH placed AS (
    SELECT s.status_id, c.position, c.body ->> 'name' AS name, c.position = jsonb_array_length(b.columns) AS rightmost
    FROM board b
    CROSS JOIN LATERAL jsonb_array_elements(b.columns) WITH ORDINALITY AS c(body, position)
    CROSS JOIN LATERAL jsonb_array_elements_text(c.body -> 'statuses') AS s(status_id)
    WHERE b.site_id = :site AND b.jira_board_id = :board AND b.columns IS NOT NULL
), seen AS (
    SELECT status_id FROM placed
    UNION SELECT status_id FROM sprint_segment WHERE site_id = :site AND jira_board_id = :board
    UNION SELECT i.status_id FROM board_issue l JOIN issue i USING (site_id, jira_issue_id)
    WHERE l.site_id = :site AND l.jira_board_id = :board
    UNION SELECT jsonb_array_elements_text(done_statuses) FROM board
    WHERE site_id = :site AND jira_board_id = :board AND done_statuses IS NOT NULL
)
SELECT st.status_id, st.name, st.category, placed.name, coalesce(placed.rightmost, false), st.deleted
FROM seen LEFT JOIN placed USING (status_id) JOIN status st ON st.site_id = :site AND st.status_id = seen.status_id
ORDER BY placed.position NULLS LAST, lower(st.name), st.status_id
"""


async def statuses(session: AsyncSession, viewer: Viewer, board: Board) -> list[BoardStatus]:
    """What can be chosen as done: the columns' statuses, and others that the board's issues have or had."""
    viewer.require(Permission.SETTINGS_READ)
    found = await session.execute(text(_STATUSES), {"site": board.site_id, "board": board.jira_board_id})
    return [BoardStatus(*row) for row in found]


def check(rule: DoneRule, known: Sequence[BoardStatus]) -> None:
    """Raises Invalid for a choice that cannot be."""
    if rule.statuses is None:
        return
    chosen = set(rule.statuses)
    by_id = {status.status_id: status for status in known}
    placed = {status.status_id for status in known if status.column is not None}
    everything = placed or {status.status_id for status in known if not status.deleted}
    if not chosen:
        raise _invalid(NONE_CHOSEN)
    unknown = sorted(chosen - by_id.keys())
    if unknown:
        raise _invalid(
            f"This board has no status {', '.join(unknown[:5])}. Load the page again and choose from its list."
        )
    if all(by_id[status].deleted for status in chosen):
        raise _invalid(
            "These statuses were all deleted in Jira, so no issue could become done again. "
            "Add one that still exists."
        )
    if chosen >= everything:
        raise _invalid(
            "If all statuses counted as done, every issue would be done from its start. Leave out those of open work."
        )


def _invalid(sentence: str) -> Invalid:
    return Invalid("What counts as done was not changed.", details=(FieldProblem("done_statuses", sentence),))
