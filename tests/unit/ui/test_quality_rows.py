"""What the data quality page says, without a browser or a database."""

from dataclasses import replace

from sprintreports.jira.quality.catalog import CHECKS, check_named
from sprintreports.jira.quality.check import CheckName, Subject
from sprintreports.jira.reads.quality import CheckLine, Finding, Findings, Quality
from sprintreports.kit.paging import Page
from sprintreports.metrics.values import Unit
from sprintreports.ui.pages.quality import rows

DONE, TEAM = check_named(CheckName.DONE_WITHOUT_ESTIMATE), check_named(CheckName.WITHOUT_TEAM)
LINES = (
    CheckLine(DONE, 1, ""),
    CheckLine(check_named(CheckName.SPRINT_WITHOUT_DATES), 2, ""),
    CheckLine(check_named(CheckName.CLOCK_SKEW), 0, ""),
    CheckLine(TEAM, 0, "No field is mapped to teams."),
)
FOUND = Quality(1, "Payments", None, Unit.POINTS, ("Now", "Last"), False, 0, 1_312, 1, LINES)
CLEAN = replace(FOUND, left_out=0, lines=tuple(CheckLine(check, 0, "") for check in CHECKS))


def test_a_doubt_says_how_many_and_leads_to_them():
    first, second = rows.check_rows(FOUND, {"board": "1", "page": "3"})
    assert (first.count, first.show, first.effect, first.tone) == (
        "1 issue",
        "Show 1 issue",
        "Changes totals",
        "warn",
    )
    assert first.link == "/quality?board=1&check=done-without-estimate"
    assert second.count == "2 sprints"


def test_what_the_numbers_rest_on_is_said():
    assert rows.reading(FOUND) == (
        "The numbers of 2 sprints rest on 1,312 issues; 1 more is left out. 2 of 3 checks found something."
    )
    one = replace(CLEAN, sprints=("Now",), issues=1, left_out=2)
    assert rows.reading(one) == "The numbers of Now rest on 1 issue; 2 more are left out."


def test_what_is_fine_comes_before_what_is_not_asked():
    assert [(row.title, row.note) for row in rows.quiet_rows(FOUND)] == [
        ("Clocks that disagree", ""),
        ("No discipline team", "No field is mapped to teams."),
    ]


def test_nothing_to_doubt_is_praised_only_when_something_was_looked_at():
    assert rows.praise(CLEAN).startswith("19 checks looked at 1,312 issues of 2 sprints and found nothing.")
    assert (
        rows.praise(replace(CLEAN, issues=0)) == "2 sprints held no issues yet, so there is nothing to doubt."
    )
    assert rows.praise(replace(CLEAN, issues=0, sprints=("AB Sprint",))).startswith(
        "AB Sprint held no issues"
    )


def test_what_stands_in_the_way_is_said():
    assert rows.notes(FOUND) == []
    assert rows.notes(replace(FOUND, problem="It is private.", waiting=1)) == [
        "This board cannot be read at the moment: It is private.",
        "The numbers of 1 sprint are still being computed.",
    ]


def test_a_finding_links_to_jira_and_to_its_sprint():
    found = Finding(
        Subject.ISSUE, "APP-1", "Pay", "https://jira.test/browse/APP-1", 9, 7, "Now", None, "It is so."
    )
    row = rows.finding_row(found, board="3")
    assert (row.url, row.sprint_link, row.team) == (
        "https://jira.test/browse/APP-1",
        "/sprint?board=3&sprint=7",
        "—",
    )


def test_an_empty_list_says_why():
    nothing = Findings("Payments", CheckLine(TEAM, 0, ""), Page([], 0, 1, 25))
    assert "corrected" in rows.nothing_found(nothing)
    assert rows.nothing_found(replace(nothing, line=LINES[3])) == "No field is mapped to teams."
