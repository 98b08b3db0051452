"""The work on a file in the background: read as the person who asked, written without a transaction, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import acting
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import listening
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export.browser import BrowserFailed
from sprintreports.reports.export.files import File, written
from sprintreports.reports.exporting.asking import CHANNEL, Export, Wanted, document, of_row, store
from sprintreports.reports.exporting.tables import LONGEST_PROBLEM

UnitOfWork = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Clock = Callable[[], datetime]

LONGEST_SECONDS = 300.0
MOST_TRIES = 3  # of a job that never came to an end: whatever ends each worker that tries it is not to go on with the next one
READ, MADE, WRITTEN = 10, 40, 90  # how far a file is, in percent
_TOO_LONG = "Making this file took longer than five minutes. Choose a smaller report, or another format."
_DIED = "The worker was stopped or died each time it made this file. Choose a smaller report, or another format; its log may say why."
_UNFORESEEN = "This file could not be made because of an error on our side. Try again; the log of the worker says what happened."

_CLAIM = text("""
UPDATE report_export SET state = 'running', progress = :progress
WHERE id = :id AND state IN ('waiting', 'running') AND expires_at > :now RETURNING *
""")
_PROGRESS = text(
    "UPDATE report_export SET progress = :progress WHERE id = :id AND state = 'running' RETURNING user_id"
)
_FAIL = text("""
UPDATE report_export SET state = 'failed', problem = :problem, finished_at = :now
WHERE id = :id AND state IN ('waiting', 'running') RETURNING user_id
""")

log = logs.get("reports.exporting")


async def run(unit: UnitOfWork, export_id: int, *, now: Clock, attempts: int = 0) -> None:
    """Make the file. One that is done, was deleted or has expired is left alone, so that running twice makes one file.

    attempts: how often this job was begun before, and never ended. What goes wrong is told on the file itself; only a cancelled
    job raises.
    """
    if attempts >= MOST_TRIES:
        log.error("export_given_up", export_id=export_id, tries=attempts)
        await _failed(unit, export_id, _DIED, now=now())
        return
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await _run(unit, export_id, now=now)
    except SprintReportsError as error:
        details = " ".join(one.message for one in error.details if one.message not in error.message)
        await _failed(unit, export_id, f"{error.message} {details}".strip(), now=now())
    except TimeoutError:
        await _failed(unit, export_id, _TOO_LONG, now=now())
    except Exception as error:
        log.exception("export_failed", export_id=export_id, error=repr(error))
        await _failed(unit, export_id, _UNFORESEEN, now=now())


async def _run(unit: UnitOfWork, export_id: int, *, now: Clock) -> None:
    found = await _read(unit, export_id, now=now)
    if found is None:
        return
    export, viewer, made = found
    if not await _advanced(unit, export_id, MADE):
        return
    file = await _written(made, export.wanted)
    if not await _advanced(unit, export_id, WRITTEN):
        return
    async with unit() as session:
        await store(session, viewer, export_id, export.wanted, file, title=made.title, now=now())


async def _read(unit: UnitOfWork, export_id: int, *, now: Clock) -> tuple[Export, Viewer, Document] | None:
    async with unit() as session:
        row = (
            (await session.execute(_CLAIM, {"id": export_id, "progress": READ, "now": now()}))
            .mappings()
            .one_or_none()
        )
    if row is None:
        return None
    export = of_row(row)
    async with unit() as session:
        viewer = await acting.person(session, export.user_id, scopes=row["scopes"])
        return export, viewer, await document(session, viewer, export.wanted, now=now())


async def _written(made: Document, wanted: Wanted) -> File:
    """A browser that died, perhaps of something else, gets a second chance."""
    try:
        return await written(made, wanted.form, wanted.options)
    except BrowserFailed:
        return await written(made, wanted.form, wanted.options)


async def _advanced(unit: UnitOfWork, export_id: int, progress: int) -> bool:
    """Say how far it is. False: nobody wants it any more."""
    async with unit() as session:
        user = await session.scalar(_PROGRESS, {"id": export_id, "progress": progress})
        if user is not None:
            await listening.announce(session, CHANNEL, str(user))
    return user is not None


async def _failed(unit: UnitOfWork, export_id: int, problem: str, *, now: datetime) -> None:
    async with unit() as session:
        values = {"id": export_id, "problem": problem[:LONGEST_PROBLEM], "now": now}
        user = await session.scalar(_FAIL, values)
        if user is not None:
            await listening.announce(session, CHANNEL, str(user))
