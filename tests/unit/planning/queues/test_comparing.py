"""Two plans side by side: each issue that is in either of them is told of once, with what both say of it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Exclude, Options, PinIssue, SetTeam
from sprintreports.planning.queue.replan import Move, changes
from sprintreports.planning.queue.results import Side
from sprintreports.planning.queues.comparing import NOT_THERE, Standing, compared, in_words
from tests.unit.planning.queue import samples
from tests.unit.planning.queue.samples import DEV, QA, issue, sprint

INPUTS = sprint(issue(1, 4), issue(2, 4), issue(3, 4), issue(4, 2, team=DEV), qa=8, dev=4)
FIRST = Options(algorithm="priority")


def told(comparison, team: int) -> dict[int, Standing]:
    mine = next(one for one in comparison.teams if one.team == team)
    return {one.issue: one.standing for one in mine.differences}


def test_the_same_plan_differs_in_nothing():
    queue = generate(INPUTS, FIRST)
    comparison = compared(queue, queue)
    assert comparison.same == 3
    assert [team.differences for team in comparison.teams] == [(), ()]


def test_what_is_in_only_one_of_them_has_both_reasons():
    comparison = compared(generate(INPUTS, FIRST), generate(INPUTS, Exclude(1).applied(FIRST)))
    assert told(comparison, QA) == {1: Standing.ONLY_FIRST, 3: Standing.ONLY_SECOND}
    (gone,) = comparison.teams[0].of(Standing.ONLY_FIRST)
    first, second = in_words(gone, comparison, names={})
    assert first.startswith("Position 1. ")
    assert second == "It was excluded by hand."
    (came,) = comparison.teams[0].of(Standing.ONLY_SECOND)
    assert in_words(came, comparison, names={})[0].startswith("QA is full.")
    assert comparison.same == 2


def test_what_moved_is_told_under_the_team_that_has_it_in_the_second():
    moved = SetTeam(2, DEV).applied(PinIssue(3, 1).applied(FIRST))
    comparison = compared(generate(INPUTS, FIRST), generate(INPUTS, moved))
    assert told(comparison, DEV) == {4: Standing.ONLY_FIRST, 2: Standing.TEAM}
    assert told(comparison, QA) == {3: Standing.ONLY_SECOND}
    turned = compared(generate(INPUTS, FIRST), generate(INPUTS, PinIssue(2, 1).applied(FIRST)))
    assert list(told(turned, QA).values()) == [Standing.PLACE]
    assert turned.same == 2


def test_another_timing_in_the_same_place_is_no_difference():
    told_so = replace(
        INPUTS, candidates=[replace(INPUTS.candidates[0], timing=samples.due(9)), *INPUTS.candidates[1:]]
    )
    first, second = generate(INPUTS, FIRST), generate(told_so, FIRST)
    assert [change.move for change in changes(first, second)] == [Move.TIMED]
    comparison = compared(first, second)
    assert comparison.same == 3
    assert [team.differences for team in comparison.teams] == [(), ()]


def test_an_issue_that_one_plan_does_not_know_is_said_so():
    smaller = replace(INPUTS, candidates=INPUTS.candidates[1:])
    comparison = compared(generate(INPUTS, FIRST), generate(smaller, FIRST))
    (gone,) = comparison.teams[0].of(Standing.ONLY_FIRST)
    assert in_words(gone, comparison, names={})[1] == NOT_THERE
    fewer = replace(INPUTS, candidates=INPUTS.candidates[:3], limits=INPUTS.limits[:1])
    names = [
        (team.name, team.second is None)
        for team in compared(generate(INPUTS, FIRST), generate(fewer, FIRST)).teams
    ]
    assert names == [("QA", False), ("Dev", True)]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), inputs=samples.inputs())
def test_each_issue_that_is_in_is_counted_once(data, inputs):
    queues = [
        generate(inputs, data.draw(samples.options(algorithm=name)))
        for name in ("round_robin", "weighted_fair")
    ]
    first, second = (
        {one.issue for one in queue.placements().values() if one.side is Side.IN} for queue in queues
    )
    comparison = compared(*queues)
    found = [one for team in comparison.teams for one in team.differences]
    assert len({one.issue for one in found}) == len(found)
    by_kind = {kind: {one.issue for one in found if one.standing is kind} for kind in Standing}
    assert by_kind[Standing.ONLY_FIRST] == first - second
    assert by_kind[Standing.ONLY_SECOND] == second - first
    moved = by_kind[Standing.TEAM] | by_kind[Standing.PLACE]
    assert moved <= first & second
    assert comparison.same == len(first & second) - len(moved)
