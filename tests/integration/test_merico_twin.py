"""Histories in pages, and one site in both dialects, of our own making: the twin of Merico's raw tables."""

import csv
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sprintreports.demo.testing import running_demo
from sprintreports.jira.client import Auth
from sprintreports.jira.payloads import parse_time
from sprintreports.jira.sites import Connection
from tests.integration.changelog_pages import SPRINT, in_any_pages, issue_after
from tests.integration.dialects import as_data_center, timelines_and_segments
from tests.integration.small_jira import Json, serving
from tests.integration.sync_support import connected, synced

PARAMETERS = '{"ConnectionId": 4, "BoardId": 8}'
STATUSES = {"1": ("Open", "new"), "3": ("In Progress", "indeterminate"), "6": ("Closed", "done")}
SPRINTS = [
    {"id": 7, "name": "One, the first", "state": "closed", "originBoardId": 8, "startDate": "2023-01-02T08:00:00.000Z",
     "endDate": "2023-01-13T16:00:00.000Z", "completeDate": "2023-01-13T16:00:00.000Z"},
    {"id": 9, "name": "Two", "state": "closed", "originBoardId": 8, "startDate": "2023-01-16T08:00:00.000Z",
     "endDate": "2023-01-27T16:00:00.000Z", "completeDate": "2023-01-27T16:00:00.000Z"},
]  # fmt: skip


def item(field: str, field_id: str | None, before: tuple[Any, Any], after: tuple[Any, Any]) -> Json:
    identity = {"fieldId": field_id} if field_id else {}
    return {"field": field, "fieldtype": "custom" if field_id and field_id.startswith("c") else "jira", **identity,
            "from": before[0], "fromString": before[1], "to": after[0], "toString": after[1]}  # fmt: skip


def move(before: str, after: str) -> Json:
    return item("status", "status", (before, STATUSES[before][0]), (after, STATUSES[after][0]))


def sprinted(before: str, after: str) -> Json:
    names = {"": "", "7": "One, the first", "9": "Two", "7, 9": "One, the first, Two"}
    return item("Sprint", SPRINT, (before, names[before]), (after, names[after]))


def history(number: int, at: str, *items: Json) -> Json:
    return {
        "id": str(number),
        "author": {"accountId": "a1", "displayName": "Mia"},
        "created": at,
        "items": list(items),
    }


HISTORIES = [
    history(30, "2023-01-12T18:00:00.000+0800", move("1", "3"), item("Link", None, (None, None), ("X-1", "blocks X-1"))),
    history(10, "2022-12-30T18:00:00.000+0800", sprinted("", "7")),
    history(40, "2023-01-14T02:00:00.000+0800", sprinted("7", "7, 9")),
    history(20, "2023-01-05T01:00:00.000-0800",
            item("timeoriginalestimate", "timeoriginalestimate", (None, None), ("7200", "7200"))),
    history(50, "2023-01-20T18:00:00.000+0800", move("3", "6"),
            item("priority", "priority", ("3", "Medium"), ("2", "High"))),
]  # fmt: skip


def test_a_history_is_the_same_from_any_pages():
    issue = issue_after(5, HISTORIES)
    assert [sprint["id"] for sprint in issue["fields"][SPRINT]] == [7, 9]
    found = in_any_pages(issue, HISTORIES)
    assert found.gaps == 0
    assert len(found.archive) == 7
    assert found.tracks.statuses[1:] == (
        (parse_time("2023-01-12T10:00:00Z"), "3"), (parse_time("2023-01-20T10:00:00Z"), "6")
    )  # fmt: skip
    assert [ids for _, ids in found.tracks.sprints] == [frozenset(), {7}, {7, 9}]


def issues() -> list[Json]:
    """One with the whole history, one that joined and left again, one that nothing ever happened to."""
    left = [
        history(60, "2023-01-03T09:00:00.000+0000", sprinted("", "9"), move("1", "3")),
        history(70, "2023-01-18T09:00:00.000+0000", sprinted("9", "")),
    ]
    return [
        whole(5, HISTORIES, "6", [7, 9], seconds=7200, priority="High"),
        whole(6, left, "3", []),
        whole(7, [], "1", [9], seconds=3600),
    ]


def whole(
    number: int, histories: list[Json], status: str, sprints: list[int], *, seconds: int | None = None, priority: str = "Medium"
) -> Json:  # fmt: skip
    name, category = STATUSES[status]
    return {
        "id": str(number), "key": f"TW-{number}", "self": f"http://x/{number}", "expand": "changelog",
        "fields": {
            "summary": f"Number {number}", "created": "2022-12-20T09:00:00.000+0800",
            "updated": "2023-01-30T09:00:00.000+0800", "priority": {"id": "3", "name": priority},
            "project": {"id": "10003", "key": "TW", "name": "Twin"},
            "issuetype": {"id": "1", "name": "Story", "subtask": False},
            "status": {"id": status, "name": name, "statusCategory": {"id": 1, "key": category}},
            "timeoriginalestimate": seconds,
            SPRINT: [sprint for sprint in SPRINTS if sprint["id"] in sprints] or None,
        },
        "changelog": {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories},
    }  # fmt: skip


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A recording of these, as a recorder writes it."""
    statuses = [
        {
            "id": number,
            "name": name,
            "self": f"http://x/{number}",
            "statusCategory": {"id": 1, "key": category},
        }
        for number, (name, category) in STATUSES.items()
    ]
    for name, values in (("issues", issues()), ("sprints", SPRINTS), ("status", statuses)):
        with (tmp_path / f"_raw_jira_api_{name}.csv").open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, ["id", "params", "data", "url", "input", "created_at"])
            writer.writeheader()
            for number, value in enumerate(values):
                writer.writerow({"id": number, "params": PARAMETERS, "data": json.dumps(value)})
    return tmp_path


async def test_both_dialects_lead_to_the_same_segments(tables: Path, pg_url: str):
    with running_demo(replay=tables) as demo:
        address = f"{demo.base_url}/site/4"
        cloud = await connected(Connection(address, Auth.BASIC, demo.email, demo.token))
        assert (await synced(cloud)).error is None
        with httpx.Client(base_url=address, auth=(demo.email, demo.token), trust_env=False) as asking:
            jira = as_data_center(asking, issues())
        with serving(jira) as other:
            server = await connected(Connection(other, Auth.BEARER, "", "a token"))
            assert (await synced(server)).error is None
    first, second = (timelines_and_segments(pg_url, site) for site in (cloud, server))
    assert first == second
    statuses, segments = first
    assert [len(intervals) for _, _, intervals in statuses] == [3, 2, 1]
    assert {(sprint, issue) for _, sprint, issue, *_ in segments} == {(7, 5), (9, 5), (9, 6), (9, 7)}
