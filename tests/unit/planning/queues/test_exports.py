"""A queue as CSV, JSON and iCalendar: every issue once, nothing that a spreadsheet would run, times that stay themselves."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Exclude, Options, SetTiming
from sprintreports.planning.queues.exports.calendar import Source, as_ical
from sprintreports.planning.queues.exports.lines import Names, Text
from sprintreports.planning.queues.exports.tables import COLUMNS, SCHEMA, as_csv, as_json
from tests.unit.planning.queue import samples
from tests.unit.planning.queue.samples import due, hard, issue, sprint

MADE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SOURCE = Source(5, 2, "Plan", MADE)
NAMES = Names(
    {1: "Rita", 4: "=cmd|' /C calc'!A0"}, {1: Text("Ä login, “fixed”", "https://jira.test/browse/ABC-1")}
)


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@settings(max_examples=15, deadline=None)
@given(samples.inputs(), st.dictionaries(st.integers(0, 9), st.text(max_size=20), max_size=9))
def test_every_issue_is_one_row_and_no_cell_is_a_formula(inputs, summaries):
    queue = generate(inputs, Options())
    names = Names(issues={issue: Text(summary) for issue, summary in summaries.items()})
    found = rows(as_csv(queue, names))
    assert sorted(row["key"] for row in found) == sorted(one.key for one in inputs.candidates)
    assert not any(
        (cell or "").startswith(("=", "+", "@", "\t", "\r", "\n", "|", "%"))
        for row in found
        for cell in row.values()
    )
    assert not any((cell or "").startswith("-") for row in found for cell in row.values())
    told = [line["key"] for team in json.loads(as_json(queue, names))["teams"] for line in team["lines"]]
    assert sorted(told) == sorted(one.key for one in inputs.candidates)


def test_a_row_says_what_the_page_says():
    queue = generate(sprint(issue(1, 2.5, by=1, assignee=4), issue(2, 99, by=None)), Options())
    body = as_csv(queue, NAMES)
    assert body.startswith(b"\xef\xbb\xbf")
    assert as_csv(queue, NAMES, mark=False) == body[3:]
    first, second = rows(body)
    assert tuple(first) == COLUMNS
    assert (first["team"], first["side"], first["position"], first["place"], first["round"]) == (
        "QA",
        "in",
        "1",
        "1",
        "1",
    )
    assert (first["load"], first["running"], first["unit"]) == ("2.5", "2.5", "points")
    assert (first["summary"], first["url"]) == ("Ä login, “fixed”", "https://jira.test/browse/ABC-1")
    assert (first["stakeholder"], first["assignee"]) == ("Rita", "'=cmd|' /C calc'!A0")
    assert first["why"] == "It was the turn of Rita in round 1 of QA."
    assert first["start"] == "2026-11-23T09:00+00:00"
    assert (second["side"], second["place"], second["start"], second["stakeholder"]) == (
        "below",
        "",
        "",
        "No stakeholder",
    )


def test_json_has_rules_teams_conflicts_and_what_would_settle_them():
    inputs = sprint(issue(1, None, by=1), issue(2, 99))
    found = json.loads(as_json(generate(inputs, Options(buffer=10)), NAMES))
    assert (found["schema"], found["options"]["buffer"], found["bound"]) == (SCHEMA, 10, None)
    qa, dev = found["teams"]
    assert (qa["capacity"], qa["stakeholders"], dev["lines"]) == (9.0, 1, [])
    edits = [one["edit"]["kind"] for conflict in found["conflicts"] for one in conflict["suggestions"]]
    assert {"estimate", "exclude", "add_capacity"} <= set(edits)
    solved = generate(inputs, Options(algorithm="optimal", seconds=0.5))
    assert json.loads(as_json(solved, NAMES))["bound"]["proven"] is True


def test_a_calendar_has_what_is_at_exact_times_and_what_is_due():
    inputs = sprint(issue(1), issue(2), issue(3), issue(4))
    options = Options()
    for edit in (SetTiming(1, hard(1)), SetTiming(2, due(3)), SetTiming(4, hard(2)), Exclude(4)):
        options = edit.applied(options)
    queue = generate(inputs, options)
    body = as_ical(queue, NAMES, SOURCE)
    first, second = Calendar.from_ical(body).walk("VEVENT")
    assert str(first["summary"]) == "ABC-1 Ä login, “fixed”"
    assert (first["dtstart"].dt, first["dtend"].dt) == (hard(1).start, hard(1).end)
    assert (str(first["transp"]), str(second["transp"])) == ("OPAQUE", "TRANSPARENT")
    assert str(second["summary"]) == "Due: ABC-2"
    assert second["dtstart"].dt == second["dtend"].dt == due(3).end
    assert str(first["uid"]) == "queue-5-issue-1@sprint-reports"
    assert as_ical(queue, NAMES, SOURCE) == body
    later = Calendar.from_ical(as_ical(queue, NAMES, Source(5, 3, "Plan", MADE))).walk("VEVENT")[0]
    assert (later["uid"], later["sequence"]) == (first["uid"], 3)


def test_a_calendar_without_times_is_empty_and_whole():
    body = as_ical(generate(sprint(issue(1)), Options()), Names(), Source(1, 1, "Plan\r\nX-EVIL:1", MADE))
    assert not Calendar.from_ical(body).walk("VEVENT")
    assert b"\r\nX-EVIL" not in body


def test_text_cannot_end_a_line_of_a_calendar():
    names = Names(issues={1: Text("a\r\nATTACH:file\x00", "https://jira.test/x")})
    options = SetTiming(1, hard(1)).applied(Options())
    body = as_ical(generate(sprint(issue(1)), options), names, SOURCE)
    assert b"\r\nATTACH" not in body
    assert len(Calendar.from_ical(body).walk("VEVENT")) == 1
