"""Two people at one draft: who changes different things loses nothing, who changes the same thing is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Estimate, Unit
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
    ResetTiming,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unestimated,
    Unpin,
)
from sprintreports.planning.queue.values import Timing
from sprintreports.planning.queues.changes import Change, Rule, SetRule, SetWeight, check, issues_of, touch_of
from sprintreports.planning.queues.merging import (
    Made,
    Step,
    merge,
    options_after,
    redoable,
    standing,
    undoable,
)
from sprintreports.planning.queues.words import change_in_words, clash_in_words, made_in_words
from tests.unit.planning.queue import samples

ADA, BELA = 1, 2
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SMALL = st.integers(1, 4)
CHANGES = st.one_of(
    st.builds(PinIssue, SMALL, st.none() | st.integers(1, 3)),
    st.builds(Unpin, SMALL),
    st.builds(Exclude, SMALL),
    st.builds(Include, SMALL),
    st.builds(SetTeam, SMALL, st.none() | SMALL),
    st.builds(SetTiming, SMALL, st.sampled_from([Timing(), samples.hard(1), samples.due(3)])),
    st.builds(SetEstimate, SMALL, st.builds(Estimate, SMALL, st.none())),
    st.builds(IgnoreLink, SMALL, SMALL),
    st.builds(AddCapacity, st.none() | SMALL, st.integers(-9, 9)),
    st.builds(SetRule, st.just(Rule.BUFFER), st.integers(0, 100)),
    st.builds(SetRule, st.just(Rule.ALGORITHM), st.sampled_from([str(one) for one in Algorithm])),
    st.builds(SetWeight, st.none() | SMALL, st.none() | st.integers(1, 300)),
)


class Sheet:
    """A draft in memory, edited as the database's is."""

    def __init__(self) -> None:
        self.edits: list[Made] = []

    @property
    def head(self) -> int:
        return len(self.edits)

    @property
    def options(self) -> Options:
        return options_after(Options(), self.edits)

    def make(self, by: int, *changes: Change, seen: int | None = None):
        found = merge(self.edits, changes, by=by, seen=self.head if seen is None else seen)
        for change in found.applied:
            self.edits.append(Made(self.head + 1, Step.CHANGE, change, None, by, NOW, seen or 0))
        return found

    def undo(self, by: int) -> None:
        self._step(Step.UNDO, by, undoable(self.edits, by=by))

    def redo(self, by: int) -> None:
        self._step(Step.REDO, by, redoable(self.edits, by=by))

    def _step(self, step: Step, by: int, of: Made | None) -> None:
        if of is not None:
            self.edits.append(Made(self.head + 1, step, of.change, of.number, by, NOW, self.head))


def test_changes_of_different_issues_are_both_applied():
    sheet = Sheet()
    sheet.make(ADA, PinIssue(1, 1))
    seen = sheet.head
    sheet.make(BELA, Exclude(2), seen=seen)
    found = sheet.make(ADA, PinIssue(3, 2), SetTeam(4, 9), seen=seen)
    assert len(found.applied) == 2
    assert not found.clashes
    assert sheet.options.pins == {1: Pin(1), 3: Pin(2)}
    assert sheet.options.exclusions == {2}
    assert sheet.options.teams == {4: 9}


def test_changes_of_the_same_thing_clash_and_can_be_settled():
    sheet = Sheet()
    sheet.make(BELA, Exclude(1), seen=0)
    found = sheet.make(ADA, PinIssue(1, 1), PinIssue(2), seen=0)
    assert found.applied == (PinIssue(2),)
    (clash,) = found.clashes
    assert (clash.mine, [one.change for one in clash.theirs]) == (PinIssue(1, 1), [Exclude(1)])
    assert sheet.options.exclusions == {1}  # nobody's work is lost meanwhile
    settled = sheet.make(ADA, clash.mine, seen=sheet.head)
    assert settled.applied == (PinIssue(1, 1),)
    assert sheet.options.pins[1] == Pin(1)
    assert not sheet.options.exclusions


def test_an_issues_place_times_and_estimate_are_different_things():
    sheet = Sheet()
    sheet.make(BELA, SetTiming(1, samples.due(3)), SetEstimate(1, Estimate(5, None)), seen=0)
    assert not sheet.make(ADA, PinIssue(1), seen=0).clashes
    assert sheet.make(ADA, SetTiming(1, Timing()), seen=0).clashes
    assert sheet.make(ADA, SetTeam(1, 2), seen=0).applied  # after one's own pin
    assert sheet.make(BELA, Exclude(1), seen=2).clashes


def test_the_same_change_by_two_counts_once():
    sheet = Sheet()
    sheet.make(BELA, AddCapacity(1, 3000), seen=0)
    found = sheet.make(ADA, AddCapacity(1, 3000), seen=0)
    assert (found.applied, found.agreed, found.clashes) == ((), (AddCapacity(1, 3000),), ())
    assert sheet.options.extra == {1: 3000}
    assert sheet.make(ADA, AddCapacity(1, 3000)).applied  # having seen it, three more are meant
    assert sheet.options.extra == {1: 6000}


def test_what_was_taken_back_meanwhile_is_in_nobodys_way():
    sheet = Sheet()
    sheet.make(BELA, Exclude(1), seen=0)
    sheet.undo(BELA)
    assert sheet.make(ADA, PinIssue(1), seen=0).applied == (PinIssue(1),)
    sheet.make(BELA, Exclude(2))
    seen = sheet.head
    sheet.undo(BELA)
    (clash,) = sheet.make(ADA, PinIssue(2), seen=seen).clashes
    assert clash.theirs[0].step is Step.UNDO


def test_nobody_is_in_their_own_way():
    sheet = Sheet()
    sheet.make(ADA, PinIssue(1, 1), seen=0)
    assert sheet.make(ADA, PinIssue(1, 3), seen=0).applied
    assert sheet.options.pins == {1: Pin(3)}


def test_undo_takes_back_ones_own_step_and_nothing_after_it():
    sheet = Sheet()
    sheet.make(ADA, PinIssue(1, 1))
    sheet.make(BELA, PinIssue(2, 2))
    sheet.make(BELA, SetRule(Rule.BUFFER, 20))
    sheet.undo(ADA)
    assert sheet.options.pins == {2: Pin(2)}
    assert sheet.options.buffer == 20
    assert undoable(sheet.edits, by=ADA) is None
    sheet.redo(ADA)
    assert sheet.options.pins == {1: Pin(1), 2: Pin(2)}
    assert redoable(sheet.edits, by=ADA) is None


def test_redo_puts_a_change_back_into_its_old_place():
    sheet = Sheet()
    sheet.make(ADA, PinIssue(1, 1))
    sheet.make(ADA, Exclude(1))
    sheet.undo(ADA)
    sheet.undo(ADA)
    assert sheet.options == Options()
    sheet.redo(ADA)
    assert sheet.options.pins == {1: Pin(1)}
    sheet.redo(ADA)
    assert sheet.options.exclusions == {1}
    assert not sheet.options.pins


def test_something_new_ends_what_could_be_done_again():
    sheet = Sheet()
    sheet.make(ADA, PinIssue(1))
    sheet.undo(ADA)
    sheet.make(ADA, PinIssue(2))
    assert redoable(sheet.edits, by=ADA) is None
    sheet.make(BELA, PinIssue(3))
    assert undoable(sheet.edits, by=ADA).change == PinIssue(2)


def test_a_state_that_never_was_is_refused():
    for seen in (-1, 1):
        with pytest.raises(Invalid, match="Load the queue again"):
            merge([], [PinIssue(1)], by=ADA, seen=seen)


@settings(max_examples=40, deadline=None)
@given(st.lists(CHANGES, max_size=4), st.lists(CHANGES, max_size=4), st.lists(CHANGES, max_size=4))
def test_two_peoples_edits_of_different_things_come_to_the_same_in_either_order(before, ada, bela):
    one, other = Sheet(), Sheet()
    for sheet in (one, other):
        sheet.make(ADA, *before)
    seen = one.head
    one.make(BELA, *bela, seen=seen)
    first = one.make(ADA, *ada, seen=seen)
    other.make(ADA, *ada, seen=seen)
    second = other.make(BELA, *bela, seen=seen)
    shared = {touch_of(change) for change in ada} & {touch_of(change) for change in bela}
    assert {touch_of(clash.mine) for clash in first.clashes} <= shared
    assert {touch_of(clash.mine) for clash in second.clashes} <= shared
    if not shared:
        assert one.options == other.options
        assert len(one.edits) == len(other.edits) == len(before) + len(ada) + len(bela)
    # Whatever was asked for is applied, there already, or named: nothing is silently gone.
    assert len(first.applied) + len(first.agreed) + len(first.clashes) == len(ada)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([ADA, BELA]), st.none() | st.booleans() | CHANGES), max_size=12))
def test_taking_everything_back_leaves_what_there_was_and_doing_it_again_restores_it(steps):
    sheet = Sheet()
    for by, step in steps:
        if step is None:
            sheet.undo(by)
        elif isinstance(step, bool):
            sheet.redo(by)
        else:
            sheet.make(by, step)
    full, held = sheet.options, set(standing(sheet.edits))
    for by in (ADA, BELA):
        while undoable(sheet.edits, by=by):
            sheet.undo(by)
    assert sheet.options == Options()
    while set(standing(sheet.edits)) != held:
        before = sheet.head
        for by in (ADA, BELA):
            found = redoable(sheet.edits, by=by)
            if found is not None and found.number in held:
                sheet.redo(by)
        assert sheet.head > before, "what was undone last can be done again"
    assert sheet.options == full


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        (Rule.ALGORITHM, "optimal", "optimal"),
        (Rule.SUBTASKS, True, True),
        (Rule.UNIT, "hours", Unit.HOURS),
        (Rule.UNIT, None, None),
        (Rule.BUFFER, 15, 15),
        (Rule.CARRY_OVER_FIRST, True, True),
        (Rule.UNESTIMATED, "left_out", Unestimated.LEFT_OUT),
        (Rule.SEED, 7, 7),
        (Rule.SECONDS, 2, 2.0),
        (Rule.GAP, 1000, 1000),
    ],
)
def test_each_rule_of_the_whole_can_be_decided(rule: Rule, value, expected):
    changed = SetRule(rule, value).applied(Options())
    assert getattr(changed, rule.value) == expected
    assert type(getattr(changed, rule.value)) is type(expected)


@pytest.mark.parametrize(
    "change",
    [
        PinIssue(1, 0),
        SetRule(Rule.ALGORITHM, "guess"),
        SetRule(Rule.ALGORITHM, 3),
        SetRule(Rule.SUBTASKS, 1),
        SetRule(Rule.UNIT, "days"),
        SetRule(Rule.BUFFER, 101),
        SetRule(Rule.BUFFER, True),
        SetRule(Rule.SECONDS, 601),
        SetRule(Rule.SECONDS, "5"),
        SetRule(Rule.GAP, None),
        SetWeight(1, 0),
        SetEstimate(1, Estimate(-1, None)),
        SetEstimate(1, Estimate(None, 10**15)),
        AddCapacity(1, 10**15),
        SetTiming(1, Timing(samples.due(1).kind, None, datetime(1969, 1, 1, tzinfo=UTC))),
    ],
)
def test_what_cannot_be_meant_is_refused(change: Change):
    with pytest.raises(Invalid):
        check(change)


def test_times_of_ones_own_and_leaving_them_to_jira_are_of_one_thing():
    sheet = Sheet()
    sheet.make(BELA, SetTiming(1, samples.hard(1)), seen=0)
    assert sheet.make(ADA, ResetTiming(1), seen=0).clashes
    assert not sheet.make(ADA, ResetTiming(2), seen=0).clashes


def test_changes_and_clashes_are_told_in_words():
    queue = generate(samples.sprint(samples.issue(1), samples.issue(2, after=[1])), Options())
    said = {
        change_in_words(change, queue, people={7: "Rita"})
        for change in (
            PinIssue(1, 2), PinIssue(1), Unpin(1), Exclude(1), Include(1), SetTeam(1, 2), SetTeam(1, None), SetTeam(1, 44),
            SetTiming(1, samples.hard(1)), ResetTiming(1), SetEstimate(1, Estimate(1, None)), IgnoreLink(1, 2), AddCapacity(1, -2000),
            SetRule(Rule.BUFFER, 3), SetWeight(7, 200), SetWeight(None, 50), Exclude(99),
        )
    }  # fmt: skip
    assert said == {
        "pinned ABC-1 to place 2", "pinned ABC-1", "removed the pin of ABC-1", "left ABC-1 out", "brought ABC-1 back",
        "planned ABC-1 for Dev", "planned ABC-1 for no team", "planned ABC-1 for team 44",
        "scheduled ABC-1 at exact times", "left the scheduling of ABC-1 to Jira", "changed the estimate of ABC-1", "planned as if ABC-2 did not wait for ABC-1",
        "gave QA 2 points less", "changed the buffer", "changed the weight of Rita",
        "changed the weight of issues without a stakeholder", "left issue 99 out",
    }  # fmt: skip
    sheet = Sheet()
    sheet.make(BELA, Exclude(1), seen=0)
    (clash,) = sheet.make(ADA, PinIssue(1, 1), seen=0).clashes
    words = clash_in_words(clash, queue, people={}, accounts={BELA: "Bela"})
    assert (
        words
        == "Bela left ABC-1 out. Meanwhile you pinned ABC-1 to place 1. Keep their change, or make yours again."
    )
    sheet.undo(BELA)
    told = made_in_words(sheet.edits[-1], queue, people={}, accounts={})
    assert told == "User 2 took a step back, after somebody left ABC-1 out."
    assert issues_of(IgnoreLink(1, 2)) == (1, 2)
    assert issues_of(Exclude(4)) == (4,)
    assert issues_of(SetRule(Rule.SEED, 1)) == ()
