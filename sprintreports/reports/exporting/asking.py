"""Files of reports: asked for, looked at, fetched and deleted by whom they are for, and by nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import listening, queue
from sprintreports.kit.errors import Conflict, NotFound, TooManyRequests
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.observability import logs
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export.files import File
from sprintreports.reports.export.options import USUAL, Format, Options
from sprintreports.reports.exporting.states import State
from sprintreports.reports.exporting.tables import LONGEST_FILE_NAME, LONGEST_TITLE
from sprintreports.reports.library import documents
from sprintreports.reports.spec import Spec
from sprintreports.reports.templates.layout import Layout

EXPORT_JOB = "reports.export"
#: Said of whom a file changed, as the number of the person.
CHANNEL = "sprintreports_exports"
KEPT = timedelta(hours=24)
MOST_WAITING = 20  # of one person
MOST_KEPT_BYTES = 256 * 1024 * 1024  # of one person: older files make room for a new one
_LOST_AFTER = timedelta(minutes=10)
# One file at a time, whoever asked: printing takes a core, and syncs want the worker's other place.
_LOCK = "reports.export"

_COLUMNS = """id, user_id, about, format, options, zone, locale, state, progress, problem, title, file_name, media, size,
created_at, finished_at, expires_at"""
ORDERS = {
    "created_at": "created_at {way}",
    "finished_at": "finished_at {way} NULLS LAST",
    "size": "size {way} NULLS LAST",
}
_MINE = "user_id = :user AND expires_at > :now"
_UNDER_WAY = text(f"SELECT count(*) FROM report_export WHERE {_MINE} AND state IN ('waiting', 'running')")
_INSERT = text("""
INSERT INTO report_export (user_id, scopes, about, format, options, zone, locale, created_at, expires_at)
VALUES (:user, CAST(:scopes AS jsonb), CAST(:about AS jsonb), :format, CAST(:options AS jsonb), :zone, :locale, :now, :until)
RETURNING id
""")
_TOTAL = text(f"SELECT count(*) FROM report_export WHERE {_MINE}")
_ONE = text(f"SELECT {_COLUMNS} FROM report_export WHERE id = :id AND {_MINE}")
_FILE = text(f"SELECT state, file_name, media, body FROM report_export WHERE id = :id AND {_MINE}")
_DELETE = text("DELETE FROM report_export WHERE id = :id AND user_id = :user")
_STORE = text("""
UPDATE report_export SET state = 'done', progress = 100, problem = '', title = :title, file_name = :name, media = :media, size = :size,
    body = :body, finished_at = :now, expires_at = :until
WHERE id = :id AND state IN ('waiting', 'running')
""")
_MAKE_ROOM = text("""
DELETE FROM report_export WHERE id IN (
    SELECT id FROM (
        SELECT id, sum(size) OVER (ORDER BY id DESC) AS kept FROM report_export WHERE user_id = :user AND state = 'done'
    ) AS newest WHERE kept > :most AND id <> :id
)
""")
_PURGE = text("DELETE FROM report_export WHERE expires_at <= :now")
# Their job is gone in a way that nobody could note.
_FAIL_LOST = text("""
UPDATE report_export e SET state = 'failed', problem = :problem, finished_at = :now
WHERE e.state IN ('waiting', 'running') AND e.created_at < :before AND NOT EXISTS (
    SELECT FROM procrastinate_jobs j
    WHERE j.status IN ('todo', 'doing') AND j.task_name = :job AND (j.args ->> 'export_id')::bigint = e.id
)
""")


class TooManyExports(TooManyRequests):
    """You have 20 files under way. Wait until one of them is done, or delete one."""


class NotThereYet(Conflict):
    """This file is not there yet, or could not be made. Look at its state, and fetch it when that is done."""


class NoSuchExport(NotFound):
    """There is no such file, or it has expired after a day. Export the report again."""


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file is of: a report of the library, or a spec with its layout."""

    report_id: int | None = None
    spec: Spec | None = None
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    about: About
    form: Format
    options: Options = USUAL
    zone: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """A file as its owner sees it, without its bytes."""

    id: int
    user_id: int
    wanted: Wanted
    state: State
    progress: int
    problem: str
    title: str
    file_name: str
    media: str
    size: int | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


async def document(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> Document:
    """What the file is made of, as the viewer may see it. Raises Forbidden, NotFound, Invalid."""
    about = wanted.about
    if about.report_id is not None:
        return await documents.of_report(
            session, viewer, about.report_id, zone=wanted.zone, locale=wanted.locale, now=now
        )
    if about.spec is None:
        raise NoSuchExport
    return await documents.of_spec(
        session, viewer, about.spec, layout=about.layout, zone=wanted.zone, locale=wanted.locale, now=now
    )


async def request(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> Export:
    """Have a file made in the background. Whether its report can be made, is found out there. Raises Forbidden, TooManyExports."""
    export_id = await _insert(session, viewer, wanted, now=now)
    await queue.defer(
        session,
        EXPORT_JOB,
        {"export_id": export_id, "request_id": logs.request_id()},
        lock=_LOCK,
        queueing_lock=queueing_lock(export_id),
    )
    return await one(session, viewer, export_id, now=now)


async def keep(
    session: AsyncSession, viewer: Viewer, wanted: Wanted, file: File, *, title: str, now: datetime
) -> Export:
    """Keep a file that was written at once. Raises Forbidden, TooManyExports."""
    export_id = await _insert(session, viewer, wanted, now=now)
    await store(session, viewer, export_id, wanted, file, title=title, now=now)
    return await one(session, viewer, export_id, now=now)


async def store(
    session: AsyncSession,
    viewer: Viewer,
    export_id: int,
    wanted: Wanted,
    file: File,
    *,
    title: str,
    now: datetime,
) -> bool:
    """Put the file where its owner can fetch it, and note that it was made. False: the export was deleted meanwhile."""
    values = {
        "id": export_id, "title": title[:LONGEST_TITLE].replace("\x00", " "), "name": file.name[:LONGEST_FILE_NAME],
        "media": file.media, "size": len(file.body), "body": file.body, "now": now, "until": now + KEPT,
    }  # fmt: skip
    stored: Any = await session.execute(_STORE, values)
    if not stored.rowcount:
        return False
    await session.execute(_MAKE_ROOM, {"id": export_id, "user": viewer.user_id, "most": MOST_KEPT_BYTES})
    await audit.record(
        session,
        viewer,
        audit.Action.EXPORTED,
        subject=("report_export", export_id),
        after={"format": wanted.form.value, "about": _json(wanted.about), "size": len(file.body)},
    )
    await listening.announce(session, CHANNEL, str(viewer.user_id))
    return True


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
    now: datetime,
) -> Page[Export]:
    """The viewer's own files, the newest first. Raises Forbidden."""
    viewer.require(Permission.REPORTS_READ)
    asked = {"user": viewer.user_id, "now": now}
    total = await session.scalar(_TOTAL, asked)
    order = order_by(sort, ORDERS, usual="id DESC", last="id")
    query = text(f"SELECT {_COLUMNS} FROM report_export WHERE {_MINE} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, {**asked, "limit": per_page, "offset": (page - 1) * per_page})
    return Page([of_row(row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, export_id: int, *, now: datetime) -> Export:
    """Raises Forbidden, NoSuchExport."""
    viewer.require(Permission.REPORTS_READ)
    asked = {"id": export_id, "user": viewer.user_id, "now": now}
    row = (await session.execute(_ONE, asked)).mappings().one_or_none()
    if row is None:
        raise NoSuchExport
    return of_row(row)


async def fetch(session: AsyncSession, viewer: Viewer, export_id: int, *, now: datetime) -> File:
    """The file itself. Raises Forbidden, NoSuchExport, NotThereYet."""
    viewer.require(Permission.REPORTS_READ)
    asked = {"id": export_id, "user": viewer.user_id, "now": now}
    row = (await session.execute(_FILE, asked)).mappings().one_or_none()
    if row is None:
        raise NoSuchExport
    if row["body"] is None:
        raise NotThereYet
    return File(row["file_name"], row["media"], row["body"])


async def remove(session: AsyncSession, viewer: Viewer, export_id: int, *, now: datetime) -> None:
    """Delete a file, and stop making it where it is under way. Raises Forbidden, NoSuchExport."""
    await one(session, viewer, export_id, now=now)
    await queue.stop(session, queueing_lock(export_id))
    await session.execute(_DELETE, {"id": export_id, "user": viewer.user_id})


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete what has expired, and say of what has lost its job that it failed."""
    problem = "The work on this file was lost. Export the report again."
    values = {"problem": problem, "now": now, "before": now - _LOST_AFTER, "job": EXPORT_JOB}
    await session.execute(_FAIL_LOST, values)
    await session.execute(_PURGE, {"now": now})


def queueing_lock(export_id: int) -> str:
    """By which the job of a file is known."""
    return f"{EXPORT_JOB}:{export_id}"


def of_row(row: Mapping[Any, Any]) -> Export:
    """A file from a row of `_COLUMNS`."""
    wanted = Wanted(
        msgspec.convert(row["about"], About),
        Format(row["format"]),
        msgspec.convert(row["options"], Options),
        row["zone"],
        row["locale"],
    )
    same = (
        "id",
        "user_id",
        "progress",
        "problem",
        "title",
        "file_name",
        "media",
        "size",
        "created_at",
        "finished_at",
        "expires_at",
    )
    return Export(wanted=wanted, state=State(row["state"]), **{name: row[name] for name in same})


async def _insert(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> int:
    viewer.require(Permission.REPORTS_READ)
    asked = {"user": viewer.user_id, "now": now}
    if (await session.scalar(_UNDER_WAY, asked) or 0) >= MOST_WAITING:
        raise TooManyExports(retry_after=30)
    scopes = None if viewer.scopes is None else msgspec.json.encode(sorted(viewer.scopes)).decode()
    values = {
        **asked, "scopes": scopes, "about": msgspec.json.encode(wanted.about).decode(), "format": wanted.form.value,
        "options": msgspec.json.encode(wanted.options).decode(), "zone": wanted.zone, "locale": wanted.locale, "until": now + KEPT,
    }  # fmt: skip
    return (await session.execute(_INSERT, values)).scalar_one()


def _json(about: About) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(about)
    return {name: value for name, value in found.items() if value is not None}
