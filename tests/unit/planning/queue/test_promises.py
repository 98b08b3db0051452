"""What the queue promises, read off the queue alone: turns, exact times, equal shares, and the best by trying everything."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Algorithm, Options
from sprintreports.planning.queue.problem import prepare
from sprintreports.planning.queue.results import Queue, Side, TeamQueue
from sprintreports.planning.queue.values import Candidate
from tests.unit.planning.queue.samples import DEV, QA, hard, inputs, issue, sprint

everywhere = pytest.mark.parametrize("algorithm", list(Algorithm))
dealt = pytest.mark.parametrize("algorithm", [Algorithm.ROUND_ROBIN, Algorithm.WEIGHTED_FAIR])


def of_team(queue: Queue, team: int) -> TeamQueue:
    return next(one for one in queue.teams if one.team == team)


@given(
    owners=st.lists(st.integers(1, 5), min_size=1, max_size=14),
    sizes=st.lists(st.integers(1, 6), min_size=14, max_size=14),
    capacity=st.integers(1, 40),
    seed=st.integers(0, 3),
)
@settings(max_examples=120, deadline=None)
def test_nobody_has_a_second_turn_while_another_issue_would_fit(owners, sizes, capacity, seed):
    given_inputs = sprint(
        *(issue(number, sizes[number], by=who) for number, who in enumerate(owners)), qa=capacity
    )
    team = of_team(generate(given_inputs, Options(seed=seed)), QA)
    inside = [one for one in team.placements if one.side is Side.IN]
    last_turn: dict[int | None, int] = {}
    for at, one in enumerate(inside):
        before = last_turn.get(one.stakeholder)
        if before is not None:
            since = {other.stakeholder for other in inside[before + 1 : at]}
            room = team.capacity - (one.running - one.load)
            waiting = {
                other.stakeholder
                for other in team.placements
                if other.load <= room and (other.side is Side.BELOW or other.position > one.position)
            }
            assert waiting - since <= {one.stakeholder}, "somebody else waited with an issue that fits"
        last_turn[one.stakeholder] = at


@everywhere
@given(data=st.data(), count=st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_what_has_exact_times_and_room_is_in_at_these_times(algorithm, data, count):
    days = data.draw(st.lists(st.integers(0, 11), min_size=count, max_size=count))
    fixed = [
        issue(number, 1, team=data.draw(st.sampled_from((QA, DEV))), timing=hard(day, 10))
        for number, day in enumerate(days)
    ]
    others = [issue(20 + number, 3, by=data.draw(st.integers(1, 3))) for number in range(6)]
    queue = generate(sprint(*fixed, *others, qa=8, dev=8), Options(algorithm=algorithm))
    placed = queue.placements()
    for one in fixed:
        mine = placed[one.issue]
        assert mine.side is Side.IN
        assert (mine.start, mine.finish) == (one.timing.start, one.timing.end)


@dealt
@given(
    people=st.integers(1, 6),
    each=st.integers(1, 4),
    size=st.integers(1, 5),
    rounds=st.integers(1, 4),
    seed=st.integers(0, 3),
)
@settings(max_examples=60, deadline=None)
def test_equal_shares_are_a_fairness_of_100(algorithm, people, each, size, rounds, seed):
    """Everybody asks for the same, and there is room for whole rounds."""
    taken = min(rounds, each)
    candidates = [
        issue(who * 10 + number, size, by=who) for who in range(1, people + 1) for number in range(each)
    ]
    queue = generate(sprint(*candidates, qa=people * taken * size), Options(algorithm=algorithm, seed=seed))
    served = [one.stakeholder for one in of_team(queue, QA).placements if one.side is Side.IN]
    assert {served.count(who) for who in range(1, people + 1)} == {taken}
    assert queue.fairness.index == 100
    assert of_team(queue, QA).fairness.index == 100


@given(weight=st.integers(1, 3), size=st.integers(1, 4))
@settings(max_examples=12, deadline=None)
def test_shares_as_the_weights_say_are_a_fairness_of_100(weight, size):
    """Who weighs twice as much gets twice as much, and that is fair."""
    candidates = [
        issue(who * 100 + number, size, by=who) for who in (1, 2) for number in range(2 * (weight + 1))
    ]
    options = Options(algorithm=Algorithm.WEIGHTED_FAIR, weights={1: 100 * weight, 2: 100})
    queue = generate(sprint(*candidates, qa=2 * (weight + 1) * size), options)
    served = [one.stakeholder for one in of_team(queue, QA).placements if one.side is Side.IN]
    assert (served.count(1), served.count(2)) == (2 * weight, 2)
    assert queue.fairness.index == 100


@given(
    given_inputs=inputs(most=8, teams=2, plain=True),
    weights=st.dictionaries(st.integers(1, 3), st.integers(1, 400), max_size=3),
    buffer=st.sampled_from((0, 25, 50)),
    left_out=st.sets(st.integers(0, 7), max_size=2),
)
@settings(max_examples=40, deadline=None)
def test_optimal_is_the_best_of_all_choices_with_weights_buffer_and_exclusions(
    given_inputs, weights, buffer, left_out
):
    options = Options(
        algorithm=Algorithm.OPTIMAL, weights=weights, buffer=buffer, exclusions=frozenset(left_out)
    )
    queue = generate(given_inputs, options)
    assert queue.bound is not None
    assert queue.bound.proven
    problem = prepare(given_inputs, options)
    worth = {one.issue: value for one, value in zip(problem.candidates, problem.worth, strict=True)}
    room = {limit.team: limit.capacity.points * (100 - buffer) // 100 for limit in given_inputs.limits}
    playing = [one for one in given_inputs.candidates if one.issue not in left_out]
    best = max(
        sum(worth[one.issue] for one in choice)
        for size in range(len(playing) + 1)
        for choice in combinations(playing, size)
        if _holds(choice, room)
    )
    assert queue.value == best


def _holds(choice: tuple[Candidate, ...], room: dict[int | None, int]) -> bool:
    """Within each team's room, with all that must come first."""
    chosen = {one.issue for one in choice}
    loads = dict.fromkeys(room, 0)
    for one in choice:
        loads[one.team] = loads.get(one.team, 0) + (one.estimate.points or 0)
    return all(load <= room[team] for team, load in loads.items()) and all(
        blocker.issue in chosen for one in choice for blocker in one.blockers
    )
