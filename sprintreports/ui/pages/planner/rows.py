"""A queue as the board reads it (assets/planner.jsx): plain values, whole sentences, names in place of numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec

from sprintreports.planning.queue import replan
from sprintreports.planning.queue.algorithms import registered
from sprintreports.planning.queue.options import FULL_WEIGHT, Algorithm, Options, SetTiming
from sprintreports.planning.queue.reasons import amount, reason_in_words
from sprintreports.planning.queue.results import Conflict, Placement, Queue, Severity, Side, TeamQueue
from sprintreports.planning.queue.values import Scheduling
from sprintreports.planning.queues.drafts import Draft
from sprintreports.planning.queues.encoding import change_json
from sprintreports.planning.queues.exports.lines import NO_STAKEHOLDER, NOBODY, Names, Text
from sprintreports.planning.queues.merging import standing
from sprintreports.ui import dates
from sprintreports.ui.pages.planner.bench import Bench

MOST_CONFLICTS = 200
MOST_MOVES = 200
NO_TEAM = "0"  # what the board calls the issues of no team
_LONGEST_SUMMARY = 160
_ALGORITHMS = {
    Algorithm.ROUND_ROBIN: "Round-robin: one issue of each stakeholder in turn",
    Algorithm.WEIGHTED_FAIR: "Weighted fair: shares by weight",
    Algorithm.PRIORITY: "By priority",
    Algorithm.OPTIMAL: "Best value within all capacities",
}
Marks = tuple[tuple[str, int], ...]  # teams as they stand side by side, each with a checksum of its figures
_KINDS = {Scheduling.HARD: "exact times", Scheduling.SOFT: "deadline", Scheduling.FLEXIBLE: ""}


@dataclass(frozen=True, slots=True)
class Sight:
    """A queue as one viewer sees it. queue: the part that is theirs. timed_by: names of who gave issues their times."""

    bench: Bench
    queue: Queue
    zone: ZoneInfo
    timed_by: Mapping[int, str] = field(default_factory=dict[int, str])
    _days: dict[datetime, str] = field(default_factory=dict[datetime, str])
    _known: list[Any] = field(default_factory=list[Any])

    @property
    def names(self) -> Names:
        return self.bench.names

    def day(self, at: datetime) -> str:
        """Of an instant; hundreds of cards share a few days."""
        said = self._days.get(at)
        if said is None:
            said = self._days[at] = dates.day(at, self.zone)
        return said

    @property
    def looked_up(self) -> tuple[dict[int | None, TeamQueue], dict[int, str]]:
        """The teams by id, and the gravest conflict of each issue: once for all cards."""
        if not self._known:
            self._known.extend(({team.team: team for team in self.queue.teams}, _marks(self.queue.conflicts)))
        teams, marks = self._known
        return teams, marks


@dataclass(frozen=True, slots=True)
class Known:
    """What a browser knows of a team's list. cards: issue and a checksum of its card, in their order."""

    of: int
    cards: tuple[tuple[int, int], ...]


def team_key(team: int | None) -> str:
    return NO_TEAM if team is None else str(team)


def in_order(queue: Queue) -> list[TeamQueue]:
    """As they stand side by side: those with something to do first, then the others, each by name."""
    return sorted(
        queue.teams,
        key=lambda team: (not team.placements, team.team is None, team.name.casefold(), team.team),
    )


def columns(sight: Sight) -> list[dict[str, Any]]:
    """The teams with their figures."""
    odd: Counter[int | None] = Counter()
    team_of = {one.issue: one.team for team in sight.queue.teams for one in team.placements}
    for conflict in sight.queue.conflicts:
        if conflict.severity is Severity.NOTE:
            continue
        concerned = {team_of[issue] for issue in conflict.issues if issue in team_of}
        if not conflict.issues and conflict.team is not None:
            concerned = {conflict.team}
        odd.update(concerned)
    return [_column(team, odd[team.team]) for team in in_order(sight.queue)]


def told(sight: Sight) -> list[str]:
    """The teams whose lists and figures are final, where others' are those of before an edit, and follow in a moment."""
    return sorted(team_key(team) for team in sight.bench.told or ())


def _column(team: TeamQueue, conflicts: int) -> dict[str, Any]:
    inside, below, aside = _counts(team)
    return {
        "id": team_key(team.team),
        "name": team.name,
        "unit": str(team.unit),
        "capacity": team.capacity,
        "load": team.load,
        "below": team.below,
        "told": f"{amount(team.load, team.unit)} of {amount(team.capacity, team.unit)}",
        "used": round(100 * team.load / team.capacity) if team.capacity else None,
        "in": inside,
        "out": below,
        "aside": aside,
        "fair": _percent(team.fairness.index),
        "wait": team.fairness.wait,
        "conflicts": conflicts,
    }


def cards(sight: Sight, team: TeamQueue, most: int) -> dict[str, Any]:
    """A team's list down to `most` cards, and how many there are."""
    shown = [_card(sight, team, one, sight.names.people) for one in team.placements[:most]]
    return {"cards": shown, "of": len(team.placements)}


def still_to_follow(sight: Sight, team: TeamQueue, most: int, known: Known | None) -> bool:
    """Whether the browser has all of a list that is just the one from before an edit: the next stage brings what differs."""
    told = sight.bench.told
    if told is None or team.team in told or known is None:
        return False
    return len(known.cards) == min(most, len(team.placements)) and known.of == len(team.placements)


def differing(listed: Mapping[str, Any], known: Known | None) -> tuple[Known, dict[str, Any] | None]:
    """A list as it is now, and what a browser has to be told that knows an earlier one; None: nothing.

    `order`: all issues; `cards`: those that are new or otherwise; `of`: as in the whole list.
    """
    before = {} if known is None else dict(known.cards)
    marks = tuple((card["id"], crc32(msgspec.json.encode(card))) for card in listed["cards"])
    now = Known(listed["of"], marks)
    if now == known:
        return now, None
    cards = [
        card for card, (issue, mark) in zip(listed["cards"], marks, strict=True) if before.get(issue) != mark
    ]
    return now, {"order": [issue for issue, _ in marks], "cards": cards, "of": listed["of"]}


def differing_columns(
    found: Sequence[Mapping[str, Any]], known: Marks | None
) -> tuple[Marks, dict[str, Any] | None]:
    """The same of the teams' figures: `order` of all teams, `fresh` those that are new or otherwise."""
    marks = tuple((one["id"], crc32(msgspec.json.encode(one))) for one in found)
    if marks == known:
        return marks, None
    before = dict(known or ())
    fresh = [one for one, (team, mark) in zip(found, marks, strict=True) if before.get(team) != mark]
    return marks, {"order": [team for team, _ in marks], "fresh": fresh}


def _card(sight: Sight, team: TeamQueue, one: Placement, names: Mapping[int, str]) -> dict[str, Any]:
    options = sight.queue.options
    teams, marks = sight.looked_up
    text = sight.names.issues.get(one.issue, Text())
    timing = sight.queue.timing_of(one.issue)
    kind = timing.kind
    pin = options.pins.get(one.issue)
    return {
        "id": one.issue,
        "key": one.key,
        "url": text.url,
        "summary": text.summary[:_LONGEST_SUMMARY],
        "amount": amount(one.load, team.unit),
        "load": one.load,
        "priority": text.priority,
        "who": _person(one.stakeholder, names, NO_STAKEHOLDER),
        "assignee": _person(one.assignee, names, NOBODY),
        "kind": str(kind),
        "timed": _KINDS[kind],
        "from": _local(timing.start, sight.zone),
        "to": _local(timing.end, sight.zone),
        "source": _source(sight, one.issue),
        "own": one.issue in options.timings,
        "jira": _in_jira(sight.queue, one.issue) if one.issue in options.timings else "",
        "when": _expected(one, sight),
        "pinned": pin is not None,
        "excluded": one.issue in options.exclusions,
        "side": str(one.side),
        "place": one.position,
        "why": reason_in_words(one, sight.queue, names=names, teams=teams),
        "mark": marks.get(one.issue, ""),
    }


def timed_by(draft: Draft) -> dict[int, int]:
    """The accounts that gave issues their times, by issue; nobody where the queue began with them."""
    if not draft.options.timings:
        return {}
    found: dict[int, int] = {}
    for made in standing(draft.edits).values():
        if isinstance(made.change, SetTiming):
            found[made.change.issue] = made.by
    return {issue: by for issue, by in found.items() if issue in draft.options.timings}


def _source(sight: Sight, issue: int) -> str:
    """Where the class and the times are from, as the rest of "Scheduling: exact times, …"."""
    if issue in sight.queue.options.timings:
        who = sight.timed_by.get(issue)
        return f"set here by {who}" if who else "set here"
    told = sight.queue.told_of(issue)
    return f"from Jira: {told}" if told else ""


def _in_jira(queue: Queue, issue: int) -> str:
    """What leaving it to Jira would make of it."""
    said = queue.in_jira.get(issue)
    if said is None:
        return "flexible, since Jira says nothing"
    kind = _KINDS[said.timing.kind] or "flexible"
    return f"{kind} ({said.told})" if said.told else kind


def conflicts(sight: Sight) -> list[dict[str, Any]]:
    """What does not go together, the gravest first, each with what could be done."""
    return [_conflict(one, sight) for one in sight.queue.conflicts[:MOST_CONFLICTS]]


def differing_conflicts(
    found: Sequence[Mapping[str, Any]], known: Sequence[int] | None
) -> tuple[tuple[int, ...], dict[str, Any] | None]:
    """The same of the conflicts, which are told apart by checksums: `order` of all, `fresh` those that are new."""
    marks = tuple(crc32(msgspec.json.encode(one)) for one in found)
    if known is not None and marks == tuple(known):
        return marks, None
    before = frozenset(known or ())
    fresh = {str(mark): conflict for mark, conflict in zip(marks, found, strict=True) if mark not in before}
    return marks, {"order": [str(mark) for mark in marks], "fresh": fresh}


def _conflict(one: Conflict, sight: Sight) -> dict[str, Any]:
    words = one.words
    name = sight.names.people.get(one.person) if one.person is not None else None
    if name:
        words = words.replace(f"Person {one.person} ", f"{name} ", 1)
    return {
        "tone": {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "info"}[one.severity],
        "level": {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.NOTE: "Note"}[one.severity],
        "words": words,
        "issues": list(one.issues[:20]),
        "ways": [{"words": way.words, "change": change_json(way.edit)} for way in one.suggestions],
    }


def totals(sight: Sight) -> dict[str, Any]:
    """Of the whole that the viewer sees. Figures of all teams are left out for who sees some alone."""
    queue = sight.queue
    inside, below, aside = (sum(counts) for counts in zip((0, 0, 0), *map(_counts, queue.teams), strict=True))
    severities = Counter(one.severity for one in queue.conflicts)
    full = [team for team in queue.teams if team.capacity and team.load / team.capacity >= 0.95]
    return {
        "in": inside,
        "out": below,
        "aside": aside,
        "teams": len(queue.teams),
        "full": len(full),
        "fair": _percent(queue.fairness.index),
        "wait": queue.fairness.wait,
        "errors": severities[Severity.ERROR],
        "warnings": severities[Severity.WARNING],
        "notes": severities[Severity.NOTE],
        "more": max(0, len(queue.conflicts) - MOST_CONFLICTS),
        "quality": _quality(sight),
    }


def _quality(sight: Sight) -> str:
    """How good the plan of the optimiser is."""
    bound = sight.queue.bound
    if sight.bench.trouble:
        return sight.bench.trouble
    if sight.queue.options.algorithm != Algorithm.OPTIMAL:
        return ""
    if not sight.bench.final:
        return "A quick preview; the best plan is being worked out."
    if bound is None:
        return ""
    return (
        "Proven to be the best there is."
        if bound.proven
        else f"At most {100 * bound.gap:.2g} % below the best there could be."
    )


def rules(options: Options) -> dict[str, Any]:
    """The options as the strip shows them."""
    return {
        "algorithm": str(options.algorithm),
        "include_subtasks": options.include_subtasks,
        "unit": None if options.unit is None else str(options.unit),
        "buffer": options.buffer,
        "carry_over_first": options.carry_over_first,
        "unestimated": str(options.unestimated),
    }


def algorithms() -> list[dict[str, str]]:
    return [{"value": str(name), "label": _ALGORITHMS.get(name, str(name))} for name in registered()]


def weights(sight: Sight) -> list[dict[str, Any]]:
    """Each stakeholder with something in the queue."""
    load = Counter(one.stakeholder for team in sight.queue.teams for one in team.placements)
    held = sight.queue.options.weights
    people = [
        {
            "person": person,
            "name": _person(person, sight.names.people, NO_STAKEHOLDER),
            "issues": count,
            "weight": held.get(person, FULL_WEIGHT),
        }
        for person, count in load.items()
    ]
    return sorted(people, key=lambda one: (one["person"] is None, str(one["name"]).casefold()))


def moves(changes: Sequence[replan.Change], sight: Sight) -> list[str]:
    """What planning again has moved, and why; what left the plan, for those who see the whole of it."""
    if not changes:
        return []
    whole = sight.queue is sight.bench.queue
    seen = {one.issue for team in sight.queue.teams for one in team.placements}
    return [
        replan.change_in_words(one, sight.queue, names=sight.names.people)
        for one in changes[:MOST_MOVES]
        if whole or one.issue in seen
    ]


def _counts(team: TeamQueue) -> tuple[int, int, int]:
    """How many are in, below and aside. A list counts what is the same object without asking for its hash."""
    sides = [one.side for one in team.placements]
    return sides.count(Side.IN), sides.count(Side.BELOW), sides.count(Side.ASIDE)


def _marks(found: Sequence[Conflict]) -> dict[int, str]:
    """The gravest conflict of each issue: the gravest come first."""
    marks: dict[int, str] = {}
    for one in found:
        if one.severity is not Severity.NOTE:
            for issue in one.issues:
                marks.setdefault(issue, "bad" if one.severity is Severity.ERROR else "warn")
    return marks


def _expected(one: Placement, sight: Sight) -> str:
    if one.start is None or one.finish is None:
        return ""
    first, last = sight.day(one.start), sight.day(one.finish)
    return first if first == last else f"{first} – {last}"


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    """As a field for a local time takes it."""
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


def _percent(index: float | None) -> str:
    return "" if index is None else f"{index:.0f}"


def _person(person: int | None, names: Mapping[int, str], nobody: str) -> str:
    return nobody if person is None else names.get(person) or f"Person {person}"
