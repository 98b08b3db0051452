"""What sync brings, kept in the caller's transaction: payloads as received, rows, archive, segments, touched sprints.

The same batch twice changes nothing, and an issue whose JSON is the same as before costs no more than a look.
"""

import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import store_names
from sprintreports.jira.context import SiteContext
from sprintreports.jira.erased.finding import scrubbed
from sprintreports.jira.ingest import IngestedIssue, ingest_issue
from sprintreports.jira.ingest_values import candidate_names
from sprintreports.jira.payloads import ChangePayload, IssuePayload, RawIssue, decode
from sprintreports.jira.store_boards import (
    FoundBoard,
    resegment,
    store_board_issues,
    store_boards,
    store_sprints,
    store_statuses,
)
from sprintreports.jira.store_deleted import mark_deleted
from sprintreports.jira.store_rows import IdBook, write_issues, write_payloads
from sprintreports.jira.store_segments import rewrite, touch_renamed
from sprintreports.jira.timelines import pack, unpack
from sprintreports.jira.uncollected import uncollected
from sprintreports.kit import db

__all__ = [
    "FoundBoard",
    "RawIssue",
    "StoreResult",
    "body_of",
    "digest_of",
    "mark_deleted",
    "raw_of",
    "resegment",
    "store_again",
    "store_board_issues",
    "store_boards",
    "store_issues",
    "store_sprints",
    "store_statuses",
]

_SEPARATOR = b"\n"


@dataclass(frozen=True, slots=True)
class StoreResult:
    """Which issues were new or different, and how many were the same as before (or older than what is kept)."""

    changed_issue_ids: tuple[int, ...]
    unchanged: int


async def store_issues(
    session: AsyncSession,
    site: SiteContext,
    batch: Sequence[RawIssue],
    *,
    run_id: int | None,
    now: datetime,
    force: bool = False,
) -> StoreResult:
    """Keep a batch of issues with their whole changelogs. `force`: read them again although they are the same.

    Raises JiraAnswerInvalid, with nothing stored, when an issue is not what Jira documents.
    """
    connection = await db.raw(session)
    batch = await scrubbed(session, site.site_id, batch)
    unique = {raw.issue_id: raw for raw in batch}
    digests = {issue_id: digest_of(raw) for issue_id, raw in unique.items()}
    known = await _known(connection, site.site_id, unique)
    news = [
        raw
        for issue_id, raw in unique.items()
        if force or known.get(issue_id, (None,))[0] != digests[issue_id]
    ]
    if not news:
        return StoreResult((), len(unique))
    again = {raw.issue_id for raw in news if known.get(raw.issue_id, (None,))[0] == digests[raw.issue_id]}
    ingested = await _ingest(connection, site, news, again=again)
    fresh = {
        issue_id: issue
        for issue_id, issue in ingested.items()
        if force or not _older(issue, known.get(issue_id))
    }
    if fresh:
        payloads = [
            (site.site_id, "issue", str(issue_id), now, run_id, digests[issue_id], issue.current.updated,
             body_of(unique[issue_id]))
            for issue_id, issue in fresh.items()
            if known.get(issue_id, (None,))[0] != digests[issue_id]
        ]  # fmt: skip
        await write_payloads(connection, payloads, stored={str(issue_id) for issue_id in known})
        await _keep(connection, site, fresh, again=again, now=now)
    return StoreResult(tuple(fresh), len(unique) - len(fresh))


async def store_again(
    session: AsyncSession, site: SiteContext, batch: Sequence[RawIssue], *, now: datetime
) -> None:
    """Read issues again as they are stored, with the mapping of now."""
    connection = await db.raw(session)
    again = {raw.issue_id for raw in batch}
    ingested = await _ingest(connection, site, batch, again=again)
    await _keep(connection, site, ingested, again=again, now=now)


async def _keep(
    connection: AsyncConnection[Any],
    site: SiteContext,
    issues: Mapping[int, IngestedIssue],
    *,
    again: Collection[int],
    now: datetime,
) -> None:
    site_id = site.site_id
    book = IdBook(
        people=await store_names.people_ids(connection, site_id, issues.values()),
        disciplines=await store_names.discipline_ids(connection, site_id, issues.values()),
    )
    await store_names.keep_statuses(connection, site_id, issues.values())
    await store_names.keep_projects(connection, site_id, issues.values())
    await store_names.keep_referenced_sprints(connection, site_id, issues.values())
    before = await _timelines(connection, site_id, issues)
    timelines = {
        issue_id: issue.timelines(book.people, book.disciplines) for issue_id, issue in issues.items()
    }
    renamed = {issue: issues[issue].current.key for issue in before if issue not in again}
    await touch_renamed(connection, site_id, renamed, now=now)
    packed = {issue_id: pack(lines) for issue_id, lines in timelines.items()}
    earlier = {issue: unpack(body) for issue, body in before.items() if body != packed[issue]}
    moved = await write_issues(
        connection, site_id, issues, book, timelines=timelines, packed=packed, before=before, earlier=earlier,
        again=again,
    )  # fmt: skip
    if moved:
        back = {issue: unpack(before[issue]) for issue in moved if issue in before and issue not in earlier}
        earlier |= back
        # A sub-task that left its parent: the parent may count again. Another mapping takes it from nobody.
        left = {
            parent
            for issue, lines in earlier.items()
            if lines.is_subtask and (issue not in again or lines.parents != timelines[issue].parents)
            for _, parent in lines.parents
            if parent
        }
        await rewrite(connection, site_id, [*moved, *left], now=now, before=earlier, after=timelines)


async def _ingest(
    connection: AsyncConnection[Any], site: SiteContext, batch: Iterable[RawIssue], *, again: Collection[int]
) -> dict[int, IngestedIssue]:
    """`again`: issues whose payload is the stored one; what does not depend on the mapping is there already."""
    cursor = await connection.execute(
        "SELECT status_id, name FROM status WHERE site_id = %s", (site.site_id,)
    )
    statuses = store_names.names_by_status(await cursor.fetchall())
    with uncollected():
        parsed = {raw.issue_id: _parse(raw) for raw in batch}
        ingested = {
            issue_id: ingest_issue(
                payload, changes, fields=site.fields, status_names=statuses, archived=issue_id in again
            )
            for issue_id, (payload, changes) in parsed.items()
        }
    unknown = {issue_id for issue_id, issue in ingested.items() if issue.unknown_sprint_names}
    if unknown:
        names = await _sprint_names(connection, site, (parsed[issue_id][1] for issue_id in unknown))
        for issue_id in unknown:
            payload, changes = parsed[issue_id]
            ingested[issue_id] = ingest_issue(
                payload,
                changes,
                fields=site.fields,
                status_names=statuses,
                sprint_names=names,
                archived=issue_id in again,
            )
    return ingested


def _parse(raw: RawIssue) -> tuple[IssuePayload, list[ChangePayload]]:
    payload = decode(raw.issue, IssuePayload, f"issue {raw.issue_id}")
    where = f"the changelog of {payload.key or raw.issue_id}"
    return payload, decode(b"[" + b",".join(raw.changes) + b"]", list[ChangePayload], where)


async def _sprint_names(
    connection: AsyncConnection[Any], site: SiteContext, changelogs: Iterable[Iterable[ChangePayload]]
) -> dict[str, int]:
    """Sprints of the site by the names that changelogs use; a name that two sprints have names none."""
    wanted: set[str] = set()
    for item in chain.from_iterable(change.items for changes in changelogs for change in changes):
        if item.field_id == site.mapping.sprint or item.field.casefold() == "sprint":
            wanted |= candidate_names(item.before_text or "") | candidate_names(item.after_text or "")
    cursor = await connection.execute(
        "SELECT name, min(jira_sprint_id) FROM sprint WHERE site_id = %s AND name = ANY(%s) "
        "GROUP BY name HAVING count(*) = 1",
        (site.site_id, sorted(name for name in wanted if name)),
    )
    return dict(await cursor.fetchall())


async def _known(
    connection: AsyncConnection[Any], site_id: int, issue_ids: Iterable[int]
) -> dict[int, tuple[bytes, datetime | None]]:
    cursor = await connection.execute(
        "SELECT external_id, digest, source_updated FROM stored_payload "
        "WHERE site_id = %s AND kind = 'issue' AND external_id = ANY(%s)",
        (site_id, [str(issue_id) for issue_id in issue_ids]),
    )
    return {int(external): (bytes(digest), updated) for external, digest, updated in await cursor.fetchall()}


async def _timelines(
    connection: AsyncConnection[Any], site_id: int, issue_ids: Iterable[int]
) -> dict[int, bytes]:
    cursor = await connection.execute(
        "SELECT jira_issue_id, body FROM issue_timeline WHERE site_id = %s AND jira_issue_id = ANY(%s)",
        (site_id, list(issue_ids)),
    )
    return dict(await cursor.fetchall())


def _older(issue: IngestedIssue, known: tuple[bytes, datetime | None] | None) -> bool:
    """A search index that lags behind can deliver an issue older than the one that is kept."""
    return known is not None and known[1] is not None and issue.current.updated < known[1]


def digest_of(raw: RawIssue) -> bytes:
    """What tells two payloads of an issue apart, whatever the order of its histories."""
    digest = hashlib.blake2b(bytes(raw.issue), digest_size=16)
    for change in sorted(map(bytes, raw.changes)):
        digest.update(_SEPARATOR)
        digest.update(change)
    return digest.digest()


def body_of(raw: RawIssue) -> bytes:
    """The form in which a payload is kept: the issue and its histories as a JSON list, zlib."""
    pieces = b",".join((bytes(raw.issue), *map(bytes, raw.changes)))
    return zlib.compress(b"[" + pieces + b"]", 1)


def raw_of(issue_id: int, body: bytes) -> RawIssue:
    """The payload as it was received."""
    pieces = decode(zlib.decompress(body), list[msgspec.Raw], f"the stored issue {issue_id}")
    issue, *changes = map(bytes, pieces)
    return RawIssue(issue_id, issue, tuple(changes))
