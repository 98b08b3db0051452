"""Both sides of a sprint beside each other: what differs, why, and whether Jira's report agrees with itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from sprintreports.metrics.jira_lines import (
    Aspect,
    Evidence,
    JiraLine,
    JiraReport,
    OurLine,
    Reason,
    Situation,
)
from sprintreports.metrics.reasons import explain, told_window
from sprintreports.metrics.reconciliation import (
    checks_of,
    differing_aspects,
    paired,
    reconcile,
    share_equal,
)
from sprintreports.metrics.scope import outcome_of
from sprintreports.metrics.segments import segments_of
from sprintreports.metrics.values import Bucket, IssueHistory, Unit
from tests.unit.metrics.histories import (
    DONE,
    OTHER,
    PARKED,
    RULES,
    SPRINT,
    TODO,
    histories,
    history,
    hour,
    window,
    windows,
)

POINTS = Situation(window(), Unit.POINTS)


def evidence(told: IssueHistory, **facts) -> Evidence:
    return Evidence(
        stored=True,
        segments=segments_of(told, sprint=SPRINT, rules=RULES),
        estimates=told.points,
        **facts,
    )


def ours_of(told: IssueHistory) -> OurLine | None:
    """Our line of a history, as the facts have it."""
    outcome = outcome_of(segments_of(told, sprint=SPRINT, rules=RULES), window=POINTS.window)
    if outcome is None:
        return None
    added = outcome.added or outcome.added_during
    return OurLine(
        told.issue,
        "DEMO-1",
        outcome.bucket,
        added,
        outcome.initial.points,
        outcome.final.points,
    )


def jira(bucket: Bucket = Bucket.NOT_COMPLETED, **given) -> JiraLine:
    return replace(JiraLine(1, "DEMO-1", bucket, added=False, initial=5000, final=5000), **given)


def why(
    told: IssueHistory, theirs: JiraLine | None, aspect: Aspect, at: Situation = POINTS, **facts
) -> tuple[Reason, object]:
    """The reason of a difference between our line of this history and Jira's. Both must really differ so."""
    mine = ours_of(told) if facts.get("counts", True) and facts.get("on_board", True) else None
    assert aspect in differing_aspects(mine, theirs, unit=Unit.POINTS)
    return explain(aspect, mine, theirs, evidence(told, **facts), at)


def test_added_after_the_start_and_counted_as_committed_by_jira():
    told = history(sprints=((0, set()), (20, {SPRINT})))
    assert why(told, jira(), Aspect.ADDED) == (Reason.ADDED_AFTER_START, hour(20))


def test_back_after_the_start_and_counted_as_added_by_jira():
    told = history(sprints=((0, {SPRINT}), (20, set()), (30, {SPRINT})))
    assert why(told, jira(added=True), Aspect.ADDED) == (Reason.ADDED_AFTER_START, hour(30))


def test_a_status_outside_the_columns():
    parked = history(statuses=((0, TODO), (20, PARKED)))
    assert why(parked, jira(), Aspect.BUCKET) == (Reason.UNMAPPED_STATUS, hour(20))
    all_along = history(statuses=((0, PARKED),))
    assert why(all_along, jira(), Aspect.PRESENCE) == (Reason.UNMAPPED_STATUS, hour(0))
    assert why(parked, None, Aspect.PRESENCE) == (Reason.UNMAPPED_STATUS, hour(20))
    onto = history(statuses=((0, PARKED), (20, TODO)))
    assert why(onto, jira(), Aspect.ADDED) == (Reason.UNMAPPED_STATUS, hour(0))


def test_done_before_the_start():
    told = history(statuses=((0, TODO), (5, DONE)))
    assert why(told, jira(Bucket.COMPLETED), Aspect.BUCKET) == (Reason.DONE_BEFORE_START, hour(5))
    reopened = history(statuses=((0, TODO), (5, DONE), (20, TODO)))
    assert why(reopened, jira(), Aspect.ADDED) == (Reason.DONE_BEFORE_START, hour(5))
    left = history(statuses=((0, TODO), (5, DONE)), sprints=((0, {SPRINT}), (20, set())))
    assert why(left, jira(Bucket.REMOVED), Aspect.PRESENCE) == (Reason.DONE_BEFORE_START, hour(5))


def test_estimated_anew():
    told = history(points=((0, 5), (20, 8)))
    assert why(told, jira(final=5000), Aspect.FINAL) == (Reason.REESTIMATED, hour(20))
    assert why(told, jira(initial=8000, final=8000), Aspect.INITIAL) == (Reason.REESTIMATED, hour(20))
    before = history(points=((0, 3), (5, 5)))
    assert why(before, jira(initial=3000), Aspect.INITIAL) == (Reason.REESTIMATED, hour(5))
    cleared = history(points=((0, 5), (20, None)))
    assert why(cleared, jira(initial=None, final=None), Aspect.INITIAL) == (Reason.REESTIMATED, hour(20))


def test_a_figure_that_the_issue_never_had_is_not_explained():
    told = history(points=((0, 5), (20, 8)))
    assert why(told, jira(final=13000), Aspect.FINAL) == (Reason.UNEXPLAINED, None)
    once = history()
    assert why(once, jira(final=13000), Aspect.FINAL) == (Reason.UNEXPLAINED, None)


def test_sub_tasks_and_their_parents():
    told = history()
    reason = why(told, jira(), Aspect.PRESENCE, counts=False, is_subtask=True)
    assert reason == (Reason.SUBTASK, None)
    assert why(told, jira(), Aspect.PRESENCE, counts=False) == (Reason.SUBTASK, None)
    assert why(told, None, Aspect.PRESENCE, is_subtask=True) == (Reason.SUBTASK, None)


def test_a_sub_task_that_was_in_another_sprint_is_not_explained_by_the_rule():
    told = history(sprints=((0, {OTHER}),))
    assert why(told, jira(), Aspect.PRESENCE, counts=False, is_subtask=True) == (Reason.UNEXPLAINED, None)


def test_another_board():
    told = history()
    assert why(told, jira(), Aspect.PRESENCE, on_board=False) == (Reason.OTHER_BOARD, None)
    assert why(told, None, Aspect.PRESENCE, left_board=hour(200)) == (Reason.OTHER_BOARD, hour(200))
    gone = history(removed=50)
    known = replace(evidence(history()), left_board=hour(50))
    assert explain(Aspect.BUCKET, ours_of(gone), jira(), known, POINTS) == (Reason.OTHER_BOARD, hour(50))


def test_deleted_in_jira():
    told = history()
    assert why(told, None, Aspect.PRESENCE, deleted=hour(200)) == (Reason.DELETED, hour(200))
    assert why(told, None, Aspect.PRESENCE, deleted=hour(200), readable=False)[0] is Reason.DELETED
    within = replace(evidence(told), deleted=hour(50))
    gone = ours_of(history(removed=50))
    assert gone is not None
    assert gone.bucket is Bucket.REMOVED
    assert explain(Aspect.BUCKET, gone, jira(), within, POINTS) == (Reason.DELETED, hour(50))
    before = explain(Aspect.PRESENCE, None, jira(), replace(within, deleted=hour(5)), POINTS)
    assert before == (Reason.DELETED, hour(5))


def test_changed_after_the_close():
    done = history(statuses=((0, TODO), (120, DONE)))
    assert why(done, jira(Bucket.COMPLETED), Aspect.BUCKET) == (Reason.CHANGED_AFTER_CLOSE, hour(120))
    removed = history(sprints=((0, {SPRINT}), (120, set())))
    assert why(removed, jira(Bucket.REMOVED), Aspect.BUCKET) == (Reason.CHANGED_AFTER_CLOSE, hour(120))
    assert why(removed, None, Aspect.PRESENCE) == (Reason.CHANGED_AFTER_CLOSE, hour(120))
    added = history(sprints=((0, set()), (120, {SPRINT})))
    assert why(added, jira(), Aspect.PRESENCE)[0] is Reason.CHANGED_AFTER_CLOSE
    estimated = history(points=((0, 5), (120, 8)))
    assert why(estimated, jira(final=8000), Aspect.FINAL) == (Reason.CHANGED_AFTER_CLOSE, hour(120))


def test_jiras_report_speaks_of_another_close():
    told = history(statuses=((0, TODO), (120, DONE)))
    again = replace(POINTS, told=window(10, 150))
    reason = why(told, jira(Bucket.COMPLETED), Aspect.BUCKET, again)
    assert reason == (Reason.CLOSED_AT_ANOTHER_TIME, hour(150))


def test_dates_within_a_minute_are_the_same():
    ours = window(10, 100)
    assert told_window(ours, None, None) is None
    assert told_window(ours, hour(10.01), hour(100.01)) is None
    assert told_window(ours, None, hour(101)) == window(10, 101)
    assert told_window(ours, hour(9), None) == window(9, 100)
    assert told_window(window(None, 100), hour(9), None) == window(9, 100)


def test_another_estimate_field():
    at = replace(POINTS, same_estimation=False)
    assert why(history(), jira(final=8000), Aspect.FINAL, at) == (Reason.OTHER_ESTIMATION, None)
    assert why(history(), jira(Bucket.REMOVED), Aspect.BUCKET, at)[0] is Reason.UNEXPLAINED


def test_what_our_account_may_not_read():
    told = history()
    mine = ours_of(told)
    assert (
        explain(Aspect.PRESENCE, None, jira(hidden=True), Evidence(stored=False), POINTS)[0] is Reason.HIDDEN
    )
    unreadable = Evidence(stored=False, readable=False)
    assert explain(Aspect.PRESENCE, None, jira(), unreadable, POINTS) == (Reason.HIDDEN, None)
    readable = Evidence(stored=False, readable=True)
    assert explain(Aspect.PRESENCE, None, jira(), readable, POINTS) == (Reason.NOT_STORED, None)
    vanished = replace(evidence(told), readable=False)
    assert explain(Aspect.PRESENCE, mine, None, vanished, POINTS) == (Reason.VANISHED, None)


def test_figures_older_than_their_history_are_outdated():
    told = history(statuses=((0, TODO), (20, DONE)))
    mine = ours_of(told)
    assert mine is not None
    stale = replace(mine, bucket=Bucket.NOT_COMPLETED)
    found = explain(Aspect.BUCKET, stale, jira(Bucket.COMPLETED), evidence(told), POINTS)
    assert found == (Reason.OUTDATED, None)


def test_every_reason_has_a_sentence_of_its_own():
    sentences = {reason.sentence for reason in Reason}
    assert len(sentences) == len(Reason)
    assert all(len(sentence) > 20 and sentence.endswith(".") for sentence in sentences)


@pytest.mark.parametrize("aspect", list(Aspect))
def test_nothing_is_guessed_where_jira_says_what_never_was(aspect: Aspect):
    told = history()
    theirs = {
        Aspect.PRESENCE: None,
        Aspect.BUCKET: jira(Bucket.COMPLETED),
        Aspect.ADDED: jira(added=True),
        Aspect.INITIAL: jira(initial=1),
        Aspect.FINAL: jira(final=1),
    }[aspect]
    assert why(told, theirs, aspect) == (Reason.UNEXPLAINED, None)


@given(histories(), windows)
def test_two_sides_of_one_history_are_equal_in_everything(told, at):
    segments = segments_of(told, sprint=SPRINT, rules=RULES)
    outcome = outcome_of(segments, window=at)
    if outcome is None:
        return
    added = outcome.added or outcome.added_during
    line = OurLine(1, "DEMO-1", outcome.bucket, added, outcome.initial.points, outcome.final.points)
    theirs = JiraLine(1, "DEMO-1", line.bucket, line.added, line.initial, line.final)
    report = JiraReport(SPRINT, (theirs,), {}, Unit.POINTS)
    found = reconcile([line], report, situation=Situation(at, Unit.POINTS), evidence={})
    assert found.equal
    assert found.differences == ()


@given(histories(), windows)
def test_a_stale_figure_is_always_known_as_one(told, at):
    segments = segments_of(told, sprint=SPRINT, rules=RULES)
    outcome = outcome_of(segments, window=at)
    if outcome is None:
        return
    added = outcome.added or outcome.added_during
    theirs = JiraLine(1, "DEMO-1", outcome.bucket, added, outcome.initial.points, outcome.final.points)
    for wrong in (bucket for bucket in Bucket if bucket is not outcome.bucket):
        mine = OurLine(1, "DEMO-1", wrong, added, theirs.initial, theirs.final)
        found = explain(Aspect.BUCKET, mine, theirs, evidence(told), Situation(at, Unit.POINTS))
        assert found == (Reason.OUTDATED, None)


def our(issue: int, bucket: Bucket, *, added: bool = False, initial=2000, final=3000) -> OurLine:
    return OurLine(issue, f"DEMO-{issue}", bucket, added, initial, final)


def their(line: OurLine, **changes) -> JiraLine:
    same = JiraLine(line.issue, line.key, line.bucket, line.added, line.initial, line.final)
    return replace(same, **changes)


def test_lines_meet_by_id_and_without_one_by_key():
    one, two, three = (our(number, Bucket.COMPLETED) for number in (1, 2, 3))
    moved = their(one, key="NEW-9")
    unnamed = their(two, issue=None)
    stranger = JiraLine(None, "DEMO-9", Bucket.REMOVED, added=False, initial=None, final=None)
    found = paired([one, two, three], [stranger, moved, unnamed])
    assert found == [(one, moved), (two, unnamed), (three, None), (None, stranger)]


def test_what_differs_comes_first_then_by_key():
    mine = [our(10, Bucket.COMPLETED), our(2, Bucket.COMPLETED), our(3, Bucket.REMOVED)]
    theirs = (their(mine[0]), their(mine[1]), their(mine[2], bucket=Bucket.COMPLETED, final=None))
    report = JiraReport(SPRINT, theirs, {}, Unit.POINTS, repeated=("DEMO-2",))
    found = reconcile(mine, report, situation=POINTS, evidence={})
    assert [line.key for line in found.lines] == ["DEMO-3", "DEMO-2", "DEMO-10"]
    assert [(one.aspect, one.ours, one.jiras) for one in found.differences] == [
        (Aspect.BUCKET, Bucket.REMOVED, Bucket.COMPLETED),
        (Aspect.FINAL, 3000, None),
    ]
    assert (found.equal, found.differing, found.repeated) == (False, 1, ("DEMO-2",))


def test_a_board_that_counts_issues_compares_no_estimates():
    mine = our(1, Bucket.COMPLETED)
    theirs = their(mine, initial=None, final=None)
    assert differing_aspects(mine, theirs, unit=Unit.COUNT) == ()
    assert differing_aspects(mine, theirs, unit=Unit.POINTS) == (Aspect.INITIAL, Aspect.FINAL)
    assert checks_of([mine], JiraReport(SPRINT, (theirs,), {}, Unit.COUNT)) == ()


def test_jiras_sums_are_held_against_its_own_lines():
    mine = [
        our(1, Bucket.COMPLETED),
        our(2, Bucket.NOT_COMPLETED, added=True),
        our(3, Bucket.REMOVED, initial=None),
        our(4, Bucket.OUTSIDE, added=True),
    ]
    said = {
        (Bucket.COMPLETED, Aspect.INITIAL): 2000,
        (Bucket.COMPLETED, Aspect.FINAL): 4000,
        (Bucket.NOT_COMPLETED, Aspect.INITIAL): 2000,
        (Bucket.REMOVED, Aspect.INITIAL): None,
    }
    report = JiraReport(SPRINT, tuple(map(their, mine)), said, Unit.POINTS)
    checks = {(check.bucket, check.aspect): check for check in checks_of(mine, report)}
    assert checks[Bucket.COMPLETED, Aspect.INITIAL].adds_up
    wrong = checks[Bucket.COMPLETED, Aspect.FINAL]
    assert (wrong.ours, wrong.rows, wrong.said, wrong.adds_up) == (3000, 3000, 4000, False)
    assert checks[Bucket.REMOVED, Aspect.INITIAL].adds_up
    assert not checks[Bucket.OUTSIDE, Aspect.FINAL].told
    commitment = checks[None, Aspect.INITIAL]
    assert (commitment.ours, commitment.rows, commitment.said) == (2000, 2000, 2000)
    found = reconcile(mine, report, situation=POINTS, evidence={})
    assert found.equal
    assert not found.adds_up


def test_a_commitment_that_does_not_follow_from_the_sums_is_noticed():
    mine = [our(1, Bucket.COMPLETED), our(2, Bucket.NOT_COMPLETED, added=True)]
    said = {
        (bucket, Aspect.INITIAL): 9000 for bucket in (Bucket.COMPLETED, Bucket.NOT_COMPLETED, Bucket.REMOVED)
    }
    checks = checks_of(mine, JiraReport(SPRINT, tuple(map(their, mine)), said, Unit.POINTS))
    assert checks[-1].bucket is None
    assert (checks[-1].said, checks[-1].rows, checks[-1].adds_up) == (25000, 2000, False)


def test_the_share_is_of_what_was_compared():
    assert share_equal([True, None, False, True]) == pytest.approx(2 / 3)
    assert share_equal([None, None]) is None
    assert share_equal([]) is None
