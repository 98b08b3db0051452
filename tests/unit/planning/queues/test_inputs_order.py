"""What a plan goes by where Jira's rank is not known; working time by the clock; what people and teams can take on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.jira.reads.candidates import IssueNow
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Amount, Estimate, Unit
from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.calendars import DayOff, TeamCalendar
from sprintreports.planning.capacity.days import DayPart, Span
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence, Member
from sprintreports.planning.capacity.rates import Rate
from sprintreports.planning.members import MemberRow, Membership
from sprintreports.planning.people import PersonRow, PersonSettings
from sprintreports.planning.queue_inputs.groups import grouped
from sprintreports.planning.queue_inputs.hours import TeamHours, away_of
from sprintreports.planning.queue_inputs.limits import limits_of
from sprintreports.planning.queue_inputs.order import BY_AGE, Order, ranks, unplaced
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.sprint_plan import Basis, TeamBasis
from sprintreports.planning.teams import TeamRow, TeamSettings


def utc(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_usual_priorities_stand_as_people_mean_them():
    order = Order.of(["Low", "Highest", "Blocker", "Medium", "", "Major", "HIGH", "Trivial"])
    line = sorted(order.places, key=lambda name: order.places[name])
    assert line[:2] == ["Blocker", "Highest"]
    assert line[-2:] == ["Low", "Trivial"]
    assert order.places["HIGH"] == order.places["Major"] < order.places["Medium"] == order.places[""]
    assert order.note() == ""


def test_an_order_that_was_given_goes_before_the_usual_one():
    order = Order.of(["Later", "Soon", "High", "Fog"], ["soon ", "Later"])
    assert order.places["Soon"] == 0
    assert order.places["Later"] == 1
    assert order.places["Later"] < order.places["High"] < order.places["Fog"]
    assert order.unknown == ("Fog",)
    assert "medium" in order.note()
    assert "and 2 more" in Order.of([f"P{n}" for n in range(10, 17)]).note()


def now(number: int, created: datetime, place: int | None = None, *, done: bool = False) -> IssueNow:
    return IssueNow(
        issue=number, key=f"A-{number}", done=done, priority="", assignee=None, stakeholder=None, discipline=0,
        estimate=Estimate(None, None), is_subtask=False, parent=None, created=created, place=place,
    )  # fmt: skip


def line(issues: list[IssueNow]) -> list[int]:
    rank = ranks(issues)
    return sorted(rank, key=lambda issue: rank[issue])


def test_older_issues_come_first_where_no_order_is_known():
    day = utc(1)
    issues = [now(2, utc(2)), now(10, day), now(1, day + timedelta(microseconds=1)), now(9, day)]
    assert line(issues) == [9, 10, 1, 2]
    assert unplaced(issues) == BY_AGE


def test_issues_stand_as_on_jiras_board_and_new_ones_behind():
    issues = [
        now(1, utc(1), 300),
        now(2, utc(2), 20),
        now(3, utc(1)),
        now(4, utc(3), 5000),
        now(5, utc(1), done=True),
    ]
    assert line(issues)[:3] == [2, 1, 4]
    assert set(line(issues)[3:]) == {3, 5}
    assert unplaced(issues).startswith("1 issue has no place")
    assert unplaced([one for one in issues if one.issue != 3]) == ""
    assert unplaced([*issues, now(6, utc(1))]).startswith("2 issues have no place")
    assert unplaced([]) == ""


def test_what_moves_elsewhere_on_the_board_is_no_news_for_a_plan():
    before = [now(1, utc(1), 4), now(2, utc(2), 9)]
    after = [now(1, utc(1), 7), now(2, utc(2), 2000)]
    assert ranks(before) == ranks(after)
    assert len({len(rank) for rank in ranks([now(n, utc(1), n) for n in range(1, 12)]).values()}) == 1


@pytest.mark.parametrize("backlog", [-1, 10_001])
def test_a_backlog_has_bounds(backlog: int):
    with pytest.raises(Invalid, match="backlog"):
        Sources(backlog=backlog)


@pytest.mark.parametrize("names", [("",), ("x" * 101,), ("a\0",), ("a",) * 51])
def test_names_have_bounds(names: tuple[str, ...]):
    with pytest.raises(Invalid, match="names"):
        Sources(blocking=names)


def test_working_time_knows_half_days_and_the_teams_clock():
    off = (
        DayOff(date(2026, 11, 24), date(2026, 11, 24), DayPart.AFTERNOON),
        DayOff(date(2026, 11, 25), date(2026, 11, 25)),
    )
    hours = TeamHours(TeamCalendar("Europe/Berlin", days_off=off))  # an hour before UTC
    assert hours.stretches(utc(20, 10), utc(26, 12)) == (
        (utc(20, 10), utc(20, 16)),  # Friday, joined over noon
        (utc(23, 8), utc(23, 16)),
        (utc(24, 8), utc(24, 12)),
        (utc(26, 8), utc(26, 12)),
    )
    assert hours.stretches(utc(21), utc(22, 23)) == ()
    assert hours.stretches(utc(24), utc(23)) == ()
    assert hours.stretches(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)) == ()


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York", "Pacific/Apia"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001
    st.integers(0, 40 * 24 * 60),
)
def test_working_time_is_in_order_apart_and_within(zone: str, naive: datetime, minutes: int):
    start = naive.replace(tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    found = TeamHours(TeamCalendar(zone)).stretches(start, end)
    flat = [at for stretch in found for at in stretch]
    assert flat == sorted(set(flat))
    assert all(start <= at <= end for at in flat)
    assert all(until - since <= timedelta(hours=8) for since, until in found)


def test_absences_are_whole_and_half_days_by_the_teams_clock():
    found = away_of(
        [
            Absence(1, date(2026, 11, 23), date(2026, 11, 24)),
            Absence(1, date(2026, 11, 26), date(2026, 11, 26), DayPart.MORNING),
            Absence(1, date(2026, 11, 27), date(2026, 11, 27), DayPart.AFTERNOON),
        ],
        "Europe/Berlin",
    )
    assert [(one.start, one.end) for one in found] == [
        (utc(22, 23), utc(24, 23)),
        (utc(25, 23), utc(26, 12)),
        (utc(27, 12), utc(27, 23)),
    ]
    assert len(away_of([Absence(1, date.max, date.max)], "UTC")) == 1


SPAN = Span(utc(16, 0), utc(28, 0))  # ten working days


def basis(
    unit: Unit = Unit.POINTS, *, rate: Fraction | None = Fraction(1), team: int = 1, **more
) -> TeamBasis:
    """A team of Ada, known to Jira as 70, and Zoe, who is not in Jira."""
    people = (Member(7, "Ada"), Member(8, "Zoe", share=Fraction(1, 2)))
    plan = TeamPlan(team, f"Team {team}", TeamCalendar(), people, unit=unit, focus=Fraction(1, 2), **more)
    rows = tuple(
        MemberRow(
            team,
            PersonRow(one.person, jira, one.name, "", PersonSettings(), 1),
            Membership(one.person, Decimal(100)),
        )
        for one, jira in zip(people, (70, None), strict=True)
    )
    row = TeamRow(team, TeamSettings(f"Team {team}"), (), 2, 1)
    return TeamBasis(row, Basis(plan, SPAN, None if rate is None else Rate(rate), None), rows)


def test_limits_are_whole_amounts_in_the_unit_of_the_plan():
    (points,) = limits_of([basis(rate=Fraction(1, 3))], busy=frozenset({1}), since=None).teams
    assert (points.unit, points.capacity) == (Unit.POINTS, Amount(5000, 60 * 3600, 0))
    (hours,) = limits_of([basis(Unit.HOURS)], busy=frozenset({1}), since=None).teams
    assert hours.capacity == Amount(0, 60 * 3600, 0)
    (count,) = limits_of([basis(Unit.COUNT, rate=Fraction(1, 2))], busy=frozenset({1}), since=None).teams
    assert count.capacity.count == 7


def test_people_are_known_by_their_number_in_jira_with_a_limit_for_each_team():
    away = (Absence(7, date(2026, 11, 17), date(2026, 11, 18)),)
    found = limits_of([basis(absences=away), basis(team=2, absences=away)], busy=frozenset(), since=None)
    (ada,) = found.people
    assert ada.person == 70
    assert ada.limits == {1: Amount(8000, 32 * 3600, 0), 2: Amount(8000, 32 * 3600, 0)}
    assert len(ada.absences) == 1
    assert found.hours[1] is found.hours[2]


def test_a_capacity_that_nobody_knows_is_told_and_is_nothing():
    found = limits_of([basis(rate=None)], busy=frozenset({1}), since=None)
    assert found.teams[0].capacity.points == 0
    assert found.notes[0].startswith("Team 1: How much the team completes")
    assert found.people[0].limits == {}
    assert limits_of([basis(rate=None)], busy=frozenset(), since=None).notes == ()


@pytest.mark.parametrize("unit", [Unit.POINTS, Unit.COUNT])
def test_a_rate_of_nothing_limits_nobody_and_is_told(unit: Unit):
    found = limits_of([basis(unit, rate=Fraction())], busy=frozenset({1}), since=None)
    assert found.people[0].limits == {}
    assert [note for note in found.notes if "no limit of its people's work is known" in note] == [
        found.notes[-1]
    ]
    assert limits_of([basis(unit, rate=Fraction())], busy=frozenset(), since=None).notes == ()
    hours = limits_of([basis(Unit.HOURS, rate=Fraction())], busy=frozenset({1}), since=None)
    assert (hours.people[0].limits, hours.notes) == ({1: Amount(0, 40 * 3600, 0)}, ())


def test_a_group_of_teams_is_planned_only_where_it_works_itself():
    def placed(one: TeamBasis, *values: int, parent: int | None = None) -> TeamBasis:
        settings = replace(one.team.settings, parent_id=parent)
        return replace(one, team=replace(one.team, settings=settings, disciplines=values))

    own = placed(basis(team=3), 31, parent=2)
    empty = replace(basis(team=2), members=())
    found = grouped([placed(empty, 21, 22), own, placed(basis(team=4), 41)])
    assert found.team_of == {31: 3, 41: 4}
    assert found.groups == {21: "Team 2", 22: "Team 2"}
    for working in (placed(basis(team=2), 21), placed(_with_amount(empty), 21)):
        both = grouped([working, own])
        assert (both.team_of, both.groups) == ({21: 2, 31: 3}, {})


def _with_amount(one: TeamBasis) -> TeamBasis:
    by_hand = (Override(Measure.AMOUNT, Fraction(4), reason="agreed"),)
    return replace(one, basis=replace(one.basis, plan=replace(one.basis.plan, overrides=by_hand)))


def test_what_is_left_of_a_sprint_is_cut_by_the_days_that_are_left():
    half = limits_of([basis()], busy=frozenset({1}), since=utc(21)).teams[0].capacity
    assert half == Amount(7500, 30 * 3600, 0)
    by_hand = (Override(Measure.AMOUNT, Fraction(40), reason="agreed"),)
    assert (
        limits_of([basis(overrides=by_hand)], busy=frozenset({1}), since=utc(21)).teams[0].capacity.points
        == 20_000
    )
    assert (
        limits_of([basis(overrides=by_hand)], busy=frozenset({1}), since=utc(10)).teams[0].capacity.points
        == 40_000
    )
    nobody = replace(basis(overrides=by_hand), members=())
    nobody = replace(nobody, basis=replace(nobody.basis, plan=replace(nobody.basis.plan, members=())))
    assert limits_of([nobody], busy=frozenset({1}), since=utc(21)).teams[0].capacity.points == 20_000
