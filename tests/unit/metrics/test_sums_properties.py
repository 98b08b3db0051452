"""What always holds: the identities of the sums, slices by team, and events that lead to the same end."""

from __future__ import annotations

import random
from dataclasses import fields
from functools import reduce
from itertools import pairwise
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from sprintreports.metrics.burndown import burndown, daily
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.scope import events_of, in_order, of_teams, outcome_of
from sprintreports.metrics.segments import segments_of
from sprintreports.metrics.sprint_report import Dimension, breakdown, sprint_report, summarise
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount, Bucket, SprintState, Unit
from sprintreports.metrics.velocity import SprintTotals, velocity
from tests.unit.metrics.histories import MONDAY, RULES, SPRINT, hour, row, sprint_of_issues, windows

CALENDAR = WorkCalendar("Europe/Berlin")


def outcomes_and_events(issues, window):
    outcomes, events = [], []
    for issue in issues:
        segments = segments_of(issue, sprint=SPRINT, rules=RULES)
        outcome = outcome_of(segments, window=window)
        if outcome is not None:
            outcomes.append(outcome)
        events += events_of(segments, window=window)
    return outcomes, events


def labelled_rows(outcomes):
    return [row(o, type=("Story", "Bug")[o.issue % 2], assignee=o.issue % 3 or None) for o in outcomes]


def report_of(outcomes, window):
    return sprint_report(
        labelled_rows(outcomes),
        board_id=1,
        sprint_id=SPRINT,
        sprint_name="Sprint 7",
        state=SprintState.CLOSED,
        window=window,
        zone="Europe/Berlin",
    )


@given(sprint_of_issues, windows)
def test_final_is_initial_plus_added_minus_removed_plus_reestimated(issues, window):
    outcomes, _ = outcomes_and_events(issues, window)
    totals = summarise(map(row, outcomes))
    assert totals.final == totals.initial + totals.added - totals.removed + totals.reestimated
    assert totals.final == totals.completed + totals.not_completed


@given(sprint_of_issues, windows)
def test_jiras_form_holds_by_initial_estimates(issues, window):
    outcomes, _ = outcomes_and_events(issues, window)
    totals = summarise(map(row, outcomes))
    buckets = totals.completed_initial + totals.not_completed_initial + totals.removed_initial
    assert totals.initial == buckets - totals.added


@given(sprint_of_issues, windows)
def test_every_issue_is_in_one_bucket(issues, window):
    outcomes, _ = outcomes_and_events(issues, window)
    totals = summarise(map(row, outcomes))
    counted = totals.completed + totals.not_completed + totals.removed + totals.outside
    assert counted.count == totals.issues == len(outcomes)
    assert all(o.committed is not o.added for o in outcomes if o.bucket is not Bucket.OUTSIDE)


@given(sprint_of_issues, windows)
def test_the_burndown_ends_at_final_scope_minus_done(issues, window):
    outcomes, events = outcomes_and_events(issues, window)
    totals = summarise(map(row, outcomes))
    course = burndown(events, initial=totals.initial, window=window, planned_end=hour(20), calendar=CALENDAR)
    last = course.last
    assert last is not None
    assert (last.scope, last.done, last.remaining) == (totals.final, totals.completed, totals.not_completed)


@given(sprint_of_issues, windows)
def test_the_burndown_never_shows_less_than_nothing(issues, window):
    outcomes, events = outcomes_and_events(issues, window)
    initial = summarise(map(row, outcomes)).initial
    course = burndown(events, initial=initial, window=window, planned_end=None, calendar=CALENDAR)
    for step in course.steps:
        for amount in (step.remaining, step.scope, step.done):
            assert min(amount.points, amount.seconds, amount.count) >= 0


@given(sprint_of_issues, windows)
def test_a_steps_remaining_work_falls_only_by_done_leaving_or_smaller_estimates(issues, window):
    outcomes, events = outcomes_and_events(issues, window)
    initial = summarise(map(row, outcomes)).initial
    steps = burndown(events, initial=initial, window=window, planned_end=None, calendar=CALENDAR).steps
    for before, after in pairwise(steps):
        assert after.event is not None
        moved = after.remaining - before.remaining
        assert moved == after.event.scope_delta - after.event.done_delta
        if not after.event.changes_scope:
            assert after.scope == before.scope


@given(sprint_of_issues, windows, st.randoms(use_true_random=False))
def test_the_order_in_which_issues_come_does_not_matter(issues, window, shuffler: random.Random):
    outcomes, events = outcomes_and_events(issues, window)
    initial = summarise(map(row, outcomes)).initial
    shuffled = list(events)
    shuffler.shuffle(shuffled)
    # Each issue's own events keep an order that the sort restores, so even they may come mixed.
    assert in_order(shuffled) == in_order(events)
    given_order = daily(events, initial=initial, window=window, zone="UTC")
    assert daily(shuffled, initial=initial, window=window, zone="UTC") == given_order
    mixed = list(outcomes)
    shuffler.shuffle(mixed)
    assert report_of(mixed, window) == report_of(outcomes, window)


@given(sprint_of_issues, windows)
def test_events_come_in_the_order_that_counts(issues, window):
    for issue in issues:
        events = events_of(segments_of(issue, sprint=SPRINT, rules=RULES), window=window)
        assert in_order(events) == list(events)


@given(sprint_of_issues, windows)
def test_the_days_end_as_the_burndown_does(issues, window):
    outcomes, events = outcomes_and_events(issues, window)
    totals = summarise(map(row, outcomes))
    days = daily(events, initial=totals.initial, window=window, zone="Pacific/Auckland")
    assert (days[-1].scope, days[-1].done) == (totals.final, totals.completed)
    assert [point.day for point in days] == sorted({point.day for point in days})
    assert all(point.remaining == point.scope - point.done for point in days)


@given(sprint_of_issues, windows)
def test_teams_add_up_to_the_whole(issues, window):
    outcomes, _ = outcomes_and_events(issues, window)
    report = report_of(outcomes, window)
    assert report.totals == summarise(labelled_rows(outcomes))
    assert report.totals.transferred == NOTHING
    slices = [report.for_teams({team.discipline}).totals for team in report.teams]
    assert reduce(add, slices, Totals()) == report.totals
    everyone = report.for_teams({team.discipline for team in report.teams})
    assert everyone == report


@given(sprint_of_issues, windows, st.sets(st.integers(0, 2)))
def test_a_slices_identity_holds_with_its_transfers(issues, window, teams):
    outcomes, _ = outcomes_and_events(issues, window)
    part = report_of(outcomes, window).for_teams(teams)
    totals = part.totals
    moved = totals.initial + totals.added - totals.removed + totals.reestimated
    assert totals.final == moved + totals.transferred
    came = reduce(add, (t.amount for t in part.transfers if t.source is None), NOTHING)
    went = reduce(add, (t.amount for t in part.transfers if t.target is None), NOTHING)
    assert totals.transferred == came - went
    for team in part.teams:
        assert team.totals.transferred == team.transferred_in - team.transferred_out


@given(sprint_of_issues, windows)
def test_every_dimension_adds_up_to_the_whole(issues, window):
    outcomes, _ = outcomes_and_events(issues, window)
    rows = labelled_rows(outcomes)
    for dimension in Dimension:
        parts = breakdown(rows, dimension)
        assert reduce(add, (part.totals for part in parts), Totals()) == summarise(rows)
        assert [part.label for part in parts] == sorted({part.label for part in parts})


@given(sprint_of_issues, windows, st.sets(st.integers(0, 2)))
def test_a_teams_burndown_ends_at_its_own_final_scope(issues, window, teams):
    outcomes, events = outcomes_and_events(issues, window)
    totals = report_of(outcomes, window).for_teams(teams).totals
    own = of_teams(events, frozenset(teams))
    days = daily(own, initial=totals.initial, window=window, zone="UTC")
    assert (days[-1].scope, days[-1].done) == (totals.final, totals.completed)


amounts = st.builds(Amount, st.integers(0, 99_000), st.integers(0, 360_000), st.integers(0, 40))
closed_sprints = st.lists(
    st.builds(
        SprintTotals,
        sprint_id=st.integers(1, 99),
        name=st.just("Sprint"),
        start=st.just(MONDAY),
        close=st.none() | st.integers(0, 99).map(hour),
        totals=st.builds(Totals, initial=amounts, added=amounts, removed=amounts, completed=amounts),
    ),
    max_size=9,
)


@given(closed_sprints, st.integers(1, 9), st.sampled_from(Unit))
def test_velocity_is_never_negative(sprints, last, unit):
    result = velocity(sprints, last=last, unit=unit)
    numbers = (result.mean, result.median, result.spread, result.low, result.high, result.say_do_median)
    assert all(number is None or number >= 0 for number in numbers)
    assert len(result.sprints) == min(last, sum(sprint.close is not None for sprint in sprints))
    if result.low is not None:
        assert result.mean is not None
        assert result.high is not None
        assert result.low <= result.mean <= result.high


@given(closed_sprints, st.integers(1, 9), st.randoms(use_true_random=False))
def test_velocity_does_not_depend_on_the_order_given(sprints, last, shuffler: random.Random):
    unique = list({sprint.sprint_id: sprint for sprint in sprints}.values())
    mixed = list(unique)
    shuffler.shuffle(mixed)
    assert velocity(mixed, last=last, unit=Unit.POINTS) == velocity(unique, last=last, unit=Unit.POINTS)


def test_all_sums_of_totals_are_added():
    one = Totals(**{f.name: Amount(1, 2, 3) if f.name not in COUNTERS else 4 for f in fields(Totals)})
    assert one + one == Totals(
        **{f.name: Amount(2, 4, 6) if f.name not in COUNTERS else 8 for f in fields(Totals)}
    )


COUNTERS = {"issues", "unestimated", "untimed", "excluded"}
