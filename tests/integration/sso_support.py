"""What the tests of sign-in providers share: an OpenID provider of our own that lies on demand, and a browser."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import psycopg
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwk, jwt

from sprintreports import settings as settings_module
from sprintreports.identity import users
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import discovery, providers
from sprintreports.identity.sso.messages import half_hash
from sprintreports.identity.sso.values import Draft, Kind, Options, Provider
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db, http
from sprintreports.ui import sso_routes
from tests.applications import rest_app
from tests.integration.webhook_support import served

HERE = "http://reports.test"
SYSTEM = Viewer.system()
CLIENT = ("sprint", "a secret: with 100% odd signs")
PERSON = {"sub": "u-1", "email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}


@dataclass
class Lies:
    """What the provider does otherwise than it should. `claims` and `head` change the ID token, `sign` makes it."""

    claims: dict[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    sign: Callable[[dict[str, Any]], str] | None = None
    answer: dict[str, str] = field(default_factory=dict)  # parameters of the way back
    userinfo: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass
class OpenIdProvider:
    """An OpenID provider on loopback. `person`: who signs in; `lies`: what is wrong."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    lies: Lies = field(default_factory=Lies)
    published: list[Any] = field(default_factory=list)
    key_requests: int = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self._metadata)
        app.get("/authorize")(self._authorize)
        app.post("/token")(self._token)
        app.get("/jwks")(self._jwks)
        app.get("/userinfo")(self._userinfo)
        return app

    async def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
            **self.lies.metadata,
        }

    async def _authorize(self, request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer, **self.lies.answer}
        given = {name: value for name, value in answer.items() if value}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(given)}", status_code=302)

    async def _token(self, request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or asked["code_challenge"] != create_s256_code_challenge(form["code_verifier"]):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        if not request.headers.get("authorization", "").startswith("Basic "):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        now = int(time.time())
        claims = {
            **self.person,
            "iss": self.issuer,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "at_hash": half_hash("access", "RS256"),
            **self.lies.claims,
        }
        claims = {name: value for name, value in claims.items() if name not in self.lies.drop}
        sign = self.lies.sign or (lambda told: signed(told, self.key))
        return JSONResponse({"access_token": "access", "token_type": "Bearer", "id_token": sign(claims)})

    async def _jwks(self) -> dict[str, Any]:
        self.key_requests += 1
        return {"keys": [one.as_dict(private=False) for one in self.published or [self.key]]}

    async def _userinfo(self, request: Request) -> dict[str, Any]:
        assert request.headers["authorization"] == "Bearer access"
        return self.lies.userinfo if self.lies.userinfo is not None else self.person


def signed(claims: dict[str, Any], key: Any, *, alg: str = "RS256", **head: Any) -> str:
    found = {"kid": key.kid} if key.kid else {}
    return jwt.encode({"alg": alg, **found, **head}, claims, key, algorithms=[alg])


def unsigned(claims: dict[str, Any], *, alg: str = "none") -> str:
    parts = ({"alg": alg, "typ": "JWT"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts) + "."


@asynccontextmanager
async def openid_provider() -> AsyncIterator[OpenIdProvider]:
    made = OpenIdProvider()
    async with served(made.app()) as base:
        made.issuer = base
        discovery.forget()
        yield made
        discovery.forget()


def use_here(monkeypatch: pytest.MonkeyPatch, public_url: str = HERE) -> None:
    monkeypatch.setenv("SPRINTREPORTS_PUBLIC_URL", public_url)
    settings_module.reload()


async def set_up(draft: Draft, *, enabled: bool = True) -> Provider:
    async with db.transaction() as session:
        made = await providers.create(session, SYSTEM, draft)
        return await providers.set_enabled(session, SYSTEM, made.id, enabled=enabled)


async def set_up_oidc(issuer: str, *, name: str = "Company", **options: Any) -> Provider:
    values = {"issuer": issuer, "client_id": CLIENT[0], **options}
    return await set_up(
        Draft(name=name, preset="oidc", kind=Kind.OIDC, client_secret=CLIENT[1], options=Options(**values))
    )


async def add_user(email: str = "ada@example.org", role: Role = Role.USER) -> int:
    async with db.transaction() as session:
        made = await users.create(session, SYSTEM, email=email, password="tall green yak 7", role=role)
        return made.id


@asynccontextmanager
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """A browser of its own before our REST application and sign-in routes."""
    transport = httpx.ASGITransport(rest_app(sso_routes))
    async with http.client(base_url=settings_module.settings().public_url, transport=transport) as client:
        yield client


async def depart(client: httpx.AsyncClient, slug: str = "company", **query: str) -> str:
    """Where `start` sends the browser."""
    answer = await client.get(f"/session/sso/{slug}/start", params=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


async def there_and_back(client: httpx.AsyncClient, address: str) -> str:
    """What the provider sends the browser back to: path and query."""
    async with http.client() as outside:
        answer = await outside.get(address)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}" == settings_module.settings().public_url
    return f"{parts.path}?{parts.query}"


async def sign_in(client: httpx.AsyncClient, slug: str = "company", **query: str) -> httpx.Response:
    return await client.get(await there_and_back(client, await depart(client, slug, **query)))


def refusals(url: str) -> list[str]:
    """Why sign-ins were refused, as the audit log says."""
    with psycopg.connect(url) as database:
        rows = database.execute(
            "SELECT after->>'reason' FROM audit_entry WHERE action = 'session.sign_in' AND outcome = 'refused' ORDER BY id"
        ).fetchall()
    return [row[0] for row in rows]


def one_row(url: str, query: str, *values: object) -> tuple[Any, ...]:
    with psycopg.connect(url) as database:
        found = database.execute(query, values).fetchone()
    assert found is not None
    return found
