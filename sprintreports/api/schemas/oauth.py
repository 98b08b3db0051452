"""Signing in with Atlassian as REST shows it. Secrets and tokens only go in; the address to go to is shown once."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from sprintreports.api.schemas.sites import Body, Text
from sprintreports.jira import oauth_sites
from sprintreports.jira.oauth import scopes
from sprintreports.jira.oauth.protocol import callback_url
from sprintreports.jira.oauth_sites import Begun, Choice, Grant, Pending, Stage
from sprintreports.jira.webhooks.dynamic import Registration


class ScopeOut(BaseModel):
    """A permission of the app, where the developer console has it, and what it is for."""

    name: str = Field(examples=["read:jira-work"])
    api: str
    reason: str

    @classmethod
    def of(cls, scope: scopes.Scope) -> "ScopeOut":
        return cls(name=scope.name, api=scope.api, reason=scope.reason)


class AppOut(BaseModel):
    """What to enter in Atlassian's developer console, letter by letter."""

    console: str
    callback_url: str
    scopes: list[ScopeOut]

    @classmethod
    def now(cls) -> "AppOut":
        listed = [ScopeOut.of(scope) for scope in scopes.SCOPES]
        return cls(console=oauth_sites.CONSOLE, callback_url=callback_url(), scopes=listed)


class SignInIn(Body):
    """The app to sign in by. With `site_id` that site is connected anew, by its stored app where none is given."""

    client_id: Text = ""
    client_secret: SecretStr = Field(SecretStr(""), max_length=4000)
    site_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    name: Text = ""
    back: Annotated[str, Field(max_length=500)] = "/sites"


class BegunOut(BaseModel):
    """Open `authorize_url` in the browser that is signed in here, within ten minutes."""

    request_id: int
    authorize_url: str
    expires_at: datetime

    @classmethod
    def of(cls, begun: Begun) -> "BegunOut":
        return cls(
            request_id=begun.request_id, authorize_url=begun.authorize_url, expires_at=begun.expires_at
        )


class ChoiceOut(BaseModel):
    cloud_id: str
    name: str
    url: str

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceOut":
        return cls(cloud_id=choice.cloud_id, name=choice.name, url=choice.url)


class SignInOut(BaseModel):
    """How far a sign-in has come. `stage` choose: send the chosen `cloud_id`; connected: `site_id` is the site."""

    request_id: int
    stage: Stage
    choices: list[ChoiceOut]
    problem: str
    site_id: int | None

    @classmethod
    def of(cls, pending: Pending) -> "SignInOut":
        return cls(
            request_id=pending.request_id,
            stage=pending.stage,
            choices=[ChoiceOut.of(choice) for choice in pending.choices],
            problem=pending.problem,
            site_id=pending.site_id,
        )


class ChoiceIn(Body):
    cloud_id: Annotated[str, Field(min_length=1, max_length=200)]


class GrantOut(BaseModel):
    """How a site's sign-in with Atlassian stands. `problem`: why somebody has to sign in again; empty: it holds."""

    client_id: str
    scopes: list[str]
    problem: str
    granted_at: datetime
    refreshed_at: datetime = Field(
        description="when the access was renewed, which happens by itself each hour"
    )
    expires_at: datetime

    @classmethod
    def of(cls, grant: Grant) -> "GrantOut":
        values = {name: getattr(grant, name) for name in cls.model_fields if name != "scopes"}
        return cls(**values, scopes=list(grant.scopes))


class RegistrationOut(BaseModel):
    """The webhook that we register in Jira ourselves. `problem`: why there is none; the syncs bring changes instead."""

    wanted: bool
    registered: bool
    projects: list[str]
    expires_at: datetime | None = Field(description="it is renewed ten days before")
    checked_at: datetime | None
    problem: str
    url: str

    @classmethod
    def of(cls, found: Registration) -> "RegistrationOut":
        values = {name: getattr(found, name) for name in cls.model_fields if name != "projects"}
        return cls(**values, projects=list(found.projects))


class SiteOAuthOut(BaseModel):
    """Null where the site is connected otherwise."""

    grant: GrantOut | None
    webhook: RegistrationOut | None
