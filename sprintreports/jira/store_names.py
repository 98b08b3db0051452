"""Our ids for what Jira names: people, disciplines; and rows for the statuses, projects and sprints that issues show."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from sprintreports.jira.ingest import IngestedIssue
from sprintreports.jira.ingest_values import Person, meet
from sprintreports.jira.payloads import SprintPayload, optional_time
from sprintreports.jira.store_copy import merge

SPRINT_COLUMNS = (
    "site_id", "jira_sprint_id", "name", "state", "goal", "start_date", "end_date", "activated_at", "complete_date",
    "origin_board_id", "delivered", "note",
)  # fmt: skip
REFERENCED = "Issues refer to this sprint, but no board that was read lists it, so there is no report for it."


async def people_ids(
    connection: AsyncConnection[Any], site_id: int, issues: Iterable[IngestedIssue]
) -> dict[str, int]:
    """Our ids of everybody whom the issues name, by account key; new ones are added, new names kept."""
    people: dict[str, Person] = {}
    for issue in issues:
        for person in issue.people.values():
            meet(people, person)
    if not people:
        return {}
    cursor = await connection.execute(
        "SELECT account_key, id, name, active FROM jira_person WHERE site_id = %s AND account_key = ANY(%s)",
        (site_id, list(people)),
    )
    known = {key: (person_id, name, active) for key, person_id, name, active in await cursor.fetchall()}
    news = [
        person
        for key, person in sorted(people.items())
        if key not in known or (person.told and (person.name, person.active) != known[key][1:])
    ]
    rows = [(site_id, person.account_key, person.name, person.active) for person in news]
    columns = ("site_id", "account_key", "name", "active")
    await merge(connection, "jira_person", columns, rows, key=("site_id", "account_key"), stamp=True)
    ids = {key: found[0] for key, found in known.items()}
    cursor = await connection.execute(
        "SELECT account_key, id FROM jira_person WHERE site_id = %s AND account_key = ANY(%s)",
        (site_id, [person.account_key for person in news if person.account_key not in ids]),
    )
    return ids | dict(await cursor.fetchall())


async def discipline_ids(
    connection: AsyncConnection[Any], site_id: int, issues: Iterable[IngestedIssue]
) -> dict[str, int]:
    """Our ids of all discipline labels of the issues; new ones are added."""
    labels = sorted({label for issue in issues for label in issue.disciplines})
    if not labels:
        return {}
    query = "SELECT name, id FROM discipline WHERE site_id = %s AND name = ANY(%s)"
    ids = dict(await (await connection.execute(query, (site_id, labels))).fetchall())
    if len(ids) < len(labels):
        rows = [(site_id, label) for label in labels if label not in ids]
        await merge(connection, "discipline", ("site_id", "name"), rows, key=("site_id", "name"))
        ids = dict(await (await connection.execute(query, (site_id, labels))).fetchall())
    return ids


async def keep_statuses(
    connection: AsyncConnection[Any], site_id: int, issues: Iterable[IngestedIssue]
) -> None:
    """Statuses that only issues tell of. One that only the past knows is marked deleted; its category is a guess."""
    met: dict[str, tuple[str, str]] = {}
    for issue in issues:
        for status_id, (name, category) in issue.statuses.items():
            if category or status_id not in met:
                met[status_id] = (name, category)
    columns = ("site_id", "status_id", "name", "category", "deleted")
    rows = [
        (site_id, status_id, name, category or "undefined", not category)
        for status_id, (name, category) in sorted(met.items())
    ]
    await merge(connection, "status", columns, rows, key=("site_id", "status_id"), update=())


async def keep_projects(
    connection: AsyncConnection[Any], site_id: int, issues: Iterable[IngestedIssue]
) -> None:
    """The projects that the issues belong to."""
    rows = {
        issue.current.project_id: (
            site_id, issue.current.project_id, issue.current.project_key, issue.current.project_name
        )
        for issue in issues
        if issue.current.project_id is not None
    }  # fmt: skip
    columns = ("site_id", "jira_project_id", "key", "name")
    await merge(
        connection, "project", columns, list(rows.values()), key=("site_id", "jira_project_id"), stamp=True
    )


async def keep_referenced_sprints(
    connection: AsyncConnection[Any], site_id: int, issues: Iterable[IngestedIssue]
) -> None:
    """Sprints that issues refer to and that no board has listed yet."""
    met: dict[int, SprintPayload] = {}
    for issue in issues:
        for sprint_id, sprint in issue.sprints.items():
            known = met.get(sprint_id)
            if known is None or (not known.state and sprint.state) or (not known.name and sprint.name):
                met[sprint_id] = sprint
    rows = [
        sprint_row(site_id, sprint, delivered=False, note=REFERENCED) for _, sprint in sorted(met.items())
    ]
    await merge(connection, "sprint", SPRINT_COLUMNS, rows, key=("site_id", "jira_sprint_id"), update=())


def sprint_row(site_id: int, sprint: SprintPayload, *, delivered: bool, note: str | None) -> tuple[Any, ...]:
    """A sprint's row, in the order of SPRINT_COLUMNS."""
    state = sprint.state.lower()
    where = f"sprint {sprint.id}"
    start, end, activated, complete = (
        _time(value, where)
        for value in (sprint.start_date, sprint.end_date, sprint.activated_date, sprint.complete_date)
    )
    return (
        site_id, sprint.id, sprint.name or f"Sprint {sprint.id}",
        state if state in ("future", "active", "closed") else "unknown",
        sprint.goal or None, start, end, activated, complete, sprint.origin_board_id, delivered, note,
    )  # fmt: skip


def _time(value: str | None, where: str) -> datetime | None:
    return optional_time(value, endpoint=where)


def names_by_status(rows: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Status ids by name, where a name is unambiguous."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for status_id, name in rows:
        if name in found and found[name] != status_id:
            twice.add(name)
        found[name] = status_id
    return {name: status_id for name, status_id in found.items() if name not in twice}
