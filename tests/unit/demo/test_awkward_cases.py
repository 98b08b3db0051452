"""Each awkward case is really in the default company, with the outcome that the definitions give it."""

import pytest

from sprintreports.demo.catalog import VENDOR
from sprintreports.demo.company import Company
from sprintreports.demo.model import Issue
from sprintreports.demo.script_book import BOOK
from sprintreports.demo.truth import Bucket, Reason, TruthLine

DONE, LEFT, GONE, OUTSIDE = Bucket.COMPLETED, Bucket.NOT_COMPLETED, Bucket.REMOVED, Bucket.OUTSIDE
POINT = 1000

# On the Storefront board: bucket, added, initial and final points.
OUTCOMES: dict[str, tuple[Bucket, bool, float | None, float | None]] = {
    "issue re-added": (DONE, False, 5, 5),
    "issue added, removed, re-added": (LEFT, True, 2, 8),
    "removed, re-estimated outside": (GONE, False, 5, 5),
    "re-added with another estimate": (LEFT, False, 3, 8),
    "done, reopened, done again": (DONE, False, 8, 8),
    "done, reopened, not finished": (LEFT, False, 5, 5),
    "created in the sprint": (DONE, True, 3, 3),
    "created in the sprint, already done": (DONE, True, 2, 2),
    "created in the sprint off the board": (LEFT, True, 3, 3),
    "estimate cleared": (LEFT, False, 5, None),
    "estimate set in the sprint": (DONE, False, None, 3),
    "never estimated": (DONE, False, None, None),
    "re-estimated while done": (DONE, False, 3, 5),
    "status deleted since, came back": (DONE, False, 3, 3),
    "status deleted since, at the close": (GONE, False, 5, 5),
    "moved to another project": (DONE, False, 3, 3),
    "not on the board at the start": (DONE, True, 3, 3),
    "in triage at the start": (LEFT, True, 2, 2),
    "left the board": (GONE, False, 5, 5),
    "cancelled": (DONE, False, 3, 3),
    "done before being added": (OUTSIDE, False, 3, 3),
    "done before the start": (OUTSIDE, False, 2, 2),
    "done outside during the sprint, then added": (DONE, True, 5, 5),
    "done, then removed": (GONE, False, 3, 3),
    "finished earlier, reopened in the sprint": (DONE, True, 5, 5),
    "finished earlier, reopened, not finished": (LEFT, True, 3, 3),
    "completed in another sprint": (OUTSIDE, False, 3, 3),
    "added at the very start": (LEFT, False, 3, 3),
    "done at the very start": (OUTSIDE, False, 2, 2),
    "done at the very close": (DONE, False, 5, 5),
    "removed at the very close": (GONE, False, 3, 3),
    "done just after the close": (LEFT, False, 2, 2),
    "everything in one entry": (GONE, True, 5, 5),
    "from one finished status to another": (OUTSIDE, False, 3, 3),
    "done, then another finished status": (DONE, False, 3, 3),
    "Sprint changed without leaving": (DONE, False, 3, 3),
    "epic in the sprint": (DONE, False, 8, 8),
    "with sub-tasks": (DONE, False, 5, 5),
    "half a point": (DONE, False, 0.5, 1.5),
}
NOWHERE = {"never on the board", "added and taken out before the start"}


def storefront(company: Company, name: str) -> Issue:
    return next(
        issue
        for number in company.cases[name]
        if (issue := company.issues[number]).project in company.boards[1].projects
    )


def lines_of(company: Company, issue: Issue) -> list[TruthLine]:
    """In the order of the sprints of board 1."""
    return [
        line
        for (board, _), truth in sorted(company.reports.items())
        if board == 1
        for line in truth.lines
        if line.issue_id == issue.id
    ]


def test_every_script_has_an_expected_outcome() -> None:
    assert {script.name for script in BOOK} == OUTCOMES.keys() | NOWHERE


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_case_comes_out_as_defined(company: Company, name: str) -> None:
    bucket, added, initial, final = OUTCOMES[name]
    lines = lines_of(company, storefront(company, name))
    wanted = (
        bucket,
        added,
        None if initial is None else int(initial * POINT),
        None if final is None else int(final * POINT),
    )
    assert wanted in [(line.bucket, line.added, line.initial, line.final) for line in lines]


def test_an_issue_that_is_never_on_the_board_is_in_no_report_of_that_sprint(company: Company) -> None:
    issue = storefront(company, "never on the board")
    first = min(issue.sprints)
    assert all(line.issue_id != issue.id for line in company.truth(1, first).lines)


def test_an_issue_taken_out_before_the_start_is_in_no_report_of_that_sprint(company: Company) -> None:
    issue = storefront(company, "added and taken out before the start")
    joined = next(items for _, _, items in issue.history() if items[0][0] == "sprints")[0][2]
    assert isinstance(joined, list)
    assert all(line.issue_id != issue.id for line in company.truth(1, joined[0]).lines)


def test_entries_and_exits_name_their_reason(company: Company) -> None:
    seen = {line.entry for truth in company.reports.values() for line in truth.lines}
    seen |= {line.exit for truth in company.reports.values() for line in truth.lines}
    assert seen == set(Reason)


def test_a_sprint_was_closed_opened_again_and_closed(company: Company) -> None:
    (number,) = company.cases["sprint re-opened"]
    sprint = company.sprints[number]
    assert sprint.state == "closed"
    assert sprint.completed is not None
    assert sprint.completed == company.truth(3, number).end
    # Leftovers of the first close went into the next sprint while this one kept them.
    both = [issue for issue in company.issues.values() if {number, number + 1} <= set(issue.sprints)]
    assert both


def test_a_sprint_was_renamed_and_old_entries_keep_the_old_name(company: Company) -> None:
    (number,) = company.cases["sprint renamed"]
    names = [name for _, name in company.sprints[number].names]
    assert len(names) == 2
    renamed_at = company.sprints[number].names[1][0]
    moments = [
        at
        for issue in company.issues.values()
        if number in issue.sprints
        for at, _, items in issue.history()
        if any(name == "sprints" for name, _, _ in items)
    ]
    assert min(moments) < renamed_at < max(moments)


def test_a_sprint_has_no_issues_and_another_has_no_dates(company: Company) -> None:
    (empty,) = company.cases["sprint without issues"]
    assert company.sprints[empty].state == "closed"
    assert all(empty not in issue.sprints for issue in company.issues.values())
    for number in company.cases["sprint without dates"]:
        assert company.sprints[number].state == "future"
        assert company.sprints[number].planned_start is None


def test_a_sprint_name_has_a_comma_and_its_goal_brackets(company: Company) -> None:
    (number,) = company.cases["sprint name with a comma"]
    assert ", " in company.sprints[number].name
    assert "]" in company.sprints[number].goal


def test_some_sprints_started_at_another_moment_than_their_date_says(company: Company) -> None:
    assert sum(sprint.activated is not None for sprint in company.sprints.values()) >= 4


def test_a_status_has_been_deleted_since(company: Company) -> None:
    values = [
        value
        for issue in company.issues.values()
        for _, _, items in issue.history()
        for name, before, after in items
        for value in (before, after)
        if name == "status"
    ]
    assert VENDOR.id in values
    assert all(issue.status is not VENDOR for issue in company.issues.values())


def test_an_issue_moved_to_another_project_and_kept_its_id(company: Company) -> None:
    issue = storefront(company, "moved to another project")
    keys = [
        (before, after) for _, _, items in issue.history() for name, before, after in items if name == "key"
    ]
    assert len(keys) == 1
    assert keys[0][1] == issue.key
    assert all(child.project is issue.project for child in issue.subtasks)


def test_a_history_is_longer_than_what_a_search_shows(company: Company) -> None:
    (number,) = company.cases["history of more than 100 entries"]
    assert len(company.issues[number].history()) > 100


def test_sub_tasks_come_with_and_without_estimates(company: Company) -> None:
    estimates = {
        child.estimate(child.project.estimation) is None
        for child in company.issues.values()
        if child.is_subtask
    }
    assert estimates == {True, False}
