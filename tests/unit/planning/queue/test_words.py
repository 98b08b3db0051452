"""Reasons in words, fairness, expected times, edits, and planning again."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.fairness import jain, longest_wait
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import (
    AddCapacity,
    Algorithm,
    Exclude,
    IgnoreLink,
    Include,
    Options,
    Pin,
    PinIssue,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unestimated,
    Unpin,
)
from sprintreports.planning.queue.reasons import amount, reason_in_words
from sprintreports.planning.queue.replan import Move, change_in_words, replan
from sprintreports.planning.queue.results import Side, Why
from sprintreports.planning.queue.schedule import OfficeHours
from tests.unit.planning.queue.samples import DEV, QA, SPRINT, at, hard, inputs, issue, keys, options, sprint

NAMES = {1: "Ann", 2: "Bob"}


def words(queue, number: int) -> str:
    return reason_in_words(queue.placements()[number], queue, names=NAMES)


def test_a_full_team_says_how_much_more_would_bring_the_issue_in():
    queue = generate(sprint(issue(11, 8), issue(12, 5)), Options())
    assert words(queue, 12) == "QA is full. 3 more QA points would bring in ABC-12."
    assert keys(generate(sprint(issue(11, 8), issue(12, 5)), Options(extra={QA: 3000}))) == [11, 12]


def test_a_blocked_issue_says_what_all_it_waits_for_needs():
    queue = generate(
        sprint(
            issue(1, 8), issue(2, 3, after=[3]), issue(3, 7, team=DEV), issue(4, 4, team=DEV, priority=-1)
        ),
        Options(),
    )
    assert words(queue, 2) == (
        "It waits for ABC-3, which is not in. 1 more QA point and 1 more Dev point would bring in ABC-2 with all it waits for."
    )


def test_every_reason_is_whole_sentences():
    seen: set[Why] = set()
    many = sprint(
        issue(1, 3), issue(2, 11), issue(3, after=[2]), issue(4, after=[77]), issue(5, after=[6]), issue(6, after=[5]),
        issue(7, team=None), issue(8, team=9), issue(9, None), issue(10, timing=hard(60)), issue(11, done=True),
        issue(12), issue(13, is_subtask=True, parent=1), issue(14, timing=hard(2)), issue(15, after=[16], team=DEV),
        issue(16), issue(17, 9), issue(18, team=DEV), issue(19),
    )  # fmt: skip
    for algorithm in Algorithm:
        for subtasks in (False, True):
            chosen = Options(
                algorithm=algorithm,
                include_subtasks=subtasks,
                unestimated=Unestimated.LEFT_OUT,
                exclusions=frozenset({12}),
                pins={15: Pin()},
            )
            queue = generate(many, chosen, kept=[19])
            for number, placement in queue.placements().items():
                seen.add(placement.reason.why)
                said = words(queue, number)
                assert said[0].isupper()
                assert said.endswith(".")
    assert seen == set(Why)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (3000, Unit.POINTS, "3 points"),
        (1000, Unit.POINTS, "1 point"),
        (500, Unit.POINTS, "0.5 points"),
        (9000, Unit.HOURS, "2.5 hours"),
        (1, Unit.HOURS, "less than 0.01 hours"),
        (1, Unit.COUNT, "1 issue"),
        (1_200_000_000, Unit.POINTS, "1,200,000 points"),
    ],
)
def test_amounts_as_people_say_them(value, unit, said):
    assert amount(value, unit) == said


def test_jain():
    assert jain([5, 5, 5]) == 100
    assert jain([9, 0, 0]) == pytest.approx(100 / 3)
    assert jain([0, 0]) is None
    assert jain([]) is None


@settings(deadline=None)
@given(st.integers(1, 10**12), st.integers(1, 500), st.integers(1, 10_000))
def test_equal_shares_are_exactly_fair(share, people, weight):
    assert jain([Fraction(share, weight)] * people) == 100


def test_the_longest_wait_counts_who_gets_nothing():
    assert longest_wait([1, 2, 1, 2], {1, 2}) == 1
    assert longest_wait([1, 1, 1, 2], {1, 2}) == 2
    assert longest_wait([1, 1], {1, 2}) == 3
    assert longest_wait([], {1}) == 0


def times(queue, number: int):
    placement = queue.placements()[number]
    return placement.start, placement.finish


def test_expected_times_follow_the_running_load_over_working_days():
    queue = generate(sprint(issue(1, 5), issue(2, 1), issue(3, 4)), Options())
    assert times(queue, 1) == (at(0, 9), at(4, 17)), "half of ten working days"
    assert times(queue, 2) == (at(7, 9), at(7, 17)), "not on the weekend"
    assert times(queue, 3) == (at(8, 9), at(11, 17))


def test_hard_scheduled_work_keeps_its_time_and_the_rest_flows_around_it():
    queue = generate(
        sprint(issue(1, 1, timing=hard(1, 9, 2)), issue(2, 1), issue(3, 1), issue(4, 1)), Options()
    )
    assert times(queue, 1) == (at(1, 9), at(1, 11))
    assert times(queue, 2)[0] == at(0, 9)
    assert times(queue, 4)[1] == at(3, 17), "four points take four days, whoever comes first"


def test_an_issue_starts_when_its_blocker_in_another_team_is_finished():
    queue = generate(sprint(issue(1, 1, after=[2]), issue(2, 5, team=DEV)), Options())
    assert times(queue, 2) == (at(0, 9), at(4, 17))
    assert times(queue, 1) == (at(7, 9), at(7, 17))


def test_office_hours_are_local_and_cut_to_the_sprint():
    hours = OfficeHours(WorkCalendar("Europe/Berlin"), time(10), time(12))
    found = hours.stretches(SPRINT.start, SPRINT.end)
    assert [len(found), found[0]] == [10, (at(0, 9), at(0, 11))]


def test_edits_and_their_undo():
    first = Options()
    edits = [
        PinIssue(1, 2), Unpin(1), Exclude(1), Include(1), PinIssue(1), SetTeam(1, DEV), SetTiming(1, hard(1)),
        SetEstimate(1, Estimate(2000, None)), IgnoreLink(2, 1), AddCapacity(QA, 500), AddCapacity(QA, 500),
    ]  # fmt: skip
    history = [first]
    for edit in edits:
        history.append(edit.applied(history[-1]))
    last = history[-1]
    assert (last.pins, last.exclusions, last.teams) == ({1: Pin()}, frozenset(), {1: DEV})
    assert (last.ignored, last.extra) == (frozenset({(2, 1)}), {QA: 1000})
    assert history[2] == first == history[4], "what is taken back leaves nothing behind"
    assert Exclude(1).applied(history[1]).pins == {}


def test_replanning_without_news_changes_nothing():
    given_inputs = sprint(
        *(issue(n, n % 4, by=n % 3, after=[n - 5] if n % 5 == 0 and n > 5 else []) for n in range(1, 20))
    )
    for algorithm in Algorithm:
        before = generate(given_inputs, Options(algorithm=algorithm))
        again = replan(given_inputs, Options(algorithm=algorithm), before)
        assert again.changes == ()
        assert [keys(again.queue), keys(again.queue, DEV)] == [keys(before), keys(before, DEV)]


def test_replanning_says_what_moved_and_why():
    old = [issue(1, 3), issue(2, 3), issue(3, 3), issue(4, 3), issue(5, 1)]
    before = generate(sprint(*old), Options())
    new = [replace(old[0], done=True), issue(2, 5), *old[2:], issue(6, 1, priority=-1)]
    again = replan(sprint(*new), Options(pins={4: Pin(1)}), before)
    assert keys(before) == [1, 2, 3, 5]
    assert {(change.issue, change.move) for change in again.changes} == {
        (1, Move.FELL),
        (3, Move.FELL),
        (4, Move.ROSE),
        (6, Move.CAME),
    }
    said = {change.issue: change_in_words(change, again.queue, names=NAMES) for change in again.changes}
    assert said[1] == "ABC-1 is not in any more. It is done."
    assert said[3] == "ABC-3 is not in any more. QA is full. 3 more QA points would bring in ABC-3."
    assert said[4] == "ABC-4 is in now. It is pinned."
    gone = replan(sprint(*old[1:]), Options(), before)
    assert next(change_in_words(change, gone.queue, names=NAMES) for change in gone.changes) == (
        "ABC-1 is no longer among the issues of this plan."
    )


def test_few_count_as_moved_when_one_is_moved():
    given_inputs = sprint(*(issue(n) for n in range(1, 9)))
    before = generate(given_inputs, Options())
    again = replan(given_inputs, Options(pins={8: Pin(2)}), before)
    assert [(change.issue, change.move) for change in again.changes] == [(8, Move.EARLIER)]


@given(data=st.data(), given_inputs=inputs())
@settings(max_examples=25, deadline=None)
def test_replanning_keeps_all_that_still_goes(data, given_inputs):
    """Without news what was in stays in, whatever the algorithm of either queue."""
    first, second = (data.draw(options(algorithm=data.draw(st.sampled_from(Algorithm)))) for _ in range(2))
    second = replace(second, algorithm=first.algorithm)
    before = generate(given_inputs, first)
    again = replan(given_inputs, replace(first, algorithm=second.algorithm), before)
    stayed = {issue for issue, one in before.placements().items() if one.side is Side.IN}
    assert stayed <= {issue for issue, one in again.queue.placements().items() if one.side is Side.IN}
