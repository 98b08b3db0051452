"""Jira's sprint report built from a list of issues with Jira's own totals, as the recorded data sets have them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

LISTS = {
    "completed": ("completedIssues", "completedIssues"),
    "not_completed": ("issuesNotCompletedInCurrentSprint", "issuesNotCompleted"),
    "removed": ("puntedIssues", "puntedIssues"),
    "completed_outside": ("issuesCompletedInAnotherSprint", "issuesCompletedInAnotherSprint"),
}
FIELD = "field_customfield_10016"


def number(value: float | None) -> dict[str, Any]:
    return {"text": "null"} if value is None else {"value": float(value), "text": str(float(value))}


def row(issue: Mapping[str, Any], *, field: str = FIELD, **more: Any) -> dict[str, Any]:
    """An issue as the report lists it. Its `initial` and `current` are in points."""

    def statistic(value: float | None) -> dict[str, Any]:
        return {"statFieldId": field, "statFieldValue": {} if value is None else number(value)}

    return {
        "key": issue["key"],
        "hidden": False,
        "estimateStatistic": statistic(issue["initial"]),
        "currentEstimateStatistic": statistic(issue["current"]),
        **more,
    }


def payload(
    sprint_id: int,
    issues: Sequence[Mapping[str, Any]],
    says: Mapping[str, float | None],
    *,
    added: Sequence[str] = (),
    state: str = "CLOSED",
) -> dict[str, Any]:
    """`says`: Jira's totals by outcome, "completed_initial" and "completed" and so on."""
    contents: dict[str, Any] = {"issueKeysAddedDuringSprint": dict.fromkeys(added, True)}
    for outcome, (listed, summed) in LISTS.items():
        contents[listed] = [row(issue) for issue in issues if issue["outcome"] == outcome]
        contents[f"{summed}InitialEstimateSum"] = number(says[f"{outcome}_initial"])
        contents[f"{summed}EstimateSum"] = number(says[outcome])
    return {"contents": contents, "sprint": {"id": sprint_id, "state": state}}


def encoded(report: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(report)
