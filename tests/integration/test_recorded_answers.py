"""Single answers made by us, in the shapes that old and new Jiras have: the twin of the recorded ones."""

import json
from typing import Any

import pytest

from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.payloads import RawIssue
from tests.integration.recorded_answers import Kind, asked, fetched, ingested, says_the_same
from tests.integration.small_jira import CLOUD, Json


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def values(*items: Json, start: int = 0, last: bool = True, **more: Any) -> bytes:
    return body({"maxResults": 2, "startAt": start, "isLast": last, "values": items, **more})


async def test_lists_come_whole():
    assert [
        one.name for one in await asked(Kind.BOARDS, values({"id": 4, "name": "Weekly", "type": "scrum"}))
    ] == ["Weekly"]
    assert [
        one.id for one in await asked(Kind.FIELDS, body([{"id": "cf_1", "name": "Size", "orderable": True}]))
    ] == ["cf_1"]
    done = {
        "id": 10001,
        "name": "Fertig",
        "statusCategory": {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
    }
    (status,) = await asked(Kind.STATUSES, body([done]))
    assert (status.status_id, status.name, status.category.key) == ("10001", "Fertig", "done")
    assert [one.name for one in await asked(Kind.PRIORITIES, body([{"id": "1", "name": "Blocker"}]))] == [
        "Blocker"
    ]


async def test_pages_are_put_together_and_a_list_without_an_end_is_asked_on():
    first = values({"id": 1, "name": "One"}, {"id": 2, "name": "Two"}, last=False)
    found = await asked(Kind.SPRINTS, first, values({"id": 3, "name": "Three"}, start=2))
    assert [sprint.id for sprint in found] == [1, 2, 3]
    only_total = [
        body({"startAt": start, "maxResults": 1, "total": 2, "values": [{"id": start + 7, "name": "S"}]})
        for start in (0, 1)
    ]
    assert [sprint.id for sprint in await asked(Kind.SPRINTS, *only_total)] == [7, 8]


async def test_single_values():
    kanban = {
        "id": 35, "name": "Flow", "type": "kanban", "filter": {"id": "12"}, "subQuery": {"query": "fixVersion is EMPTY"},
        "columnConfig": {"columns": [{"name": "Backlog", "statuses": [{"id": "5"}], "min": 1}, {"name": "Empty", "statuses": []}]},
        "ranking": {"rankCustomFieldId": 10019},
    }  # fmt: skip
    found = await asked(Kind.CONFIGURATION, body(kanban))
    assert [(column.name, len(column.statuses)) for column in found.column_config.columns] == [
        ("Backlog", 1),
        ("Empty", 0),
    ]
    assert found.estimation is None
    assert (await asked(Kind.MYSELF, body({"displayName": "Mia"}))).account_key is None
    assert (
        await asked(Kind.FILTER, body({"id": "1", "name": "Mine", "jql": "type = Bug"}))
    ).jql == "type = Bug"
    assert (await asked(Kind.SERVER, body(CLOUD))).deployment_type == "Cloud"
    sprint = {
        "id": 1,
        "state": "closed",
        "name": "One",
        "goal": "",
        "rapidview_id": 1,
        "startDate": "2024-01-01T03:20:00.000Z",
    }
    assert (await asked(Kind.SPRINT, body(sprint))).start_date == sprint["startDate"]


def issue(number: int, *histories: Json, status: str = "Open", **fields: Any) -> Json:
    return {
        "id": str(number), "key": f"OLD-{number}",
        "fields": {
            "summary": "할 일", "created": "2011-12-14T10:26:06.030+1300", "updated": "2011-12-16T10:26:06.030+1300",
            "status": {"id": {"Open": "1", "Closed": "6"}[status], "name": status}, "issuetype": {"name": "Bug"},
            "priority": {"id": "3", "name": "Major"}, "reporter": {"name": "mia", "displayName": "Mia"}, **fields,
        },
        "changelog": {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": list(histories)},
    }  # fmt: skip


def history(number: int, at: str, *items: Json) -> Json:
    return {"id": str(number), "created": at, "author": {"name": "mia"}, "items": list(items)}


CLOSED = {"field": "status", "from": "1", "fromString": "Open", "to": "6", "toString": "Closed"}
LINKED = {
    "field": "Link",
    "from": None,
    "fromString": None,
    "to": "OLD-9",
    "toString": "This issue blocks OLD-9",
}


async def test_issues_are_found_fetched_and_read():
    told = [
        issue(1, history(3, "2011-12-16T09:00:00.000+1300", LINKED), history(2, "2011-12-15T09:00:00.000+1300", CLOSED),
              status="Closed", resolution={"name": "Fixed"}),
        issue(2, assignee={"name": "bob", "displayName": "Bob"}),
    ]  # fmt: skip
    raws = await fetched(told)
    assert [raw.issue_id for raw in raws] == [1, 2]
    for raw, one in zip(raws, told, strict=True):
        says_the_same(ingested(raw), one)
    described = issue(3, description={"type": "doc", "version": 1, "content": [{"type": "paragraph"}]})
    says_the_same(ingested(RawIssue(3, body(described))), described)


async def test_what_is_cut_is_refused():
    with pytest.raises(JiraAnswerInvalid, match="announces 10 issues and delivers 1"):
        await asked(Kind.FOUND, body({"startAt": 0, "total": 10, "issues": [{"id": "1", "key": "OLD-1"}]}))
    assert await asked(Kind.FOUND, body({"startAt": 11, "total": 0, "issues": []})) == []
    without_id = {key: value for key, value in issue(1).items() if key != "id"}
    with pytest.raises(JiraAnswerInvalid, match="missing required field `id`"):
        ingested(RawIssue(1, body(without_id)))
    bare = issue(1) | {"fields": {"summary": "No more than this", "updated": 1}}
    with pytest.raises(JiraAnswerInvalid, match="OLD-1"):
        ingested(RawIssue(1, body(bare)))
