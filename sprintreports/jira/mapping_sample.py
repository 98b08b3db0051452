"""Real issues to try a mapping on: stored ones of the latest sprints; before the first sync a few, asked from Jira."""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.jira import mapping, sites
from sprintreports.jira.mapping_values import FieldMapping
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.store import raw_of
from sprintreports.jira.tables import Board, Site
from sprintreports.kit import db

LOOKED_AT = 1_200
ASKED = 40
SPRINTS = 30
RECENT = timedelta(days=90)


class Basis(StrEnum):
    """Where the issues come from."""

    SPRINTS = "sprints"
    UPDATED = "updated"
    JIRA = "jira"


@dataclass(frozen=True, slots=True)
class Sample:
    basis: Basis
    issues: tuple[RawIssue, ...]


_OF_SPRINTS = """
WITH recent AS (
    SELECT jira_sprint_id, row_number() OVER (
        ORDER BY state = 'active' DESC, coalesce(complete_date, activated_at, start_date, end_date) DESC NULLS LAST,
                 jira_sprint_id DESC
    ) AS place
    FROM sprint WHERE site_id = %(site)s AND state IN ('active', 'closed') AND deleted_at IS NULL
    ORDER BY place LIMIT %(sprints)s
), member AS (
    SELECT m.jira_issue_id, min(recent.place) AS place FROM recent
    JOIN issue_sprint m ON m.site_id = %(site)s AND m.jira_sprint_id = recent.jira_sprint_id
    GROUP BY m.jira_issue_id
)
SELECT i.jira_issue_id FROM member JOIN issue i ON i.site_id = %(site)s AND i.jira_issue_id = member.jira_issue_id
WHERE i.deleted_at IS NULL ORDER BY member.place, i.jira_issue_id LIMIT %(most)s
"""
_UPDATED = """
SELECT jira_issue_id FROM issue WHERE site_id = %(site)s AND deleted_at IS NULL
ORDER BY jira_updated DESC, jira_issue_id LIMIT %(most)s
"""
_BODIES = """
SELECT external_id, body FROM stored_payload
WHERE site_id = %s AND kind = 'issue' AND external_id = ANY(%s) ORDER BY external_id
"""


async def take(session: AsyncSession, site: Site, wanted: FieldMapping, *, now: datetime) -> Sample:
    """Up to LOOKED_AT stored issues; if nothing is stored, ASKED ones from Jira. Raises a JiraError only then."""
    connection = await db.raw(session)
    values = {"site": site.id, "sprints": SPRINTS, "most": LOOKED_AT}
    for basis, query in ((Basis.SPRINTS, _OF_SPRINTS), (Basis.UPDATED, _UPDATED)):
        cursor = await connection.execute(query.encode(), values)
        found = [str(issue) for (issue,) in await cursor.fetchall()]
        if found:
            cursor = await connection.execute(_BODIES, (site.id, found))
            return Sample(basis, tuple(raw_of(int(issue), body) for issue, body in await cursor.fetchall()))
    return Sample(Basis.JIRA, tuple(await _asked(session, site, wanted, now=now)))


async def _asked(
    session: AsyncSession, site: Site, wanted: FieldMapping, *, now: datetime
) -> Sequence[RawIssue]:
    keys = await session.scalars(
        select(col(Board.project_key))
        .where(col(Board.site_id) == site.id, col(Board.deleted_at).is_(None), col(Board.selected))
        .order_by(col(Board.project_key))
        .distinct()
    )
    client = await sites.open_client(site)
    try:
        fields = mapping.fields_to_read(wanted, await client.fields())
        for jql in _queries([key for key in keys if key], since=now - RECENT):
            async with aclosing(client.search(jql)) as pages:
                async for refs in pages:
                    # From one end of the page to the other: neighbours are alike.
                    return await client.issues(refs[:: -(-len(refs) // ASKED)], fields=fields)
    finally:
        await client.aclose()
    return ()


def _queries(projects: Sequence[str], *, since: datetime) -> Iterator[str]:
    """What changed lately, and where nothing did, anything."""
    places = f"project in ({', '.join(map(_quoted, projects[:50]))})" if projects else ""
    yield " AND ".join(filter(None, (places, f'updated >= "{since:%Y-%m-%d}"')))
    yield places or 'updated >= "2000-01-01"'


def _quoted(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
