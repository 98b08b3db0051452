"""Jira's own reports of 76 real sprints (Apache Aurora and Usergrid): each adds up as Jira says, and reconciles with itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sprintreports.jira.reconciliation.payload import NotASprintReport, decode
from sprintreports.metrics.jira_lines import Aspect, JiraReport, OurLine, Situation
from sprintreports.metrics.reconciliation import checks_of, reconcile
from sprintreports.metrics.values import Bucket, Unit
from tests.unit.jira.sprint_reports import encoded, payload
from tests.unit.metrics.histories import window

pytestmark = pytest.mark.conformance

BUCKETS = {
    "completed": Bucket.COMPLETED,
    "not_completed": Bucket.NOT_COMPLETED,
    "removed": Bucket.REMOVED,
    "completed_outside": Bucket.OUTSIDE,
}
# Sprints whose rows are more than the issues that Jira counts, and why: the only ones that do not add up as they are.
LISTED_TWICE = {"Usergrid 0": ("USERGRID-269",)}

# Recorded before it was closed. We refuse such a report, since nothing in it is final; its sums are looked at all the same.
STILL_ACTIVE = "Twitter Aurora Q2'16 Sprint 21"


@pytest.fixture(scope="module")
def sprints(shared_data: Path) -> list[dict[str, Any]]:
    return list(_sprints(shared_data / "sprint-outcomes" / "jira-sprint-reports"))


def _sprints(folder: Path) -> Iterator[dict[str, Any]]:
    for name in ("aurora", "usergrid"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _read(sprint: dict[str, Any]) -> JiraReport:
    return decode(encoded(payload(sprint["sprint_id"], sprint["issues"], sprint["jira_says"])))


def test_there_are_76_real_sprints(sprints: list[dict[str, Any]]):
    assert len(sprints) == 76
    assert [sprint["name"] for sprint in sprints if sprint["state"] != "CLOSED"] == [STILL_ACTIVE]


def test_each_adds_up_as_jira_says(sprints: list[dict[str, Any]]):
    exceptions: dict[str, tuple[str, ...]] = {}
    for sprint in sprints:
        says, report = sprint["jira_says"], _read(sprint)
        for outcome, bucket in BUCKETS.items():
            lines = [line for line in report.lines if line.bucket is bucket]
            assert len(lines) == says[f"{outcome}_n"], sprint["name"]
            assert sum(line.initial or 0 for line in lines) == says[f"{outcome}_initial"] * 1000, sprint[
                "name"
            ]
            assert sum(line.final or 0 for line in lines) == says[outcome] * 1000, sprint["name"]
        checks = checks_of([], report)
        assert len(checks) == 9 or report.lines == (), sprint["name"]
        assert all(check.told and check.adds_up for check in checks), sprint["name"]
        if report.repeated:
            exceptions[sprint["name"]] = report.repeated
    assert exceptions == LISTED_TWICE


def test_the_one_that_is_not_closed_is_refused(sprints: list[dict[str, Any]]):
    (active,) = [sprint for sprint in sprints if sprint["name"] == STILL_ACTIVE]
    told = payload(active["sprint_id"], active["issues"], active["jira_says"], state=active["state"])
    with pytest.raises(NotASprintReport, match="not a sprint report"):
        decode(encoded(told))


def test_each_reconciles_with_itself_and_not_with_a_changed_one(sprints: list[dict[str, Any]]):
    differing = 0
    for sprint in sprints:
        report = _read(sprint)
        mine = [
            OurLine(number, line.key, line.bucket, line.added, line.initial, line.final)
            for number, line in enumerate(report.lines, 1)
        ]
        situation = Situation(window(), Unit.POINTS)
        assert reconcile(mine, report, situation=situation, evidence={}).equal, sprint["name"]
        found = reconcile(mine[1:], report, situation=situation, evidence={})
        assert [one.aspect for one in found.differences] == [Aspect.PRESENCE] * bool(mine), sprint["name"]
        differing += not found.equal
    assert differing >= 70
