"""Amounts and reasons in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.results import Placement, Queue, Reason, TeamQueue, Why

_SENTENCES: Mapping[Why, str] = {
    Why.HARD: "It is scheduled at exact times, so it comes before everything flexible.",
    Why.PINNED: "It is pinned.",
    Why.NEEDED: "Something pinned, hard-scheduled or kept waits for it, so it comes first.",
    Why.KEPT: "It was in the plan before and still fits.",
    Why.TURN: "It was the turn of {who} in round {round} of {name}.",
    Why.SHARE: "The share of {who} paid for it in round {round} of {name}.",
    Why.RANK: "It is the most important issue that is free and fits into {name}.",
    Why.CHOSEN: "It belongs to the choice with the most value within all capacities.",
    Why.NO_ROOM: "{name} is full.{more}",
    Why.TOO_LARGE: "Its {load} are more than {name} can do in the whole sprint. Split it, or raise the capacity.",
    Why.BLOCKER_OUT: "It waits for {before}, which is not in.{more}",
    Why.BLOCKER_OUTSIDE: "It waits for {before}, which is not among the issues of this plan and not done.",
    Why.CYCLE: "It waits for {before}, which in the end waits for it. One of the links must go.",
    Why.NO_TEAM: "It has no discipline team. Give it one, in Jira or here.",
    Why.NO_CAPACITY: "{name} has no capacity in this sprint.",
    Why.UNESTIMATED: "It has no estimate, and this plan leaves such issues out.",
    Why.HARD_OUTSIDE: "It is scheduled at a time outside this sprint.",
    Why.DONE: "It is done.",
    Why.EXCLUDED: "It was excluded by hand.",
    Why.SUBTASK: "It counts with its parent {before}.",
    Why.HAS_SUBTASKS: "It counts by its sub-tasks.",
}

# Reasons that lie in the issue's own times.
_TIMED = frozenset({Why.HARD, Why.HARD_OUTSIDE})


def amount(value: int, unit: Unit, *, team: str = "") -> str:
    """An integer of its unit as people say it: "3 points", "1 QA point", "2.5 hours", "4 issues"."""
    if unit is Unit.POINTS:
        number, word = value / 1000, "point"
    elif unit is Unit.HOURS:
        number, word = value / 3600, "hour"
    else:
        number, word = float(value), "issue"
    shown = f"{number:,.3f}".rstrip("0").rstrip(".") if unit is Unit.POINTS else f"{number:,.2f}"
    if unit is not Unit.POINTS:
        shown = shown.rstrip("0").rstrip(".")
    if value and shown in ("0", "-0"):
        shown = "less than 0.01"
    return " ".join(part for part in (shown, team, word if shown == "1" else f"{word}s") if part)


def reason_in_words(
    placement: Placement,
    queue: Queue,
    *,
    names: Mapping[int, str],
    teams: Mapping[int | None, TeamQueue] | None = None,
) -> str:
    """Why this issue is where it is, in one or two sentences. names: of people. teams: the queue's, for who asks for many."""
    teams = {team.team: team for team in queue.teams} if teams is None else teams
    said = _sentence(placement, placement.reason, teams, _name(placement.stakeholder, names))
    if placement.reason.why not in _TIMED:
        return said
    told = queue.told_of(placement.issue)
    source = f"Its times are from Jira: {told}." if told else ""
    if placement.issue in queue.options.timings:
        source = "Its times were set here."
    return f"{said} {source}".rstrip()


def _name(person: int | None, names: Mapping[int, str]) -> str:
    if person is None:
        return "issues without a stakeholder"
    return names.get(person) or f"person {person}"


def _sentence(placement: Placement, reason: Reason, teams: Mapping[int | None, TeamQueue], who: str) -> str:
    team = teams[placement.team]
    return _SENTENCES[reason.why].format(
        name=team.name,
        who=who,
        round=reason.round,
        before=reason.key or f"issue {reason.other}",
        load=amount(placement.load, team.unit) if reason.why is Why.TOO_LARGE else "",
        more=_more(placement, reason, teams),
    )


def _more(placement: Placement, reason: Reason, teams: Mapping[int | None, TeamQueue]) -> str:
    # Who sees some teams alone is not told half of what it would take.
    if not reason.needs or any(team not in teams for team, _ in reason.needs):
        return ""
    parts = [amount(missing, teams[team].unit, team=teams[team].name) for team, missing in reason.needs]
    with_others = " with all it waits for" if reason.why is Why.BLOCKER_OUT else ""
    listed = _listed([_with_more(part) for part in parts])
    return f" {listed} would bring in {placement.key}{with_others}."


def _with_more(part: str) -> str:
    number, _, rest = part.partition(" ")
    return f"{number} more {rest}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
