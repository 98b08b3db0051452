"""All active sprints, each once, with where they stand."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import calendar_of
from sprintreports.jira.reads.access import VISIBLE, boards_of
from sprintreports.jira.reads.summaries import COMPUTED, SUMS_JOIN, disciplines_of, rows_to_totals
from sprintreports.metrics.burndown import DailyPoint
from sprintreports.metrics.calendar import GuidePoint
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Unit


@dataclass(frozen=True, slots=True)
class ActiveSprintCard:
    """An active sprint on its own board. `totals` None: not computed yet. `days` are of the whole sprint, so they are
    empty for a viewer who sees some teams only. `working_days_left` counts today; None without a planned end.
    `other_boards`: id and name of the other synced boards that show the sprint, by their own rules."""

    sprint_id: int
    sprint_name: str
    goal: str | None
    site_name: str
    board_id: int
    board_name: str
    unit: Unit
    start: datetime | None
    planned_end: datetime | None
    zone: str
    working_days: int | None
    working_days_left: int | None
    totals: Totals | None
    days: tuple[DailyPoint, ...]
    guideline: tuple[GuidePoint, ...]
    other_boards: tuple[tuple[int, str], ...]
    as_of: datetime | None

    @property
    def overdue(self) -> bool:
        """Past its planned end and still not closed."""
        return self.planned_end is not None and self.working_days_left == 0


_QUERY = f"""
SELECT s.id, s.name, s.goal, site.name, b.id, b.name, b.unit, coalesce(s.activated_at, s.start_date), s.end_date, b.zone,
       b.weekdays, b.days_off, site.last_synced_at, days.points, others.boards, {COMPUTED}, sums.*
FROM sprint s JOIN site ON site.id = s.site_id
JOIN LATERAL (
    SELECT b.* FROM board_sprint l JOIN board b USING (site_id, jira_board_id)
    WHERE {VISIBLE} AND l.site_id = s.site_id AND l.jira_sprint_id = s.jira_sprint_id
    ORDER BY b.jira_board_id = s.origin_board_id DESC NULLS LAST, b.selected DESC, b.id LIMIT 1
) AS b ON true
LEFT JOIN LATERAL (
    SELECT array_agg(ARRAY[(d.day - DATE '1970-01-01')::bigint, scope_points, scope_seconds, scope_count, done_points,
           done_seconds, done_count, remaining_points, remaining_seconds, remaining_count] ORDER BY d.day) AS points
    FROM sprint_daily_fact d WHERE NOT :sliced AND d.site_id = s.site_id AND d.jira_board_id = b.jira_board_id
     AND d.jira_sprint_id = s.jira_sprint_id
) AS days ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(o.id, o.name) ORDER BY lower(o.name), o.id) AS boards
    FROM board_sprint l JOIN board o USING (site_id, jira_board_id)
    WHERE {VISIBLE.replace("b.", "o.")} AND o.selected AND o.id <> b.id AND l.site_id = s.site_id
      AND l.jira_sprint_id = s.jira_sprint_id
) AS others ON true
{SUMS_JOIN.format(s="s")}
WHERE s.state = 'active' AND site.deleted_at IS NULL AND s.deleted_at IS NULL
ORDER BY s.end_date NULLS LAST, lower(b.name), s.id
"""


async def read(session: AsyncSession, viewer: Viewer, *, now: datetime) -> list[ActiveSprintCard]:
    """The active sprints that the viewer may see, the one that ends first first. One query."""
    values = {
        "boards": boards_of(viewer), "disciplines": disciplines_of(viewer), "sliced": viewer.team_ids is not None
    }  # fmt: skip
    return [_card(row, now=now) for row in await session.execute(text(_QUERY), values)]


def _card(row: Any, *, now: datetime) -> ActiveSprintCard:
    start: datetime | None = row[7]
    end: datetime | None = row[8]
    calendar = calendar_of(*row[9:12])
    left = None if end is None else calendar.working_days(now, end) if end > now else 0
    totals = rows_to_totals(row[16:], computed=row[15])
    days: int | None = None
    guideline: tuple[GuidePoint, ...] = ()
    if start is not None and end is not None:
        days = calendar.working_days(start, end)
        guideline = () if totals is None else calendar.guideline(start, end, totals.initial)
    return ActiveSprintCard(
        *row[:6],
        unit=Unit(row[6]),
        start=start,
        planned_end=end,
        zone=row[9],
        working_days=days,
        working_days_left=left,
        totals=totals,
        days=tuple(_day(values) for values in row[13] or ()),
        guideline=guideline,
        other_boards=tuple((number, name) for number, name in row[14] or ()),
        as_of=row[12],
    )


def _day(values: list[int]) -> DailyPoint:
    day = date.fromordinal(_EPOCH + values[0])
    return DailyPoint(day, Amount(*values[1:4]), Amount(*values[4:7]), Amount(*values[7:10]))


_EPOCH = date(1970, 1, 1).toordinal()
