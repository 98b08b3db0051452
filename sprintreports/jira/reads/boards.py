"""Boards that a viewer may see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.access import NO_BOARD, VISIBLE, boards_of
from sprintreports.kit.errors import NotFound
from sprintreports.kit.paging import Sort, order_by


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A board. `estimation`: the name of its estimation field where known. `as_of`: the site's last complete sync.

    `done`: the names of the statuses that count as done: those chosen, or those of its right-most column.
    """

    id: int
    site_id: int
    site_name: str
    jira_board_id: int
    name: str
    type: str
    project_key: str | None
    unit: str
    estimation_kind: str
    estimation_field: str | None
    subtasks: str
    zone: str
    weekdays: tuple[int, ...]
    days_off: tuple[str, ...]
    columns: tuple[str, ...]
    done: tuple[str, ...]
    done_statuses: tuple[str, ...] | None
    selected: bool
    problem: str | None
    url: str
    as_of: datetime | None
    active_sprints: int
    closed_sprints: int
    future_sprints: int


_QUERY = f"""
SELECT b.id, b.site_id, site.name, b.jira_board_id, b.name, b.type, b.project_key, b.unit, b.estimation_kind,
       b.estimation_field, b.subtasks, b.zone, b.weekdays, b.days_off, b.columns, b.selected, b.problem, site.base_url,
       site.last_synced_at, n.active, n.closed, n.future, ARRAY(
           SELECT CASE WHEN b.done_statuses IS NOT NULL AND st.deleted THEN st.name || ' (deleted in Jira)' ELSE st.name END
           FROM jsonb_array_elements_text(coalesce(b.done_statuses, b.columns -> -1 -> 'statuses')) AS one(status_id)
           JOIN status st ON st.site_id = b.site_id AND st.status_id = one.status_id ORDER BY st.name
       ), b.done_statuses
FROM board b JOIN site ON site.id = b.site_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE s.state = 'active'), count(*) FILTER (WHERE s.state = 'closed'),
           count(*) FILTER (WHERE s.state = 'future')
    FROM board_sprint l JOIN sprint s USING (site_id, jira_sprint_id)
    WHERE l.site_id = b.site_id AND l.jira_board_id = b.jira_board_id
) AS n(active, closed, future)
WHERE {VISIBLE} AND site.deleted_at IS NULL
  AND (CAST(:site AS bigint) IS NULL OR b.site_id = :site) AND (CAST(:id AS bigint) IS NULL OR b.id = :id)
  AND (b.selected OR NOT :only_selected)
"""
ORDERS = {
    "name": "lower(b.name) {way}",
    "site_name": "lower(site.name) {way}",
    "type": "b.type {way}",
    "project_key": "b.project_key {way} NULLS LAST",
    "active_sprints": "n.active {way}",
    "closed_sprints": "n.closed {way}",
    "future_sprints": "n.future {way}",
}


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    site_id: int | None = None,
    only_selected: bool = True,
    sort: Sort = (),
) -> list[BoardRow]:
    """The boards, by site and name."""
    return await _read(session, viewer, site=site_id, id_=None, only_selected=only_selected, sort=sort)


async def one(session: AsyncSession, viewer: Viewer, board_id: int) -> BoardRow:
    """One board, chosen for sync or not. Raises NotFound."""
    found = await _read(session, viewer, site=None, id_=board_id, only_selected=False)
    if not found:
        raise NotFound(NO_BOARD)
    return found[0]


async def _read(
    session: AsyncSession,
    viewer: Viewer,
    *,
    site: int | None,
    id_: int | None,
    only_selected: bool,
    sort: Sort = (),
) -> list[BoardRow]:
    values = {"boards": boards_of(viewer), "site": site, "id": id_, "only_selected": only_selected}
    order = order_by(sort, ORDERS, usual="site.name, lower(b.name)", last="b.id")
    found = await session.execute(text(f"{_QUERY} {order}"), values)
    return [
        BoardRow(
            *row[:12],
            weekdays=tuple(row[12]),
            days_off=tuple(row[13]),
            columns=tuple(column["name"] for column in row[14] or ()),
            done=tuple(row[22]),
            done_statuses=None if row[23] is None else tuple(row[23]),
            selected=row[15],
            problem=row[16],
            url=f"{row[17].rstrip('/')}/secure/RapidBoard.jspa?rapidView={row[3]}",
            as_of=row[18],
            active_sprints=row[19],
            closed_sprints=row[20],
            future_sprints=row[21],
        )
        for row in found
    ]
