"""Two plans side by side as text: their figures, and team by team what is in only one of them or moved. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sprintreports.jira.reads.names import IssueName
from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.results import Queue, Severity, Side, TeamQueue
from sprintreports.planning.queues.comparing import Comparison, Difference, Standing, TeamPair, in_words
from sprintreports.ui.numbers import UNKNOWN, counted, whole
from sprintreports.ui.planning import plans

MOST = 25  # issues of a kind in a team; more are counted
TITLES = {
    Standing.ONLY_FIRST: "Only in the first",
    Standing.ONLY_SECOND: "Only in the second",
    Standing.TEAM: "Planned for another team",
    Standing.PLACE: "Moved up or down",
}


@dataclass
class FigureLine:
    """A figure of both."""

    name: str = ""
    first: str = ""
    second: str = ""


@dataclass
class DifferenceLine:
    """An issue, with what either plan says of it."""

    key: str = ""
    url: str = ""
    summary: str = ""
    first: str = ""
    second: str = ""


@dataclass
class KindLines:
    """Differences of one kind in one team."""

    title: str = ""
    lines: list[DifferenceLine] = field(default_factory=list)
    more: str = ""


@dataclass
class PairLine:
    """A team in both plans."""

    name: str = ""
    told: str = ""
    figures: list[FigureLine] = field(default_factory=list)
    kinds: list[KindLines] = field(default_factory=list)


def shown_issues(comparison: Comparison) -> set[int]:
    """The issues that are named on the page."""
    return {one.issue for team in comparison.teams for kind in Standing for one in team.of(kind)[:MOST]}


def reading(comparison: Comparison) -> str:
    """The whole in a sentence."""
    if not comparison.same and not any(comparison.count(kind) for kind in Standing):
        return "Neither of them has an issue in."
    said = [
        (comparison.count(Standing.ONLY_FIRST), "only in the first"),
        (comparison.count(Standing.ONLY_SECOND), "only in the second"),
        (comparison.count(Standing.TEAM), "for another team"),
        (comparison.count(Standing.PLACE), "moved up or down"),
    ]
    told = [f"{counted(comparison.same, 'issue')} as in the other"]
    told += [f"{whole(count)} {words}" for count, words in said if count]
    if len(told) == 1:
        return f"Both have the same {counted(comparison.same, 'issue')} in, in the same order."
    return ", ".join(told) + "."


def figure_lines(first: Queue, second: Queue) -> list[FigureLine]:
    lines = [
        FigureLine(name, one, other)
        for (name, one), (_, other) in zip(_figures(first), _figures(second), strict=True)
    ]
    most = max(first.value, second.value)
    if min(first.value, second.value) > 0:
        shares = (plans.share_text(queue.value, most) for queue in (first, second))
        lines.append(FigureLine("Value by rank, of the better one", *shares))
    return lines


def team_lines(
    comparison: Comparison, issues: Mapping[int, IssueName], people: Mapping[int, str]
) -> list[PairLine]:
    """The teams in which something differs."""
    return [_team(team, comparison, issues, people) for team in comparison.teams if team.differences]


def alike(comparison: Comparison) -> str:
    """Which teams have the same in both."""
    same = [team.name for team in comparison.teams if not team.differences]
    if not same:
        return ""
    shown = ", ".join(same[:10]) + (f" and {len(same) - 10} more" if len(same) > 10 else "")
    return f"The same in both: {shown}."


def _figures(queue: Queue) -> list[tuple[str, str]]:
    sides = Counter(one.side for team in queue.teams for one in team.placements)
    found = Counter(one.severity for one in queue.conflicts)
    algorithm = plans.algorithm_name(queue.options.algorithm)
    if queue.bound is not None:
        algorithm += (
            ", proven best"
            if queue.bound.proven
            else f", at most {100 * queue.bound.gap:.1f} % from the best"
        )
    return [
        ("Algorithm", algorithm),
        ("Issues in", whole(sides[Side.IN])),
        ("Load in", _load(queue.teams)),
        ("Below the cut-line", whole(sides[Side.BELOW])),
        ("Aside", whole(sides[Side.ASIDE])),
        ("Fairness, of 100", plans.fairness_text(queue.fairness.index)),
        ("Longest wait", plans.wait_text(queue.fairness)),
        ("Errors", whole(found[Severity.ERROR])),
        ("Warnings", whole(found[Severity.WARNING])),
    ]


def _load(teams: Sequence[TeamQueue]) -> str:
    sums = Counter[Unit]()
    for team in teams:
        sums[team.unit] += team.load
    return ", ".join(plans.load_text(sums[unit], unit) for unit in Unit if sums[unit]) or UNKNOWN


def _team(
    team: TeamPair, comparison: Comparison, issues: Mapping[int, IssueName], people: Mapping[int, str]
) -> PairLine:
    kinds = [
        KindLines(
            TITLES[kind],
            [_difference(one, comparison, issues, people) for one in found[:MOST]],
            f"and {counted(len(found) - MOST, 'more issue')}" if len(found) > MOST else "",
        )
        for kind in Standing
        if (found := team.of(kind))
    ]
    return PairLine(
        name=team.name,
        told=", ".join(f"{len(team.of(kind))} {TITLES[kind].lower()}" for kind in Standing if team.of(kind)),
        figures=[
            FigureLine(name, one, other)
            for (name, one), (_, other) in zip(_of_team(team.first), _of_team(team.second), strict=True)
        ],
        kinds=kinds,
    )


def _of_team(team: TeamQueue | None) -> list[tuple[str, str]]:
    if team is None:
        return [("Issues in", UNKNOWN), ("Load of capacity", UNKNOWN), ("Fairness", UNKNOWN)]
    inside = sum(one.side is Side.IN for one in team.placements)
    load, capacity = plans.load_text(team.load, team.unit), plans.load_text(team.capacity, team.unit)
    return [
        ("Issues in", whole(inside)),
        ("Load of capacity", f"{load} of {capacity}"),
        ("Fairness", plans.fairness_text(team.fairness.index)),
    ]


def _difference(
    one: Difference, comparison: Comparison, issues: Mapping[int, IssueName], people: Mapping[int, str]
) -> DifferenceLine:
    named = issues.get(one.issue)
    first, second = in_words(one, comparison, names=people)
    return DifferenceLine(
        key=named.key if named else one.key,
        url=named.url if named else "",
        summary=named.summary if named else "",
        first=first,
        second=second,
    )
