"""Registered clients at the token endpoint: who they are, what they get, and every refusal in RFC 6749's words."""

from base64 import b64encode
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.identity import users
from sprintreports.identity.clients import registry
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Forbidden, Invalid
from tests.integration import clients_support as support
from tests.integration.clients_support import TOKEN, registered, service, works

SYSTEM = Viewer.system()


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with support.serving() as client:
        yield client


def _basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


def _own(made: registry.Registered, **more: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": made.client.client_id,
        "client_secret": made.secret,
        **more,
    }


async def test_a_service_acts_as_an_account_of_its_own(api: httpx.AsyncClient) -> None:
    made = await service()
    name, secret = made.client.client_id, made.secret
    by_basic = await api.post(TOKEN, data={"grant_type": "client_credentials"}, headers=_basic(name, secret))
    body = by_basic.json()
    assert by_basic.status_code == 200
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert body["scope"] == "sprints:read users:read"
    me = await api.get(support.ME, headers={"Authorization": f"Bearer {body['access_token']}"})
    assert me.json()["data"]["id"] == made.client.user_id
    by_post = await api.post(TOKEN, data=_own(made))
    assert await works(api, by_post.json()["access_token"])


async def test_what_is_asked_for_narrows_and_never_widens(api: httpx.AsyncClient) -> None:
    made = await service(role=Role.ADMIN)
    less = (await api.post(TOKEN, data=_own(made, scope="sprints:read"))).json()
    assert less["scope"] == "sprints:read"
    held = {"Authorization": f"Bearer {less['access_token']}"}
    assert (await api.get("/api/v1/sprints", headers=held)).status_code == 200
    refused = await api.get("/api/v1/sync-runs", headers=held)
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="settings:read"' in refused.headers["www-authenticate"]
    more = await api.post(TOKEN, data=_own(made, scope="sprints:read settings:read"))
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
    unknown = await api.post(TOKEN, data=_own(made, scope="everything"))
    assert (unknown.status_code, unknown.json()["error"]) == (400, "invalid_scope")


async def test_scopes_give_nothing_that_the_role_does_not(api: httpx.AsyncClient) -> None:
    made = await service(role=Role.VIEWER, scopes=frozenset(Permission))
    token = (await api.post(TOKEN, data=_own(made))).json()["access_token"]
    held = {"Authorization": f"Bearer {token}"}
    assert (await api.get("/api/v1/sprints", headers=held)).status_code == 200
    assert (await api.get("/api/v1/sync-runs", headers=held)).status_code == 403


async def test_fewer_scopes_of_the_client_hold_at_once_for_tokens_that_are_out(
    api: httpx.AsyncClient,
) -> None:
    made = await service(role=Role.ADMIN, scopes=support.READ | {Permission.SETTINGS_READ})
    held = {"Authorization": f"Bearer {(await api.post(TOKEN, data=_own(made))).json()['access_token']}"}
    assert (await api.get("/api/v1/sync-runs", headers=held)).status_code == 200
    async with db.transaction() as session:
        await registry.change(session, SYSTEM, made.client.id, scopes=support.READ, now=clock.now())
    assert (await api.get("/api/v1/sync-runs", headers=held)).status_code == 403
    assert (await api.get("/api/v1/sprints", headers=held)).status_code == 200


async def test_who_is_not_the_client_is_told_so(api: httpx.AsyncClient) -> None:
    made, public = await service(), await registered(confidential=False)
    name, secret = made.client.client_id, made.secret
    own = {"grant_type": "client_credentials"}
    for fields, headers in (
        (own, {}),
        (own, _basic(name, "wrong")),
        (own, _basic("unknown", secret)),
        (own, {"Authorization": "Basic !"}),
        (own, {"Authorization": "Basic " + b64encode(b"no colon").decode()}),
        (own, {"Authorization": "Digest x"}),
        ({**own, "client_id": name}, {}),
        ({**own, "client_id": "caf\u00e9\0", "client_secret": "x"}, {}),
        ({**own, "client_id": name, "client_secret": "wrong"}, {}),
        ({**own, "client_id": public.client.client_id}, {}),
        ({**own, "client_id": public.client.client_id, "client_secret": "x"}, {}),
    ):
        answer = await api.post(TOKEN, data=fields, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), (fields, headers)
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert answer.headers["cache-control"] == "no-store"
    refused = "SELECT count(*) FROM audit_entry WHERE action = 'token.issued' AND outcome = 'refused'"
    async with db.transaction() as session:
        assert (await session.scalar(text(refused)) or 0) >= 4


async def test_a_secret_comes_in_one_way_only(api: httpx.AsyncClient) -> None:
    made = await service()
    headers = _basic(made.client.client_id, made.secret)
    twice = await api.post(TOKEN, data=_own(made), headers=headers)
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    other = {"grant_type": "client_credentials", "client_id": "src_other"}
    mixed = await api.post(TOKEN, data=other, headers=headers)
    assert (mixed.status_code, mixed.json()["error"]) == (400, "invalid_request")


async def test_grants_that_are_not_the_clients(api: httpx.AsyncClient) -> None:
    made = await registered()
    own = await api.post(TOKEN, data=_own(made))
    assert (own.status_code, own.json()["error"]) == (400, "unauthorized_client")
    await support.person(Role.USER)
    password = {"grant_type": "password", "username": "user@example.org", "password": support.PASSWORD}
    name, secret = made.client.client_id, made.secret
    taken = await api.post(TOKEN, data={**password, "client_id": name, "client_secret": secret})
    assert (taken.status_code, taken.json()["error"]) == (400, "unauthorized_client")
    assert (await api.post(TOKEN, data=password)).status_code == 200


async def test_a_password_can_be_narrowed_and_switched_off(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await support.person(Role.ADMIN)
    password = {"grant_type": "password", "username": "admin@example.org", "password": support.PASSWORD}
    narrow = (await api.post(TOKEN, data={**password, "scope": "sprints:read"})).json()
    held = {"Authorization": f"Bearer {narrow['access_token']}"}
    assert (await api.get("/api/v1/sync-runs", headers=held)).status_code == 403
    renew = {"grant_type": "refresh_token", "refresh_token": narrow["refresh_token"]}
    wider = await api.post(TOKEN, data={**renew, "scope": "sprints:read settings:read"})
    assert wider.json()["error"] == "invalid_scope"
    assert (await api.post(TOKEN, data=renew)).json()["scope"] == "sprints:read"
    monkeypatch.setenv("SPRINTREPORTS_PASSWORD_GRANT", "false")
    settings_module.reload()
    off = await api.post(TOKEN, data=password)
    assert (off.status_code, off.json()["error"]) == (400, "unsupported_grant_type")
    described = (await api.get("/.well-known/oauth-authorization-server")).json()
    assert "password" not in described["grant_types_supported"]


async def test_a_limited_token_does_nothing_for_its_persons_own_account(api: httpx.AsyncClient) -> None:
    await support.person(Role.ADMIN)
    fields = {"grant_type": "password", "username": "admin@example.org", "password": support.PASSWORD}
    token = (await api.post(TOKEN, data={**fields, "scope": "settings:write settings:read"})).json()
    held = {"Authorization": f"Bearer {token['access_token']}"}
    key = {"name": "More", "scopes": ["users:write"]}
    assert (await api.post("/api/v1/api-keys", json=key, headers=held)).status_code == 403
    client = {"name": "More", "scopes": ["users:write"], "role": "admin"}
    made = await api.post("/api/v1/oauth-clients", json=client, headers=held)
    assert (made.status_code, made.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_an_ended_client_is_dead_at_once(api: httpx.AsyncClient) -> None:
    made = await service()
    token = (await api.post(TOKEN, data=_own(made))).json()["access_token"]
    assert await works(api, token)
    async with db.transaction() as session:
        await registry.end(session, SYSTEM, made.client.id, now=clock.now())
    assert not await works(api, token)
    assert (await api.post(TOKEN, data=_own(made))).status_code == 401


async def test_a_new_secret_ends_the_one_before(api: httpx.AsyncClient) -> None:
    made = await service()
    async with db.transaction() as session:
        renewed = await registry.renew_secret(session, SYSTEM, made.client.id, now=clock.now())
    assert (await api.post(TOKEN, data=_own(made))).status_code == 401
    assert (await api.post(TOKEN, data=_own(renewed))).status_code == 200


async def test_nobody_gets_a_role_above_their_own_through_a_client(api: httpx.AsyncClient) -> None:
    made = await service(role=Role.SUPER_ADMIN)
    headers = await support.bearer(await support.person(Role.ADMIN))
    path = f"/api/v1/oauth-clients/{made.client.id}"
    assert (await api.post(f"{path}/secret", headers=headers)).status_code == 403
    assert (await api.patch(path, json={"name": "Mine"}, headers=headers)).status_code == 403
    assert (await api.delete(path, headers=headers)).status_code == 403
    body = {"name": "Mine", "scopes": ["sprints:read"], "role": "super_admin"}
    assert (await api.post("/api/v1/oauth-clients", json=body, headers=headers)).status_code == 403


async def test_a_client_is_registered_shown_changed_and_ended(api: httpx.AsyncClient) -> None:
    headers = await support.bearer(await support.person(Role.ADMIN))
    path = "/api/v1/oauth-clients"
    body = {"name": "CI", "scopes": ["sprints:read"], "role": "viewer"}
    made = (await api.post(path, json=body, headers=headers)).json()["data"]
    assert made["client_secret"].startswith("srs_")
    own = f"{path}/{made['id']}"
    shown = (await api.get(own, headers=headers)).json()["data"]
    assert (shown["name"], shown["role"]) == ("CI", "viewer")
    assert "client_secret" not in shown
    changed = await api.patch(own, json={"redirect_uris": [support.BACK], "name": "CI 2"}, headers=headers)
    assert changed.json()["data"]["redirect_uris"] == [support.BACK]
    listed = (await api.get(path, headers=headers)).json()
    assert [one["name"] for one in listed["data"]] == ["CI 2"]
    assert (await api.delete(own, headers=headers)).status_code == 204
    assert (await api.get(own, headers=headers)).status_code == 404
    async with db.transaction() as session:
        kept = await session.execute(text("SELECT secret_hash FROM api_client"))
        assert made["client_secret"].encode() not in bytes(kept.scalar_one())
        entries = "SELECT count(*) FROM audit_entry WHERE action = 'client.changed'"
        assert await session.scalar(text(entries)) == 3


async def test_what_makes_no_sense_is_not_registered(pg_url: str) -> None:
    for changes in (
        {"name": " "},
        {"scopes": frozenset()},
        {"redirect_uris": []},
        {"role": Role.VIEWER, "confidential": False},
    ):
        with pytest.raises(Invalid):
            await registered(**changes)
    admin = Viewer(7, "Eve", "", Role.ADMIN)
    async with db.transaction() as session:
        with pytest.raises(Forbidden):
            await registry.register(
                session, admin, name="x", scopes=support.READ, confidential=True, redirect_uris=[],
                role=Role.SUPER_ADMIN, now=clock.now(),
            )  # fmt: skip


async def test_introspection_tells_who_is_concerned_and_nobody_else(api: httpx.AsyncClient) -> None:
    made, other, public = await service(), await service(), await registered(confidential=False)
    token = (await api.post(TOKEN, data=_own(made))).json()["access_token"]
    path = "/api/v1/auth/introspect"
    own = _basic(made.client.client_id, made.secret)
    told = (await api.post(path, data={"token": token}, headers=own)).json()
    assert told["active"] is True
    assert (told["client_id"], told["scope"]) == (made.client.client_id, "sprints:read users:read")
    assert told["sub"] == str(made.client.user_id)
    foreign = await api.post(
        path, data={"token": token}, headers=_basic(other.client.client_id, other.secret)
    )
    assert foreign.json() == {"active": False}
    assert (await api.post(path, data={"token": token})).status_code == 401
    named = {"token": token, "client_id": public.client.client_id}
    assert (await api.post(path, data=named)).status_code == 401
    assert (await api.post(path, data={"token": "x"}, headers=own)).json() == {"active": False}
    user_id = await support.person()
    held = await support.bearer(user_id)
    mine = held["Authorization"].removeprefix("Bearer ")
    told = (await api.post(path, data={"token": mine}, headers=held)).json()
    assert (told["active"], told["username"], "scope" in told) == (True, "manager@example.org", False)
    assert (await api.post(path, data={"token": token}, headers=held)).json() == {"active": False}
    async with db.transaction() as session:
        await users.set_active(session, SYSTEM, user_id=user_id, active=False)
    assert (await api.post(path, data={"token": mine}, headers=own)).json() == {"active": False}


async def test_a_clients_token_is_ended_by_that_client_alone(api: httpx.AsyncClient) -> None:
    made, other = await service(), await service()
    token = (await api.post(TOKEN, data=_own(made))).json()["access_token"]
    path, fields = "/api/v1/auth/revoke", {"token": token}
    assert (await api.post(path, data=fields)).status_code == 401
    foreign = _basic(other.client.client_id, other.secret)
    assert (await api.post(path, data=fields, headers=foreign)).status_code == 401
    assert await works(api, token)
    own = _basic(made.client.client_id, made.secret)
    assert (await api.post(path, data=fields, headers=own)).status_code == 200
    assert not await works(api, token)


async def test_programs_find_the_server_by_its_metadata(api: httpx.AsyncClient) -> None:
    answer = await api.get("/.well-known/oauth-authorization-server")
    assert answer.status_code == 200
    body = answer.json()
    assert body["issuer"] == support.HERE
    assert body["token_endpoint"] == f"{support.HERE}{TOKEN}"
    assert body["code_challenge_methods_supported"] == ["S256"]
    assert body["authorization_response_iss_parameter_supported"] is True
    assert "implicit" not in body["grant_types_supported"]
    assert answer.headers["cache-control"] == "public, max-age=300"
