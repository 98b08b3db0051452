"""Burndown, days, guideline and working days, in figures that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sprintreports.metrics.burndown import burndown, daily
from sprintreports.metrics.calendar import WorkCalendar, days_between, midnight
from sprintreports.metrics.scope import events_of, in_order, of_teams
from sprintreports.metrics.segments import segments_of
from sprintreports.metrics.values import NOTHING, Amount, Unit, Window
from tests.unit.metrics.histories import DOING, DONE, RULES, SPRINT, TODO, history, hour, window

INITIAL = Amount(5_000, 0, 1)
CALENDAR = WorkCalendar("UTC")


def events(*issues, within=None):
    return [
        event
        for issue in issues
        for event in events_of(segments_of(issue, sprint=SPRINT, rules=RULES), window=within or window())
    ]


def course(happened, *, within=None, planned_end=None, initial=INITIAL, calendar=CALENDAR):
    return burndown(
        happened,
        initial=initial,
        window=within or window(),
        planned_end=None if planned_end is None else hour(planned_end),
        calendar=calendar,
    )


def points(steps):
    return [(step.remaining.points, step.scope.points, step.done.points) for step in steps]


def test_it_starts_with_the_commitment_and_only_done_burns():
    added = history(issue=2, sprints=((0, set()), (20, {SPRINT})), points=((0, 3), (30, 8)))
    finished = history(issue=1, statuses=((0, TODO), (40, DONE), (50, DOING)))
    steps = course(events(finished, added)).steps
    assert points(steps) == [
        (5_000, 5_000, 0),
        (8_000, 8_000, 0),
        (13_000, 13_000, 0),
        (8_000, 13_000, 5_000),
        (13_000, 13_000, 0),
    ]
    assert [step.event.issue for step in steps[1:] if step.event] == [2, 2, 1, 1]


def test_a_move_between_teams_is_no_step_of_the_sprint_but_one_of_each_team():
    moved = events(history(disciplines=((0, 1), (20, 2)), statuses=((0, TODO), (15, DONE))))
    assert [step.done.points for step in course(moved).steps] == [0, 5_000]
    first = course(of_teams(moved, frozenset({1})))
    assert points(first.steps) == [(5_000, 5_000, 0), (0, 5_000, 5_000), (0, 0, 0)]
    second = course(of_teams(moved, frozenset({2})), initial=NOTHING)
    assert points(second.steps) == [(0, 0, 0), (0, 5_000, 5_000)]
    assert in_order(reversed(moved)) == moved


def test_a_sprint_that_has_not_started_has_no_course():
    plan = window(None, 50, closed=False)
    future = course([], within=plan, planned_end=200)
    assert (future.start, future.steps, future.guideline, future.last) == (None, (), (), None)
    assert daily([], initial=NOTHING, window=plan, zone="UTC") == ()


def test_the_guideline_goes_to_the_planned_end_or_the_close_and_never_moves_with_the_scope():
    added = events(history(issue=2, sprints=((0, set()), (20, {SPRINT}))))
    planned = course(added, planned_end=90).guideline
    assert (planned[0].at, planned[0].value(Unit.POINTS), planned[0].value(Unit.COUNT)) == (hour(10), 5, 1)
    assert (planned[-1].at, planned[-1].value(Unit.HOURS)) == (hour(90), 0)
    assert planned[-1].value(Unit.POINTS) == 0
    assert course(added).guideline[-1].at == hour(100)
    assert course([], within=window(10, 50, closed=False)).guideline == ()


def test_the_guideline_rests_on_the_weekend():
    # Monday 10:00 to the next Tuesday 0:00: 110 hours to Saturday, rest, then 24 hours of Monday.
    line = CALENDAR.guideline(hour(10), hour(24 * 8), Amount(134_000, 0, 0))
    assert [(corner.at, round(corner.points)) for corner in line] == [
        (hour(10), 134_000),
        (hour(120), 24_000),
        (hour(168), 24_000),
        (hour(192), 0),
    ]


def test_days_off_are_rest_and_neighbours_join():
    calendar = WorkCalendar("UTC", days_off=frozenset({date(2025, 3, 7)}))
    assert calendar.rests(hour(100), hour(200)) == ((hour(100), hour(168)),)
    assert not calendar.is_working(date(2025, 3, 7))
    assert calendar.is_working(date(2025, 3, 6))


def test_no_working_time_no_guideline():
    assert WorkCalendar("UTC", weekdays=frozenset()).guideline(hour(1), hour(50), INITIAL) == ()
    assert CALENDAR.guideline(hour(50), hour(50), INITIAL) == ()
    assert CALENDAR.guideline(hour(50), hour(20), INITIAL) == ()


def test_a_guideline_that_starts_and_ends_in_a_rest():
    line = CALENDAR.guideline(hour(130), hour(24 * 12 + 5), Amount(120_000, 0, 0))
    assert [round(corner.points) for corner in line] == [120_000, 120_000, 0, 0]


def test_working_days_left_are_counted_in_the_boards_zone_with_today():
    now = window(10, 30, closed=False)
    assert course([], within=now, planned_end=24 * 4).working_days_left == 3
    assert course([], within=now, planned_end=24 * 4 + 1).working_days_left == 4
    assert course([], within=now, planned_end=20).working_days_left == 0
    assert course([], within=now).working_days_left is None
    assert course([], planned_end=120).working_days_left is None
    west = WorkCalendar("America/Los_Angeles")
    assert course([], within=now, planned_end=24 * 4 + 12, calendar=west).working_days_left == 5


def test_a_close_later_than_planned_has_its_rests_drawn_too():
    late = course([], within=window(10, 24 * 6), planned_end=50)
    assert late.rests == ((hour(120), hour(144)),)


def test_each_day_ends_in_the_boards_zone():
    # 23:30 UTC on Monday is Tuesday in Berlin.
    finished = events(history(statuses=((0, TODO), (23.5, DONE))))
    berlin = daily(finished, initial=INITIAL, window=window(10, 40), zone="Europe/Berlin")
    assert [(point.day, point.remaining.points) for point in berlin] == [
        (date(2025, 3, 3), 5_000),
        (date(2025, 3, 4), 0),
    ]
    utc = daily(finished, initial=INITIAL, window=window(10, 40), zone="UTC")
    assert [point.remaining.points for point in utc] == [0, 0]


def test_an_event_at_midnight_belongs_to_the_new_day_even_at_the_close():
    finished = events(history(statuses=((0, TODO), (48, DONE))), within=window(10, 48))
    days = daily(finished, initial=INITIAL, window=window(10, 48), zone="UTC")
    assert [(point.day.day, point.remaining.points) for point in days] == [(3, 5_000), (4, 5_000), (5, 0)]
    quiet = daily([], initial=INITIAL, window=window(10, 48), zone="UTC")
    assert [point.day.day for point in quiet] == [3, 4]


def test_a_window_of_one_instant_has_one_day():
    assert len(daily([], initial=INITIAL, window=window(24, 24), zone="UTC")) == 1


def test_the_day_with_the_clock_change_is_one_day():
    start, end = datetime(2025, 3, 29, 12, tzinfo=UTC), datetime(2025, 3, 31, 12, tzinfo=UTC)
    days = daily([], initial=INITIAL, window=Window(start, end, closed=True), zone="Europe/Berlin")
    assert [point.day.day for point in days] == [29, 30, 31]
    length = midnight(date(2025, 3, 31), zone="Europe/Berlin") - midnight(
        date(2025, 3, 30), zone="Europe/Berlin"
    )
    assert length.total_seconds() == 23 * 3600


def test_instants_may_come_in_any_zone():
    berlin = hour(23.5).astimezone(ZoneInfo("Europe/Berlin"))
    assert WorkCalendar("Europe/Berlin").day_of(berlin) == date(2025, 3, 4)
    assert list(days_between(hour(30), hour(20), zone="UTC")) == []


def test_an_unknown_zone_is_an_error():
    with pytest.raises(KeyError, match="Middle-earth"):
        CALENDAR.__class__("Middle-earth/Bree").day_of(hour(0))
