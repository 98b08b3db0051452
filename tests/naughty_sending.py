"""Reports with odd names sent by every channel to stand-ins on loopback, and what arrived: nothing but what a plain name brings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sprintreports.integrations.channel import Noted
from sprintreports.integrations.confluence import Dialect
from sprintreports.integrations.email import Security
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.publishing import composing
from sprintreports.reports.publishing.values import (
    ConfluenceSettings,
    Connection,
    EmailSettings,
    Service,
    Settings,
    SlackBy,
    SlackSettings,
    Target,
    TeamsSettings,
)
from tests.integration.publishing_site import Drawn
from tests.integration.test_channels_mail import Box, serving
from tests.publishing_support import Chat, Wiki, Workflow, standing
from tests.unit.reports.naughty import baseline
from tests.unit.reports.naughty_checks import words

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """What arrived of one report. mails: of whoever gets one."""

    wikis: list[dict[str, Any]]
    posts: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    mails: list[Any]


async def everything_arrives_as_text(strings: Sequence[str]) -> None:
    """Each string as the name of everything, by each channel: what arrives is built like what a plain name brings."""
    plain = await sent(baseline(["Payments 14"], issues=1))
    for text in strings:
        found = await sent(baseline([text], issues=1), sender=words(text)[:50] or "X")
        wanted = words(text)[:100].rstrip()
        for before, page in zip(plain.wikis, found.wikis, strict=True):
            assert page["title"] == words(page["title"])
            assert wanted in page["title"]
            assert page.keys() == before.keys()
        for before, post in zip(plain.posts, found.posts, strict=True):
            assert post.keys() == before.keys()
            assert not any(re.search(r"<[!@#]", told) for told in read_as_markup(post)), (
                "somebody is mentioned"
            )
        assert [card.keys() for card in found.cards] == [card.keys() for card in plain.cards]
        for before, mail in zip(plain.mails, found.mails, strict=True):
            assert mail.keys() == before.keys(), (text, mail.keys())
            assert seen(wanted) in seen(mail["Subject"]), (text, mail["Subject"])
            assert mail["To"] == "ada@example.org"
            assert [part.get_content_type() for part in mail.walk()] == [part.get_content_type() for part in before.walk()]  # fmt: skip
            for part in mail.walk():
                assert part.defects == []
                assert part.get_filename() is None or part.get_filename().isascii()


def read_as_markup(post: dict[str, Any]) -> list[str]:
    """The texts of a message in which Slack looks for mentions."""
    inner = [block.get("text", {}) for block in post["blocks"]]
    inner += [one for block in post["blocks"] for one in (*block.get("fields", ()), *block.get("elements", ()))]  # fmt: skip
    return [post["text"], *(one["text"] for one in inner if one.get("type") == "mrkdwn")]


def seen(text: str) -> str:
    """The letters alone: a header has a blank for each sign that nobody sees, and one in what looks like an encoded word."""
    return "".join(sign for sign in text if sign.isprintable() and not sign.isspace())


async def sent(document: Document, *, sender: str = "Sprint Reports") -> Sent:
    """A report by all channels."""
    found = Sent([], [], [], [])

    async def send(settings: Settings, secret: str, target: Target) -> None:
        parcel = await composing.packed(
            _connection(settings), secret, document, target, subject="0" * 32, known=None, choice=None, making=Drawn(), now=lambda: NOW
        )  # fmt: skip
        await parcel.channel.send(parcel.content, key="k", progress=Noted())

    for cloud in (True, False):
        wiki = Wiki(cloud=cloud)
        with standing(wiki) as place:
            dialect = Dialect.CLOUD if cloud else Dialect.DATA_CENTER
            account = "me@example.org" if cloud else ""
            await send(ConfluenceSettings(place.url, dialect, account), "token", Target(space="TEAM"))
        ((page,),) = wiki.pages.values()
        found.wikis.append(page)
    slack = Chat()
    with standing(slack) as place:
        slack.own = place.url
        await send(SlackSettings(SlackBy.WEBHOOK), f"{place.url}/services/T/B/x", Target())
        await send(SlackSettings(SlackBy.BOT, "#delivery", f"{place.url}/api"), "xoxb-1", Target())
    found.posts.extend(slack.posted)
    teams = Workflow()
    with standing(teams) as place:
        await send(TeamsSettings(), f"{place.url}/workflows/1", Target())
    found.cards.extend(teams.cards)
    box = Box()
    async with serving(box) as port:
        mail = EmailSettings("127.0.0.1", "reports@example.org", port, Security.NONE, sender_name=sender)  # fmt: skip
        await send(mail, "", Target(to=("ada@example.org",)))
    found.mails.extend(message for _, _, message in box.taken)
    assert [len(one) for one in (found.posts, found.cards, found.mails)] == [2, 1, 1]
    return found


def _connection(settings: Settings) -> Connection:
    return Connection(
        1, Service.SLACK, "Ours", settings, True, False, "", None, None, None, "", None, NOW, NOW
    )
