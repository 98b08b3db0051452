"""API keys: shown once, never more than their owner, dead with their owner's credentials."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity import users
from sprintreports.identity.clients import keys
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from tests.integration import clients_support as support
from tests.integration.clients_support import bearer, person

PATH = "/api/v1/api-keys"
BODY = {"name": "Export", "scopes": ["sprints:read"]}
SYSTEM = Viewer.system()


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with support.serving() as client:
        yield client


async def _made(api: httpx.AsyncClient, user_id: int, **changes: object) -> dict[str, object]:
    answer = await api.post(PATH, json={**BODY, **changes}, headers=await bearer(user_id))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def _status(api: httpx.AsyncClient, key: object, path: str = "/api/v1/sprints") -> int:
    return (await api.get(path, headers={"X-API-Key": str(key)})).status_code


async def test_a_key_is_shown_once_and_opens_what_it_may(api: httpx.AsyncClient) -> None:
    user_id = await person(Role.ADMIN)
    made = await _made(api, user_id)
    key = str(made["key"])
    assert key.startswith(f"{made['prefix']}_")
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        assert (await api.get("/api/v1/sprints", headers=headers)).status_code == 200
    refused = await api.get("/api/v1/sync-runs", headers={"X-API-Key": key})
    assert (refused.status_code, "settings:read" in refused.json()["error"]["message"]) == (403, True)
    listed = (await api.get(PATH, headers=await bearer(user_id))).json()["data"]
    assert [one["prefix"] for one in listed] == [made["prefix"]]
    assert listed[0]["last_used_at"]
    assert listed[0]["last_address"] == "127.0.0.1"
    assert key not in str(listed)
    async with db.transaction() as session:
        stored = (await session.execute(text("SELECT secret_hash, api_key::text FROM api_key"))).one()
        assert len(bytes(stored[0])) == 32
        assert key not in stored[1]
        told = await session.execute(
            text("SELECT coalesce(before::text, '') || after::text FROM audit_entry")
        )
        assert key not in "".join(told.scalars())


async def test_a_key_never_does_more_than_its_owner(api: httpx.AsyncClient) -> None:
    viewer = await person(Role.VIEWER)
    wide = await api.post(PATH, json={**BODY, "scopes": ["settings:write"]}, headers=await bearer(viewer))
    assert wide.status_code == 422
    assert wide.json()["error"]["details"][0]["field"] == "scopes"
    admin = await person(Role.ADMIN)
    key = (await _made(api, admin, scopes=["sprints:read", "settings:read"]))["key"]
    assert await _status(api, key, "/api/v1/sync-runs") == 200
    async with db.transaction() as session:  # as if the role had gone without touching the credentials
        await session.execute(text("UPDATE user_account SET role = 'viewer' WHERE id = :id"), {"id": admin})
    assert await _status(api, key, "/api/v1/sync-runs") == 403
    assert await _status(api, key) == 200


async def test_a_key_dies_with_its_owners_credentials(api: httpx.AsyncClient) -> None:
    async def lose_role(session, user_id):
        await users.set_role(session, SYSTEM, user_id=user_id, role=Role.VIEWER)

    async def deactivate(session, user_id):
        await users.set_active(session, SYSTEM, user_id=user_id, active=False)

    async def change_password(session, user_id):
        await users.set_password(session, user_id=user_id, password="another green yak 8")

    for number, end in enumerate((lose_role, deactivate, change_password)):
        user_id = await person(Role.MANAGER, f"{number}@example.org")
        key = (await _made(api, user_id))["key"]
        assert await _status(api, key) == 200
        async with db.transaction() as session:
            await end(session, user_id)
        assert await _status(api, key) == 401, end.__name__
    async with db.transaction() as session:
        rows = (await keys.listing(session, SYSTEM, everybodys=True, now=clock.now())).items
    assert {row.state for row in rows} == {"ended"}


async def test_keys_expire_and_are_revoked(api: httpx.AsyncClient) -> None:
    user_id = await person()
    made = await _made(api, user_id, days=1)
    async with db.transaction() as session:
        found = await keys.resolve(
            session, str(made["key"]), address="", now=clock.now() + timedelta(hours=25)
        )
        assert found is None
    assert (await api.delete(f"{PATH}/{made['id']}", headers=await bearer(user_id))).status_code == 204
    assert await _status(api, made["key"]) == 401
    for days in (0, 367):
        answer = await api.post(PATH, json={**BODY, "days": days}, headers=await bearer(user_id))
        assert answer.status_code == 422
    async with db.transaction() as session:
        actions = await session.execute(
            text("SELECT action FROM audit_entry WHERE subject_kind = 'api_key' ORDER BY id")
        )
        assert list(actions.scalars()) == ["api_key.created", "api_key.revoked"]


async def test_what_is_not_a_key_is_nobody(api: httpx.AsyncClient) -> None:
    made = await _made(api, await person())
    key = str(made["key"])
    changed = key[:-1] + ("A" if key[-1] != "A" else "B")
    for wrong in ("srk_", "srk_x", changed, key + "x", key.upper(), "", "x" * 500):
        assert await _status(api, wrong) == 401, wrong
        answer = await api.get("/api/v1/sprints", headers={"Authorization": f"Bearer {wrong}"})
        assert answer.status_code == 401
    both = {"X-API-Key": key, **await bearer(await person(Role.USER))}
    assert (await api.get("/api/v1/sprints", headers=both)).status_code == 401


async def test_others_keys_are_out_of_sight_except_for_admins(api: httpx.AsyncClient) -> None:
    made = await _made(api, await person(Role.USER))
    other, admin = await bearer(await person(Role.MANAGER)), await bearer(await person(Role.ADMIN))
    own = f"{PATH}/{made['id']}"
    for method in ("GET", "DELETE"):
        assert (await api.request(method, own, headers=other)).status_code == 404
    assert (await api.patch(own, json={"name": "Mine"}, headers=other)).status_code == 404
    assert (await api.get(f"{PATH}?all=true", headers=other)).status_code == 403
    assert len((await api.get(f"{PATH}?all=true", headers=admin)).json()["data"]) == 1
    assert (await api.patch(own, json={"name": "Mine"}, headers=admin)).status_code == 404
    assert (await api.delete(own, headers=admin)).status_code == 204


async def test_a_key_makes_no_keys_and_does_nothing_for_its_owners_account(api: httpx.AsyncClient) -> None:
    user_id = await person(Role.ADMIN)
    made = await _made(api, user_id, scopes=[scope.value for scope in Permission])
    headers = {"X-API-Key": str(made["key"])}
    assert (await api.get("/api/v1/users/me", headers=headers)).status_code == 200
    for method, path in (("POST", PATH), ("GET", PATH), ("DELETE", f"{PATH}/{made['id']}")):
        answer = await api.request(method, path, json=BODY if method == "POST" else None, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_changed_key_holds_from_the_next_request_on(api: httpx.AsyncClient) -> None:
    user_id = await person(Role.ADMIN)
    made = await _made(api, user_id, scopes=["sprints:read", "settings:read"])
    own, held = f"{PATH}/{made['id']}", await bearer(user_id)
    changed = await api.patch(own, json={"scopes": ["settings:read"], "per_minute": 5}, headers=held)
    assert changed.json()["data"]["scopes"] == ["settings:read"]
    assert await _status(api, made["key"]) == 403
    answer = await api.get("/api/v1/sync-runs", headers={"X-API-Key": str(made["key"])})
    assert answer.headers["ratelimit-limit"] == "5"
    for answer in (
        await api.patch(own, json={"scopes": []}, headers=held),
        await api.post(PATH, json={**BODY, "scopes": []}, headers=held),
    ):
        assert answer.status_code == 422
        assert "Choose at least one scope." in answer.text


async def test_what_a_key_does_bears_its_name(api: httpx.AsyncClient) -> None:
    user_id = await person(Role.ADMIN)
    made = await _made(api, user_id, scopes=["sprints:read"])
    refused = await api.get("/api/v1/sync-runs", headers={"X-API-Key": str(made["key"])})
    assert refused.status_code == 403
    async with db.transaction() as session:
        told = text("SELECT actor_id, after->>'via' FROM audit_entry WHERE action = 'permission.refused'")
        assert list((await session.execute(told)).one()) == [user_id, f"api_key:{made['id']}"]
        found = await keys.resolve(session, str(made["key"]), address="", now=clock.now())
        assert found is not None
        assert (found.viewer.user_id, found.viewer.via) == (user_id, f"api_key:{made['id']}")


async def test_uses_are_noted_at_most_once_a_minute(api: httpx.AsyncClient) -> None:
    made = await _made(api, await person())
    begun = clock.now()
    noted = []
    for seconds in (0, 30, 59, 61):
        async with db.transaction() as session:
            now = begun + timedelta(seconds=seconds)
            await keys.resolve(session, str(made["key"]), address="192.0.2.7", now=now)
            noted.append(await session.scalar(text("SELECT last_used_at FROM api_key")))
    assert [round((at - begun).total_seconds()) for at in noted] == [0, 0, 0, 61]
