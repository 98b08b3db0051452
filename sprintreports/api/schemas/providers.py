"""Identity providers as REST takes and shows them. A client secret goes in and never comes out."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sprintreports.identity.permissions import Role
from sprintreports.identity.sso.attempts import Trial
from sprintreports.identity.sso.values import Draft, Kind, Options, Provider, SignedPart

Line = Annotated[str, Field(max_length=1024)]
Group = Annotated[str, Field(max_length=200)]
Certificate = Annotated[str, Field(max_length=20_000)]
_MOST = 200


class GroupRoleBody(BaseModel):
    """Who is in this group of the provider has this role."""

    model_config = ConfigDict(extra="forbid")

    group: Group = Field(examples=["developers"])
    role: Role


class OptionsBody(BaseModel):
    """What is set for a provider. What a preset knows, or another kind of provider needs, may be left out."""

    model_config = ConfigDict(extra="forbid")

    creates_users: bool = Field(False, description="make an account for people of `domains` who have none")
    default_role: Role = Field(Role.VIEWER, description="of new people; manager at most")
    domains: list[Line] = Field(default_factory=list, max_length=_MOST, examples=[["example.org"]])
    trusts_addresses: bool = Field(
        False, description="count addresses of `domains` as verified where the provider does not say so"
    )
    groups_claim: Line = Field("", description="the claim or attribute that holds the groups")
    group_roles: list[GroupRoleBody] = Field(default_factory=list[GroupRoleBody], max_length=_MOST)
    issuer: Line = ""
    client_id: Line = ""
    scopes: Line = ""
    authorize_url: Line = ""
    token_url: Line = ""
    profile_url: Line = ""
    emails_url: Line = ""
    subject_claim: Line = ""
    entity_id: Line = ""
    sso_url: Line = ""
    certificates: list[Certificate] = Field(default_factory=list, max_length=20)
    signed_part: SignedPart = Field(SignedPart.EITHER, description="what of a SAML answer has to be signed")
    signs_requests: bool = False
    email_attribute: Line = ""
    name_attribute: Line = ""

    def parsed(self) -> Options:
        return msgspec.convert(self.model_dump(), Options)

    @classmethod
    def of(cls, options: Options) -> "OptionsBody":
        return cls.model_validate(msgspec.structs.asdict(options) | {"group_roles": _groups(options)})


class ProviderIn(BaseModel):
    """A provider to be set up. It is switched off until it is switched on."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=100)] = Field(examples=["Keycloak"])
    preset: Annotated[str, Field(max_length=20)] = Field(
        description="google, microsoft, okta, keycloak, github, oidc, oauth2 or saml", examples=["keycloak"]
    )
    slug: Annotated[str, Field(max_length=40)] = Field(
        "", description="part of its addresses; empty: from the name"
    )
    client_secret: SecretStr = Field(SecretStr(""), max_length=1000)
    options: OptionsBody = Field(default_factory=lambda: OptionsBody.of(Options()))
    metadata: Annotated[str, Field(max_length=1_000_000)] = Field(
        "", description="SAML metadata of the provider: entity id, address and certificates are read from it"
    )
    metadata_url: Line = Field("", description="or the address to read it from, once")

    def draft(self) -> Draft:
        return Draft(
            name=self.name,
            slug=self.slug,
            preset=self.preset,
            kind=Kind.OIDC,  # the preset decides
            client_secret=self.client_secret.get_secret_value(),
            options=self.options.parsed(),
        )


class ProviderPatch(BaseModel):
    """What can be changed. What is left out stays; `options` are given whole."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=100)] | None = None
    enabled: bool | None = Field(None, description="whether it stands on the sign-in page")
    client_secret: SecretStr | None = Field(None, max_length=1000)
    options: OptionsBody | None = None
    metadata: Annotated[str, Field(max_length=1_000_000)] = ""
    metadata_url: Line = ""

    @property
    def changes_settings(self) -> bool:
        return bool(
            self.name is not None or self.client_secret or self.options or self.metadata or self.metadata_url
        )

    def draft(self, known: Provider) -> Draft:
        return Draft(
            name=known.name if self.name is None else self.name,
            slug=known.slug,
            preset=known.preset,
            kind=known.kind,
            client_secret=self.client_secret.get_secret_value() if self.client_secret else "",
            options=known.options if self.options is None else self.options.parsed(),
        )


class ProviderOut(BaseModel):
    """An identity provider."""

    id: int
    slug: str
    name: str
    preset: str
    kind: Kind
    enabled: bool
    has_secret: bool
    redirect_uri: str = Field(description="to be entered at the provider, letter by letter")
    metadata_url: str | None = Field(description="of SAML: our metadata, and our entity id")
    options: OptionsBody
    updated_at: datetime

    @classmethod
    def of(cls, provider: Provider) -> "ProviderOut":
        return cls(
            id=provider.id,
            slug=provider.slug,
            name=provider.name,
            preset=provider.preset,
            kind=provider.kind,
            enabled=provider.enabled,
            has_secret=provider.has_secret,
            redirect_uri=provider.redirect_uri,
            metadata_url=provider.metadata_url if provider.kind is Kind.SAML else None,
            options=OptionsBody.of(provider.options),
            updated_at=provider.updated_at,
        )


class TrialOut(BaseModel):
    """A test of a provider: open `start` in the browser that is signed in, once."""

    id: int
    start: str | None = Field(description="a path of ours; shown by the request that makes it")
    over: bool
    result: dict[str, Any] | None = Field(
        description="what arrived, and what a sign-in with it would do; null: nobody has come back yet"
    )

    @classmethod
    def of(cls, found: Trial) -> "TrialOut":
        return cls(id=found.id, start=None, over=found.over, result=found.result)


def _groups(options: Options) -> list[dict[str, str]]:
    return [{"group": one.group, "role": one.role.value} for one in options.group_roles]
