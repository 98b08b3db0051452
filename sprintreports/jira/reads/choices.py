"""What the frame around every report needs, in one query: boards and sprints to pick, how fresh the data is, and what
names the present state of the sprint that is picked.

Every browser event asks this, so it goes past SQLAlchemy, and lists that are the same as last time are not built anew.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.access import VISIBLE, boards_of
from sprintreports.jira.reads.runs import FRESHNESS, Freshness
from sprintreports.jira.reads.sprints import ORDER
from sprintreports.kit import db
from sprintreports.metrics.values import SprintState, Unit

MOST_SPRINTS = 100


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """A board to pick, and its unit."""

    id: int
    name: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class SprintChoice:
    """A sprint to pick."""

    id: int
    name: str
    state: SprintState


@dataclass(frozen=True, slots=True)
class Choices:
    """The boards chosen for sync, one of them, its sprints as `sprints.page` orders them, and one of these.

    `version` names one state of that sprint on that board: its rows, its facts, the last finished sync. None: this board
    does not list the sprint, or nothing is computed. `settled`: the sprint has ended, and so does not depend on the clock.
    """

    boards: tuple[BoardChoice, ...]
    board: BoardChoice | None
    sprints: tuple[SprintChoice, ...]
    sprint_id: int | None
    version: str | None
    settled: bool
    freshness: Freshness


# How a row is told from every other state of itself: its place in the table and the transaction that wrote it.
_STATE = "CAST({row}.ctid AS text) || '/' || CAST({row}.xmin AS text)"
_QUERY = f"""
WITH shown AS MATERIALIZED (
    SELECT b.id, b.site_id, b.jira_board_id, b.selected, json_build_array(b.id, b.name, b.unit) AS entry,
           row_number() OVER (ORDER BY site.name, lower(b.name), b.id) AS position
    FROM board b JOIN site ON site.id = b.site_id WHERE {VISIBLE} AND site.deleted_at IS NULL
), home AS (
    SELECT b.id FROM shown b JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
    WHERE s.id = :sprint ORDER BY b.jira_board_id = s.origin_board_id DESC NULLS LAST, b.selected DESC, b.id LIMIT 1
), board_picked AS (
    SELECT * FROM shown WHERE selected
    ORDER BY id = :board DESC NULLS LAST, id = (SELECT id FROM home) DESC NULLS LAST, id = :last_board DESC NULLS LAST, position
    LIMIT 1
), listed AS MATERIALIZED (
    SELECT s.id, s.state, json_build_array(s.id, s.name, s.state) AS entry, row_number() OVER ({ORDER.format(s="s")}) AS position
    FROM board_picked JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
    WHERE s.deleted_at IS NULL ORDER BY position LIMIT {MOST_SPRINTS}
), sprint_picked AS (
    SELECT coalesce(:sprint, (
        SELECT id FROM listed ORDER BY id = :last_sprint DESC NULLS LAST,
               array_position(ARRAY['active', 'closed', 'future'], CAST(state AS text)) NULLS LAST, position LIMIT 1
    )) AS id
), state AS (
    SELECT concat_ws(' ', {_STATE.format(row="b")}, {_STATE.format(row="s")}, {_STATE.format(row="f")}, f.rebuilt_at,
                     site.last_synced_at, site.base_url) AS version,
           s.state IN ('closed', 'unknown') AND s.complete_date IS NOT NULL AS settled
    FROM board b JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
    JOIN sprint_fact f USING (site_id, jira_board_id, jira_sprint_id) JOIN site ON site.id = b.site_id
    WHERE b.id = (SELECT id FROM board_picked) AND s.id = (SELECT id FROM sprint_picked)
)
SELECT (SELECT CAST(json_agg(entry ORDER BY position) AS text) FROM shown WHERE selected),
       (SELECT id FROM board_picked),
       (SELECT CAST(json_agg(entry ORDER BY position) AS text) FROM listed),
       (SELECT id FROM sprint_picked), (SELECT version FROM state), (SELECT settled FROM state), fresh.*
FROM ({FRESHNESS}) AS fresh(last_synced_at, failed, running, sites)
"""
_RAW = re.sub(r"(?<!:):(\w+)", r"%(\1)s", _QUERY).encode()  # as psycopg names its values


async def read(
    session: AsyncSession,
    viewer: Viewer,
    *,
    board_id: int | None = None,
    sprint_id: int | None = None,
    last_board: int | None = None,
    last_sprint: int | None = None,
) -> Choices:
    """What may be picked, and what is: the board and sprint asked for, else the sprint's own board, else the last ones,
    else the first board and its active sprint. One query. A sprint asked for is picked even where it is not listed.
    """
    values = {
        "boards": boards_of(viewer),
        "board": board_id,
        "sprint": sprint_id,
        "last_board": last_board,
        "last_sprint": last_sprint,
    }
    connection = await db.raw(session)
    cursor = await connection.execute(_RAW, values)
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("an aggregate without groups has one row")
    boards = _boards(row[0] or "[]")
    return Choices(
        boards=boards,
        board=next((board for board in boards if board.id == row[1]), None),
        sprints=_sprints(row[2] or "[]"),
        sprint_id=row[3],
        version=row[4],
        settled=bool(row[5]),
        freshness=Freshness(*row[6:]),
    )


@lru_cache(maxsize=256)
def _boards(text: str) -> tuple[BoardChoice, ...]:
    return tuple(BoardChoice(id_, name, Unit(unit)) for id_, name, unit in json.loads(text))


@lru_cache(maxsize=256)
def _sprints(text: str) -> tuple[SprintChoice, ...]:
    return tuple(SprintChoice(id_, name, SprintState(state)) for id_, name, state in json.loads(text))
