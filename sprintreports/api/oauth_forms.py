"""What the OAuth 2.0 addresses share: forms, refusals in the standard's own words, and who the client is."""

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import JSONResponse

from sprintreports.identity import audit
from sprintreports.identity.audit import refusals
from sprintreports.identity.clients import registry
from sprintreports.identity.clients.registry import Client

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
FORM = "application/x-www-form-urlencoded"


class TokenRefusal(BaseModel):
    """RFC 6749, 5.2."""

    error: str
    error_description: str


class Refused(Exception):
    """A refusal as RFC 6749 has it. Raised inside a transaction that is to be committed, so it is caught inside it."""

    def __init__(self, error: str, description: str, *, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(description)
        self.error, self.description, self.status, self.retry_after = error, description, status, retry_after

    def answer(self) -> JSONResponse:
        headers = dict(NO_STORE)
        if self.retry_after:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="Sprint Reports"'
        body = TokenRefusal(error=self.error, error_description=self.description)
        return JSONResponse(body.model_dump(), status_code=self.status, headers=headers)


class ClientInvalid(Refused):
    """The client is not who it says."""

    def __init__(self, description: str = "The client is unknown, or its secret is wrong.") -> None:
        super().__init__("invalid_client", description, status=401)


def described(*names: str, required: tuple[str, ...]) -> dict[str, Any]:
    """What the OpenAPI document says of a form."""
    properties = {name: {"type": "string"} for name in names}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


async def fields_of(request: Request) -> dict[str, str]:
    """The form's fields, each once. Raises Refused."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused("invalid_request", f"Send the fields as {FORM}.")
    form: FormData = await request.form()
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    if len({name for name, _ in pairs}) < len(pairs):
        raise Refused("invalid_request", "A field is given more than once.")
    return dict(pairs)


def needed(fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise Refused("invalid_request", f"The field {name} is missing.")
    return fields[name]


def names_client(request: Request, fields: dict[str, str]) -> bool:
    """Whether the request says that it comes from a registered client."""
    return "authorization" in request.headers or bool(fields.get("client_id") or fields.get("client_secret"))


async def client_of(
    session: AsyncSession, request: Request, fields: dict[str, str], *, now: datetime
) -> Client:
    """The client that asks, by client_secret_basic, client_secret_post, or as a public one by its name alone.

    Raises Refused.
    """
    client_id, secret = _given(request, fields)
    client = await registry.authenticated(session, client_id, secret, now=now)
    if client is None:
        await refusals.refused(
            session, None, what=client_id, reason="client not authenticated", now=now, kind="client",
            action=audit.Action.TOKEN_ISSUED,
        )  # fmt: skip
        raise ClientInvalid
    return client


def _given(request: Request, fields: dict[str, str]) -> tuple[str, str | None]:
    header = request.headers.get("authorization")
    if header is None:
        client_id = fields.get("client_id", "")
        if not client_id:
            raise ClientInvalid("Say which client you are.")
        return client_id, fields.get("client_secret") or None
    if fields.get("client_secret"):
        raise Refused("invalid_request", "Send the client's secret in one way, not in two.")
    scheme, _, value = header.partition(" ")
    try:
        decoded = b64decode(value.strip(), validate=True).decode()
    except (NotBase64, UnicodeDecodeError, ValueError):
        raise ClientInvalid from None
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise ClientInvalid("Send the client's name and secret by HTTP Basic, or as fields.")
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if fields.get("client_id", client_id) != client_id:
        raise Refused("invalid_request", "The header and the field client_id name two clients.")
    return client_id, secret
