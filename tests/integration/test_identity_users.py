"""Users, sign-in, roles and the first run on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sprintreports.identity import first_run, sessions, throttle, user_list, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.kit.errors import Forbidden, Invalid

NOW = datetime(2025, 3, 3, 9, tzinfo=UTC)
PASSWORD = "tall green yak 7"
SYSTEM = Viewer.system()


async def _user(session, email="ada@example.org", *, role=Role.USER, username=""):
    return await users.create(
        session, SYSTEM, email=email, password=PASSWORD, role=role, name="Ada", username=username
    )


async def _sign_in(session, *, login="ada@example.org", password=PASSWORD, address="192.0.2.1", now=NOW):
    return await users.authenticate(session, login=login, password=password, address=address, now=now)


async def test_a_user_signs_in_by_address_or_user_name_in_any_case(db_session) -> None:
    made = await _user(db_session, username="ada")
    for login in ("ada@example.org", " ADA@Example.org ", "Ada"):
        outcome = await _sign_in(db_session, login=login)
        assert outcome.user is not None
        assert outcome.user.id == made.id
    assert (await users.one(db_session, made.id)).last_sign_in_at == NOW


async def test_nobody_takes_another_ones_address_as_user_name(db_session) -> None:
    await _user(db_session, username="ada")
    with pytest.raises(Invalid) as raised:
        await _user(db_session, "eve@example.org", username="ada@example.org")
    assert raised.value.details[0].field == "username"
    assert (await _user(db_session, "eve@example.org")).username == "eve@example.org"


async def test_wrong_password_unknown_user_and_odd_input_look_the_same(db_session) -> None:
    await _user(db_session)
    answers = {
        (await _sign_in(db_session, password="wrong password")).message,
        (await _sign_in(db_session, login="nobody@example.org")).message,
        (await _sign_in(db_session, login="ada@example.org\0", password="\0\ud800")).message,
        (await _sign_in(db_session, login="\ud800")).message,
    }
    assert answers == {"The e-mail address or the password is wrong."}


async def test_delays_grow_with_failures_and_end(db_session) -> None:
    await _user(db_session)
    now, waits = NOW, []
    for _ in range(9):
        wait = (await _sign_in(db_session, password="wrong password", now=now)).retry_after
        while wait:
            waits.append(wait)
            assert (await _sign_in(db_session, now=now)).retry_after == wait  # even the right one must wait
            now += timedelta(seconds=wait)
            wait = (await _sign_in(db_session, password="wrong password", now=now)).retry_after
    assert waits == [1, 2, 4, 8]
    assert (await _sign_in(db_session, now=now + timedelta(minutes=15))).user is not None
    assert (await _sign_in(db_session, password="wrong password", now=now)).retry_after == 0


async def test_guesses_from_elsewhere_do_not_lock_the_owner_out(db_session) -> None:
    await _user(db_session)
    assert (await _sign_in(db_session, address="198.51.100.7")).user is not None
    for number in range(70):
        await throttle.take(db_session, account="ada@example.org", address=f"192.0.2.{number}", now=NOW)
    assert (await _sign_in(db_session, address="192.0.2.200")).retry_after > 0
    assert (await _sign_in(db_session, address="198.51.100.7")).user is not None


async def test_one_address_cannot_try_many_accounts(db_session) -> None:
    for number in range(110):
        await throttle.take(db_session, account=f"user{number}@example.org", address="192.0.2.1", now=NOW)
    assert (await _sign_in(db_session, login="nobody@example.org")).retry_after > 0
    assert (await _sign_in(db_session, login="nobody@example.org", address="192.0.2.2")).retry_after == 0


async def test_tries_sent_all_at_once_are_counted_one_by_one(pg_url) -> None:
    async def attempt() -> int:
        async with db.transaction() as session:
            return await throttle.take(session, account="ada", address="192.0.2.1", now=NOW)

    waits = await asyncio.gather(*(attempt() for _ in range(15)))
    assert sorted(waits)[:5] == [0] * 5
    assert sum(wait == 0 for wait in waits) == throttle.PAIR.free


async def test_deactivated_and_unknown_people_have_no_way_in(db_session) -> None:
    made = await _user(db_session)
    opened = await sessions.create(db_session, user_id=made.id, user_agent="", address="", now=NOW)
    await users.set_active(db_session, SYSTEM, user_id=made.id, active=False)
    assert (await _sign_in(db_session)).user is None
    assert await sessions.resolve(db_session, opened.token, now=NOW) is None
    with pytest.raises(LookupError):
        await sessions.create(db_session, user_id=made.id, user_agent="", address="", now=NOW)


async def test_addresses_and_user_names_are_taken_once(db_session) -> None:
    await _user(db_session, username="ada")
    with pytest.raises(users.AddressTaken):
        await _user(db_session, "ADA@example.org")
    with pytest.raises(users.AddressTaken):
        await _user(db_session, "other@example.org", username="Ada")


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@exa\0mple.org", "ada@b..c"]
)
async def test_addresses_that_are_none_are_refused(db_session, email: str) -> None:
    with pytest.raises(Invalid) as raised:
        await _user(db_session, email)
    assert raised.value.details[0].field == "email"


async def test_who_may_make_and_change_whom(db_session) -> None:
    admin = Viewer(user_id=99, name="A", email="a@example.org", role=Role.ADMIN)
    manager = Viewer(user_id=98, name="M", email="m@example.org", role=Role.MANAGER)
    made = await _user(db_session)
    with pytest.raises(Forbidden):
        await users.set_role(db_session, manager, user_id=made.id, role=Role.VIEWER)
    with pytest.raises(Forbidden):
        await users.set_role(db_session, admin, user_id=made.id, role=Role.SUPER_ADMIN)
    with pytest.raises(Forbidden):
        await users.create(db_session, manager, email="x@example.org", password=PASSWORD, role=Role.VIEWER)
    assert (await users.set_role(db_session, admin, user_id=made.id, role=Role.ADMIN)).role is Role.ADMIN


async def test_a_changed_role_ends_sessions_and_the_last_super_admin_stays(db_session) -> None:
    first = await _user(db_session, "first@example.org", role=Role.SUPER_ADMIN)
    opened = await sessions.create(db_session, user_id=first.id, user_agent="", address="", now=NOW)
    with pytest.raises(users.LastSuperAdmin):
        await users.set_role(db_session, SYSTEM, user_id=first.id, role=Role.ADMIN)
    with pytest.raises(users.LastSuperAdmin):
        await users.set_active(db_session, SYSTEM, user_id=first.id, active=False)
    assert await sessions.resolve(db_session, opened.token, now=NOW)
    await _user(db_session, "second@example.org", role=Role.SUPER_ADMIN)
    await users.set_role(db_session, SYSTEM, user_id=first.id, role=Role.ADMIN)
    assert await sessions.resolve(db_session, opened.token, now=NOW) is None


async def test_two_super_admins_cannot_remove_each_other_at_once(pg_url) -> None:
    async with db.transaction() as session:
        ids = [(await _user(session, f"{n}@example.org", role=Role.SUPER_ADMIN)).id for n in range(2)]

    async def demote(user_id: int) -> None:
        async with db.transaction() as session:
            await users.set_role(session, SYSTEM, user_id=user_id, role=Role.ADMIN)

    outcomes = await asyncio.gather(*map(demote, ids), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastSuperAdmin", "NoneType"]


async def test_a_new_password_ends_what_was_open(db_session) -> None:
    made = await _user(db_session)
    opened = await sessions.create(db_session, user_id=made.id, user_agent="", address="", now=NOW)
    with pytest.raises(Invalid):
        await users.set_password(db_session, user_id=made.id, password="password1234")
    await users.set_password(db_session, user_id=made.id, password="another good one 8")
    assert await sessions.resolve(db_session, opened.token, now=NOW) is None
    assert (await _sign_in(db_session)).user is None
    assert (await _sign_in(db_session, password="another good one 8")).user is not None


async def test_the_list_is_searched_and_paged(db_session) -> None:
    for number in range(5):
        await _user(db_session, f"user{number}@example.org")
    page = await user_list.listing(db_session, SYSTEM, search="USER", page=2, per_page=2)
    assert (page.total, [user.email for user in page.items]) == (
        5,
        ["user2@example.org", "user3@example.org"],
    )
    assert (await user_list.listing(db_session, SYSTEM, search="%")).total == 0
    viewer = Viewer(user_id=1, name="", email="", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        await user_list.listing(db_session, viewer)


async def test_the_first_admin_is_made_once_also_by_ten_at_once(pg_url) -> None:
    async def attempt(number: int) -> str:
        async with db.transaction() as session:
            made = await users.create_first_admin(
                session, email=f"{number}@example.org", password=PASSWORD, now=NOW
            )
            return made.role

    outcomes = await asyncio.gather(*map(attempt, range(10)), return_exceptions=True)
    assert sum(outcome == Role.SUPER_ADMIN for outcome in outcomes) == 1
    assert sum(isinstance(outcome, users.AlreadySetUp) for outcome in outcomes) == 9


async def test_a_stranger_cannot_race_the_first_run(db_session) -> None:
    async def claim(code: str, *, now: datetime = NOW):
        return await first_run.claim(
            db_session, setup_code=code, email="a@example.org", password=PASSWORD, name="A", now=now
        )

    assert await first_run.pending(db_session)
    with pytest.raises(first_run.SetupCodeWrong):
        await claim("")
    old = await first_run.issue_code(db_session, now=NOW)
    code = await first_run.issue_code(db_session, now=NOW)
    for wrong in ("", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", old):
        with pytest.raises(first_run.SetupCodeWrong):
            await claim(wrong)
    with pytest.raises(first_run.SetupCodeWrong):
        await claim(code, now=NOW + timedelta(hours=25))
    assert (await claim(f" {code.lower()} ")).role is Role.SUPER_ADMIN
    with pytest.raises(users.AlreadySetUp):
        await claim(code)
    with pytest.raises(users.AlreadySetUp):
        await first_run.issue_code(db_session, now=NOW)
