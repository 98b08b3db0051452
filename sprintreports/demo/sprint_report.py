"""The answer of Jira's own (undocumented) sprint report, from the ground truth."""

from collections.abc import Callable, Sequence

from sprintreports.demo import stamps
from sprintreports.demo.catalog import PRIORITY_NAME, TOKEN_OWNER_ZONE, Estimation
from sprintreports.demo.model import Board, Issue, Sprint
from sprintreports.demo.render import Shapes
from sprintreports.demo.site import Json
from sprintreports.demo.truth import Bucket, SprintTruth, TruthLine, total

_NAMES: dict[Bucket, tuple[str, str]] = {
    Bucket.COMPLETED: ("completedIssues", "completedIssues"),
    Bucket.NOT_COMPLETED: ("issuesNotCompletedInCurrentSprint", "issuesNotCompleted"),
    Bucket.OUTSIDE: ("issuesCompletedInAnotherSprint", "issuesCompletedInAnotherSprint"),
    Bucket.REMOVED: ("puntedIssues", "puntedIssues"),
}


def sprint_report(
    truth: SprintTruth, board: Board, sprint: Sprint, issues: dict[int, Issue], shapes: Shapes
) -> Json:
    """Keys are those of today: an issue that moved to another project shows its new key."""
    contents: Json = {}
    known = [line for line in truth.lines if line.issue_id in issues]
    for bucket, (list_name, sum_name) in _NAMES.items():
        lines = [line for line in known if line.bucket is bucket]
        contents[list_name] = [_row(line, board, issues[line.issue_id], shapes) for line in lines]
        contents[f"{sum_name}InitialEstimateSum"] = _sum(lines, board, lambda line: line.initial)
        contents[f"{sum_name}EstimateSum"] = _sum(lines, board, lambda line: line.final)
    contents["allIssuesEstimateSum"] = _sum(known, board, lambda line: line.final)
    contents["issueKeysAddedDuringSprint"] = {
        issues[line.issue_id].key: True for line in known if line.added or line.added_during
    }
    return {
        "contents": contents,
        "sprint": _sprint(sprint),
        "lastUserToClose": "",
        "supportsPages": False,
    }


def _row(line: TruthLine, board: Board, issue: Issue, shapes: Shapes) -> Json:
    field = shapes.ids.estimate(board.estimation) if board.estimation is not None else "issueCount_"
    return {
        "id": issue.id,
        "key": issue.key,
        "hidden": False,
        "typeName": issue.type.name,
        "typeId": issue.type.id,
        "summary": issue.summary,
        "priorityName": PRIORITY_NAME[issue.priority],
        "done": line.bucket in (Bucket.COMPLETED, Bucket.OUTSIDE),
        "assignee": None if issue.assignee is None else issue.assignee.username,
        "estimateStatistic": _statistic(field, line.initial, board),
        "currentEstimateStatistic": _statistic(field, line.final, board),
        "estimateStatisticRequired": False,
        "statusId": issue.status.id,
        "statusName": issue.status.name,
        "status": {"id": issue.status.id, "name": issue.status.name},
        "fixVersions": [],
        "projectId": int(issue.project.id),
        "linkedPagesCount": 0,
    }


def _number(value: int, board: Board) -> float:
    return float(value) if board.estimation is Estimation.ORIGINAL_ESTIMATE else value / 1000


def _statistic(field: str, value: int | None, board: Board) -> Json:
    if value is None:
        return {"statFieldId": field, "statFieldValue": {}}
    number = _number(value, board)
    return {"statFieldId": field, "statFieldValue": {"value": number, "text": str(number)}}


def _sum(lines: Sequence[TruthLine], board: Board, pick: Callable[[TruthLine], int | None]) -> Json:
    """Nothing estimated at all reads {"text": "null"}."""
    if all(pick(line) is None for line in lines):
        return {"text": "null"}
    number = _number(total(pick(line) for line in lines), board)
    return {"value": number, "text": str(number)}


def _sprint(sprint: Sprint) -> Json:
    shape: Json = {
        "id": sprint.id,
        "sequence": sprint.sequence,
        "name": sprint.name,
        "state": sprint.state.upper(),
        "linkedPagesCount": 0,
        "goal": sprint.goal,
        "canUpdateSprint": True,
        "remoteLinks": [],
        "daysRemaining": 0,
    }
    dates = {
        "startDate": sprint.planned_start,
        "endDate": sprint.planned_end,
        "completeDate": sprint.completed,
        "activatedDate": sprint.activated,
    }
    for name, at in dates.items():
        shape[name] = "None" if at is None else stamps.short(at, TOKEN_OWNER_ZONE)
        shape[f"iso{name[0].upper()}{name[1:]}"] = "None" if at is None else stamps.utc(at)
    return shape
