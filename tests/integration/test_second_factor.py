"""The second factor: what a code is worth, once; recovery codes; who must have one; and how failures slow down."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pyotp.totp import TOTP
from sqlalchemy import text

from sprintreports.identity import second_factor, secret_tokens, sign_in_policy, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.second_factor import Checked, Verdict
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import crypto, db
from sprintreports.kit.errors import Forbidden

NOW = datetime(2025, 3, 3, 9, 0, 15, tzinfo=UTC)
STEP = timedelta(seconds=30)
PASSWORD = "tall green yak 7"
SYSTEM = Viewer.system()


async def _somebody(session, role: Role = Role.MANAGER, name: str = "ada") -> Viewer:
    made = await users.create(session, SYSTEM, email=f"{name}@example.org", password=PASSWORD, role=role)
    return Viewer(user_id=made.id, name=made.name, email=made.email, role=role)


async def _set_up(session, viewer: Viewer) -> tuple[TOTP, list[str]]:
    """An app that is in use, whose first code belonged to the step before NOW."""
    made = await second_factor.begin(session, viewer, now=NOW - STEP)
    app = TOTP(made.secret)
    codes = await second_factor.confirm(session, viewer, code=app.at(NOW - STEP), now=NOW - STEP)
    assert isinstance(codes, list)
    return app, codes


async def _check(
    session, viewer: Viewer, code: str, *, now: datetime = NOW, address: str = "192.0.2.1"
) -> Checked:
    return await second_factor.check(session, user_id=viewer.user_id, code=code, now=now, address=address)


async def test_a_code_is_good_once_and_no_earlier_one_after_it(db_session) -> None:
    viewer = await _somebody(db_session)
    app, _ = await _set_up(db_session, viewer)
    assert (await _check(db_session, viewer, app.at(NOW))).passed
    assert (await _check(db_session, viewer, app.at(NOW))).verdict is Verdict.WRONG
    assert (await _check(db_session, viewer, app.at(NOW - STEP))).verdict is Verdict.WRONG, (
        "used at the set-up"
    )
    later = NOW + STEP
    assert (await _check(db_session, viewer, f" {app.at(later)[:3]} {app.at(later)[3:]} ", now=later)).passed


@pytest.mark.parametrize(("steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_differ_by_one_step(db_session, steps: int, passes: bool) -> None:
    viewer = await _somebody(db_session)
    made = await second_factor.begin(db_session, viewer, now=NOW)
    app, long_ago = TOTP(made.secret), NOW - timedelta(hours=1)
    assert isinstance(
        await second_factor.confirm(db_session, viewer, code=app.at(long_ago), now=long_ago), list
    )
    assert (await _check(db_session, viewer, app.at(NOW + steps * STEP))).passed is passes


@pytest.mark.parametrize("code", ["000000", "0", "1234567", "１２３４５６", "x" * 5000, "\0", "\ud800", "-"])
async def test_other_codes_are_only_wrong(db_session, code: str) -> None:
    viewer = await _somebody(db_session)
    await _set_up(db_session, viewer)
    assert (await _check(db_session, viewer, code)).verdict is Verdict.WRONG


async def test_one_code_sent_twice_at_once_passes_once(pg_url: str) -> None:
    del pg_url
    async with db.transaction() as session:
        viewer = await _somebody(session)
        app, codes = await _set_up(session, viewer)

    async def one_try(code: str) -> bool:
        async with db.transaction() as session:
            return (await _check(session, viewer, code)).passed

    for code in (app.at(NOW), codes[0]):
        assert sum(await asyncio.gather(*(one_try(code) for _ in range(4)))) == 1


async def test_somebody_elses_code_opens_nothing(db_session) -> None:
    ada, eve = await _somebody(db_session), await _somebody(db_session, name="eve")
    await _set_up(db_session, ada)
    app, codes = await _set_up(db_session, eve)
    assert not (await _check(db_session, ada, app.at(NOW))).passed
    assert not (await _check(db_session, ada, codes[0])).passed


async def test_the_secret_is_sealed_for_its_owner_and_codes_are_hashed(db_session) -> None:
    viewer = await _somebody(db_session)
    app, codes = await _set_up(db_session, viewer)
    sealed = bytes((await db_session.execute(text("SELECT secret FROM second_factor"))).scalar_one())
    assert app.secret.encode() not in sealed
    assert crypto.unseal(sealed, context=f"second_factor:{viewer.user_id}").decode() == app.secret
    with pytest.raises(crypto.SecretKeyWrong):
        crypto.unseal(sealed, context=f"second_factor:{viewer.user_id + 1}")
    stored = {bytes(row[0]) for row in await db_session.execute(text("SELECT code_hash FROM recovery_code"))}
    assert stored == {secret_tokens.hash_token(code.replace("-", "")) for code in codes}
    assert len(stored) == 10


async def test_a_recovery_code_is_good_once_however_it_is_typed(db_session) -> None:
    viewer = await _somebody(db_session)
    _, codes = await _set_up(db_session, viewer)
    checked = await _check(db_session, viewer, f" {codes[0].lower().replace('-', ' ')}")
    assert (checked.passed, checked.by_recovery_code) == (True, True)
    assert (await _check(db_session, viewer, codes[0])).verdict is Verdict.WRONG
    assert (await second_factor.status(db_session, user_id=viewer.user_id)).codes_left == 9
    renewed = await second_factor.renew_codes(db_session, viewer, now=NOW)
    assert not set(renewed) & set(codes)
    assert (await _check(db_session, viewer, codes[1])).verdict is Verdict.WRONG
    assert (await _check(db_session, viewer, renewed[1])).passed


async def test_a_new_app_counts_from_its_first_code_on(db_session) -> None:
    viewer = await _somebody(db_session)
    app, _ = await _set_up(db_session, viewer)
    other = TOTP((await second_factor.begin(db_session, viewer, now=NOW)).secret)
    assert (await _check(db_session, viewer, app.at(NOW))).passed, "the old one still does"
    wrong = await second_factor.confirm(db_session, viewer, code="123", now=NOW)
    assert isinstance(wrong, Checked)
    assert isinstance(await second_factor.confirm(db_session, viewer, code=other.at(NOW), now=NOW), list)
    later = NOW + STEP
    assert not (await _check(db_session, viewer, app.at(later), now=later)).passed
    assert (await _check(db_session, viewer, other.at(later), now=later)).passed
    with pytest.raises(second_factor.NothingBegun):
        await second_factor.confirm(db_session, viewer, code=other.at(later), now=later)


async def test_failed_codes_slow_the_next_down_and_a_known_address_stays_open(db_session) -> None:
    viewer = await _somebody(db_session)
    app, _ = await _set_up(db_session, viewer)
    home = "192.0.2.1"
    assert (await _check(db_session, viewer, app.at(NOW), address=home)).passed
    now, waits = NOW + timedelta(minutes=5), []
    for tried in range(12):  # somebody who has the password, from ever other addresses
        checked = await _check(db_session, viewer, "000000", now=now, address=f"203.0.113.{tried}")
        if checked.retry_after:
            waits.append(checked.retry_after)
            now += timedelta(seconds=checked.retry_after)
    assert waits, "the account's own count holds at addresses that are not known"
    again = [
        (await _check(db_session, viewer, "000000", now=now, address="203.0.113.9")).retry_after
        for _ in range(9)
    ]
    assert max(again) > 0
    assert (await _check(db_session, viewer, app.at(now), now=now, address=home)).passed, (
        "the owner is not locked out"
    )


async def test_a_role_can_need_one(db_session) -> None:
    viewer = await _somebody(db_session)
    assert (await _check(db_session, viewer, "")).passed
    await sign_in_policy.change(
        db_session, SYSTEM, local_sign_in=True, second_factor_roles=[Role.MANAGER], now=NOW
    )
    assert (await _check(db_session, viewer, "")).verdict is Verdict.ENROL
    app, _ = await _set_up(db_session, viewer)
    assert (await _check(db_session, viewer, " ")).verdict is Verdict.NEEDED
    assert (await _check(db_session, viewer, app.at(NOW))).passed
    with pytest.raises(second_factor.SecondFactorRequired):
        await second_factor.switch_off(db_session, viewer)
    other = await _somebody(db_session, Role.USER, "rob")
    assert (await _check(db_session, other, "")).passed


async def test_it_is_switched_off_by_its_owner_or_by_who_may_change_them(db_session) -> None:
    viewer, admin = await _somebody(db_session), await _somebody(db_session, Role.ADMIN, "root")
    await _set_up(db_session, viewer)
    with pytest.raises(Forbidden):
        await second_factor.reset(db_session, viewer, user_id=admin.user_id)
    with pytest.raises(second_factor.OwnSecondFactor):
        await second_factor.reset(db_session, admin, user_id=admin.user_id)
    await second_factor.reset(db_session, admin, user_id=viewer.user_id)
    assert not (await second_factor.status(db_session, user_id=viewer.user_id)).on
    assert (await _check(db_session, viewer, "")).passed
    await _set_up(db_session, viewer)
    await second_factor.switch_off(db_session, viewer)
    left = await db_session.execute(text("SELECT count(*) FROM recovery_code"))
    assert left.scalar_one() == 0
    changes = await db_session.execute(
        text("SELECT after ->> 'change' FROM audit_entry WHERE action = 'second_factor.changed' ORDER BY id")
    )
    assert list(changes.scalars()) == ["switched on", "switched off", "switched on", "switched off"]


async def test_passwords_stay_on_while_there_is_no_other_way_in(db_session) -> None:
    with pytest.raises(sign_in_policy.NoOtherWayIn):
        await sign_in_policy.change(db_session, SYSTEM, local_sign_in=False, second_factor_roles=[], now=NOW)
    viewer = await _somebody(db_session)
    with pytest.raises(Forbidden):
        await sign_in_policy.change(db_session, viewer, local_sign_in=True, second_factor_roles=[], now=NOW)
