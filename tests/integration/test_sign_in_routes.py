"""Signing in by the forms, as a browser sends them: one step or two, what each cookie opens, and what is written down."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pyotp.totp import TOTP
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.api.app import create_api
from sprintreports.identity import second_factor, sessions, sign_in_policy, unfinished, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from sprintreports.ui import account_routes, session_routes
from sprintreports.ui.links import local_path
from sprintreports.ui.web import wrapped_in
from tests.applications import rest_app

HERE = "http://reports.test"
PASSWORD = "tall green yak 7"
ADA = "ada@example.org"
HALF = unfinished.COOKIE
SYSTEM = Viewer.system()


def _app() -> FastAPI:
    return rest_app(session_routes, account_routes)


@pytest_asyncio.fixture
async def web(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(_app(), client=("192.0.2.7", 1))
    async with http.client(base_url=HERE, transport=transport, headers={"Origin": HERE}) as client:
        yield client


async def _ada(role: Role = Role.MANAGER) -> Viewer:
    async with db.transaction() as session:
        made = await users.create(session, SYSTEM, email=ADA, password=PASSWORD, role=role)
    return Viewer(user_id=made.id, name=made.name, email=made.email, role=role)


async def _app_of(viewer: Viewer) -> tuple[TOTP, list[str]]:
    now = clock.now() - timedelta(minutes=2)
    async with db.transaction() as session:
        app = TOTP((await second_factor.begin(session, viewer, now=now)).secret)
        codes = await second_factor.confirm(session, viewer, code=app.at(now), now=now)
    assert isinstance(codes, list)
    return app, codes


async def _sign_in(web: httpx.AsyncClient, *, password: str = PASSWORD, target: str = "") -> httpx.Response:
    return await web.post("/session/sign-in", data={"login": ADA, "password": password, "next": target})


async def _me(web: httpx.AsyncClient) -> int:
    return (await web.get("/api/v1/users/me")).status_code


async def _told() -> list[tuple[str, str, str]]:
    query = text(
        "SELECT action, outcome, coalesce(after ->> 'method', after ->> 'reason', '') FROM audit_entry "
        "WHERE action IN ('session.sign_in', 'session.sign_out', 'break_glass.used') ORDER BY id"
    )
    async with db.transaction() as session:
        return [tuple(row) for row in await session.execute(query)]


async def test_two_steps_and_what_the_first_alone_opens(web: httpx.AsyncClient) -> None:
    app, _ = await _app_of(await _ada())
    first = await _sign_in(web, target="/velocity?last=5")
    assert first.headers["location"] == "/sign-in?step=code"
    assert sessions.COOKIE_NAME not in web.cookies
    half = web.cookies[HALF]
    assert await _me(web) == 401
    web.cookies.set(sessions.COOKIE_NAME, half)
    assert await _me(web) == 401, "the first step's cookie is no session"
    web.cookies.delete(sessions.COOKIE_NAME)
    code = app.at(clock.now())
    wrong = await web.post("/session/second-factor", data={"code": "000000"})
    assert wrong.headers["location"] == "/sign-in?step=code&problem=code"
    second = await web.post("/session/second-factor", data={"code": code})
    assert second.headers["location"] == "/velocity?last=5"
    assert await _me(web) == 200
    assert HALF not in web.cookies
    web.cookies.set(HALF, half)
    again = await web.post("/session/second-factor", data={"code": code})
    assert again.headers["location"] == "/sign-in?problem=late", "taken once"
    assert await _told() == [
        ("session.sign_in", "refused", "wrong code"),
        ("session.sign_in", "done", "password and app"),
    ]


async def test_a_used_code_is_refused_at_the_next_sign_in(web: httpx.AsyncClient) -> None:
    app, codes = await _app_of(await _ada())
    code = app.at(clock.now())
    await _sign_in(web)
    assert (await web.post("/session/second-factor", data={"code": code})).headers["location"] == "/"
    web.cookies.clear()
    await _sign_in(web)
    used = await web.post("/session/second-factor", data={"code": code})
    assert used.headers["location"] == "/sign-in?step=code&problem=code"
    by_recovery = await web.post("/session/second-factor", data={"code": codes[3]})
    assert by_recovery.headers["location"] == "/"
    assert (await _told())[-1] == ("session.sign_in", "done", "password and recovery code")


async def test_a_password_change_ends_a_half_sign_in(web: httpx.AsyncClient) -> None:
    ada = await _ada()
    app, _ = await _app_of(ada)
    await _sign_in(web)
    async with db.transaction() as session:
        await users.set_password(session, user_id=ada.user_id, password="short blue crane 9")
    answer = await web.post("/session/second-factor", data={"code": app.at(clock.now())})
    assert answer.headers["location"] == "/sign-in?problem=late"


async def test_a_role_that_needs_one_sets_it_up_before_anything_else(web: httpx.AsyncClient) -> None:
    await _ada()
    async with db.transaction() as session:
        await sign_in_policy.change(
            session, SYSTEM, local_sign_in=True, second_factor_roles=[Role.MANAGER], now=clock.now()
        )
    first = await _sign_in(web, target="/quality")
    assert first.headers["location"] == "/sign-in?step=enrolment"
    assert await _me(web) == 401
    made = (await web.post("/session/enrolment")).json()["data"]
    wrong = await web.post("/session/enrolment/confirmation", json={"code": "1"})
    assert wrong.status_code == 422
    done = await web.post(
        "/session/enrolment/confirmation", json={"code": TOTP(made["secret"]).at(clock.now())}
    )
    assert done.json()["data"]["next"] == "/quality"
    assert len(done.json()["data"]["recovery_codes"]) == 10
    assert await _me(web) == 200
    assert (await web.post("/session/enrolment")).status_code == 409


async def test_signing_in_makes_a_new_session_and_ends_a_planted_one(web: httpx.AsyncClient) -> None:
    ada = await _ada()
    async with db.transaction() as session:
        planted = await sessions.create(
            session, user_id=ada.user_id, user_agent="", address="", now=clock.now()
        )
    web.cookies.set(sessions.COOKIE_NAME, planted.token)
    answer = await _sign_in(web)
    fresh = answer.cookies[sessions.COOKIE_NAME]
    assert fresh != planted.token
    async with db.transaction() as session:
        assert await sessions.resolve(session, planted.token, now=clock.now()) is None


async def test_showing_again_who_one_is_rotates_the_cookie(web: httpx.AsyncClient) -> None:
    app, _ = await _app_of(await _ada())
    await _sign_in(web)
    await web.post("/session/second-factor", data={"code": app.at(clock.now() - timedelta(seconds=30))})
    old = web.cookies[sessions.COOKIE_NAME]
    async with db.transaction() as session:
        await session.execute(text("UPDATE user_session SET proved_at = proved_at - interval '1 hour'"))
    assert (await web.delete("/api/v1/users/me/second-factor")).status_code == 403
    refused = await web.post("/session/end", data={"which": "others"})
    assert refused.headers["location"] == "/profile?tab=security&problem=proof"
    wrong = await web.post("/session/proof", data={"password": "no", "code": "1"})
    assert wrong.headers["location"].endswith("problem=password")
    half = await web.post("/session/proof", data={"password": PASSWORD, "code": "1"})
    assert half.headers["location"].endswith("problem=code")
    given = await web.post("/session/proof", data={"password": PASSWORD, "code": app.at(clock.now())})
    assert given.headers["location"] == "/profile?tab=security&done=proved"
    assert web.cookies[sessions.COOKIE_NAME] != old
    async with db.transaction() as session:
        assert await sessions.resolve(session, old, now=clock.now()) is None
    assert (await web.delete("/api/v1/users/me/second-factor")).status_code == 204


async def test_changing_the_password_keeps_this_browser_alone(web: httpx.AsyncClient) -> None:
    ada = await _ada()
    await _sign_in(web)
    async with db.transaction() as session:
        await sessions.create(session, user_id=ada.user_id, user_agent="", address="", now=clock.now())
    old, new = web.cookies[sessions.COOKIE_NAME], "short blue crane 9"
    typo = await web.post("/session/password", data={"current": PASSWORD, "new": new, "again": new + "x"})
    assert typo.headers["location"] == "/profile?tab=security&problem=same"
    done = await web.post("/session/password", data={"current": PASSWORD, "new": new, "again": new})
    assert done.headers["location"] == "/profile?tab=security&done=password"
    assert web.cookies[sessions.COOKIE_NAME] != old
    assert await _me(web) == 200
    listed = (await web.get("/api/v1/users/me/sessions")).json()["data"]
    assert [row["current"] for row in listed] == [True]


async def test_an_emergency_link_works_once_and_not_for_long(web: httpx.AsyncClient) -> None:
    await _ada(Role.SUPER_ADMIN)
    async with db.transaction() as session:
        _, token = await unfinished.break_glass(session, email="", now=clock.now())
        _, old = await unfinished.break_glass(session, email=ADA, now=clock.now() - timedelta(minutes=16))
        with pytest.raises(unfinished.NoSuperAdmin):
            await unfinished.break_glass(session, email="rob@example.org", now=clock.now())
    for wrong in ("", "guess", old):
        answer = await web.post("/session/break-glass", data={"token": wrong})
        assert answer.headers["location"] == "/sign-in?problem=late"
    assert (
        (await web.post("/session/second-factor", data={"code": token})).headers["location"].endswith("late")
    )
    assert (await web.post("/session/break-glass", data={"token": token})).headers["location"] == "/"
    assert await _me(web) == 200
    web.cookies.clear()
    assert (
        (await web.post("/session/break-glass", data={"token": token})).headers["location"].endswith("late")
    )
    assert ("session.sign_in", "done", "emergency link") in await _told()


def _break_glass(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sprintreports", "break-glass", "--email", ADA],
        env=os.environ | {"SPRINTREPORTS_DATABASE_URL": url, "SPRINTREPORTS_PUBLIC_URL": HERE},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


async def test_the_command_line_makes_the_link(web: httpx.AsyncClient, pg_url: str) -> None:
    await _ada(Role.SUPER_ADMIN)
    made = _break_glass(pg_url)
    assert made.returncode == 0, made.stderr
    address, _, token = made.stdout.strip().splitlines()[-1].partition("#")
    assert address == f"{HERE}/sign-in?step=emergency"
    assert token not in made.stderr
    assert (await web.post("/session/break-glass", data={"token": token})).headers["location"] == "/"
    assert await _me(web) == 200


async def test_passwords_open_nothing_where_they_are_switched_off(web: httpx.AsyncClient) -> None:
    await _ada()
    async with db.transaction() as session:
        await session.execute(text("UPDATE sign_in_policy SET local_sign_in = false"))
    assert (await _sign_in(web)).headers["location"] == "/sign-in?problem=off"
    form = {"grant_type": "password", "username": ADA, "password": PASSWORD}
    assert (await web.post("/api/v1/auth/token", data=form)).status_code == 400
    assert await _me(web) == 401


async def test_failures_are_written_down_and_grow_slower_but_the_owner_gets_in(
    web: httpx.AsyncClient,
) -> None:
    await _ada()
    assert (await _sign_in(web)).headers["location"] == "/"
    other = httpx.ASGITransport(_app(), client=("203.0.113.5", 1))
    async with http.client(base_url=HERE, transport=other, headers={"Origin": HERE}) as attacker:
        answers = [(await _sign_in(attacker, password=f"guess {n}")).headers["location"] for n in range(8)]
    assert "problem=wrong" in answers[0]
    assert "problem=wait" in answers[-1]
    assert (await _sign_in(web)).headers["location"] == "/", "nobody is locked out by somebody else's guesses"
    reasons = [reason for _, outcome, reason in await _told() if outcome == "refused"]
    assert {"wrong password", "too many tries"} <= set(reasons)


FORMS = ("sign-in", "second-factor", "enrolment", "break-glass", "sign-out", "proof", "password", "end")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": HERE + ".evil.example"},
        {"Origin": "http://reports.test:81"},
        {"Origin": "", "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_forged_forms_do_nothing(web: httpx.AsyncClient, form: str, headers: dict[str, str]) -> None:
    answer = await web.post(f"/session/{form}", data={"login": ADA, "password": PASSWORD}, headers=headers)
    assert answer.headers["location"] == "/sign-in?problem=foreign"
    assert "set-cookie" not in answer.headers


async def test_over_https_cookies_are_bound_to_this_host(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _ada()
    monkeypatch.setenv("SPRINTREPORTS_PUBLIC_URL", "https://reports.test")
    settings_module.reload()
    try:
        transport = httpx.ASGITransport(_app())
        origin = {"Origin": "https://reports.test"}
        async with http.client(base_url="https://reports.test", transport=transport, headers=origin) as web:
            set_cookie = (await _sign_in(web)).headers["set-cookie"]
            assert set_cookie.startswith("__Host-sprintreports_session=")
            assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(set_cookie.split("; "))
            assert "Domain" not in set_cookie
            assert await _me(web) == 200
            web.cookies = httpx.Cookies(
                {"sprintreports_session": web.cookies["__Host-sprintreports_session"]}
            )
            assert await _me(web) == 401, "a name that any neighbour may set is not believed"
    finally:
        monkeypatch.undo()
        settings_module.reload()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "data:text/html,x", "/\t/evil.example", "\t//evil.example", "/\n/evil.example", " //evil.example",
        "/%09/evil.example/..//evil.example".replace("%09", "\t"), "///evil.example", "/\u2028/evil.example", "http:evil.example",
        "/sign-in", "/session/sign-out", "/api/v1/users/me", "//evil.example@reports.test", "/\x00/evil.example", "",
        "\uff0f\uff0fevil.example", "/\u00a0/evil.example", "/.//evil.example/../..//evil.example\\",
    ],
)  # fmt: skip
def test_next_never_leads_elsewhere(target: str) -> None:
    assert local_path(target) == "/"


async def test_a_failure_is_told_in_words_without_a_stack(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the reason is ours alone")

    app = create_api()
    wrapped_in(app)
    monkeypatch.setattr(users, "authenticate", broken)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with http.client(base_url=HERE, transport=transport, headers={"Origin": HERE}) as web:
        failed = await _sign_in(web)
        assert failed.status_code == 500
        assert "Something went wrong on our side" in failed.text
        assert "req_" in failed.text
        assert not any(word in failed.text for word in ("RuntimeError", "ours alone", "Traceback", "broken"))
        unreadable = await _sign_in(web, password="secret of mine " * 100)
        assert unreadable.status_code == 422
        assert "cannot be read" in unreadable.text
        assert "secret of mine" not in unreadable.text
        rest = await web.post("/api/v1/users/me/password", json={})
        assert rest.json()["error"]["code"] in {"UNAUTHENTICATED", "VALIDATION_ERROR"}
