"""A sprint's inputs, read in few queries: what Jira has now, the teams' capacity, and what has to be told about both."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import candidates
from sprintreports.jira.reads.access import Place
from sprintreports.jira.reads.candidates import Block, Candidates, IssueNow
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.planning import sprint_plan
from sprintreports.planning.queue.values import Blocker, Candidate, Inputs, Sprint, Whereabouts
from sprintreports.planning.queue_inputs.groups import grouped
from sprintreports.planning.queue_inputs.limits import Limits, limits_of
from sprintreports.planning.queue_inputs.order import Order, ranks, unplaced
from sprintreports.planning.queue_inputs.timing import Clock, timing_of, unknown_classes

MOST_BACKLOG = candidates.MOST_BACKLOG
MOST_NAMES = 50
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a queue's issues come from. backlog: how many of the board's backlog may join, the first in the order.

    rest: plan what is left of an active sprint, not the whole. blocking: names of the link types that say what must come
    first. priorities: their order, the most urgent first, where it is not the usual one.
    """

    backlog: int = 0
    rest: bool = False
    blocking: tuple[str, ...] = ("Blocks",)
    priorities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.backlog <= MOST_BACKLOG:
            message = f"Take 0 to {MOST_BACKLOG:,} issues of the backlog."
            raise Invalid(message, details=(FieldProblem("backlog", message),))
        for field, names in (("blocking", self.blocking), ("priorities", self.priorities)):
            if len(names) > MOST_NAMES or any(
                not name.strip() or len(name) > 100 or "\0" in name for name in names
            ):
                message = f"Give at most {MOST_NAMES} names of 1 to 100 characters."
                raise Invalid(message, details=(FieldProblem(field, message),))


@dataclass(frozen=True, slots=True)
class ReadInputs:
    """What a queue is made from. names: of people in Jira, for who shows the queue: its own sentences name them by number.

    notes: whole sentences about what the inputs lack. backlog: the candidates that are in no open sprint.
    subtasks: whether the board counts by sub-tasks, which is what a new queue begins with. steady: the inputs for the whole
    sprint, where these are for what is left of it: they are otherwise only when Jira or the capacity is.
    """

    place: Place
    inputs: Inputs
    names: Mapping[int, str]
    notes: tuple[str, ...]
    backlog: frozenset[int]
    subtasks: bool
    steady: Inputs


async def read(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    sources: Sources,
    unit: Unit | None,
    now: datetime,
) -> ReadInputs:
    """unit: what all teams are to plan in, None: each in its own. Raises Forbidden, NotFound, Invalid for a closed sprint."""
    found = await candidates.read(
        session,
        viewer,
        sprint_id=sprint_id,
        board_id=board_id,
        backlog=sources.backlog > 0,
        blocking=sources.blocking,
    )
    dates = found.place.dates
    if dates.state is SprintState.CLOSED:
        raise Invalid(
            "This sprint is closed. A queue is made for a sprint that is active or planned: choose one."
        )
    teams = grouped(
        await sprint_plan.bases(session, viewer, sprint_id=sprint_id, board_id=board_id, unit=unit)
    )
    team_of = teams.team_of
    order = Order.of((one.priority for one in found.issues), sources.priorities)
    issues = _chosen(found.issues, order, sources.backlog)
    starts = dates.activated_at or dates.start_date
    since = now if sources.rest and dates.state is SprintState.ACTIVE and starts and now > starts else None
    busy = frozenset(team_of[one.discipline] for one in issues if one.discipline in team_of)
    # Off the event loop: of a hundred teams it is arithmetic that everybody else would wait for.
    limits = await asyncio.to_thread(limits_of, teams.teams, busy=busy, since=since)

    def inputs_of(start: datetime | None, limits: Limits) -> Inputs:
        sprint = Sprint(start, dates.end_date)
        candidates = _candidates(found, issues, order, team_of, sprint)
        return Inputs(candidates, limits.teams, sprint, limits.people, limits.hours)

    inputs = steady = inputs_of(since or starts, limits)
    if since is not None:
        steady = inputs_of(starts, await asyncio.to_thread(limits_of, teams.teams, busy=busy, since=None))
    notes = (
        *_homeless(issues, team_of.keys() | teams.groups.keys()),
        *teams.notes(issues),
        *limits.notes,
        *_unseen(found),
        order.note(),
        unplaced(issues),
        unknown_classes(issues, found.mapping),
    )
    return ReadInputs(
        place=found.place,
        inputs=inputs,
        names=found.people,
        notes=tuple(note for note in notes if note),
        backlog=frozenset(one.issue for one in issues if one.backlog),
        subtasks=found.subtasks,
        steady=steady,
    )


async def issues_now(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    sources: Sources,
) -> list[Candidate]:
    """The issues alone, to hold a plan against that was kept: without teams and capacity, and of a closed sprint too.

    Raises Forbidden, NotFound.
    """
    found = await candidates.read(
        session,
        viewer,
        sprint_id=sprint_id,
        board_id=board_id,
        backlog=sources.backlog > 0,
        blocking=sources.blocking,
    )
    order = Order.of((one.priority for one in found.issues), sources.priorities)
    dates = found.place.dates
    sprint = Sprint(dates.activated_at or dates.start_date, dates.end_date)
    return _candidates(found, _chosen(found.issues, order, sources.backlog), order, {}, sprint)


def _chosen(issues: Sequence[IssueNow], order: Order, backlog: int) -> list[IssueNow]:
    """All of the sprint, and the first of the backlog in the order."""
    rank = ranks(one for one in issues if one.backlog)
    waiting = sorted(
        (one for one in issues if one.backlog),
        key=lambda one: (order.places[one.priority], rank[one.issue]),
    )
    return [*(one for one in issues if not one.backlog), *waiting[:backlog]]


def _candidates(
    found: Candidates, issues: Sequence[IssueNow], order: Order, team_of: Mapping[int, int], sprint: Sprint
) -> list[Candidate]:
    rank = ranks(issues)
    clock = Clock.of(found.place.calendar.zone, sprint)
    times = {one.issue: timing_of(one, found.mapping, clock) for one in issues}
    blocks: dict[int, list[Block]] = {}
    for block in found.blocks:
        if block.known:
            blocks.setdefault(block.blocked, []).append(block)
    return [
        Candidate(
            issue=one.issue,
            key=one.key,
            team=team_of.get(one.discipline),
            estimate=one.estimate,
            stakeholder=one.stakeholder,
            assignee=one.assignee,
            priority=order.places[one.priority],
            rank=rank[one.issue],
            is_subtask=one.is_subtask,
            parent=one.parent,
            carry_over=any(held.state is SprintState.CLOSED for held in found.sprints.get(one.issue, ())),
            blockers=tuple(
                Blocker(block.blocker, block.key, block.done, _whereabouts(found, block.blocker))
                for block in blocks.get(one.issue, ())
            ),
            done=one.done,
            other_sprints=tuple(
                held.name
                for held in found.sprints.get(one.issue, ())
                if held.state in (SprintState.ACTIVE, SprintState.FUTURE)
            ),
            timing=times[one.issue].timing,
            told=times[one.issue].told,
            lacks=times[one.issue].lacks,
        )
        for one in issues
    ]


def _whereabouts(found: Candidates, issue: int) -> Whereabouts:
    """Where a blocker is that is no candidate: sprints are told apart by their planned ends; one without is later."""
    held = found.sprints.get(issue, ())
    if not held:
        return Whereabouts.OUTSIDE
    ours = found.place.dates.end_date
    coming = [one for one in held if one.state in (SprintState.ACTIVE, SprintState.FUTURE)]
    later = any(one.end is None or (ours is not None and one.end > ours) for one in coming)
    return Whereabouts.LATER_SPRINT if later else Whereabouts.EARLIER_SPRINT


def _homeless(issues: Iterable[IssueNow], known: Collection[int]) -> Iterable[str]:
    """Issues with a value of Jira that no team stands for: making a team of it, or giving it to one, is all they need."""
    lost = Counter(
        one.discipline for one in issues if one.discipline and one.discipline not in known and not one.done
    )
    if lost:
        count = lost.total()
        yield (
            f"{count} {'issue has' if count == 1 else 'issues have'} a value of Jira's team field that no team stands for. "
            "Give these values to teams on the page of teams."
        )


def _unseen(found: Candidates) -> Iterable[str]:
    """Links to what is not synchronised say nothing that could be planned with."""
    keys = {one.issue: one.key for one in found.issues}
    waiting = sorted({keys[block.blocked] for block in found.blocks if not block.known})
    if waiting:
        shown = ", ".join(waiting[:_SHOWN]) + (
            f" and {len(waiting) - _SHOWN} more" if len(waiting) > _SHOWN else ""
        )
        yield f"Some links of {shown} lead to issues that are not read from Jira. They are planned as if these were done."
