"""The Cloud face: page limits, tokens, bulk endpoints, refusals."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from sprintreports.demo.catalog import DEMO_EMAIL, RESTRICTED_TOKEN, Dialect
from sprintreports.demo.company import Company
from sprintreports.demo.server import create_app

SEARCH = "/rest/api/3/search/jql"
CHANGES = "/rest/api/3/changelog/bulkfetch"


def all_pages(cloud: Any, **asked: Any) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    token = None
    while True:
        body = asked | ({"nextPageToken": token} if token else {})
        answer = cloud.post(SEARCH, json=body).json()
        assert "total" not in answer
        pages.append(answer["issues"])
        if answer["isLast"]:
            assert "nextPageToken" not in answer
            return pages
        token = answer["nextPageToken"]


def test_pages_with_fields_hold_at_most_a_hundred(company: Company, cloud: Any) -> None:
    pages = all_pages(cloud, jql="project = SHOP ORDER BY created, key", fields=["summary"], maxResults=5000)
    assert {len(page) for page in pages[:-1]} == {100}
    found = [issue["id"] for page in pages for issue in page]
    expected = [issue for issue in company.issues.values() if issue.project.key == "SHOP"]
    assert len(found) == len(set(found)) == len(expected)


def test_pages_of_ids_hold_up_to_five_thousand(company: Company, cloud: Any) -> None:
    (page,) = all_pages(cloud, jql="created >= 0", fields=["id", "key"], maxResults=9999)
    assert len(page) == len(company.issues)
    assert page[0].keys() == {"id", "key"}


def test_without_fields_only_the_id_is_given_and_fifty_a_page(cloud: Any) -> None:
    answer = cloud.get(SEARCH, params={"jql": "project = APP"}).json()
    assert len(answer["issues"]) == 50
    assert answer["issues"][0].keys() == {"id"}


def test_get_and_post_answer_alike(cloud: Any) -> None:
    got = cloud.get(
        SEARCH, params={"jql": "sprint = 20 ORDER BY key", "fields": "summary,status", "maxResults": 7}
    )
    posted = cloud.post(
        SEARCH, json={"jql": "sprint = 20 ORDER BY key", "fields": ["summary", "status"], "maxResults": 7}
    )
    assert got.json() == posted.json()
    assert got.json()["issues"][0]["fields"].keys() == {"summary", "status"}


def test_an_expanded_changelog_is_cut_at_a_hundred(company: Company, cloud: Any) -> None:
    (number,) = company.cases["history of more than 100 entries"]
    answer = cloud.post(
        SEARCH, json={"jql": f"id = {number}", "fields": ["summary"], "expand": "changelog"}
    ).json()
    changelog = answer["issues"][0]["changelog"]
    assert len(changelog["histories"]) == 100
    assert changelog["total"] == len(company.issues[number].history()) > 100
    whole = cloud.get(f"/rest/api/3/issue/{number}/changelog?startAt=100").json()
    assert whole["isLast"] is True
    assert len(whole["values"]) == changelog["total"] - 100


@pytest.mark.parametrize("jql", ["", "ORDER BY created"])
def test_unbounded_queries_are_refused(cloud: Any, jql: str) -> None:
    answer = cloud.post(SEARCH, json={"jql": jql})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"][0].startswith("Unbounded JQL")
    assert answer.json()["errors"] == {}


def test_bad_jql_and_bad_tokens_are_refused(cloud: Any) -> None:
    assert cloud.post(SEARCH, json={"jql": "weather = fine"}).status_code == 400
    assert cloud.post(SEARCH, json={"jql": "project = SHOP", "nextPageToken": "%%%"}).status_code == 400
    assert cloud.post(SEARCH, json={"jql": "project = SHOP", "maxResults": "many"}).status_code == 400
    assert cloud.post(SEARCH, content=b"{").status_code == 400
    assert cloud.post(SEARCH, json=[1]).status_code == 400


def test_the_old_search_is_gone(cloud: Any) -> None:
    assert cloud.get("/rest/api/3/search?jql=project=SHOP").status_code == 410


def test_counting(company: Company, cloud: Any) -> None:
    answer = cloud.post("/rest/api/3/search/approximate-count", json={"jql": "filter = 20003"})
    expected = sum(issue.project.key in ("PAY", "INV") for issue in company.issues.values())
    assert answer.json() == {"count": expected}


def test_bulk_fetch_of_issues_takes_a_hundred_and_leaves_out_what_is_missing(
    company: Company, cloud: Any
) -> None:
    ids = [str(number) for number in list(company.issues)[:99]]
    answer = cloud.post(
        "/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": [*ids, "NONE-1"], "fields": ["summary"]}
    )
    assert len(answer.json()["issues"]) == 99
    assert answer.json()["issueErrors"] == []
    many = [str(number) for number in list(company.issues)[:101]]
    assert cloud.post("/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": many}).status_code == 400


@pytest.mark.unmeasured
def test_bulk_changelogs_may_end_a_page_inside_an_issue(company: Company, cloud: Any) -> None:
    ids = [str(number) for number in list(company.issues)[:200]]
    gathered: list[tuple[str, str]] = []
    split = 0
    token, last_issue = None, None
    while True:
        body: dict[str, Any] = {"issueIdsOrKeys": ids, "maxResults": 13} | (
            {"nextPageToken": token} if token else {}
        )
        answer = cloud.post(CHANGES, json=body).json()
        groups = answer["issueChangeLogs"]
        assert sum(len(group["changeHistories"]) for group in groups) <= 13
        split += bool(groups) and groups[0]["issueId"] == last_issue
        last_issue = groups[-1]["issueId"] if groups else None
        gathered += [
            (group["issueId"], entry["id"]) for group in groups for entry in group["changeHistories"]
        ]
        token = answer.get("nextPageToken")
        if token is None:
            break
    assert split > 5
    expected = sum(len(company.issues[int(number)].history()) for number in ids)
    assert len(gathered) == len(set(gathered)) == expected


def test_bulk_changelogs_filter_by_field_and_give_dates_as_numbers(company: Company, cloud: Any) -> None:
    ids = [str(number) for number in list(company.issues)[:300]]
    answer = cloud.post(
        CHANGES, json={"issueIdsOrKeys": ids, "fieldIds": ["status"], "maxResults": 10000}
    ).json()
    entries = [entry for group in answer["issueChangeLogs"] for entry in group["changeHistories"]]
    assert entries
    assert {item["fieldId"] for entry in entries for item in entry["items"]} == {"status"}
    assert all(isinstance(entry["created"], int) for entry in entries)


def test_bulk_changelogs_have_limits(company: Company, cloud: Any) -> None:
    many = [str(number) for number in list(company.issues)[:1001]]
    assert cloud.post(CHANGES, json={"issueIdsOrKeys": many}).status_code == 400
    fields = [f"customfield_{number}" for number in range(11)]
    assert cloud.post(CHANGES, json={"issueIdsOrKeys": many[:5], "fieldIds": fields}).status_code == 400
    assert cloud.post(CHANGES, json={"issueIdsOrKeys": []}).status_code == 400


def test_authors_write_in_their_own_zones_and_some_pages_are_out_of_order(
    company: Company, cloud: Any
) -> None:
    offsets: set[str] = set()
    disordered = 0
    for number in list(company.issues)[:600:3]:
        values = cloud.get(f"/rest/api/3/issue/{number}/changelog").json()["values"]
        offsets |= {value["created"][-5:] for value in values}
        moments = [datetime.strptime(value["created"], "%Y-%m-%dT%H:%M:%S.%f%z") for value in values]
        disordered += moments != sorted(moments)
    assert len(offsets) >= 6
    assert disordered > 5


def test_some_sprint_entries_carry_only_names(company: Company, cloud: Any) -> None:
    seen = set()
    for issue in company.issues.values():
        if issue.id % 41 == 0 and issue.sprints and not issue.is_subtask:
            for value in cloud.get(f"/rest/api/3/issue/{issue.id}/changelog").json()["values"]:
                seen |= {
                    (bool(item["from"] or item["to"]), bool(item["fromString"] or item["toString"]))
                    for item in value["items"]
                    if item["field"] == "Sprint"
                }
    assert (False, True) in seen


def test_sprints_come_fifty_a_page_and_by_state(cloud: Any) -> None:
    answer = cloud.get("/rest/agile/1.0/board/1/sprint?maxResults=500").json()
    assert answer["maxResults"] == 50
    assert [sprint["state"] for sprint in answer["values"]].count("closed") == 26
    second = cloud.get("/rest/agile/1.0/board/1/sprint?startAt=25&maxResults=3").json()
    assert [sprint["id"] for sprint in second["values"]] == [26, 27, 28]
    assert second["isLast"] is False
    future = cloud.get("/rest/agile/1.0/board/1/sprint?state=active,future").json()["values"]
    assert [sprint["state"] for sprint in future] == ["active", "future", "future"]
    assert "startDate" not in future[-1]


def test_a_kanban_board_has_no_sprints(cloud: Any) -> None:
    assert cloud.get("/rest/agile/1.0/board?type=kanban").json()["values"][0]["id"] == 6
    assert cloud.get("/rest/agile/1.0/board/6/sprint").status_code == 400
    assert cloud.get("/rest/agile/1.0/board/6/issue?maxResults=5").json()["total"] > 100


def test_board_configuration_names_filter_columns_and_estimate(cloud: Any) -> None:
    configuration = cloud.get("/rest/agile/1.0/board/3/configuration").json()
    assert configuration["filter"]["id"] == "20003"
    assert configuration["estimation"]["field"]["fieldId"] == "customfield_10016"
    last = configuration["columnConfig"]["columns"][-1]
    assert [status["id"] for status in last["statuses"]] == ["10009", "10004"]
    assert cloud.get("/rest/api/3/filter/20003").json()["jql"].startswith("project in (PAY, INV)")
    assert (
        cloud.get("/rest/agile/1.0/board/5/configuration").json()["estimation"]["field"]["fieldId"]
        == "timeoriginalestimate"
    )


def test_issues_of_a_sprint(company: Company, cloud: Any) -> None:
    answer = cloud.get("/rest/agile/1.0/sprint/20/issue?fields=summary&maxResults=3&expand=changelog").json()
    members = [issue for issue in company.issues.values() if 20 in (issue.parent or issue).sprints]
    assert answer["total"] == len(members)
    assert len(answer["issues"]) == 3
    assert answer["issues"][0]["changelog"]["total"] >= 0
    assert cloud.get("/rest/agile/1.0/sprint/9999").status_code == 404


def test_the_sprint_report_is_shaped_like_jiras(company: Company, cloud: Any) -> None:
    report = cloud.get("/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=1&sprintId=20").json()
    contents = report["contents"]
    truth = company.truth(1, 20)
    listed = [
        *contents["completedIssues"], *contents["issuesNotCompletedInCurrentSprint"],
        *contents["puntedIssues"], *contents["issuesCompletedInAnotherSprint"],
    ]  # fmt: skip
    assert {row["id"] for row in listed} == {line.issue_id for line in truth.lines}
    assert isinstance(contents["issueKeysAddedDuringSprint"], dict)
    assert report["sprint"]["state"] == "CLOSED"
    assert contents["completedIssuesEstimateSum"]["value"] > 0
    assert (
        cloud.get("/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=1&sprintId=28").status_code
        == 404
    )


def test_a_missing_sum_reads_null(cloud: Any) -> None:
    texts = set()
    for sprint in range(1, 27):
        contents = cloud.get(
            f"/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=1&sprintId={sprint}"
        ).json()["contents"]
        total = contents["issuesCompletedInAnotherSprintEstimateSum"]
        texts.add("value" in total or total == {"text": "null"})
    assert texts == {True}


def test_small_lists_and_unknown_paths(cloud: Any) -> None:
    info = cloud.get("/rest/api/3/serverInfo", auth=("nobody", "x")).json()
    assert info["deploymentType"] == "Cloud"
    assert cloud.get("/rest/api/3/myself").json()["timeZone"] == "Europe/Berlin"
    names = {field["name"] for field in cloud.get("/rest/api/3/field").json()}
    assert {
        "Sprint",
        "Story Points",
        "Story point estimate",
        "Owner",
        "Discipline Team",
        "Epic Link",
    } <= names
    statuses = {status["id"] for status in cloud.get("/rest/api/3/status").json()}
    assert "10990" not in statuses
    assert "10009" in statuses
    assert len(cloud.get("/rest/api/3/priority").json()) == 5
    assert len(cloud.get("/rest/api/3/issuetype").json()) == 5
    projects = cloud.get("/rest/api/3/project/search?maxResults=2&startAt=2").json()
    assert [project["key"] for project in projects["values"]] == ["PAY", "INV"]
    assert cloud.get("/rest/api/3/nothing").status_code == 404
    assert cloud.get("/rest/api/3/issue/NONE-1").status_code == 404
    assert cloud.get("/rest/api/3/issue/SHOP-1?fields=summary").json()["fields"].keys() == {"summary"}


@pytest.mark.parametrize(
    "auth", [None, (DEMO_EMAIL, "wrong"), ("stranger@example.com", "demo-token"), (DEMO_EMAIL, "")]
)
def test_wrong_credentials_are_refused_as_jira_does(
    company: Company, asker: Callable[..., Any], auth: Any
) -> None:
    answer = asker(create_app(company), auth=auth).get("/rest/api/3/myself")
    assert answer.status_code == 401
    assert answer.json()["status-code"] == 401


def test_cloud_takes_no_personal_access_token(company: Company, asker: Callable[..., Any]) -> None:
    client = asker(create_app(company, dialect=Dialect.CLOUD), headers={"Authorization": "Bearer demo-token"})
    assert client.get("/rest/api/3/myself").status_code == 401


def test_the_restricted_token_may_not_see_one_board(company: Company, asker: Callable[..., Any]) -> None:
    client = asker(create_app(company), auth=(DEMO_EMAIL, RESTRICTED_TOKEN))
    assert client.get("/rest/agile/1.0/board/3").status_code == 403
    assert client.get("/rest/agile/1.0/board/3/configuration").status_code == 403
    assert client.get("/rest/agile/1.0/board/3/sprint").status_code == 403
    assert (
        client.get("/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=3&sprintId=31").status_code
        == 403
    )
    assert [board["id"] for board in client.get("/rest/agile/1.0/board").json()["values"]] == [1, 2, 4, 5, 6]
    hidden = next(issue for issue in company.issues.values() if issue.project.key == "PAY")
    assert client.get(f"/rest/api/3/issue/{hidden.id}").status_code == 404
    assert client.post("/rest/api/3/search/approximate-count", json={"jql": "project = PAY"}).json() == {
        "count": 0
    }
    assert client.get("/rest/api/3/filter/20003").status_code == 400
    assert client.get("/rest/api/3/filter/20001").status_code == 200
