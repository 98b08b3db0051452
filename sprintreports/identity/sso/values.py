"""What a provider is, and what it says about a person."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from sprintreports.identity.permissions import Role
from sprintreports.settings import settings


class Kind(StrEnum):
    OIDC = "oidc"
    OAUTH2 = "oauth2"
    SAML = "saml"

    @property
    def label(self) -> str:
        return {"oidc": "OpenID Connect", "oauth2": "OAuth 2.0", "saml": "SAML 2.0"}[self.value]


class SignedPart(StrEnum):
    """Which part of a SAML answer has to carry a signature. One always has to."""

    EITHER = "either"
    ASSERTION = "assertion"
    RESPONSE = "response"
    BOTH = "both"


class GroupRole(msgspec.Struct, frozen=True):
    """Who is in this group of the provider has this role."""

    group: str
    role: Role


class Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an admin has set for a provider; what another kind of provider needs stays empty."""

    # Who gets in
    creates_users: bool = False
    default_role: Role = Role.VIEWER
    domains: tuple[str, ...] = ()
    trusts_addresses: bool = (
        False  # an address of `domains` counts as verified, though the provider does not say so
    )
    groups_claim: str = ""
    group_roles: tuple[GroupRole, ...] = ()
    # OpenID Connect and OAuth 2.0
    issuer: str = ""
    client_id: str = ""
    scopes: str = ""
    # OAuth 2.0 without OpenID Connect
    authorize_url: str = ""
    token_url: str = ""
    profile_url: str = ""
    emails_url: str = ""
    subject_claim: str = ""
    # SAML 2.0
    entity_id: str = ""
    sso_url: str = ""
    certificates: tuple[str, ...] = ()
    signed_part: SignedPart = SignedPart.EITHER
    signs_requests: bool = False
    email_attribute: str = ""
    name_attribute: str = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as an admin enters it. `client_secret`: empty keeps the one before."""

    name: str
    preset: str
    kind: Kind
    slug: str = ""
    client_secret: str = ""
    options: Options = Options()

    def __repr__(self) -> str:
        return f"Draft(name={self.name!r}, preset={self.preset!r}, slug={self.slug!r})"


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider. Its secrets are opened only where they are used."""

    id: int
    slug: str
    name: str
    kind: Kind
    preset: str
    enabled: bool
    options: Options
    has_secret: bool
    signing_certificate: str
    updated_at: datetime

    @property
    def _base(self) -> str:
        return f"{settings().public_url.rstrip('/')}/session/sso/{self.slug}"

    @property
    def redirect_uri(self) -> str:
        """Where people come back to; entered at the provider, letter by letter."""
        return f"{self._base}/{'acs' if self.kind is Kind.SAML else 'callback'}"

    @property
    def metadata_url(self) -> str:
        """Our SAML metadata, whose address is also our entity id."""
        return f"{self._base}/metadata"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a provider has said about somebody, after all of its signatures and bounds were checked.

    `groups` is None when the provider said nothing about groups. `claims`: everything, for the test page.
    """

    subject: str
    email: str
    email_verified: bool | None
    name: str
    groups: tuple[str, ...] | None
    claims: dict[str, Any] = field(repr=False)


def texts(value: Any) -> tuple[str, ...]:
    """A claim that is one text or a list of them, as texts; what cannot be printed is nobody's address, name or group."""
    found: list[Any] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
    stripped = (one.strip() for one in found if isinstance(one, str))
    return tuple(one for one in stripped if one and one.isprintable())


def at(claims: Any, path: str) -> Any:
    """A claim by its name, or by a path such as realm_access.roles (Keycloak); None where there is none."""
    if not isinstance(claims, dict):
        return None
    known: dict[str, Any] = claims  # pyright: ignore[reportUnknownVariableType]
    if path in known:
        return known[path]
    head, dot, rest = path.partition(".")
    return at(known.get(head), rest) if dot else None
