"""Lists of sprints, each sprint once, however many boards show it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.access import NO_SPRINT, VISIBLE, boards_of
from sprintreports.jira.reads.summaries import COMPUTED, SUMS_JOIN, disciplines_of, rows_to_totals
from sprintreports.jira.reads.words import pattern
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import SprintState

MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class SprintRow:
    """A sprint. `start` is the real one where Jira knows it, `end` the planned one, `closed_at` the real close.

    `board_id` is where its report is read by default (None: no visible board lists it); `totals` are from there, None
    where they are not computed. `delivered` False: only issues refer to it, and `note` says so.
    """

    id: int
    site_id: int
    site_name: str
    jira_sprint_id: int
    name: str
    state: SprintState
    goal: str | None
    start: datetime | None
    end: datetime | None
    closed_at: datetime | None
    delivered: bool
    note: str | None
    board_id: int | None
    board_name: str | None
    board_ids: tuple[int, ...]
    unit: str
    as_of: datetime | None
    totals: Totals | None


_LINKS = "FROM board_sprint l JOIN board b USING (site_id, jira_board_id) WHERE"
_SAME = "l.site_id = s.site_id AND l.jira_sprint_id = s.jira_sprint_id"
_FROM = """
FROM sprint s JOIN site ON site.id = s.site_id
WHERE site.deleted_at IS NULL AND s.deleted_at IS NULL
  AND (CAST(:id AS bigint) IS NULL OR s.id = :id)
  AND (CAST(:state AS text) IS NULL OR s.state = :state)
  AND (CAST(:search AS text) IS NULL OR s.name ILIKE :search)
"""
_SHOWN = f"""{_FROM}
  AND (EXISTS (SELECT 1 {_LINKS} {VISIBLE} AND {_SAME} AND (CAST(:board AS bigint) IS NULL OR b.id = :board))
       OR (NOT s.delivered AND CAST(:board AS bigint) IS NULL AND CAST(:boards AS bigint[]) IS NULL))
"""
# The same for who may see all boards and asks for no one of them, where there may be 100,000 sprints: page by page along
# the index of the order, with a question for each sprint on the way.
_LISTED = f"(SELECT true {_LINKS} b.deleted_at IS NULL AND {_SAME} LIMIT 1)"
_ALL_SHOWN = f"{_FROM} AND (NOT s.delivered OR {_LISTED})"
_COUNT = f"SELECT count(*) {_SHOWN}"
_NAMES = text(f"""
SELECT s.id, s.name FROM board b JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
WHERE {VISIBLE} AND b.id = :board AND s.id = ANY(CAST(:ids AS bigint[]))
""")
# The sprint is called @ here: the list is put into order before and after the rest is joined.
_USUAL = """
array_position(ARRAY['active', 'future', 'closed', 'unknown'], @.state::text),
CASE WHEN @.state = 'future' THEN coalesce(@.start_date, 'infinity') END,
coalesce(@.complete_date, @.activated_at, @.start_date, @.end_date) DESC NULLS LAST
"""
# The list's own order, of sprints by the name that is put in for {s}.
ORDER = f"ORDER BY {_USUAL.replace('@', '{s}')}, {{s}}.id DESC"
ORDERS = {
    "name": "lower(@.name) {way}",
    "state": "array_position(ARRAY['active', 'future', 'closed', 'unknown'], @.state::text) {way}",
    "start_date": "coalesce(@.activated_at, @.start_date) {way} NULLS LAST",
    "end_date": "@.end_date {way} NULLS LAST",
    "complete_date": "@.complete_date {way} NULLS LAST",
    "id": "@.id {way}",
}
_FOUND = """
WITH found AS (
    SELECT s.*, site.name AS site_name, site.last_synced_at {shown} {order}
    LIMIT :limit OFFSET :offset
)
"""
_DETAILS = f"""
SELECT f.id, f.site_id, f.site_name, f.jira_sprint_id, f.name, f.state, f.goal, coalesce(f.activated_at, f.start_date),
       f.end_date, f.complete_date, f.delivered, f.note, shown.ids[1], b.name, shown.ids, coalesce(b.unit, 'points'),
       f.last_synced_at, {COMPUTED}, sums.*
FROM found f LEFT JOIN LATERAL (
    SELECT array_agg(b.id ORDER BY b.jira_board_id = f.origin_board_id DESC NULLS LAST, b.selected DESC, b.id) AS ids
    FROM board_sprint l JOIN board b USING (site_id, jira_board_id)
    WHERE {VISIBLE} AND l.site_id = f.site_id AND l.jira_sprint_id = f.jira_sprint_id
) AS shown ON true
LEFT JOIN board b ON b.id = shown.ids[1]
{SUMS_JOIN.format(s="f")}
"""


async def page(
    session: AsyncSession,
    viewer: Viewer,
    *,
    state: SprintState | str | None = None,
    board_id: int | None = None,
    search: str | None = None,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[SprintRow]:
    """Active sprints first, then future ones by their start, then closed ones from the last, unless sorted otherwise.

    Raises Invalid.
    """
    if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
        raise Invalid(f"A page is 1 or more, and holds 1 to {MOST_PER_PAGE} sprints.")
    values = _values(viewer) | {
        "state": None if state is None else str(SprintState(state)),
        "board": board_id,
        "search": pattern(search),
    }
    wide = values["boards"] is None and board_id is None
    total = (await session.execute(text(_COUNT), values)).scalar_one()
    limits = {"limit": per_page, "offset": (page - 1) * per_page}
    found = await session.execute(_rows(_ALL_SHOWN if wide else _SHOWN, sort), values | limits)
    return Page([_row(row) for row in found], total, page, per_page)


async def one(session: AsyncSession, viewer: Viewer, sprint_id: int) -> SprintRow:
    """One sprint, listed by a board or only referred to. Raises NotFound."""
    found = await session.execute(_rows(_SHOWN), _values(viewer) | {"id": sprint_id, "limit": 1, "offset": 0})
    row = found.one_or_none()
    if row is None:
        raise NotFound(NO_SPRINT)
    return _row(row)


async def names(session: AsyncSession, viewer: Viewer, board_id: int, ids: Collection[int]) -> dict[int, str]:
    """What these sprints of a board are called; none where the viewer does not see the board."""
    asked = {"boards": boards_of(viewer), "board": board_id, "ids": sorted(set(ids))}
    return {row[0]: row[1] for row in await session.execute(_NAMES, asked)}


def _rows(shown: str, sort: Sort = ()) -> TextClause:
    order = order_by(sort, ORDERS, usual=_USUAL, last="@.id DESC")
    found = _FOUND.format(shown=shown, order=order.replace("@.", "s."))
    return text(f"{found} {_DETAILS} {order.replace('@.', 'f.')}")


def _values(viewer: Viewer) -> dict[str, Any]:
    return {
        "boards": boards_of(viewer), "disciplines": disciplines_of(viewer), "id": None, "state": None, "board": None,
        "search": None,
    }  # fmt: skip


def _row(row: Any) -> SprintRow:
    return SprintRow(
        *row[:5],
        state=SprintState(row[5]),
        goal=row[6],
        start=row[7],
        end=row[8],
        closed_at=row[9],
        delivered=row[10],
        note=row[11],
        board_id=row[12],
        board_name=row[13],
        board_ids=tuple(row[14] or ()),
        unit=row[15],
        as_of=row[16],
        totals=rows_to_totals(row[18:], computed=row[17]),
    )
