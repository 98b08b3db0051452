"""Comparisons: worked out by hand for the told sprint; and for any two snapshots the parts make the whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.values import NOTHING, Amount, Bucket, Estimate, Unit
from sprintreports.reports.comparing import Comparison, compare, movements
from sprintreports.reports.comparing.compare import key_order
from sprintreports.reports.comparing.sentences import NO_CHANGE
from sprintreports.reports.comparing.values import Field, IssueChange, Stakeholder, Standing, in_scope
from sprintreports.reports.snapshot import Snapshot, SnapshotIssue
from tests.reports_samples import FIRST, LATER, TEAMS, snapshot
from tests.unit.reports.snapshots import snapshots


@pytest.fixture(scope="module")
def told() -> Comparison:
    return compare(snapshot(FIRST), snapshot(LATER))


def keys(changes: tuple[IssueChange, ...]) -> list[str]:
    return [change.latest.key for change in changes]


def changed(told: Comparison, key: str) -> dict[Field, tuple[object, object]]:
    (found,) = (change for change in told.issues if change.latest.key == key)
    return {one.field: (one.before, one.after) for one in found.differences}


def test_what_came_what_left_and_what_is_another(told: Comparison):
    assert keys(told.added) == ["PAY-8", "PAY-9"]
    assert keys(told.removed) == ["PAY-4"]
    assert keys(told.changed) == ["PAY-1", "PAY-2", "PAY-3", "PAY-7", "PAY-12", "PAY-13", "PAY-14"]


def test_each_field_before_and_after(told: Comparison):
    assert changed(told, "PAY-2") == {
        Field.ESTIMATE: (Estimate(3000, None), Estimate(8000, None)),
        Field.STATUS: ("To Do", "In Progress"),
    }
    assert changed(told, "PAY-3") == {
        Field.STANDING: (Standing.NOT_COMPLETED, Standing.COMPLETED),
        Field.STATUS: ("In Progress", "Done"),
        Field.SUMMARY: ("Old name", "New name"),
    }
    assert changed(told, "PAY-7") == {
        Field.TEAM: (0, 1),
        Field.PRIORITY: ("Low", "Highest"),
        Field.ASSIGNEE: (None, 12),
    }
    assert changed(told, "PAY-14") == {Field.STANDING: (Standing.ABSENT, Standing.REMOVED)}


def test_type_stakeholder_parent_and_key_are_compared_too():
    before = snapshot(FIRST)
    first, *others = before.issues
    other = replace(first, type="Bug", stakeholder_is_owner=False, parent="PAY-99", key="OPS-1")
    after = replace(before, issues=(other, *others))
    assert {one.field: (one.before, one.after) for one in compare(before, after).changed[0].differences} == {
        Field.TYPE: ("Story", "Bug"),
        Field.STAKEHOLDER: (Stakeholder(21, True), Stakeholder(21, False)),
        Field.PARENT: ("", "PAY-99"),
        Field.KEY: ("PAY-1", "OPS-1"),
    }


def test_scope_by_hand(told: Comparison):
    # In scope on the 3rd: 5+3+2+5+0+1+3+0+1. On the 10th: 5+8+2+0+1+3+8+3+0+1.
    assert told.scope.before == Amount(20_000, 0, 9)
    assert told.scope.after == Amount(31_000, 0, 10)
    assert told.scope.added == Amount(11_000, 0, 2)
    assert told.scope.removed == Amount(5_000, 0, 1)
    assert told.scope.reestimated == Amount(5_000, 0, 0)
    assert told.scope.share(Unit.POINTS) == 11 / 20
    assert told.scope.share(Unit.HOURS) is None


def test_what_moved_the_numbers_the_largest_first(told: Comparison):
    assert movements(told, unit=Unit.POINTS, team=TEAMS.__getitem__) == (
        "Scope grew by 11 points, from 20 to 31 (+55 %): 2 issues added (+11), 1 removed (-5), 1 re-estimated (+5).",
        "The work completed grew by 6 points, from 2 to 8: 3 issues completed (+7), 1 reopened or taken out (-1).",
        "PAY-8 came into scope with 8 points: added to the sprint.",
        "PAY-4 left the scope with 5 points: removed from the sprint.",
        "PAY-2 went from 3 to 8 points.",
        "PAY-9 came into scope with 3 points: created in the sprint.",
        "PAY-7 moved from No team to Backend with 3 points.",
    )


def test_estimates_that_came_and_went_are_told():
    before, after = snapshot(FIRST), snapshot(FIRST)
    estimates = {"PAY-5": Estimate(2000, None), "PAY-1": Estimate(None, None)}
    issues = tuple(
        _estimated(one, estimates[one.key]) if one.key in estimates else one for one in after.issues
    )
    told = movements(compare(before, replace(after, issues=issues)), unit=Unit.POINTS, team=str)
    assert "PAY-5 was estimated at 2 points; it had no estimate." in told
    assert "PAY-1 lost its estimate of 5 points." in told


def _estimated(issue: SnapshotIssue, estimate: Estimate) -> SnapshotIssue:
    assert issue.outcome
    return replace(issue, outcome=replace(issue.outcome, final=estimate))


def test_many_single_changes_are_not_told_one_by_one():
    before = snapshot(FIRST)
    (pattern,) = (one for one in before.issues if one.key == "PAY-2")
    more = tuple(replace(pattern, issue=5000 + number, key=f"PAY-{5000 + number}") for number in range(14))
    told = movements(
        compare(before, replace(before, issues=(*before.issues, *more))), unit=Unit.POINTS, team=str
    )
    assert told[-1] == "2 more issues moved by less; the tables name them."


def test_a_state_against_itself_is_empty():
    same = compare(snapshot(LATER), snapshot(LATER))
    assert same.empty
    assert movements(same, unit=Unit.POINTS, team=str) == (NO_CHANGE,)


def test_two_sprints_tell_what_was_carried_over():
    first = snapshot(LATER)
    left = tuple(one for one in first.issues if one.key in {"PAY-2", "PAY-5", "PAY-6"})
    second = replace(first, jira_sprint_id=141, sprint_id=42, sprint_name="Payments 15", issues=left)
    told = compare(first, second)
    # PAY-2 and PAY-5 were not completed in the first sprint; PAY-6 was.
    assert keys(told.carried) == ["PAY-2", "PAY-5"]
    sentence = "2 issues (8 points) were carried over from Payments 14, where they were not completed."
    assert movements(told, unit=Unit.POINTS, team=str)[1] == sentence


def test_sprints_of_two_sites_share_no_issue():
    first = snapshot(FIRST)
    told = compare(first, replace(first, site_id=2))
    assert len(told.added) == len(told.removed) == 9
    assert not told.carried


def test_keys_are_ordered_as_people_count():
    assert sorted(["PAY-10", "PAY-9", "OPS-100", "odd", "A-" + "9" * 5000], key=key_order) == [
        "A-" + "9" * 5000, "OPS-100", "PAY-9", "PAY-10", "odd",
    ]  # fmt: skip


@given(snapshots(), snapshots())
def test_the_issues_differences_add_up_to_those_of_the_sums(before: Snapshot, after: Snapshot):
    told = compare(before, after)
    old, new = before.report.totals, after.report.totals
    assert reduce(add, (one.scope for one in told.issues), NOTHING) == new.final - old.final
    assert reduce(add, (one.completed for one in told.issues), NOTHING) == new.completed - old.completed
    scope = told.scope
    assert scope.before + scope.added - scope.removed + scope.reestimated == scope.after
    assert scope.reestimated.count == 0


@given(snapshots(), snapshots(), st.sampled_from(Dimension))
def test_each_labels_difference_is_that_of_its_issues(before: Snapshot, after: Snapshot, by: Dimension):
    told = compare(before, after)
    moved: Counter[str] = Counter()
    for one in told.issues:
        for issue, sign in ((one.after, 1), (one.before, -1)):
            if issue is not None:
                moved[_label(issue, by)] += sign * in_scope(issue).points
    for group in told.groups[by]:
        assert group.after.final.points - group.before.final.points == moved[group.label]


@given(snapshots(), snapshots())
def test_the_other_way_round_mirrors(before: Snapshot, after: Snapshot):
    there, back = compare(before, after), compare(after, before)
    assert {one.latest.issue for one in there.added} == {one.latest.issue for one in back.removed}
    assert {one.latest.issue for one in there.removed} == {one.latest.issue for one in back.added}
    assert there.scope.net == -back.scope.net
    swapped = {
        one.latest.issue: {(d.field, d.after, d.before) for d in one.differences} for one in back.issues
    }
    assert swapped == {
        one.latest.issue: {(d.field, d.before, d.after) for d in one.differences} for one in there.issues
    }


@given(snapshots())
def test_nothing_differs_from_itself(one: Snapshot):
    assert compare(one, one).empty
    assert compare(one, one).scope.net == NOTHING


def _label(issue: SnapshotIssue, by: Dimension) -> str:
    if issue.outcome is None or issue.outcome.bucket not in (Bucket.COMPLETED, Bucket.NOT_COMPLETED):
        return ""
    people = {Dimension.ASSIGNEE: issue.assignee, Dimension.STAKEHOLDER: issue.stakeholder}
    if by in people:
        return "" if people[by] is None else str(people[by])
    return {
        Dimension.TEAM: str(issue.discipline), Dimension.TYPE: issue.type, Dimension.STATUS: issue.status,
        Dimension.PRIORITY: issue.priority,
    }[by]  # fmt: skip
