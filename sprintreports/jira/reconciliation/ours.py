"""Our side of a closed sprint: its lines as they are stored, and the state of them by name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.facts_compute import SprintDates
from sprintreports.kit import db
from sprintreports.kit.errors import NotFound
from sprintreports.metrics.jira_lines import OurLine
from sprintreports.metrics.values import Bucket, SprintState, Unit, Window

NOT_CLOSED = "Jira's sprint report is final only once the sprint is closed. Compare it then."


@dataclass(frozen=True, slots=True)
class Place:
    """A sprint on a board, by Jira's ids."""

    site_id: int
    jira_board_id: int
    jira_sprint_id: int

    @property
    def keys(self) -> tuple[int, int, int]:
        return self.site_id, self.jira_board_id, self.jira_sprint_id


@dataclass(frozen=True, slots=True)
class OurSprint:
    """What of a sprint does not depend on Jira's report. facts: names the state of its figures, None: not computed."""

    place: Place
    closed: bool
    window: Window
    estimation_field: str | None
    facts: str | None


async def sprint(session: AsyncSession, place: Place, *, now: datetime) -> OurSprint:
    """The sprint on the board. Raises NotFound."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT s.state, s.start_date, s.end_date, s.activated_at, s.complete_date, b.estimation_field, "
        "f.rebuilt_at::text || f.ctid::text || f.xmin::text FROM board_sprint l JOIN board b USING (site_id, jira_board_id) "
        "JOIN sprint s USING (site_id, jira_sprint_id) LEFT JOIN sprint_fact f "
        "USING (site_id, jira_board_id, jira_sprint_id) "
        "WHERE l.site_id = %s AND l.jira_board_id = %s AND l.jira_sprint_id = %s",
        place.keys,
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("This board does not show this sprint. Choose one of its own sprints.")
    dates = SprintDates(SprintState(row[0]), *row[1:5])
    return OurSprint(place, dates.state is SprintState.CLOSED, dates.window(now), row[5], row[6])


async def lines(session: AsyncSession, place: Place, unit: Unit) -> list[OurLine]:
    """The issues of our report, with estimates in the unit of Jira's."""
    connection = await db.raw(session)
    kind = "seconds" if unit is Unit.HOURS else "points"
    cursor = await connection.execute(
        f"SELECT f.jira_issue_id, coalesce(i.key, f.jira_issue_id::text), f.bucket, f.added OR f.added_during, "  # one of two words of ours
        f"f.initial_{kind}, f.final_{kind} FROM sprint_issue_fact f LEFT JOIN issue i USING (site_id, jira_issue_id) "
        "WHERE f.site_id = %s AND f.jira_board_id = %s AND f.jira_sprint_id = %s AND f.bucket IS NOT NULL "
        "ORDER BY f.jira_issue_id",
        place.keys,
    )
    return [
        OurLine(issue, key, Bucket(bucket), added, initial, final)
        for issue, key, bucket, added, initial, final in await cursor.fetchall()
    ]
