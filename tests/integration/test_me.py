"""One's own way in, over HTTP: sessions, second factor, password; and who must show again who they are."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from pyotp.totp import TOTP
from sqlalchemy import text

from sprintreports.identity import sessions, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from tests.applications import rest_app

HERE = "http://reports.test"
PASSWORD = "tall green yak 7"
ORIGIN = {"Origin": HERE}
ME = "/api/v1/users/me"


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http.client(
        base_url=HERE, transport=httpx.ASGITransport(rest_app()), headers=ORIGIN
    ) as client:
        yield client


async def _user(role: Role = Role.USER) -> int:
    async with db.transaction() as session:
        made = await users.create(
            session, Viewer.system(), email="ada@example.org", password=PASSWORD, role=role
        )
    return made.id


async def _opened(user_id: int, *, agent: str = "", age: timedelta = timedelta()) -> str:
    async with db.transaction() as session:
        now = clock.now() - age
        made = await sessions.create(session, user_id=user_id, user_agent=agent, address="192.0.2.9", now=now)
    return made.token


async def _count(table: str) -> int:
    async with db.transaction() as session:
        return (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def test_sessions_are_listed_and_ended(api: httpx.AsyncClient) -> None:
    user_id = await _user()
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
    others = [await _opened(user_id, agent=agent) for _ in range(3)]
    own = await _opened(user_id, agent="curl/8.5")
    api.cookies.set(sessions.COOKIE_NAME, own)
    listed = (await api.get(f"{ME}/sessions")).json()["data"]
    assert [(row["device"], row["current"]) for row in listed] == [
        ("curl, a program", True),
        *[("Firefox on Windows", False)] * 3,
    ]
    assert listed[1]["address"] == "192.0.2.9"
    assert (await api.delete(f"{ME}/sessions/{listed[1]['id']}")).status_code == 204
    assert (await api.delete(f"{ME}/sessions/{listed[1]['id']}")).status_code == 404
    assert (await api.delete(f"{ME}/sessions")).json()["data"] == {"ended": 2}
    assert (await api.get(ME)).status_code == 200
    async with db.transaction() as session:
        assert [await sessions.resolve(session, one, now=clock.now()) for one in others] == [None] * 3


async def test_nobody_ends_a_session_of_somebody_else(api: httpx.AsyncClient) -> None:
    api.cookies.set(sessions.COOKIE_NAME, await _opened(await _user()))
    async with db.transaction() as session:
        eve = await users.create(
            session, Viewer.system(), email="eve@example.org", password=PASSWORD, role=Role.ADMIN
        )
    theirs = await _opened(eve.id)
    async with db.transaction() as session:
        found = await sessions.resolve(session, theirs, now=clock.now())
    assert found is not None
    assert (await api.delete(f"{ME}/sessions/{found.id}")).status_code == 404
    assert await _count("user_session") == 2


async def test_the_second_factor_from_begin_to_end(api: httpx.AsyncClient) -> None:
    user_id = await _user()
    api.cookies.set(sessions.COOKIE_NAME, await _opened(user_id))
    path = f"{ME}/second-factor"
    off = {"on": False, "since": None, "recovery_codes_left": 0, "required": False}
    assert (await api.get(path)).json()["data"] == off
    made = await api.post(path)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert made.json()["data"]["picture"].startswith("data:image/svg+xml")
    app = TOTP(made.json()["data"]["secret"])
    assert f"secret={app.secret}" in made.json()["data"]["uri"]
    wrong = await api.post(f"{path}/confirmation", json={"code": "abc"})
    assert (wrong.status_code, wrong.json()["error"]["details"][0]["field"]) == (422, "code")
    done = await api.post(f"{path}/confirmation", json={"code": app.at(clock.now())})
    assert len(done.json()["data"]["recovery_codes"]) == 10
    assert (await api.get(path)).json()["data"]["recovery_codes_left"] == 10
    again = await api.post(f"{path}/confirmation", json={"code": app.at(clock.now())})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "CONFLICT")
    renewed = await api.post(f"{path}/recovery-codes")
    assert not set(renewed.json()["data"]["recovery_codes"]) & set(done.json()["data"]["recovery_codes"])
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).json()["data"] == off


CHANGES = [
    ("DELETE", "/sessions"),
    ("DELETE", "/sessions/1"),
    ("POST", "/second-factor"),
    ("POST", "/second-factor/confirmation"),
    ("POST", "/second-factor/recovery-codes"),
    ("DELETE", "/second-factor"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
async def test_an_old_session_must_be_proved_again_first(
    api: httpx.AsyncClient, method: str, path: str
) -> None:
    user_id = await _user()
    api.cookies.set(sessions.COOKIE_NAME, await _opened(user_id, age=timedelta(minutes=11)))
    answer = await api.request(method, ME + path, json={"code": "1"} if "confirmation" in path else None)
    assert answer.status_code == 403
    assert "password again" in answer.json()["error"]["message"]
    async with db.transaction() as session:
        pair = await tokens.issue(session, user_id=user_id, user_agent="", address="", now=clock.now())
    bearer = {"Authorization": f"Bearer {pair.access_token}"}
    body = {"code": "1"} if "confirmation" in path else None
    fresh = await api.request(method, ME + path, json=body, headers=bearer)
    assert fresh.status_code != 403, "asked for with a password just now"
    async with db.transaction() as session:
        await session.execute(text("UPDATE token_family SET created_at = created_at - interval '11 minutes'"))
    assert (await api.request(method, ME + path, json=body, headers=bearer)).status_code == 403


async def test_a_password_changes_with_the_current_one_and_ends_everything(api: httpx.AsyncClient) -> None:
    user_id = await _user()
    own, other = await _opened(user_id), await _opened(user_id)
    async with db.transaction() as session:
        pair = await tokens.issue(session, user_id=user_id, user_agent="", address="", now=clock.now())
    api.cookies.set(sessions.COOKIE_NAME, own)
    path, new = f"{ME}/password", "short blue crane 9"
    wrong = await api.post(path, json={"current_password": "not it", "new_password": new})
    assert (wrong.status_code, wrong.json()["error"]["details"][0]["field"]) == (422, "current_password")
    weak = await api.post(path, json={"current_password": PASSWORD, "new_password": "password1234"})
    assert "easy to guess" in weak.json()["error"]["message"]
    assert (await api.get(ME)).status_code == 200
    assert (await api.post(path, json={"current_password": PASSWORD, "new_password": new})).status_code == 204
    for dead in (own, other):
        api.cookies.set(sessions.COOKIE_NAME, dead)
        assert (await api.get(ME)).status_code == 401
    bearer = {"Authorization": f"Bearer {pair.access_token}"}
    assert (await api.get(ME, headers=bearer)).status_code == 401
    async with db.transaction() as session:
        here = {"address": "192.0.2.1", "now": clock.now()}
        assert (await users.authenticate(session, login="ada@example.org", password=new, **here)).user
        assert not (
            await users.authenticate(session, login="ada@example.org", password=PASSWORD, **here)
        ).user
        told = await session.execute(
            text("SELECT outcome FROM audit_entry WHERE action = 'password.changed' ORDER BY id")
        )
        assert list(told.scalars()) == ["refused", "done"]


async def test_guessing_the_current_password_is_slowed_down(api: httpx.AsyncClient) -> None:
    api.cookies.set(sessions.COOKIE_NAME, await _opened(await _user()))
    body = {"current_password": "guess", "new_password": "short blue crane 9"}
    answers = [await api.post(f"{ME}/password", json=body) for _ in range(7)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_the_policy_is_an_admins(api: httpx.AsyncClient) -> None:
    api.cookies.set(sessions.COOKIE_NAME, await _opened(await _user(Role.ADMIN)))
    path = "/api/v1/sign-in-policy"
    assert (await api.get(path)).json()["data"] == {"local_sign_in": True, "second_factor_roles": []}
    wanted = {"local_sign_in": True, "second_factor_roles": ["super_admin", "admin"]}
    kept = await api.put(path, json=wanted)
    assert kept.json()["data"] == {"local_sign_in": True, "second_factor_roles": ["admin", "super_admin"]}
    off = await api.put(path, json={**wanted, "local_sign_in": False})
    assert (off.status_code, off.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await api.get(f"{ME}/second-factor")).json()["data"]["required"] is True
