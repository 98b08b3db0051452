"""What is asked of a sprint as a whole, packed with its facts: the report, and of a giant sprint its course by the hour.

A read unpacks it in the time of one small query, instead of decoding and adding up thousands of rows. A stored row of
another FORMAT, or none, says nothing: the reads then ask the rows that it was made from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

from sprintreports.jira import facts_rows
from sprintreports.jira.facts_compute import SprintFacts
from sprintreports.metrics.scope import ScopeEvent
from sprintreports.metrics.sprint_report import Breakdown, Dimension, SprintReport, TeamReport, Transfer
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount

# Raised when the packed form or the fields of what is packed change.
FORMAT = 1
COLUMNS = (*facts_rows.PLACE, "format", "report", "hours")
# A giant sprint has more events than a chart has pixels: then one step an hour.
MOST_STEPS = 3_000

# The last moment of an hour in which something moved; what it added to the scope and to the work done, in three units.
Hour: TypeAlias = tuple[datetime, int, int, int, int, int, int]

# Sums are named by their numbers in the tables of amounts and totals that come first.
_Part: TypeAlias = tuple[int, str, int]
_Team: TypeAlias = tuple[int, int, int, int, list[_Part], dict[str, int]]
_Move: TypeAlias = tuple[int | None, int | None, int]
_Whole: TypeAlias = tuple[int, list[_Part], dict[str, int]]
_Body: TypeAlias = tuple[list[tuple[int, int, int]], list[list[int]], list[_Team], list[_Move], _Whole]


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a report depends on the stored facts alone."""

    teams: tuple[TeamReport, ...]
    transfers: tuple[Transfer, ...]
    totals: Totals
    breakdowns: tuple[Breakdown, ...]
    excluded: Mapping[str, int]

    @classmethod
    def of(cls, report: SprintReport) -> "Parts":
        return cls(report.teams, report.transfers, report.totals, report.breakdowns, report.excluded)


def row(facts: SprintFacts) -> facts_rows.Row:
    """In the order of COLUMNS."""
    hours = hours_of(facts.events) if len(facts.events) > MOST_STEPS else None
    return (
        *facts_rows.place_of(facts),
        FORMAT,
        pack(Parts.of(facts.report)),
        None if hours is None else pack_hours(hours),
    )


class _Tables:
    """Equal sums are many (a team with one type of issue, an amount of nothing), so each is packed once, by number."""

    def __init__(self) -> None:
        # By their values: hashing an Amount itself takes three times as long.
        self.amounts: dict[tuple[int, int, int], int] = {(NOTHING.points, NOTHING.seconds, NOTHING.count): 0}
        self.totals: dict[tuple[int, ...], int] = {}

    def amount(self, amount: Amount) -> int:
        return self.amounts.setdefault((amount.points, amount.seconds, amount.count), len(self.amounts))

    def sums(self, totals: Totals) -> int:
        # Most sums are the one NOTHING; it is known without hashing it.
        amounts = [
            0 if amount is NOTHING else self.amount(amount) for amount in facts_rows.amounts_of(totals)
        ]
        return self.totals.setdefault((*amounts, *facts_rows.counters_of(totals)), len(self.totals))

    def parts(self, parts: Iterable[Breakdown]) -> list[_Part]:
        return [(_NUMBERS[part.dimension], part.label, self.sums(part.totals)) for part in parts]


def pack(parts: Parts) -> bytes:
    """The parts of a report as bytes of FORMAT."""
    tables = _Tables()
    teams = [
        (
            team.discipline,
            tables.sums(team.totals),
            tables.amount(team.transferred_in),
            tables.amount(team.transferred_out),
            tables.parts(team.breakdowns),
            team.excluded,
        )
        for team in parts.teams
    ]
    moves = [(move.source, move.target, tables.amount(move.amount)) for move in parts.transfers]
    whole = tables.sums(parts.totals), tables.parts(parts.breakdowns), parts.excluded
    return msgspec.msgpack.encode((list(tables.amounts), list(tables.totals), teams, moves, whole))


def unpack(body: bytes) -> Parts:
    """The inverse of `pack`."""
    amounts_, totals_, teams, moves, (whole, parts, excluded) = _BODY.decode(body)
    amounts = [Amount(*values) for values in amounts_]
    totals = [_totals(values, amounts) for values in totals_]

    def breakdowns(rows: Iterable[_Part]) -> tuple[Breakdown, ...]:
        return tuple([Breakdown(_DIMENSIONS[place], label, totals[sums]) for place, label, sums in rows])

    return Parts(
        teams=tuple(
            [
                TeamReport(team, totals[sums], amounts[gained], amounts[lost], breakdowns(own), left_out)
                for team, sums, gained, lost, own, left_out in teams
            ]
        ),
        transfers=tuple([Transfer(source, target, amounts[moved]) for source, target, moved in moves]),
        totals=totals[whole],
        breakdowns=breakdowns(parts),
        excluded=excluded,
    )


def _totals(values: Sequence[int], amounts: Sequence[Any]) -> Totals:
    return Totals(*[amounts[number] for number in values[:_WIDTH]], *values[_WIDTH:])


_BODY = msgspec.msgpack.Decoder(_Body)
_DIMENSIONS = tuple(Dimension)
_NUMBERS = {dimension: number for number, dimension in enumerate(_DIMENSIONS)}
_WIDTH = len(facts_rows.AMOUNTS)


def hours_of(events: Iterable[ScopeEvent]) -> list[Hour]:
    """The movements of all events by the hour (UTC) in which they happened."""
    found: dict[datetime, list[Any]] = {}
    for event in events:
        hour = event.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        sums = found.setdefault(hour, [event.at, 0, 0, 0, 0, 0, 0])
        sums[0] = max(sums[0], event.at)
        for changes, place in ((event.changes_scope, 1), (event.changes_done, 4)):
            if changes:
                for unit, value in enumerate(event.moved):
                    sums[place + unit] += value
    return [tuple(found[hour]) for hour in sorted(found)]


pack_hours = msgspec.msgpack.encode
unpack_hours = msgspec.msgpack.Decoder(list[Hour]).decode
