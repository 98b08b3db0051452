"""What figures rest on agrees with the sums, whatever happened in the sprint."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from sprintreports.metrics.basis import Alike, Basis, SprintBasis, sprint_basis
from sprintreports.metrics.scope import Outcome, outcome_of
from sprintreports.metrics.segments import segments_of
from sprintreports.metrics.sprint_report import summarise
from sprintreports.metrics.values import Bucket, Estimate, Unit
from tests.unit.metrics.histories import RULES, SPRINT, row, sprint_of_issues, windows

FIVE, NOTHING_SAID = Estimate(5000, None), Estimate(None, None)


def outcomes_of(issues, window) -> list[Outcome]:
    found = (outcome_of(segments_of(issue, sprint=SPRINT, rules=RULES), window=window) for issue in issues)
    return [outcome for outcome in found if outcome is not None]


@given(sprint_of_issues, windows)
def test_a_figure_rests_on_as_many_issues_as_its_sum_counts(issues, window):
    outcomes = outcomes_of(issues, window)
    totals, basis = summarise(map(row, outcomes)), sprint_basis(map(Alike.of, outcomes))
    assert basis.commitment.issues == totals.initial.count
    assert basis.added.issues == totals.added.count
    assert basis.removed.issues == totals.removed.count
    assert basis.completed.issues == totals.completed.count
    assert basis.not_completed.issues == totals.not_completed.count
    final = basis.completed + basis.not_completed
    assert (final.without_points, final.without_hours) == (totals.unestimated, totals.untimed)
    assert basis.left_out == 0
    both = sum(outcome.committed and outcome.bucket is Bucket.COMPLETED for outcome in outcomes)
    assert basis.say_do.issues == basis.commitment.issues + basis.completed.issues - both
    if totals.reestimated.points:
        assert basis.reestimated_points
    if totals.reestimated.seconds:
        assert basis.reestimated_hours


@given(sprint_of_issues, windows)
def test_counting_alike_issues_together_changes_nothing(issues, window):
    outcomes = outcomes_of(issues, window)
    one_by_one = [Alike.of(outcome) for outcome in outcomes]
    together = [
        replace(alike, number=one_by_one.count(alike)) for alike in dict.fromkeys(one_by_one)
    ]  # fmt: skip
    assert sprint_basis(together) == sprint_basis(one_by_one)


def test_estimates_are_those_of_the_figures_moment_and_zero_is_one():
    basis = sprint_basis(
        [
            Alike(3, Bucket.COMPLETED, committed=True, initial=NOTHING_SAID, final=FIVE),
            Alike(2, Bucket.NOT_COMPLETED, added=True, initial=Estimate(0, None), final=Estimate(0, None)),
            Alike(1, Bucket.REMOVED, committed=True, initial=FIVE, final=NOTHING_SAID),
            Alike(4, Bucket.OUTSIDE, initial=FIVE, final=FIVE),
            Alike(6, None),
        ]
    )
    assert basis == SprintBasis(
        commitment=Basis(4, 3, 4),
        added=Basis(2, 0, 2),
        removed=Basis(1, 1, 1),
        completed=Basis(3, 0, 3),
        not_completed=Basis(2, 0, 2),
        say_do=Basis(4, 3, 4),
        reestimated_points=4,
        left_out=6,
    )
    assert [basis.commitment.without(unit) for unit in Unit] == [
        {Unit.POINTS: 3, Unit.HOURS: 4, Unit.COUNT: 0}[unit] for unit in Unit
    ]
    assert (basis.reestimated(Unit.POINTS), basis.reestimated(Unit.HOURS), basis.reestimated(Unit.COUNT)) == (
        4,
        0,
        0,
    )


def test_a_team_has_what_entered_or_ended_with_it():
    moved_away = Alike(1, Bucket.COMPLETED, committed=True, initial=FIVE, final=FIVE, ended=False)
    came_to_it = Alike(1, Bucket.COMPLETED, committed=True, initial=FIVE, final=FIVE, entered=False)
    assert sprint_basis([moved_away]) == SprintBasis(commitment=Basis(1, 0, 1), say_do=Basis(1, 0, 1))
    assert sprint_basis([came_to_it]) == SprintBasis(completed=Basis(1, 0, 1), say_do=Basis(1, 0, 1))
    assert sprint_basis([Alike(1, None, ended=False)]) == SprintBasis()


def test_a_planned_sprint_has_no_re_estimates():
    planned = Alike(2, Bucket.NOT_COMPLETED, initial=NOTHING_SAID, final=FIVE)
    assert sprint_basis([planned]) == SprintBasis(not_completed=Basis(2, 0, 2))
