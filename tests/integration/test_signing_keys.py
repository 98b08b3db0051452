"""Access tokens that were not made by us, or not as access tokens, are nothing; the keys that sign them rotate."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, OKPKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import signing, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jobs import chores
from sprintreports.kit import clock, db
from tests.integration import clients_support as support

NOW = datetime(2025, 3, 3, 9, tzinfo=UTC)
SYSTEM = Viewer.system()


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _head(token: str) -> dict[str, str]:
    head = token.split(".", maxsplit=1)[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


@pytest_asyncio.fixture
async def token(db_session: AsyncSession) -> AsyncIterator[str]:
    yield await signing.sign(db_session, {"sub": "7"}, now=NOW)


async def test_what_we_signed_is_read_back_and_its_claims_are_the_callers_own(
    db_session: AsyncSession, token: str
) -> None:
    found = await signing.verify(db_session, token)
    assert found is not None
    assert found.claims == {"sub": "7"}
    found.claims["sub"] = "8"
    again = await signing.verify(db_session, token)
    assert again is not None
    assert again.claims == {"sub": "7"}
    assert _head(token) == {"alg": "Ed25519", "typ": "at+jwt", "kid": found.kid}


async def test_changed_unsigned_symmetric_and_foreign_tokens_are_refused(
    db_session: AsyncSession, token: str
) -> None:
    head, _, signature = token.split(".")
    kid = _head(token)["kid"]
    forged = {"sub": "8"}
    assert await signing.verify(db_session, f"{head}.{_part(forged)}.{signature}") is None
    none = _part({"alg": "none", "typ": "at+jwt", "kid": kid})
    assert await signing.verify(db_session, f"{none}.{_part(forged)}.") is None
    header = {"alg": "HS256", "typ": "at+jwt", "kid": kid}
    assert await signing.verify(db_session, jwt.encode(header, forged, OctKey.generate_key(256))) is None
    for name in (kid, OKPKey.generate_key("Ed25519").thumbprint()):
        other = OKPKey.generate_key("Ed25519")
        header = {"alg": "Ed25519", "typ": "at+jwt", "kid": name}
        made = jwt.encode(header, forged, other, algorithms=["Ed25519"])
        assert await signing.verify(db_session, made) is None
        header |= {"jwk": other.as_dict(private=False)}
        embedded = jwt.encode(header, forged, other, algorithms=["Ed25519"])
        assert await signing.verify(db_session, embedded) is None


async def test_noise_is_refused(db_session: AsyncSession) -> None:
    odd_kid = _part({"alg": "Ed25519", "kid": "\0" * 43})
    deep = base64.urlsafe_b64encode(b"[" * 5000).decode()
    for noise in (
        "",
        ".",
        "..",
        "a.b.c",
        "\0",
        "x" * 10_000,
        "ü.ü.ü",
        "\ud800",
        f"{odd_kid}.e30.x",
        f"{deep}.a.b",
    ):
        assert await signing.verify(db_session, noise) is None


async def _issued(session: AsyncSession, now: datetime = NOW) -> tokens.TokenPair:
    made = await users.create(
        session, SYSTEM, email="ada@example.org", password=support.PASSWORD, role=Role.VIEWER
    )
    return await tokens.issue(session, user_id=made.id, user_agent="", address="", now=now)


async def _kids(session: AsyncSession, now: datetime) -> list[str]:
    return [key["kid"] for key in await signing.published(session, now=now)]


async def test_after_a_rotation_the_old_key_verifies_until_its_tokens_are_over(
    db_session: AsyncSession,
) -> None:
    pair = await _issued(db_session)
    old = await _kids(db_session, NOW)
    new = await signing.rotate(db_session, SYSTEM, now=NOW)
    assert set(await _kids(db_session, NOW)) == {new, *old}
    assert await tokens.resolve(db_session, pair.access_token, now=NOW + timedelta(minutes=29))
    renewed = await tokens.refresh(db_session, pair.refresh_token, now=NOW + timedelta(minutes=1))
    assert renewed is not None
    assert _head(renewed.access_token)["kid"] == new
    assert await _kids(db_session, NOW + timedelta(minutes=36)) == [new]
    entries = (
        "SELECT subject_id FROM audit_entry WHERE action = 'signing_key.rotated' ORDER BY id DESC LIMIT 1"
    )
    assert await db_session.scalar(text(entries)) == old[0]


async def test_a_key_in_wrong_hands_ends_at_once_with_all_its_tokens(db_session: AsyncSession) -> None:
    pair = await _issued(db_session)
    await signing.rotate(db_session, SYSTEM, now=NOW)
    second = await tokens.refresh(db_session, pair.refresh_token, now=NOW)
    assert second is not None
    last = await signing.rotate(db_session, SYSTEM, now=NOW, at_once=True)
    assert await _kids(db_session, NOW) == [last]
    for token in (pair.access_token, second.access_token):
        assert await tokens.resolve(db_session, token, now=NOW) is None
    third = await tokens.refresh(db_session, second.refresh_token, now=NOW)
    assert third is not None
    assert await tokens.resolve(db_session, third.access_token, now=NOW)


async def test_a_key_signs_for_ninety_days_and_is_forgotten_later(db_session: AsyncSession) -> None:
    await signing.sign(db_session, {"sub": "7"}, now=NOW)
    first = await _kids(db_session, NOW)
    assert not await signing.rotate_when_due(db_session, SYSTEM, now=NOW + timedelta(days=89))
    due = NOW + timedelta(days=90)
    assert await signing.rotate_when_due(db_session, SYSTEM, now=due)
    assert not await signing.rotate_when_due(db_session, SYSTEM, now=due)
    assert set(await _kids(db_session, due)) > set(first)
    await signing.rotate_when_due(db_session, SYSTEM, now=due + timedelta(days=31))
    kept = await db_session.execute(text("SELECT kid FROM signing_key"))
    assert set(kept.scalars()).isdisjoint(first)


async def test_the_private_key_is_stored_sealed(db_session: AsyncSession, token: str) -> None:
    row = (await db_session.execute(text("SELECT private_sealed, public_key FROM signing_key"))).one()
    assert bytes(row[0])[:1] == b"\x01"
    assert len(bytes(row[0])) == 1 + 4 + 12 + 32 + 16
    assert len(bytes(row[1])) == 32


async def test_others_check_our_tokens_with_the_published_keys(pg_url: str) -> None:
    async with db.transaction() as session:
        pair = await _issued(session)
    async with support.serving() as api:
        answer = await api.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "d" not in answer.json()["keys"][0]
    decoded = jwt.decode(pair.access_token, KeySet.import_key_set(answer.json()), algorithms=["Ed25519"])
    assert decoded.claims["iss"] == support.HERE


async def test_two_processes_at_once_make_one_first_key(pg_url: str) -> None:
    async def attempt() -> str:
        async with db.transaction() as session:
            return _head(await signing.sign(session, {}, now=NOW))["kid"]

    assert len(set(await asyncio.gather(*(attempt() for _ in range(4))))) == 1


@pytest.mark.parametrize("at_once", [False, True])
async def test_rotating_before_the_first_token_makes_a_key(db_session: AsyncSession, at_once: bool) -> None:
    await db_session.execute(text("DELETE FROM signing_key"))
    kid = await signing.rotate(db_session, SYSTEM, now=NOW, at_once=at_once)
    assert await _kids(db_session, NOW) == [kid]


async def test_the_chores_rotate_a_key_that_is_due(pg_url: str) -> None:
    async with db.transaction() as session:
        await signing.sign(session, {}, now=clock.now() - timedelta(days=91))
        old = await _kids(session, clock.now())
    await chores.tidy()
    async with db.transaction() as session:
        kids = await _kids(session, clock.now())
    assert (len(kids), set(old) < set(kids)) == (2, True)


@pytest.mark.parametrize("arguments", [(), ("--at-once",)])
async def test_the_command_rotates_and_says_what_holds(pg_url: str, arguments: tuple[str, ...]) -> None:
    async with db.transaction() as session:
        token = (await _issued(session, now=clock.now())).access_token
    command = [sys.executable, "-m", "sprintreports", "rotate-signing-key", *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, env=os.environ | {"SPRINTREPORTS_DATABASE_URL": pg_url}, capture_output=True,
        text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    async with db.transaction() as session:
        kids = await _kids(session, clock.now())
        held = await tokens.resolve(session, token, now=clock.now())
    assert kids[0] in done.stdout
    assert (held is None, len(kids)) == ((True, 1) if arguments else (False, 2))
