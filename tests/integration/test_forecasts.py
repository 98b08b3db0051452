"""Forecasts of a built site: what is told follows from the stored days, and is the same by every way to it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.payloads import RawIssue, SprintPayload
from sprintreports.jira.reads import forecasts, sprint_reports
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Forbidden, NotFound
from sprintreports.metrics import forecast
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.forecast import SprintForecast
from sprintreports.metrics.sprint_days import past
from sprintreports.metrics.values import Unit
from tests.integration.counting import asked
from tests.integration.jira_site import BOARD, fill, make_site, rebuild, rows
from tests.integration.planning_support import asking, person
from tests.integration.test_reads import SYSTEM, sprint_id, team_ids
from tests.unit.jira.samples import change, day, issue, moved, stamp
from tests.unit.metrics.sprint_days_samples import sprint as by_hand

# Points that each team completes on each working day, in sprints of one week from Monday nine o'clock to Friday 18.
BACK = ([0, 2, 0, 3, 0], [1, 0, 0, 5, 2], [0, 0, 3, 0, 1], [2, 2, 0, 0, 0])
FRONT = ([1, 0, 0, 1, 0], [0, 0, 2, 0, 0], [0, 1, 0, 1, 1], [0, 0, 0, 0, 3])
# The fifth runs: Monday and Tuesday are over, and it is Wednesday afternoon. Two of 3 points each are left, one of each team.
RUNNING_BACK, RUNNING_FRONT, OPEN = [1, 2, 1], [0, 1, 0], 3
FIRST, FIFTH = 11, 15
NOW = day(30.25)
CALENDAR = WorkCalendar()


def weeks() -> list[SprintPayload]:
    found: list[SprintPayload] = []
    for number in range(5):
        start, end = day(7 * number), day(7 * number + 4.375)
        state = "active" if number == 4 else "closed"
        closed = stamp(end) if state == "closed" else None
        found.append(
            SprintPayload(id=FIRST + number, name=f"Week {number}", state=state, start_date=stamp(start),
                          end_date=stamp(end), complete_date=closed, origin_board_id=BOARD)
        )  # fmt: skip
    return found


def finished(number: int, week: int, weekday: int, points: int, team: str) -> RawIssue:
    at = day(7 * week + weekday + 0.1)
    done = change(number * 10, at, moved("1", "3"))
    return issue(number, done, status="3", sprints=[FIRST + week], points=points, team=team, created=day(-9))


def issues() -> list[RawIssue]:
    found: list[RawIssue] = []
    for team, courses in (("Back", [*BACK, RUNNING_BACK]), ("Front", [*FRONT, RUNNING_FRONT])):
        for week, amounts in enumerate(courses):
            for weekday, points in enumerate(amounts):
                if points:
                    found.append(finished(len(found) + 1, week, weekday, points, team))
        found.append(issue(len(found) + 1, sprints=[FIFTH], points=OPEN, team=team, created=day(-9)))
    return found


async def built(session: AsyncSession) -> SiteContext:
    site = await make_site(session)
    await rows(session, "DELETE FROM board_sprint RETURNING 1")
    await store.store_sprints(session, site, BOARD, weeks(), now=NOW)
    await fill(session, site, issues(), now=NOW)
    await rows(session, "UPDATE site SET last_synced_at = %s RETURNING 1", NOW)
    return site


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    return await built(db_session)


async def names(session: AsyncSession) -> tuple[str, list[str]]:
    """What the trials of the fifth sprint, and those of the others, are seeded with."""
    found = await rows(session, "SELECT site_id FROM board")
    return f"{found[0][0]}/{BOARD}/{FIFTH}", [f"{found[0][0]}/{BOARD}/{FIRST + week}" for week in range(4)]


async def expected(
    session: AsyncSession, courses: Sequence[Sequence[int]], running: Sequence[int], scope: int
) -> SprintForecast:
    """By hand: from the table above, in thousandths."""
    own, others = await names(session)
    earlier = [
        by_hand([1000 * each for each in amounts], first=day(7 * week).date(), name=name, hour=18, scope=1)
        for week, (amounts, name) in enumerate(zip(courses, others, strict=True))
    ]
    one = by_hand([1000 * each for each in running], first=day(28).date(), planned=5, closed=False, name=own,
                  hour=15, scope=1000 * scope)  # fmt: skip
    return forecast.sprint_forecast(
        one, past(earlier, calendar=CALENDAR), unit=Unit.POINTS, calendar=CALENDAR
    )


def both(one: Sequence[int], other: Sequence[int]) -> list[int]:
    return [mine + theirs for mine, theirs in zip(one, other, strict=True)]


async def test_the_forecast_is_that_of_the_days_by_hand(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, FIFTH)
    courses = [both(*each) for each in zip(BACK, FRONT, strict=True)]
    # 1 + 3 + 1 points are done of these and two of three.
    wanted = await expected(db_session, courses, both(RUNNING_BACK, RUNNING_FRONT), scope=11)
    with asked() as seen:
        found = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert len(seen) == 3, "the sprint, the earlier ones, their days"
    assert found.given == wanted.given
    assert (found.missing, found.unit, found.used, found.outcome) == ("", Unit.POINTS, 4, None)
    latest = found.latest
    assert latest is not None
    assert (latest.at, latest.completed, latest.remaining, latest.days_left) == (NOW, 5000, 6000, 3)
    assert latest.finish is not None
    assert 0 < latest.finish < 1
    # The fourth is the first with three before it: four forecasts, at its start and each quarter of five days.
    assert found.hit_rate is not None
    assert (found.hit_rate.sprints, found.hit_rate.forecasts) == (1, 4)
    with asked() as seen:
        again = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert again == found
    assert len(seen) == 1, (
        "the place is asked once a transaction, and the rest is kept by the versions of the facts"
    )


async def test_who_sees_a_team_is_told_of_that_team(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, FIFTH)
    front = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=await team_ids(db_session, "Front"))
    found = await forecasts.read(db_session, front, sprint_id=number, now=NOW)
    wanted = await expected(db_session, FRONT, RUNNING_FRONT, scope=4)
    assert found.given == wanted.given
    assert [one.completed for one in found.given] == [0, 0, 1000, 1000]
    everything = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=await team_ids(db_session, "Front", "Back"))
    whole = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert (await forecasts.read(db_session, everything, sprint_id=number, now=NOW)).given == whole.given
    nothing = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=frozenset({10**9}))
    empty = await forecasts.read(db_session, nothing, sprint_id=number, now=NOW)
    assert "has story points" in empty.missing
    assert {one.scope for one in empty.given} == {0}


async def test_a_closed_sprint_shows_what_was_told_then_and_what_came(
    db_session: AsyncSession, site: SiteContext
):
    number = await sprint_id(db_session, FIRST + 3)
    found = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    # 2, 2, 0, 0, 3 points: all that was in it.
    assert [(one.completed, one.remaining, one.days_left) for one in found.given] == [
        (0, 7000, 5), (2000, 5000, 4), (4000, 3000, 3), (4000, 3000, 2), (4000, 3000, 1)
    ]  # fmt: skip
    assert found.outcome is not None
    assert (found.outcome.completed, found.outcome.scope, found.outcome.finished) == (7000, 7000, True)
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert found.outcome.at_close == report.totals.completed.points
    assert found.hit_rate is None, "nobody could be told anything before it"
    assert all(one.finish is not None for one in found.given)
    early = await forecasts.read(db_session, SYSTEM, sprint_id=await sprint_id(db_session, FIRST), now=NOW)
    assert "There are 0" in early.missing
    assert early.outcome is not None
    # What happens later changes nothing of it.
    await rows(
        db_session, "UPDATE sprint_daily_fact SET done_points = 9 WHERE jira_sprint_id = 15 RETURNING 1"
    )
    await rows(db_session, "UPDATE sprint_fact SET rebuilt_at = rebuilt_at RETURNING 1")
    db_session.info.clear()
    assert await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW) == found


async def test_a_sprint_without_stored_facts_is_told_the_same(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, FIFTH)
    front = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=await team_ids(db_session, "Front"))
    stored = [
        await forecasts.read(db_session, viewer, sprint_id=number, now=NOW) for viewer in (SYSTEM, front)
    ]
    await rows(db_session, "DELETE FROM sprint_fact WHERE jira_sprint_id = %s RETURNING 1", FIFTH)
    db_session.info.clear()
    fresh = [
        await forecasts.read(db_session, viewer, sprint_id=number, now=NOW) for viewer in (SYSTEM, front)
    ]
    assert fresh == stored


async def test_units_and_later_moments_of_a_day(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, FIFTH)
    counted = await forecasts.read(db_session, SYSTEM, sprint_id=number, unit=Unit.COUNT, now=NOW)
    # 1 and 2 and 1 of the one team, 1 of the other; one open of each.
    assert counted.latest is not None
    assert (counted.latest.completed, counted.latest.remaining) == (4, 2)
    hours = await forecasts.read(db_session, SYSTEM, sprint_id=number, unit=Unit.HOURS, now=NOW)
    assert "a time estimate" in hours.missing
    # Nothing came from Jira since: an hour later, and tomorrow, nothing more is known.
    told = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    for later in (timedelta(hours=1), timedelta(days=1)):
        assert await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW + later) == told
    await rows(db_session, "UPDATE site SET last_synced_at = %s RETURNING 1", NOW + timedelta(hours=1))
    db_session.info.clear()
    synced = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW + timedelta(hours=2))
    assert synced.given[:-1] == told.given[:-1]
    assert synced.known_until == synced.given[-1].at == NOW + timedelta(hours=1)
    assert synced.given[-1].finish == told.given[-1].finish


async def test_what_schedules_go_by_is_what_the_page_shows(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, FIFTH)
    ((board,),) = await rows(db_session, "SELECT id FROM board")
    shown = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert shown.latest is not None
    with asked() as seen:
        found = await forecasts.of_running(db_session, [board], now=NOW)
    assert found == {(board, number): shown.latest.finish}
    assert len(seen) == 3
    with asked() as seen:
        assert await forecasts.of_running(db_session, [board, 10**9], now=NOW) == found
    assert len(seen) == 2
    await rows(db_session, "UPDATE sprint SET end_date = %s WHERE id = %s RETURNING 1", day(29), number)
    assert await forecasts.of_running(db_session, [board], now=NOW) == {(board, number): None}, "overdue"
    await rows(db_session, "DELETE FROM sprint_fact WHERE jira_sprint_id = %s RETURNING 1", FIFTH)
    assert await forecasts.of_running(db_session, [board], now=NOW) == {(board, number): None}
    await rows(db_session, "UPDATE sprint SET state = 'closed' WHERE id = %s RETURNING 1", number)
    assert await forecasts.of_running(db_session, [board], now=NOW) == {}
    assert await forecasts.of_running(db_session, [], now=NOW) == {}


async def test_another_calendar_or_a_rewritten_past_is_another_forecast(
    db_session: AsyncSession, site: SiteContext
):
    number = await sprint_id(db_session, FIFTH)

    async def told() -> SprintForecast:
        db_session.info.clear()
        return await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)

    before = await told()
    await rows(db_session, """UPDATE board SET days_off = '["2025-04-03"]' RETURNING 1""")
    off = await told()
    assert off.latest is not None
    assert off.latest.days_left == 2, "Thursday is off"
    await rows(db_session, "UPDATE board SET days_off = '[]' RETURNING 1")
    assert await told() == before
    late = [finished(900, 3, 3, 13, "Back")]
    await store.store_board_issues(db_session, site, BOARD, [900], now=NOW, complete=False)
    await store.store_issues(db_session, site, late, run_id=None, now=NOW)
    await rebuild(db_session, site, now=NOW)
    rewritten = await told()
    assert rewritten.latest is not None
    assert before.latest is not None
    assert rewritten.latest.finish is not None
    assert before.latest.finish is not None
    assert rewritten.latest.finish > before.latest.finish


async def test_the_access_rule_comes_first(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, FIFTH)
    ((board,),) = await rows(db_session, "SELECT id FROM board")
    friend = Viewer(6, "F", "f@x.test", Role.VIEWER, board_ids=frozenset({board}))
    assert (await forecasts.read(db_session, friend, sprint_id=number, now=NOW)).latest is not None
    stranger = Viewer(6, "S", "s@x.test", Role.VIEWER, board_ids=frozenset({board + 1000}))
    with pytest.raises(NotFound, match="no such sprint"):
        await forecasts.read(db_session, stranger, sprint_id=number, now=NOW)
    program = Viewer(6, "P", "p@x.test", Role.VIEWER, scopes=frozenset({Permission.USERS_READ}))
    with pytest.raises(Forbidden):
        await forecasts.read(db_session, program, sprint_id=number, now=NOW)
    with pytest.raises(NotFound, match="no such sprint"):
        await forecasts.read(db_session, SYSTEM, sprint_id=10**9, now=NOW)


async def test_a_sprint_that_has_not_started_says_so(db_session: AsyncSession):
    await make_site(db_session)
    number = await sprint_id(db_session, 4)
    found = await forecasts.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert (found.missing, found.given) == (forecast.NOT_STARTED, ())


async def test_rest_tells_the_same_in_the_unit_of_the_answer(pg_url: str):
    async with db.transaction() as session:
        await built(session)
        running, early = await sprint_id(session, FIFTH), await sprint_id(session, FIRST)
        closed = await sprint_id(session, FIRST + 3)
    async with asking() as client:
        api = await person(client, Role.VIEWER)
        answered = await api("GET", f"/sprints/{running}/forecast")
        first = await api("GET", f"/sprints/{early}/forecast")
        fourth = await api("GET", f"/sprints/{closed}/forecast?unit=count")
    async with db.transaction() as session:
        found = await forecasts.read(session, SYSTEM, sprint_id=running, now=clock.now())
    assert (answered["unit"], answered["zone"], answered["closed"]) == ("points", "UTC", False)
    # The site was synced last on that Wednesday: nothing is known of the time since.
    assert answered["known_until"] == NOW.isoformat().replace("+00:00", "Z")
    assert [one["finish"] for one in answered["given"]] == [one.finish for one in found.given]
    last = answered["given"][-1]
    assert (last["completed"], last["remaining"], last["days_left"]) == (5.0, 6.0, 3)
    assert [one["certainty"] for one in last["percentiles"]] == [50, 70, 85, 95]
    assert all(5.0 <= one["completed"] <= 11.0 for one in last["percentiles"])
    judged = answered["hit_rate"]
    assert (judged["sprints"], judged["forecasts"]) == (1, 4)
    assert all(one["coverage"] == one["came_true"] / 4 for one in judged["certainties"])
    assert (first["given"][0]["finish"], first["given"][0]["percentiles"]) == (None, [])
    assert "There are 0" in first["missing"]
    # The fourth week had three issues, each done in it.
    assert fourth["outcome"] == {"completed": 3.0, "scope": 3.0, "finished": True, "at_close": 3.0}
