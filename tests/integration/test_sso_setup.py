"""Providers as admins set them up: over REST, tested without signing in, linked by their owners, GitHub without OpenID Connect."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse

from sprintreports.identity import sessions, sign_in_policy
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso import attempts, links, providers
from sprintreports.identity.sso.attempts import Purpose
from sprintreports.identity.sso.presets import PRESETS, issuer_of
from sprintreports.identity.sso.values import Draft, Kind, Options
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Conflict, Invalid
from tests.integration.saml_support import key_pair, provider_metadata
from tests.integration.sso_support import (
    HERE,
    SYSTEM,
    add_user,
    browser,
    one_row,
    openid_provider,
    refusals,
    set_up,
    set_up_oidc,
    sign_in,
    there_and_back,
    use_here,
)
from tests.integration.webhook_support import served

PROVIDERS = "/api/v1/sign-in-providers"


@pytest.fixture(autouse=True)
def _here(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    use_here(monkeypatch)


@asynccontextmanager
async def signed_in(
    role: Role = Role.ADMIN, email: str = "admin@example.org"
) -> AsyncIterator[httpx.AsyncClient]:
    user_id = await add_user(email, role)
    async with browser() as client:
        async with db.transaction() as session:
            made = await sessions.create(session, user_id=user_id, user_agent="", address="", now=clock.now())
        client.cookies.set(sessions.COOKIE_NAME, made.token, domain="reports.test")
        client.headers["Origin"] = HERE
        yield client


async def test_set_up_changed_and_deleted_over_rest(pg_url: str):
    body: dict[str, Any] = {
        "name": "Keycloak",
        "preset": "keycloak",
        "client_secret": "very secret",
        "options": {
            "issuer": "https://id.example.org/realms/a",
            "client_id": "sprint",
            "group_roles": [{"group": "leads", "role": "manager"}],
        },
    }
    async with signed_in() as client:
        made = (await client.post(PROVIDERS, json=body)).json()["data"]
        assert made["slug"] == "keycloak"
        assert made["enabled"] is False
        assert made["redirect_uri"] == f"{HERE}/session/sso/keycloak/callback"
        assert made["options"]["scopes"] == "openid email profile"
        assert "very secret" not in (await client.get(f"{PROVIDERS}/{made['id']}")).text
        again = await client.post(PROVIDERS, json=body)
        assert again.status_code == 409
        changed = await client.patch(
            f"{PROVIDERS}/{made['id']}", json={"enabled": True, "name": "Our Keycloak"}
        )
        assert changed.json()["data"]["enabled"] is True
        assert changed.json()["data"]["has_secret"] is True
        listed = (await client.get(PROVIDERS)).json()
        assert [one["name"] for one in listed["data"]] == ["Our Keycloak"]
        assert (await client.delete(f"{PROVIDERS}/{made['id']}")).status_code == 204
        assert (await client.get(f"{PROVIDERS}/{made['id']}")).status_code == 404
    told = one_row(pg_url, "SELECT array_agg(before IS NULL ORDER BY id), string_agg(coalesce(after::text, ''), '') FROM audit_entry WHERE action = 'provider.changed'")  # fmt: skip
    assert told[0] == [True, False, False, False]
    assert "very secret" not in told[1]


async def test_saml_is_set_up_by_its_metadata():
    async with signed_in() as client:
        body = {"name": "Company", "preset": "saml", "metadata": provider_metadata(key_pair().certificate)}
        made = (await client.post(PROVIDERS, json=body)).json()["data"]
        assert made["options"]["entity_id"] == "https://idp.example.org/saml"
        assert made["metadata_url"] == f"{HERE}/session/sso/company/metadata"
        assert len(made["options"]["certificates"]) == 1


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("issuer", {"issuer": "http://id.example.org"}),
        ("issuer", {"issuer": "https://user:pass@id.example.org"}),
        ("issuer", {"issuer": "javascript:alert(1)"}),
        ("client_id", {"client_id": ""}),
        ("scopes", {"scopes": "profile"}),
        ("scopes", {"scopes": "openid  email"}),
        ("domains", {"domains": ("no domain",)}),
        ("domains", {"trusts_addresses": True}),
        ("domains", {"creates_users": True}),
        ("default_role", {"default_role": Role.ADMIN}),
        ("group_roles", {"groups_claim": "groups", "group_roles": [{"group": "x", "role": "super_admin"}]}),
        ("groups_claim", {"group_roles": [{"group": "x", "role": "user"}]}),
    ],
)
async def test_what_cannot_be_meant_is_told_by_field(field: str, options: dict[str, Any]):
    good: dict[str, Any] = {"issuer": "https://id.example.org", "client_id": "sprint"}
    async with signed_in() as client:
        body = {
            "name": "K",
            "preset": "oidc",
            "options": good | options | {"domains": list(options.get("domains", ()))},
        }
        answer = await client.post(PROVIDERS, json=body)
        assert answer.status_code == 422
        assert field in [one["field"] for one in answer.json()["error"]["details"]], answer.text


async def test_a_small_or_broken_certificate_is_told(pg_url: str):
    with pytest.raises(Invalid):
        await set_up(
            Draft(
                name="S",
                preset="saml",
                kind=Kind.SAML,
                options=Options(entity_id="x", sso_url="https://i.test/", certificates=("nonsense",)),
            )
        )


async def test_a_test_shows_what_arrived_and_signs_nobody_in(pg_url: str):
    async with openid_provider() as idp, signed_in() as client:
        made = await set_up_oidc(idp.issuer, groups_claim="groups")
        await _switch(made.id, on=False)  # tested before it is switched on
        idp.person["groups"] = ["leads"]
        begun = (await client.post(f"{PROVIDERS}/{made.id}/tests")).json()["data"]
        before = client.cookies[sessions.COOKIE_NAME]
        answer = await client.get(begun["start"])
        assert answer.status_code == 303
        back = await client.get(await there_and_back(client, answer.headers["Location"]))
        assert back.headers["Location"] == f"/sign-in-providers?provider={made.id}&tested={begun['id']}"
        assert client.cookies[sessions.COOKIE_NAME] == before
        shown = (await client.get(f"{PROVIDERS}/{made.id}/tests/{begun['id']}")).json()["data"]
        assert shown["result"]["email"] == "ada@example.org"
        assert shown["result"]["groups"] == ["leads"]
        assert "There is no account for ada@example.org" in shown["result"]["refused"]
        assert shown["result"]["claims"]["iss"] == idp.issuer
        # Once, and for its owner alone.
        assert (await client.get(begun["start"])).status_code == 403
        async with signed_in(email="other@example.org") as other:
            assert (await other.get(f"{PROVIDERS}/{made.id}/tests/{begun['id']}")).status_code == 404
            stolen = (await client.post(f"{PROVIDERS}/{made.id}/tests")).json()["data"]["start"]
            assert (await other.get(stolen)).status_code == 403
    assert one_row(pg_url, "SELECT count(*) FROM user_identity") == (0,)


async def test_a_test_that_is_refused_says_why(pg_url: str):
    async with openid_provider() as idp, signed_in() as client:
        made = await set_up_oidc(idp.issuer)
        idp.lies.claims = {"aud": "another"}
        begun = (await client.post(f"{PROVIDERS}/{made.id}/tests")).json()["data"]
        address = (await client.get(begun["start"])).headers["Location"]
        assert (await client.get(await there_and_back(client, address))).status_code == 303
        shown = (await client.get(f"{PROVIDERS}/{made.id}/tests/{begun['id']}")).json()["data"]
        assert "made for another application" in shown["result"]["refused"]
    assert refusals(pg_url) == ["audience"]


async def test_another_site_begins_no_test_and_no_link(pg_url: str):
    async with openid_provider() as idp, signed_in() as client:
        await set_up_oidc(idp.issuer)
        begin = "/session/sso/company/start?purpose="
        for purpose in ("test", "link", "sign_in", "x"):
            for headers in (
                {},
                {"Referer": "https://evil.example/"},
                {"Sec-Fetch-Site": "cross-site", "Referer": HERE},
            ):
                answer = await client.get(begin + purpose, headers=headers)
                assert answer.status_code == 403, (purpose, headers)
        assert (await client.get(begin + "test", headers={"Referer": HERE + "/x"})).status_code == 303
        assert (
            await client.get(begin + "link", headers={"Sec-Fetch-Site": "same-origin"})
        ).status_code == 303
        one_row(pg_url, "UPDATE user_session SET proved_at = now() - interval '1 hour' RETURNING id")
        late = await client.get(begin + "link", headers={"Sec-Fetch-Site": "same-origin"})
        assert late.status_code == 403
        assert "Show first that it is you" in late.text
        client.cookies.clear()
        assert (await client.get(begin + "test", headers={"Referer": HERE})).status_code == 403
    async with signed_in(Role.USER, "user@example.org") as client:
        assert (await client.get(begin + "test", headers={"Referer": HERE})).status_code == 403


async def test_another_site_begins_no_sign_in_by_itself(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        for asked in ("", "?purpose=", "?ticket=&purpose=", "?next=/runs"):
            start = f"/session/sso/company/start{asked}"
            unasked = await client.get(start, headers={"Sec-Fetch-Site": "cross-site"})
            assert unasked.headers["Location"].startswith("/sign-in"), asked
            clicked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": "?1"}
            assert (await client.get(start, headers=clicked)).headers["Location"].startswith(idp.issuer)
    assert one_row(pg_url, "SELECT count(*) FROM sign_in_attempt") == (4,)


async def test_a_super_admin_links_a_provider_while_signed_in(pg_url: str):
    async with openid_provider() as idp, signed_in(Role.SUPER_ADMIN, "root@example.org") as client:
        made = await set_up_oidc(idp.issuer)
        user_id = one_row(pg_url, "SELECT id FROM user_account WHERE email = 'root@example.org'")[0]
        async with db.transaction() as session:
            ticket = await attempts.prepare(session, made.id, Purpose.LINK, user_id=user_id, now=clock.now())
        start = await client.get(f"/session/sso/company/start?ticket={ticket.token}")
        back = await client.get(await there_and_back(client, start.headers["Location"]))
        assert back.headers["Location"] == "/profile?tab=security"
        client.cookies.clear()
        assert (await sign_in(client)).status_code == 303
        me = await client.get("/api/v1/users/me")
        assert me.json()["data"]["email"] == "root@example.org"


async def test_nobody_locks_themselves_or_everybody_out(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        made = await set_up_oidc(idp.issuer, creates_users=True, domains=("example.org",))
        assert (await sign_in(client)).status_code == 303
        user_id = one_row(pg_url, "SELECT id FROM user_account")[0]
        owner = Viewer(user_id, "Ada", "ada@example.org", Role.VIEWER)
        async with db.transaction() as session:
            assert [one.provider for one in await links.listing(session, owner)] == ["Company"]
            with pytest.raises(Conflict, match="only way"):
                await links.end(session, owner, made.id)
            await sign_in_policy.change(
                session, SYSTEM, local_sign_in=False, second_factor_roles=(), now=clock.now()
            )
        for attempt in (providers.remove, _off):
            async with db.transaction() as session:
                with pytest.raises(Conflict, match="Passwords are switched off"):
                    await attempt(session, SYSTEM, made.id)


async def test_attempts_end_by_themselves(pg_url: str):
    async with openid_provider() as idp, browser() as client:
        await set_up_oidc(idp.issuer)
        await client.get("/session/sso/company/start")
        async with db.transaction() as session:
            await attempts.purge(session, now=clock.now())
        assert one_row(pg_url, "SELECT count(*) FROM sign_in_attempt") == (1,)
        async with db.transaction() as session:
            await attempts.purge(session, now=clock.now() + attempts.LIFETIME)
        assert one_row(pg_url, "SELECT count(*) FROM sign_in_attempt") == (0,)


class GitHub:
    """GitHub's three addresses, as its documentation describes them."""

    def __init__(self) -> None:
        self.emails: list[dict[str, Any]] = [
            {"email": "ada@users.noreply.github.test", "verified": True, "primary": False},
            {"email": "ada@example.org", "verified": True, "primary": True},
        ]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/authorize")
        async def authorize(request: Request) -> RedirectResponse:
            asked = request.query_params
            assert asked["code_challenge_method"] == "S256"
            assert "nonce" not in asked
            answer = urlencode({"code": "c", "state": asked["state"]})
            return RedirectResponse(f"{asked['redirect_uri']}?{answer}", status_code=302)

        @app.post("/token")
        async def token(request: Request) -> JSONResponse:
            form = parse_qs((await request.body()).decode())
            # GitHub answers with 200 also where it refuses.
            if form["client_secret"] != ["gh secret"] or "code_verifier" not in form:
                return JSONResponse({"error": "incorrect_client_credentials"})
            return JSONResponse(
                {"access_token": "gho", "token_type": "bearer", "scope": "read:user,user:email"}
            )

        @app.get("/user")
        async def user(request: Request) -> dict[str, Any]:
            assert request.headers["authorization"] == "Bearer gho"
            return {"id": 583231, "login": "ada", "name": None, "email": "not@verified.example"}

        @app.get("/user/emails")
        async def emails() -> list[dict[str, Any]]:
            return self.emails

        return app


async def test_github_by_its_verified_primary_address(pg_url: str):
    user_id = await add_user()
    github = GitHub()
    async with served(github.app()) as base, browser() as client:
        options = Options(
            client_id="gh",
            authorize_url=f"{base}/authorize",
            token_url=f"{base}/token",
            profile_url=f"{base}/user",
            emails_url=f"{base}/user/emails",
        )
        await set_up(
            Draft(
                name="GitHub", preset="github", kind=Kind.OAUTH2, client_secret="gh secret", options=options
            )
        )
        github.emails[1]["verified"] = False
        assert (await sign_in(client, "github")).status_code == 403
        github.emails[1]["verified"] = True
        assert (await sign_in(client, "github")).status_code == 303
        github.emails = []
        assert (await sign_in(client, "github")).status_code == 303
    assert one_row(pg_url, "SELECT user_id, subject FROM user_identity") == (user_id, "583231")
    assert refusals(pg_url) == ["unverified"]


async def test_a_wrong_client_secret_is_told(pg_url: str):
    async with served(GitHub().app()) as base, browser() as client:
        options = Options(
            client_id="gh",
            authorize_url=f"{base}/authorize",
            token_url=f"{base}/token",
            profile_url=f"{base}/user",
        )
        await set_up(
            Draft(name="GitHub", preset="oauth2", kind=Kind.OAUTH2, client_secret="wrong", options=options)
        )
        answer = await sign_in(client, "github")
        assert answer.status_code == 403
        assert "client ID and secret" in answer.text
    assert refusals(pg_url) == ["client"]


def test_what_a_preset_asks_for_becomes_the_issuer():
    assert issuer_of(PRESETS["microsoft"], "abc") == "https://login.microsoftonline.com/abc/v2.0"
    assert issuer_of(PRESETS["okta"], "company.okta.com") == "https://company.okta.com"
    assert (
        issuer_of(PRESETS["okta"], "https://company.okta.com/oauth2/default")
        == "https://company.okta.com/oauth2/default"
    )
    assert issuer_of(PRESETS["google"], "https://evil.example") == "https://accounts.google.com"


async def _off(session: Any, viewer: Viewer, provider_id: int) -> None:
    await providers.set_enabled(session, viewer, provider_id, enabled=False)


async def _switch(provider_id: int, *, on: bool) -> None:
    async with db.transaction() as session:
        await providers.set_enabled(session, SYSTEM, provider_id, enabled=on)
