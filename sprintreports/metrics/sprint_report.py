"""The sprint report: rows of issues, added up for the sprint, its teams and its breakdowns.

Everything in it is kept by discipline, so that `for_teams` can slice a live, stored or shared report alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sprintreports.metrics.teams import (
    Breakdown,
    Dimension,
    Excluded,
    IssueRow,
    TeamReport,
    Transfer,
    merge_breakdowns,
    merge_teams,
    slice_transfers,
    team_reports,
    transfers_of,
)
from sprintreports.metrics.totals import Tally, Totals, end_parts, entry_parts
from sprintreports.metrics.values import SprintState, Window

__all__ = [
    "DEFINITIONS",
    "Breakdown",
    "Dimension",
    "Excluded",
    "IssueRow",
    "SprintReport",
    "TeamReport",
    "Totals",
    "Transfer",
    "breakdown",
    "sprint_report",
    "summarise",
]

#: Version of the definitions in docs/metrics.md. Stored with every snapshot; raised when a number changes.
DEFINITIONS = 1


@dataclass(frozen=True, slots=True)
class SprintReport:
    """A sprint on a board. The noun that pages, API, exports and baselines share."""

    board_id: int
    sprint_id: int
    sprint_name: str
    state: SprintState
    window: Window
    zone: str
    totals: Totals
    breakdowns: tuple[Breakdown, ...]
    teams: tuple[TeamReport, ...]
    transfers: tuple[Transfer, ...]
    excluded: Mapping[str, int]
    definitions: int = DEFINITIONS

    def of(self, dimension: Dimension) -> tuple[Breakdown, ...]:
        """The breakdowns of one dimension."""
        return tuple(part for part in self.breakdowns if part.dimension is dimension)

    def for_teams(self, disciplines: Collection[int]) -> SprintReport:
        """The part of these disciplines: sums, breakdowns and exclusions of their teams alone.

        Moves among them cancel out in `transferred`; other teams are not named in what remains.
        """
        teams = tuple(team for team in self.teams if team.discipline in disciplines)
        totals, breakdowns, excluded = merge_teams(teams)
        transfers = slice_transfers(self.transfers, disciplines)
        return replace(
            self, totals=totals, breakdowns=breakdowns, teams=teams, transfers=transfers, excluded=excluded
        )


def summarise(rows: Iterable[IssueRow], *, excluded: int = 0) -> Totals:
    """The sums over the rows as one whole; moves between teams do not show."""
    tally = Tally()
    for row in rows:
        tally.add(entry_parts(row.outcome))
        tally.add(end_parts(row.outcome))
    return replace(tally.totals(), excluded=excluded)


def breakdown(rows: Sequence[IssueRow], dimension: Dimension) -> tuple[Breakdown, ...]:
    """The sums for each label of the dimension, ordered by label. For TEAM with the moves between teams."""
    parts = (part for team in team_reports(rows) for part in team.breakdowns if part.dimension is dimension)
    return merge_breakdowns(parts)


def sprint_report(
    rows: Sequence[IssueRow],
    *,
    board_id: int,
    sprint_id: int,
    sprint_name: str,
    state: SprintState,
    window: Window,
    zone: str,
    excluded: Iterable[Excluded] = (),
) -> SprintReport:
    """The report over all rows of a sprint on a board."""
    teams = team_reports(rows, excluded=excluded)
    totals, breakdowns, reasons = merge_teams(teams)
    return SprintReport(
        board_id=board_id,
        sprint_id=sprint_id,
        sprint_name=sprint_name,
        state=state,
        window=window,
        zone=zone,
        teams=teams,
        transfers=transfers_of(rows),
        totals=totals,
        breakdowns=breakdowns,
        excluded=reasons,
    )
