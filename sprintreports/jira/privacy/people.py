"""People in Jira: found, shown with all that is kept about them, erased so that every number stays as it is."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.privacy import forget_link
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.erased.finding import alone, digest_of
from sprintreports.jira.erased.scrubbing import SURE, alias_of, former
from sprintreports.kit import queue
from sprintreports.kit.errors import NotFound
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.observability import logs

SCRUB_JOB = "jira.scrub"

_COLUMNS = """p.id, p.site_id, site.name AS site, p.name, p.account_key, p.active,
    EXISTS (SELECT FROM erased_person e WHERE e.site_id = p.site_id AND e.alias = p.account_key) AS erased"""
_FOUND = "FROM jira_person p JOIN site ON site.id = p.site_id WHERE strpos(lower(p.name), :search) > 0"
ORDERS = {
    "name": "lower(p.name) {way}",
    "site": "lower(site.name) {way}",
    "active": "p.active {way}",
}
_ONE = text(f"SELECT {_COLUMNS} FROM jira_person p JOIN site ON site.id = p.site_id WHERE p.id = :id")
_ISSUES = text("""
SELECT i.key, i.summary, i.assignee_id = :id AS assignee, i.reporter_id = :id AS reporter, i.owner_id = :id AS owner
FROM issue i WHERE i.site_id = :site AND :id IN (i.assignee_id, i.reporter_id, i.owner_id) ORDER BY i.jira_issue_id
""")
_CHANGES = text("""
SELECT i.key, c.at, c.field, c.author_id = :id AS author FROM change_item c
LEFT JOIN issue i ON i.site_id = c.site_id AND i.jira_issue_id = c.jira_issue_id
WHERE c.site_id = :site AND (c.author_id = :id OR c.from_value = :key OR c.to_value = :key)
ORDER BY c.at, c.change_id, c.position
""")
_FORGET = text("""
UPDATE jira_person SET account_key = :alias, name = :name, active = false, updated_at = :now WHERE id = :id
""")
_REMEMBER = text("""
INSERT INTO erased_person (site_id, digest, alias, erased_at) VALUES (:site, :digest, :alias, :now)
""")
# Fields of people that no mapping reads: their changes hold accounts and names as Jira wrote them, also "[a, b]".
_ARCHIVE = text("""
UPDATE change_item SET
    from_value = replace(from_value, :key, :alias), to_value = replace(to_value, :key, :alias),
    from_text = CASE WHEN strpos(from_value, :key) > 0 THEN replace(from_text, :old, :name) ELSE from_text END,
    to_text = CASE WHEN strpos(to_value, :key) > 0 THEN replace(to_text, :old, :name) ELSE to_text END
WHERE site_id = :site AND (strpos(from_value, :key) > 0 OR strpos(to_value, :key) > 0)
  AND (:sure OR :key IN (from_value, to_value))
""")


class PersonNotFound(NotFound):
    """There is no such person. Search for the name again."""


@dataclass(frozen=True, slots=True)
class JiraPersonRow:
    """Somebody in a Jira. An erased one has an alias and no name."""

    id: int
    site_id: int
    site: str
    name: str
    account_key: str
    active: bool
    erased: bool


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    search: str = "",
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[JiraPersonRow]:
    """People whose name contains `search`, by name."""
    viewer.require(Permission.USERS_WRITE)
    values = {"search": search.strip().lower().replace("\0", "")}
    total = (await session.execute(text(f"SELECT count(*) {_FOUND}"), values)).scalar_one()
    order = order_by(sort, ORDERS, usual="lower(p.name)", last="p.id")
    rows = await session.execute(
        text(f"SELECT {_COLUMNS} {_FOUND} {order} LIMIT :limit OFFSET :offset"),
        {**values, "limit": per_page, "offset": (page - 1) * per_page},
    )
    return Page([JiraPersonRow(**row) for row in rows.mappings()], total=total, page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, person_id: int) -> JiraPersonRow:
    """Raises Forbidden, PersonNotFound."""
    viewer.require(Permission.USERS_WRITE)
    row = (await session.execute(_ONE, {"id": person_id})).mappings().one_or_none()
    if row is None:
        raise PersonNotFound
    return JiraPersonRow(**row)


async def personal_data(session: AsyncSession, viewer: Viewer, person_id: int) -> dict[str, Any]:
    """All that is kept about somebody in Jira, as plain JSON. Raises Forbidden, PersonNotFound."""
    person = await one(session, viewer, person_id)
    asked = {"id": person.id, "site": person.site_id, "key": person.account_key}
    issues = await session.execute(_ISSUES, {"id": person.id, "site": person.site_id})
    changes = await session.execute(_CHANGES, asked)
    await audit.record(session, viewer, audit.Action.PERSON_EXPORTED, subject=("jira_person", person_id))
    return {
        "jira_person": {name: getattr(person, name) for name in JiraPersonRow.__slots__},
        "issues": [dict(row) for row in issues.mappings()],
        "changes": [{**row, "at": row["at"].isoformat()} for row in changes.mappings()],
        "stored_as_received": "What Jira sent about these issues is stored compressed, with name, account and picture "
        "address as Jira gave them, and is replaced at each sync.",
    }


async def erase(session: AsyncSession, viewer: Viewer, person_id: int, *, now: datetime) -> JiraPersonRow:
    """Put an alias in somebody's place and remember not to store the name again; a job goes through what is stored.

    Numbers stay: they are counted by our own ids. Raises Forbidden, PersonNotFound.
    """
    person = await one(session, viewer, person_id)
    if person.erased:
        return person
    await alone(session, person.site_id)
    alias = alias_of(person.account_key, secrets.token_hex(8))
    name = former(alias)
    digest = digest_of(person.site_id, person.account_key)
    values = {"site": person.site_id, "alias": alias, "name": name, "now": now}
    await session.execute(_REMEMBER, _picked(values, "site", "alias", "now") | {"digest": digest})
    await session.execute(_FORGET, _picked(values, "alias", "name", "now") | {"id": person.id})
    await session.execute(
        _ARCHIVE,
        _picked(values, "site", "alias", "name")
        | {"key": person.account_key, "old": person.name, "sure": len(person.account_key) >= SURE},
    )
    await forget_link(session, person.account_key)
    await audit.record(session, viewer, audit.Action.PERSON_ERASED, subject=("jira_person", person_id))
    await ask_to_scrub(session, person.site_id)
    return await one(session, viewer, person_id)


async def ask_to_scrub(session: AsyncSession, site_id: int) -> None:
    """Have what is stored of the site gone through; once is enough."""
    key = f"{SCRUB_JOB}:{site_id}"
    payload = {"site_id": site_id, "request_id": logs.request_id() or None}
    await queue.defer(session, SCRUB_JOB, payload, lock=key, queueing_lock=key)


def _picked(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}
