"""A version of a queue as a file: read once for whoever asks, noted, and written beside the event loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.names import named
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.calendar import zone_of
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queues import naming, store, versions
from sprintreports.planning.queues.exports.about import About
from sprintreports.planning.queues.exports.calendar import Source, as_ical
from sprintreports.planning.queues.exports.lines import Names
from sprintreports.planning.queues.exports.printed import as_html
from sprintreports.planning.queues.exports.tables import as_csv, as_json
from sprintreports.planning.queues.exports.workbook import as_xlsx
from sprintreports.planning.queues.stored_results import named as named_for_people

# Writing a large workbook takes seconds: two at a time, and whoever comes next waits without holding anything up.
_writers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="queue-files")


class Format(StrEnum):
    """As what a queue can be had. HTML: a page to print."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    ICAL = "ical"
    HTML = "html"


MEDIA: Mapping[Format, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
    Format.ICAL: "text/calendar; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
}
_ENDINGS: Mapping[Format, str] = {one: "ics" if one is Format.ICAL else one.value for one in Format}


@dataclass(frozen=True, slots=True)
class Content:
    """All that a file is written from: what its reader sees of the version, and the names in it."""

    queue: Queue
    names: Names
    about: About

    def named(self, form: Format) -> str:
        """What the file is called: plain letters alone, so that it is the same name everywhere."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.about.name.casefold()).strip("-")[:40].rstrip("-") or "queue"
        return f"{plain}-version-{self.about.number}.{_ENDINGS[form]}"


_WRITTEN: Mapping[Format, Callable[[Content], bytes]] = {
    Format.CSV: lambda one: as_csv(one.queue, one.names),
    Format.XLSX: lambda one: as_xlsx(one.queue, one.names, one.about),
    Format.JSON: lambda one: as_json(one.queue, one.names),
    Format.ICAL: lambda one: as_ical(one.queue, one.names, source_of(one.about)),
    Format.HTML: lambda one: as_html(one.queue, one.names, one.about).encode(),
}


async def read(
    session: AsyncSession,
    viewer: Viewer,
    queue_id: int,
    *,
    form: Format,
    number: int | None = None,
    zone: str | None = None,
) -> Content:
    """A version, the last one unless named, for a file; that it was taken out is noted.

    zone: the one that times are told in; by default the viewer's own, else the board's. Raises Forbidden, NotFound, Invalid,
    Unreadable.
    """
    info = await store.one(session, viewer, queue_id)
    stored = await versions.read(session, viewer, queue_id, number=number)
    # The scope for queues, which a door has asked for, covers the issues and people that they are made of.
    reader = replace(viewer, scopes=None)
    place = await access.place(session, reader, sprint_id=info.sprint_id, board_id=info.board_id)
    version = stored.version
    about = About(
        queue_id=queue_id,
        number=version.number,
        name=info.name,
        made=version.created_at,
        sprint=place.sprint_name,
        author=(await named(session, [version.created_by]))[version.created_by],
        note=version.note,
        zone=_zone(zone, viewer.time_zone or place.calendar.zone),
    )
    names = await naming.names_of(session, reader, info, stored.queue)
    await audit.record(
        session,
        viewer,
        audit.Action.EXPORTED,
        subject=("queue", queue_id),
        after={"version": version.number, "format": form.value},
    )
    return Content(named_for_people(stored.queue, names.people), names, about)


async def written(content: Content, form: Format) -> bytes:
    """The file. Work for a thread: nobody needs a transaction meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(_writers, _WRITTEN[form], content)


def source_of(about: About) -> Source:
    """The same for a calendar."""
    return Source(about.queue_id, about.number, about.name, about.made)


def _zone(asked: str | None, usual: str) -> ZoneInfo:
    if asked is None:
        try:
            return zone_of(usual)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")
    try:
        return zone_of(asked)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = "There is no such time zone. Write it like Europe/Berlin or America/New_York."
        raise Invalid(message, details=(FieldProblem("zone", message),)) from error
