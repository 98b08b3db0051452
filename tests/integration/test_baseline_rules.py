"""Baselines by rule: at the plan, the start, each n-th day and the close, each once, as of its own moment however late."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads.turning_points import Course
from sprintreports.kit.errors import Forbidden, Invalid, NotFound
from sprintreports.planning.queues.past import Activation
from sprintreports.reports.baselines import automatic, ledger, reading, rules
from sprintreports.reports.baselines.automatic import Due, moments
from sprintreports.reports.baselines.ledger import Baseline
from sprintreports.reports.baselines.rules import Rule, RuleInForce
from sprintreports.reports.baselines.tables import EVERYWHERE, Reason
from sprintreports.reports.gathering import as_of
from tests.integration.counting import asked
from tests.integration.jira_site import make_site
from tests.integration.planning_site import manager
from tests.integration.reports_site import CLOSE, SPRINT, START, deliver, tales
from tests.unit.jira.samples import day

BOSS = replace(Viewer.system(), user_id=7)
EVERYTHING = Rule(at_planning=True, at_start=True, at_close=True, every_days=3)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def in_force(rule: Rule, *, since: datetime = LONG_AGO) -> dict[int, RuleInForce]:
    return {EVERYWHERE: RuleInForce(EVERYWHERE, rule, own=False, since=since)}


def course(**more: object) -> Course:
    usual = Course(
        1, 2, datetime(2026, 3, 23, 9, tzinfo=UTC), None, "Europe/Berlin", datetime(2027, 1, 1, tzinfo=UTC)
    )
    return replace(usual, **more)  # type: ignore[arg-type]


def said(found: list[Due]) -> list[tuple[str, str, str]]:
    return [(one.reason.value, one.day.isoformat(), f"{one.moment:%d %H:%M}") for one in found]


def test_days_end_at_local_midnight_across_a_change_of_the_clock():
    """Berlin goes from UTC+1 to UTC+2 in the night to Sunday 29 March 2026."""
    now = datetime(2026, 4, 2, 12, tzinfo=UTC)
    found = list(moments([course()], [], in_force(Rule(every_days=3)), now=now))
    # The 1st, 2nd and 3rd day are Monday to Wednesday; the next three end with Saturday, the last with Tuesday.
    assert said(found) == [
        ("day", "2026-03-26", "25 23:00"),
        ("day", "2026-03-29", "28 23:00"),
        ("day", "2026-04-01", "31 22:00"),
    ]


def test_nothing_is_due_before_jiras_changes_are_here_or_before_the_rule():
    now = datetime(2026, 4, 20, tzinfo=UTC)
    closed = datetime(2026, 4, 3, 16, tzinfo=UTC)
    whole = course(closed=closed)
    planned = [
        Activation(1, 2, datetime(2026, 3, 22, 8, tzinfo=UTC)),
        Activation(9, 2, datetime(2026, 3, 22, tzinfo=UTC)),
    ]
    found = list(moments([whole], planned, in_force(replace(EVERYTHING, every_days=10)), now=now))
    assert [one.reason for one in found] == [Reason.PLANNING, Reason.START, Reason.CLOSE, Reason.DAY]
    assert found[0].moment == planned[0].at
    late = replace(whole, known_until=datetime(2026, 4, 2, tzinfo=UTC))
    assert Reason.CLOSE not in {one.reason for one in moments([late], planned, in_force(EVERYTHING), now=now)}
    never = replace(whole, known_until=None)
    assert not list(moments([never], planned, in_force(EVERYTHING), now=now))
    since = in_force(EVERYTHING, since=datetime(2026, 4, 1, 22, tzinfo=UTC))
    assert [one.reason for one in moments([whole], planned, since, now=now)] == [Reason.CLOSE]
    own = {**in_force(EVERYTHING), 1: RuleInForce(1, Rule(), own=True, since=LONG_AGO)}
    assert not list(moments([whole], planned, own, now=now))


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    made = await make_site(db_session)
    # Rules and sites of other tests are rolled back; only this board's rule is in force.
    await db_session.execute(text("DELETE FROM baseline_rule"))
    await deliver(db_session, made, tales(2), day(62), closed=True)
    await db_session.execute(
        text("UPDATE site SET last_synced_at = :at WHERE id = :id"), {"at": day(62), "id": made.site_id}
    )
    return made


async def board_of(session: AsyncSession, site: SiteContext) -> int:
    query = text("SELECT id FROM board WHERE site_id = :site")
    return (await session.execute(query, {"site": site.site_id})).scalar_one()


async def take_all(session: AsyncSession, *, now: datetime) -> list[bool]:
    taken: list[bool] = []
    for one in await automatic.due(session, now=now):
        session.info.clear()
        taken.append(await automatic.take(session, one, now=now))
    return taken


async def kept(session: AsyncSession) -> list[Baseline]:
    return [*reversed((await ledger.listing(session, BOSS)).items)]


async def test_what_was_missed_is_taken_as_of_its_own_moment(db_session: AsyncSession, site: SiteContext):
    board = await board_of(db_session, site)
    await rules.put(db_session, BOSS, board, replace(EVERYTHING, every_days=5), now=day(40))
    assert all(await take_all(db_session, now=day(63)))
    found = [one for one in await kept(db_session) if one.sprint_name == f"Sprint {SPRINT}"]
    # From the 45th day at nine to the 59th at 21: midnights after five and ten days.
    assert [(one.reason, one.moment) for one in found] == [
        (Reason.START, START),
        (Reason.DAY, day(45) + timedelta(days=5, hours=-9)),
        (Reason.DAY, day(45) + timedelta(days=10, hours=-9)),
        (Reason.CLOSE, CLOSE),
    ]
    for one in found:
        state = await as_of(db_session, BOSS, sprint_id=one.sprint_id, moment=one.moment, now=day(63))
        assert (await reading.read(db_session, BOSS, one.id)).snapshot == state
        assert one.created_by == 0


async def test_each_is_taken_once_and_not_again_when_it_is_deleted(
    db_session: AsyncSession, site: SiteContext
):
    await rules.put(db_session, BOSS, EVERYWHERE, Rule(at_start=True), now=day(40))
    (first, *_) = due = await automatic.due(db_session, now=day(63))
    assert await automatic.take(db_session, first, now=day(63))
    assert not await automatic.take(db_session, first, now=day(63))
    assert len(await automatic.due(db_session, now=day(63))) == len(due) - 1
    await take_all(db_session, now=day(63))
    await db_session.execute(text("UPDATE baseline SET deleted_at = now()"))
    await db_session.execute(text("DELETE FROM baseline"))
    assert await automatic.due(db_session, now=day(63)) == []


async def test_what_cannot_be_taken_is_noted_and_the_rest_goes_on(
    db_session: AsyncSession, site: SiteContext
):
    board = await board_of(db_session, site)
    lost = Due(board, 10**9, Reason.START, date(2025, 4, 17), START)
    assert not await automatic.take(db_session, lost, now=day(63))
    query = text("SELECT baseline_id, problem FROM baseline_taking WHERE sprint_id = :id")
    ((baseline, problem),) = await db_session.execute(query, {"id": 10**9})
    assert baseline is None
    assert problem.startswith("There is no such sprint")


async def test_without_rules_two_questions_are_too_many(db_session: AsyncSession, site: SiteContext):
    with asked() as queries:
        assert await automatic.due(db_session, now=day(63)) == []
    assert len(queries) == 1
    await rules.put(db_session, BOSS, EVERYWHERE, EVERYTHING, now=day(40))
    with asked() as queries:
        assert await automatic.due(db_session, now=day(63))
    assert len(queries) == 4


async def test_what_lies_too_far_back_is_not_caught_up(db_session: AsyncSession, site: SiteContext):
    await rules.put(db_session, BOSS, EVERYWHERE, Rule(at_start=True, at_close=True), now=LONG_AGO)
    late = CLOSE + automatic.CATCH_UP
    assert [one.moment for one in await automatic.due(db_session, now=late - timedelta(hours=1))] == [CLOSE]
    assert await automatic.due(db_session, now=late + timedelta(hours=1)) == []


async def test_a_boards_own_rule_stands_in_for_that_for_all(db_session: AsyncSession, site: SiteContext):
    board = await board_of(db_session, site)
    assert (await rules.of_board(db_session, BOSS, board)).rule == Rule()
    await rules.put(db_session, BOSS, EVERYWHERE, Rule(at_close=True), now=day(40))
    inherited = await rules.of_board(db_session, BOSS, board)
    assert (inherited.rule, inherited.own, inherited.since) == (Rule(at_close=True), False, day(40))
    own = await rules.put(db_session, BOSS, board, Rule(at_start=True), now=day(41))
    assert (own.rule, own.own, own.since) == (Rule(at_start=True), True, day(41))
    # Less than before begins nothing anew; more does.
    same = await rules.put(db_session, BOSS, board, Rule(keep_days=9), now=day(42))
    assert same.since == day(41)
    more = await rules.put(db_session, BOSS, board, Rule(every_days=2), now=day(43))
    assert more.since == day(43)
    assert [one.board_id for one in await rules.listing(db_session, BOSS)] == [EVERYWHERE, board]
    assert (await rules.drop(db_session, BOSS, board)).rule == Rule(at_close=True)
    query = text(
        "SELECT before, after FROM audit_entry WHERE action = 'baseline_rule.changed' ORDER BY id LIMIT 1"
    )
    assert tuple((await db_session.execute(query)).one()) == ({"at_close": False}, {"at_close": True})


async def test_wrong_rules_are_refused(db_session: AsyncSession, site: SiteContext):
    board = await board_of(db_session, site)
    for wrong in (Rule(every_days=-1), Rule(every_days=91), Rule(keep_days=3_651)):
        with pytest.raises(Invalid):
            await rules.put(db_session, BOSS, board, wrong, now=day(40))
    with pytest.raises(Invalid):
        await rules.drop(db_session, BOSS, EVERYWHERE)
    for ask in (
        rules.of_board(db_session, BOSS, 10**9),
        rules.put(db_session, BOSS, 10**9, Rule(), now=day(40)),
    ):
        with pytest.raises(NotFound):
            await ask
    here = manager(boards=[board])
    assert (await rules.put(db_session, here, board, Rule(), now=day(40))).own
    with pytest.raises(Forbidden):
        await rules.put(db_session, here, EVERYWHERE, Rule(), now=day(40))
    with pytest.raises(Forbidden):
        await rules.put(db_session, manager(teams=[1]), board, Rule(), now=day(40))


async def test_the_usual_rule_is_there_from_the_beginning(db_session: AsyncSession):
    query = text(
        "SELECT at_start, at_close, at_planning, every_days, keep_days FROM baseline_rule WHERE board_id = 0"
    )
    assert tuple((await db_session.execute(query)).one()) == (True, True, False, 0, 0)
