"""Segments and outcomes against the definitions applied by the letter."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sprintreports.metrics.scope import outcome_of
from sprintreports.metrics.segments import segments_of, sprints_of
from sprintreports.metrics.values import State
from tests.unit.metrics.histories import (
    NO_COLUMNS,
    RULES,
    SPRINT,
    At,
    Truth,
    histories,
    hour,
    truth,
    windows,
)

boards = st.sampled_from([RULES, NO_COLUMNS])


@given(histories(), boards)
def test_segments_are_ordered_and_do_not_overlap(issue, rules):
    segments = segments_of(issue, sprint=SPRINT, rules=rules)
    assert all(segment.valid_to is None or segment.valid_from < segment.valid_to for segment in segments)
    for before, after in pairwise(segments):
        assert before.valid_to is not None
        assert before.valid_to <= after.valid_from


@given(histories(), boards)
def test_segments_say_what_the_history_says_at_every_instant(issue, rules):
    segments = segments_of(issue, sprint=SPRINT, rules=rules)
    for half_hour in range(60):
        instant = hour(half_hour / 2)
        here = [
            s for s in segments if s.valid_from <= instant and (s.valid_to is None or instant < s.valid_to)
        ]
        expected = At(issue, rules, instant)
        assert bool(here) is expected.member
        for segment in here:
            assert segment.estimate == expected.estimate
            assert segment.discipline == expected.discipline
            assert (segment.state is State.DONE) is expected.done
            assert (segment.state is not State.UNMAPPED) is expected.mapped
            assert segment.done_since == expected.done_since


@given(histories(), boards)
def test_neighbouring_segments_differ(issue, rules):
    for before, after in pairwise(segments_of(issue, sprint=SPRINT, rules=rules)):
        if before.valid_to == after.valid_from:
            assert (before.estimate, before.status, before.discipline) != (
                after.estimate,
                after.status,
                after.discipline,
            )


@given(histories(), boards)
def test_a_sprint_with_segments_is_one_that_the_issue_was_in(issue, rules):
    if segments_of(issue, sprint=SPRINT, rules=rules):
        assert SPRINT in sprints_of(issue)


@given(histories(), boards, windows)
def test_the_outcome_is_the_one_by_the_letter(issue, rules, window):
    outcome = outcome_of(segments_of(issue, sprint=SPRINT, rules=rules), window=window)
    expected = truth(issue, rules, window)
    if outcome is None:
        assert expected is None
        return
    assert expected == Truth(
        outcome.bucket,
        outcome.committed,
        outcome.added,
        outcome.initial,
        outcome.final,
        outcome.discipline_initial,
        outcome.discipline,
        outcome.added_during,
    )
