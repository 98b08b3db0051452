"""A queue as CSV that no spreadsheet takes for formulas, and as JSON."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec

from sprintreports.planning.queue.results import Queue, TeamQueue
from sprintreports.planning.queues.encoding import change_json, options_json
from sprintreports.planning.queues.exports.lines import Line, Names, lines_of, shown

COLUMNS = tuple(one.name for one in fields(Line))
#: Version of the JSON export: a field is only added.
SCHEMA = 1
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def as_csv(queue: Queue, names: Names, *, mark: bool = True) -> bytes:
    """One row for every issue. mark: with a byte order mark, by which spreadsheets know UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(line, name)) for name in COLUMNS] for line in lines_of(queue, names))
    return out.getvalue().encode("utf-8-sig" if mark else "utf-8")


def as_json(queue: Queue, names: Names) -> bytes:
    """The whole queue: its rules, each team with its lines, and the conflicts. Numbers are points, hours or issues."""
    by_team = iter(lines_of(queue, names))
    teams = [
        _team(team, [msgspec.to_builtins(next(by_team)) for _ in team.placements]) for team in queue.teams
    ]
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "options": options_json(queue.options),
        "fairness": msgspec.to_builtins(queue.fairness),
        "bound": None
        if queue.bound is None
        else {"gap": queue.bound.gap, "proven": queue.bound.proven, "stopped": queue.bound.stopped},
        "teams": teams,
        "conflicts": [
            {
                "kind": one.kind,
                "severity": one.severity,
                "words": one.words,
                "issues": one.issues,
                "team": one.team,
                "person": one.person,
                "suggestions": [
                    {"words": each.words, "edit": change_json(each.edit)} for each in one.suggestions
                ],
            }
            for one in queue.conflicts
        ],
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def _team(team: TeamQueue, lines: list[Any]) -> dict[str, Any]:
    return {
        "team": team.team,
        "name": team.name,
        "unit": team.unit,
        "capacity": shown(team.capacity, team.unit),
        "load": shown(team.load, team.unit),
        "below": shown(team.below, team.unit),
        "stakeholders": team.stakeholders,
        "fairness": msgspec.to_builtins(team.fairness),
        "lines": lines,
    }


def _cell(value: object) -> str:
    """A cell of text that begins like a formula begins with an apostrophe instead; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    text = str(value)
    return "'" + text if text.startswith(_FORMULAS) else text
