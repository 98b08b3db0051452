"""The demo company's queues: the one that the running sprint follows, and a draft of the next one with some edits."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.demo import planning as company
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.sprints import SprintRow
from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.options import Algorithm, Exclude, Options, PinIssue, SetTiming
from sprintreports.planning.queue.values import Candidate, Inputs, Scheduling, Timing
from sprintreports.planning.queue_inputs.reading import Sources, read
from sprintreports.planning.queues import drafts, making, states, store, versions
from sprintreports.planning.queues.changes import Change
from sprintreports.planning.queues.fingerprints import fingerprint
from sprintreports.planning.queues.store import QueueState

_SYSTEM = Viewer.system()
_WINDOW = timedelta(hours=2)


async def make(session: AsyncSession, *, running: SprintRow, coming: SprintRow, now: datetime) -> None:
    """An active queue for one sprint and an edited draft for the other."""
    unit = Unit(running.unit) if running.unit == Unit.HOURS else None
    dealt = Options(carry_over_first=True, unit=unit)
    queue_id = await _made(session, running, company.ACTIVE_QUEUE, dealt, Sources(), now=now)
    await states.become(session, _SYSTEM, queue_id, QueueState.ACTIVE, now=now)
    weighed = Options(algorithm=Algorithm.WEIGHTED_FAIR, carry_over_first=True, buffer=10, unit=unit)
    sources = Sources(backlog=company.FROM_BACKLOG)
    await _made(session, coming, company.DRAFT_QUEUE, weighed, sources, now=now)


async def _made(
    session: AsyncSession, sprint: SprintRow, name: str, options: Options, sources: Sources, *, now: datetime
) -> int:
    found = await read(session, _SYSTEM, sprint_id=sprint.id, sources=sources, unit=options.unit, now=now)
    info = await store.create(
        session, _SYSTEM, sprint_id=sprint.id, name=name, options=options, sources=sources, now=now
    )
    is_draft = name == company.DRAFT_QUEUE
    if is_draft:
        changes = _edits(found.inputs)
        await drafts.apply(session, _SYSTEM, info.id, changes, seen=0, token="demo company", now=now)  # noqa: S106  # a try's name
    draft = await drafts.read(session, _SYSTEM, info.id)
    await versions.keep(
        session,
        _SYSTEM,
        info.id,
        await making.made(found.inputs, draft.options),
        head=draft.info.head,
        fingerprint=fingerprint(found.steady),
        sources=sources,
        note="" if is_draft else company.ACTIVE_NOTE,
        now=now,
    )
    return info.id


def _edits(inputs: Inputs) -> Sequence[Change]:
    """One of each kind that a reader will look for: pinned, left out, at exact times, and due by a date."""
    open_ones = sorted(
        (one for one in inputs.candidates if _plannable(one)), key=lambda one: (one.priority, one.issue)
    )
    if len(open_ones) < 4 or inputs.sprint.start is None or inputs.sprint.end is None:
        return ()
    window, pinned, due, *_, left_out = open_ones
    edits: list[Change] = [PinIssue(pinned.issue, 1), Exclude(left_out.issue)]
    third_day = (inputs.sprint.start + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    late = inputs.sprint.end - timedelta(days=4)
    working = inputs.calendars[window.team].stretches(third_day, inputs.sprint.end)
    roomy = next((start for start, end in working if end - start >= 2 * _WINDOW), None)
    if roomy is not None:
        start = roomy + timedelta(hours=1)
        edits.append(SetTiming(window.issue, Timing(Scheduling.HARD, start, start + _WINDOW)))
    edits.append(SetTiming(due.issue, Timing(Scheduling.SOFT, None, late)))
    return edits


def _plannable(one: Candidate) -> bool:
    known = one.estimate != Estimate(None, None)
    return known and one.team is not None and not one.done and not one.is_subtask and not one.blockers
