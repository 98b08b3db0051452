"""What planning keeps about somebody in Jira: shown, and taken away when the person is erased. Days and shares stay, by number."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer

_PERSON = text("""
SELECT id, part_time, hours_per_day, skills, country, subdivision, created_at, updated_at FROM planning_person
WHERE jira_person_id = :id
""")
_REST = {
    "names_in_files": "SELECT alias FROM person_alias WHERE person_id = :id ORDER BY 1",
    "teams": """
        SELECT m.team_id, t.name AS team, m.share, m.since, m.until FROM team_member m JOIN team t ON t.id = m.team_id
        WHERE m.person_id = :id ORDER BY m.team_id
    """,
    "absences": "SELECT first, last, part, source, uid, created_by, created_at FROM absence WHERE person_id = :id ORDER BY first, id",
    "set_by_hand": """
        SELECT team_id, sprint_id, measure, value, reason, created_by, created_at, ended_by, ended_at
        FROM capacity_override WHERE person_id = :id ORDER BY id
    """,
}
_WEIGHTS = text("""
SELECT queue_id, number, change ->> 'weight' AS weight, created_by, created_at FROM queue_edit
WHERE change ->> 'kind' = 'weight' AND change ->> 'person' = :id ORDER BY queue_id, number
""")
_ERASED = """
SELECT p.id FROM planning_person p JOIN jira_person j ON j.id = p.jira_person_id
JOIN erased_person e ON e.site_id = j.site_id AND e.alias = j.account_key WHERE j.site_id = :site
"""
_SCRUB = (
    f"DELETE FROM person_alias WHERE person_id IN ({_ERASED})",
    f"UPDATE absence SET uid = NULL WHERE uid IS NOT NULL AND person_id IN ({_ERASED})",
    f"""
    UPDATE planning_person SET name = NULL, email = NULL, skills = '{{}}', version = version + 1, updated_at = now()
    WHERE (name IS NOT NULL OR email IS NOT NULL OR skills <> '{{}}') AND id IN ({_ERASED})
    """,
)


async def personal_data(session: AsyncSession, viewer: Viewer, jira_person_id: int) -> dict[str, Any]:
    """All that planning keeps about somebody in Jira, as plain JSON; of who is not planned with only what queues say. Raises Forbidden."""
    viewer.require(Permission.USERS_WRITE)
    found: dict[str, Any] = {}
    weights = await session.execute(_WEIGHTS, {"id": str(jira_person_id)})
    if told := [_plain(row) for row in weights.mappings()]:
        found["queue_weights"] = told
    person = (await session.execute(_PERSON, {"id": jira_person_id})).mappings().one_or_none()
    if person is None:
        return found
    found["planning_person"] = _plain(person)
    for name, query in _REST.items():
        rows = await session.execute(text(query), {"id": person["id"]})
        found[name] = [_plain(row) for row in rows.mappings()]
    return found


async def scrub(session: AsyncSession, site_id: int) -> None:
    """Take away what names those of a site who were erased. Can be run again."""
    for statement in _SCRUB:
        await session.execute(text(statement), {"site": site_id})


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | list | None) else str(value) for name, value in row.items()
    }
