"""A plan against now: what is done, what each team can begin, what slipped, and what the plan does not know."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import IgnoreLink, Options
from sprintreports.planning.queue.results import Side
from sprintreports.planning.queues.progress import Standing, progress_of
from tests.unit.planning.queue import samples
from tests.unit.planning.queue.samples import DEV, QA, at, issue, sprint

INPUTS = sprint(
    issue(1, 2),
    issue(2, 2, after=[1]),
    issue(3, 3),
    issue(4, 3),
    issue(5, 4),
    issue(6, 1, team=DEV, after=[1]),
)


def now_with(*done: int, gone: tuple[int, ...] = (), extra=()):
    return [
        replace(one, done=one.issue in done) for one in INPUTS.candidates if one.issue not in gone
    ] + list(extra)


def states(progress, team: int = QA) -> dict[int, Standing]:
    mine = next(one for one in progress.teams if one.team == team)
    return {item.placement.issue: item.standing for item in mine.items}


def test_what_is_done_what_is_next_and_what_waits():
    queue = generate(INPUTS, Options(algorithm="priority"))
    before = progress_of(queue, INPUTS.candidates, now=at(0))
    assert states(before) == {1: Standing.READY, 2: Standing.WAITING, 3: Standing.READY, 4: Standing.READY}
    assert states(before, DEV) == {6: Standing.WAITING}
    waiting = next(item for item in before.teams[0].items if item.standing is Standing.WAITING)
    assert waiting.waits_for == ("ABC-1",)
    after = progress_of(queue, now_with(1), now=at(0))
    assert states(after)[2] is Standing.READY
    assert states(after, DEV) == {6: Standing.READY}
    assert (after.teams[0].done, after.teams[0].load) == (2000, 10_000)
    assert [item.placement.issue for item in after.teams[0].next] == [2, 3, 4]


def test_a_link_that_the_plan_ignores_keeps_nothing_back():
    queue = generate(INPUTS, IgnoreLink(1, 2).applied(Options(algorithm="priority")))
    assert states(progress_of(queue, INPUTS.candidates, now=at(0)))[2] is Standing.READY


def test_what_should_have_been_done_or_has_left_the_sprint_slipped():
    queue = generate(INPUTS, Options(algorithm="priority"))
    late = progress_of(queue, now_with(1, gone=(4,)), now=at(9))
    slipped = {item.placement.issue: item.standing for item in late.teams[0].slipped}
    assert slipped == {2: Standing.READY, 3: Standing.READY, 4: Standing.GONE}
    assert not progress_of(queue, now_with(1, 2, 3, 4), now=at(20)).teams[0].slipped


def test_what_the_plan_did_not_have_in():
    queue = generate(INPUTS, Options(algorithm="priority"))
    assert queue.placements()[5].side is Side.BELOW
    found = progress_of(queue, now_with(5, extra=[issue(9), issue(8, done=True)]), now=at(0))
    assert found.extra == (5, 8)
    assert found.fresh == (9,)


@settings(max_examples=25, deadline=None)
@given(samples.inputs())
def test_everything_that_is_in_stands_somewhere_once(inputs):
    queue = generate(inputs, Options())
    progress = progress_of(queue, inputs.candidates, now=at(5))
    told = [item.placement.issue for team in progress.teams for item in team.items]
    inside = [one.issue for one in queue.placements().values() if one.side is Side.IN]
    assert sorted(told) == sorted(inside)
    assert not progress.fresh
    assert all(item.standing is not Standing.GONE for team in progress.teams for item in team.items)
