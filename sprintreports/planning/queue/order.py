"""The candidates of some inputs in their canonical order, with all that no decision but the seed can change.

An edit changes decisions, hardly ever the inputs: what is known of these is kept for as long as they live. The inputs
are never changed, so there is nothing that could go stale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import ref

from sprintreports.kit.errors import Invalid
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.results import InJira, in_jira
from sprintreports.planning.queue.values import Candidate, Inputs, Scheduling

_SPREAD, _WORD = 2_654_435_761, 2**32 - 1  # Knuth's multiplicative hash: equal claims in an order by the seed

Facts = tuple[Sequence[int], Sequence[str], Sequence[int | None], Sequence[int | None]]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Ordered:
    """The candidates by priority, rank and seed; `numbers`: their places by issue. people: the stakeholders, None first.

    who: per candidate the index of its stakeholder; facts: what a placement says of it, a column each: issue, key,
    stakeholder, assignee. in_jira: as in `results`. The other lists are the places of those that are so, rising.
    """

    candidates: Sequence[Candidate]
    numbers: Mapping[int, int]
    people: Sequence[int | None]
    who: Sequence[int]
    facts: Facts
    done: Sequence[int]
    subtasks: Sequence[int]
    blocked: Sequence[int]
    carried: Sequence[int]
    timed: Sequence[int]
    elsewhere: Sequence[int]
    lacking: Sequence[int]
    in_jira: Mapping[int, InJira]


_known: dict[int, tuple[ref[Inputs], dict[int, Ordered]]] = {}


def ordered(inputs: Inputs, seed: int) -> Ordered:
    """The candidates in their order. Raises Invalid when one is given twice."""
    place = id(inputs)
    held = _known.get(place)
    if held is None or held[0]() is not inputs:
        held = _known[place] = (ref(inputs, lambda _: _known.pop(place, None)), {})
    found = held[1].get(seed)
    if found is None:
        held[1].clear()
        found = held[1][seed] = _ordered(inputs, seed)
    return found


def changed(known: Ordered, options: Options) -> tuple[Sequence[Candidate], Sequence[int]]:
    """The candidates as the manager wants them seen, and which of them are not flexible."""
    candidates = known.candidates
    touched = {
        known.numbers[issue]
        for issue in (*options.teams, *options.timings, *options.estimates)
        if issue in known.numbers
    }
    if not touched:
        return candidates, known.timed
    seen = list(candidates)
    for number in touched:
        seen[number] = as_wanted(seen[number], options)
    maybe = sorted({*known.timed, *touched}) if options.timings else known.timed
    return seen, [number for number in maybe if seen[number].timing.kind is not Scheduling.FLEXIBLE]


def as_wanted(candidate: Candidate, options: Options) -> Candidate:
    """A candidate with the team, class and estimate that it is planned with."""
    issue = candidate.issue
    if issue not in options.teams and issue not in options.timings and issue not in options.estimates:
        return candidate
    return replace(
        candidate,
        team=options.teams.get(issue, candidate.team),
        timing=options.timings.get(issue, candidate.timing),
        estimate=options.estimates.get(issue, candidate.estimate),
    )


def _ordered(inputs: Inputs, seed: int) -> Ordered:
    given = inputs.candidates
    mask = seed * _SPREAD & _WORD
    keyed = [(c.priority, not c.rank, c.rank, (c.issue ^ mask) * _SPREAD & _WORD, c.issue) for c in given]
    places = sorted(range(len(keyed)), key=keyed.__getitem__)
    candidates = [given[at] for at in places]
    numbers = {candidate.issue: number for number, candidate in enumerate(candidates)}
    if len(numbers) < len(candidates):
        raise Invalid("The same issue is given twice. Give each candidate once.")
    people = sorted({c.stakeholder for c in candidates}, key=lambda who: (who is not None, who or 0))
    seats = {person: at for at, person in enumerate(people)}
    return Ordered(
        candidates=candidates,
        numbers=numbers,
        people=people,
        who=[seats[candidate.stakeholder] for candidate in candidates],
        facts=(
            [one.issue for one in candidates],
            [one.key for one in candidates],
            [one.stakeholder for one in candidates],
            [one.assignee for one in candidates],
        ),
        done=[number for number, one in enumerate(candidates) if one.done],
        subtasks=[number for number, one in enumerate(candidates) if one.is_subtask],
        blocked=[number for number, one in enumerate(candidates) if one.blockers],
        carried=[number for number, one in enumerate(candidates) if one.carry_over],
        timed=[number for number, one in enumerate(candidates) if one.timing.kind is not Scheduling.FLEXIBLE],
        elsewhere=[number for number, one in enumerate(candidates) if one.other_sprints],
        lacking=[number for number, one in enumerate(candidates) if one.lacks is not None],
        in_jira=in_jira(inputs),
    )
