"""What is kept of the inputs from one edit to the next changes nothing, and goes when they go."""

from __future__ import annotations

import gc
import random
from dataclasses import replace
from weakref import ref

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.queue_instances import instance
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Estimate
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import (
    AddCapacity,
    Algorithm,
    Exclude,
    IgnoreLink,
    Include,
    Options,
    PinIssue,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unpin,
)
from sprintreports.planning.queue.order import ordered
from sprintreports.planning.queue.parts import BY_TEAM
from sprintreports.planning.queue.values import Inputs, Timing
from tests.unit.planning.queue import samples
from tests.unit.planning.queue.samples import issue, sprint


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    inputs=samples.inputs(most=6),
    first=samples.options(algorithm=Algorithm.ROUND_ROBIN, count=6),
    second=samples.options(algorithm=Algorithm.PRIORITY, count=6),
)
def test_an_edit_comes_out_as_if_the_inputs_were_new(inputs: Inputs, first: Options, second: Options):
    for options in (first, second, first):
        assert generate(inputs, options) == generate(replace(inputs), options)


def _edits(count: int):
    number = st.integers(0, count - 1)
    team = st.sampled_from([1, 2, 3, None])
    return st.one_of(
        st.builds(PinIssue, number, st.one_of(st.none(), st.integers(1, 9))),
        st.builds(Unpin, number),
        st.builds(Exclude, number),
        st.builds(SetTeam, number, team),
        st.builds(SetTiming, number, st.sampled_from([Timing(), samples.hard(3), samples.due(4)])),
        st.builds(SetEstimate, number, st.integers(0, 9000).map(lambda points: Estimate(points, None))),
        st.builds(IgnoreLink, number, number),
        st.builds(AddCapacity, team, st.integers(-3000, 3000)),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    inputs=samples.inputs(most=14),
    options=st.sampled_from(sorted(BY_TEAM)).flatmap(lambda name: samples.options(algorithm=name, count=14)),
    edits=st.lists(st.one_of(_edits(14), st.integers(1, 400)), min_size=2, max_size=8),
    back=st.booleans(),
)
def test_one_edit_after_the_other_comes_out_as_if_the_inputs_were_new(inputs, options, edits, back):
    """What teams answered, lists said and loads weighed the last time is taken again only where it still holds."""
    said = [options]
    for edit in edits:
        if isinstance(edit, int):
            said.append(replace(said[-1], weights={**said[-1].weights, 1: edit}))
        else:
            said.append(edit.applied(said[-1]))
    for one in [*said, *(reversed(said) if back else ())]:
        assert generate(inputs, one) == generate(replace(inputs), one)


def _edited(inputs: Inputs, options: Options, chance: random.Random) -> Options:
    """One more decision, of any kind, about any issue, team or person."""
    one = chance.choice(inputs.candidates)
    if chance.random() < 0.1:
        return replace(options, weights={**options.weights, one.stakeholder: chance.randrange(50, 300)})
    blocker = one.blockers[0].issue if one.blockers else one.issue
    kinds = [
        PinIssue(one.issue, chance.randrange(1, 9)),
        PinIssue(one.issue),
        Unpin(chance.choice([*options.pins, one.issue])),
        Exclude(one.issue),
        Include(chance.choice([*sorted(options.exclusions), one.issue])),
        SetTeam(one.issue, chance.choice(inputs.limits).team),
        SetTiming(one.issue, chance.choice([Timing(), samples.hard(3), samples.due(4)])),
        SetEstimate(one.issue, Estimate(1000 * chance.randrange(9), None)),
        IgnoreLink(blocker, one.issue),
        AddCapacity(one.team, chance.randrange(-4, 9) * 1000),
    ]
    return chance.choice(kinds).applied(options)


@pytest.mark.parametrize("algorithm", sorted(BY_TEAM))
@pytest.mark.parametrize("carried", [False, True])
def test_many_edits_of_tied_teams_come_out_as_if_the_inputs_were_new(algorithm: str, carried: bool):
    """Large enough that most teams are told what they were told before, and some are not in the midst of it."""
    chance = random.Random(f"{algorithm} {carried}")  # noqa: S311  # an instance, not a secret
    inputs = instance(260, seed=5, teams=9)
    if carried:
        inputs = replace(
            inputs, candidates=[replace(one, carry_over=chance.random() < 0.4) for one in inputs.candidates]
        )
    options, previous = Options(algorithm=algorithm, carry_over_first=carried), Options()
    for _ in range(60):
        # Now and then an edit is taken back.
        back = chance.random() < 0.2
        options, previous = (previous if back else _edited(inputs, options, chance)), options
        options = replace(options, algorithm=algorithm, carry_over_first=carried)
        assert generate(inputs, options) == generate(replace(inputs), options)


def test_each_kind_of_edit_is_seen_though_the_inputs_are_known():
    inputs = sprint(issue(1, 5), issue(2, 5, after=[1]), issue(3, 5), qa=10)
    sides = [
        {number: placement.side.value for number, placement in generate(inputs, options).placements().items()}
        for options in (
            Options(),
            Exclude(1).applied(Options()),
            IgnoreLink(1, 2).applied(Exclude(1).applied(Options())),
            PinIssue(3).applied(Options()),
            Options(),
        )
    ]
    assert sides[0] == sides[4] == {1: "in", 2: "in", 3: "below"}
    assert sides[1] == {1: "aside", 2: "below", 3: "in"}
    assert sides[2] == {1: "aside", 2: "in", 3: "in"}
    assert sides[3] == {1: "in", 2: "below", 3: "in"}


def test_what_is_known_is_kept_for_one_seed_and_ends_with_the_inputs():
    inputs = sprint(issue(1), issue(2))
    first = ordered(inputs, 0)
    assert ordered(inputs, 0) is first
    assert ordered(inputs, 1) is not first
    assert ordered(replace(inputs), 1) is not ordered(inputs, 1)
    gone, known = ref(inputs), ref(ordered(inputs, 1))
    del inputs, first
    gc.collect()
    assert gone() is None
    assert known() is None


def test_an_issue_given_twice_is_told_each_time():
    inputs = Inputs([issue(1), issue(1)], [])
    for _ in range(2):
        with pytest.raises(Invalid, match="given twice"):
            ordered(inputs, 0)
