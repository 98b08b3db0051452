"""The Data Center face: offsets, legacy sprint strings, changelogs without field ids, people by name."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from sprintreports.demo.catalog import RESTRICTED_TOKEN, Dialect
from sprintreports.demo.company import Company
from sprintreports.demo.server import create_app

SEARCH = "/rest/api/2/search"
LEGACY = re.compile(
    r"com\.atlassian\.greenhopper\.service\.sprint\.Sprint@[0-9a-f]+\[id=(\d+),rapidViewId=(\d+),state=(\w+),name=(.*?),"
    r"startDate=([^,]+),endDate=([^,]+),completeDate=([^,]+),activatedDate=([^,]+),sequence=(\d+),goal=(.*)\]$"
)


def test_search_pages_by_offset_with_a_total(company: Company, datacenter: Any) -> None:
    jql = "project in (SHOP, APP) ORDER BY created, key"
    first = datacenter.get(SEARCH, params={"jql": jql}).json()
    assert (first["startAt"], first["maxResults"], len(first["issues"])) == (0, 50, 50)
    big = datacenter.post(SEARCH, json={"jql": jql, "maxResults": 5000, "fields": ["summary"]}).json()
    assert big["maxResults"] == 1000
    expected = sum(issue.project.key in ("SHOP", "APP") for issue in company.issues.values())
    assert first["total"] == big["total"] == expected == len(big["issues"])
    later = datacenter.get(SEARCH, params={"jql": jql, "startAt": 50, "maxResults": 10}).json()
    assert [issue["id"] for issue in later["issues"]] == [issue["id"] for issue in big["issues"][50:60]]


def test_an_unbounded_search_is_allowed_and_bad_jql_is_not(company: Company, datacenter: Any) -> None:
    assert datacenter.get(SEARCH, params={"jql": ""}).json()["total"] == len(company.issues)
    refused = datacenter.get(SEARCH, params={"jql": "status = Done"})
    assert refused.status_code == 400
    assert refused.json().keys() == {"errorMessages", "errors"}


def test_changelogs_come_whole_and_without_field_ids(company: Company, datacenter: Any) -> None:
    (number,) = company.cases["history of more than 100 entries"]
    found = datacenter.get(SEARCH, params={"jql": f"id = {number}", "expand": "changelog"}).json()["issues"][
        0
    ]
    histories = found["changelog"]["histories"]
    assert len(histories) == len(company.issues[number].history()) > 100
    assert all("fieldId" not in item for entry in histories for item in entry["items"])
    alone = datacenter.get(f"/rest/api/2/issue/{number}?expand=changelog").json()
    assert alone["changelog"]["histories"] == histories
    assert "changelog" not in datacenter.get(f"/rest/api/2/issue/{number}").json()


def test_people_are_named_by_name_and_key(datacenter: Any) -> None:
    issues = datacenter.post(SEARCH, json={"jql": "sprint = 20", "fields": ["reporter", "assignee"]}).json()[
        "issues"
    ]
    for issue in issues:
        assert issue["fields"]["reporter"].keys() >= {
            "name",
            "key",
            "emailAddress",
            "displayName",
            "timeZone",
        }
        assert "accountId" not in issue["fields"]["reporter"]
    assert "accountId" not in datacenter.get("/rest/api/2/myself").json()


def test_the_sprint_field_is_a_legacy_string(company: Company, datacenter: Any) -> None:
    answer = datacenter.post(
        SEARCH, json={"jql": "", "fields": ["customfield_10101"], "maxResults": 1000}
    ).json()
    texts = {text for issue in answer["issues"] for text in issue["fields"]["customfield_10101"] or []}
    answer = datacenter.post(
        SEARCH, json={"jql": "filter = 20003", "fields": ["customfield_10101"], "maxResults": 1000}
    ).json()
    texts |= {text for issue in answer["issues"] for text in issue["fields"]["customfield_10101"] or []}
    assert len(texts) > 50
    states = set()
    for text in texts:
        match = LEGACY.match(text)
        assert match is not None, text
        sprint = company.sprints[int(match.group(1))]
        assert int(match.group(2)) == sprint.board_id
        assert match.group(3) == sprint.state.upper()
        assert match.group(4) == sprint.name
        assert (match.group(7) == "<null>") is (sprint.completed is None)
        states.add(sprint.state)
    assert states == {"closed", "active", "future"}
    (comma,) = company.cases["sprint name with a comma"]
    assert any(f"[id={comma}," in text and ", refunds and fees," in text for text in texts)


def test_epics_are_reached_by_the_epic_link_and_parents_are_for_sub_tasks(
    company: Company, datacenter: Any
) -> None:
    linked = next(issue for issue in company.issues.values() if issue.epic is not None)
    child = next(issue for issue in company.issues.values() if issue.is_subtask)
    fields = datacenter.get(f"/rest/api/2/issue/{linked.id}").json()["fields"]
    assert linked.epic is not None
    assert fields["customfield_10100"] == linked.epic.key
    assert fields["parent"] is None
    assert child.parent is not None
    assert (
        datacenter.get(f"/rest/api/2/issue/{child.id}").json()["fields"]["parent"]["key"] == child.parent.key
    )


def test_custom_fields_have_other_ids_than_on_cloud(datacenter: Any) -> None:
    fields = {field["name"]: field["id"] for field in datacenter.get("/rest/api/2/field").json()}
    assert fields["Story Points"] == "customfield_10106"
    assert fields["Sprint"] == "customfield_10101"
    configuration = datacenter.get("/rest/agile/1.0/board/1/configuration").json()
    assert configuration["estimation"]["field"]["fieldId"] == "customfield_10106"


def test_small_lists_boards_and_the_sprint_report(datacenter: Any) -> None:
    assert datacenter.get("/rest/api/2/serverInfo").json()["deploymentType"] == "Server"
    assert isinstance(datacenter.get("/rest/api/2/project").json(), list)
    assert datacenter.get("/rest/api/3/myself").status_code == 404
    assert len(datacenter.get("/rest/agile/1.0/board").json()["values"]) == 6
    report = datacenter.get(
        "/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=4&sprintId=70"
    ).json()
    assert report["contents"]["completedIssues"][0]["estimateStatistic"]["statFieldId"] == "customfield_10106"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"headers": {"Authorization": "Bearer demo-token"}}, 200),
        ({"auth": ("demo", "demo-token")}, 200),
        ({"headers": {"Authorization": "Bearer wrong"}}, 401),
        ({"auth": ("demo", "wrong")}, 401),
        ({"headers": {"Authorization": "Basic not-base64!"}}, 401),
        ({}, 401),
    ],
)
def test_tokens_and_basic(
    company: Company, asker: Callable[..., Any], options: dict[str, Any], status: int
) -> None:
    answer = asker(create_app(company, dialect=Dialect.DATACENTER), **options).get("/rest/api/2/myself")
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["errorMessages"]


def test_the_restricted_token_works_here_too(company: Company, asker: Callable[..., Any]) -> None:
    app = create_app(company, dialect=Dialect.DATACENTER)
    client = asker(app, headers={"Authorization": f"Bearer {RESTRICTED_TOKEN}"})
    assert client.get("/rest/agile/1.0/board/3/sprint").status_code == 403
    assert "PAY" not in {project["key"] for project in client.get("/rest/api/2/project").json()}
