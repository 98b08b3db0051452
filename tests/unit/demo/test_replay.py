"""Recorded sites are served unchanged through the same endpoints."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sprintreports.demo.recording import NoRecording, read
from sprintreports.demo.replay import create_replay

HISTORY = {
    "id": "900",
    "author": {"displayName": "Somebody"},
    "created": "2020-06-12T16:38:51.882+0800",
    "items": [
        {
            "field": "Sprint",
            "fieldtype": "custom",
            "fieldId": "customfield_10020",
            "from": "",
            "fromString": "",
            "to": "7",
            "toString": "One",
        }
    ],
}
LATER = {
    "id": "901",
    "author": {"displayName": "Somebody"},
    "created": "2020-06-13T08:00:00.000+0000",
    "items": [
        {
            "field": "status",
            "fieldtype": "jira",
            "fieldId": "status",
            "from": "1",
            "fromString": "Open",
            "to": "6",
            "toString": "Closed",
        },
        {
            "field": "timeoriginalestimate",
            "fieldtype": "jira",
            "fieldId": "timeoriginalestimate",
            "from": None,
            "fromString": None,
            "to": "3600",
            "toString": "3600",
        },
    ],
}
SPRINT = {
    "id": 7,
    "name": "One",
    "state": "closed",
    "originBoardId": 8,
    "startDate": "2020-06-12T00:38:51.882Z",
}


def status(number: str, name: str, category: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "self": f"http://x/{number}",
        "statusCategory": {"id": 1, "key": category},
    }


def issue(number: int, key: str, *, done: bool) -> dict[str, Any]:
    return {
        "id": str(number), "key": key, "self": f"http://x/{number}", "expand": "changelog",
        "fields": {
            "summary": "Große  Änderung \u200b", "odd": 1.50, "created": "2020-06-12T08:13:13.360+0800",
            "updated": "2021-03-28T16:06:08.713+0800", "priority": {"id": "3", "name": "Medium"},
            "project": {"id": "10003", "key": key.split("-", maxsplit=1)[0], "name": "Edition"},
            "issuetype": {"id": "1", "name": "Story", "subtask": False},
            "status": status("6", "Closed", "done") if done else status("1", "Open", "new"),
            "customfield_10020": [SPRINT] if done else None, "customfield_10019": "0|i000db:", "customfield_10999": None,
        },
        "changelog": {"startAt": 0, "total": 1, "maxResults": 1, "histories": [HISTORY] if done else []},
    }  # fmt: skip


def write(path: Path, rows: list[dict[str, str]], columns: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    columns = ["id", "params", "data", "url", "input", "created_at"]

    def row(site: int, board: int, data: Any, url: str = "") -> dict[str, str]:
        return {
            "params": json.dumps({"ConnectionId": site, "BoardId": board}),
            "data": json.dumps(data),
            "url": url,
        }

    write(tmp_path / "_raw_jira_api_issues.csv", [
        row(2, 8, issue(10063, "EE-1", done=True)), row(2, 8, issue(10064, "EE-2", done=False)),
        row(1, 93, issue(20708, "K5-2", done=False)),
    ], columns)  # fmt: skip
    write(tmp_path / "_raw_jira_api_issue_changelogs.csv", [
        row(2, 8, LATER, "https://x/rest/api/3/issue/10063/changelog?startAt=0"),
        row(2, 8, HISTORY, "https://x/rest/api/3/issue/10063/changelog?startAt=0"),
        row(2, 8, LATER | {"id": "999"}, "https://x/rest/api/3/issue/77777/changelog?startAt=0"),
    ], columns)  # fmt: skip
    write(tmp_path / "_raw_jira_api_sprints.csv", [row(2, 8, SPRINT)], columns)
    write(tmp_path / "_raw_jira_api_status.csv", [row(2, 8, status("6", "Closed", "done"))], columns)
    # A table without the column that says whose rows they are.
    write(tmp_path / "_raw_jira_api_issue_types.csv", [{"data": "{}"}], ["id", "data", "url"])
    return tmp_path


@pytest.fixture
def client(folder: Path, asker: Callable[..., Any]) -> Any:
    return asker(create_replay(folder), auth=("demo@example.com", "demo-token"))


def test_issues_are_given_unchanged(client: Any) -> None:
    answer = client.post(
        "/site/2/rest/api/3/search/jql",
        json={"jql": "filter = 8 ORDER BY key", "fields": ["*all"], "expand": "changelog"},
    )
    first, second = answer.json()["issues"]
    assert first["fields"] == issue(10063, "EE-1", done=True)["fields"]
    assert '"odd":1.5' in answer.text.replace(" ", "")
    assert second["key"] == "EE-2"
    assert [entry["id"] for entry in first["changelog"]["histories"]] == ["901", "900"]


def test_two_sites_live_in_one_process(client: Any) -> None:
    found = client.get(
        "/site/1/rest/api/3/search/jql", params={"jql": "project = K5", "fields": "summary"}
    ).json()["issues"]
    assert [entry["key"] for entry in found] == ["K5-2"]
    assert client.get("/site/1/rest/agile/1.0/board").json()["values"][0]["id"] == 93
    assert client.get("/site/1/rest/agile/1.0/board/93/sprint").json()["values"] == []
    assert client.get("/rest/agile/1.0/board").status_code == 404


def test_changelogs_of_both_tables_are_joined_and_strangers_left_out(client: Any) -> None:
    values = client.get("/site/2/rest/api/3/issue/EE-1/changelog").json()["values"]
    assert values == [HISTORY, LATER]
    bulk = client.post(
        "/site/2/rest/api/3/changelog/bulkfetch", json={"issueIdsOrKeys": ["10063"], "fieldIds": ["status"]}
    ).json()
    (entry,) = bulk["issueChangeLogs"][0]["changeHistories"]
    assert entry["created"] == 1_592_035_200_000
    assert [item["field"] for item in entry["items"]] == ["status"]


def test_sprints_are_those_delivered(client: Any) -> None:
    assert client.get("/site/2/rest/agile/1.0/board/8/sprint").json()["values"] == [SPRINT]
    assert client.get("/site/2/rest/agile/1.0/sprint/7").json() == SPRINT
    assert client.get("/site/2/rest/agile/1.0/sprint/175").status_code == 404


def test_what_was_not_recorded_is_made_up_to_fit(client: Any) -> None:
    configuration = client.get("/site/2/rest/agile/1.0/board/8/configuration").json()
    columns = {
        column["name"]: [status["id"] for status in column["statuses"]]
        for column in configuration["columnConfig"]["columns"]
    }
    assert columns == {"To Do": ["1"], "In Progress": [], "Done": ["6"]}
    assert configuration["estimation"]["field"]["fieldId"] == "timeoriginalestimate"
    assert client.get("/site/1/rest/agile/1.0/board/93/configuration").json()["estimation"] == {
        "type": "issueCount"
    }
    fields = {field["id"]: field for field in client.get("/site/2/rest/api/3/field").json()}
    assert fields["customfield_10020"]["schema"]["custom"] == "com.pyxis.greenhopper.jira:gh-sprint"
    assert "customfield_10999" not in fields
    assert client.get("/site/2/rest/api/3/myself").status_code == 200
    assert {entry["id"] for entry in client.get("/site/2/rest/api/3/status").json()} == {"1", "6"}
    assert client.get("/site/2/rest/api/3/project/search").json()["values"][0]["key"] == "EE"
    assert len(client.get("/site/2/rest/api/3/issuetype").json()) == 1
    assert len(client.get("/site/2/rest/api/3/priority").json()) == 1
    assert client.get("/site/2/rest/api/3/serverInfo").json()["baseUrl"].endswith("/site/2")
    assert (
        client.get(
            "/site/2/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=8&sprintId=7"
        ).status_code
        == 404
    )


def test_a_folder_without_issues_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoRecording, match="nothing to replay"):
        read(tmp_path)
