"""POST /auth/token, /auth/revoke and /auth/introspect: OAuth 2.0, whose answers are at the top level."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from sprintreports.api.answers import ErrorAnswer
from sprintreports.api.door import open_to_all
from sprintreports.api.granting import granted
from sprintreports.api.oauth_forms import (
    NO_STORE,
    ClientInvalid,
    Refused,
    TokenRefusal,
    client_of,
    described,
    fields_of,
    names_client,
    needed,
)
from sprintreports.api.routing import Router
from sprintreports.identity import introspection, scopes, tokens
from sprintreports.kit import clock
from sprintreports.kit.db import transaction

router = Router(
    prefix="/api/v1/auth",
    tags=["auth"],
    dependencies=[open_to_all("a client has no token before it asks for one")],
)

_CLIENT_FIELDS = ("client_id", "client_secret")
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenRefusal, "description": "Refused, in the words of RFC 6749"},
    401: {"model": TokenRefusal, "description": "The client is not who it says"},
    429: {
        "model": TokenRefusal | ErrorAnswer,
        "description": "Too many failed tries, or requests in a minute",
    },
}


class TokenAnswer(BaseModel):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  # the name of a scheme
    expires_in: int
    refresh_token: str | None = Field(default=None, description="absent for client_credentials")
    scope: str | None = Field(default=None, description="absent: all that the user may do")


class Introspection(BaseModel):
    """RFC 7662, 2.2. Of a token that is no longer good, or that is none of your business, `active` alone."""

    active: bool
    iss: str | None = None
    sub: str | None = None
    username: str | None = None
    client_id: str | None = None
    token_type: str | None = None
    scope: str | None = None
    aud: str | None = None
    jti: str | None = None
    iat: int | None = None
    exp: int | None = None


@router.post(
    "/token",
    response_model=TokenAnswer,
    responses=_REFUSALS,
    openapi_extra=described(
        "grant_type",
        "username",
        "password",
        "otp",
        "refresh_token",
        "code",
        "code_verifier",
        "redirect_uri",
        "scope",
        *_CLIENT_FIELDS,
        required=("grant_type",),
    ),
)
async def token(request: Request) -> JSONResponse:
    """Get an access token (30 minutes) and, except for `client_credentials`, a refresh token (7 days, used once).

    `grant_type` is `password` with `username` (e-mail address or user name), `password` and, with a second factor, `otp`;
    `refresh_token` with `refresh_token`; `authorization_code` with `code`, `code_verifier` and `redirect_uri`; or
    `client_credentials`. Registered clients add their name and secret, by HTTP Basic or as `client_id` and
    `client_secret`. `scope` asks for less than all.
    """
    try:
        pair = await granted(request, await fields_of(request))
    except Refused as refused:
        return refused.answer()
    body = TokenAnswer(
        access_token=pair.access_token,
        expires_in=pair.expires_in,
        refresh_token=pair.refresh_token or None,
        scope=None if pair.scopes is None else scopes.text_of(pair.scopes),
    )
    return JSONResponse(body.model_dump(exclude_none=True), headers=NO_STORE)


@router.post(
    "/revoke",
    response_model=dict[str, str],
    responses=_REFUSALS,
    openapi_extra=described("token", "token_type_hint", *_CLIENT_FIELDS, required=("token",)),
)
async def revoke(request: Request) -> JSONResponse:
    """End a token, and all that came from the same sign-in. Answers 200 for an unknown token too (RFC 7009).

    The token of a registered client is ended by that client, which shows who it is.
    """
    try:
        fields = await fields_of(request)
        value = needed(fields, "token")
        await _revoked(request, fields, value)
    except Refused as refused:
        return refused.answer()
    return JSONResponse({}, headers=NO_STORE)


@router.post(
    "/introspect",
    response_model=Introspection,
    response_model_exclude_none=True,
    responses=_REFUSALS,
    openapi_extra=described("token", "token_type_hint", *_CLIENT_FIELDS, required=("token",)),
)
async def introspect(request: Request) -> JSONResponse:
    """What a token is good for at this moment (RFC 7662).

    A registered client with a secret asks about its own tokens, a person (with a bearer token of theirs) about theirs.
    """
    now = clock.now()
    try:
        fields = await fields_of(request)
        value = needed(fields, "token")
        async with transaction() as session:
            asker = await _asker(session, request, fields)
            found = await introspection.describe(session, value, asker, now=now)
    except Refused as refused:
        return refused.answer()
    body = Introspection.model_validate(found or {"active": False})
    return JSONResponse(body.model_dump(exclude_none=True), headers=NO_STORE)


async def _revoked(request: Request, fields: dict[str, str], value: str) -> None:
    now = clock.now()
    async with transaction() as session:
        client = await client_of(session, request, fields, now=now) if names_client(request, fields) else None
        owner = await tokens.owner_of(session, value)
        if owner.family_id is None:
            return
        if owner.client != (client.id if client else None):
            raise ClientInvalid("Only the client that a token was issued to may end it.")
        await tokens.revoke(session, value, now=now)


async def _asker(session: AsyncSession, request: Request, fields: dict[str, str]) -> introspection.Asker:
    now = clock.now()
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        viewer = await tokens.resolve(session, bearer.strip(), now=now)
        if viewer is None or viewer.scopes is not None:
            raise ClientInvalid("This access token is no longer good, or was limited to something else.")
        return introspection.Asker(user=viewer.user_id)
    client = await client_of(session, request, fields, now=now)
    if not client.confidential:
        raise ClientInvalid("A public client cannot show who it is, so it is told nothing.")
    return introspection.Asker(client=client.id)
