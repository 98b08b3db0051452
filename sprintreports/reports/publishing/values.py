"""What connections and deliveries are made of: services and their settings, targets, states, and where content comes from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from sprintreports.integrations.channel import Choice
from sprintreports.integrations.confluence import Dialect
from sprintreports.integrations.email import Security
from sprintreports.reports.spec import Spec
from sprintreports.reports.templates.layout import Layout

LONGEST_NAME = 120


class Service(StrEnum):
    CONFLUENCE = "confluence"
    SLACK = "slack"
    TEAMS = "teams"
    EMAIL = "email"


class DeliveryState(StrEnum):
    """QUEUED, WAITING (for its next try) and SENDING are under way; the others have ended, DELIVERED alone well."""

    QUEUED = "queued"
    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CLASH = "clash"  # somebody has to choose
    UNKNOWN = "unknown"  # somebody has to look


UNDER_WAY = frozenset({DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.SENDING})


class SlackBy(StrEnum):
    WEBHOOK = "webhook"
    BOT = "bot"


class FileFormat(StrEnum):
    """Files that go with a report."""

    PDF = "pdf"
    XLSX = "xlsx"


class ConfluenceSettings(
    msgspec.Struct, frozen=True, tag="confluence", tag_field="kind", forbid_unknown_fields=True
):
    """account: an e-mail address on Cloud; empty: the secret is a personal access token."""

    base_url: str
    dialect: Dialect
    account: str = ""


class SlackSettings(msgspec.Struct, frozen=True, tag="slack", tag_field="kind", forbid_unknown_fields=True):
    """channel: where a bot writes; a webhook knows its own. api: another address of Slack's interface."""

    by: SlackBy
    channel: str = ""
    api: str = "https://slack.com/api"


class TeamsSettings(msgspec.Struct, frozen=True, tag="teams", tag_field="kind", forbid_unknown_fields=True):
    """The address is the secret."""


class EmailSettings(msgspec.Struct, frozen=True, tag="email", tag_field="kind", forbid_unknown_fields=True):
    host: str
    sender: str
    port: int = 587
    security: Security = Security.STARTTLS
    account: str = ""
    sender_name: str = "Sprint Reports"
    reply_to: str = ""


Settings: TypeAlias = ConfluenceSettings | SlackSettings | TeamsSettings | EmailSettings


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where at the service. space, parent: Confluence; channel: a Slack bot's other channel; to: mail. files: what is attached."""

    space: str = ""
    parent: str = ""
    channel: str = ""
    to: tuple[str, ...] = ()
    files: tuple[FileFormat, ...] = ()


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent: a stored report, or what a spec says, laid out."""

    report_id: int | None = None
    spec: Spec | None = None
    layout: Layout | None = None


def subject_of(source: Source, connection_id: int, target: Target) -> str:
    """The mark of a report's page in one place: a stored report is the same by its number, another by what it is about."""
    about = source.report_id if source.report_id is not None else msgspec.json.encode(source.spec).decode()
    text = f"{connection_id}\0{about}\0{target.space}\0{target.parent}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection without its secret. paused_until None while `paused`: until somebody acts."""

    id: int
    kind: Service
    name: str
    settings: Settings
    has_secret: bool
    paused: bool
    paused_reason: str
    paused_until: datetime | None
    checked_at: datetime | None
    check_ok: bool | None
    check_message: str
    delivered_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    number: int
    began_at: datetime
    ended_at: datetime | None
    outcome: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as people see it."""

    id: int
    connection_id: int
    connection: str
    kind: Service
    user_id: int
    user: str
    report_id: int | None
    title: str
    target: Target
    state: DeliveryState
    failure: str
    choices: tuple[Choice, ...]
    attempts: int
    sentence: str
    url: str
    next_at: datetime | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    tries: tuple[Attempt, ...] = ()


def read_settings(stored: Any) -> Settings:
    return msgspec.convert(stored, Settings, strict=False)  # pyright: ignore[reportArgumentType]
