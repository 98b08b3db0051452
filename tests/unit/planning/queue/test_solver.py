"""The optimum is the optimum whichever way it was found: by the core, by what is sure, or by everything at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from threading import Event

import pytest

from sprintreports.planning.queue import solver
from sprintreports.planning.queue.solver import Program, Solution, keeps, solve

COLUMNS = 90


def program(seed: int, *, teams: int, links: int) -> Program:
    """Points worth more or less in step with their load, and room for three fifths of them."""
    chance = Random(seed)  # noqa: S311  # a program, not a secret
    loads = [1000 * chance.choice((1, 2, 3, 5, 8, 13)) for _ in range(COLUMNS * teams)]
    values = [load * (1000 - 9 * at // teams) for at, load in enumerate(loads)]
    rows: list[tuple[int, Sequence[int], Sequence[int]]] = []
    for team in range(teams):
        mine = list(range(team, len(loads), teams))
        rows.append((sum(loads[at] for at in mine) * 3 // 5, mine, [loads[at] for at in mine]))
    pairs = {(min(pair), max(pair)) for pair in (chance.sample(range(len(loads)), 2) for _ in range(links))}
    return Program(values, rows, sorted(pairs))


def best_of(one: Program, *, seconds: float = 30.0) -> Solution:
    start = [False] * len(one.values)
    return solve(one, start, gap=0.0, seconds=seconds, seed=0, cancelled=Event())


def worth(one: Program, found: Solution) -> int:
    return sum(value for value, taken in zip(one.values, found.chosen, strict=True) if taken)


def by_every_amount(one: Program) -> int:
    """The most that one team's room can hold, by dynamic programming over whole points."""
    ((limit, columns, loads),) = one.teams
    most = [0] * (limit // 1000 + 1)
    for column, load in zip(columns, loads, strict=True):
        size = load // 1000
        for room in range(len(most) - 1, size - 1, -1):
            most[room] = max(most[room], most[room - size] + one.values[column])
    return most[-1]


@pytest.mark.parametrize("seed", range(6))
def test_one_team_gets_what_dynamic_programming_finds(seed: int):
    one = program(seed, teams=1, links=0)
    found = best_of(one)
    assert (found.proven, keeps(one, found.chosen)) == (True, True)
    assert worth(one, found) == found.bound == by_every_amount(one)


@pytest.mark.parametrize("seed", range(4))
def test_with_links_it_is_what_the_whole_program_gives(seed: int, monkeypatch: pytest.MonkeyPatch):
    one = program(seed, teams=1 + seed % 3, links=25)
    found = best_of(one)

    def nothing(_relaxation: object, _value: float) -> Mapping[int, float]:
        return {}

    monkeypatch.setattr(solver, "_CORE", len(one.values))
    monkeypatch.setattr(solver, "_sure", nothing)
    whole = best_of(one)
    assert (found.proven, whole.proven, keeps(one, found.chosen)) == (True, True, True)
    assert worth(one, found) == worth(one, whole) == found.bound == whole.bound


def test_what_is_sure_leaves_every_optimum_as_it_is(monkeypatch: pytest.MonkeyPatch):
    """Fixing columns pays: fewer are left to be searched than there are, and the answer is proven all the same."""
    sizes: list[int] = []
    inner = solver._sure

    def counted(relaxation: object, value: float) -> Mapping[int, float]:
        found = inner(relaxation, value)  # pyright: ignore[reportArgumentType]
        sizes.append(len(found))
        return found

    monkeypatch.setattr(solver, "_sure", counted)
    one = program(3, teams=1, links=10)
    assert best_of(one).proven
    assert COLUMNS // 2 < sizes[0] <= COLUMNS


def test_without_time_it_says_what_the_start_is_worth_and_what_could_be():
    one = program(1, teams=1, links=0)
    found = best_of(one, seconds=0.0)
    assert not found.proven
    assert worth(one, found) == 0 < by_every_amount(one) <= found.bound
