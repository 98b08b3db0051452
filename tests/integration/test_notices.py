"""Notices: who is told what by what happens, reading them, choosing them, and what becomes of them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.api.app import create_api
from sprintreports.identity import (
    housekeeping,
    known_devices,
    notices,
    privacy,
    second_factor,
    sessions,
    tokens,
    users,
)
from sprintreports.identity.clients import keys, registry
from sprintreports.identity.notices import reading
from sprintreports.identity.notices.kinds import ApiKeyMade, AuditBroken, Kind
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits, site_notices, sites
from sprintreports.jira.errors import JiraAnswerInvalid, JiraSignInFailed, JiraUnreachable
from sprintreports.jira.reconciliation import stored
from sprintreports.jira.reconciliation.ours import Place
from sprintreports.jira.sync import runs
from sprintreports.jobs import chores
from sprintreports.kit import clock, db, http
from sprintreports.ui import account_routes, session_routes
from sprintreports.ui.entering import NotFromHere, not_from_here
from tests.integration.jira_site import fill, make_site, rows
from tests.integration.test_reads import sample

HERE = "http://reports.test"
PASSWORD = "tall green yak 7"
SYSTEM = Viewer.system()
MINE = "/api/v1/users/me"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36"
)


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    app: FastAPI = create_api()
    app.include_router(session_routes.router)
    app.include_router(account_routes.router)
    app.add_exception_handler(NotFromHere, not_from_here)
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
    async with http.client(base_url=HERE, transport=transport, headers={"Origin": HERE}) as client:
        yield client


async def person(name: str, role: Role = Role.USER) -> Viewer:
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email=f"{name}@example.org", password=PASSWORD, role=role, name=name
        )
    return Viewer(made.id, name, made.email, role)


async def bearer(viewer: Viewer) -> dict[str, str]:
    async with db.transaction() as session:
        pair = await tokens.issue(session, user_id=viewer.user_id, user_agent="", address="", now=clock.now())
    return {"Authorization": f"Bearer {pair.access_token}"}


async def told(viewer: Viewer) -> list[Kind]:
    """The kinds of all that somebody was told, the first first."""
    async with db.transaction() as session:
        found = await rows(session, f"SELECT kind FROM notice WHERE user_id = {viewer.user_id} ORDER BY id")
    return [Kind(kind) for (kind,) in found]


async def tell(viewer: Viewer, *names: str) -> None:
    async with db.transaction() as session:
        for at, name in enumerate(names, 1):
            await notices.tell(
                session, ApiKeyMade(at, name), to=viewer.user_id, key=f"key:{name}", now=clock.now()
            )


async def test_what_happens_to_an_account_is_told_to_its_owner_alone(api: httpx.AsyncClient) -> None:
    ada, boss = await person("ada"), await person("boss", Role.SUPER_ADMIN)
    async with db.transaction() as session:
        await keys.create(
            session, ada, name="Nightly", scopes=frozenset({Permission.SPRINTS_READ}), now=clock.now()
        )
    headers = await bearer(boss)
    there = f"/api/v1/users/{ada.user_id}"
    for method, path, body in (
        ("PATCH", there, {"name": "Ada King"}),
        ("PATCH", there, {"email": "king@example.org"}),
        ("PUT", f"{there}/grants", {"role": "manager"}),
        ("POST", f"{there}/password-reset", None),
    ):
        assert (await api.request(method, path, json=body, headers=headers)).status_code < 300, path
    assert await told(ada) == [Kind.API_KEY_MADE, Kind.SIGN_IN_NAME, Kind.ROLE, Kind.PASSWORD]
    assert await told(boss) == []
    refused = await api.put(f"/api/v1/users/{boss.user_id}/grants", json={"role": "viewer"}, headers=headers)
    assert refused.status_code == 409
    assert await told(boss) == [], "what was refused was not done"


async def test_a_recovery_code_is_told_with_how_many_are_left(pg_url: str) -> None:
    ada = await person("ada")
    async with db.transaction() as session:
        now = clock.now()
        secret = (await second_factor.begin(session, ada, now=now)).secret
        code = second_factor.TOTP(secret).at(now)
        codes = await second_factor.confirm(session, ada, code=code, now=now)
        assert isinstance(codes, list)
        await second_factor.check(session, user_id=ada.user_id, code="nonsense", now=now)
        assert (await second_factor.check(session, user_id=ada.user_id, code=codes[0], now=now)).passed
        texts = [one.words.text for one in (await reading.listing(session, ada)).items]
    assert await told(ada) == [Kind.SECOND_FACTOR, Kind.RECOVERY_CODE_USED]
    assert any(f"{len(codes) - 1} of your recovery codes" in one for one in texts)


async def test_a_sign_in_is_told_where_the_device_or_network_is_new(api: httpx.AsyncClient) -> None:
    ada = await person("ada")

    async def sign_in(agent: str) -> None:
        form = {"login": ada.email, "password": PASSWORD}
        answer = await api.post("/session/sign-in", data=form, headers={"User-Agent": agent})
        assert answer.headers["location"] == "/", answer.text

    await sign_in(FIREFOX)
    await sign_in(FIREFOX.replace("130.0", "131.0"))
    assert await told(ada) == [], "the first device is no news, and neither is its next version"
    await sign_in(CHROME)
    async with db.transaction() as session:
        last = (await reading.listing(session, ada)).items[0]
        elsewhere = {"user_id": ada.user_id, "user_agent": CHROME, "address": "203.0.113.9"}
        await known_devices.signed_in(session, **elsewhere, now=clock.now())
        await known_devices.signed_in(session, **elsewhere, now=clock.now())
    assert last.words.text.startswith("Chrome on Linux at 192.0.2.7.")
    assert await told(ada) == [Kind.NEW_DEVICE] * 2
    grant = {"grant_type": "password", "username": ada.email, "password": PASSWORD}
    assert (await api.post("/api/v1/auth/token", data=grant)).status_code == 200
    assert await told(ada) == [Kind.NEW_DEVICE] * 3


async def test_keys_that_end_within_a_week_are_told_once_unless_it_is_not_wanted(
    api: httpx.AsyncClient,
) -> None:
    ada, eve = await person("ada"), await person("eve")
    headers, off = await bearer(eve), {"wanted": {"api_key_ends": False}}
    assert (await api.put(f"{MINE}/notice-choices", json=off, headers=headers)).status_code == 200
    scopes, now = frozenset({Permission.SPRINTS_READ}), clock.now()
    async with db.transaction() as session:
        for viewer in (ada, eve):
            for days in (5, 30):
                await keys.create(session, viewer, name=f"{days}", scopes=scopes, days=days, now=now)
        assert await keys.tell_ending(session, now=now) == 0
        assert await keys.tell_ending(session, now=now + timedelta(days=24)) == 1
        assert await keys.tell_ending(session, now=now + timedelta(days=25)) == 0
        assert (await reading.listing(session, ada)).items[0].words.text.startswith("“30” is good until")
    assert Kind.API_KEY_ENDS not in await told(eve)


async def test_those_who_manage_sites_are_told_once_that_a_jira_cannot_be_read(pg_url: str) -> None:
    admin, boss = await person("admin", Role.ADMIN), await person("boss", Role.SUPER_ADMIN)
    mia = await person("mia", Role.MANAGER)
    async with db.transaction() as session:
        await registry.register(
            session, SYSTEM, name="Robot", scopes=frozenset({Permission.SPRINTS_READ}), confidential=True,
            redirect_uris=[], role=Role.ADMIN, now=clock.now(),
        )  # fmt: skip
        site_id = (await make_site(session)).site_id
        for _ in range(circuits.THRESHOLD - 1):
            await circuits.heard(session, site_id, JiraUnreachable("x"), now=clock.now())
    assert await told(admin) == []
    async with db.transaction() as session:
        for error in (JiraUnreachable("x"), JiraUnreachable("x"), JiraSignInFailed()):
            await circuits.heard(session, site_id, error, now=clock.now())
    assert await told(admin) == await told(boss) == [Kind.SITE_UNREADABLE]
    assert await told(mia) == []
    async with db.transaction() as session:
        assert await rows(session, "SELECT count(*) FROM notice") == [(2,)], "no program is told anything"
        site = await sites.load(session, site_id)
        await circuits.heard(session, site_id, None, now=clock.now())
        site.last_synced_at = clock.now()
        await session.flush()
        await circuits.heard(session, site_id, JiraSignInFailed(), now=clock.now())
        last = (await reading.listing(session, admin)).items[0]
    assert await told(admin) == [Kind.SITE_UNREADABLE] * 2
    assert last.words.text.endswith("It is not asked again until you act.")
    assert last.words.page == f"/site?site={site_id}"


async def test_the_third_failed_run_in_a_row_is_told(pg_url: str) -> None:
    admin = await person("admin", Role.ADMIN)
    async with db.transaction() as session:
        site_id = (await make_site(session)).site_id
        for at, state in enumerate(("failed", "done", "failed", "failed", "failed", "failed"), 1):
            run_id = (await rows(session, f"INSERT INTO sync_run (site_id, mode, state, phase) VALUES ({site_id}, 'incremental', 'running', 'issues') RETURNING id"))[0][0]  # fmt: skip
            run = await runs.start(session, run_id, now=clock.now())
            assert run is not None
            error = JiraAnswerInvalid("/search", "It is cut off.") if state == "failed" else None
            await runs.end(session, run, state, error=error, request_id="", now=clock.now())
            found = (await reading.listing(session, admin)).total
            assert found == (1 if at >= 5 else 0), f"run {at}"


async def test_a_board_that_differs_is_told_again_when_more_of_it_does(pg_url: str) -> None:
    admin = await person("admin", Role.ADMIN)
    async with db.transaction() as session:
        site = await make_site(session)
        await fill(session, site, sample())
        board = (await rows(session, "SELECT jira_board_id FROM board LIMIT 1"))[0][0]

        async def compared(sprint: int, *, equal: bool) -> None:
            place = Place(site.site_id, board, sprint)
            await stored.keep_problem(session, place, "", now=clock.now())
            await stored.keep_outcome(
                session, place, facts=None, equal=equal, issues=9, differing=int(not equal)
            )
            await site_notices.compared(session, site.site_id, board, now=clock.now())

        for sprint, equal, expected in ((1, True, 0), (2, False, 1), (2, False, 1), (3, False, 2)):
            await compared(sprint, equal=equal)
            assert (await reading.listing(session, admin)).total == expected, sprint
        assert "2 of 3 compared sprints" in (await reading.listing(session, admin)).items[0].words.title


async def test_a_chain_that_has_lost_entries_is_told_to_admins(
    pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPRINTREPORTS_DATA_DIR", str(tmp_path))
    settings_module.reload()
    admin, ada = await person("admin", Role.ADMIN), await person("ada")
    await chores.seal()
    async with db.transaction() as session:
        for statement in (
            "ALTER TABLE audit_seal DISABLE TRIGGER USER",
            "UPDATE audit_seal SET hash = '\\x00' WHERE position = (SELECT max(position) FROM audit_seal)",
        ):
            await session.execute(text(statement))
    await person("eve")  # something to seal
    await chores.seal()
    await person("eva")
    await chores.seal()
    assert await told(admin) == [Kind.AUDIT_BROKEN]
    assert await told(ada) == []


async def test_notices_are_listed_read_and_kept_apart(api: httpx.AsyncClient) -> None:
    ada, eve = await person("ada"), await person("eve")
    await tell(ada, "One", "Two", "Three")
    await tell(eve, "Hers")
    headers = await bearer(ada)
    first = (await api.get(f"{MINE}/notices?per_page=2", headers=headers)).json()
    assert [one["text"][:7] for one in first["data"]] == ["“Three”", "“Two” a"]
    assert (first["meta"]["total"], first["links"]["next"] is None) == (3, False)
    theirs = (await api.get(f"{MINE}/notices", headers=await bearer(eve))).json()["data"][0]
    assert (await api.post(f"{MINE}/notices/{theirs['id']}/read", headers=headers)).status_code == 404
    newest = first["data"][0]["id"]
    read = (await api.post(f"{MINE}/notices/{newest}/read", headers=headers)).json()["data"]
    assert read["read_at"] is not None
    again = (await api.post(f"{MINE}/notices/{newest}/read", headers=headers)).json()["data"]
    assert again["read_at"] == read["read_at"]
    unread = (await api.get(f"{MINE}/notices?unread=true&sort=kind", headers=headers)).json()
    assert unread["meta"]["total"] == 2
    async with db.transaction() as session:
        assert await reading.unread(session, ada) == 2
    assert (await api.post(f"{MINE}/notices/read", headers=headers)).json()["data"] == {"read": 2}
    async with db.transaction() as session:
        assert (await reading.unread(session, ada), await reading.unread(session, eve)) == (0, 1)


async def test_a_bell_counts_no_further_than_it_says(pg_url: str) -> None:
    ada = await person("ada")
    await tell(ada, *(f"{n}" for n in range(reading.MOST_COUNTED + 5)))
    async with db.transaction() as session:
        assert await reading.unread(session, ada) == reading.MOST_COUNTED
        await notices.tell(session, ApiKeyMade(1, "0"), to=ada.user_id, key="key:0", now=clock.now())
        assert (await reading.listing(session, ada)).total == reading.MOST_COUNTED + 5, "told once"


async def test_choices_keep_what_is_about_security_and_leave_an_audit_entry(api: httpx.AsyncClient) -> None:
    ada, admin = await person("ada"), await person("admin", Role.ADMIN)
    headers = await bearer(ada)
    shown = (await api.get(f"{MINE}/notice-choices", headers=headers)).json()["data"]["choices"]
    optional = ["api_key_ends", "delivery_stopped", "schedule_paused"]
    assert [one["kind"] for one in shown if not one["always"]] == optional
    assert {(one["channel"], one["wanted"]) for one in shown} == {("app", True)}
    for kind in ("password", "site_unreadable"):
        answer = await api.put(f"{MINE}/notice-choices", json={"wanted": {kind: False}}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, kind)
    for wanted in (False, False, True):
        answer = await api.put(
            f"{MINE}/notice-choices", json={"wanted": {"api_key_ends": wanted}}, headers=headers
        )
        kept = {one["kind"]: one["wanted"] for one in answer.json()["data"]["choices"]}
        assert kept["api_key_ends"] is wanted
    async with db.transaction() as session:
        entries = await rows(
            session, "SELECT before, after FROM audit_entry WHERE action = 'user.changed' ORDER BY id"
        )
    name = "notice.api_key_ends"
    assert entries == [({name: True}, {name: False}), ({name: False}, {name: True})]
    of_admins = (await api.get(f"{MINE}/notice-choices", headers=await bearer(admin))).json()["data"]
    assert len(of_admins["choices"]) == len(Kind)


async def test_who_is_no_admin_any_more_sees_nothing_of_sites(pg_url: str) -> None:
    admin = await person("admin", Role.ADMIN)
    async with db.transaction() as session:
        broken = AuditBroken(7)
        assert (
            await notices.tell(session, broken, to=Permission.SETTINGS_WRITE, key="a", now=clock.now()) == 1
        )
        assert await reading.unread(session, admin) == 1
        before = Viewer(admin.user_id, admin.name, admin.email, Role.VIEWER)
        assert (await reading.unread(session, before), (await reading.listing(session, before)).total) == (
            0,
            0,
        )


async def test_notices_end_after_90_days_and_with_their_owner(pg_url: str) -> None:
    ada, boss = await person("ada"), await person("boss", Role.SUPER_ADMIN)
    await tell(ada, "One")
    async with db.transaction() as session:
        now = clock.now()
        opened = await sessions.create(
            session, user_id=ada.user_id, user_agent=FIREFOX, address="192.0.2.7", now=now
        )
        assert opened.token
        await known_devices.signed_in(
            session, user_id=ada.user_id, user_agent=FIREFOX, address="192.0.2.7", now=now
        )
        await housekeeping.purge(session, now=now + timedelta(days=89))
        shown = await privacy.personal_data(session, ada, ada.user_id)
        assert shown["notice"][0]["parts"] == {"key_id": 1, "name": "One"}
        assert shown["known_device"][0]["device"] == "Firefox on Windows"
        await housekeeping.purge(session, now=now + timedelta(days=91))
        assert await rows(session, "SELECT count(*) FROM notice") == [(0,)]
    await tell(ada, "Two")
    async with db.transaction() as session:
        await privacy.erase(session, boss, ada.user_id, now=clock.now())
        for table in ("notice", "known_device", "notice_choice"):
            assert await rows(session, f"SELECT count(*) FROM {table}") == [(0,)], table
