"""The rows of ingested issues: the issue, its timelines, archive, links, sprints ever and status intervals."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, sql

from sprintreports.jira.ingest import IngestedIssue
from sprintreports.jira.store_copy import copy, merge
from sprintreports.jira.timelines import Timelines

ISSUE_COLUMNS = (
    "site_id", "jira_issue_id", "key", "project_key", "summary", "type", "is_subtask", "subtask_count", "status_id",
    "priority", "assignee_id", "reporter_id", "owner_id", "discipline_id", "parent_issue_id", "epic_key", "points",
    "seconds", "resolution", "scheduling", "deadline", "planned_start", "planned_end", "former_keys", "gaps", "notes",
    "jira_created", "jira_updated", "hidden_at", "deleted_at",
)  # fmt: skip
CHANGE_COLUMNS = (
    "site_id", "jira_issue_id", "change_id", "position", "at", "author_id", "field", "field_id", "from_value",
    "from_text", "to_value", "to_text",
)  # fmt: skip
PAYLOAD_COLUMNS = (
    "site_id", "kind", "external_id", "received_at", "sync_run_id", "digest", "source_updated", "body",
)  # fmt: skip
_ISSUE = ("site_id", "jira_issue_id")
# What an issue's payload says; the rest was seen beside it.
_MAPPED = tuple(column for column in ISSUE_COLUMNS if column not in (*_ISSUE, "hidden_at", "deleted_at"))

Put = Callable[..., Awaitable[int]]


@dataclass(frozen=True, slots=True)
class IdBook:
    """Our ids by Jira's account keys and discipline labels."""

    people: Mapping[str, int]
    disciplines: Mapping[str, int]

    def person(self, account_key: str | None) -> int | None:
        return self.people[account_key] if account_key else None


async def write_issues(
    connection: AsyncConnection[Any],
    site_id: int,
    issues: Mapping[int, IngestedIssue],
    book: IdBook,
    *,
    timelines: Mapping[int, Timelines],
    packed: Mapping[int, bytes],
    before: Mapping[int, bytes],
    earlier: Mapping[int, Timelines],
    again: Collection[int] = (),
) -> list[int]:
    """Write everything of these issues; the ids of those whose history (or family) is another than before.

    `before`: the packed timelines until now; `earlier`: those of them that are others now. `again`: those whose payload is the stored one and which are read with another mapping: their archive and their
    links stay, and so does what was seen of them in Jira (deleted, hidden).
    """
    again = {issue_id for issue_id in again if issue_id in before}
    revived = await _deleted(connection, site_id, issues)
    new = {issue_id: issue for issue_id, issue in issues.items() if issue_id not in before}
    known = {
        issue_id: issue for issue_id, issue in issues.items() if issue_id in before and issue_id not in again
    }
    fetched = {issue_id: issue for issue_id, issue in issues.items() if issue_id not in again}
    await _write_rows(connection, site_id, new, book, put=_insert)
    await _write_rows(connection, site_id, known, book, put=merge)
    rows = [_issue_row(site_id, issues[issue_id], book) for issue_id in again if issue_id in issues]
    await merge(connection, "issue", ISSUE_COLUMNS, rows, key=_ISSUE, update=_MAPPED, stamp=True)
    if fetched:
        await _replace_links(connection, site_id, fetched)
    moved = [
        issue_id for issue_id in issues if before.get(issue_id) != packed[issue_id] or issue_id in revived
    ]
    if moved:
        await _replace_histories(connection, site_id, moved, timelines, packed, earlier)
    return moved


async def write_payloads(
    connection: AsyncConnection[Any], rows: Iterable[tuple[Any, ...]], *, stored: Collection[str]
) -> None:
    """Keep payloads, in the order of PAYLOAD_COLUMNS. `stored`: the external ids that are there already."""
    new: list[tuple[Any, ...]] = []
    known: list[tuple[Any, ...]] = []
    for row in rows:
        (known if row[2] in stored else new).append(row)
    key, update = PAYLOAD_COLUMNS[:3], PAYLOAD_COLUMNS[3:]
    await copy(connection, "stored_payload", PAYLOAD_COLUMNS, new)
    await merge(connection, "stored_payload", PAYLOAD_COLUMNS, known, key=key, update=update)


async def _write_rows(
    connection: AsyncConnection[Any],
    site_id: int,
    issues: Mapping[int, IngestedIssue],
    book: IdBook,
    *,
    put: Put,
) -> None:
    if issues:
        rows = (_issue_row(site_id, issue, book) for issue in issues.values())
        await put(connection, "issue", ISSUE_COLUMNS, rows, key=_ISSUE, stamp=True)
        changes = _change_rows(site_id, issues, book)
        key = (*_ISSUE, "change_id", "position")
        await put(connection, "change_item", CHANGE_COLUMNS, changes, key=key, update=())


async def _insert(
    connection: AsyncConnection[Any],
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    **_: Any,
) -> int:
    """What is new needs no stage: twice as fast, and the first sync is nothing but new issues."""
    return await copy(connection, table, columns, rows)


def _issue_row(site_id: int, issue: IngestedIssue, book: IdBook) -> tuple[Any, ...]:
    current = issue.current
    return (
        site_id, current.issue_id, current.key, current.project_key, current.summary, current.type,
        current.is_subtask, current.subtask_count, current.status_id, current.priority,
        book.person(current.assignee.account_key if current.assignee else None),
        book.person(current.reporter.account_key if current.reporter else None),
        book.person(current.owner.account_key if current.owner else None),
        book.disciplines[current.discipline] if current.discipline else 0,
        current.parent_id, current.epic_key, current.points, current.seconds, current.resolution,
        current.scheduling, current.deadline, current.planned_start, current.planned_end,
        issue.former_keys, issue.gaps, issue.notes, current.created, current.updated, None, None,
    )  # fmt: skip


def _change_rows(
    site_id: int, issues: Mapping[int, IngestedIssue], book: IdBook
) -> Iterator[tuple[Any, ...]]:
    for issue_id, issue in issues.items():
        for row in issue.archive:
            before, after = row.from_value, row.to_value
            if row.people:
                before = str(book.people[before]) if before else None
                after = str(book.people[after]) if after else None
            yield (
                site_id, issue_id, row.change_id, row.position, row.at, book.person(row.author), row.field,
                row.field_id, before, row.from_text, after, row.to_text,
            )  # fmt: skip


async def _deleted(connection: AsyncConnection[Any], site_id: int, issue_ids: Iterable[int]) -> set[int]:
    """Those that were marked as deleted and are back."""
    cursor = await connection.execute(
        "SELECT jira_issue_id FROM issue WHERE site_id = %s AND jira_issue_id = ANY(%s) AND deleted_at IS NOT NULL",
        (site_id, list(issue_ids)),
    )
    return {issue_id for (issue_id,) in await cursor.fetchall()}


async def _replace_links(
    connection: AsyncConnection[Any], site_id: int, issues: Mapping[int, IngestedIssue]
) -> None:
    await connection.execute(
        "DELETE FROM issue_link WHERE site_id = %(site)s "
        "AND (jira_issue_id = ANY(%(ids)s) OR other_issue_id = ANY(%(ids)s))",
        {"site": site_id, "ids": list(issues)},
    )
    columns = ("site_id", "jira_issue_id", "kind", "other_issue_id")
    rows = {
        (site_id, link.source, link.kind, link.target) for issue in issues.values() for link in issue.links
    }
    await copy(connection, "issue_link", columns, rows)


async def _replace_histories(
    connection: AsyncConnection[Any],
    site_id: int,
    moved: Sequence[int],
    timelines: Mapping[int, Timelines],
    packed: Mapping[int, bytes],
    earlier: Mapping[int, Timelines],
) -> None:
    """The timelines, and what follows from them where it does so in another way than before."""
    known = {issue: earlier[issue] for issue in moved if issue in earlier}
    sprints, statuses = (
        [issue for issue in moved if issue not in known or told(known[issue]) != told(timelines[issue])]
        for told in (Timelines.ever_sprints, _statuses)
    )
    for table, issues in (
        ("issue_timeline", moved),
        ("issue_sprint", sprints),
        ("issue_status_interval", statuses),
    ):
        if issues:
            query = sql.SQL("DELETE FROM {} WHERE site_id = %s AND jira_issue_id = ANY(%s)")
            await connection.execute(query.format(sql.Identifier(table)), (site_id, list(issues)))
    await copy(
        connection, "issue_timeline", (*_ISSUE, "body"), ((site_id, issue, packed[issue]) for issue in moved)
    )
    await copy(
        connection,
        "issue_sprint",
        ("site_id", "jira_sprint_id", "jira_issue_id"),
        ((site_id, sprint, issue) for issue in sprints for sprint in sorted(timelines[issue].ever_sprints())),
    )
    await copy(
        connection,
        "issue_status_interval",
        ("site_id", "jira_issue_id", "valid_from", "valid_to", "status_id"),
        (row for issue in statuses for row in _intervals(site_id, issue, timelines[issue])),
    )


def _statuses(timelines: Timelines) -> object:
    return timelines.statuses


def _intervals(site_id: int, issue_id: int, timelines: Timelines) -> Iterator[tuple[Any, ...]]:
    statuses = timelines.statuses
    for number, (since, status) in enumerate(statuses):
        until = statuses[number + 1][0] if number + 1 < len(statuses) else None
        yield site_id, issue_id, since, until, status
