"""A board counts by other rules than before: its segments again, from what is stored, and then its numbers.

Of a small board that is done at once. Of a large one a job does it, page by page: the cursor is in the job's own arguments,
written in the page's transaction, so a killed worker goes on at the last finished page. Rules that change meanwhile
send the cursor back to the start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.store_boards import resegment
from sprintreports.jira.store_segments import rewrite, touch
from sprintreports.jira.sync.lock import SPACE, only_one
from sprintreports.jira.sync.work import UnitOfWork
from sprintreports.jira.uncollected import uncollected
from sprintreports.kit import db, queue
from sprintreports.observability import logs

RECOUNT_JOB = "jira.board"
FACTS_JOB = "jira.facts"
PAGE = 500

log = logs.get("jira.boards")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a board's issues have been counted by the new rules."""

    done: int
    total: int


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the job is given: a board by Jira's id, and how far it is. `after`: the last issue that is done."""

    site_id: int
    jira_board_id: int
    after: int = 0
    done: int = 0
    total: int = 0
    finished: bool = False
    request_id: str | None = None


async def begin(session: AsyncSession, site_id: int, jira_board_id: int, *, now: datetime) -> None:
    """The rules that make segments have changed. At once where it is little work and nobody else works on the site."""
    total = await _count(session, site_id, jira_board_id)
    if total <= PAGE and await _nobody_else(session, site_id):
        await resegment(session, site_id, [jira_board_id], now=now)
        await compute(session, site_id)
        return
    cursor = Cursor(site_id, jira_board_id, total=total, request_id=logs.request_id() or None)
    key = _key(site_id, jira_board_id)
    waits = await queue.live_arguments(session, key, hold=True)
    for job_id, arguments in waits.items():
        if not _read(arguments).finished:
            await queue.set_arguments(session, job_id, msgspec.to_builtins(cursor))
            return
    await _defer(session, cursor)


async def days_changed(session: AsyncSession, site_id: int, jira_board_id: int, *, now: datetime) -> None:
    """Days are cut elsewhere: segments stay, and all of the board's sprints are computed again."""
    await _touch_all(session, site_id, jira_board_id, now=now)
    await compute(session, site_id)


async def progress(session: AsyncSession, site_id: int, jira_board_id: int) -> Progress | None:
    """How far the job is; None where there is none."""
    waits = await queue.live_arguments(session, _key(site_id, jira_board_id), hold=False)
    cursors = [cursor for cursor in map(_read, waits.values()) if not cursor.finished]
    return Progress(cursors[0].done, cursors[0].total) if cursors else None


async def work_on(unit: UnitOfWork, job_id: int, site_id: int, *, now: Callable[[], datetime]) -> None:
    """Count the board's issues again, from where the job's cursor stands. Raises SyncRunning."""
    async with only_one(unit, site_id):
        more = True
        while more:
            with uncollected():
                async with unit() as session:
                    more = await _page(session, job_id, now=now())


async def put_back(session: AsyncSession, job_id: int, *, wait: timedelta) -> None:
    """Another job goes on where this one stands, after a while, however often it has been put back."""
    arguments = await queue.held_arguments(session, job_id)
    cursor = None if arguments is None else _read(arguments)
    if cursor is not None and not cursor.finished:
        over = msgspec.structs.replace(cursor, finished=True)
        await queue.set_arguments(session, job_id, msgspec.to_builtins(over))
        await _defer(session, cursor, wait=wait)


async def compute(session: AsyncSession, site_id: int) -> None:
    """Queue the job that computes what is touched."""
    payload = {"site_id": site_id, "request_id": logs.request_id() or None}
    await queue.defer(session, FACTS_JOB, payload, queueing_lock=f"{FACTS_JOB}:{site_id}")


async def _page(session: AsyncSession, job_id: int, *, now: datetime) -> bool:
    """One page; whether there may be another."""
    arguments = await queue.held_arguments(session, job_id)
    cursor = None if arguments is None else _read(arguments)
    if cursor is None or cursor.finished:
        return False
    connection = await db.raw(session)
    place = (cursor.site_id, cursor.jira_board_id)
    found = await connection.execute(
        "SELECT jira_issue_id FROM board_issue WHERE site_id = %s AND jira_board_id = %s AND jira_issue_id > %s "
        "ORDER BY jira_issue_id LIMIT %s",
        (*place, cursor.after, PAGE),
    )
    issues = [issue for (issue,) in await found.fetchall()]
    await rewrite(connection, cursor.site_id, issues, now=now, only_boards=[cursor.jira_board_id])
    finished = len(issues) < PAGE
    following = msgspec.structs.replace(
        cursor,
        after=issues[-1] if issues else cursor.after,
        done=cursor.done + len(issues),
        total=max(cursor.total, cursor.done + len(issues)),
        finished=finished,
    )
    await queue.set_arguments(session, job_id, msgspec.to_builtins(following))
    if finished:
        await _touch_all(session, *place, now=now)
        await compute(session, cursor.site_id)
        log.info("board_recounted", site_id=place[0], board=place[1], issues=following.done)
    return not finished


async def _defer(session: AsyncSession, cursor: Cursor, *, wait: timedelta | None = None) -> None:
    told = {
        "site_id": cursor.site_id,
        "jira_board_id": cursor.jira_board_id,
        "after": cursor.after,
        "done": cursor.done,
        "total": cursor.total,
        "finished": cursor.finished,
        "request_id": cursor.request_id,
    }
    key = _key(cursor.site_id, cursor.jira_board_id)
    await queue.defer(
        session, RECOUNT_JOB, told, wait=wait, lock=f"jira.site:{cursor.site_id}", queueing_lock=key
    )


async def _touch_all(session: AsyncSession, site_id: int, jira_board_id: int, *, now: datetime) -> None:
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT jira_sprint_id FROM board_sprint WHERE site_id = %s AND jira_board_id = %s",
        (site_id, jira_board_id),
    )
    places = [(jira_board_id, sprint) for (sprint,) in await cursor.fetchall()]
    await touch(connection, site_id, places, now=now)


async def _count(session: AsyncSession, site_id: int, jira_board_id: int) -> int:
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT count(*) FROM board_issue WHERE site_id = %s AND jira_board_id = %s", (site_id, jira_board_id)
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _nobody_else(session: AsyncSession, site_id: int) -> bool:
    """Take the site's lock for this transaction, unless a sync or a job has it."""
    connection = await db.raw(session)
    cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (SPACE, site_id))
    row = await cursor.fetchone()
    return bool(row and row[0])


def _read(arguments: dict[str, Any]) -> Cursor:
    return msgspec.convert(arguments, Cursor)


def _key(site_id: int, jira_board_id: int) -> str:
    return f"{RECOUNT_JOB}:{site_id}:{jira_board_id}"
