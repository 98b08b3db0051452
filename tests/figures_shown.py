"""Which figures of a sprint a reader finds where, and how they are held beside the truth. Nothing here computes a figure of its own
but sums over rows that are shown.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.jira_truth import Figures
from tests.read_back import Cell, Seen, number_of

Place = tuple[str, ...]

_FACTS = {
    "Committed": "committed", "Added": "added", "Removed": "removed", "Re-estimated": "reestimated", "In scope": "scope",
    "Issues in scope": "issues", "Completed": "completed", "Not completed": "not_completed", "Say/do": "say_do", "Churn": "churn",
    # A trend of one sprint is that sprint.
    "Committed in all": "committed", "Completed in all": "completed", "Carried over in all": "not_completed",
}  # fmt: skip
_SPREAD = {
    "Issues": "issues", "Story points": "scope", "Hours": "scope", "Committed": "committed", "Completed": "completed",
    "Not completed": "not_completed", "Issues after": "issues", "After": "scope",
}  # fmt: skip
_COURSE = _SPREAD | {"Issues in scope": "issues", "In scope": "scope"}
# Tables with a row for each part: of which dimension, the heading of its labels, and which heading is which figure.
_PARTS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "Issue types": ("types", "Type", _SPREAD),
    "Teams": ("teams", "Team", _SPREAD),
    "Teams side by side": ("teams", "Team", _SPREAD),
    "Sprints, by team": ("teams", "Team", _SPREAD),
    "Stakeholders": ("stakeholders", "Stakeholder", _SPREAD),
    "Issues by stakeholder": ("stakeholders", "Stakeholder", _SPREAD),
    "From commitment to completion": ("teams", "Team", _COURSE),
    "Committed and completed by team": ("teams", "Team", _SPREAD),
    "Issue types before and after": ("types", "Type", _SPREAD),
    "Teams before and after": ("teams", "Team", _SPREAD),
    "Stakeholders before and after": ("stakeholders", "Stakeholder", _SPREAD),
}
# Tables of one sprint a row.
_SPRINTS = ("Sprints", "Velocity")
# Tables of issues: what their estimates add up to, or how many they are where there is no such column.
_ISSUES = {"Completed issues": "completed", "Carry-over": "not_completed"}


@dataclass
class Shown:
    """Every figure that stands somewhere, by name; one may stand there several times. about: how far text rounds.

    short: the channel shows the first rows of a table alone.
    """

    where: str
    about: float = 1e-6
    short: bool = False
    found: list[tuple[Place, float | None]] = field(default_factory=list[tuple[Place, float | None]])

    def put(self, *place: str, value: Cell) -> None:
        self.found.append((place, number_of(value)))

    def differences(
        self, truth: Figures, *, lacks: Collection[str] = (), may_lack: Collection[str] = ()
    ) -> list[str]:
        """What is not as the truth has it, and which names are missing besides those that such a place never shows, or not always."""
        names = {name_of(place) for place, _ in self.found}
        wanted = {name_of(place) for place in truth} - set(lacks) - (set(may_lack) - names)
        wrong = [f"{self.where} does not show {', '.join(sorted(wanted - names))}"] if wanted - names else []
        wrong += [
            f"{self.where}: {name} is shown, though it is said not to be" for name in sorted(names - wanted)
        ]
        for place, value in self.found:
            true = truth.get(place, 0.0 if len(place) == 3 else None)
            if not self._alike(value, true):
                wrong.append(f"{self.where}: {place} is {value}, in truth {true}")
        if not self.short:
            there = {place for place, _ in self.found}
            wrong += [f"{self.where}: {place} is missing" for place in truth if name_of(place) in names and place not in there]  # fmt: skip
        return wrong

    def _alike(self, value: float | None, true: float | None) -> bool:
        if value is None or true is None:
            return value == true
        return abs(value - true) <= self.about


def name_of(place: Place) -> str:
    """ "committed", "teams.scope"."""
    return place[0] if len(place) == 1 else f"{place[0]}.{place[-1]}"


def of_report(where: str, seen: Seen, *, about: float = 0.0051, short: bool = False) -> Shown:
    """All figures of a document that was read back."""
    shown = Shown(where, about, short)
    for label, name in _FACTS.items():
        if label in seen.facts:
            shown.put(name, value=seen.facts[label])
    for title, rows in seen.tables.items():
        if title in _PARTS:
            parts(shown, rows, *_PARTS[title])
        elif rows:
            _table(shown, title, rows)
    return shown


def _table(shown: Shown, title: str, rows: Sequence[Mapping[str, Cell]]) -> None:
    """Tables of the whole sprint. Of those with a row for each event or issue, a channel with little room shows no end."""
    if title in _SPRINTS:
        (row,) = rows
        for heading in _FACTS.keys() & row.keys():
            shown.put(_FACTS[heading], value=row[heading])
    elif title == "Before and after":
        for row in rows:
            label, _, after, *_ = row.values()
            if label in _FACTS:
                shown.put(_FACTS[label], value=after)
    elif title == "Burndown" and not shown.short:
        for heading, name in {"Scope": "scope", "Done": "completed", "Remaining": "not_completed"}.items():
            shown.put(name, value=rows[-1][heading])
    elif title in _ISSUES and not shown.short:
        shown.put(_ISSUES[title], value=sum(number_of(row.get("Estimate", 1)) or 0 for row in rows))


def parts(
    shown: Shown, rows: Iterable[Mapping[str, Cell]], dimension: str, label: str, names: Mapping[str, str]
) -> None:
    """A row for each part."""
    for row in rows:
        for heading, name in names.items():
            if heading in row:
                shown.put(dimension, str(row[label]), name, value=row[heading])


def bars(figure: Mapping[str, Any]) -> dict[str, list[float]]:
    """The values of a figure's bars by the name of their series, whichever way they lie; of a line its name and values, too."""
    found: dict[str, list[float]] = {}
    for trace in figure["data"]:
        values = trace["x" if trace.get("orientation") == "h" else "y"]
        found[trace["name"]] = [*found.get(trace["name"], ()), *values]
    return found


def drawn(shown: Shown, charts: Mapping[str, Mapping[str, Sequence[float | None]]]) -> None:
    """What charts draw, by their titles: bars add up to the whole, and the remaining work ends where the sprint ended."""
    for title, series in charts.items():
        if title == "Burndown":
            shown.put("not_completed", value=series["Remaining"][-1])
        elif title.endswith("before and after"):
            _, after = series.values()
            shown.put("scope", value=sum(value or 0 for value in after))
        elif title in {*_PARTS, *_SPRINTS}:
            for name in series.keys() & _FACTS.keys():
                shown.put(_FACTS[name], value=sum(value or 0 for value in series[name]))
