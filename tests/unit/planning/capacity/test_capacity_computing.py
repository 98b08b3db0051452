"""Capacity: what is set by hand, what cannot be computed, what if, and that nothing is counted twice."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Unit
from sprintreports.planning.capacity import whatif
from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.calendars import DayOff, Region, TeamCalendar, check_calendar
from sprintreports.planning.capacity.computing import Load, Outcome, capacity
from sprintreports.planning.capacity.days import DayPart, Span, count, halves_of
from sprintreports.planning.capacity.overrides import Measure, Override, check_override, copied
from sprintreports.planning.capacity.people import Absence, Member, Stake, shared_too_much
from sprintreports.planning.capacity.rates import Rate, cross_check, rate_of
from tests.unit.planning.capacity.samples import (
    ADA,
    BELA,
    BERLIN,
    CALENDAR,
    DEE,
    HALF,
    HISTORY,
    QA,
    SPRINT,
    past,
)  # fmt: skip

MONDAY = date(2026, 6, 1)
PARTS = st.sampled_from(list(DayPart))
DAYS = st.integers(0, 20).map(lambda n: MONDAY + timedelta(days=n))
MONTH = Span(datetime(2026, 6, 1, tzinfo=BERLIN), datetime(2026, 6, 22, tzinfo=BERLIN))


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return Absence(1, first, last, draw(PARTS))


@given(st.lists(absences(), max_size=6), st.randoms())
def test_overlapping_absences_are_never_counted_twice(found: list[Absence], chance):
    plan = TeamPlan(1, "T", TeamCalendar("Europe/Berlin"), (Member(1, "A"),), tuple(found))
    (member,) = capacity(plan, MONTH).members
    away = {
        (MONDAY + timedelta(days=n), part)
        for n in range(21)
        for part in (DayPart.MORNING, DayPart.AFTERNOON)
        for one in found
        if one.first <= MONDAY + timedelta(days=n) <= one.last and one.part & part
        if (MONDAY + timedelta(days=n)).weekday() < 5
    }
    assert member.absent == Fraction(len(away), 2)
    chance.shuffle(found)
    twice = replace(plan, absences=(*found, *found))
    assert capacity(twice, MONTH).days == capacity(plan, MONTH).days


@given(
    st.timedeltas(timedelta(0), timedelta(days=31)),
    st.timedeltas(timedelta(0), timedelta(days=20)),
    st.timedeltas(timedelta(0), timedelta(days=20)),
)
def test_neighbouring_sprints_share_no_half_day_and_lose_none(
    start: timedelta, one: timedelta, other: timedelta
):
    begin = datetime(2026, 3, 20, tzinfo=BERLIN) + start  # the clock moves on 29 March
    middle, end = begin + one, begin + one + other
    first, second, whole = (
        count(halves_of(Span(*ends), zone="Europe/Berlin"))
        for ends in ((begin, middle), (middle, end), (begin, end))
    )
    assert first + second == whole


@given(st.lists(st.fractions(0, 1), min_size=1, max_size=5), absences())
def test_teams_never_have_more_than_the_whole_of_a_person(shares: list[Fraction], absence: Absence):
    stakes = [Stake(team, share) for team, share in enumerate(shares)]
    plans = [
        TeamPlan(n, "T", TeamCalendar("Europe/Berlin"), (Member(1, "A", share=share),), (absence,))
        for n, share in enumerate(shares)
    ]
    whole = capacity(replace(plans[0], members=(Member(1, "A"),)), MONTH).days
    given_away = sum((capacity(plan, MONTH).days for plan in plans), Fraction())
    assert given_away == whole * sum(shares)
    assert (shared_too_much(stakes) is None) == (sum(shares) <= 1)


def test_shares_are_added_day_by_day():
    half, most = Stake(1, HALF, until=date(2026, 6, 30)), Stake(2, Fraction(4, 5), since=date(2026, 7, 1))
    assert shared_too_much([half, most]) is None
    assert shared_too_much([replace(half, until=None), most]) == (date(2026, 7, 1), Fraction(13, 10))
    assert shared_too_much([half, replace(most, since=None)]) == (None, Fraction(13, 10))


@pytest.mark.parametrize(
    ("begins", "ends", "days"), [((9, 0), (9, 0), 10), ((14, 0), (14, 0), 10), ((0, 0), (0, 0), 10), ((9, 0), (12, 0), "10.5")]
)  # fmt: skip
def test_a_sprint_of_two_weeks_has_ten_days(begins: tuple[int, int], ends: tuple[int, int], days: object):
    span = Span(datetime(2026, 6, 1, *begins, tzinfo=BERLIN), datetime(2026, 6, 15, *ends, tzinfo=BERLIN))
    halves = halves_of(span, zone="Europe/Berlin")
    assert count(TeamCalendar("Europe/Berlin").working(halves)) == Fraction(days)


def test_what_is_left_of_a_running_sprint():
    left = capacity(QA, SPRINT.left_at(datetime(2026, 5, 7, 12, tzinfo=BERLIN)))
    assert left.working_days == Fraction(3, 2)
    assert SPRINT.left_at(datetime(2026, 4, 1, tzinfo=BERLIN)) is SPRINT


@pytest.mark.parametrize(
    ("plan", "span", "outcome", "amount"),
    [
        (QA, Span(None, SPRINT.end), Outcome.NO_DATES, None),
        (QA, Span(SPRINT.end, SPRINT.start), Outcome.BACKWARDS, None),
        (QA, Span(SPRINT.start, datetime(9999, 1, 1, tzinfo=BERLIN)), Outcome.ABSURD_DATES, None),
        (QA, Span(*2 * [datetime.max.replace(tzinfo=BERLIN)]), Outcome.BACKWARDS, None),
        (QA, Span(datetime(9999, 12, 30, tzinfo=BERLIN), datetime.max.replace(tzinfo=BERLIN)), Outcome.ABSURD_DATES, None),
        (QA, Span(datetime.min.replace(tzinfo=BERLIN), datetime(1, 1, 9, tzinfo=BERLIN)), Outcome.ABSURD_DATES, None),
        (replace(QA, members=()), SPRINT, Outcome.NO_MEMBERS, 0),
        (replace(QA, members=(Member(9, "Zoe", since=date(2026, 7, 1)),)), SPRINT, Outcome.NO_MEMBERS, 0),
        (
            replace(QA, calendar=replace(CALENDAR, weekdays=frozenset({6}), days_off=(DayOff(date(2026, 1, 1), date(2026, 12, 31)),))),
            SPRINT,
            Outcome.NO_WORKING_DAY,
            0,
        ),
        (replace(QA, members=(Member(ADA, "Ada", share=Fraction()),)), SPRINT, Outcome.NOBODY_AVAILABLE, 0),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_says_why(plan: TeamPlan, span: Span, outcome: Outcome, amount: int | None):
    found = capacity(plan, span, rate=rate_of(HISTORY), load=Load(Fraction(5)))
    assert (found.outcome, found.days, found.amount, found.utilisation) == (outcome, 0, amount, None)
    assert found.outcome.sentence.endswith(".")
    assert found.too_much == (amount is not None)


def test_without_a_rate_hours_are_known_and_points_are_not():
    points = capacity(QA, SPRINT)
    assert (points.outcome, points.amount, points.hours) == (Outcome.NO_RATE, None, Fraction("141.44"))
    hours = capacity(replace(QA, unit=Unit.HOURS), SPRINT)
    assert (hours.outcome, hours.amount) == (Outcome.READY, Fraction("141.44"))


def test_a_team_that_completed_nothing_has_no_points_but_hours():
    nothing = rate_of([past(1, 0, 20), past(2, 0, 20), past(3, 8, 20)])
    assert nothing is not None
    points = capacity(QA, SPRINT, rate=nothing, load=Load(Fraction(5)))
    assert (points.outcome, points.amount, points.hours) == (
        Outcome.NOTHING_COMPLETED,
        None,
        Fraction("141.44"),
    )
    assert (points.remaining, points.utilisation, points.too_much, points.check) == (None, None, False, None)
    assert "by hand" in points.outcome.sentence
    hours = capacity(replace(QA, unit=Unit.HOURS), SPRINT, rate=nothing)
    assert (hours.outcome, hours.amount) == (Outcome.READY, Fraction("141.44"))
    decided = replace(QA, overrides=(Override(Measure.RATE, Fraction(0), None, "They train all sprint."),))
    assert (capacity(decided, SPRINT).outcome, capacity(decided, SPRINT).amount) == (Outcome.READY, 0)


def test_what_is_set_by_hand_takes_the_place_of_what_is_computed():
    def set_to(measure: Measure, value: str, person: int | None = None):
        override = Override(measure, Fraction(value), person, "because")
        return capacity(whatif.if_set(QA, override), SPRINT, rate=rate_of(HISTORY))

    assert set_to(Measure.SHARE, "50", ADA).days == Fraction("23.1") - Fraction("4.25")
    assert set_to(Measure.HOURS, "4", ADA).hours == Fraction("141.44") - Fraction("27.2")
    assert set_to(Measure.DAYS, "2", DEE).days == Fraction("20.1")
    assert set_to(Measure.FOCUS, "100").hours == Fraction("176.8")
    doubled = set_to(Measure.DAYS, "46.2")
    assert (doubled.days, doubled.hours) == (Fraction("46.2"), 2 * Fraction("141.44"))
    paced = set_to(Measure.RATE, "2")
    assert (paced.amount, paced.rate) == (Fraction("46.2"), Rate(Fraction(2), HISTORY, by_hand=True))
    assert set_to(Measure.AMOUNT, "30").amount == 30
    assert set_to(Measure.AMOUNT, "30").overridden == {Measure.AMOUNT}
    undated = capacity(
        replace(QA, overrides=(Override(Measure.AMOUNT, Fraction(30), None, "planned early"),)),
        Span(None, None),
    )
    assert (undated.outcome, undated.amount) == (Outcome.READY, 30)
    nobody = replace(QA, members=(), overrides=(Override(Measure.DAYS, Fraction(3), None, "borrowed"),))
    assert capacity(nobody, SPRINT).hours == Fraction("19.2")


@pytest.mark.parametrize(
    "wrong",
    [
        Override(Measure.AMOUNT, Fraction(-1), None, "why"),
        Override(Measure.FOCUS, Fraction(101), None, "why"),
        Override(Measure.HOURS, Fraction(25), 1, "why"),
        Override(Measure.HOURS, Fraction(8), None, "why"),
        Override(Measure.RATE, Fraction(8), 1, "why"),
        Override(Measure.DAYS, Fraction(8), 1, "  "),
    ],
)
def test_absurd_figures_are_refused(wrong: Override):
    with pytest.raises(Invalid):
        check_override(wrong)
    check_override(replace(wrong, measure=Measure.DAYS, value=Fraction(1), reason="a reason"))


def test_rates_are_copied_and_days_are_not():
    rates = (
        Override(Measure.FOCUS, Fraction(70), None, "support duty"),
        Override(Measure.SHARE, Fraction(50), ADA, "helps Web"),
    )
    gone = Override(Measure.HOURS, Fraction(6), 77, "has left")
    days = (
        Override(Measure.DAYS, Fraction(2), ADA, "training"),
        Override(Measure.AMOUNT, Fraction(9), None, "x"),
    )
    assert copied((*rates, gone, *days), people=(ADA, BELA)) == rates


def test_what_if_is_the_plan_computed_anew():
    rate = rate_of(HISTORY)
    before = capacity(QA, SPRINT, rate=rate)
    away = whatif.if_away(QA, ADA, date(2026, 5, 6), date(2026, 5, 7))
    change = whatif.difference(before, capacity(away, SPRINT, rate=rate))
    assert (change.days, change.hours, change.amount) == (-2, Fraction("-12.8"), Fraction("-1.8"))
    assert capacity(whatif.if_there(away, ADA), SPRINT, rate=rate) == before
    assert capacity(whatif.if_left(QA, DEE), SPRINT, rate=rate).days == before.days - 5
    joined = whatif.if_joined(QA, Member(9, "Eve", share=HALF))
    assert capacity(joined, SPRINT, rate=rate).days == before.days + Fraction("4.25")
    assert whatif.difference(before, capacity(QA, SPRINT)).amount is None


def test_holidays_of_a_member_abroad_take_the_place_of_the_teams():
    abroad = Member(5, "Fay", region=Region("US"))
    found = capacity(replace(QA, members=(abroad,), absences=()), SPRINT)
    assert found.days == Fraction(19, 2)


def test_a_rate_names_the_sprints_it_rests_on():
    nobody = past(4, 3, 0)
    found = rate_of((*reversed(HISTORY), nobody), last=2)
    assert found == Rate(Fraction(95, 100), HISTORY[1:], (nobody,))
    assert rate_of((nobody,)) is None
    assert rate_of(()) is None
    with pytest.raises(ValueError, match="at least one"):
        rate_of(HISTORY, last=0)
    far = cross_check(Fraction(30), HISTORY)
    assert far is not None
    assert far.far
    assert cross_check(Fraction(30), ()) is None
    assert cross_check(Fraction(30), (past(1, 0, 5),)) is None


@pytest.mark.parametrize(
    ("calendar", "field"),
    [
        (TeamCalendar("Mars/Olympus"), "zone"),
        (TeamCalendar("../etc/passwd"), "zone"),
        (TeamCalendar(weekdays=frozenset()), "weekdays"),
        (TeamCalendar(weekdays=frozenset({7})), "weekdays"),
        (TeamCalendar(region=Region("XX")), "country"),
        (TeamCalendar(region=Region("DE", "Atlantis")), "subdivision"),
        (TeamCalendar(days_off=(DayOff(date(2026, 2, 1), date(2026, 1, 1)),)), "days_off"),
    ],
)
def test_calendars_that_cannot_be_are_refused_kindly(calendar: TeamCalendar, field: str):
    with pytest.raises(Invalid) as refused:
        check_calendar(calendar)
    assert [problem.field for problem in refused.value.details] == [field]
    assert refused.value.message.endswith(".")


def test_holidays_of_an_unknown_country_are_refused_when_computed_too():
    with pytest.raises(Invalid, match="not known"):
        capacity(replace(QA, calendar=TeamCalendar(region=Region("XX"))), SPRINT)
    check_calendar(CALENDAR)
