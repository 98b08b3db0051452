"""Changes and clashes in plain sentences, for people who share a draft."""

from __future__ import annotations

from collections.abc import Mapping

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.options import (
    AddCapacity,
    Exclude,
    IgnoreLink,
    Include,
    PinIssue,
    ResetTiming,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unpin,
)
from sprintreports.planning.queue.reasons import amount
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue.values import Scheduling
from sprintreports.planning.queues.changes import Change, Rule, SetRule, SetWeight
from sprintreports.planning.queues.merging import Clash, Made, Step

_RULES = {
    Rule.ALGORITHM: "the algorithm",
    Rule.SUBTASKS: "whether sub-tasks are planned",
    Rule.UNIT: "the unit",
    Rule.BUFFER: "the buffer",
    Rule.CARRY_OVER_FIRST: "whether carry-over comes first",
    Rule.UNESTIMATED: "what issues without an estimate count",
    Rule.SEED: "the seed",
    Rule.SECONDS: "the time of the optimiser",
    Rule.GAP: "the gap of the optimiser",
}
_KINDS = {
    Scheduling.HARD: "at exact times",
    Scheduling.SOFT: "with a deadline",
    Scheduling.FLEXIBLE: "as flexible",
}


_OF_ISSUES = {
    Unpin: "removed the pin of {}",
    Exclude: "left {} out",
    Include: "brought {} back",
    ResetTiming: "left the scheduling of {} to Jira",
    SetEstimate: "changed the estimate of {}",
}


class _Called:
    """What a queue calls its issues and teams."""

    def __init__(self, queue: Queue) -> None:
        self._keys = {issue: placement.key for issue, placement in queue.placements().items()}
        self._teams = {team.team: team for team in queue.teams}

    def issue(self, issue: int) -> str:
        return self._keys.get(issue) or f"issue {issue}"

    def team(self, team: int | None) -> str:
        found = self._teams.get(team)
        return found.name if found else "no team" if team is None else f"team {team}"

    def unit(self, team: int | None) -> Unit:
        found = self._teams.get(team)
        return found.unit if found else Unit.POINTS


def change_in_words(change: Change, queue: Queue, *, people: Mapping[int, str]) -> str:
    """What the change does, as the rest of a sentence that begins with a name: "pinned ABC-12 to place 1"."""
    called = _Called(queue)
    match change:
        case AddCapacity():
            more = amount(abs(change.amount), called.unit(change.team))
            return f"gave {called.team(change.team)} {more} {'more' if change.amount >= 0 else 'less'}"
        case SetRule():
            return f"changed {_RULES[change.rule]}"
        case SetWeight():
            who = "issues without a stakeholder" if change.person is None else people.get(change.person)
            return f"changed the weight of {who or f'person {change.person}'}"
        case IgnoreLink():
            return f"planned as if {called.issue(change.blocked)} did not wait for {called.issue(change.blocker)}"
        case _:
            return _of_issue(change, called)


def _of_issue(
    change: PinIssue | Unpin | Exclude | Include | SetTeam | SetTiming | ResetTiming | SetEstimate,
    called: _Called,
) -> str:
    key = called.issue(change.issue)
    match change:
        case PinIssue():
            return f"pinned {key}" + ("" if change.position is None else f" to place {change.position}")
        case SetTeam():
            return f"planned {key} for {called.team(change.team)}"
        case SetTiming():
            return f"scheduled {key} {_KINDS[change.timing.kind]}"
        case _:
            return _OF_ISSUES[type(change)].format(key)


def made_in_words(made: Made, queue: Queue, *, people: Mapping[int, str], accounts: Mapping[int, str]) -> str:
    """Who did what: a whole sentence."""
    who = accounts.get(made.by) or f"User {made.by}"
    said = change_in_words(made.change, queue, people=people)
    if made.step is Step.UNDO:
        return f"{who} took a step back, after somebody {said}."
    return f"{who} {said}{' again' if made.step is Step.REDO else ''}."


def clash_in_words(
    clash: Clash, queue: Queue, *, people: Mapping[int, str], accounts: Mapping[int, str]
) -> str:
    """Both sides, and what to do about it."""
    theirs = " ".join(made_in_words(one, queue, people=people, accounts=accounts) for one in clash.theirs)
    mine = change_in_words(clash.mine, queue, people=people)
    return f"{theirs} Meanwhile you {mine}. Keep their change, or make yours again."
