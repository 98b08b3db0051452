"""What is told of a sprint: by hand, never from the future, and nothing where too little is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from sprintreports.metrics import forecast
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.forecast import MOST_CERTAIN, current, given, not_started, outcome, sprint_forecast
from sprintreports.metrics.sprint_days import (
    LONGEST,
    MOST_MOMENTS,
    DayState,
    SprintDays,
    last_day,
    moments,
    past,
    worked,
)
from sprintreports.metrics.values import Unit
from tests.unit.metrics.sprint_days_samples import CALENDAR, MONDAY, at, in_a_row, sprint, working_days

EARLIER = in_a_row([[0, 5, 3], [2, 0, 4], [1, 3, 0]])
PAST = past(EARLIER, calendar=CALENDAR)
NEAR = 5 * (0.25 / 10_000) ** 0.5


def told(one: SprintDays, earlier=PAST, unit: Unit = Unit.COUNT):
    return sprint_forecast(one, earlier, unit=unit, calendar=CALENDAR)


def test_the_last_day_of_three_by_hand():
    # docs/metrics.md works this out: 11 days known, of which 5 bring three or more.
    found = given(sprint([3, 2, 0], planned=3, scope=8), PAST, calendar=CALENDAR)
    assert [one.days_left for one in found] == [3, 2, 1]
    last = found[-1]
    assert (last.day, last.at, last.days_left) == (date(2025, 3, 4), at(date(2025, 3, 5), 0), 1)
    assert (last.completed, last.remaining, last.scope) == (5, 3, 8)
    assert last.finish == pytest.approx(5 / 11, abs=NEAR)
    assert last.percentiles == ((50, 7), (70, 6), (85, 5), (95, 5))


def test_a_day_that_runs_counts_whole_with_what_it_has_brought():
    earlier = past(in_a_row([[0, 4], [1, 4], [4, 4, 0]]), calendar=CALENDAR)
    running = sprint([0, 3], planned=2, scope=4, closed=False, hour=12)
    now = current(running, earlier, calendar=CALENDAR)
    # 8 days are known, its own first one among them. 4 of them bring four, which with today's three among it is all.
    assert now is not None
    assert (now.completed, now.remaining, now.days_left) == (3, 1, 1)
    assert now.finish == pytest.approx(4 / 8, abs=NEAR)
    assert now.percentiles[1:] == ((70, 3), (85, 3), (95, 3)), "what today has brought is certain"


def test_what_was_reopened_today_is_not_done():
    earlier = past(in_a_row([[0, 4], [0, 4], [4, 4, 0]]), calendar=CALENDAR)
    running = sprint([3, -2], planned=2, scope=4, closed=False, hour=12)
    now = current(running, earlier, calendar=CALENDAR)
    assert now is not None
    assert (now.completed, now.remaining) == (1, 3)
    # Of the 8 days 4 bring four and one three, which is what is left.
    assert now.finish == pytest.approx(5 / 8, abs=NEAR)
    assert dict(now.percentiles)[85] == 1


def test_work_on_a_day_off_is_the_next_working_days():
    saturday = date(2025, 3, 8)
    states = (DayState(date(2025, 3, 7), 9, 2), DayState(saturday, 9, 5), DayState(date(2025, 3, 10), 9, 6))
    closed = SprintDays("one", at(date(2025, 3, 7)), at(date(2025, 3, 10), 17), True, None, 9, states)
    assert worked(closed, calendar=CALENDAR) == (2, 4)
    ended = replace(closed, stop=at(saturday, 20), days=states[:2])
    assert worked(ended, calendar=CALENDAR) == (5,), "none follows: it is the last one's"
    weekend = SprintDays("two", at(saturday), at(saturday, 20), True, None, 9, states[1:2])
    assert worked(weekend, calendar=CALENDAR) == ()
    assert past([weekend], calendar=CALENDAR) == []


def test_reopened_work_makes_negative_days_which_are_drawn_too():
    swings = in_a_row([[4, -4], [4, -4], [4, -4]])
    assert worked(swings[0], calendar=CALENDAR) == (4, -4)
    found = given(sprint([4], planned=2, scope=4), past(swings, calendar=CALENDAR), calendar=CALENDAR)
    assert found[-1].finish is not None
    # Nothing remains, and still three of seven days would take it back.
    assert (found[0].completed, found[0].remaining) == (0, 4)
    running = given(sprint([4, 0], planned=2, scope=4), past(swings, calendar=CALENDAR), calendar=CALENDAR)[
        -1
    ]
    assert (running.completed, running.remaining, running.days_left) == (4, 0, 1)
    assert running.finish == pytest.approx(4 / 7, abs=NEAR)
    assert dict(running.percentiles)[95] == 0


def test_more_than_95_percent_is_a_cap():
    sure = past(in_a_row([[5, 5], [5, 5], [5, 5]]), calendar=CALENDAR)
    found = given(sprint([0, 0], scope=5), sure, calendar=CALENDAR)
    assert found[0].finish == MOST_CERTAIN == 0.95
    assert found[0].percentiles == ((50, 5), (70, 5), (85, 5), (95, 5)), "never more than the scope"


def test_only_sprints_that_had_closed_by_then_are_seen():
    one = sprint([1, 1, 1, 1, 1], planned=5, scope=9)
    late = sprint([9] * 3, first=MONDAY, name="beside", hour=12)
    alone = given(one, PAST, calendar=CALENDAR)
    both = given(one, [*PAST, *past([late], calendar=CALENDAR)], calendar=CALENDAR)
    # It closed on Wednesday at noon: known from Wednesday's end on.
    assert both[:3] == alone[:3]
    assert both[3].finish is not None
    assert alone[3].finish is not None
    assert both[3].finish > alone[3].finish


days = st.lists(st.integers(-2, 6), min_size=6, max_size=12)


@settings(max_examples=25)
@whatever(days, days, st.integers(1, 5), st.integers(1, 30))
def test_no_forecast_looks_into_the_future(own, other, cut, scope):
    planned = max(len(own), len(other))
    kept = [*own[:cut], *other]
    one, changed = (
        sprint(amounts, planned=planned, scope=scope, closed=True) for amounts in (own, kept[: len(own)])
    )
    before, after = (given(each, PAST, calendar=CALENDAR) for each in (one, changed))
    # The start, and the end of each of the days that are the same.
    assert before[: cut + 1] == after[: cut + 1]
    running = sprint(own[:cut], planned=planned, scope=scope, closed=False, hour=12)
    assert given(running, PAST, calendar=CALENDAR)[:cut] == before[:cut]


@settings(max_examples=25)
@whatever(st.lists(st.integers(0, 6), min_size=2, max_size=6), st.integers(1, 30), st.integers(0, 9))
def test_more_work_is_less_likely_and_certainty_costs(own, scope, more):
    less_work, more_work = (
        given(sprint(own, planned=8, scope=amount), PAST, calendar=CALENDAR)
        for amount in (scope, scope + more)
    )
    for one, other in zip(less_work, more_work, strict=True):
        assert one.finish is not None
        assert other.finish is not None
        assert other.finish <= one.finish
        reached = [amount for _, amount in one.percentiles]
        assert reached == sorted(reached, reverse=True)
        assert all(0 <= amount <= max(one.scope, 0) for amount in reached)


def test_the_same_facts_give_the_same_numbers():
    one = sprint([1, 0, 2], planned=6, scope=9, closed=False)
    assert given(one, PAST, calendar=CALENDAR) == given(one, PAST, calendar=CALENDAR)
    assert told(one).given == given(one, PAST, calendar=CALENDAR)
    assert current(one, PAST, calendar=CALENDAR) == told(one).given[-1] == told(one).latest


@pytest.mark.parametrize(("number", "words"), [(0, "There are 0"), (1, "There is 1"), (2, "There are 2")])
def test_below_three_sprints_there_is_no_number(number: int, words: str):
    found = told(sprint([1, 2], planned=4, closed=False), PAST[:number])
    assert words in found.missing
    assert "3 sprints" in found.missing
    assert {(one.finish, one.percentiles) for one in found.given} == {(None, ())}
    assert found.latest is None


def test_below_five_active_days_there_is_no_number():
    four = past(in_a_row([[0, 1], [1, 0], [0, 1]]), calendar=CALENDAR)
    found = told(sprint([1, 0], planned=4, closed=False), four)
    assert "at least 5 working days" in found.missing
    assert "There are 4" in found.missing
    assert found.given[-1].finish is None
    enough = told(sprint([1, 1], planned=4, closed=False, hour=23), four)
    assert "There are 4" in enough.missing, "the day that runs is not over"
    assert told(sprint([1, 1, 0], planned=4, closed=False), four).missing == ""


def test_nothing_was_completed_at_all():
    nothing = past(in_a_row([[0] * 5] * 4), calendar=CALENDAR)
    assert "There are 0" in told(sprint([0, 0], planned=5, closed=False), nothing).missing


def test_a_sprint_that_cannot_be_forecast_says_why():
    one = sprint([1, 2, 0], planned=4, closed=False)
    no_end = told(replace(one, planned_end=None))
    assert (no_end.missing, no_end.given, no_end.outcome) == (forecast.NO_END, (), None)
    overdue = told(replace(one, planned_end=at(date(2025, 3, 4), 18)))
    assert overdue.missing == forecast.OVERDUE
    assert [each.days_left for each in overdue.given] == [2, 1], "what was told before its end stays"
    assert overdue.latest is None
    assert current(replace(one, planned_end=at(date(2025, 3, 4), 18)), PAST, calendar=CALENDAR) is None
    saturday, sunday = date(2025, 3, 8), date(2025, 3, 9)
    rest = SprintDays("one", at(saturday), at(saturday, 12), False, at(sunday, 18), 5, ())
    assert told(rest).missing == forecast.NO_WORKING_DAY
    assert told(replace(one, planned_end=one.start - timedelta(days=9))).missing == forecast.NO_WORKING_DAY
    weekend = replace(one, planned_end=at(sunday, 18), stop=at(saturday, 12))
    assert told(weekend).missing == forecast.NO_DAY_LEFT
    ages = told(replace(one, planned_end=datetime(9999, 1, 1, tzinfo=UTC)))
    assert (ages.missing, ages.given) == (forecast.TOO_LONG, ())
    later = not_started(unit=Unit.POINTS, calendar=CALENDAR, planned_end=one.planned_end)
    assert (later.missing, later.given, later.latest) == (forecast.NOT_STARTED, (), None)


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (Unit.POINTS, "story points"),
        (Unit.HOURS, "a time estimate"),
        (Unit.COUNT, "No issue is in the scope"),
    ],
)
def test_a_sprint_without_anything_in_scope_says_so(unit: Unit, words: str):
    empty = told(sprint([0, 0], planned=4, scope=0, closed=False), unit=unit)
    assert words in empty.missing
    assert empty.latest is None


def test_an_empty_start_is_no_forecast_and_what_comes_in_is():
    one = sprint([0, 1], planned=4, scope=6, closed=False)
    filled = told(replace(one, initial=0))
    assert (filled.given[0].finish, filled.given[0].percentiles) == (None, ())
    assert filled.given[1].finish is not None
    assert filled.missing == ""


def test_a_closed_sprint_without_a_late_number_keeps_the_early_ones():
    one = sprint([2, 2, 0], planned=3, scope=6)
    emptied = replace(one, days=(*one.days[:1], DayState(one.days[1].day, 0, 0), one.days[2]))
    found = told(emptied)
    assert found.given[-1].finish is None
    assert found.missing == ""
    assert found.latest == found.given[1]


def test_the_outcome_is_that_of_the_planned_end():
    on_time = outcome(sprint([3, 2, 3], scope=8), calendar=CALENDAR)
    assert on_time is not None
    assert (on_time.completed, on_time.scope, on_time.finished, on_time.at_close) == (8, 8, True, 8)
    late = outcome(
        replace(sprint([3, 2, 3], scope=8), planned_end=at(date(2025, 3, 4), 9)), calendar=CALENDAR
    )
    assert late is not None
    assert (late.completed, late.finished, late.at_close) == (5, False, 8)
    early = outcome(sprint([3, 2], planned=5, scope=8), calendar=CALENDAR)
    assert early is not None
    assert (early.completed, early.finished, early.at_close) == (5, False, 5)
    empty = outcome(sprint([0], scope=0), calendar=CALENDAR)
    assert empty is not None
    assert not empty.finished, "there was nothing to finish"
    assert outcome(sprint([3], closed=False), calendar=CALENDAR) is None
    assert outcome(replace(sprint([3]), planned_end=None), calendar=CALENDAR) is None


def test_a_very_long_sprint_is_told_at_some_of_its_days():
    year = sprint([1] * 100, planned=215, scope=250, closed=False)
    found = moments(year, calendar=CALENDAR)
    assert len(found) <= MOST_MOMENTS + 2
    assert [one.days_left for one in found] == sorted((one.days_left for one in found), reverse=True)
    assert found[0].at == year.start
    assert found[-1].at == year.stop
    assert len(found[-1].worked) == 99
    ages = replace(sprint([1]), start=sprint([1]).stop - LONGEST - timedelta(hours=1))
    assert past([ages], calendar=CALENDAR) == []


def test_days_are_the_boards():
    # 23:30 UTC on Sunday is Monday in Berlin, and 22:30 UTC on Tuesday ends no day of Wednesday there.
    berlin = WorkCalendar("Europe/Berlin")
    start, end = datetime(2025, 7, 6, 22, 30, tzinfo=UTC), datetime(2025, 7, 8, 22, 0, tzinfo=UTC)
    assert last_day(start, end, calendar=berlin) == date(2025, 7, 8)
    assert last_day(start, start - timedelta(days=9), calendar=berlin) == date(2025, 7, 7)
    found = moments(SprintDays("one", start, end, True, end, 5, ()), calendar=berlin)
    assert [one.days_left for one in found] == [2, 1]
    assert found[1].at == datetime(2025, 7, 7, 22, 0, tzinfo=UTC)


def test_the_last_sprints_with_a_working_day_are_used():
    many = past(in_a_row([[0, 1]] * 9), calendar=CALENDAR)
    lively = sprint([0, 1], planned=2, scope=1, name="lively")
    assert told(lively, many).used == 7
    assert told(lively, [*many[:2]]).used == 2
    themselves = past([*in_a_row([[0, 1]] * 3), lively], calendar=CALENDAR)
    assert told(lively, themselves).used == 3, "never itself"
    assert working_days(MONDAY, 6)[-1] == date(2025, 3, 10)
