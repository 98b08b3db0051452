"""Totals, breakdowns and team slices of a small sprint, in figures that can be checked by hand."""

from __future__ import annotations

import pytest

from sprintreports.metrics.predictability import churn, say_do
from sprintreports.metrics.scope import outcome_of
from sprintreports.metrics.segments import segments_of
from sprintreports.metrics.sprint_report import (
    DEFINITIONS,
    Dimension,
    Excluded,
    Transfer,
    breakdown,
    sprint_report,
    summarise,
)
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount, Estimate, SprintState, Unit
from tests.unit.metrics.histories import DONE, PARKED, RULES, SPRINT, TODO, history, row, window


def outcome(issue: int, **given):
    return outcome_of(segments_of(history(issue=issue, **given), sprint=SPRINT, rules=RULES), window=window())


@pytest.fixture
def rows():
    """Committed 5 (done, re-estimated to 8, moved from team 1 to 2), 3 and 2 (removed); added 1, unestimated."""
    return [
        row(
            outcome(
                1,
                statuses=((0, TODO), (50, DONE)),
                points=((0, 5), (20, 8)),
                disciplines=((0, 1), (30, 2)),
            ),
            type="Bug",
            assignee=4,
        ),
        row(outcome(2, points=((0, 3),), disciplines=((0, 1),))),
        row(outcome(3, points=((0, 2),), sprints=((0, {SPRINT}), (30, set())), disciplines=((0, 2),))),
        row(outcome(4, points=((0, None),), sprints=((0, set()), (30, {SPRINT})))),
        row(outcome(5, points=((0, 13),), statuses=((0, DONE),))),
    ]


@pytest.fixture
def report(rows):
    return sprint_report(
        rows,
        board_id=1,
        sprint_id=2,
        sprint_name="Sprint 7",
        state=SprintState.CLOSED,
        window=window(),
        zone="Europe/Berlin",
        excluded=[Excluded(9, 2, "status not on the board"), Excluded(10, 3, "status not on the board")],
    )


def test_the_sums(rows):
    totals = summarise(rows, excluded=2)
    assert totals.initial == Amount(10_000, 0, 3)
    assert totals.added == Amount(0, 0, 1)
    assert totals.removed == totals.removed_initial == Amount(2_000, 0, 1)
    assert totals.reestimated == Amount(3_000, 0, 0)
    assert totals.final == Amount(11_000, 0, 3)
    assert (totals.completed, totals.completed_initial) == (Amount(8_000, 0, 1), Amount(5_000, 0, 1))
    assert totals.not_completed == totals.not_completed_initial == Amount(3_000, 0, 2)
    assert totals.outside == Amount(13_000, 0, 1)
    assert (totals.issues, totals.unestimated, totals.untimed, totals.excluded) == (5, 1, 3, 2)


def test_unestimated_depends_on_the_unit(rows):
    totals = summarise(rows)
    assert [totals.unestimated_in(unit) for unit in (Unit.POINTS, Unit.HOURS, Unit.COUNT)] == [1, 3, 0]


def test_say_do_and_churn(rows):
    totals = summarise(rows)
    assert say_do(totals, unit=Unit.POINTS) == pytest.approx(0.8)
    assert churn(totals, unit=Unit.POINTS) == pytest.approx(0.2)
    assert churn(totals, unit=Unit.COUNT) == pytest.approx(2 / 3)


def test_no_commitment_makes_no_ratio():
    assert say_do(Totals(completed=Amount(5_000, 0, 1)), unit=Unit.POINTS) is None
    assert churn(Totals(added=Amount(5_000, 0, 1)), unit=Unit.POINTS) is None


def test_a_transfer_takes_from_one_team_and_gives_to_the_other(report):
    assert report.transfers == (Transfer(1, 2, Amount(5_000, 0, 1)),)
    none, first, second, third = report.teams
    assert [team.discipline for team in report.teams] == [0, 1, 2, 3]
    assert (first.totals.initial, first.transferred_out) == (Amount(8_000, 0, 2), Amount(5_000, 0, 1))
    assert first.totals.transferred == -Amount(5_000, 0, 1)
    assert first.totals.final == Amount(3_000, 0, 1)
    assert second.transferred_in == second.totals.transferred == Amount(5_000, 0, 1)
    assert second.totals.final == second.totals.completed == Amount(8_000, 0, 1)
    assert none.transferred_in == none.transferred_out == NOTHING
    assert third.totals.issues == 0


def test_a_slice_does_not_name_other_teams(report):
    part = report.for_teams({2})
    assert [team.discipline for team in part.teams] == [2]
    assert part.transfers == (Transfer(None, 2, Amount(5_000, 0, 1)),)
    assert report.for_teams({1}).transfers == (Transfer(1, None, Amount(5_000, 0, 1)),)
    assert report.for_teams({0}).transfers == ()
    assert report.for_teams({1, 2}).transfers == report.transfers
    assert report.for_teams({1, 2}).totals.transferred == NOTHING
    assert (part.sprint_name, part.definitions) == ("Sprint 7", DEFINITIONS)


def test_exclusions_are_counted_by_reason_and_by_team(report):
    assert report.excluded == {"status not on the board": 2}
    assert report.totals.excluded == 2
    assert report.for_teams({2}).excluded == {"status not on the board": 1}
    assert report.for_teams({1}).excluded == {}


def test_breakdowns_are_labelled_by_names_and_ids(report):
    assert [part.label for part in report.of(Dimension.TYPE)] == ["Bug", "Story"]
    assert [part.label for part in report.of(Dimension.ASSIGNEE)] == ["", "4"]
    assert [part.label for part in report.of(Dimension.STAKEHOLDER)] == [""]
    assert [part.label for part in report.of(Dimension.TEAM)] == ["0", "1", "2", "3"]
    bug = report.of(Dimension.TYPE)[0].totals
    assert (bug.initial.points, bug.completed.points, bug.transferred) == (5_000, 8_000, NOTHING)


def test_a_breakdown_of_rows_equals_the_reports(rows, report):
    assert breakdown(rows, Dimension.STATUS) == report.of(Dimension.STATUS)


def test_an_empty_sprint_sums_to_nothing():
    assert summarise([]) == Totals()
    assert breakdown([], Dimension.TYPE) == ()


def test_a_future_sprint_sums_to_a_plan_without_a_commitment():
    segments = segments_of(history(points=((0, 5),)), sprint=SPRINT, rules=RULES)
    planned = outcome_of(segments, window=window(None, 50, closed=False))
    totals = summarise([row(planned)])
    assert (totals.initial, totals.added, totals.reestimated) == (NOTHING, NOTHING, NOTHING)
    assert totals.final == totals.not_completed == Amount(5_000, 0, 1)


def test_an_excluded_issue_is_not_also_a_row():
    assert outcome(1, statuses=((0, PARKED),)) is None


def test_amounts_in_their_units():
    amount = Amount(2_500, 5_400, 3)
    assert [amount.value(unit) for unit in (Unit.POINTS, Unit.HOURS, Unit.COUNT)] == [2.5, 1.5, 3.0]
    assert Amount.of(Estimate(None, 60)) == Amount(0, 60, 1)


def test_missing_is_not_zero():
    assert Estimate(None, 0).missing(Unit.POINTS)
    assert not Estimate(0, None).missing(Unit.POINTS)
    assert Estimate(0, None).missing(Unit.HOURS)
    assert not Estimate(None, None).missing(Unit.COUNT)
