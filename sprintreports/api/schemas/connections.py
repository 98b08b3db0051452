"""Connections to outside services as REST takes and shows them. A secret goes in and never comes out."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, Field, SecretStr

from sprintreports.api.schemas.planning import Strict
from sprintreports.integrations.confluence import Dialect
from sprintreports.integrations.email import Security
from sprintreports.reports.publishing.checking import LONGEST_SECRET, Draft
from sprintreports.reports.publishing.values import (
    LONGEST_NAME,
    Connection,
    Service,
    Settings,
    SlackBy,
    read_settings,
)

Line = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00-\x1f]*$")]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f]*$")]
Secret = Annotated[SecretStr, Field(max_length=LONGEST_SECRET)]


class ConfluenceIn(Strict):
    """A Confluence. The secret: an API token (Cloud), a personal access token, or with `account` a password (Data Center)."""

    kind: Literal["confluence"]
    base_url: Line = Field(examples=["https://example.atlassian.net"])
    dialect: Dialect
    account: Line = Field(
        "", description="Cloud: the e-mail address of the account; Data Center: empty with a token"
    )


class SlackIn(Strict):
    """A Slack. The secret: the webhook's address, or the bot's token (scopes chat:write, and files:write for pictures)."""

    kind: Literal["slack"]
    by: SlackBy
    channel: Line = Field(
        "", description="where a bot writes unless a delivery says otherwise", examples=["#delivery"]
    )
    api: Line = Field("https://slack.com/api", description="the address of Slack's interface")


class TeamsIn(Strict):
    """A channel or chat in Microsoft Teams. The secret: the address of a workflow's webhook."""

    kind: Literal["teams"]


class EmailIn(Strict):
    """A mail server. The secret: the password of `account`, where there is one."""

    kind: Literal["email"]
    host: Line = Field(examples=["smtp.example.org"])
    port: int = Field(587, ge=1, le=65535)
    security: Security = Field(Security.STARTTLS, description="none: to this very machine alone")
    account: Line = ""
    sender: Line = Field(description="the address that mails come from", examples=["reports@example.org"])
    sender_name: Line = "Sprint Reports"
    reply_to: Line = ""


SettingsIO = Annotated[ConfluenceIn | SlackIn | TeamsIn | EmailIn, Field(discriminator="kind")]


class ConnectionIn(Strict):
    """A connection to be set up."""

    name: Name = Field(examples=["Company wiki"])
    settings: SettingsIO
    secret: Secret = Field(SecretStr(""), description="write-only", examples=["xoxb-…"])

    def draft(self) -> Draft:
        return Draft(self.name, settings_of(self.settings), self.secret.get_secret_value())


class ConnectionPatch(Strict):
    """What can be changed. What is left out stays; `settings` are given whole, of the same service."""

    name: Name | None = None
    settings: SettingsIO | None = None
    secret: Secret | None = Field(None, description="write-only; another address needs it again")

    def draft(self, known: Connection) -> Draft:
        return Draft(
            known.name if self.name is None else self.name,
            known.settings if self.settings is None else settings_of(self.settings),
            self.secret.get_secret_value() if self.secret else "",
        )


class ConnectionOut(BaseModel):
    """A connection. `settings` only for who may read settings."""

    id: int
    kind: Service
    name: str = Field(examples=["Company wiki"])
    settings: SettingsIO | None
    has_secret: bool
    paused: bool = Field(description="nothing is sent at the moment, see `paused_reason`")
    paused_reason: str = Field(examples=[""])
    paused_until: datetime | None = Field(
        description="null while `paused`: until somebody changes or tests it"
    )
    checked_at: datetime | None
    check_ok: bool | None = Field(description="null: never tested")
    check_message: str = Field(examples=["Confluence lets us in as Reports."])
    delivered_at: datetime | None = Field(description="the last good delivery")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: Connection, *, whole: bool) -> "ConnectionOut":
        values: dict[str, Any] = {
            name: getattr(found, name) for name in cls.model_fields if name != "settings"
        }
        if not whole:
            # What a service says may name accounts and servers.
            values |= {"paused_reason": "", "check_message": ""}
        return cls(**values, settings=msgspec.to_builtins(found.settings) if whole else None)


def settings_of(given: BaseModel) -> Settings:
    return read_settings(given.model_dump(mode="json"))
