"""POST /auth/token and /auth/revoke: OAuth 2.0 (RFC 6749, RFC 7009), whose answers are at the top level."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.datastructures import FormData
from starlette.responses import JSONResponse

from sprintreports.api.door import open_to_all
from sprintreports.identity import passwords, tokens, users
from sprintreports.kit import clock
from sprintreports.kit.db import transaction

router = APIRouter(
    prefix="/api/v1/auth",
    tags=["auth"],
    dependencies=[open_to_all("a client has no token before it asks for one")],
)

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FORM = "application/x-www-form-urlencoded"


class TokenAnswer(BaseModel):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  # the name of a scheme
    expires_in: int
    refresh_token: str


class TokenRefusal(BaseModel):
    """RFC 6749, 5.2."""

    error: str
    error_description: str


def _form(*names: str, required: tuple[str, ...]) -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in names}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}


class _Refused(Exception):
    def __init__(self, error: str, description: str, *, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(description)
        self.error, self.description, self.status, self.retry_after = error, description, status, retry_after

    def answer(self) -> JSONResponse:
        headers = {**_NO_STORE, **({"Retry-After": str(self.retry_after)} if self.retry_after else {})}
        body = TokenRefusal(error=self.error, error_description=self.description)
        return JSONResponse(body.model_dump(), status_code=self.status, headers=headers)


@router.post(
    "/token",
    response_model=TokenAnswer,
    responses={400: {"model": TokenRefusal}, 429: {"model": TokenRefusal}},
    openapi_extra=_form(
        "grant_type", "username", "password", "refresh_token", "scope", "client_id", required=("grant_type",)
    ),
)
async def token(request: Request) -> JSONResponse:
    """Get an access token (30 minutes) and a refresh token (7 days, used once).

    `grant_type=password` with `username` (e-mail address or user name) and `password`, or
    `grant_type=refresh_token` with `refresh_token`.
    """
    try:
        pair = await _granted(request, await _fields(request))
    except _Refused as refused:
        return refused.answer()
    body = TokenAnswer(
        access_token=pair.access_token, refresh_token=pair.refresh_token, expires_in=pair.expires_in
    )
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


@router.post(
    "/revoke",
    response_model=dict[str, str],
    responses={400: {"model": TokenRefusal}},
    openapi_extra=_form("token", "token_type_hint", required=("token",)),
)
async def revoke(request: Request) -> JSONResponse:
    """End a token, and all that came from the same sign-in. Answers 200 for an unknown token too (RFC 7009)."""
    try:
        value = _needed(await _fields(request), "token")
    except _Refused as refused:
        return refused.answer()
    async with transaction() as session:
        await tokens.revoke(session, value, now=clock.now())
    return JSONResponse({}, headers=_NO_STORE)


async def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise _Refused("invalid_request", f"Send the fields as {_FORM}.")
    form: FormData = await request.form()
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    if len({name for name, _ in pairs}) < len(pairs):
        raise _Refused("invalid_request", "A field is given more than once.")
    return dict(pairs)


def _needed(fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise _Refused("invalid_request", f"The field {name} is missing.")
    return fields[name]


async def _granted(request: Request, fields: dict[str, str]) -> tokens.TokenPair:
    match _needed(fields, "grant_type"):
        case "password":
            return await _by_password(
                request, login=_needed(fields, "username"), password=_needed(fields, "password")
            )
        case "refresh_token":
            return await _by_refresh_token(_needed(fields, "refresh_token"))
        case _:
            raise _Refused("unsupported_grant_type", "Use grant_type=password or grant_type=refresh_token.")


async def _by_password(request: Request, *, login: str, password: str) -> tokens.TokenPair:
    address = request.client.host if request.client else ""
    now = clock.now()
    # Nothing is raised inside: a failed try must be committed to be counted.
    async with passwords.turn(), transaction() as session:
        outcome = await users.authenticate(session, login=login, password=password, address=address, now=now)
        if outcome.user is not None:
            return await tokens.issue(
                session,
                user_id=outcome.user.id,
                user_agent=request.headers.get("user-agent", ""),
                address=address,
                now=now,
            )
    status = 429 if outcome.retry_after else 400
    raise _Refused("invalid_grant", outcome.message, status=status, retry_after=outcome.retry_after)


async def _by_refresh_token(refresh_token: str) -> tokens.TokenPair:
    async with transaction() as session:
        pair = await tokens.refresh(session, refresh_token, now=clock.now())
    if pair is None:
        raise _Refused("invalid_grant", "The refresh token is wrong, too old or already used. Sign in again.")
    return pair
