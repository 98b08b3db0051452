"""The figures at the top of a report of one state, and the sentences that say what they rest on."""

from __future__ import annotations

from sprintreports.charts.breakdown import breakdown_reading
from sprintreports.charts.burndown import burndown_reading
from sprintreports.charts.words import unit_title
from sprintreports.metrics.forecast import SprintForecast
from sprintreports.metrics.predictability import churn, say_do
from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.values import SprintState
from sprintreports.reports.building.distributions import average
from sprintreports.reports.building.forecast import chance
from sprintreports.reports.building.told import Told
from sprintreports.reports.document import text
from sprintreports.reports.document.blocks import (
    Block,
    Fact,
    Facts,
    Kind,
    Notice,
    Paragraph,
    Section,
    Tone,
)

_NO_GOAL = "No goal is set."


def overview(told: Told, *, given: SprintForecast | None = None) -> Section:
    """What the sprint is, its sums, and what is to be known before they are read. given: what is forecast of one that runs."""
    likely = "" if given is None else chance(given)
    sentences = [*readings(told), *([likely] if likely else [])]
    blocks: list[Block] = [Notice(sentence, Tone.NEUTRAL) for sentence in told.snapshot.notes]
    blocks += [sprint_facts(told), Facts("totals", totals(told)), Paragraph("\n".join(sentences))]
    return Section("overview", "Overview", tuple(blocks))


def points(told: Told) -> Section:
    """The predecessor's points overview: total, average of an estimated issue, estimated and not."""
    sums = told.snapshot.report.totals
    unestimated = sums.unestimated_in(told.unit)
    title = unit_title(told.unit)
    facts = (
        Fact("total", f"{title} in scope", told.sum(sums.final, sums), unit=told.unit),
        Fact("average", "Average of an estimated issue", average(sums, told), unit=told.unit),
        Fact("estimated", "Issues with an estimate", sums.final.count - unestimated, Kind.COUNT),
        Fact("unestimated", "Issues without an estimate", unestimated, Kind.COUNT),
    )
    return Section(
        "points", f"{title} overview", (Facts("points", facts if not told.counted else facts[:1]),)
    )


def sprint_facts(told: Told) -> Facts:
    """Which sprint it is, and where it stands in time."""
    snapshot = told.snapshot
    state = {
        SprintState.FUTURE: "Planned",
        SprintState.ACTIVE: "Running",
        SprintState.CLOSED: "Closed",
        SprintState.UNKNOWN: "Not known",
    }[snapshot.report.state]
    ends = snapshot.completed or snapshot.planned_end
    return Facts(
        "sprint",
        (
            Fact("state", "State", state, Kind.TEXT),
            Fact("start", "Started" if snapshot.start else "Start", snapshot.start, Kind.INSTANT),
            Fact("end", "Closed" if snapshot.completed else "Planned end", ends, Kind.INSTANT),
            Fact("moment", "State of", snapshot.moment, Kind.INSTANT),
            Fact("goal", "Goal", snapshot.goal or _NO_GOAL, Kind.TEXT),
        ),
    )


def totals(told: Told) -> tuple[Fact, ...]:
    """The sums of the sprint report, by the names of `Totals`."""
    sums, unit = told.snapshot.report.totals, told.unit
    started = told.snapshot.report.window.start is not None

    def fact(key: str, label: str, value: float | None, kind: Kind = Kind.NUMBER) -> Fact:
        return Fact(key, label, value, kind, unit if kind in (Kind.NUMBER, Kind.CHANGE) else None)

    first = (
        fact("scope", "In scope", told.sum(sums.final, sums)),
        Fact("issues", "Issues in scope", sums.final.count, Kind.COUNT),
    )
    if not started:
        return first
    return (
        fact("committed", "Committed", told.sum(sums.initial, sums)),
        fact("added", "Added", told.sum(sums.added, sums)),
        fact("removed", "Removed", told.sum(sums.removed, sums)),
        *(
            ()
            if told.counted
            else (fact("reestimated", "Re-estimated", told.sum(sums.reestimated, sums), Kind.CHANGE),)
        ),
        *first,
        fact("completed", "Completed", told.sum(sums.completed, sums)),
        fact("not_completed", "Not completed", told.sum(sums.not_completed, sums)),
        fact("say_do", "Say/do", say_do(sums, unit=unit), Kind.SHARE),
        fact("churn", "Churn", churn(sums, unit=unit), Kind.SHARE),
        Fact("unestimated_in_scope", "In scope without estimate", sums.unestimated_in(unit), Kind.COUNT),
        Fact("outside", "Issues completed outside the sprint", sums.outside.count, Kind.COUNT),
        Fact("excluded", "Issues left out", sums.excluded, Kind.COUNT),
    )


def readings(told: Told) -> list[str]:
    """The sentences of the charts, so that who reads nothing else has read these."""
    report = told.snapshot.report
    sentences = [burndown_reading(told.course(), unit=told.unit)] if report.window.start else []
    for dimension in (Dimension.TEAM, Dimension.TYPE, Dimension.STATUS, Dimension.STAKEHOLDER):
        parts = report.of(dimension)
        if parts and report.totals.final.count:
            sentences.append(
                _of_dimension(
                    dimension, breakdown_reading(parts, unit=told.unit, names=told.labels(parts)), told
                )
            )
    return list(dict.fromkeys(sentences))


def _of_dimension(dimension: Dimension, sentence: str, told: Told) -> str:
    """The sentence of a chart where nothing else says of what it is: "By team, Backend has the most scope"."""
    return (
        f"By {dimension.value}, {sentence}" if told.value(told.snapshot.report.totals.final) > 0 else sentence
    )


def basis(told: Told) -> tuple[str, ...]:
    """What the numbers of a state rest on, as sentences."""
    snapshot = told.snapshot
    known = (
        ()
        if snapshot.as_of is None
        else (
            f"Changes in Jira are known up to {text.instant(snapshot.as_of, zone=snapshot.calendar.zone)}.",
        )
    )
    return (
        f"{snapshot.sprint_name} on the board {snapshot.board_name}, counted in {unit_title(told.unit).lower()}.",
        f"The state is that of {text.instant(snapshot.moment, zone=snapshot.calendar.zone)}; days and charts are in the board's zone, {snapshot.calendar.zone}.",
        *known,
        f"Definitions version {snapshot.report.definitions}; field mapping {snapshot.mapping[:12] or 'not known'}.",
    )
