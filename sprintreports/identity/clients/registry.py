"""The programs that were registered: who they are, what they may ask for, and the account that one of them acts as.

A client for people (redirect addresses) acts as whoever consents. A service has an account of its own, without a password,
with a role that its registrar may give, so that it outlives people and everything it does bears its name.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, scopes
from sprintreports.identity.clients import redirects
from sprintreports.identity.permissions import Permission, Role, may_grant
from sprintreports.identity.scopes import Scopes
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.tokens import ClientRef
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by

_CLIENT_PREFIX, _SECRET_PREFIX = "src_", "srs_"
_LONGEST_NAME = 100
_FROM = "api_client c LEFT JOIN user_account u ON u.id = c.user_id"
_COLUMNS = """
c.id, c.client_id, c.name, c.secret_hash IS NOT NULL AS confidential, c.redirect_uris, c.scopes, c.user_id, u.role,
c.created_by, c.created_at, c.last_used_at
"""
ORDERS = {
    "name": "lower(c.name) {way}",
    "created_at": "c.created_at {way}",
    "last_used_at": "c.last_used_at {way} NULLS LAST",
}
_INSERT = text("""
INSERT INTO api_client (client_id, name, secret_hash, redirect_uris, scopes, user_id, created_by, created_at, updated_at)
VALUES (:client_id, :name, :secret_hash, :redirect_uris, :scopes, :user_id, :created_by, :now, :now) RETURNING id
""")
# The address ends in .invalid, to which no mail is ever sent (RFC 6761), and without a password nobody signs in.
_ACCOUNT = text("""
INSERT INTO user_account (email, username, name, role) VALUES (:email, :username, :name, :role) RETURNING id
""")


class CredentialsBySelf(Forbidden):
    """Keys and clients are made and changed by people: sign in yourself, without a key and without limits."""


@dataclass(frozen=True, slots=True)
class Client:
    """A registered program, as pages and REST show it."""

    id: int
    client_id: str
    name: str
    confidential: bool
    redirect_uris: list[str]
    scopes: Scopes
    user_id: int | None  # the account of its own; None: it only acts for people who consent
    role: Role | None
    created_by: int
    created_at: datetime
    last_used_at: datetime | None

    @property
    def ref(self) -> ClientRef:
        return ClientRef(self.id, self.client_id)


@dataclass(frozen=True, slots=True)
class Registered:
    """A client with its secret, which is known only now; empty: it has none."""

    client: Client
    secret: str


def by_self(viewer: Viewer) -> None:
    """Raises CredentialsBySelf for a viewer who is limited: nobody may make a key that can do more than theirs."""
    if viewer.scopes is not None or viewer.via:
        raise CredentialsBySelf


async def register(
    session: AsyncSession,
    viewer: Viewer,
    *,
    name: str,
    scopes: Scopes,
    confidential: bool,
    redirect_uris: list[str],
    role: Role | None,
    now: datetime,
) -> Registered:
    """Register a program. `role`: give it an account of its own. Raises Forbidden or Invalid."""
    viewer.require(Permission.SETTINGS_WRITE)
    by_self(viewer)
    if role is not None and not may_grant(viewer.role, current=None, new=role):
        raise Forbidden("You cannot give this role to a service. Ask a super admin.")
    service = role is not None
    _check(name=name, scopes=scopes, confidential=confidential, redirect_uris=redirect_uris, service=service)
    client_id = new_token(_CLIENT_PREFIX)[:24]
    secret = new_token(_SECRET_PREFIX) if confidential else ""
    user_id = None
    if role is not None:
        account = {
            "email": f"{client_id.lower()}@clients.invalid",
            "username": client_id,
            "name": name.strip(),
            "role": role.value,
        }
        user_id = (await session.execute(_ACCOUNT, account)).scalar_one()
    values = {
        "client_id": client_id,
        "name": name.strip(),
        "secret_hash": hash_token(secret) if secret else None,
        "redirect_uris": redirects.checked(redirect_uris, confidential=confidential),
        "scopes": sorted(scopes),
        "user_id": user_id,
        "created_by": viewer.user_id,
        "now": now,
    }
    key = (await session.execute(_INSERT, values)).scalar_one()
    client = await one(session, viewer, key)
    await _note(session, viewer, client, before=None, after=_told(client))
    return Registered(client, secret)


async def change(
    session: AsyncSession,
    viewer: Viewer,
    key: int,
    *,
    name: str | None = None,
    scopes: Scopes | None = None,
    redirect_uris: list[str] | None = None,
    now: datetime,
) -> Client:
    """Change what is given. Fewer scopes hold at once for tokens that are out. Raises NotFound, Forbidden, Invalid."""
    before = await _changeable(session, viewer, key)
    values = {
        "id": key,
        "name": before.name if name is None else name.strip(),
        "scopes": sorted(before.scopes if scopes is None else scopes),
        "redirect_uris": before.redirect_uris if redirect_uris is None else redirect_uris,
        "now": now,
    }
    _check(
        name=str(values["name"]),
        scopes=before.scopes if scopes is None else scopes,
        confidential=before.confidential,
        redirect_uris=cast("list[str]", values["redirect_uris"]),
        service=before.user_id is not None,
    )
    statement = text("""
        UPDATE api_client SET name = :name, scopes = :scopes, redirect_uris = :redirect_uris, updated_at = :now
        WHERE id = :id
    """)
    await session.execute(statement, values)
    after = await one(session, viewer, key)
    await _note(session, viewer, after, before=_told(before), after=_told(after))
    return after


async def renew_secret(session: AsyncSession, viewer: Viewer, key: int, *, now: datetime) -> Registered:
    """A new secret; the one before ends at once. Tokens that are out stay good. Raises NotFound, Forbidden, Invalid."""
    client = await _changeable(session, viewer, key)
    if not client.confidential:
        raise Invalid("A public program has no secret: it could not keep one.")
    secret = new_token(_SECRET_PREFIX)
    statement = text("UPDATE api_client SET secret_hash = :hash, updated_at = :now WHERE id = :id")
    await session.execute(statement, {"hash": hash_token(secret), "now": now, "id": key})
    await _note(session, viewer, client, before=None, after={"secret": "renewed"})
    return Registered(client, secret)


async def end(session: AsyncSession, viewer: Viewer, key: int, *, now: datetime) -> None:
    """End a program for good: its tokens and its account with it, at once. Raises NotFound or Forbidden."""
    client = await _changeable(session, viewer, key)
    await session.execute(
        text("UPDATE api_client SET ended_at = :now WHERE id = :id"), {"now": now, "id": key}
    )
    if client.user_id is not None:
        statement = text("""
            UPDATE user_account SET is_active = false, deleted_at = :now, updated_at = :now,
                   credentials_version = credentials_version + 1 WHERE id = :id
        """)
        await session.execute(statement, {"now": now, "id": client.user_id})
    await _note(session, viewer, client, before=_told(client), after={"ended": True})


async def listing(
    session: AsyncSession, viewer: Viewer, *, sort: Sort = (), page: int = 1, per_page: int = 25
) -> Page[Client]:
    """The programs that are registered, by name."""
    viewer.require(Permission.SETTINGS_READ)
    total = await session.scalar(text("SELECT count(*) FROM api_client WHERE ended_at IS NULL"))
    order = order_by(sort, ORDERS, usual="lower(c.name)", last="c.id")
    query = text(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.ended_at IS NULL {order} LIMIT :limit OFFSET :offset"
    )
    rows = await session.execute(query, {"limit": per_page, "offset": (page - 1) * per_page})
    return Page([_client(row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, key: int) -> Client:
    """The client of a row. Raises NotFound."""
    viewer.require(Permission.SETTINGS_READ)
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.id = :id AND c.ended_at IS NULL")
    row = (await session.execute(query, {"id": key})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such client.")
    return _client(row)


async def named(session: AsyncSession, client_id: str) -> Client | None:
    """The client that goes by this public name."""
    row = await _by_name(session, client_id)
    return None if row is None else _client(row)


async def authenticated(
    session: AsyncSession, client_id: str, secret: str | None, *, now: datetime
) -> Client | None:
    """The client that this is, or None: unknown, a wrong secret, none where one is due, or one where none is."""
    row = await _by_name(session, client_id)
    if row is None or (row["secret_hash"] is None) != (secret is None):
        return None
    if secret is not None and not hmac.compare_digest(row["secret_hash"], hash_token(secret)):
        return None
    statement = text("""
        UPDATE api_client SET last_used_at = :now
        WHERE id = :id AND (last_used_at IS NULL OR last_used_at < CAST(:now AS timestamptz) - interval '1 minute')
    """)
    await session.execute(statement, {"id": row["id"], "now": now})
    return _client(row)


async def _by_name(session: AsyncSession, client_id: str) -> Any:
    if not client_id.isascii() or not client_id.isprintable():
        return None
    query = text(
        f"SELECT {_COLUMNS}, c.secret_hash FROM {_FROM} WHERE c.client_id = :name AND c.ended_at IS NULL"
    )
    return (await session.execute(query, {"name": client_id})).mappings().one_or_none()


async def _changeable(session: AsyncSession, viewer: Viewer, key: int) -> Client:
    viewer.require(Permission.SETTINGS_WRITE)
    by_self(viewer)
    client = await one(session, viewer, key)
    # Whoever has its secret can do what it can do: nobody gets hold of a higher role that way.
    if client.role is not None and not may_grant(viewer.role, current=client.role, new=client.role):
        raise Forbidden("This service has a role above yours. Ask a super admin.")
    return client


def _check(*, name: str, scopes: Scopes, confidential: bool, redirect_uris: list[str], service: bool) -> None:
    problems: list[FieldProblem] = []
    if not name.strip() or len(name.strip()) > _LONGEST_NAME or not name.isprintable():
        problems.append(FieldProblem("name", "Enter a name of at most 100 printable characters."))
    if not scopes:
        problems.append(FieldProblem("scopes", "Choose at least one scope."))
    if service and not confidential:
        problems.append(FieldProblem("role", "A service of its own needs a secret: make it confidential."))
    if not service and not redirect_uris:
        problems.append(FieldProblem("redirect_uris", "Give an address to return to, or a role of its own."))
    if problems:
        raise Invalid(details=tuple(problems))
    redirects.checked(redirect_uris, confidential=confidential)


def _told(client: Client) -> dict[str, Any]:
    return {
        "name": client.name,
        "scopes": sorted(client.scopes),
        "redirect_uris": client.redirect_uris,
        "role": client.role,
    }


async def _note(
    session: AsyncSession,
    viewer: Viewer,
    client: Client,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    subject = ("client", client.client_id)
    await audit.record(
        session, viewer, audit.Action.CLIENT_CHANGED, subject=subject, before=before, after=after
    )


def _client(row: Any) -> Client:
    fields = {name: row[name] for name in Client.__slots__ if name not in {"scopes", "role"}}
    role = None if row["role"] is None else Role(row["role"])
    return Client(**fields, scopes=scopes.known(row["scopes"]), role=role)
