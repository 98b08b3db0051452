"""A queue as a workbook, read back by a program that is not the one that wrote it."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from sprintreports.kit.files.sheet_names import LONGEST, sheet_names
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Exclude, Options, SetTiming
from sprintreports.planning.queue.values import Inputs
from sprintreports.planning.queues.exports.about import About
from sprintreports.planning.queues.exports.lines import Names, Text
from sprintreports.planning.queues.exports.workbook import CONFLICTS, SUMMARY, as_xlsx
from tests.unit.planning.queue import samples
from tests.unit.planning.queue.samples import DEV, HOURS, hard, issue, limit, sprint

MADE = datetime(2026, 11, 23, 9, tzinfo=UTC)
ABOUT = About(5, 2, "Plan", MADE, "Sprint 3", "Mara", "After the talk", ZoneInfo("Europe/Berlin"))
COMMAND = "=cmd|' /C calc'!A0"
NAMES = Names(
    {1: "Rita", 4: COMMAND},
    {1: Text("Ä login, “fixed”", "https://jira.test/browse/ABC-1", "Story", "High"), 2: Text(COMMAND)},
)


def read(body: bytes) -> Workbook:
    return load_workbook(io.BytesIO(body))


def rows(body: bytes, sheet: str) -> list[dict[str, object]]:
    head, *rest = read(body)[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


def test_a_sheet_for_each_team_with_typed_cells():
    options = SetTiming(1, hard(2)).applied(Options())
    queue = generate(
        sprint(issue(1, 2.5, by=1, assignee=4), issue(2, 99, by=None), issue(3, team=DEV)), options
    )
    body = as_xlsx(queue, NAMES, ABOUT)
    assert read(body).sheetnames == [SUMMARY, "QA", "Dev", CONFLICTS]
    first, second = rows(body, "QA")
    assert (first["Side"], first["Position"], first["Points"], first["Points up to here"]) == (
        "In",
        1,
        2.5,
        2.5,
    )
    assert (first["Issue"], first["Type"], first["Priority"]) == ("ABC-1", "Story", "High")
    assert (first["Stakeholder"], first["Assignee"], first["Scheduling"]) == (
        "Rita",
        COMMAND,
        "Hard scheduled",
    )
    assert first["Start (Europe/Berlin)"] == datetime(2026, 11, 25, 11)  # noqa: DTZ001  # spreadsheets know no zones
    assert first["Reason"] == (
        "It is scheduled at exact times, so it comes before everything flexible. Its times were set here."
    )
    assert (second["Side"], second["Place in the sprint"], second["Start (Europe/Berlin)"]) == (
        "Below the cut-line",
        None,
        None,
    )
    assert [row["Issue"] for row in rows(body, "Dev")] == ["ABC-3"]
    sheet = read(body)["QA"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:P3")
    assert sheet["E2"].hyperlink.target == "https://jira.test/browse/ABC-1"
    assert sheet.column_dimensions["F"].width > 40


def test_the_cut_line_is_drawn_above_the_first_that_is_not_in():
    options = Exclude(4).applied(Options())
    queue = generate(sprint(issue(1), issue(2, 8), issue(3, 7), issue(4)), options)
    sheet = read(as_xlsx(queue, Names(), ABOUT))["QA"]
    sides = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert sides == ["In", "In", "Below the cut-line", "Left aside"]
    assert [row[0].border.top.style for row in sheet.iter_rows(min_row=2)] == [None, None, "thick", None]


def test_the_summary_says_what_it_is_and_how_the_teams_stand():
    queue = generate(sprint(issue(1, 5), issue(2, 99)), Options(buffer=10))
    cells = list(read(as_xlsx(queue, NAMES, ABOUT))[SUMMARY].iter_rows(values_only=True))
    told = {row[0]: row[1] for row in cells}
    assert cells[0][0] == "Plan, Sprint 3"
    assert (told["Version"], told["Kept by"], told["Note"], told["Buffer in percent"]) == (
        2,
        "Mara",
        "After the talk",
        10,
    )
    assert told["Kept at (Europe/Berlin)"] == datetime(2026, 11, 23, 10)  # noqa: DTZ001
    team = dict(
        zip(
            next(row for row in cells if row[0] == "Team"),
            next(r for r in cells if r[0] == "QA"),
            strict=True,
        )
    )
    assert (team["Capacity"], team["Load"], team["Below the cut-line"], team["Issues in"]) == (9, 5, 99, 1)
    assert team["Used"] == pytest.approx(5 / 9)


def test_conflicts_have_a_sheet_with_what_would_settle_them():
    queue = generate(sprint(issue(1, None, by=1), issue(2, 99)), Options())
    found = rows(as_xlsx(queue, NAMES, ABOUT), CONFLICTS)
    assert {row["Kind"] for row in found} == {"Unestimated", "Too large"}
    assert all(row["What"] and row["Issues"] for row in found)


def test_nothing_is_a_formula_and_the_same_version_is_the_same_file():
    queue = generate(sprint(issue(1, by=4), issue(2, by=4)), Options())
    body = as_xlsx(queue, NAMES, ABOUT)
    assert as_xlsx(queue, NAMES, ABOUT) == body
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    cell = next(row[5] for row in read(body)["QA"].iter_rows() if row[4].value == "ABC-2")
    assert (cell.value, cell.data_type, cell.quotePrefix) == (COMMAND, "s", True)


def test_what_leads_nowhere_is_no_link_and_what_is_too_long_is_cut():
    texts = {
        1: Text("x" * 40_000, "javascript:alert(1)"),
        2: Text("a\x00b\ud800c", "https://jira.test/" + "y" * 3000),
    }
    queue = generate(sprint(issue(1), issue(2)), Options())
    sheet = read(as_xlsx(queue, Names(issues=texts), ABOUT))["QA"]
    found = {row[4].value: row for row in sheet.iter_rows(min_row=2)}
    assert len(found["ABC-1"][5].value) == 32_767
    assert found["ABC-2"][5].value == "a b c"
    assert not any(row[4].hyperlink for row in found.values())


def test_times_that_spreadsheets_cannot_count_are_told_in_words():
    queue = generate(sprint(issue(1)), Options())
    ancient = About(5, 1, "Plan", datetime(1850, 1, 1, tzinfo=UTC))
    told = {
        row[0]: row[1] for row in read(as_xlsx(queue, Names(), ancient))[SUMMARY].iter_rows(values_only=True)
    }
    assert told["Kept at (UTC)"] == "1850-01-01T00:00+00:00"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (["QA", "qa", "Qa"], ["QA", "qa (2)", "Qa (3)"]),
        (["EMEA / QA: [x]*?\\"], ["EMEA QA x"]),
        (["", "'", "   "], ["Team", "Team (2)", "Team (3)"]),
        (["History", "Summary"], ["History (2)", "Summary (2)"]),
        (["'quoted'"], ["quoted"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 27 + " (2)"]),
        (["💩" * 20], ["💩" * 15]),
    ],
)
def test_sheets_have_names_that_every_program_takes(wanted: list[str], given: list[str]):
    assert list(sheet_names(wanted, taken=[SUMMARY])) == given


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=30))
def test_names_of_sheets_are_valid_and_apart(wanted: list[str]):
    found = list(sheet_names(wanted, taken=[SUMMARY, CONFLICTS]))
    assert len({name.casefold() for name in (*found, SUMMARY, CONFLICTS, "History")}) == len(wanted) + 3
    for name in found:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= LONGEST
        assert not set(name) & set("[]:*?/\\\0\n\r\t")
        assert name.strip("'") == name


@settings(max_examples=10, deadline=None)
@given(samples.inputs(), st.dictionaries(st.integers(0, 9), st.text(max_size=20), max_size=9))
def test_every_issue_is_on_one_sheet(inputs: Inputs, summaries: dict[int, str]):
    names = Names(issues={number: Text(summary) for number, summary in summaries.items()})
    book = read(as_xlsx(generate(inputs, Options()), names, ABOUT))
    teams = [one for one in book.worksheets if one.title not in (SUMMARY, CONFLICTS)]
    found = [row[4] for one in teams for row in one.iter_rows(min_row=2, values_only=True)]
    assert sorted(found) == sorted(one.key for one in inputs.candidates)


def test_a_hundred_teams_have_a_sheet_each():
    many = range(1, 101)
    inputs = Inputs(
        [issue(number, team=1 + number % 100) for number in range(100)],
        [limit(team, 5, f"Team / {'x' * 30} {team}") for team in many],
        samples.SPRINT,
        calendars=dict.fromkeys(many, HOURS),
    )
    with zipfile.ZipFile(io.BytesIO(as_xlsx(generate(inputs, Options()), Names(), ABOUT))) as parts:
        assert len([name for name in parts.namelist() if "worksheets/sheet" in name]) == 102


def test_rows_leave_the_memory_as_they_are_written():
    queue = generate(sprint(*(issue(number) for number in range(300))), Options())
    long = "all the same words " * 1_500
    names = Names(issues={number: Text(long[number:]) for number in range(300)})
    tracemalloc.start()
    as_xlsx(queue, names, ABOUT)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(one.summary) for one in names.issues.values()) > 8_000_000
    assert most < 4_000_000
