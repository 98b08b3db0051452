"""Connections as text, and what the form of each kind starts with."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec

from sprintreports.reports.publishing.values import (
    ConfluenceSettings,
    Connection,
    EmailSettings,
    SlackBy,
    SlackSettings,
    TeamsSettings,
)
from sprintreports.ui.dates import instant
from sprintreports.ui.links import address
from sprintreports.ui.reporting import sending

CLOUD, DATA_CENTER = "confluence-cloud", "confluence-datacenter"
WEBHOOK, BOT, TEAMS, EMAIL = "slack-webhook", "slack-bot", "teams", "email"
KINDS = {
    CLOUD: "Confluence Cloud",
    DATA_CENTER: "Confluence Data Center",
    WEBHOOK: "Slack, incoming webhook",
    BOT: "Slack, bot",
    TEAMS: "Microsoft Teams, workflow",
    EMAIL: "E-mail",
}
# What a form of a new connection starts with, by the names of the fields.
USUAL = {
    "name": "", "base_url": "", "account": "", "channel": "", "api": "https://slack.com/api", "host": "", "port": "587",
    "security": "starttls", "sender": "", "sender_name": "Sprint Reports", "reply_to": "",
}  # fmt: skip


@dataclass
class ConnectionLine:
    """A connection of the list. link: to the same page with it opened."""

    id: str = ""
    name: str = ""
    link: str = ""
    kind: str = ""
    place: str = ""
    account: str = ""
    secret: str = ""
    state: str = ""
    tone: str = ""
    told: str = ""
    tested: str = ""
    delivered: str = ""
    deliveries: str = ""


def kind_of(found: Connection) -> str:
    """Which of the forms it has."""
    match found.settings:
        case ConfluenceSettings(dialect=dialect):
            return f"confluence-{dialect}"
        case SlackSettings(by=by):
            return BOT if by is SlackBy.BOT else WEBHOOK
        case TeamsSettings():
            return TEAMS
        case EmailSettings():
            return EMAIL


def line(found: Connection, zone: ZoneInfo) -> ConnectionLine:
    label, tone, told = standing(found, zone)
    return ConnectionLine(
        id=str(found.id),
        name=found.name,
        link=address(sending.CONNECTIONS, connection=found.id),
        kind=KINDS[kind_of(found)],
        place=place(found),
        account=getattr(found.settings, "account", ""),
        secret="Stored encrypted" if found.has_secret else "None",
        state=label,
        tone=tone,
        told=told,
        tested=instant(found.checked_at, zone) if found.checked_at else "Never",
        delivered=instant(found.delivered_at, zone) if found.delivered_at else "None yet",
        deliveries=address(sending.DELIVERIES, connection=found.id),
    )


def standing(found: Connection, zone: ZoneInfo) -> tuple[str, str, str]:
    """Whether it works: a word or two, its tone, and a sentence."""
    if found.paused:
        until = (
            f"Paused until {instant(found.paused_until, zone)}."
            if found.paused_until
            else "Paused until somebody changes or tests it."
        )
        return "Paused", "bad", f"{found.paused_reason} {until}".strip()
    if found.check_ok is None:
        return "Never tested", "", "Test it before somebody sends a report by it."
    if found.check_ok:
        return "Works", "good", found.check_message
    return "Its last test failed", "warn", found.check_message


def place(found: Connection) -> str:
    """Where it leads; nothing where the address itself is the secret."""
    match found.settings:
        case ConfluenceSettings(base_url=url):
            return url
        case SlackSettings(channel=channel):
            return channel
        case TeamsSettings():
            return ""
        case EmailSettings(host=host, port=port, sender=sender):
            return f"{host}:{port}, from {sender}"


def form_values(found: Connection) -> dict[str, str]:
    """What its form starts with. The secret is no part of it."""
    settings = msgspec.to_builtins(found.settings)
    return USUAL | {"name": found.name} | {one: str(settings[one]) for one in USUAL if one in settings}
