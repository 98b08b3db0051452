"""Baselines: frozen whole, never changed, found, sliced, put away and let go."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.kit.errors import Conflict, Forbidden, Invalid, NotFound
from sprintreports.kit.paging import By
from sprintreports.metrics.values import SprintState
from sprintreports.reports.baselines import alarms, canonical, keeping, ledger, reading, removing, rules
from sprintreports.reports.baselines.canonical import NotAsItWas
from sprintreports.reports.baselines.ledger import Baseline
from sprintreports.reports.baselines.rules import Rule
from sprintreports.reports.baselines.tables import EVERYWHERE, Reason
from sprintreports.reports.gathering import live
from tests.integration.counting import asked
from tests.integration.jira_site import make_site
from tests.integration.planning_site import manager
from tests.integration.reports_site import SPRINT, START, deliver, tales
from tests.unit.jira.samples import day

BOSS = replace(Viewer.system(), user_id=7)
NOW = day(53)


@pytest.fixture
async def sprint(db_session: AsyncSession) -> int:
    site = await make_site(db_session)
    await deliver(db_session, site, tales(1), NOW)
    query = text("SELECT id FROM sprint WHERE site_id = :site AND jira_sprint_id = :number")
    return (await db_session.execute(query, {"site": site.site_id, "number": SPRINT})).scalar_one()


async def frozen(session: AsyncSession, sprint: int, **more: Any) -> Baseline:
    return await keeping.freeze(session, BOSS, sprint_id=sprint, **({"now": NOW} | more))


async def account(session: AsyncSession, role: Role) -> int:
    query = """INSERT INTO user_account (email, username, name, hashed_password, role)
        VALUES (:role || '@x.test', :role, :role, '', :role) RETURNING id"""
    return (await session.execute(text(query), {"role": role.value})).scalar_one()


async def actions(session: AsyncSession, *wanted: str) -> list[tuple[str, Any]]:
    query = "SELECT action, coalesce(after, before) FROM audit_entry WHERE action = ANY(:wanted) ORDER BY id"
    return [tuple(row) for row in await session.execute(text(query), {"wanted": list(wanted)})]


async def test_what_is_frozen_is_what_was_seen(db_session: AsyncSession, sprint: int):
    seen = await live(db_session, BOSS, sprint_id=sprint, now=NOW)
    made = await frozen(db_session, sprint, note="  Before the demo. ")
    assert (made.reason, made.note, made.moment, made.state) == (
        Reason.MANUAL, "Before the demo.", NOW, SprintState.ACTIVE,
    )  # fmt: skip
    assert made.created_by == 7
    assert made.figures is not None
    assert made.figures.commitment == seen.report.totals.initial
    assert made.figures.scope == seen.report.totals.final
    found = await reading.read(db_session, BOSS, made.id)
    assert found.snapshot == seen
    body = await reading.raw(db_session, BOSS, made.id)
    assert body == canonical.canonical(seen)
    assert (len(body), canonical.digest_of(body).hex()) == (made.size, made.digest)
    ((action, told),) = await actions(db_session, "baseline.frozen")
    assert action == "baseline.frozen"
    assert told["sha256"] == made.digest


async def test_a_past_moment_is_frozen_as_it_was(db_session: AsyncSession, sprint: int):
    made = await frozen(db_session, sprint, moment=START)
    snapshot = (await reading.read(db_session, BOSS, made.id)).snapshot
    assert (made.moment, snapshot.moment) == (START, START)
    assert snapshot.report.totals.final == snapshot.report.totals.initial
    assert snapshot.notes
    for moment in (NOW + timedelta(seconds=1), NOW.replace(tzinfo=None)):
        with pytest.raises(Invalid):
            await frozen(db_session, sprint, moment=moment)
    with pytest.raises(Invalid):
        await frozen(db_session, sprint, note="x" * 2_001)


CHANGES = (
    "content = ''", "digest = '\\x00'", "moment = now()", "reason = 'close'", "note = 'other'", "created_by = 9",
    "schema_version = 3", "summary = '{}'", "sprint_name = 'other'", "created_at = now()", "size = 1",
    "deleted_at = now(), note = 'other'", "id = id + 1000",
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_the_database_refuses_every_change(db_session: AsyncSession, sprint: int, change: str):
    made = await frozen(db_session, sprint)
    with pytest.raises(DBAPIError, match="stays as it was frozen"):
        async with db_session.begin_nested():
            await db_session.execute(text(f"UPDATE baseline SET {change} WHERE id = :id"), {"id": made.id})
    assert (await reading.read(db_session, BOSS, made.id)).baseline == made


@pytest.mark.parametrize("statement", ["DELETE FROM baseline", "TRUNCATE baseline CASCADE"])
async def test_the_database_lets_nobody_delete_what_is_not_put_away(
    db_session: AsyncSession, sprint: int, statement: str
):
    made = await frozen(db_session, sprint)
    with pytest.raises(DBAPIError, match="stays as it was frozen"):
        async with db_session.begin_nested():
            await db_session.execute(text(statement))
    assert await ledger.one(db_session, BOSS, made.id) == made


async def tamper(session: AsyncSession, baseline_id: int) -> None:
    """As an administrator of the database could, who switches the trigger off."""
    body = await reading.raw(session, BOSS, baseline_id)
    other = body.replace(b'"count":', b'"count":1', 1)
    await session.execute(text("ALTER TABLE baseline DISABLE TRIGGER baseline_stays"))
    await session.execute(
        text("UPDATE baseline SET content = :content WHERE id = :id"),
        {"content": canonical.packed(other), "id": baseline_id},
    )
    await session.execute(text("ALTER TABLE baseline ENABLE TRIGGER baseline_stays"))


async def test_what_was_changed_all_the_same_is_told(db_session: AsyncSession, sprint: int):
    made = await frozen(db_session, sprint)
    await tamper(db_session, made.id)
    for ask in (reading.read, reading.raw):
        with pytest.raises(NotAsItWas) as error:
            await ask(db_session, BOSS, made.id)
        assert error.value.baseline_id == made.id
    # Within a day all of them are looked at.
    broken = [await alarms.look_at_some(db_session, now=NOW + timedelta(hours=hour)) for hour in range(24)]
    assert sum(broken) == 1
    query = text("SELECT subject_id FROM audit_entry WHERE action = 'baseline.broken'")
    assert (await db_session.execute(query)).scalars().all() == [str(made.id)]


async def test_who_runs_the_server_is_told_of_it_once(db_session: AsyncSession, sprint: int):
    people = {role: await account(db_session, role) for role in (Role.ADMIN, Role.MANAGER)}
    first, second = await frozen(db_session, sprint), await frozen(db_session, sprint, moment=START)
    await tamper(db_session, first.id)

    @asynccontextmanager
    async def unit() -> AsyncIterator[AsyncSession]:
        yield db_session

    async def look() -> None:
        with pytest.raises(NotAsItWas) as error:
            await reading.read(db_session, BOSS, first.id)
        await alarms.told(unit, BOSS, error.value, now=NOW)

    query = text("SELECT user_id, kind, parts ->> 'baseline_id' FROM notice ORDER BY id")
    told = [(people[Role.ADMIN], "baseline_broken", str(first.id))]
    for meet in (look, look):
        await meet()
        assert [tuple(row) for row in await db_session.execute(query)] == told
    for hour in range(48):
        await alarms.look_at_some(db_session, now=NOW + timedelta(hours=hour))
    assert [tuple(row) for row in await db_session.execute(query)] == told
    await tamper(db_session, second.id)
    for hour in range(24):
        await alarms.look_at_some(db_session, now=NOW + timedelta(hours=hour))
    told.append((people[Role.ADMIN], "baseline_broken", str(second.id)))
    assert [tuple(row) for row in await db_session.execute(query)] == told


async def test_who_sees_some_teams_sees_their_part(db_session: AsyncSession, sprint: int):
    made = await frozen(db_session, sprint)
    whole = (await reading.read(db_session, BOSS, made.id)).snapshot
    team = next(team for team in whole.disciplines if team)
    viewer = manager(teams=[team])
    found = await reading.read(db_session, viewer, made.id)
    assert found.snapshot == whole.for_teams({team})
    assert found.baseline.figures is None
    raw = await reading.raw(db_session, viewer, made.id)
    assert canonical.snapshot_of(raw) == whole.for_teams({team})
    for other in whole.disciplines.items():
        if other[0] and other[0] != team:
            assert other[1].encode() not in raw
    with pytest.raises(Forbidden):
        await keeping.freeze(db_session, viewer, sprint_id=sprint, now=NOW)


async def test_who_may_not_see_the_board_finds_nothing(db_session: AsyncSession, sprint: int):
    made = await frozen(db_session, sprint)
    stranger = manager(boards=[10**9])
    with pytest.raises(NotFound):
        await reading.read(db_session, stranger, made.id)
    with pytest.raises(NotFound):
        await removing.delete(db_session, stranger, made.id, now=NOW)
    assert (await ledger.listing(db_session, stranger)).total == 0
    here = manager(boards=[made.board_id])
    assert (await ledger.listing(db_session, here)).items[0].id == made.id
    program = replace(BOSS, scopes=frozenset({Permission.SPRINTS_READ}))
    for ask in (ledger.listing(db_session, program), reading.read(db_session, program, made.id)):
        with pytest.raises(Forbidden):
            await ask
    user = Viewer(5, "U", "u@x.test", Role.USER, grants=(Grant(Role.USER),))
    assert (await reading.read(db_session, user, made.id)).snapshot
    for change in (
        keeping.freeze(db_session, user, sprint_id=sprint, now=NOW),
        removing.delete(db_session, user, made.id, now=NOW),
        removing.restore(db_session, user, made.id),
        rules.put(db_session, user, made.board_id, Rule(), now=NOW),
        rules.put(db_session, here, EVERYWHERE, Rule(), now=NOW),
    ):
        with pytest.raises(Forbidden):
            await change


async def ids(session: AsyncSession, **more: Any) -> Sequence[int]:
    return [one.id for one in (await ledger.listing(session, BOSS, **more)).items]


async def test_the_ledger_finds_sorts_and_pages_with_two_queries(db_session: AsyncSession, sprint: int):
    first = await frozen(db_session, sprint, moment=day(46), note="100% done_ish")
    second = await frozen(db_session, sprint, moment=day(49), reason=Reason.DAY)
    third = await frozen(db_session, sprint)
    with asked() as queries:
        everything = await ledger.listing(db_session, BOSS, sprint_id=sprint)
    assert len(queries) == 2
    assert [one.id for one in everything.items] == [third.id, second.id, first.id]
    mine = {"sprint_id": sprint}
    assert await ids(db_session, **mine, search="100% d") == [first.id]
    assert await ids(db_session, **mine, search="done-ish") == []
    assert await ids(db_session, **mine, search="sprint 3") == [third.id, second.id, first.id]
    assert await ids(db_session, **mine, reason=Reason.DAY) == [second.id]
    assert await ids(db_session, **mine, board_id=10**9) == []
    assert await ids(db_session, **mine, sort=(By("moment"),), page=2, per_page=2) == [third.id]
    for wrong in ({"page": 0}, {"per_page": 101}, {"sort": (By("content"),)}):
        with pytest.raises(Invalid):
            await ledger.listing(db_session, BOSS, **wrong)


async def test_a_deleted_one_can_be_taken_back_for_thirty_days(db_session: AsyncSession, sprint: int):
    made, other = await frozen(db_session, sprint), await frozen(db_session, sprint)
    await removing.delete(db_session, BOSS, made.id, now=NOW)
    with pytest.raises(NotFound):
        await reading.read(db_session, BOSS, made.id)
    assert await ids(db_session, sprint_id=sprint) == [other.id]
    assert await ids(db_session, sprint_id=sprint, deleted=True) == [made.id]
    back = await removing.restore(db_session, BOSS, made.id)
    assert replace(back, deleted_at=None) == made
    assert (await reading.read(db_session, BOSS, made.id)).snapshot
    await removing.delete(db_session, BOSS, made.id, now=NOW)
    await removing.purge(db_session, now=NOW + timedelta(days=29, hours=23))
    assert await ids(db_session, sprint_id=sprint, deleted=True) == [made.id]
    await removing.purge(db_session, now=NOW + timedelta(days=30, seconds=1))
    assert await ids(db_session, sprint_id=sprint, deleted=True) == []
    with pytest.raises(NotFound):
        await removing.restore(db_session, BOSS, made.id)
    done = [action for action, _ in await actions(db_session, "baseline.deleted", "baseline.restored")]
    assert done == ["baseline.deleted", "baseline.restored", "baseline.deleted"]


async def test_what_something_rests_on_stays(db_session: AsyncSession, sprint: int):
    made = await frozen(db_session, sprint, reason=Reason.DAY)
    await removing.use(db_session, holder="report:1", baseline_ids=[made.id, 10**9])
    assert (await ledger.one(db_session, BOSS, made.id)).used
    with pytest.raises(Conflict):
        await removing.delete(db_session, BOSS, made.id, now=NOW)
    await rules.put(db_session, BOSS, made.board_id, Rule(keep_days=1), now=NOW)
    assert await removing.outlived(db_session, now=NOW + timedelta(days=9)) == 0
    await removing.use(db_session, holder="report:1", baseline_ids=[])
    assert await removing.outlived(db_session, now=NOW + timedelta(days=9)) == 1


async def test_what_was_taken_by_rule_is_kept_for_as_long_as_the_rule_says(
    db_session: AsyncSession, sprint: int
):
    made = {reason: await frozen(db_session, sprint, reason=reason) for reason in Reason}
    board = made[Reason.DAY].board_id
    long_after = NOW + timedelta(days=400)
    assert await removing.outlived(db_session, now=long_after) == 0
    await rules.put(db_session, BOSS, EVERYWHERE, Rule(keep_days=300), now=NOW)
    await rules.put(db_session, BOSS, board, Rule(keep_days=500), now=NOW)
    assert await removing.outlived(db_session, now=long_after) == 0
    await rules.drop(db_session, BOSS, board)
    assert await removing.outlived(db_session, now=NOW + timedelta(days=299)) == 0
    assert await removing.outlived(db_session, now=long_after) == 2
    left = {one.reason for one in (await ledger.listing(db_session, BOSS, sprint_id=sprint)).items}
    assert left == {Reason.MANUAL, Reason.START, Reason.CLOSE}
    ((_, told),) = await actions(db_session, "baseline.deleted")
    assert sorted(told["baselines"]) == sorted([made[Reason.DAY].id, made[Reason.PLANNING].id])


async def test_it_outlives_the_sprint_and_the_site(db_session: AsyncSession, sprint: int):
    made = await frozen(db_session, sprint)
    before = await reading.raw(db_session, BOSS, made.id)
    await db_session.execute(text("DELETE FROM site WHERE id = :id"), {"id": made.site_id})
    assert await reading.raw(db_session, BOSS, made.id) == before
    assert (await ledger.one(db_session, BOSS, made.id)).sprint_name == "Sprint 3"
    db_session.info.clear()  # what this transaction knew of the sprint
    with pytest.raises(NotFound):
        await frozen(db_session, sprint)
