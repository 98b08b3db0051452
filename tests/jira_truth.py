"""What a sprint's figures are by the stand-in Jira alone: its own sprint report, and its issues with their histories, over HTTP.

Jira's report says of each issue which list it is in and what it was estimated at; the sums are worked out here, by their definitions
in docs/metrics.md and with none of the product's arithmetic.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from sprintreports.demo.testing import RunningDemo
from sprintreports.kit import http

#: A figure of a sprint ("committed",), or of a part of it ("teams", "Backend", "scope"), in the unit.
Figures: TypeAlias = dict[tuple[str, ...], float | None]

WHOLE = (
    "committed", "added", "removed", "reestimated", "scope", "issues", "completed", "not_completed", "say_do", "churn",
)  # fmt: skip
OF_PARTS = ("scope", "issues", "completed", "not_completed")
DIMENSIONS = ("types", "teams", "stakeholders")
_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Line:
    """An issue of Jira's report. Estimates in the board's unit, 0 where there is none; estimated: whether there was one at the end."""

    key: str
    listed: str
    added: bool
    initial: float
    final: float
    estimated: bool
    type: str
    team: str
    team_at_start: str
    stakeholder: str

    @property
    def in_scope(self) -> bool:
        return self.listed in {"completed", "not_completed"}


@dataclass(frozen=True, slots=True)
class Truth:
    """A sprint on a board, both by Jira's ids. unit: points or hours."""

    board: int
    sprint: int
    unit: str
    start: datetime | None
    end: datetime | None
    lines: tuple[Line, ...]

    def figures(self) -> Figures:
        """All of them, of the whole and by type, team and stakeholder. Who has nothing in scope is no part of a breakdown here."""
        return {**_whole(self.lines), **_parts(self.lines)}

    def counted(self) -> "Truth":
        """The same sprint where each issue counts as one."""
        lines = tuple(replace(one, initial=1.0, final=1.0, estimated=True) for one in self.lines)
        return replace(self, unit="count", lines=lines)

    @property
    def closed(self) -> bool:
        return self.end is not None

    @property
    def rich(self) -> bool:
        """Whether no figure of it is nothing, so that none can be right by chance."""
        found = _whole(self.lines)
        several = all(len({getattr(one, name) for one in self.lines if one.in_scope}) > 1 for name in ("type", "team", "stakeholder"))  # fmt: skip
        return several and all(found[(name,)] for name in WHOLE) and len({*found.values()}) == len(found)


def _sum(lines: Iterable[Line], value: Callable[[Line], float], *listed: str) -> float:
    return round(sum(value(one) for one in lines if one.listed in listed), 6)


def _whole(lines: Sequence[Line]) -> Figures:
    counted = ("completed", "not_completed", "removed")
    committed = _sum((one for one in lines if not one.added), _initial, *counted)
    added = _sum((one for one in lines if one.added), _initial, *counted)
    removed, completed = _sum(lines, _final, "removed"), _sum(lines, _final, "completed")
    return {
        ("committed",): committed,
        ("added",): added,
        ("removed",): removed,
        ("reestimated",): _sum(lines, lambda one: one.final - one.initial, *counted),
        ("scope",): _sum(lines, _final, "completed", "not_completed"),
        ("issues",): float(sum(one.in_scope for one in lines)),
        ("completed",): completed,
        ("not_completed",): _sum(lines, _final, "not_completed"),
        ("say_do",): completed / committed if committed else None,
        ("churn",): (added + removed) / committed if committed else None,
    }


_LABELS: Mapping[str, Callable[[Line], str]] = {
    "types": lambda one: one.type,
    "teams": lambda one: one.team,
    "stakeholders": lambda one: one.stakeholder,
}


def _parts(lines: Sequence[Line]) -> Figures:
    """Of each part in whose scope there is something. Where nobody estimated any of it, its sums are not known, which is not 0."""
    found: Figures = {}
    for dimension, label in _LABELS.items():
        for part in {label(one) for one in lines if one.in_scope}:
            mine = [one for one in lines if label(one) == part and one.listed != "outside"]
            inside = [one for one in mine if one.in_scope]
            known = any(one.estimated for one in inside) or any(one.initial or one.final for one in mine)
            sums = {
                "scope": _sum(inside, _final, "completed", "not_completed"),
                "completed": _sum(inside, _final, "completed"),
                "not_completed": _sum(inside, _final, "not_completed"),
            }
            found |= {(dimension, part, name): value if known else None for name, value in sums.items()}
            found[dimension, part, "issues"] = float(len(inside))
    # What was promised belongs to the team that had it at the start.
    promised: defaultdict[str, float] = defaultdict(float)
    for one in lines:
        if not one.added and one.listed != "outside":
            promised[one.team_at_start] += one.initial
    for team, value in promised.items():
        unknown = ("teams", team, "scope") in found and found["teams", team, "scope"] is None and not value
        found["teams", team, "committed"] = None if unknown else round(value, 6)
    return found


def _initial(line: Line) -> float:
    return line.initial


def _final(line: Line) -> float:
    return line.final


_LISTS = {
    "completedIssues": "completed",
    "issuesNotCompletedInCurrentSprint": "not_completed",
    "puntedIssues": "removed",
    "issuesCompletedInAnotherSprint": "outside",
}


class Jira:
    """The stand-in as anybody may ask it."""

    def __init__(self, jira: RunningDemo, *, cloud: bool = True) -> None:
        self._jira, self._api = jira, f"/rest/api/{3 if cloud else 2}"
        self._headers = {} if cloud else {"Authorization": f"Bearer {jira.token}"}
        self._names: dict[str, str] = {}
        self._issues: dict[str, dict[str, Any]] = {}

    async def report(self, board: int, sprint: int, unit: str) -> Truth:
        """Jira's report of the sprint, with what its issues were at its end."""
        found = await self.ask("/rest/greenhopper/1.0/rapid/charts/sprintreport", rapidViewId=board, sprintId=sprint)  # fmt: skip
        contents, dates = found["contents"], found["sprint"]
        start, end = (_instant(dates[name]) for name in ("isoActivatedDate", "isoCompleteDate"))
        start = start or _instant(dates["isoStartDate"])
        if not self._names:
            fields = await self.ask(f"{self._api}/field")
            self._names = {one["name"]: one["id"] for one in fields}
        lines: list[Line] = []
        for name, listed in _LISTS.items():
            for row in contents[name]:
                issue = await self._issue(row["key"])
                added = row["key"] in contents["issueKeysAddedDuringSprint"]
                lines.append(self._line(row, issue, listed, start=start, end=end, unit=unit, added=added))
        return Truth(board, sprint, unit, start, end, tuple(lines))

    def _line(
        self, row: dict[str, Any], issue: dict[str, Any], listed: str, *, start: datetime | None, end: datetime | None, unit: str, added: bool
    ) -> Line:  # fmt: skip
        fields = issue["fields"]
        team, owner, who = (
            fields.get(self._names[name]) for name in ("Discipline Team", "Owner", "Reporter")
        )
        initial, final = (
            (row[name]["statFieldValue"].get("value") or 0) / (_SECONDS if unit == "hours" else 1)
            for name in ("estimateStatistic", "currentEstimateStatistic")
        )
        team_now = (team or {}).get("value", "")
        owned = _at(issue, "Owner", (owner or {}).get("displayName", ""), end)
        asked = _at(issue, "reporter", (who or {}).get("displayName", ""), end)
        return Line(
            row["key"],
            listed,
            added,
            initial,
            final,
            "value" in row["currentEstimateStatistic"]["statFieldValue"],
            _at(issue, "issuetype", fields["issuetype"]["name"], end),
            _at(issue, "Discipline Team", team_now, end) or "No team",
            _at(issue, "Discipline Team", team_now, start) or "No team",
            owned or asked or "No stakeholder",
        )

    async def _issue(self, key: str) -> dict[str, Any]:
        """The issue with all of its history: Cloud shows with it the newest part alone, and the rest in pages."""
        if key not in self._issues:
            found = await self.ask(f"{self._api}/issue/{key}", expand="changelog")
            told = found["changelog"]["histories"]
            if found["changelog"]["total"] > len(told):
                told = []
                while True:
                    page = await self.ask(f"{self._api}/issue/{key}/changelog", startAt=len(told))
                    told += page["values"]
                    if page["isLast"]:
                        break
            self._issues[key] = {"fields": found["fields"], "histories": told}
        return self._issues[key]

    async def ask(self, path: str, **parameters: Any) -> Any:
        async with http.client(base_url=self._jira.base_url, headers=self._headers) as client:
            sign_in = None if self._headers else (self._jira.email, self._jira.token)
            answer = await client.get(path, params=parameters, auth=sign_in)
        assert answer.status_code == 200, answer.text[:300]
        return answer.json()


def _instant(text: str) -> datetime | None:
    return None if text == "None" else datetime.fromisoformat(text)


def _at(issue: dict[str, Any], field: str, now: str, moment: datetime | None) -> str:
    """The field's value at the moment (None: today): what the first change after it changed it from."""
    later = [
        (datetime.fromisoformat(history["created"]), item["fromString"] or "")
        for history in issue["histories"]
        for item in history["items"]
        if item["field"] == field and moment is not None and datetime.fromisoformat(history["created"]) > moment
    ]  # fmt: skip
    return min(later, key=lambda one: one[0])[1] if later else now
