"""What REST shows and takes of users, their roles and their one-time links."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sprintreports.identity.accounts import Edit
from sprintreports.identity.grants import MANUAL
from sprintreports.identity.invitations import OneTimeLink, Purpose
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.profile import Choices, Locale, Theme
from sprintreports.identity.user_rows import StoredGrant, User, UserState
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.jira.reads.grantable import Person, Place

_ID = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Ids = Annotated[list[_ID], Field(max_length=1000)]
_Text = Annotated[str, Field(max_length=255)]
_Password = Annotated[SecretStr, Field(max_length=1000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UserOut(BaseModel):
    """An account. `role` is the highest that it holds; `/users/{user_id}/grants` says where."""

    id: int
    email: str
    username: str
    name: str
    role: Role
    limited: bool = Field(description="whether its roles hold on some boards or for some teams only")
    state: UserState
    jira_account_id: str | None
    created_at: datetime
    last_sign_in_at: datetime | None

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(**_shared(user))


class MeOut(UserOut):
    """One's own account, with what it may do and what is set in the profile."""

    permissions: list[Permission]
    time_zone: str | None
    locale: Locale | None
    theme: Theme

    @classmethod
    def of_viewer(cls, user: User, viewer: Viewer) -> Self:
        return cls(
            **_shared(user),
            permissions=sorted(one for one in Permission if viewer.can(one)),
            time_zone=user.time_zone,
            locale=Locale(user.locale) if user.locale in set(Locale) else None,
            theme=Theme(user.theme),
        )


class MeChange(_Strict):
    """What is left out stays; an empty time zone follows the browser, an empty locale is the usual one."""

    name: str | None = Field(default=None, max_length=200)
    time_zone: str | None = Field(default=None, max_length=64, examples=["Europe/Berlin"])
    locale: Locale | None = None
    theme: Theme | None = None

    def choices(self) -> Choices:
        given = self.model_fields_set
        return Choices(
            name=self.name,
            time_zone=_cleared(self.time_zone, given="time_zone" in given),
            locale=_cleared(self.locale, given="locale" in given),
            theme=self.theme,
        )


class UserIn(_Strict):
    """A new account with a password of an admin's choosing; `/invitations` makes one without."""

    email: _Text = Field(examples=["ada@example.org"])
    password: _Password
    role: Role
    name: str = Field(default="", max_length=200)
    username: str = Field(default="", max_length=100, description="empty: the e-mail address")


class InvitationIn(_Strict):
    email: _Text = Field(examples=["ada@example.org"])
    role: Role
    name: str = Field(default="", max_length=200)


class UserChange(_Strict):
    """What is left out stays. A null `jira_account_id` unlinks the person in Jira."""

    name: str | None = Field(default=None, max_length=200)
    email: _Text | None = None
    username: str | None = Field(default=None, max_length=100)
    jira_account_id: str | None = Field(default=None, max_length=128)
    active: bool | None = None

    def edit(self) -> Edit:
        jira = _cleared(self.jira_account_id, given="jira_account_id" in self.model_fields_set)
        return Edit(self.name, self.email, self.username, jira)


class GrantIn(_Strict):
    """A role on some boards, for some teams, or both; null: all of them, but one of the two must be named."""

    role: Role
    board_ids: _Ids | None = None
    team_ids: _Ids | None = Field(default=None, description="ids of `/jira-teams`")

    def grant(self) -> Grant:
        return Grant(self.role, _set(self.board_ids), _set(self.team_ids))


class GrantsIn(_Strict):
    """All that is given by hand: a role that holds everywhere (null: none) and limited ones."""

    role: Role | None
    limited: list[GrantIn] = Field(default_factory=list, max_length=50)


class GrantOut(BaseModel):
    role: Role
    board_ids: list[int] | None
    team_ids: list[int] | None
    source: str = Field(
        examples=[MANUAL], description="`manual`, or the group of an identity provider that gives it"
    )

    @classmethod
    def of(cls, stored: StoredGrant) -> Self:
        grant = stored.grant
        return cls(
            role=grant.role,
            board_ids=_list(grant.board_ids),
            team_ids=_list(grant.team_ids),
            source=stored.source,
        )


class GrantsOut(BaseModel):
    """What a person holds: the role everywhere, and those besides."""

    role: Role | None
    limited: list[GrantOut]

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(role=user.everywhere, limited=[GrantOut.of(one) for one in user.granted])


class LinkOut(BaseModel):
    """A one-time link, shown now and never again. Nothing sends it: hand it to its owner."""

    link: str = Field(examples=["https://reports.example.org/invitation#sri_…"])
    purpose: Purpose
    expires_at: datetime

    @classmethod
    def of(cls, link: OneTimeLink, public_url: str) -> Self:
        # Behind the #: browsers send that part to no server, so that no log holds it.
        address = f"{public_url.rstrip('/')}/invitation#{link.token}"
        return cls(link=address, purpose=link.purpose, expires_at=link.expires_at)


class InvitedOut(BaseModel):
    """The account just made and the link by which its owner sets a password."""

    user: UserOut
    link: LinkOut


class AcceptanceIn(_Strict):
    """The part of the link behind the `#`, and the password that is chosen."""

    token: SecretStr = Field(max_length=200)
    password: _Password


class PlaceOut(BaseModel):
    """A team as issues name it."""

    id: int
    name: str
    site_name: str

    @classmethod
    def of(cls, place: Place) -> Self:
        return cls(id=place.id, name=place.name, site_name=place.site_name)


class PersonOut(BaseModel):
    """Somebody in Jira."""

    account_id: str
    name: str
    site_name: str
    active: bool

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            account_id=person.account_id,
            name=person.name,
            site_name=person.site_name,
            active=person.active,
        )


def _shared(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "username": user.username,
        "name": user.name,
        "role": user.role,
        "limited": user.everywhere is None,
        "state": user.state,
        "jira_account_id": user.jira_account_id,
        "created_at": user.created_at,
        "last_sign_in_at": user.last_sign_in_at,
    }


def _cleared(value: str | None, *, given: bool) -> str | None:
    """None stays what it is; null that was sent empties."""
    return "" if given and value is None else value


def _set(ids: list[int] | None) -> frozenset[int] | None:
    return None if ids is None else frozenset(ids)


def _list(ids: frozenset[int] | None) -> list[int] | None:
    return None if ids is None else sorted(ids)
