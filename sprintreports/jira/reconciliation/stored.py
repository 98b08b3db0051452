"""The rows of `sprint_reconciliation`: keep Jira's report, keep why it could not be had, keep the short of a comparison."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.erased.finding import scrubbed_body
from sprintreports.jira.reconciliation.ours import Place
from sprintreports.kit import db

_AT = "site_id = %s AND jira_board_id = %s AND jira_sprint_id = %s"


class Source(StrEnum):
    JIRA = "jira"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a sprint. body None: no report yet, and `problem` says why one could not be had."""

    source: Source | None
    received_at: datetime | None
    body: bytes | None
    unreadable: frozenset[int] | None
    problem: str | None
    problem_at: datetime | None


async def load(session: AsyncSession, place: Place) -> Kept | None:
    """What is kept; None when the sprint was never compared."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        f"SELECT source, received_at, body, unreadable, problem, problem_at FROM sprint_reconciliation WHERE {_AT}",  # a condition of ours
        place.keys,
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    source, received_at, body, unreadable, problem, problem_at = row
    return Kept(
        None if source is None else Source(source),
        received_at,
        None if body is None else zlib.decompress(body),
        None if unreadable is None else frozenset(unreadable),
        problem,
        problem_at,
    )


async def keep(
    session: AsyncSession, place: Place, body: bytes, *, source: Source, by: int | None, now: datetime
) -> None:
    """Keep a report in place of the one before."""
    body = await scrubbed_body(session, place.site_id, body)
    connection = await db.raw(session)
    await connection.execute(
        "INSERT INTO sprint_reconciliation (site_id, jira_board_id, jira_sprint_id, source, received_at, received_by, body) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (site_id, jira_board_id, jira_sprint_id) DO UPDATE SET "
        "source = excluded.source, received_at = excluded.received_at, received_by = excluded.received_by, "
        "body = excluded.body, unreadable = NULL, problem = NULL, problem_at = NULL, facts = NULL",
        (*place.keys, source, now, by, zlib.compress(body, 6)),
    )


async def keep_problem(session: AsyncSession, place: Place, problem: str, *, now: datetime) -> None:
    """Keep why Jira's report could not be had. A report of before stays."""
    connection = await db.raw(session)
    await connection.execute(
        "INSERT INTO sprint_reconciliation (site_id, jira_board_id, jira_sprint_id, problem, problem_at) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (site_id, jira_board_id, jira_sprint_id) DO UPDATE SET "
        "problem = excluded.problem, problem_at = excluded.problem_at",
        (*place.keys, problem, now),
    )


async def keep_unreadable(session: AsyncSession, place: Place, issue_ids: Collection[int]) -> None:
    """Keep which issues Jira did not give to our account when it was asked for them."""
    connection = await db.raw(session)
    await connection.execute(
        f"UPDATE sprint_reconciliation SET unreadable = %s WHERE {_AT}",  # a condition of ours
        (sorted(issue_ids), *place.keys),
    )


async def keep_outcome(
    session: AsyncSession, place: Place, *, facts: str | None, equal: bool, issues: int, differing: int
) -> None:
    """Keep the short of a comparison, for lists. It holds as long as our figures are in the state named by `facts`."""
    connection = await db.raw(session)
    await connection.execute(
        f"UPDATE sprint_reconciliation SET facts = %s, equal = %s, issues = %s, differing = %s WHERE {_AT}",  # a condition of ours
        (facts, equal, issues, differing, *place.keys),
    )
