"""The token endpoint: RFC 6749 at the top level, over real HTTP where sockets matter."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from pyotp.totp import TOTP

from sprintreports.identity import second_factor, user_list, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from tests.applications import rest_app

PASSWORD = "tall green yak 7"
PATH = "/api/v1/auth/token"


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with db.transaction() as session:
        await users.create(
            session, Viewer.system(), email="ada@example.org", password=PASSWORD, role=Role.VIEWER
        )
    async with http.client(
        base_url="http://reports.test", transport=httpx.ASGITransport(rest_app())
    ) as client:
        yield client


def _password(password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"grant_type": "password", "username": "ada@example.org", "password": password, **more}


async def _works(api: httpx.AsyncClient, access_token: str) -> bool:
    answer = await api.get("/api/v1/users/me", headers={"Authorization": f"Bearer {access_token}"})
    return answer.status_code == 200


async def test_password_then_refresh_then_reuse(api: httpx.AsyncClient) -> None:
    first = await api.post(PATH, data=_password())
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    body = first.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 1800)
    assert await _works(api, body["access_token"])
    renew = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    second = (await api.post(PATH, data=renew)).json()
    assert await _works(api, second["access_token"])
    reused = await api.post(PATH, data=renew)
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    assert not await _works(api, second["access_token"])
    assert not await _works(api, body["access_token"])


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "invalid_request"),
        ({"grant_type": "password", "username": "ada@example.org"}, "invalid_request"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        (_password("wrong password"), "invalid_grant"),
        (_password(username="nobody@example.org"), "invalid_grant"),
        (_password(username="\0"), "invalid_grant"),
    ],
)
async def test_refusals_are_the_standards(api: httpx.AsyncClient, fields: dict[str, str], error: str) -> None:
    answer = await api.post(PATH, data=fields)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"


async def test_only_forms_and_each_field_once(api: httpx.AsyncClient) -> None:
    assert (await api.post(PATH, json=_password())).json()["error"] == "invalid_request"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = await api.post(PATH, content="grant_type=password&grant_type=password", headers=form)
    assert twice.json()["error"] == "invalid_request"
    assert (await api.post(f"{PATH}?grant_type=password", data={"username": "a"})).status_code == 422


async def test_failures_are_counted_although_they_are_refused(api: httpx.AsyncClient) -> None:
    answers = [await api.post(PATH, data=_password("wrong password")) for _ in range(7)]
    assert [answer.status_code for answer in answers[:5]] == [400] * 5
    throttled = answers[-1]
    assert throttled.status_code == 429
    assert int(throttled.headers["retry-after"]) >= 1
    assert (await api.post(PATH, data=_password())).status_code == 429


async def test_revoking_ends_the_sign_in_and_never_complains(api: httpx.AsyncClient) -> None:
    body = (await api.post(PATH, data=_password())).json()
    answer = await api.post("/api/v1/auth/revoke", data={"token": body["refresh_token"]})
    assert (answer.status_code, answer.json()) == (200, {})
    assert not await _works(api, body["access_token"])
    assert (await api.post("/api/v1/auth/revoke", data={"token": "unknown"})).status_code == 200
    assert (await api.post("/api/v1/auth/revoke", data={})).status_code == 400


async def test_a_deactivated_users_token_is_dead_at_once(api: httpx.AsyncClient) -> None:
    body = (await api.post(PATH, data=_password())).json()
    async with db.transaction() as session:
        user = (await user_list.listing(session, Viewer.system())).items[0]
        await users.set_active(session, Viewer.system(), user_id=user.id, active=False)
    assert not await _works(api, body["access_token"])


async def test_a_second_factor_is_asked_for_and_each_code_is_good_once(api: httpx.AsyncClient) -> None:
    now = clock.now()
    async with db.transaction() as session:
        user = (await user_list.listing(session, Viewer.system())).items[0]
        viewer = Viewer(user.id, user.name, user.email, Role.VIEWER)
        app = TOTP((await second_factor.begin(session, viewer, now=now)).secret)
        codes = await second_factor.confirm(session, viewer, code=app.at(now), now=now)
        assert isinstance(codes, list)
    missing = await api.post(PATH, data=_password())
    assert (missing.status_code, missing.json()["error"]) == (400, "mfa_required")
    wrong = await api.post(PATH, data=_password(otp=app.at(now)))
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    otp = app.at(now + timedelta(seconds=30))
    right = await api.post(PATH, data=_password(otp=otp))
    assert await _works(api, right.json()["access_token"])
    assert (await api.post(PATH, data=_password(otp=otp))).json()["error"] == "invalid_grant"
    assert (await api.post(PATH, data=_password(otp=codes[0]))).status_code == 200
