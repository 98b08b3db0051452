"""API keys and registered clients as REST shows them. What is secret is shown once, by the request that makes it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sprintreports.identity.clients.keys import DEFAULT_DAYS, MOST_DAYS, MOST_PER_MINUTE, Key
from sprintreports.identity.clients.registry import Client
from sprintreports.identity.permissions import Permission, Role

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
# That one is needed is said by the domain, in a sentence of ours.
ScopeList = Annotated[list[Permission], Field(max_length=len(Permission), json_schema_extra={"minItems": 1})]
Address = Annotated[str, Field(min_length=1, max_length=500)]
Addresses = Annotated[list[Address], Field(max_length=10)]
PerMinute = Annotated[int, Field(ge=1, le=MOST_PER_MINUTE)]


class KeyIn(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["Nightly export"])
    scopes: ScopeList = Field(
        description="what it may do, as far as you may do it", examples=[["sprints:read"]]
    )
    days: int = Field(default=DEFAULT_DAYS, ge=1, le=MOST_DAYS, description="how long it is good for")
    per_minute: PerMinute | None = Field(default=None, description="requests a minute; null: as usual")


class KeyPatch(BaseModel):
    """What can be changed of a key. What is left out stays; `per_minute` 0 means: as usual."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    scopes: ScopeList | None = None
    per_minute: int | None = Field(default=None, ge=0, le=MOST_PER_MINUTE)


class KeyOut(BaseModel):
    """A key, by its prefix alone."""

    id: int
    user_id: int
    owner: str = Field(description="the name of the user that it acts for")
    name: str
    prefix: str = Field(description="how the key begins", examples=["srk_Vb3nT0x9Qa2L"])
    scopes: list[Permission]
    per_minute: int | None
    state: Literal["active", "expired", "revoked", "ended"] = Field(
        description="ended: by a change of its owner's account, role or password"
    )
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="to the minute; null: never")
    last_address: str = Field(description="where the last use came from; empty: never used")

    @classmethod
    def of(cls, key: Key) -> "KeyOut":
        values = {name: getattr(key, name) for name in KeyOut.model_fields if name != "scopes"}
        return cls(**values, scopes=sorted(key.scopes))


class NewKeyOut(KeyOut):
    """A key that was just made."""

    key: str = Field(description="send it as a bearer token or in X-API-Key; it is never shown again")


class ClientIn(BaseModel):
    """A program to be registered."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["Status board"])
    scopes: ScopeList = Field(description="the most that it may ask for", examples=[["sprints:read"]])
    confidential: bool = Field(
        default=True, description="whether it can keep a secret: a server can, an app cannot"
    )
    redirect_uris: Addresses = Field(
        default_factory=list,
        description="where people are sent back to; empty: it acts for itself alone",
        examples=[["https://board.example.org/done"]],
    )
    role: Role | None = Field(
        default=None, description="a role of its own, for client_credentials; null: it acts for people alone"
    )


class ClientPatch(BaseModel):
    """What can be changed of a client. What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    scopes: ScopeList | None = None
    redirect_uris: Addresses | None = None


class ClientOut(BaseModel):
    """A registered program."""

    id: int
    client_id: str = Field(examples=["src_Vb3nT0x9Qa2LmK7dRt1Z"])
    name: str
    confidential: bool
    redirect_uris: list[str]
    scopes: list[Permission]
    role: Role | None
    user_id: int | None = Field(description="the account of its own that it acts as; null: it has none")
    created_by: int
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, client: Client) -> "ClientOut":
        values = {name: getattr(client, name) for name in ClientOut.model_fields if name != "scopes"}
        return cls(**values, scopes=sorted(client.scopes))


class NewClientOut(ClientOut):
    """A client with its secret."""

    client_secret: str | None = Field(description="never shown again; null: it is public and has none")
