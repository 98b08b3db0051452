"""Queues are made beside the event loop, within a time, and given up when nobody waits for them any more."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TypeVar

from sprintreports.kit.errors import Unavailable
from sprintreports.planning.queue.generate import Dealt, dealt, generate, preview, told
from sprintreports.planning.queue.options import Algorithm, Options
from sprintreports.planning.queue.parts import BY_TEAM, glance, part, spliced
from sprintreports.planning.queue.replan import Replanned, replan
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue.values import Inputs

T = TypeVar("T")

AT_ONCE = 2  # of each kind; an optimiser may use some threads of its own
FEW = 4  # where a part is at most one in so many issues, it is evaluated alone
ROOM = 15.0  # seconds beyond the optimiser's own, for all that is done around it
# What may take its time never keeps up what is over in a moment.
_quick = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="quick-queues")
_patient = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="queues")


class TookTooLong(Unavailable):
    """This queue could not be made in time: the machine is busy. Try again in a moment, or with a smaller backlog."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A queue on its way. final False: another one is still to replace it.

    told: the teams whose lists, totals, times and conflicts are those of the final one already, while others' may still
    change; None: of an edit, all teams. Place, value and overall fairness are final at last.
    """

    queue: Queue
    final: bool
    told: frozenset[int | None] | None = None


async def made(inputs: Inputs, options: Options, *, within: float | None = None) -> Queue:
    """The queue, made in a thread. within: seconds, by default the optimiser's and some room. Cancelling ends the work.

    Raises TookTooLong, Invalid.
    """
    return await _beside(_pool(options), partial(generate, inputs, options), options, within)


async def replanned(
    inputs: Inputs, options: Options, previous: Queue, *, within: float | None = None
) -> Replanned:
    """The queue with the fewest changes against the previous one, and what moved. Raises TookTooLong, Invalid."""
    return await _beside(_pool(options), partial(replan, inputs, options, previous), options, within)


async def stages(inputs: Inputs, options: Options, *, within: float | None = None) -> AsyncIterator[Stage]:
    """What can be shown at once, where the best takes its time, and then that. Raises TookTooLong, Invalid."""
    if options.algorithm == Algorithm.OPTIMAL:
        first = await _beside(_quick, partial(_preview, inputs, options), options, within)
        yield Stage(first, final=False)
    yield Stage(await made(inputs, options, within=within), final=True)


async def edited(
    inputs: Inputs,
    options: Options,
    shown: Queue,
    teams: Collection[int | None],
    *,
    within: float | None = None,
) -> AsyncIterator[Stage]:
    """After an edit of these teams' lists: what is shown with these made anew, and then the whole; this alone where the
    algorithm needs its time for all teams at once. Raises TookTooLong, Invalid.
    """
    if options.algorithm not in BY_TEAM:
        yield Stage(await made(inputs, options, within=within), final=True)
        return
    few = len(inputs.candidates) // FEW
    alone = await _beside(_quick, partial(part, inputs, options, teams, most=few), options, within)
    if alone is not None:
        yield Stage(spliced(shown, options, alone), final=False)
        yield Stage(await made(inputs, options, within=within), final=True)
        return
    asked = frozenset(teams)
    half, first = await _beside(_quick, partial(_glanced, inputs, options, shown, asked), options, within)
    yield Stage(first, final=False, told=asked)
    yield Stage(await _beside(_quick, partial(_told, half), options, within), final=True)


def _glanced(
    inputs: Inputs, options: Options, shown: Queue, teams: frozenset[int | None], *, cancelled: Event
) -> tuple[Dealt, Queue]:
    half = dealt(inputs, options, cancelled=cancelled)
    return half, spliced(shown, options, glance(half, teams))


def _told(half: Dealt, *, cancelled: Event) -> Queue:
    del cancelled  # it is over in a moment
    return told(half)


def _preview(inputs: Inputs, options: Options, *, cancelled: Event) -> Queue:
    del cancelled  # it is over in a moment
    return preview(inputs, options)


def _pool(options: Options) -> ThreadPoolExecutor:
    """A plugin's algorithm may take as long as it likes."""
    return _quick if options.algorithm in BY_TEAM else _patient


async def _beside(
    pool: ThreadPoolExecutor, work: Callable[..., T], options: Options, within: float | None
) -> T:
    cancelled = Event()
    seconds = options.seconds + ROOM if within is None else within
    waiting = asyncio.get_running_loop().run_in_executor(pool, partial(_unless, cancelled, work))
    try:
        done, _ = await asyncio.wait({waiting}, timeout=seconds)
        if not done:
            raise TookTooLong
        return waiting.result()
    finally:
        # What still waits for a thread is taken out; what runs notices, and its answer goes nowhere.
        cancelled.set()
        waiting.cancel()


def _unless(cancelled: Event, work: Callable[..., T]) -> T:
    if cancelled.is_set():
        raise TookTooLong
    return work(cancelled=cancelled)
