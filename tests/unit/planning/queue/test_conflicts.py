"""Every kind of conflict is provoked, and settled by what it suggests; undo is the options as they were."""

from __future__ import annotations

import pytest

from sprintreports.metrics.values import Amount
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options, Pin
from sprintreports.planning.queue.results import ConflictKind, Severity, Why
from sprintreports.planning.queue.values import Absence, Blocker, Person, Scheduling, Sprint, Whereabouts
from tests.unit.planning.queue.samples import DEV, QA, at, due, hard, issue, keys, sprint

ANN = 1
LATER = Blocker(99, "XYZ-9", where=Whereabouts.LATER_SPRINT)
OUTSIDE = Blocker(99, "XYZ-9")

PROVOKED = {
    ConflictKind.CYCLE: (sprint(issue(1, after=[2]), issue(2, after=[3]), issue(3, after=[1])), {}),
    ConflictKind.BLOCKER_BELOW: (sprint(issue(1, after=[2]), issue(2, 11, team=DEV)), {}),
    ConflictKind.BLOCKER_LATER_SPRINT: (sprint(issue(1, after=[LATER])), {}),
    ConflictKind.BLOCKER_OUTSIDE: (sprint(issue(1, after=[OUTSIDE])), {}),
    ConflictKind.BLOCKER_AFTER: (
        sprint(issue(1, 4, after=[2]), issue(2, 5, team=DEV), issue(3, 5, team=DEV)),
        {"pins": {3: Pin(1)}},
    ),
    ConflictKind.HARD_OUTSIDE: (sprint(issue(1, timing=hard(40))), {}),
    ConflictKind.HARD_NON_WORKING: (sprint(issue(1, timing=hard(5))), {}),
    ConflictKind.HARD_OVERLAP: (sprint(issue(1, timing=hard(1, 10)), issue(2, timing=hard(1, 11))), {}),
    ConflictKind.OVERFLOW: (sprint(issue(1, 6), issue(2, 6)), {"pins": {1: Pin(), 2: Pin()}}),
    ConflictKind.DEADLINE_MISSED: (sprint(issue(1, 6), issue(2, 3, timing=due(3))), {"pins": {1: Pin()}}),
    ConflictKind.NO_TIMES: (
        sprint(issue(1, lacks=Scheduling.HARD, told="Scheduling = Maintenance window")),
        {},
    ),
    ConflictKind.ASSIGNEE_OVER: (
        sprint(
            issue(1, 3, assignee=ANN),
            issue(2, 3, assignee=ANN),
            people=[Person(ANN, {QA: Amount(4000, 0, 9)})],
        ),
        {},
    ),
    ConflictKind.ASSIGNEE_ABSENT: (
        sprint(issue(1, 1, assignee=ANN), people=[Person(ANN, absences=(Absence(at(0, 0), at(4)),))]),
        {},
    ),
    ConflictKind.UNESTIMATED: (sprint(issue(1, None)), {}),
    ConflictKind.UNUSABLE_ESTIMATE: (sprint(issue(1, -2)), {}),
    ConflictKind.NO_CAPACITY: (sprint(issue(1), qa=0), {}),
    ConflictKind.NO_TEAM: (sprint(issue(1, team=None)), {}),
    ConflictKind.TWO_SPRINTS: (sprint(issue(1, other_sprints=("Sprint 8",))), {}),
    ConflictKind.ORPHAN_SUBTASK: (sprint(issue(1, is_subtask=True, parent=50)), {}),
    ConflictKind.TOO_LARGE: (sprint(issue(1, 11)), {}),
    ConflictKind.PIN_MOVED: (sprint(issue(1), issue(2, after=[1])), {"pins": {2: Pin(1)}}),
    ConflictKind.PIN_GONE: (sprint(issue(1)), {"pins": {5: Pin()}}),
    ConflictKind.NO_DATES: (sprint(issue(1), sprint=Sprint()), {}),
}


def found(inputs, options, kind):
    return [conflict for conflict in generate(inputs, options).conflicts if conflict.kind is kind]


def test_every_kind_is_provoked():
    assert set(PROVOKED) == set(ConflictKind)


@pytest.mark.parametrize("kind", list(ConflictKind))
def test_a_conflict_is_listed_and_each_suggestion_lessens_it(kind):
    inputs, chosen = PROVOKED[kind]
    options = Options(**chosen)
    before = found(inputs, options, kind)
    assert before
    for conflict in before:
        assert conflict.words.endswith(".")
        assert conflict.severity in set(Severity)
        assert all(number in {c.issue for c in inputs.candidates} for number in conflict.issues)
        for suggestion in conflict.suggestions:
            edited = suggestion.edit.applied(options)
            assert edited != options
            after = found(inputs, edited, kind)
            assert len(after) < len(before), suggestion
    assert found(inputs, options, kind) == before, "the options as they were give the conflict back"


def test_only_a_sprint_without_dates_has_nothing_to_suggest():
    silent = {
        kind
        for kind, (inputs, chosen) in PROVOKED.items()
        if not found(inputs, Options(**chosen), kind)[0].suggestions
    }
    assert silent == {ConflictKind.NO_DATES}


def test_a_queue_without_conflicts_lists_none():
    inputs = sprint(
        issue(1, 2), issue(2, 3, after=[1]), issue(3, 2, team=DEV, timing=hard(2)), issue(4, timing=due(9))
    )
    assert generate(inputs, Options()).conflicts == ()


def test_a_ring_keeps_out_what_waits_for_it_too_and_nothing_else():
    inputs = sprint(issue(1, after=[2]), issue(2, after=[1]), issue(3, after=[2]), issue(4))
    queue = generate(inputs, Options())
    assert keys(queue) == [4]
    assert queue.placements()[3].reason.why is Why.BLOCKER_OUT
    assert queue.placements()[1].reason.why is Why.CYCLE


def test_what_jira_has_no_times_for_is_planned_by_what_is_left():
    told = "Class = Fixed"
    inputs = sprint(
        issue(1, lacks=Scheduling.HARD, told=told),
        issue(2, lacks=Scheduling.HARD, told=told, timing=due(4)),
        issue(3, lacks=Scheduling.SOFT, told="Class = Target"),
        issue(4, lacks=Scheduling.HARD, told=told, done=True),
    )
    listed = found(inputs, Options(), ConflictKind.NO_TIMES)
    assert [one.issues for one in listed] == [(1,), (2,), (3,)], "what is done needs no times"
    assert "planned as flexible" in listed[0].words
    assert "planned by its deadline" in listed[1].words
    assert all("Class = " in one.words for one in listed)
    by_hand = found(inputs, Options(timings={1: hard(2), 2: due(4), 3: due(2)}), ConflictKind.NO_TIMES)
    assert by_hand == []


def test_a_hard_scheduled_issue_before_its_blocker_is_an_error():
    inputs = sprint(issue(1, 1, timing=hard(0, 9, 1), after=[2]), issue(2, 5))
    (conflict,) = found(inputs, Options(), ConflictKind.BLOCKER_AFTER)
    assert conflict.severity is Severity.ERROR
    assert conflict.issues == (1, 2)


def test_the_gravest_come_first():
    inputs = sprint(issue(1, None), issue(2, 11), issue(3, is_subtask=True), issue(4, other_sprints=("A",)))
    gravity = [conflict.severity for conflict in generate(inputs, Options()).conflicts]
    assert gravity == sorted(gravity, key=list(Severity).index)


def test_a_blocker_that_is_done_or_ignored_blocks_nothing():
    inputs = sprint(
        issue(1, after=[2, Blocker(9, "Z-9", done=True)]), issue(2, done=True), issue(3, after=[OUTSIDE])
    )
    assert keys(generate(inputs, Options(ignored=frozenset({(99, 3)})))) == [1, 3]
