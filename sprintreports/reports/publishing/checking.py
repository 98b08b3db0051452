"""What somebody enters for a connection, read strictly before anything is stored."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import msgspec

from sprintreports.integrations.confluence import Dialect
from sprintreports.integrations.email import usable
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.reports.publishing.values import (
    LONGEST_NAME,
    ConfluenceSettings,
    EmailSettings,
    Service,
    Settings,
    SlackBy,
    SlackSettings,
    Target,
    TeamsSettings,
)

LONGEST_SECRET = 4_000
MOST_RECIPIENTS = 50
_SPACE = re.compile(r"[~A-Za-z0-9_.-]{1,255}")
_PAGE_ID = re.compile(r"[0-9]{1,20}")
_CHANNEL = re.compile(r"#?[\w.-]{1,80}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection as somebody entered it. secret empty: none, or the one that is stored."""

    name: str
    settings: Settings
    secret: str = field(default="", repr=False)


def checked(draft: Draft, *, kind: Service | None = None, keeps_secret: bool = False) -> Draft:
    """The same in its usual spelling. kind: what it must stay. Raises Invalid."""
    name, secret = draft.name.strip(), draft.secret.strip()
    problems: list[FieldProblem] = []
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems.append(FieldProblem("name", f"Give it a name of 1 to {LONGEST_NAME} printable characters."))
    if not secret.isprintable() or len(secret) > LONGEST_SECRET:
        problems.append(
            FieldProblem("secret", "This holds characters that no such secret has. Paste it again.")
        )
    match draft.settings:
        case ConfluenceSettings() as found:
            settings, more = _confluence(found)
            needed = "Enter an API token (Cloud), or a personal access token or password (Data Center)."
        case SlackSettings() as found:
            settings, more = _slack(found, secret)
            needed = "Enter the webhook's address or the bot's token (xoxb-…), as Slack shows it."
        case TeamsSettings() as found:
            settings, more = found, _address("secret", secret, "The workflow's address") if secret else []
            needed = "Enter the address that Teams shows for the workflow's webhook."
        case EmailSettings() as found:
            settings, more = _email(found)
            needed = "Enter the password of the account." if found.account else ""
    problems += more
    if kind is not None and msgspec.to_builtins(settings)["kind"] != kind:
        problems.append(
            FieldProblem("settings", "A connection stays with its service. Make another connection.")
        )
    if needed and not secret and not keeps_secret:
        problems.append(FieldProblem("secret", needed))
    if problems:
        raise Invalid(f"The connection is not complete. {problems[0].message}", details=tuple(problems))
    return replace(draft, name=name, secret=secret, settings=settings)


def address_of(settings: Settings) -> str:
    """Where a secret goes: one that was entered for one address is never sent to another."""
    match settings:
        case ConfluenceSettings(base_url=url):
            return url
        case SlackSettings(by=by, api=api):
            return api if by is SlackBy.BOT else "webhook"
        case TeamsSettings():
            return "webhook"
        case EmailSettings(host=host, port=port):
            return f"{host}:{port}"


def checked_target(kind: Service, target: Target, settings: Settings) -> Target:
    """Raises Invalid for a target that cannot be one of this service's."""
    problems: list[FieldProblem] = []
    if kind is Service.CONFLUENCE:
        if not _SPACE.fullmatch(target.space):
            problems.append(FieldProblem("target.space", "Enter the key of the space, such as TEAM."))
        if target.parent and not _PAGE_ID.fullmatch(target.parent):
            problems.append(
                FieldProblem("target.parent", "Enter the parent page's number, as its address shows it.")
            )
    if kind is Service.SLACK and isinstance(settings, SlackSettings) and settings.by is SlackBy.BOT:
        channel = target.channel or settings.channel
        if not _CHANNEL.fullmatch(channel):
            problems.append(FieldProblem("target.channel", "Name a channel of Slack, such as #delivery."))
    if kind is Service.EMAIL:
        problems += _recipients(target.to)
    elif target.to:
        problems.append(FieldProblem("target.to", "Only mail has recipients."))
    if target.files and kind in {Service.SLACK, Service.TEAMS}:
        problems.append(FieldProblem("target.files", "Files go with mail and with pages in Confluence only."))
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    return msgspec.structs.replace(target, to=tuple(dict.fromkeys(target.to)))


def _recipients(addresses: tuple[str, ...]) -> list[FieldProblem]:
    if not 1 <= len(addresses) <= MOST_RECIPIENTS:
        return [FieldProblem("target.to", f"Name 1 to {MOST_RECIPIENTS} recipients.")]
    return [
        FieldProblem(
            "target.to", f"“{one[:80]}” is no address that mail can be sent to. Write name@example.org."
        )
        for one in addresses
        if not usable(one)
    ]


def _confluence(found: ConfluenceSettings) -> tuple[Settings, list[FieldProblem]]:
    url = found.base_url.strip().rstrip("/")
    problems = _address("settings.base_url", url, "The address of Confluence")
    account = found.account.strip()
    if found.dialect is Dialect.CLOUD and not account:
        problems.append(
            FieldProblem("settings.account", "Enter the e-mail address of the account: Cloud asks for it.")
        )
    if not account.isprintable() or ":" in account:
        problems.append(FieldProblem("settings.account", "This is no account of Confluence's."))
    return msgspec.structs.replace(found, base_url=url, account=account), problems


def _slack(found: SlackSettings, secret: str) -> tuple[Settings, list[FieldProblem]]:
    problems = _address("settings.api", found.api, "The address of Slack's interface")
    if found.by is SlackBy.WEBHOOK and secret:
        problems += _address("secret", secret, "The webhook's address")
    if found.by is SlackBy.BOT and secret and not secret.startswith("xox"):
        problems.append(
            FieldProblem("secret", "A bot's token begins with xoxb-. Copy it from the app's page in Slack.")
        )
    if found.channel and not _CHANNEL.fullmatch(found.channel):
        problems.append(FieldProblem("settings.channel", "Name a channel of Slack, such as #delivery."))
    return found, problems


def _email(found: EmailSettings) -> tuple[Settings, list[FieldProblem]]:
    problems: list[FieldProblem] = []
    host = found.host.strip()
    if not host or not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", host):
        problems.append(
            FieldProblem("settings.host", "Enter the name of the mail server, such as smtp.example.org.")
        )
    if not 1 <= found.port <= 65535:
        problems.append(
            FieldProblem("settings.port", "Ports go from 1 to 65535: 587 for STARTTLS, 465 for TLS.")
        )
    for name, address in (("sender", found.sender), ("reply_to", found.reply_to)):
        if (address or name == "sender") and not usable(address):
            problems.append(FieldProblem(f"settings.{name}", "Enter an address such as reports@example.org."))
    if not found.sender_name.isprintable() or len(found.sender_name) > LONGEST_NAME:
        problems.append(FieldProblem("settings.sender_name", "Enter a shorter name without line breaks."))
    return msgspec.structs.replace(found, host=host), problems


def _address(place: str, url: str, what: str) -> list[FieldProblem]:
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in {"https", "http"}
            and bool(parts.hostname)
            and not parts.username
            and not parts.fragment
        )
    except ValueError:
        good = False
    if good and url.isprintable() and " " not in url and len(url) <= 2_000:
        return []
    return [FieldProblem(place, f"{what} begins with https:// and holds no name or password. Copy it again.")]
