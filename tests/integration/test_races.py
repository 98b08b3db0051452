"""What must happen once happens once, also when it is asked for several times in the same instant."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import (
    accounts,
    grants,
    invitations,
    passwords,
    privacy,
    proof,
    second_factor,
    sessions,
    tokens,
    unfinished,
    users,
)
from sprintreports.identity.clients import codes
from sprintreports.identity.permissions import Role
from sprintreports.identity.unfinished import Step
from sprintreports.identity.users import LastSuperAdmin
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.kit.errors import SprintReportsError
from tests.integration.clients_support import BACK, READ, VERIFIER, challenge, person, registered

T = TypeVar("T")
PASSWORD, OTHER = "tall green yak 7", "short blue crane 9"
SYSTEM = Viewer.system()
TIMES = 4


async def at_once(work: Callable[[AsyncSession], Awaitable[T]], times: int = TIMES) -> list[T | None]:
    """Each try in a transaction of its own; None for one that was refused."""

    async def attempt() -> T | None:
        try:
            async with db.transaction() as session:
                return await work(session)
        except SprintReportsError:
            return None

    return list(await asyncio.gather(*(attempt() for _ in range(times))))


def succeeded(outcomes: list[T | None]) -> int:
    return sum(outcome is not None for outcome in outcomes)


async def viewer_of(user_id: int) -> Viewer:
    async with db.transaction() as session:
        user = await users.one(session, user_id)
    return Viewer(user.id, user.name, user.email, user.role)


async def test_an_invitation_is_used_once(pg_url: str) -> None:
    async with db.transaction() as session:
        _, link = await invitations.invite(
            session, SYSTEM, email="new@example.org", role=Role.USER, now=clock.now()
        )
    used = await at_once(
        lambda session: invitations.use(session, token=link.token, password=PASSWORD, now=clock.now())
    )
    assert succeeded(used) == 1


async def test_a_recovery_code_is_used_once(pg_url: str) -> None:
    viewer = await viewer_of(await person())
    async with db.transaction() as session:
        await session.execute(
            text("INSERT INTO second_factor (user_id, secret, confirmed_at) VALUES (:id, :none, now())"),
            {"id": viewer.user_id, "none": b"-"},
        )
        codes_now = await second_factor.renew_codes(session, viewer, now=clock.now())
    assert all(len(code.replace("-", "")) * 5 >= 128 for code in codes_now), "bits of each"
    found = await at_once(
        lambda session: second_factor.check(
            session, user_id=viewer.user_id, code=codes_now[0], now=clock.now(), address="192.0.2.1"
        )
    )
    assert sum(one is not None and one.passed for one in found) == 1


async def test_an_authorization_code_is_exchanged_once(pg_url: str) -> None:
    viewer = await viewer_of(await person())
    client = (await registered()).client
    async with db.transaction() as session:
        code = await codes.issue(
            session, viewer, client, redirect_uri=BACK, challenge=challenge(), scopes=READ, now=clock.now()
        )
    came = codes.From("", "192.0.2.1")
    pairs = await at_once(
        lambda session: codes.redeem(
            session, client, code, redirect_uri=BACK, verifier=VERIFIER, came=came, now=clock.now()
        )
    )
    assert succeeded(pairs) == 1
    pair = next(one for one in pairs if one is not None)
    async with db.transaction() as session:
        assert await tokens.resolve(session, pair.access_token, now=clock.now()) is None, "used twice: ended"


async def test_an_emergency_link_signs_in_once(pg_url: str) -> None:
    await person(Role.SUPER_ADMIN)
    async with db.transaction() as session:
        _, token = await unfinished.break_glass(session, email="", now=clock.now())

    async def use(session: AsyncSession) -> bool | None:
        found = await unfinished.resolve(session, token, now=clock.now())
        if found is None:
            return None
        await unfinished.finish(session, found)
        return True

    assert succeeded(await at_once(use)) == 1


Removal = Callable[[AsyncSession, Viewer, int], Awaitable[object]]
REMOVALS: dict[str, Removal] = {
    "role": lambda session, by, who: users.set_role(session, by, user_id=who, role=Role.VIEWER),
    "grants": lambda session, by, who: grants.give(
        session, by, user_id=who, everywhere=Role.VIEWER, limited=[]
    ),
    "activity": lambda session, by, who: users.set_active(session, by, user_id=who, active=False),
    "deletion": lambda session, by, who: accounts.delete(session, by, user_id=who, now=clock.now()),
    "erasure": lambda session, by, who: privacy.erase(session, by, who, now=clock.now()),
}


@pytest.mark.parametrize("how", REMOVALS)
async def test_two_super_admins_cannot_remove_each_other(pg_url: str, how: str) -> None:
    both = [
        await viewer_of(await person(Role.SUPER_ADMIN, email=f"{name}@example.org")) for name in ("ada", "bo")
    ]

    async def remove(by: Viewer, other: Viewer) -> bool:
        try:
            async with db.transaction() as session:
                await REMOVALS[how](session, by, other.user_id)
        except LastSuperAdmin:
            return False
        return True

    assert sorted(await asyncio.gather(remove(*both), remove(*reversed(both)))) == [False, True]


async def test_a_sign_in_under_way_does_not_outlive_or_undo_a_new_password(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id = await person()
    matches = passwords.matches

    async def slow(password: str, stored: str | None) -> bool:
        fits = await matches(password, stored)
        monkeypatch.setattr(passwords, "matches", matches)
        async with db.transaction() as other:
            await users.set_password(other, user_id=user_id, password=OTHER)
        return fits

    monkeypatch.setattr(passwords, "matches", slow)
    assert await _signs_in(PASSWORD) is False, "it was right when it was looked at, and is not any more"
    assert await _signs_in(PASSWORD) is False
    assert await _signs_in(OTHER) is True, "the new password stands"


async def _signs_in(password: str) -> bool:
    async with db.transaction() as session:
        found = await users.authenticate(
            session, login="manager@example.org", password=password, address="192.0.2.1", now=clock.now()
        )
    return found.user is not None


async def test_of_two_changes_of_a_password_at_once_one_finds_the_other(pg_url: str) -> None:
    viewer = await viewer_of(await person())
    wanted = iter((OTHER, "eleven green kettles sing"))

    async def change(session: AsyncSession) -> bool | None:
        found = await proof.change_password(
            session, viewer, current=PASSWORD, new=next(wanted), address="192.0.2.1", now=clock.now()
        )
        return found.given or None

    assert succeeded(await at_once(change, times=2)) == 1


async def test_a_half_sign_in_waits_for_a_change_of_password(pg_url: str) -> None:
    user_id = await person()
    async with db.transaction() as session:
        token = await unfinished.begin(session, user_id=user_id, step=Step.CODE, target="/", now=clock.now())
    async with db.transaction() as first:
        assert await unfinished.resolve(first, token, now=clock.now())
        made = await sessions.create(first, user_id=user_id, user_agent="", address="", now=clock.now())

        async def change() -> None:
            async with db.transaction() as session:
                await users.set_password(session, user_id=user_id, password=OTHER)

        changing = asyncio.create_task(change())
        await asyncio.sleep(0.3)
        assert not changing.done(), "the account is held until the session is opened"
    await changing
    async with db.transaction() as session:
        assert await sessions.resolve(session, made.token, now=clock.now()) is None
