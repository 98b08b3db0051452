"""docs/data-quality.md and the checks say the same; every check says what it touches and what helps, kindly."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sprintreports.jira.quality.catalog import CHECKS, check_named
from sprintreports.jira.quality.check import (
    Check,
    CheckName,
    Scope,
    ScopeSprint,
    Subject,
    Weight,
    amount,
    counted,
)
from sprintreports.metrics.values import BoardRules, SprintState, SubtaskRule, Unit

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "data-quality.md").read_text(encoding="utf-8")
HEADS = {Weight.TOTALS: "Changes totals", Weight.DOUBT: "May mislead", Weight.DETAIL: "Details only"}


def test_every_check_is_defined_under_its_weight():
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)[1:]
    documented = {
        (head, name)
        for head, text in zip(parts[::2], parts[1::2], strict=True)
        for name in re.findall(r"^\| `([a-z-]+)` \| \S", text, flags=re.MULTILINE)
    }
    assert documented == {(HEADS[check.weight], check.name.value) for check in CHECKS}
    assert len(documented) == len(CheckName) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name.value)
def test_a_check_speaks_in_whole_sentences(check: Check):
    assert check_named(check.name) is check
    assert not check.title.endswith(".")
    assert not check.touches.endswith(".")
    for sentence in (check.why, check.advice):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert not re.search(r"\b(wrong(ly)?|fault|error|bad|must|invalid|failed)\b", sentence.casefold()), (
            sentence
        )


def scope(**changes: object) -> Scope:
    sprints = (
        ScopeSprint(1, 11, "Next", SprintState.FUTURE, computed=True),
        ScopeSprint(2, 12, "Now", SprintState.ACTIVE, computed=True),
        ScopeSprint(3, 13, "Last", SprintState.CLOSED, computed=True),
    )
    rules = BoardRules(
        done=frozenset({"3", "6"}),
        mapped=frozenset({"1", "2", "3", "6"}),
        categories={
            "1": "new",
            "2": "indeterminate",
            "3": "done",
            "4": "new",
            "5": "done",
            "6": "indeterminate",
            "7": "",
        },
    )
    values: dict[str, object] = {
        "site_id": 1, "jira_board_id": 2, "board_id": 3, "board_name": "B", "base_url": "https://jira.test",
        "unit": Unit.POINTS, "rules": rules, "columns": (("1",), ("2",), ("3", "6")), "maps_teams": True,
        "maps_owners": True, "sprints": sprints, "chosen": False, "boards": None, "teams": None,
        "now": datetime(2025, 3, 3, tzinfo=UTC),
    }  # fmt: skip
    return Scope(**values | changes)  # type: ignore[arg-type]


def test_the_board_decides_which_statuses_are_done_and_which_wait():
    binds = scope().binds()
    assert binds["done"] == ["3", "6"]
    assert binds["finished"] == ["3", "5", "6"]
    assert binds["waiting"] == ["1", "4"]
    assert dict(zip(binds["placed"], binds["places"], strict=True)) == {"1": 0, "2": 1, "3": 2, "6": 2}


def test_without_columns_the_category_decides():
    rules = BoardRules(frozenset(), None, {"1": "new", "2": "indeterminate", "3": "done", "7": ""})
    binds = scope(rules=rules, columns=()).binds()
    assert binds["done"] == ["3"]
    assert dict(zip(binds["placed"], binds["places"], strict=True)) == {"1": 0, "2": 1, "3": 2}


def test_future_sprints_are_looked_at_for_their_dates_and_when_they_are_chosen():
    binds = scope().binds()
    assert (binds["sprints"], binds["listed"], binds["open"]) == ([12, 13], [11, 12, 13], [11, 12])
    assert scope(chosen=True).binds()["sprints"] == [11, 12, 13]


def test_a_check_without_a_meaning_says_why():
    subtasks = BoardRules(frozenset(), None, {}, SubtaskRule.SUBTASKS)
    odd = scope(unit=Unit.COUNT, maps_teams=False, rules=subtasks)
    silent = {check.name: check.pointless(odd) for check in CHECKS if check.pointless(odd)}
    assert set(silent) == {
        CheckName.DONE_WITHOUT_ESTIMATE, CheckName.OPEN_WITHOUT_ESTIMATE, CheckName.SUBTASK_ESTIMATES,
        CheckName.ESTIMATE_CHANGED_AFTER_DONE, CheckName.WITHOUT_TEAM, CheckName.STATUS_OFF_BOARD,
        CheckName.PARENT_DONE_BEFORE_CHILDREN,
    }  # fmt: skip
    assert all(reason.endswith(".") for reason in silent.values())
    assert not [check.name for check in CHECKS if check.pointless(scope())]


def test_amounts_in_words():
    assert amount(None, Unit.POINTS) == "no estimate"
    assert amount(1_000, Unit.POINTS) == "1 point"
    assert amount(2_500, Unit.POINTS) == "2.5 points"
    assert amount(3_600, Unit.HOURS) == "1 hour"
    assert amount(0, Unit.HOURS) == "0 hours"
    assert counted(1, "child", "children") == "1 child"
    assert counted(2, "child", "children") == "2 children"


def test_sprints_are_subjects_of_the_checks_on_sprints_alone():
    assert {check.name for check in CHECKS if check.subject is Subject.SPRINT} == {
        name for name in CheckName if name.value.startswith("sprint-")
    }
