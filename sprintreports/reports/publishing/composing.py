"""From a source to what one channel takes: the document as its asker may see it, its pictures and files, the channel itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.integrations.channel import Channel, Choice, File, Refused
from sprintreports.integrations.confluence import LONGEST_TITLE, Account, Confluence, Known, Page
from sprintreports.integrations.email import Mail, Mailbox, Server
from sprintreports.integrations.slack import Post, SlackBot, SlackWebhook
from sprintreports.integrations.teams import Card, TeamsWorkflow
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export.images import drawn
from sprintreports.reports.export.options import ENDINGS, MEDIA, Format
from sprintreports.reports.export.pdf import as_pdf
from sprintreports.reports.export.words import file_name
from sprintreports.reports.export.xlsx import as_xlsx
from sprintreports.reports.library import documents
from sprintreports.reports.publishing import opt_outs
from sprintreports.reports.publishing.rendering import confluence, mail, slack, teams
from sprintreports.reports.publishing.rendering.parts import picture_name, title_of
from sprintreports.reports.publishing.values import (
    ConfluenceSettings,
    Connection,
    EmailSettings,
    FileFormat,
    SlackBy,
    SlackSettings,
    Source,
    Target,
    TeamsSettings,
)

MOST_PICTURES = 20
_PNG = "image/png"

log = logs.get("reports.publishing")


class Making(Protocol):
    """Pictures and files of a document, which take a browser and seconds."""

    async def pictures(self, document: Document) -> Mapping[str, bytes]:
        """PNGs by the charts' keys; none where they cannot be drawn."""
        ...

    async def files(self, document: Document, formats: Sequence[FileFormat]) -> tuple[File, ...]:
        """Raises SprintReportsError."""
        ...


class Made:
    """As `reports/export` makes them."""

    async def pictures(self, document: Document) -> Mapping[str, bytes]:
        charts = list(document.charts)[:MOST_PICTURES]
        if not charts:
            return {}
        try:
            return dict(zip((chart.key for chart in charts), await drawn(charts, Format.PNG), strict=True))
        except SprintReportsError as error:
            log.warning("charts_not_drawn", reason=error.message)
            return {}

    async def files(self, document: Document, formats: Sequence[FileFormat]) -> tuple[File, ...]:
        found: list[File] = []
        for one in dict.fromkeys(formats):
            kind = Format(one.value)
            content = (
                await as_pdf(document)
                if one is FileFormat.PDF
                else await asyncio.to_thread(as_xlsx, document)
            )
            found.append(File(file_name(title_of(document), ENDINGS[kind]), MEDIA[kind], content))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A channel with what it is to send. shown: the content as text, names: of its files; for previews."""

    channel: Channel[Any]
    content: Any
    shown: str
    names: tuple[str, ...] = ()


async def document_of(session: AsyncSession, viewer: Viewer, source: Source, *, now: datetime) -> Document:
    """Raises Forbidden, NotFound, Invalid."""
    if source.report_id is not None:
        return await documents.of_report(session, viewer, source.report_id, now=now)
    if source.spec is None:
        raise Refused("There is nothing to publish: name a report, or say what it is to be about.")
    return await documents.of_spec(session, viewer, source.spec, layout=source.layout, now=now)


async def staying(session: AsyncSession, target: Target) -> Target:
    """The target without the recipients who have left. Raises Refused where none are left."""
    if not target.to:
        return target
    to = await opt_outs.staying(session, target.to)
    if not to:
        raise Refused("Every recipient has ended these mails, so none was sent. Name other recipients.")
    return msgspec.structs.replace(target, to=to)


async def packed(
    connection: Connection,
    secret: str,
    document: Document,
    target: Target,
    *,
    subject: str,
    known: Known | None,
    choice: Choice | None,
    making: Making,
    now: Callable[[], datetime],
) -> Parcel:
    """The content of the connection's service. No transaction is open meanwhile: drawing takes seconds. Raises SprintReportsError."""
    match connection.settings:
        case ConfluenceSettings() as found:
            pictures = await making.pictures(document)
            body = await asyncio.to_thread(confluence.storage, document, pictures)
            files = (*_pictured(document, pictures), *await making.files(document, target.files))
            account = Account(found.base_url, found.dialect, found.account, secret)
            title = title_of(document)[:LONGEST_TITLE]
            page = Page(target.space, target.parent, title, body, subject, files, known, choice)
            return Parcel(Confluence(account), page, body, tuple(file.name for file in files))
        case SlackSettings() as found:
            by_bot = found.by is SlackBy.BOT
            pictures: Mapping[str, bytes] = await making.pictures(document) if by_bot else {}
            post = Post(
                slack.summary(document),
                slack.blocks(document, pictured=pictures),
                _pictured(document, pictures),
            )
            channel = target.channel or found.channel
            sender = SlackBot(secret, channel, api=found.api) if by_bot else SlackWebhook(secret)
            return Parcel(sender, post, _json(post.blocks), tuple(file.name for file in post.pictures))
        case TeamsSettings():
            card = Card(teams.card(document))
            return Parcel(TeamsWorkflow(secret), card, _json(card.body))
        case EmailSettings() as found:
            pictures = await making.pictures(document)
            letter = mail.letter(document, pictures, why=_WHY)
            inline = {
                cid: File(f"{cid.partition('@')[0]}.png", _PNG, pictures[key])
                for cid, key in letter.inline.items()
            }
            files = await making.files(document, target.files)
            content = Mail(letter.subject, letter.html, letter.text, target.to, inline, files, opt_outs.link)
            names = tuple(file.name for file in (*inline.values(), *files))
            return Parcel(Mailbox(server_of(found, secret), now=now), content, letter.html, names)


_WHY = "Somebody sent you this from Sprint Reports. Unsubscribing in your mail program ends these mails."


def channel_of(connection: Connection, secret: str, *, now: Callable[[], datetime]) -> Channel[Any]:
    """The channel alone, for a test."""
    match connection.settings:
        case ConfluenceSettings() as found:
            return Confluence(Account(found.base_url, found.dialect, found.account, secret))
        case SlackSettings() as found if found.by is SlackBy.BOT:
            return SlackBot(secret, found.channel, api=found.api)
        case SlackSettings():
            return SlackWebhook(secret)
        case TeamsSettings():
            return TeamsWorkflow(secret)
        case EmailSettings() as found:
            return Mailbox(server_of(found, secret), now=now)


def server_of(found: EmailSettings, secret: str) -> Server:
    return Server(
        found.host,
        found.port,
        found.security,
        found.sender,
        found.sender_name,
        found.reply_to,
        found.account,
        secret,
    )


def _pictured(document: Document, pictures: Mapping[str, bytes]) -> tuple[File, ...]:
    return tuple(
        File(picture_name(chart), _PNG, pictures[chart.key])
        for chart in document.charts
        if chart.key in pictures
    )


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
