"""One site told in the other dialect: what a Data Center would answer where a Cloud was asked."""

from typing import Any

import httpx

from tests.integration.small_jira import SERVER, SERVER_INFO, Json, SmallJira
from tests.integration.sync_support import rows

_LISTS = ("myself", "field", "status", "priority")


def as_data_center(cloud: httpx.Client, issues: list[Json]) -> SmallJira:
    """Its boards, sprints and lists under the older paths; issues with embedded changelogs that name fields without ids."""
    answers: dict[str, Any] = {SERVER_INFO: SERVER}
    for name in _LISTS:
        answers[f"/rest/api/2/{name}"] = _json(cloud, f"/rest/api/3/{name}")
    boards = answers["/rest/agile/1.0/board"] = _json(cloud, "/rest/agile/1.0/board")
    for board in boards["values"]:
        path = f"/rest/agile/1.0/board/{board['id']}"
        configuration = answers[f"{path}/configuration"] = _json(cloud, f"{path}/configuration")
        saved = configuration["filter"]["id"]
        answers[f"/rest/api/2/filter/{saved}"] = _json(cloud, f"/rest/api/3/filter/{saved}")
        answers[f"{path}/sprint"] = _json(cloud, f"{path}/sprint")
    return SmallJira(answers, [_older(issue) for issue in issues])


def timelines_and_segments(url: str, site: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What the numbers of a site rest on: each issue's statuses over time, and its segments in each sprint."""
    statuses = (
        "SELECT i.key, i.points, array_agg((s.status_id, s.valid_from, s.valid_to)::text ORDER BY s.valid_from) "
        "FROM issue i JOIN issue_status_interval s USING (site_id, jira_issue_id) WHERE i.site_id = %s GROUP BY 1, 2 ORDER BY 1"
    )
    segments = (
        "SELECT jira_board_id, jira_sprint_id, jira_issue_id, valid_from, valid_to, points, seconds, state, born_member "
        "FROM sprint_segment WHERE site_id = %s ORDER BY 1, 2, 3, 4"
    )
    return rows(url, statuses, site), rows(url, segments, site)


def _json(cloud: httpx.Client, path: str) -> Any:
    return cloud.get(path).raise_for_status().json()


def _older(issue: Json) -> Json:
    histories = [
        {**history, "items": [{key: value for key, value in item.items() if key != "fieldId"} for item in history["items"]]}
        for history in issue["changelog"]["histories"]
    ]  # fmt: skip
    return issue | {"changelog": issue["changelog"] | {"histories": histories}}
