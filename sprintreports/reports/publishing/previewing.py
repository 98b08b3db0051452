"""What a delivery would do and say, without sending anything: a dry run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.integrations.channel import ChannelError, Choice, File
from sprintreports.integrations.confluence import Confluence, Known
from sprintreports.integrations.exchange import without
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export import browser
from sprintreports.reports.export.browser import NoBrowser
from sprintreports.reports.export.options import ENDINGS, MEDIA, Format
from sprintreports.reports.export.words import file_name
from sprintreports.reports.publishing import composing, connections, deliveries
from sprintreports.reports.publishing.composing import MOST_PICTURES, Making
from sprintreports.reports.publishing.deliveries import Wanted
from sprintreports.reports.publishing.rendering.parts import title_of
from sprintreports.reports.publishing.tables import PublishedPage
from sprintreports.reports.publishing.values import Connection, FileFormat, Service, Target, subject_of

_KEY = "preview"


class Named:
    """Pictures and files by their names alone: whoever asks what would be done is not to keep a browser and a core busy."""

    async def pictures(self, document: Document) -> Mapping[str, bytes]:
        there = browser.program() is not None
        return {chart.key: b"" for chart in list(document.charts)[:MOST_PICTURES] if there}

    async def files(self, document: Document, formats: Sequence[FileFormat]) -> tuple[File, ...]:
        if FileFormat.PDF in formats and browser.program() is None:
            raise NoBrowser
        kinds = [Format(one.value) for one in dict.fromkeys(formats)]
        return tuple(File(file_name(title_of(document), ENDINGS[one]), MEDIA[one], b"") for one in kinds)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that has to be read before: no transaction is open while a service is asked."""

    connection: Connection
    secret: str
    document: Document
    target: Target
    subject: str
    known: Known | None


@dataclass(frozen=True, slots=True)
class DryRun:
    """content: the page's body, the message's JSON or the mail's HTML. choices: where somebody has to decide first."""

    title: str
    sentence: str
    choices: tuple[Choice, ...]
    content: str
    files: tuple[str, ...]


async def prepared(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> Prepared:
    """Raises Forbidden, NotFound, Invalid, Refused."""
    connection, wanted = await deliveries.allowed(session, viewer, wanted, now=now)
    row = await connections.row_of(session, connection.id)
    subject = subject_of(wanted.source, connection.id, wanted.target)
    page = await session.get(PublishedPage, (connection.id, subject))
    known = Known(page.page_id, page.version, page.author) if page else None
    document = await composing.document_of(session, viewer, wanted.source, now=now)
    target = await composing.staying(session, wanted.target)
    return Prepared(connection, connections.secret_of(row), document, target, subject, known)


async def dry_run(ready: Prepared, *, now: Callable[[], datetime], making: Making | None = None) -> DryRun:
    """Raises ChannelError where the service refuses to be asked, SprintReportsError where a file cannot be made."""
    parcel = await composing.packed(
        ready.connection, ready.secret, ready.document, ready.target, subject=ready.subject, known=ready.known, choice=None,
        making=making or Named(), now=now,
    )  # fmt: skip
    sentence, choices = _sentence(ready), ()
    if isinstance(parcel.channel, Confluence):
        try:
            found = await parcel.channel.preview(parcel.content, key=_KEY)
        except ChannelError as error:
            error.message = without(error.message, ready.secret)
            raise
        sentence, choices = found.sentence, found.choices
    return DryRun(title_of(ready.document), sentence, choices, parcel.shown, parcel.names)


def _sentence(ready: Prepared) -> str:
    connection, target = ready.connection, ready.target
    if connection.kind is Service.EMAIL:
        count = len(target.to)
        if count == 1:
            return "One mail would be sent, unless its recipient has ended these mails."
        return f"{count} mails would be sent, one to each recipient who has not ended them."
    where = f" to {target.channel}" if target.channel else ""
    return f"A message would be posted by “{connection.name}”{where}."
