"""Queues are made beside the event loop: it goes on meanwhile, a time is kept, and who goes away stops the work."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import pytest

from sprintreports.planning.queue.algorithms import forget, register
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import (
    AddCapacity,
    Algorithm,
    Exclude,
    IgnoreLink,
    Options,
    SetTeam,
)
from sprintreports.planning.queue.replan import Move
from sprintreports.planning.queues import making
from sprintreports.planning.queues.changes import Rule, SetRule, teams_of
from tests.unit.planning.queue.samples import DEV, QA, issue, sprint

INPUTS = sprint(issue(1), issue(2), issue(3, 9))


class Slow:
    """An algorithm that works until it is told to stop."""

    def __init__(self) -> None:
        self.began, self.stopped = Event(), Event()

    def __call__(self, _table: Deal, cancelled: Event) -> None:
        self.began.set()
        if cancelled.wait(20):
            self.stopped.set()


@pytest.fixture
def slow() -> Iterator[Slow]:
    dealer = Slow()
    register("slow", dealer)
    yield dealer
    forget("slow")


async def test_the_queue_is_the_same_as_made_at_once():
    assert await making.made(INPUTS, Options()) == generate(INPUTS, Options())


async def test_the_loop_goes_on_and_whoever_goes_away_stops_the_work(slow: Slow):
    asked = asyncio.create_task(making.made(INPUTS, Options(algorithm="slow")))
    assert await asyncio.to_thread(slow.began.wait, 10)  # the loop was free to come here
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await asyncio.to_thread(slow.stopped.wait, 10)


async def test_a_queue_that_takes_too_long_is_given_up(slow: Slow):
    with pytest.raises(making.TookTooLong, match="machine is busy"):
        await making.made(INPUTS, Options(algorithm="slow"), within=0.05)
    assert await asyncio.to_thread(slow.stopped.wait, 10)


async def test_what_waits_for_a_thread_is_given_up_and_what_is_quick_never_waits(slow: Slow):
    options = Options(algorithm="slow")
    running = [asyncio.create_task(making.made(INPUTS, options)) for _ in range(making.AT_ONCE)]
    await asyncio.to_thread(slow.began.wait, 10)
    with pytest.raises(making.TookTooLong):
        await making.made(INPUTS, options, within=0.05)
    assert await making.made(INPUTS, Options()) == generate(INPUTS, Options())
    for one in running:
        one.cancel()
    found = await asyncio.gather(*running, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in found)


async def test_the_best_queue_comes_after_a_preview():
    options = Options(algorithm=Algorithm.OPTIMAL)
    found = [stage async for stage in making.stages(INPUTS, options)]
    assert [stage.final for stage in found] == [False, True]
    assert found[0].queue.bound is None
    assert found[0].queue.options == options
    assert found[1].queue == generate(INPUTS, options)
    assert [stage.final async for stage in making.stages(INPUTS, Options())] == [True]


async def test_an_edit_of_one_team_is_shown_before_the_whole_is_made():
    inputs = sprint(issue(1), issue(2), issue(3, team=DEV))
    shown = generate(inputs, Options())
    change = Exclude(1)
    options = change.applied(Options())
    teams = teams_of(change, shown)
    assert teams == {QA}
    first, whole = [stage async for stage in making.edited(inputs, options, shown, teams)]
    assert (first.final, whole.final) == (False, True)
    assert first.queue.options == whole.queue.options == options
    assert [team.load for team in first.queue.teams] == [team.load for team in whole.queue.teams]
    tied = sprint(issue(1), issue(2, team=DEV, after=[1]))
    glanced, whole = [stage async for stage in making.edited(tied, options, generate(tied, Options()), [QA])]
    assert (glanced.final, glanced.told, whole.final, whole.told) == (False, {QA}, True, None)
    assert whole.queue == generate(replace(tied), options)
    assert glanced.queue.teams[0] == whole.queue.teams[0]
    assert [one.load for one in glanced.queue.teams[0].placements] == [1000]
    # What waits for the issue that was left out cannot be in any more, which the whole tells.
    assert (glanced.queue.teams[1].load, whole.queue.teams[1].load) == (1000, 0)


async def test_an_edit_of_few_teams_that_nothing_ties_is_told_of_all():
    inputs = sprint(issue(1), *(issue(number, team=DEV) for number in range(2, 9)))
    options = Exclude(1).applied(Options())
    first, whole = [
        stage async for stage in making.edited(inputs, options, generate(inputs, Options()), [QA])
    ]
    assert (first.final, first.told, whole.final) == (False, None, True)
    assert [team.load for team in first.queue.teams] == [team.load for team in whole.queue.teams] == [0, 7000]


async def test_an_edit_of_the_best_queue_waits_for_the_best():
    options = Exclude(1).applied(Options(algorithm=Algorithm.OPTIMAL))
    shown = generate(INPUTS, Options(algorithm=Algorithm.OPTIMAL))
    (whole,) = [stage async for stage in making.edited(INPUTS, options, shown, [QA])]
    assert (whole.final, whole.queue) == (True, generate(replace(INPUTS), options))


def test_which_teams_a_change_is_about():
    queue = generate(sprint(issue(1), issue(2, team=DEV, after=[1])), Options())
    assert teams_of(IgnoreLink(1, 2), queue) == {QA, DEV}
    assert teams_of(SetTeam(1, None), queue) == {QA, None}
    assert teams_of(AddCapacity(DEV, 1), queue) == {DEV}
    assert teams_of(SetRule(Rule.BUFFER, 1), queue) is None
    assert teams_of(Exclude(99), queue) is None


async def test_planning_again_tells_what_moved():
    before = generate(INPUTS, Options())
    found = await making.replanned(INPUTS, Exclude(1).applied(Options()), before)
    assert [(change.move, change.key) for change in found.changes if change.move is Move.FELL] == [
        (Move.FELL, "ABC-1")
    ]


def test_the_solver_says_nothing_on_standard_output():
    """HiGHS prints a banner when the first of its models in a process is made, unless it is asked not to before that."""
    code = (
        "from threading import Event\n"
        "from sprintreports.planning.queue.solver import Program, solve\n"
        "found = solve(Program([3, 2], [(5, [0, 1], [4, 3])], []), [False, False], gap=0, seconds=5, seed=1, cancelled=Event())\n"
        "assert list(found.chosen) == [True, False], found\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
