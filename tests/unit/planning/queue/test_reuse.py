"""What is kept of the inputs from one edit to the next changes nothing, and goes when they go."""

from __future__ import annotations

import gc
from dataclasses import replace
from weakref import ref

import pytest
from hypothesis import HealthCheck, given, settings

from sprintreports.kit.errors import Invalid
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Algorithm, Exclude, IgnoreLink, Options, PinIssue
from sprintreports.planning.queue.order import ordered
from sprintreports.planning.queue.values import Inputs
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
