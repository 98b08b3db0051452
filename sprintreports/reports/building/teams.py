"""Teams: what each committed, got and completed, and what it can do."""

from __future__ import annotations

from functools import reduce
from operator import add

from sprintreports.charts.words import amount, percent
from sprintreports.metrics.predictability import say_do
from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.values import NOTHING, Unit
from sprintreports.reports.building.distributions import distribution_chart, ordered
from sprintreports.reports.building.told import Told, part_of
from sprintreports.reports.document.blocks import Column, Kind, Row, Section, Table
from sprintreports.reports.snapshot import SnapshotCapacity

NO_TEAM = "No team has an issue in this sprint."
NO_CAPACITY = "No team of this sprint has members or figures set by hand, so there is no capacity to show."


def teams(told: Told) -> Section:
    """The chart of the teams, and their course from commitment to completion."""
    return Section("teams", "Teams", (distribution_chart(told, Dimension.TEAM), _table(told)))


def capacity(told: Told) -> Section:
    """What planning knew at the moment, beside what is in scope."""
    rows = tuple(_capacity_row(team, told) for team in told.snapshot.capacity)
    table = Table("capacity", "Capacity", _capacity_columns(told), rows, NO_CAPACITY, _reading(told))
    return Section("capacity", "Capacity", (table,))


def _table(told: Told) -> Table:
    unit = told.unit
    columns = (
        Column("team", "Team"),
        Column("issues", "Issues in scope", Kind.COUNT),
        Column("committed", "Committed", Kind.NUMBER, unit),
        Column("added", "Added", Kind.NUMBER, unit),
        Column("removed", "Removed", Kind.NUMBER, unit),
        Column("reestimated", "Re-estimated", Kind.CHANGE, unit),
        Column("transferred", "Moved between teams", Kind.CHANGE, unit),
        Column("scope", "In scope", Kind.NUMBER, unit),
        Column("completed", "Completed", Kind.NUMBER, unit),
        Column("not_completed", "Not completed", Kind.NUMBER, unit),
        Column("say_do", "Say/do", Kind.SHARE),
    )
    rows = tuple(
        Row(
            (
                told.label(Dimension.TEAM, part.label),
                part.totals.final.count,
                told.sum(part.totals.initial, part.totals),
                told.sum(part.totals.added, part.totals),
                told.sum(part.totals.removed, part.totals),
                told.sum(part.totals.reestimated, part.totals),
                told.sum(part.totals.transferred, part.totals),
                told.sum(part.totals.final, part.totals),
                told.sum(part.totals.completed, part.totals),
                told.sum(part.totals.not_completed, part.totals),
                say_do(part.totals, unit=unit),
            )
        )
        for part in ordered(told.snapshot.report.of(Dimension.TEAM), told)
    )
    reading = "In each row, committed, added, re-estimated and moved, less removed, make what is in scope."
    return Table("teams", "From commitment to completion", columns, rows, NO_TEAM, reading)


def _capacity_columns(told: Told) -> tuple[Column, ...]:
    return (
        Column("team", "Team"),
        Column("person_days", "Person-days", Kind.NUMBER),
        Column("hours", "Hours available", Kind.NUMBER, Unit.HOURS),
        Column("capacity", "Capacity", Kind.NUMBER, told.snapshot.unit),
        Column("scope", "In scope", Kind.NUMBER, told.snapshot.unit),
        Column("load", "Load", Kind.SHARE),
        Column("basis", "What the capacity rests on", wide=True),
    )


def held(team: SnapshotCapacity, told: Told) -> float:
    """What is in scope for the team, in the board's unit, in which its capacity is."""
    mine = (one.totals.final for one in told.snapshot.report.teams if one.discipline in team.disciplines)
    return reduce(add, mine, NOTHING).value(told.snapshot.unit)


def _capacity_row(team: SnapshotCapacity, told: Told) -> Row:
    able = None if team.amount is None else team.amount / 1000
    scope = held(team, told)
    load = None if able is None else part_of(scope, able)
    return Row((team.name, team.person_days / 1000, team.hours / 1000, able, scope, load, team.basis))


def _reading(told: Told) -> str:
    """Who has more than they can do."""
    known = [team for team in told.snapshot.capacity if team.amount]
    over = [team for team in known if team.amount is not None and held(team, told) > team.amount / 1000]
    if not known:
        return ""
    if not over:
        return "No team has more in scope than it can do."
    most = max(over, key=lambda team: held(team, told) / ((team.amount or 1) / 1000))
    able = (most.amount or 0) / 1000
    load = percent(held(most, told) / able)
    return f"{most.name} has {amount(held(most, told), told.snapshot.unit)} in scope and can do {amount(able, told.snapshot.unit)}: a load of {load}."
