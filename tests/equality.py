"""Our sprint reports beside Jira's own (the sprintreport endpoint), issue by issue.

Jira's side comes over HTTP from the stand-in, whose truth is recorded as its company lives and knows nothing of metrics/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.demo.testing import RunningDemo
from sprintreports.kit import http

LISTS = {
    "completedIssues": "completed",
    "issuesNotCompletedInCurrentSprint": "not_completed",
    "puntedIssues": "removed",
    "issuesCompletedInAnotherSprint": "outside",
}
Line = tuple[str, str, bool, int | None, int | None]  # key, bucket, added during the sprint, initial, final


@dataclass(frozen=True, slots=True)
class SprintKey:
    board: int
    sprint: int
    seconds: bool  # the board estimates in time


async def closed_sprints(session: AsyncSession, site_id: int) -> list[SprintKey]:
    rows = await session.execute(
        text(
            "SELECT b.jira_board_id, s.jira_sprint_id, b.estimation_field = 'timeoriginalestimate' FROM board_sprint "
            "JOIN sprint s USING (site_id, jira_sprint_id) JOIN board b USING (site_id, jira_board_id) "
            "WHERE site_id = :site AND s.state = 'closed' AND b.selected ORDER BY 1, 2"
        ),
        {"site": site_id},
    )
    return [SprintKey(*row) for row in rows]


async def ours(session: AsyncSession, site_id: int, key: SprintKey) -> set[Line]:
    column = "seconds" if key.seconds else "points"
    rows = await session.execute(
        text(
            f"SELECT i.key, f.bucket, f.added OR f.added_during, f.initial_{column}, f.final_{column} "
            "FROM sprint_issue_fact f JOIN issue i USING (site_id, jira_issue_id) WHERE site_id = :site "
            "AND jira_board_id = :board AND jira_sprint_id = :sprint AND f.bucket IS NOT NULL"
        ),
        {"site": site_id, "board": key.board, "sprint": key.sprint},
    )
    return {tuple(row) for row in rows}  # pyright: ignore[reportReturnType]


def _estimate(row: dict[str, Any], name: str, key: SprintKey) -> int | None:
    value = row[name]["statFieldValue"].get("value")
    return None if value is None else round(value if key.seconds else value * 1000)


def jiras(report: dict[str, Any], key: SprintKey) -> set[Line]:
    contents = report["contents"]
    return {
        (
            row["key"], bucket, row["key"] in contents["issueKeysAddedDuringSprint"],
            _estimate(row, "estimateStatistic", key), _estimate(row, "currentEstimateStatistic", key),
        )
        for name, bucket in LISTS.items()
        for row in contents[name]
    }  # fmt: skip


async def jira_reports(
    jira: RunningDemo, keys: Sequence[SprintKey], *, bearer: bool
) -> dict[SprintKey, dict[str, Any]]:
    """Jira's own frozen reports, over HTTP."""
    found: dict[SprintKey, dict[str, Any]] = {}
    headers = {"Authorization": f"Bearer {jira.token}"} if bearer else None
    async with http.client(base_url=jira.base_url, headers=headers) as client:
        for key in keys:
            answer = await client.get(
                "/rest/greenhopper/1.0/rapid/charts/sprintreport",
                params={"rapidViewId": key.board, "sprintId": key.sprint},
                auth=None if bearer else (jira.email, jira.token),
            )
            assert answer.status_code == 200, answer.text[:300]
            found[key] = answer.json()
    return found


def total_problems(report: dict[str, Any], lines: set[Line], key: SprintKey) -> list[str]:
    """Where Jira's printed sums differ from the sums of our lines."""
    names = {
        "completed": "completedIssues", "not_completed": "issuesNotCompleted", "removed": "puntedIssues",
        "outside": "issuesCompletedInAnotherSprint",
    }  # fmt: skip
    problems: list[str] = []
    for bucket, name in names.items():
        for part, suffix in ((3, "InitialEstimateSum"), (4, "EstimateSum")):
            values = [line[part] for line in lines if line[1] == bucket]
            mine = None if all(value is None for value in values) else sum(value or 0 for value in values)  # type: ignore[misc]
            said = report["contents"][name + suffix].get("value")
            theirs = None if said is None else round(said if key.seconds else said * 1000)
            if mine != theirs:
                problems.append(f"{key} {name}{suffix}: ours {mine}, Jira's {theirs}")
    return problems
