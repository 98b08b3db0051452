"""What the words of a queue are called in files that people read."""

from __future__ import annotations

from collections.abc import Mapping

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.options import Algorithm
from sprintreports.planning.queue.results import ConflictKind, Severity, Side
from sprintreports.planning.queue.values import Scheduling

UNITS: Mapping[Unit, str] = {Unit.POINTS: "Points", Unit.HOURS: "Hours", Unit.COUNT: "Issues"}
SIDES: Mapping[Side, str] = {Side.IN: "In", Side.BELOW: "Below the cut-line", Side.ASIDE: "Left aside"}
SCHEDULING: Mapping[Scheduling, str] = {
    Scheduling.HARD: "Hard scheduled",
    Scheduling.SOFT: "Soft deadline",
    Scheduling.FLEXIBLE: "Flexible",
}
LEGEND: Mapping[Scheduling, str] = {
    Scheduling.HARD: "Must happen at an exact time, such as a maintenance window.",
    Scheduling.SOFT: "Has a target date, and is planned to be done by then.",
    Scheduling.FLEXIBLE: "Is done when its turn comes.",
}
ALGORITHMS: Mapping[str, str] = {
    Algorithm.ROUND_ROBIN: "Round-robin",
    Algorithm.WEIGHTED_FAIR: "Weighted fair",
    Algorithm.PRIORITY: "Priority",
    Algorithm.OPTIMAL: "Optimal",
}
SEVERITIES: Mapping[Severity, str] = {
    Severity.ERROR: "Error",
    Severity.WARNING: "Warning",
    Severity.NOTE: "Note",
}


def algorithm(name: str) -> str:
    """A plugin's algorithm goes by its own name."""
    return ALGORITHMS.get(name, name)


def kind(conflict: ConflictKind) -> str:
    """A kind of conflict as a heading: "Blocker below"."""
    return conflict.value.replace("_", " ").capitalize()
