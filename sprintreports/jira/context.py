"""What storing and computing need to know of a site and its boards, read once per transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.mapping import FieldMapping
from sprintreports.kit import db
from sprintreports.kit.errors import NotFound
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.values import BoardRules, SubtaskRule


@dataclass(frozen=True, slots=True)
class SiteContext:
    """A site, and which of its fields mean what."""

    site_id: int
    base_url: str
    mapping: FieldMapping
    fields: FieldIndex


@dataclass(frozen=True, slots=True)
class BoardContext:
    """All that a board decides about its numbers."""

    site_id: int
    jira_board_id: int
    id: int
    name: str
    rules: BoardRules
    points_field: str | None
    calendar: WorkCalendar


async def load(session: AsyncSession, site_id: int) -> SiteContext:
    """The site as it is stored now. Raises NotFound."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT base_url, mapping FROM site WHERE id = %s AND deleted_at IS NULL", (site_id,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such Jira site. Choose one from the list of sites.")
    mapping = msgspec.convert(row[1], FieldMapping)
    cursor = await connection.execute(
        "SELECT DISTINCT estimation_field FROM board WHERE site_id = %s AND estimation_field IS NOT NULL "
        "AND deleted_at IS NULL ORDER BY 1",
        (site_id,),
    )
    extra = [field for (field,) in await cursor.fetchall()]
    return SiteContext(site_id, row[0], mapping, FieldIndex.of(mapping, extra))


async def boards(
    connection: AsyncConnection[Any], site_id: int, jira_board_ids: Collection[int]
) -> dict[int, BoardContext]:
    """The rules of these boards, by Jira's id."""
    if not jira_board_ids:
        return {}
    categories = await _categories(connection, site_id)
    cursor = await connection.execute(
        "SELECT jira_board_id, id, name, columns, estimation_field, subtasks, zone, weekdays, days_off, done_statuses "
        "FROM board WHERE site_id = %s AND jira_board_id = ANY(%s)",
        (site_id, list(jira_board_ids)),
    )
    found: dict[int, BoardContext] = {}
    for (
        jira_board_id,
        board_id,
        name,
        columns,
        field,
        subtasks,
        zone,
        weekdays,
        days_off,
        done,
    ) in await cursor.fetchall():
        found[jira_board_id] = BoardContext(
            site_id=site_id,
            jira_board_id=jira_board_id,
            id=board_id,
            name=name,
            rules=rules_of(columns, categories, SubtaskRule(subtasks), done=done),
            points_field=field,
            calendar=calendar_of(zone, weekdays, days_off),
        )
    return found


def rules_of(
    columns: list[dict[str, Any]] | None,
    categories: Mapping[str, str],
    subtasks: SubtaskRule,
    *,
    done: list[str] | None = None,
) -> BoardRules:
    """A board's rules from its columns as stored; without columns the status categories decide.

    `done`: the statuses that an admin chose to count as done, instead of the right-most column or the category. One
    that is in no column counts as done all the same.
    """
    mapped = frozenset(status for column in columns or () for status in column["statuses"])
    if done:
        # Without columns each status that the site knows has its place.
        known = mapped if columns else frozenset(categories)
        return BoardRules(frozenset(done), known | frozenset(done), categories, subtasks)
    if not columns:
        return BoardRules(frozenset(), None, categories, subtasks)
    return BoardRules(frozenset(columns[-1]["statuses"]), mapped, categories, subtasks)


def calendar_of(zone: str, weekdays: list[int], days_off: list[str]) -> WorkCalendar:
    """A board's working days from its settings as stored."""
    return WorkCalendar(zone, frozenset(weekdays), frozenset(date.fromisoformat(day) for day in days_off))


async def _categories(connection: AsyncConnection[Any], site_id: int) -> dict[str, str]:
    cursor = await connection.execute("SELECT status_id, category FROM status WHERE site_id = %s", (site_id,))
    return dict(await cursor.fetchall())
