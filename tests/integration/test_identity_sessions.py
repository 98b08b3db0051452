"""Browser sessions and the tokens of API clients: what opens, what ends, and when."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.identity import housekeeping, secret_tokens, sessions, signing, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db

NOW = datetime(2025, 3, 3, 9, tzinfo=UTC)
PASSWORD = "tall green yak 7"
SYSTEM = Viewer.system()


async def _user(session) -> int:
    made = await users.create(session, SYSTEM, email="ada@example.org", password=PASSWORD, role=Role.MANAGER)
    return made.id


async def _open(session, user_id: int, *, now: datetime = NOW) -> str:
    made = await sessions.create(
        session, user_id=user_id, user_agent="Browser\0 1", address="192.0.2.1", now=now
    )
    return made.token


async def _issue(session, user_id: int, *, now: datetime = NOW) -> tokens.TokenPair:
    return await tokens.issue(session, user_id=user_id, user_agent="curl", address="192.0.2.1", now=now)


async def test_a_session_resolves_to_its_user_and_is_stored_hashed(db_session) -> None:
    user_id = await _user(db_session)
    token = await _open(db_session, user_id)
    found = await sessions.resolve(db_session, token, now=NOW)
    assert found is not None
    assert (found.viewer.user_id, found.viewer.role) == (user_id, Role.MANAGER)
    stored = (await db_session.execute(text("SELECT token_hash, user_agent FROM user_session"))).one()
    assert bytes(stored[0]) == secret_tokens.hash_token(token)
    assert stored[1] == "Browser 1"


@pytest.mark.parametrize("token", [None, "", "x", "\0", "\ud800", "a" * 5000])
async def test_other_values_resolve_to_nobody(db_session, token: str | None) -> None:
    await _open(db_session, await _user(db_session))
    assert await sessions.resolve(db_session, token, now=NOW) is None


async def test_a_session_ends_when_idle_and_at_its_absolute_end(db_session) -> None:
    user_id = await _user(db_session)
    token = await _open(db_session, user_id)
    assert await sessions.resolve(db_session, token, now=NOW + timedelta(hours=11, minutes=59))
    now = NOW + timedelta(hours=23)
    assert await sessions.resolve(db_session, token, now=now)
    assert await sessions.resolve(db_session, token, now=now + timedelta(hours=12, minutes=1)) is None
    while now < NOW + timedelta(days=7):
        assert await sessions.resolve(db_session, token, now=now)
        now += timedelta(hours=11)
    assert await sessions.resolve(db_session, token, now=now) is None
    assert await sessions.purge(db_session, now=now) == 1


async def test_resolving_writes_at_most_once_a_minute(db_session) -> None:
    token = await _open(db_session, await _user(db_session))
    seen = text("SELECT last_seen_at FROM user_session")
    await sessions.resolve(db_session, token, now=NOW + timedelta(seconds=59))
    assert (await db_session.execute(seen)).scalar_one() == NOW
    await sessions.resolve(db_session, token, now=NOW + timedelta(seconds=61))
    assert (await db_session.execute(seen)).scalar_one() == NOW + timedelta(seconds=61)


async def test_what_a_page_does_by_itself_keeps_no_session_alive(db_session) -> None:
    token = await _open(db_session, await _user(db_session))
    for hours in range(1, 12):
        assert await sessions.resolve(db_session, token, now=NOW + timedelta(hours=hours), notes=False)
    assert await sessions.resolve(db_session, token, now=NOW + timedelta(hours=12, minutes=1)) is None


async def test_both_ends_are_settings(db_session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRINTREPORTS_SESSION_IDLE_MINUTES", "60")
    monkeypatch.setenv("SPRINTREPORTS_SESSION_LONGEST_HOURS", "2")
    settings_module.reload()
    try:
        token = await _open(db_session, await _user(db_session))
        assert await sessions.resolve(db_session, token, now=NOW + timedelta(minutes=59))
        assert await sessions.resolve(db_session, token, now=NOW + timedelta(minutes=118))
        assert await sessions.resolve(db_session, token, now=NOW + timedelta(minutes=121)) is None, "too long"
        eve = await users.create(
            db_session, SYSTEM, email="eve@example.org", password=PASSWORD, role=Role.USER
        )
        idle = await _open(db_session, eve.id)
        assert await sessions.resolve(db_session, idle, now=NOW + timedelta(minutes=61)) is None, "not used"
    finally:
        monkeypatch.undo()
        settings_module.reload()


async def test_giving_the_password_again_makes_the_cookie_a_new_one(db_session) -> None:
    token = await _open(db_session, await _user(db_session))
    later = NOW + timedelta(minutes=11)
    before = await sessions.resolve(db_session, token, now=later)
    assert before is not None
    assert not before.proved_lately(later)
    fresh = await sessions.prove(db_session, before.id, now=later)
    after = await sessions.resolve(db_session, fresh, now=later)
    assert after is not None
    assert (after.id, after.proved_lately(later)) == (before.id, True)
    assert await sessions.resolve(db_session, token, now=later) is None


async def test_signing_out_ends_one_or_all(db_session) -> None:
    user_id = await _user(db_session)
    one, two, three = [await _open(db_session, user_id) for _ in range(3)]
    assert await sessions.end(db_session, one)
    assert not await sessions.end(db_session, one)
    listed = await sessions.listing(db_session, user_id=user_id, now=NOW)
    assert len(listed) == 2
    assert not await sessions.end_one(db_session, user_id=user_id + 1, session_id=listed[0].id)
    kept = await sessions.resolve(db_session, two, now=NOW)
    assert kept is not None
    await sessions.end_all(db_session, user_id=user_id, but=kept.id)
    assert await sessions.resolve(db_session, three, now=NOW) is None
    assert await sessions.resolve(db_session, two, now=NOW)


def test_the_cookie_is_unseen_by_scripts() -> None:
    options = sessions.cookie_options(secure=True)
    assert (options["key"], options["httponly"], options["samesite"], options["secure"]) == (
        "__Host-sprintreports_session",
        True,
        "lax",
        True,
    )


async def test_an_access_token_lives_half_an_hour(db_session) -> None:
    user_id = await _user(db_session)
    pair = await _issue(db_session, user_id)
    assert pair.expires_in == 1800
    viewer = await tokens.resolve(db_session, pair.access_token, now=NOW + timedelta(minutes=29))
    assert viewer is not None
    assert viewer.user_id == user_id
    assert await tokens.resolve(db_session, pair.access_token, now=NOW + timedelta(minutes=30)) is None


async def test_roles_and_ends_take_effect_at_once(db_session) -> None:
    user_id = await _user(db_session)
    pair = await _issue(db_session, user_id)
    await users.set_role(db_session, SYSTEM, user_id=user_id, role=Role.VIEWER)
    assert await tokens.resolve(db_session, pair.access_token, now=NOW) is None
    assert await tokens.refresh(db_session, pair.refresh_token, now=NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "else"},
        {"iss": "else"},
        {"exp": None},
        {"fam": "x"},
        {"fam": None},
        {"sub": "0x7"},
        {"sub": 7},
    ],
)
async def test_claims_must_be_ours(db_session, changes: dict[str, object]) -> None:
    pair = await _issue(db_session, await _user(db_session))
    verified = await signing.verify(db_session, pair.access_token)
    assert verified is not None
    same = await signing.sign(db_session, verified.claims, now=NOW)
    assert await tokens.resolve(db_session, same, now=NOW)
    other = await signing.sign(db_session, verified.claims | changes, now=NOW)
    assert await tokens.resolve(db_session, other, now=NOW) is None


async def test_a_token_of_one_user_does_not_become_another(db_session) -> None:
    first = await _issue(db_session, await _user(db_session))
    other = await users.create(
        db_session, SYSTEM, email="eve@example.org", password=PASSWORD, role=Role.SUPER_ADMIN
    )
    verified = await signing.verify(db_session, first.access_token)
    assert verified is not None
    mixed = await signing.sign(db_session, verified.claims | {"sub": str(other.id)}, now=NOW)
    assert await tokens.resolve(db_session, mixed, now=NOW) is None


async def test_refresh_tokens_rotate_and_a_second_use_ends_the_family(db_session) -> None:
    user_id = await _user(db_session)
    first = await _issue(db_session, user_id)
    bystander = await _issue(db_session, user_id)
    second = await tokens.refresh(db_session, first.refresh_token, now=NOW)
    assert second is not None
    assert second.refresh_token != first.refresh_token
    assert await tokens.resolve(db_session, second.access_token, now=NOW)
    assert await tokens.refresh(db_session, first.refresh_token, now=NOW) is None
    assert await tokens.refresh(db_session, second.refresh_token, now=NOW) is None
    assert await tokens.resolve(db_session, second.access_token, now=NOW) is None
    assert await tokens.resolve(db_session, bystander.access_token, now=NOW)


async def test_a_refresh_token_lives_seven_days_and_a_family_thirty(db_session) -> None:
    pair = await _issue(db_session, await _user(db_session))
    assert await tokens.refresh(db_session, pair.refresh_token, now=NOW + timedelta(days=7)) is None
    now, rounds = NOW, 0
    renewed: tokens.TokenPair | None = pair
    while renewed is not None:
        now, rounds = now + timedelta(days=6), rounds + 1
        renewed = await tokens.refresh(db_session, renewed.refresh_token, now=now)
    assert rounds == 5


async def test_two_refreshes_at_once_do_not_both_succeed(pg_url) -> None:
    async with db.transaction() as session:
        pair = await _issue(session, await _user(session))

    async def attempt() -> tokens.TokenPair | None:
        async with db.transaction() as session:
            return await tokens.refresh(session, pair.refresh_token, now=NOW)

    outcomes = await asyncio.gather(*(attempt() for _ in range(6)))
    assert sum(outcome is not None for outcome in outcomes) == 1


async def test_revoking_any_token_ends_its_family(db_session) -> None:
    user_id = await _user(db_session)
    for choose in ("access_token", "refresh_token"):
        pair = await _issue(db_session, user_id)
        await tokens.revoke(db_session, getattr(pair, choose), now=NOW)
        assert await tokens.resolve(db_session, pair.access_token, now=NOW) is None
        assert await tokens.refresh(db_session, pair.refresh_token, now=NOW) is None
    await tokens.revoke(db_session, "unknown", now=NOW)
    last = await _issue(db_session, user_id)
    await tokens.revoke_all(db_session, user_id=user_id, now=NOW)
    assert await tokens.resolve(db_session, last.access_token, now=NOW) is None


async def test_old_families_are_forgotten(db_session) -> None:
    await _issue(db_session, await _user(db_session))
    count = text("SELECT count(*) FROM refresh_token")
    await tokens.purge(db_session, now=NOW + timedelta(days=59))
    assert (await db_session.execute(count)).scalar_one() == 1
    await housekeeping.purge(db_session, now=NOW + timedelta(days=61))
    assert (await db_session.execute(count)).scalar_one() == 0
