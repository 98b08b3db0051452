"""Where programs find out how to get tokens (RFC 8414) and with which keys they can check them (RFC 7517)."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from sprintreports.api.door import open_to_all
from sprintreports.api.routing import Router
from sprintreports.identity import signing, tokens
from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.settings import settings

router = Router(
    prefix="/.well-known",
    tags=["auth"],
    dependencies=[open_to_all("programs look here before they have a token; all of it is public")],
)

_CACHED = {"Cache-Control": "public, max-age=300"}


class PublicKey(BaseModel):
    """RFC 8037: an Ed25519 key."""

    kty: str
    crv: str
    use: str
    alg: str
    kid: str
    x: str


class KeySet(BaseModel):
    """RFC 7517, 5."""

    keys: list[PublicKey]


class Metadata(BaseModel):
    """RFC 8414, 2."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str
    introspection_endpoint: str
    service_documentation: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool


@router.get("/jwks.json", response_model=KeySet)
async def jwks(_request: Request) -> JSONResponse:
    """The public keys that access tokens are signed with: the one of now, and those whose tokens are not all over."""
    async with transaction() as session:
        keys = await signing.published(session, now=clock.now())
    return JSONResponse({"keys": keys}, headers=_CACHED)


@router.get("/oauth-authorization-server", response_model=Metadata)
async def metadata(_request: Request) -> JSONResponse:
    """The addresses and abilities of this authorization server."""
    return JSONResponse(described(), headers=_CACHED)


def described() -> dict[str, Any]:
    """The metadata of now: the password grant can be switched off."""
    issuer, auth = tokens.issuer(), f"{tokens.issuer()}/api/v1/auth"
    secrets = ["client_secret_basic", "client_secret_post"]
    password = ["password"] if settings().password_grant else []
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{auth}/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "revocation_endpoint": f"{auth}/revoke",
        "introspection_endpoint": f"{auth}/introspect",
        "service_documentation": f"{issuer}/api/v1/docs",
        "scopes_supported": sorted(Permission),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token", *password],
        "token_endpoint_auth_methods_supported": [*secrets, "none"],
        "revocation_endpoint_auth_methods_supported": [*secrets, "none"],
        "introspection_endpoint_auth_methods_supported": secrets,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
