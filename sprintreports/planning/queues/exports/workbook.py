"""A queue as a workbook: a summary, a sheet for every team with its cut-line drawn in, and the conflicts.

Rows leave the memory as they are written, so that ten thousand issues take no more of it than a hundred. The same version
gives the same bytes.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from xlsxwriter import Workbook

from sprintreports.kit.files.cells import Book, Column, Link, Value
from sprintreports.kit.files.sheet_names import sheet_names
from sprintreports.planning.queue.results import Conflict, Queue, Side, TeamQueue
from sprintreports.planning.queues.exports import words
from sprintreports.planning.queues.exports.about import About
from sprintreports.planning.queues.exports.lines import Line, Names, lines_of, shown

SUMMARY, CONFLICTS = "Summary", "Conflicts"
MOST_KEYS = 100  # of a conflict's issues: a ring of thousands of them is told by its first
_SETTINGS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_TEAMS = (
    Column("Team", 30), Column("Unit", 18), Column("Capacity", 11), Column("Load", 11), Column("Used", 9),
    Column("Below the cut-line", 11), Column("Issues in", 9), Column("Issues below", 9), Column("Issues aside", 9),
    Column("Stakeholders", 13), Column("Fairness (0 to 100)", 11), Column("Longest wait in rounds", 12),
)  # fmt: skip
_CONFLICTS = (
    Column("Severity", 10), Column("Kind", 22), Column("Team", 24), Column("Person", 24),
    Column("Issues", 30, wrapped=True), Column("What", 70, wrapped=True), Column("What would settle it", 60, wrapped=True),
)  # fmt: skip


def as_xlsx(queue: Queue, names: Names, about: About) -> bytes:
    """The whole queue: every issue once, on the sheet of its team."""
    out = io.BytesIO()
    made: Any = Workbook(out, _SETTINGS)
    with made:
        made.set_properties(
            {"title": about.title, "comments": "Made by Sprint Reports", "created": about.made}
        )
        book = Book(made, about.zone)
        called = list(sheet_names((team.name for team in queue.teams), taken=(SUMMARY, CONFLICTS)))
        _summary(book, queue, about, called)
        lines = lines_of(queue, names)
        for team, name in zip(queue.teams, called, strict=True):
            _team(book, name, team, islice(lines, len(team.placements)), about)
        _conflicts(book, queue, names)
    return out.getvalue()


def _summary(book: Book, queue: Queue, about: About, called: list[str]) -> None:
    sheet = book.sheet(SUMMARY, _TEAMS)
    book.cell(sheet, 0, 0, about.title, ("title",))
    row = 1
    for row, (name, value) in enumerate(_facts(queue, about), start=1):
        book.cell(sheet, row, 0, name, ("name",))
        book.cell(sheet, row, 1, value)
    first = row + 2
    book.head(sheet, first, _TEAMS, rows=len(queue.teams))
    for at, (team, name) in enumerate(zip(queue.teams, called, strict=True), start=first + 1):
        book.row(sheet, at, _figures(team))
        target = name.replace("'", "''")
        sheet.write_url(at, 0, f"internal:'{target}'!A1", book.format("link"), name)
        if team.capacity > 0:
            sheet.write_number(at, 4, team.load / team.capacity, book.format("share"))


def _facts(queue: Queue, about: About) -> Iterator[tuple[str, Value]]:
    options, zone = queue.options, about.zone.key
    yield "Sprint", about.sprint
    yield "Version", about.number
    yield f"Kept at ({zone})", about.made
    yield "Kept by", about.author
    yield "Note", about.note
    yield "Algorithm", words.algorithm(options.algorithm)
    yield "Buffer in percent", options.buffer
    yield "Fairness over all teams", queue.fairness.index
    yield "Longest wait in rounds", queue.fairness.wait
    if queue.bound is not None:
        yield "Below the best plan by at most, in percent", queue.bound.gap * 100
    yield "Conflicts", len(queue.conflicts)


def _figures(team: TeamQueue) -> tuple[Value, ...]:
    sides = Counter(placement.side for placement in team.placements)
    amounts = (shown(amount, team.unit) for amount in (team.capacity, team.load, team.below))
    capacity, load, below = amounts
    return (
        None, words.UNITS[team.unit], capacity, load, None, below, sides[Side.IN], sides[Side.BELOW], sides[Side.ASIDE],
        team.stakeholders, team.fairness.index, team.fairness.wait,
    )  # fmt: skip


def _columns(team: TeamQueue, about: About) -> tuple[Column, ...]:
    unit, zone = words.UNITS[team.unit], about.zone.key
    return (
        Column("Side", 18), Column("Position", 9), Column("Place in the sprint", 9), Column("Round", 8),
        Column("Issue", 14), Column("Summary", 50, wrapped=True), Column("Stakeholder", 24), Column("Assignee", 24),
        Column("Type", 14), Column("Priority", 12), Column(unit, 10), Column(f"{unit} up to here", 11), Column("Scheduling", 16),
        Column(f"Start ({zone})", 17), Column(f"Finish ({zone})", 17), Column("Reason", 70, wrapped=True),
    )  # fmt: skip


def _team(book: Book, name: str, team: TeamQueue, lines: Iterator[Line], about: About) -> None:
    columns = _columns(team, about)
    sheet = book.sheet(name, columns)
    book.head(sheet, 0, columns, rows=len(team.placements))
    cut_drawn = False
    for at, line in enumerate(lines, start=1):
        out = line.side is not Side.IN
        looks = ("out",) if out else ()
        if out and not cut_drawn:
            looks, cut_drawn = (*looks, "cut"), True
        book.row(sheet, at, _cells(line), looks=looks, columns=columns)


def _cells(line: Line) -> tuple[Value, ...]:
    return (
        words.SIDES[line.side], line.position, line.place, line.round, Link(line.url, line.key), line.summary,
        line.stakeholder, line.assignee, line.type, line.priority, line.load, line.running, words.SCHEDULING[line.scheduling], line.start,
        line.finish, line.why,
    )  # fmt: skip


def _conflicts(book: Book, queue: Queue, names: Names) -> None:
    sheet = book.sheet(CONFLICTS, _CONFLICTS)
    book.head(sheet, 0, _CONFLICTS, rows=len(queue.conflicts))
    keys = {issue: placement.key for issue, placement in queue.placements().items()}
    teams = {team.team: team.name for team in queue.teams}
    for at, one in enumerate(queue.conflicts, start=1):
        book.row(sheet, at, _conflict(one, keys, teams, names), columns=_CONFLICTS)


def _conflict(
    one: Conflict, keys: Mapping[int, str], teams: Mapping[int | None, str], names: Names
) -> tuple[Value, ...]:
    concerned = ", ".join(keys.get(issue) or f"Issue {issue}" for issue in one.issues[:MOST_KEYS])
    more = f" and {len(one.issues) - MOST_KEYS:,} more" if len(one.issues) > MOST_KEYS else ""
    return (
        words.SEVERITIES[one.severity],
        words.kind(one.kind),
        teams.get(one.team, "") if one.team is not None else "",
        "" if one.person is None else names.people.get(one.person) or f"Person {one.person}",
        concerned + more,
        one.words,
        "\n".join(each.words for each in one.suggestions),
    )
