"""The awkward cases of the domain, one example each: window (10, 100] in hours after Monday midnight."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from sprintreports.metrics.scope import EventKind, events_of, excluded_reason, outcome_of
from sprintreports.metrics.segments import segments_of, sprints_of
from sprintreports.metrics.values import BoardRules, Bucket, Estimate, IssueHistory, State
from tests.unit.metrics.histories import (
    DOING,
    DONE,
    NO_COLUMNS,
    OTHER,
    PARKED,
    RELEASED,
    RULES,
    SPRINT,
    TODO,
    history,
    hour,
    window,
)

IN, OUT = {SPRINT}, set()


def outcome(issue: IssueHistory, *, rules: BoardRules = RULES, within=None):
    return outcome_of(segments_of(issue, sprint=SPRINT, rules=rules), window=within or window())


def events(issue: IssueHistory, *, rules: BoardRules = RULES, within=None):
    return events_of(segments_of(issue, sprint=SPRINT, rules=rules), window=within or window())


def kinds(issue: IssueHistory, **given):
    return [(event.kind.value, (event.at - hour(0)) / timedelta(hours=1)) for event in events(issue, **given)]


def test_committed_and_completed():
    result = outcome(history(statuses=((0, TODO), (20, DONE))))
    assert (result.bucket, result.committed, result.added) == (Bucket.COMPLETED, True, False)
    assert (result.done_at, result.reason, result.entered_at, result.left_at) == (hour(20), "", None, None)


def test_carry_over():
    result = outcome(history(statuses=((0, TODO), (20, DOING))))
    assert result.bucket is Bucket.NOT_COMPLETED


def test_an_issue_that_is_added_and_removed_again_stays_in_the_report():
    issue = history(sprints=((0, OUT), (20, IN), (30, OUT)))
    result = outcome(issue)
    assert (result.bucket, result.added) == (Bucket.REMOVED, True)
    assert (result.entered_at, result.left_at) == (hour(20), hour(30))
    assert result.reason == "removed from the sprint"
    assert [event.reason for event in events(issue)] == ["added to the sprint", "removed from the sprint"]


def test_a_committed_issue_that_is_re_added_is_not_added():
    issue = history(sprints=((0, IN), (20, OUT), (30, IN)), points=((0, 5), (25, 8)))
    result = outcome(issue)
    assert (result.bucket, result.committed, result.added) == (Bucket.NOT_COMPLETED, True, False)
    assert (result.initial.points, result.final.points) == (5000, 8000)
    assert kinds(issue) == [("left", 20), ("entered", 30)]


def test_done_reopened_and_done_again_counts_once():
    issue = history(statuses=((0, TODO), (20, DONE), (30, DOING), (40, DONE)))
    assert outcome(issue).bucket is Bucket.COMPLETED
    assert outcome(issue).done_at == hour(40)
    assert kinds(issue) == [("done", 20), ("reopened", 30), ("done", 40)]
    assert [event.done for event in events(issue)] == [False, True, False]


def test_done_and_reopened_is_not_completed():
    issue = history(statuses=((0, TODO), (20, DONE), (30, DOING)))
    assert outcome(issue).bucket is Bucket.NOT_COMPLETED


def test_done_then_removed_is_removed():
    issue = history(statuses=((0, TODO), (20, DONE)), sprints=((0, IN), (30, OUT)))
    assert outcome(issue).bucket is Bucket.REMOVED
    left = events(issue)[-1]
    assert (left.kind, left.done) == (EventKind.LEFT, True)
    assert left.scope_delta == left.done_delta


def test_done_before_the_start_is_completed_outside():
    issue = history(statuses=((0, TODO), (5, DONE)))
    result = outcome(issue)
    assert (result.bucket, result.committed, result.added_during) == (Bucket.OUTSIDE, False, False)
    assert kinds(issue) == []


def test_done_at_the_very_start_is_completed_outside_and_just_after_is_not():
    assert outcome(history(statuses=((0, TODO), (10, DONE)))).bucket is Bucket.OUTSIDE
    assert outcome(history(statuses=((0, TODO), (10.01, DONE)))).bucket is Bucket.COMPLETED


def test_done_elsewhere_and_then_added_is_completed_outside_but_added_during():
    result = outcome(history(sprints=((0, {OTHER}), (20, IN)), statuses=((0, TODO), (5, DONE))))
    assert (result.bucket, result.added, result.added_during) == (Bucket.OUTSIDE, False, True)


def test_an_issue_finished_before_that_is_reopened_is_added():
    issue = history(statuses=((0, DONE), (20, DOING), (30, DONE)), points=((0, 3), (15, 5)))
    result = outcome(issue)
    assert (result.bucket, result.committed, result.added) == (Bucket.COMPLETED, False, True)
    assert (result.reason, result.initial.points) == ("reopened", 5000)
    assert kinds(issue) == [("entered", 20), ("done", 30)]


def test_moving_between_two_done_statuses_does_not_restart_the_done_run():
    issue = history(statuses=((0, TODO), (5, DONE), (20, RELEASED)))
    assert outcome(issue).bucket is Bucket.OUTSIDE
    assert outcome(issue).done_at == hour(5)


def test_an_issue_created_in_the_sprint():
    issue = history(
        created=20, sprints=((20, IN),), statuses=((20, TODO),), points=((20, 5),), disciplines=((20, 0),)
    )
    result = outcome(issue)
    assert (result.added, result.reason, result.entered_at) == (True, "created in the sprint", hour(20))


def test_an_issue_created_done_in_the_sprint_enters_and_burns_at_once():
    issue = history(created=20, sprints=((20, IN),), statuses=((20, DONE),))
    assert outcome(issue).bucket is Bucket.COMPLETED
    assert kinds(issue) == [("entered", 20), ("done", 20)]


def test_an_issue_created_before_and_added_later_was_not_created_in_the_sprint():
    assert outcome(history(sprints=((0, OUT), (20, IN)))).reason == "added to the sprint"


def test_done_in_the_window_elsewhere_then_added_enters_and_burns_at_once():
    issue = history(sprints=((0, OUT), (30, IN)), statuses=((0, TODO), (20, DONE)))
    assert outcome(issue).bucket is Bucket.COMPLETED
    assert outcome(issue).added
    assert kinds(issue) == [("entered", 30), ("done", 30)]


def test_sprint_changes_that_keep_the_membership_cut_nothing():
    issue = history(sprints=((0, IN), (20, {SPRINT, OTHER}), (30, {SPRINT}), (40, {SPRINT, 99})))
    assert len(segments_of(issue, sprint=SPRINT, rules=RULES)) == 1
    assert sprints_of(issue) == {SPRINT, OTHER, 99}
    assert kinds(issue) == []


def test_leaving_and_coming_back_at_one_instant_is_no_change():
    issue = history(sprints=((0, IN), (20, OUT), (20, IN)))
    assert len(segments_of(issue, sprint=SPRINT, rules=RULES)) == 1


def test_coming_and_leaving_at_one_instant_is_no_membership():
    issue = history(sprints=((0, OUT), (20, IN), (20, OUT)))
    assert segments_of(issue, sprint=SPRINT, rules=RULES) == ()
    assert outcome(issue) is None


def test_a_carried_over_issue_keeps_its_old_sprint():
    issue = history(sprints=((0, IN), (101, {SPRINT, OTHER})))
    assert outcome(issue).bucket is Bucket.NOT_COMPLETED


def test_an_estimate_cleared_to_null_lowers_the_scope_and_is_unestimated():
    issue = history(points=((0, 5), (20, None)))
    result = outcome(issue)
    assert (result.initial.points, result.final.points) == (5000, None)
    (change,) = events(issue)
    assert (change.kind, change.scope_delta.points, change.scope_delta.count) == (
        EventKind.REESTIMATED,
        -5000,
        0,
    )


def test_an_estimate_given_for_the_first_time_is_a_scope_change():
    (change,) = events(history(points=((0, None), (20, 3))))
    assert (change.before, change.after) == (Estimate(None, None), Estimate(3000, None))
    assert change.scope_delta.points == 3000


def test_estimates_changed_at_the_start_belong_to_the_commitment_and_at_the_close_to_the_sprint():
    result = outcome(history(points=((0, 1), (10, 2), (100, 3), (100.01, 4))))
    assert (result.initial.points, result.final.points) == (2000, 3000)


def test_a_re_estimate_of_a_done_issue_changes_the_done_work():
    change = events(history(statuses=((0, TODO), (20, DONE)), points=((0, 5), (30, 8))))[-1]
    assert change.done
    assert change.done_delta == change.scope_delta


def test_at_one_instant_the_estimate_changes_before_the_issue_is_done():
    issue = history(statuses=((0, TODO), (20, DONE)), points=((0, 5), (20, 8)))
    estimated, done = events(issue)
    assert (estimated.kind, done.kind) == (EventKind.REESTIMATED, EventKind.DONE)
    assert (estimated.done, done.done_delta.points) == (False, 8000)


def test_a_status_off_the_board_takes_the_issue_out_and_back():
    issue = history(statuses=((0, TODO), (20, PARKED), (30, TODO)))
    assert [event.reason for event in events(issue)] == [
        "status not on the board",
        "status moved onto the board",
    ]
    assert outcome(issue).bucket is Bucket.NOT_COMPLETED
    away = outcome(history(statuses=((0, TODO), (20, PARKED))))
    assert (away.bucket, away.reason, away.left_at) == (Bucket.REMOVED, "status not on the board", hour(20))


def test_an_issue_that_was_never_on_the_board_is_excluded_with_a_reason():
    segments = segments_of(history(statuses=((0, PARKED),)), sprint=SPRINT, rules=RULES)
    assert outcome_of(segments, window=window()) is None
    assert excluded_reason(segments, window=window()) == "status not on the board"


def test_an_issue_that_left_before_the_start_is_neither_reported_nor_excluded():
    segments = segments_of(history(sprints=((0, IN), (5, OUT))), sprint=SPRINT, rules=RULES)
    assert outcome_of(segments, window=window()) is None
    assert excluded_reason(segments, window=window()) is None


def test_a_reported_issue_is_not_excluded():
    segments = segments_of(history(), sprint=SPRINT, rules=RULES)
    assert excluded_reason(segments, window=window()) is None


def test_a_deleted_issue_leaves_the_sprint_then():
    result = outcome(history(removed=30))
    assert (result.bucket, result.left_at) == (Bucket.REMOVED, hour(30))
    assert outcome(history(removed=5)) is None
    assert segments_of(history(sprints=((0, OUT), (40, IN)), removed=30), sprint=SPRINT, rules=RULES) == ()
    assert segments_of(history(created=4, removed=4), sprint=SPRINT, rules=RULES) == ()


def test_a_status_deleted_since_counts_as_not_begun():
    rules = BoardRules(done=RULES.done, mapped=RULES.mapped | {"77"}, categories=RULES.categories)
    (segment,) = segments_of(history(statuses=((0, "77"),)), sprint=SPRINT, rules=rules)
    assert segment.state is State.TODO
    assert NO_COLUMNS.state("77") is State.TODO


def test_a_board_without_columns_goes_by_the_status_category():
    assert [NO_COLUMNS.state(status) for status in (TODO, DOING, DONE, PARKED)] == [
        State.TODO,
        State.DOING,
        State.DONE,
        State.DONE,
    ]


def test_only_the_right_most_column_is_done():
    rules = BoardRules(frozenset({RELEASED}), frozenset({TODO, DONE, RELEASED}), RULES.categories)
    assert (rules.state(DONE), rules.state(RELEASED)) == (State.DOING, State.DONE)


def test_changes_dated_before_the_creation_hold_from_the_creation_on():
    issue = history(
        created=15,
        sprints=((15, OUT), (3, IN)),
        statuses=((15, TODO), (1, DOING), (2, DONE)),
        points=((15, 1), (14, 2)),
    )
    (segment,) = segments_of(issue, sprint=SPRINT, rules=RULES)
    assert (segment.valid_from, segment.born_member, segment.points) == (hour(15), True, 2000)
    assert (segment.state, segment.done_since) == (State.DONE, hour(15))


def test_instants_of_different_offsets_are_the_same_instants():
    berlin = timezone(timedelta(hours=1))
    local = datetime(2025, 3, 3, 11, tzinfo=berlin)
    issue = IssueHistory(
        1, hour(0), True, ((hour(0), frozenset(IN)),), ((hour(0), TODO), (local, DONE)), ((hour(0), 5000),)
    )
    assert outcome(issue).bucket is Bucket.OUTSIDE


def test_a_sub_task_has_no_segments_when_parents_count():
    assert segments_of(history(counts=False), sprint=SPRINT, rules=RULES) == ()


def test_a_re_opened_sprint_is_only_another_window():
    issue = history(statuses=((0, TODO), (120, DONE)))
    assert outcome(issue).bucket is Bucket.NOT_COMPLETED
    assert outcome(issue, within=window(10, 130, closed=False)).bucket is Bucket.COMPLETED


def test_a_future_sprint_has_a_plan_and_no_commitment():
    plan = window(None, 50, closed=False)
    open_issue = outcome(history(points=((0, 5), (60, 8))), within=plan)
    assert (open_issue.bucket, open_issue.committed, open_issue.added) == (Bucket.NOT_COMPLETED, False, False)
    assert open_issue.final.points == 5000
    assert outcome(history(statuses=((0, DONE),)), within=plan).bucket is Bucket.OUTSIDE
    assert outcome(history(statuses=((0, PARKED),)), within=plan) is None
    assert outcome(history(sprints=((0, OUT),)), within=plan) is None
    assert kinds(history(statuses=((0, TODO), (20, DONE))), within=plan) == []


def test_a_sprint_that_closed_before_it_started_is_an_empty_window():
    broken = window(50, 20)
    assert broken.stop == hour(50)
    assert outcome(history(statuses=((0, TODO), (60, DONE))), within=broken).bucket is Bucket.NOT_COMPLETED
    assert kinds(history(statuses=((0, TODO), (30, DONE))), within=broken) == []


def test_changes_after_the_close_do_not_count():
    issue = history(statuses=((0, TODO), (101, DONE)), sprints=((0, IN), (102, OUT)))
    assert outcome(issue).bucket is Bucket.NOT_COMPLETED
    assert kinds(issue) == []


def test_an_issue_added_after_the_close_is_not_in_the_report():
    assert outcome(history(sprints=((0, OUT), (101, IN)))) is None


def test_an_issue_with_no_tracks_of_its_own_is_unestimated_and_without_a_team():
    bare = IssueHistory(1, hour(0), True, ((hour(0), frozenset(IN)),), ((hour(0), TODO),))
    (segment,) = segments_of(bare, sprint=SPRINT, rules=RULES)
    assert (segment.points, segment.seconds, segment.discipline) == (None, None, 0)


@pytest.mark.parametrize("moved_at", [20, 30])
def test_a_change_of_team_is_a_transfer_and_no_scope_change(moved_at):
    issue = history(disciplines=((0, 1), (moved_at, 2)), points=((0, 5), (30, 8)))
    result = outcome(issue)
    assert (result.discipline_initial, result.discipline, result.added) == (1, 2, False)
    transfers = [event for event in events(issue) if event.kind is EventKind.TRANSFERRED]
    assert [(event.discipline, event.scope_delta.points) for event in transfers] == [(1, -5000), (2, 5000)]
    assert events(issue)[-1].kind is EventKind.REESTIMATED
    assert events(issue)[-1].discipline == 2
