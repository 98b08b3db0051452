"""Who may see which board, and the one row that says all about a sprint on a board."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import calendar_of
from sprintreports.jira.facts_compute import SprintDates
from sprintreports.kit import db
from sprintreports.kit.errors import NotFound
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.values import SprintState, Unit, Window

# Each query that joins a board as `b` starts its conditions with this. `:boards` NULL: all boards.
VISIBLE = (
    "(CAST(:boards AS bigint[]) IS NULL OR b.id = ANY(CAST(:boards AS bigint[]))) AND b.deleted_at IS NULL"
)

NO_SPRINT = "There is no such sprint, or you may not see it. Choose one from the list of sprints."
NO_BOARD = "There is no such board, or you may not see it. Choose one from the list of boards."
NOT_LISTED = "No board lists this sprint: only issues refer to it. It has no report until one of its boards is chosen and synced."
NOT_THERE = "This board does not show this sprint. Leave the board out to see the sprint on its own board."


@dataclass(frozen=True, slots=True)
class Place:
    """A sprint on a board that the viewer may see. `version`: when its facts were computed; None: not yet."""

    site_id: int
    jira_board_id: int
    jira_sprint_id: int
    board_id: int
    board_name: str
    sprint_id: int
    sprint_name: str
    unit: Unit
    dates: SprintDates
    calendar: WorkCalendar
    base_url: str
    as_of: datetime | None
    version: datetime | None
    row_version: str | None

    @property
    def computed(self) -> bool:
        return self.version is not None

    @property
    def facts(self) -> tuple[Any, ...]:
        """What names one state of the sprint's facts: a rebuild writes their header anew, at another place in its table
        and by another transaction, even if two rebuilds were given the same time."""
        return self.site_id, self.jira_board_id, self.jira_sprint_id, self.version, self.row_version

    @property
    def texts(self) -> tuple[Any, ...]:
        """What names one state of the facts and of the words around them, which a sync may change: names, summaries."""
        return *self.facts, self.as_of, self.base_url

    @property
    def keys(self) -> dict[str, int]:
        """The bind values of `AT`."""
        return {"site": self.site_id, "board": self.jira_board_id, "sprint": self.jira_sprint_id}

    def window(self, now: datetime) -> Window:
        return self.dates.window(now)


# The rows of one sprint in a facts table.
AT = "site_id = :site AND jira_board_id = :board AND jira_sprint_id = :sprint"

_PLACE = f"""
SELECT b.site_id, b.jira_board_id, s.jira_sprint_id, b.id, b.name, s.id, s.name, b.unit, s.state, s.start_date, s.end_date,
       s.activated_at, s.complete_date, b.zone, b.weekdays, b.days_off, site.base_url, site.last_synced_at,
       f.rebuilt_at, f.ctid::text || f.xmin::text
FROM board b JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
JOIN site ON site.id = b.site_id
LEFT JOIN sprint_fact f ON f.site_id = b.site_id AND f.jira_board_id = b.jira_board_id AND f.jira_sprint_id = s.jira_sprint_id
WHERE {VISIBLE.replace(":boards", "%(boards)s")} AND site.deleted_at IS NULL AND s.id = %(sprint_id)s
  AND (CAST(%(board_id)s AS bigint) IS NULL OR b.id = %(board_id)s)
ORDER BY b.jira_board_id = s.origin_board_id DESC NULLS LAST, b.selected DESC, b.id LIMIT 1
"""


def boards_of(viewer: Viewer) -> list[int] | None:
    """The bind value of `:boards`; raises Forbidden when the viewer may not see sprints at all.

    A program that was limited to the system's settings sees there which boards they are about.
    """
    if not viewer.can(Permission.SETTINGS_READ):
        viewer.require(Permission.SPRINTS_READ)
    boards = viewer.boards_for(Permission.SPRINTS_READ)
    return None if boards is None else sorted(boards)


async def place(session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None) -> Place:
    """The sprint on the given board; without one on its origin board, else on the first that shows it.

    Asked once a transaction, however many reads of it follow. Raises NotFound with the reason.
    """
    boards = boards_of(viewer)
    asked = ("place", viewer.board_ids, sprint_id, board_id)
    if asked in session.info:
        return session.info[asked]
    connection = await db.raw(session)
    cursor = await connection.execute(
        _PLACE, {"boards": boards, "sprint_id": sprint_id, "board_id": board_id}, prepare=True
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(await _why_not(session, viewer, sprint_id=sprint_id, board_id=board_id))
    session.info[asked] = _place(row)
    return session.info[asked]


def _place(row: Any) -> Place:
    return Place(
        *row[:7],
        unit=Unit(row[7]),
        dates=SprintDates(SprintState(row[8]), *row[9:13]),
        calendar=calendar_of(*row[13:16]),
        base_url=row[16],
        as_of=row[17],
        version=row[18],
        row_version=row[19],
    )


async def _why_not(session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None) -> str:
    if board_id is not None:
        found = await session.execute(
            text(f"SELECT 1 FROM board b WHERE {VISIBLE} AND b.id = :id"),
            {"boards": boards_of(viewer), "id": board_id},
        )
        if found.first() is None:
            return NO_BOARD
    if viewer.board_ids is not None:
        return NO_SPRINT
    found = await session.execute(
        text(
            "SELECT EXISTS (SELECT 1 FROM board_sprint l WHERE (l.site_id, l.jira_sprint_id) "
            "= (s.site_id, s.jira_sprint_id)) FROM sprint s WHERE s.id = :id"
        ),
        {"id": sprint_id},
    )
    listed = found.scalar_one_or_none()
    if listed is None:
        return NO_SPRINT
    return NOT_THERE if listed else NOT_LISTED


def issue_url(base_url: str, key: str) -> str:
    """Where the issue is in Jira."""
    return f"{base_url.rstrip('/')}/browse/{key}"
