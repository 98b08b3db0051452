"""What holds for every queue, of any algorithm, from anything that may come in."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Algorithm, Options
from sprintreports.planning.queue.problem import prepare
from sprintreports.planning.queue.results import Side, Why
from sprintreports.planning.queue.values import Scheduling
from tests.unit.planning.queue.samples import inputs, options

everywhere = pytest.mark.parametrize("algorithm", list(Algorithm))


@everywhere
@given(data=st.data(), given_inputs=inputs())
@settings(max_examples=40, deadline=None)
def test_each_candidate_once_no_team_over_blockers_first_and_hard_at_its_time(algorithm, data, given_inputs):
    chosen = data.draw(options(algorithm=algorithm))
    queue = generate(given_inputs, chosen)
    problem = prepare(given_inputs, chosen)

    placed = [placement.issue for team in queue.teams for placement in team.placements]
    assert sorted(placed) == sorted(candidate.issue for candidate in given_inputs.candidates)

    found = queue.placements()
    for team in queue.teams:
        inside = [one for one in team.placements if one.side is Side.IN]
        assert team.load == sum(one.load for one in inside)
        assert all(one.running <= team.capacity for one in inside)
        assert [one.position for one in team.placements if one.position] == list(
            range(1, sum(1 for one in team.placements if one.position) + 1)
        )
        order = [one.side for one in team.placements]
        assert order == sorted(order, key=[Side.IN, Side.BELOW, Side.ASIDE].index)
    places = sorted(one.place for one in found.values() if one.side is Side.IN)
    assert places == list(range(1, len(places) + 1))

    for number, candidate in enumerate(problem.candidates):
        mine = found[candidate.issue]
        if mine.side is not Side.IN:
            continue
        assert not candidate.done
        assert candidate.issue not in chosen.exclusions
        for blocker in problem.before[number]:
            first = found[problem.candidates[blocker].issue]
            assert first.side is Side.IN
            assert first.place < mine.place
            if first.team == mine.team:
                assert first.position < mine.position
        if candidate.timing.kind is Scheduling.HARD:
            assert (mine.start, mine.finish) == (candidate.timing.start, candidate.timing.end)


@everywhere
@given(data=st.data(), given_inputs=inputs(), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_same_input_in_any_order_gives_the_same_queue(algorithm, data, given_inputs, seed):
    chosen = data.draw(options(algorithm=algorithm))
    shuffled = list(given_inputs.candidates)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  # any order will do
    limits = list(reversed(given_inputs.limits))
    again = generate(replace(given_inputs, candidates=shuffled, limits=limits), chosen)
    assert again == generate(given_inputs, chosen)


@everywhere
@given(data=st.data(), given_inputs=inputs())
@settings(max_examples=30, deadline=None)
def test_what_is_said_to_be_lacking_makes_room(algorithm, data, given_inputs):
    """With that much more, the issue and all it waits for can be taken after everything that is in."""
    chosen = data.draw(options(algorithm=algorithm))
    queue = generate(given_inputs, chosen)
    problem = prepare(given_inputs, chosen)
    for placement in queue.placements().values():
        if not placement.reason.needs:
            continue
        assert placement.side is Side.BELOW
        free = {team.team: team.capacity - team.load for team in queue.teams}
        chain, todo = set(), [problem.numbers[placement.issue]]
        while todo:
            number = todo.pop()
            if number in chain or queue.placements()[problem.candidates[number].issue].side is Side.IN:
                continue
            chain.add(number)
            todo += problem.before[number]
        for team, more in placement.reason.needs:
            load = sum(problem.load[n] for n in chain if problem.candidates[n].team == team)
            assert more > 0
            assert load == free[team] + more


def eligible(table: Deal, team: int, phase: int) -> set[int]:
    """The stakeholders with an issue of this team and phase that is unblocked and fits."""
    problem = table.problem
    return {
        problem.who[number]
        for number in range(len(problem.candidates))
        if problem.team[number] == team
        and problem.phase[number] == phase
        and table.ready(number)
        and table.fits(number)
    }


@given(data=st.data(), given_inputs=inputs())
@settings(max_examples=40, deadline=None)
def test_round_robin_serves_nobody_twice_while_another_has_an_eligible_issue(data, given_inputs):
    chosen = replace(data.draw(options(algorithm=Algorithm.ROUND_ROBIN)), pins={})
    queue = generate(given_inputs, chosen)
    problem = prepare(given_inputs, chosen)
    table = Deal(problem)
    placed = sorted(
        (one for one in queue.placements().values() if one.side is Side.IN), key=lambda o: o.place
    )
    waiting: dict[
        tuple[int, int], set[int]
    ] = {}  # since the last turn of a stakeholder: who could have been served
    rounds = set()
    for one in placed:
        number = problem.numbers[one.issue]
        team, who = problem.team[number], problem.who[number]
        if one.round:
            assert one.reason.why is Why.TURN
            assert not waiting.get((team, who), set()), "somebody else waited all the while"
            assert (team, who, one.round) not in rounds
            rounds.add((team, who, one.round))
        table.take(number, Why.TURN)
        for (at, _), others in waiting.items():
            if at == team:
                others.discard(who)
        phase = problem.phase[number]
        if one.round:
            waiting[team, who] = eligible(table, team, phase) - {who}
        for (at, _), others in waiting.items():
            others.intersection_update(set().union(*(eligible(table, at, p) for p in range(phase + 1))))


@given(given_inputs=inputs(most=9, teams=2, plain=True))
@settings(max_examples=40, deadline=None)
def test_optimal_equals_brute_force_and_beats_the_others(given_inputs):
    best = generate(given_inputs, Options(algorithm=Algorithm.OPTIMAL))
    assert best.bound is not None
    assert best.bound.proven
    problem = prepare(given_inputs, Options())
    assert best.value == best.bound.value == best.bound.bound == brute_force(problem)
    for algorithm in Algorithm:
        assert generate(given_inputs, Options(algorithm=algorithm)).value <= best.value


def brute_force(problem) -> int:
    playing = [n for n in range(len(problem.candidates)) if n not in problem.settled]
    best = 0
    for size in range(len(playing) + 1):
        for choice in combinations(playing, size):
            loads = [0] * len(problem.rooms)
            for number in choice:
                loads[problem.team[number]] += problem.load[number]
            within = all(load <= room.limit for load, room in zip(loads, problem.rooms, strict=True))
            if within and all(set(problem.before[number]) <= set(choice) for number in choice):
                best = max(best, sum(problem.worth[number] for number in choice))
    return best


@given(data=st.data(), given_inputs=inputs(most=12))
@settings(max_examples=20, deadline=None)
def test_optimal_is_never_worth_less_than_the_others_whatever_is_pinned(data, given_inputs):
    chosen = data.draw(options(algorithm=Algorithm.OPTIMAL))
    best = generate(given_inputs, chosen)
    assert best.bound is not None
    assert best.value == best.bound.value <= best.bound.bound
    for algorithm in Algorithm:
        assert generate(given_inputs, replace(chosen, algorithm=algorithm)).value <= best.value
