"""A queue line by line, as people read it: one line for every issue, in the order of the teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.reasons import reason_in_words
from sprintreports.planning.queue.results import Queue, Side
from sprintreports.planning.queue.values import Scheduling

NOBODY, NO_STAKEHOLDER = "Unassigned", "No stakeholder"


@dataclass(frozen=True, slots=True)
class Text:
    """What Jira calls an issue, and where it is. type, priority: in Jira's words, empty where it has none."""

    summary: str = ""
    url: str = ""
    type: str = ""
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in a queue stand for."""

    people: Mapping[int, str] = field(default_factory=dict[int, str])
    issues: Mapping[int, Text] = field(default_factory=dict[int, Text])


@dataclass(frozen=True, slots=True)
class Line:
    """One issue. Amounts are in the team's unit: points, hours or issues. place: in the whole sprint, None unless in.

    start, finish: expected. scheduled_start, scheduled_end: exact times, or the deadline alone; scheduling_source: who says so.
    """

    team: str
    side: Side
    position: int | None
    place: int | None
    round: int | None
    key: str
    summary: str
    url: str
    stakeholder: str
    assignee: str
    type: str
    priority: str
    scheduling: Scheduling
    load: float
    running: float
    unit: Unit
    start: datetime | None
    finish: datetime | None
    why: str
    scheduled_start: datetime | None
    scheduled_end: datetime | None
    scheduling_source: str


def lines_of(queue: Queue, names: Names) -> Iterator[Line]:
    """Every issue of the queue, once."""
    for team in queue.teams:
        for one in team.placements:
            text = names.issues.get(one.issue, Text())
            timing = queue.timing_of(one.issue)
            yield Line(
                team=team.name,
                side=one.side,
                position=one.position or None,
                place=one.place or None,
                round=one.round or None,
                key=one.key,
                summary=text.summary,
                url=text.url,
                stakeholder=person_name(one.stakeholder, names, NO_STAKEHOLDER),
                assignee=person_name(one.assignee, names, NOBODY),
                type=text.type,
                priority=text.priority,
                scheduling=timing.kind,
                load=shown(one.load, team.unit),
                running=shown(one.running, team.unit),
                unit=team.unit,
                start=one.start,
                finish=one.finish,
                why=reason_in_words(one, queue, names=names.people),
                scheduled_start=timing.start,
                scheduled_end=timing.end,
                scheduling_source=source_of(queue, one.issue),
            )


def source_of(queue: Queue, issue: int) -> str:
    """Where an issue's class and times are from: "Set by hand", "From Jira: Scheduling = Maintenance window", or nowhere."""
    if issue in queue.options.timings:
        return "Set by hand"
    told = queue.told_of(issue)
    return f"From Jira: {told}" if told else ""


def shown(value: int, unit: Unit) -> float:
    """An integer of its unit as a number of points, hours or issues."""
    if unit is Unit.POINTS:
        return value / 1000
    return value / 3600 if unit is Unit.HOURS else float(value)


def person_name(person: int | None, names: Names, nobody: str) -> str:
    """Somebody in Jira, whom Jira may have no name for."""
    return nobody if person is None else names.people.get(person) or f"Person {person}"
