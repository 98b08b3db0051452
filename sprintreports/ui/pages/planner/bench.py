"""The queues that are open here: each is made once for all who look at it, and made anew in parts when it is edited.

What a bench holds is of the whole queue; what a viewer sees of it is cut when it is shown.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Invalid, SprintReportsError
from sprintreports.observability import logs
from sprintreports.planning.queue import replan
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue_inputs import reading
from sprintreports.planning.queue_inputs.reading import ReadInputs
from sprintreports.planning.queues import making, naming, replanning, versions
from sprintreports.planning.queues.changes import AddCapacity, SetRule, SetWeight, issues_of
from sprintreports.planning.queues.drafts import Draft
from sprintreports.planning.queues.exports.lines import Names
from sprintreports.planning.queues.fingerprints import fingerprint
from sprintreports.planning.queues.making import Stage
from sprintreports.planning.queues.merging import Made
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.ui.live import numbers
from sprintreports.ui.live_queues import rooms

log = logs.get("ui.planner")

MOST_ISSUES = 60_000  # of all benches together; those used last stay
_AHEAD = (
    0.03  # seconds: the first answer is on its way to the browser before the processor is wanted for the rest
)
_SYSTEM = Viewer.system()
_NOTHING_KEPT = "This queue is {state} and no version of it was kept, so there is nothing to show."


@dataclass(slots=True)
class Bench:
    """One queue as it stands. queue: what is shown, made of `found` and the draft as of its edit `head`.

    final False: a better one, or the figures of the whole, are on their way. told: the teams whose lists are not those of
    before the last edit, None: all. base: the plan that planning again keeps to;
    kept_to: the one that this was planned from, until a rule is changed. behind: the version that Jira has moved on from.
    """

    found: ReadInputs | None
    mark: bytes
    names: Names
    queue: Queue
    head: int
    options: Options
    final: bool = True
    told: frozenset[int | None] | None = None
    base: Queue | None = None
    kept_to: Queue | None = None
    moves: tuple[replan.Change, ...] = ()
    newer: ReadInputs | None = None
    behind: int = 0
    trouble: str = ""
    looked: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    work: asyncio.Task[None] | None = None

    @property
    def moved_on(self) -> bool:
        """Whether Jira or the capacity is another one than this was made from."""
        return self.newer is not None or self.behind > 0

    def put(self, stage: Stage, draft: Draft) -> None:
        self.queue, self.final, self.told = stage.queue, stage.final, stage.told
        self.head, self.options, self.trouble = draft.info.head, draft.options, ""

    def rest(self) -> None:
        """Nobody waits for what is still being made."""
        if self.work is not None:
            self.work.cancel()
            self.work = None


@dataclass(frozen=True, slots=True)
class Again:
    """A draft that is planned again: from what Jira says now, kept to the plan before."""

    draft: Draft
    before: Queue
    found: ReadInputs

    async def made(self) -> replan.Replanned:
        """Work of seconds, which needs no transaction. Raises Invalid, TookTooLong."""
        return await making.replanned(self.found.inputs, self.draft.options, self.before)


class Benches:
    """The open queues of this process."""

    def __init__(self) -> None:
        self._benches: OrderedDict[int, Bench] = OrderedDict()
        self._opening: dict[int, asyncio.Lock] = {}

    def clear(self) -> None:
        for bench in self._benches.values():
            bench.rest()
        self._benches.clear()
        self._opening.clear()

    def forget(self, queue_id: int) -> None:
        """Make it from the beginning next time."""
        bench = self._benches.pop(queue_id, None)
        if bench is not None:
            bench.rest()

    async def at(self, session: AsyncSession, draft: Draft, *, now: datetime) -> Bench:
        """The queue as of this draft, at once where that can be; the rest follows. Raises Invalid, TookTooLong."""
        queue_id = draft.info.id
        opening = self._opening.setdefault(queue_id, asyncio.Lock())
        async with opening:
            bench = self._benches.get(queue_id)
            if bench is None or (bench.found is None) == draft.info.editable:
                self.forget(queue_id)
                bench = await _begun(session, draft, now=now)
                self._benches[queue_id] = bench
                self._make_room()
        self._benches.move_to_end(queue_id)
        async with bench.lock:
            if bench.found is not None and _is_behind(bench, draft):
                await _follow(session, bench, bench.found, draft, now=now)
        return bench

    async def look(self, session: AsyncSession, info: QueueInfo, bench: Bench, *, now: datetime) -> None:
        """Notice whether Jira or the capacity has moved on since the bench was made."""
        if bench.found is None:
            return
        async with bench.lock:
            if bench.looked == numbers.version:
                return
            bench.looked = numbers.version
            found = await _read(session, info, bench.options, now=now)
            same = await asyncio.to_thread(fingerprint, found.steady) == bench.mark
            bench.newer = None if same else found

    async def to_plan_again(self, session: AsyncSession, draft: Draft, *, now: datetime) -> Again:
        """What planning again begins with. The draft is one that can be edited. Raises Invalid, TookTooLong."""
        bench = await self.at(session, draft, now=now)
        async with bench.lock:
            before = bench.base if bench.behind and bench.base is not None else bench.queue
            return Again(draft, before, await _read(session, draft.info, draft.options, now=now))

    async def planned_again(
        self, session: AsyncSession, draft: Draft, again: Again, made: replan.Replanned, *, now: datetime
    ) -> Bench | None:
        """The bench with what was planned again; None: the draft was edited meanwhile. The caller holds the queue."""
        if (draft.info.head, draft.options) != (again.draft.info.head, again.draft.options):
            return None
        bench = await self.at(session, draft, now=now)
        async with bench.lock:
            bench.rest()
            await _furnish(session, draft.info, bench, again.found, made.queue)
            bench.put(Stage(made.queue, final=True), draft)
            bench.kept_to, bench.moves, bench.newer, bench.behind = again.before, made.changes, None, 0
            await replanning.remember(session, draft, again.before)
        return bench

    def _make_room(self) -> None:
        weight = {key: len(bench.names.issues) + 1 for key, bench in self._benches.items()}
        total = sum(weight.values())
        for key in list(self._benches)[:-1]:
            if total <= MOST_ISSUES:
                break
            total -= weight[key]
            self.forget(key)


benches = Benches()


async def settled(bench: Bench) -> None:
    """Wait for what is still being made of it."""
    work = bench.work
    if work is not None:
        with suppress(asyncio.CancelledError):
            await asyncio.shield(work)


def _is_behind(bench: Bench, draft: Draft) -> bool:
    """What another transaction is about to write may be here already: that stays."""
    head = draft.info.head
    return bench.head < head or (bench.head == head and bench.options != draft.options)


async def _read(session: AsyncSession, info: QueueInfo, options: Options, *, now: datetime) -> ReadInputs:
    return await reading.read(
        session,
        _SYSTEM,
        sprint_id=info.sprint_id,
        board_id=info.board_id,
        sources=info.sources,
        unit=options.unit,
        now=now,
    )


async def _begun(session: AsyncSession, draft: Draft, *, now: datetime) -> Bench:
    info = draft.info
    last = await versions.read(session, _SYSTEM, info.id) if info.versions else None
    if not info.editable:
        if last is None:
            raise Invalid(_NOTHING_KEPT.format(state=info.state.value))
        bench = Bench(None, b"", Names(), last.queue, info.head, last.queue.options)
        await _furnish(session, info, bench, None, last.queue)
        return bench
    found = await _read(session, info, draft.options, now=now)
    mark = await asyncio.to_thread(fingerprint, found.steady)
    fresh = last is not None and last.version.fingerprint == mark
    kept_to = await replanning.remembered(session, draft)
    moves: tuple[replan.Change, ...] = ()
    # Of what is left of a sprint there is less by now than when a version was kept, though Jira says the same.
    as_kept = fresh and not info.sources.rest
    if (
        last is not None
        and as_kept
        and last.version.head == info.head
        and last.queue.options == draft.options
    ):
        stages = _only(last.queue)
    elif kept_to is not None:
        again = await making.replanned(found.inputs, draft.options, kept_to)
        stages, moves = _only(again.queue), again.changes
    else:
        stages = making.stages(found.inputs, draft.options)
    first = await anext(stages)
    bench = Bench(found, mark, Names(), first.queue, info.head, draft.options, kept_to=kept_to, moves=moves)
    if last is not None:
        bench.base = last.queue
        bench.behind = 0 if fresh else last.version.number
    await _furnish(session, info, bench, found, first.queue)
    await _go_on(bench, draft, first, stages)
    return bench


async def _furnish(
    session: AsyncSession, info: QueueInfo, bench: Bench, found: ReadInputs | None, queue: Queue
) -> None:
    """What the numbers in a queue stand for."""
    bench.names = await naming.names_of(session, _SYSTEM, info, queue)
    if found is not None:
        bench.found = found
        bench.mark = await asyncio.to_thread(fingerprint, found.steady)


async def _follow(
    session: AsyncSession, bench: Bench, found: ReadInputs, draft: Draft, *, now: datetime
) -> None:
    """After further edits of the draft."""
    bench.rest()
    edits = [one for one in draft.edits if one.number > bench.head]
    ruled = any(isinstance(one.change, SetRule) for one in edits)
    if bench.options.unit != draft.options.unit:
        found = await _read(session, draft.info, draft.options, now=now)
        await _furnish(session, draft.info, bench, found, bench.queue)
    inputs = found.inputs
    if ruled:
        bench.kept_to, bench.moves = None, ()
    if bench.kept_to is not None:
        again = await making.replanned(inputs, draft.options, bench.kept_to)
        bench.put(Stage(again.queue, final=True), draft)
        return
    teams = None if ruled else _teams_of(bench, draft.options, edits)
    stages = (
        making.stages(inputs, draft.options)
        if teams is None
        else making.edited(inputs, draft.options, bench.queue, teams)
    )
    await _go_on(bench, draft, await anext(stages), stages)


async def _go_on(bench: Bench, draft: Draft, first: Stage, stages: AsyncIterator[Stage]) -> None:
    bench.put(first, draft)
    if not first.final:
        bench.work = asyncio.create_task(_finish(bench, draft, stages))


async def _finish(bench: Bench, draft: Draft, stages: AsyncIterator[Stage]) -> None:
    """What takes its time, while the first answer is on the screen already."""
    await asyncio.sleep(_AHEAD)
    try:
        async with aclosing(stages):  # type: ignore[type-var]  # an async generator is declared as what it is used for
            async for stage in stages:
                bench.put(stage, draft)
    except SprintReportsError as error:
        log.warning("planner_unfinished", queue=draft.info.id, reason=error.message)
        bench.trouble = error.message
    rooms.changed(draft.info.id)


async def _only(queue: Queue) -> AsyncIterator[Stage]:
    yield Stage(queue, final=True)


def _teams_of(bench: Bench, options: Options, edits: Sequence[Made]) -> frozenset[int | None] | None:
    """The teams whose lists these edits are about, before and after. None: they are about the whole."""
    own = {} if bench.found is None else {one.issue: one.team for one in bench.found.inputs.candidates}
    teams: set[int | None] = set()
    for one in edits:
        change = one.change
        if isinstance(change, SetRule | SetWeight):
            return None
        if isinstance(change, AddCapacity):
            teams.add(change.team)
        for issue in issues_of(change):
            if issue in own:
                teams |= {held.teams.get(issue, own[issue]) for held in (bench.options, options)}
    return frozenset(teams) or None
