"""Recorded REST answers of other people's Jiras: every file is read by the client that the product uses, or is named here.

A file that nobody has thought of fails. Their twins of our own making are in `test_recorded_answers.py`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.payloads import (
    FieldPayload,
    Named,
    PersonPayload,
    RawIssue,
    StatusCategory,
    StatusPayload,
    decode,
)
from tests.integration.recorded_answers import Kind, asked, fetched, ingested, says_the_same

pytestmark = pytest.mark.conformance

# Asked for by the client over HTTP.
ASKED = {
    "go-jira/all_boards.json": Kind.BOARDS,
    "go-jira/all_boards_filtered.json": Kind.BOARDS,
    "go-jira/all_fields.json": Kind.FIELDS,
    "go-jira/all_priorities.json": Kind.PRIORITIES,
    "go-jira/all_statuses.json": Kind.STATUSES,
    "go-jira/board_configuration.json": Kind.CONFIGURATION,
    "go-jira/filter.json": Kind.FILTER,
    "go-jira/sprints.json": Kind.SPRINTS,
    "go-jira/sprints_filtered.json": Kind.SPRINTS,
    "jira-cli/boards.json": Kind.BOARDS,
    "jira-cli/fields.json": Kind.FIELDS,
    "jira-cli/myself.json": Kind.MYSELF,
    "jira-cli/serverinfo.json": Kind.SERVER,
    "jira-cli/sprint-get.json": Kind.SPRINT,
    "jira-cli/sprints.json": Kind.SPRINTS,
    "jira-cli/sprints-2.json": Kind.SPRINTS,
    "jira-ruby/board/1.json": Kind.SPRINTS,
    "jira-ruby/board/1_issues.json": Kind.FOUND,
    "jira-ruby/empty_issues.json": Kind.FOUND,
    "jira-ruby/field.json": Kind.FIELDS,
    "jira-ruby/issue.json": Kind.FOUND,
    "jira-ruby/priority.json": Kind.PRIORITIES,
    "jira-ruby/project/SAMPLEPROJECT.issues.json": Kind.FOUND,
    "jira-ruby/rapidview/SAMPLEPROJECT.issues.full.json": Kind.FOUND,
    "jira-ruby/sprint/1.json": Kind.SPRINT,
    "jira-ruby/status.json": Kind.STATUSES,
    "jira-ruby/user_accountId=1234567890abcdef01234567.json": Kind.MYSELF,
    "jirametrics/complete_sample/sample_board_1_configuration.json": Kind.CONFIGURATION,
    "jirametrics/complete_sample/sample_statuses.json": Kind.STATUSES,
    "jirametrics/testdata/sample_board_1_configuration.json": Kind.CONFIGURATION,
    "jirametrics/testdata/sample_statuses.json": Kind.STATUSES,
}
# The pages of one list.
PAGES = ("jira-cli/sprints-0.json", "jira-cli/sprints-3.json")
# Values that our answers hold within them, recorded on their own.
PARTS: dict[str, Any] = {
    "go-jira/all_projects.json": list[Named],
    "go-jira/all_resolutions.json": list[Named],
    "go-jira/all_statuscategories.json": list[StatusCategory],
    "go-jira/project.json": Named,
    "go-jira/status_category.json": StatusCategory,
    "jira-cli/projects.json": list[Named],
    "jira-cli/users.json": list[PersonPayload],
    "jira-ruby/field/1.json": FieldPayload,
    "jira-ruby/issuetype.json": list[Named],
    "jira-ruby/issuetype/5.json": Named,
    "jira-ruby/priority/1.json": Named,
    "jira-ruby/project.json": list[Named],
    "jira-ruby/project/SAMPLEPROJECT.json": Named,
    "jira-ruby/resolution.json": list[Named],
    "jira-ruby/resolution/1.json": Named,
    "jira-ruby/status/1.json": StatusPayload,
    "jira-ruby/statuscategory.json": list[StatusCategory],
    "jira-ruby/statuscategory/1.json": StatusCategory,
    "php-jira-rest-client/reporter-no-email-address.json": dict[str, PersonPayload],
}
# Issues whose fields are told: read into rows and timelines. Some stand alone, some in a page.
ISSUES = (
    "go-jira/issues_in_sprint.json",
    "jira-ruby/issue.json",
    "jira-ruby/issue/10002.json",
    "jira-ruby/project/SAMPLEPROJECT.issues.json",
    "jira-ruby/rapidview/SAMPLEPROJECT.issues.full.json",
    "php-jira-rest-client/issue.json",
)
# Issues with their changelogs, searched, fetched, read.
WHOLE = (
    *(f"jirametrics/complete_sample/sample_issues/SP-{number}.json" for number in (1, 2, 5, 7, 8, 11)),
    *(f"jirametrics/testdata/SP-{number}.json" for number in (1, 2, 10, 13, 14, 15)),
)
# Cut down by their collectors for tests of their own, to less than an issue of ours: refused, in these words.
REFUSED = {
    "jira-cli/epic.json": "missing required field `id`",
    "jira-cli/issue-1.json": "missing required field `id`",
    "jira-cli/issue-2.json": "missing required field `id`",
    "jira-cli/issue.json": "missing required field `id`",
    "jira-cli/search.json": "missing required field `id`",
    "jira-ruby/sprint/1_issues.json": "HSP-1",
}
ADF = "jira-cli/adf/md.json"
# What the client never asks for, and why.
ASIDE = {
    "Jira's answers to writing, and what has to be known for it: we only read": (
        "go-jira/transitions.json", "jira-cli/create.json", "jira-cli/createmeta.json", "jira-cli/createmetav9.json",
        "jira-cli/transitions.json", "jira-ruby/component.post.json", "jira-ruby/component/10000.invalid.put.json",
        "jira-ruby/component/10000.put.json", "jira-ruby/issue.post.json", "jira-ruby/issue/10002.invalid.put.json",
        "jira-ruby/issue/10002.put.missing_field_update.json", "jira-ruby/issue/10002/comment.post.json",
        "jira-ruby/issue/10002/comment/10000.put.json", "jira-ruby/issue/10002/properties/xyz.put.json",
        "jira-ruby/issue/10002/transitions.json", "jira-ruby/issue/10002/transitions.post.json",
        "jira-ruby/issue/10002/worklog.post.json", "jira-ruby/issue/10002/worklog/10000.put.json",
        "jira-ruby/version.post.json", "jira-ruby/version/10000.invalid.put.json", "jira-ruby/version/10000.put.json",
        "php-jira-rest-client/issueFieldV3.json",
    ),
    "comments, attachments, watchers, work logs and properties: no number rests on them": (
        "go-jira/remote_links.json", "jira-ruby/issue/10002/attachments/10000.json",
        "jira-ruby/issue/10002/comment.json", "jira-ruby/issue/10002/comment/10000.json",
        "jira-ruby/issue/10002/properties.json", "jira-ruby/issue/10002/properties/foo.json",
        "jira-ruby/issue/10002/properties/xyz.json", "jira-ruby/issue/10002/watchers.json",
        "jira-ruby/issue/10002/worklog.json", "jira-ruby/issue/10002/worklog/10000.json",
        "php-jira-rest-client/comment.json",
    ),
    "lists that stand in the issues themselves: components, versions, link types": (
        "go-jira/all_issuelinktypes.json", "go-jira/component_get.json", "jira-cli/issue-link-types.json",
        "jira-cli/releases.json", "jira-ruby/component/10000.json", "jira-ruby/issueLinkType.json",
        "jira-ruby/issueLinkType/10000.json", "jira-ruby/version/10000.json",
    ),
    "who may do what in Jira: the answers show it": (
        "go-jira/all_permissionschemes.json", "go-jira/all_roles.json", "go-jira/no_permissionscheme.json",
        "go-jira/no_permissionschemes.json", "go-jira/no_role.json", "go-jira/no_roles.json",
        "go-jira/permissionscheme.json", "go-jira/role.json",
    ),
    "lists of filters: a board names its own, which is asked for by its id": (
        "go-jira/all_filters.json", "go-jira/favourite_filters.json", "go-jira/my_filters.json",
        "go-jira/search_filters.json",
    ),
    "rapid views, the boards of greenhopper before the agile family came (Jira 6): we ask the agile family": (
        "jira-ruby/rapidview.json", "jira-ruby/rapidview/SAMPLEPROJECT.issues.json",
        "jira-ruby/rapidview/SAMPLEPROJECT.json",
    ),
    "webhooks as another program registered them": ("jira-ruby/webhook.json", "jira-ruby/webhook/2.json"),
    "no answers of Jira: the collector's own settings": (
        "jirametrics/complete_sample/sample_meta.json", "jirametrics/testdata/jira-config.json",
        "jirametrics/testdata/sample_meta.json",
    ),
    "the bare fields of an issue: read below, within the issue that they are of": (
        "php-jira-rest-client/issueField.json",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "jira-recordings"


def told(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_every_file_is_read_or_named(folder: Path):
    aside = [name for names in ASIDE.values() for name in names]
    named = [*ASKED, *PAGES, *PARTS, *ISSUES, *WHOLE, *REFUSED, ADF, *aside]
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.json")}
    assert there == set(named)
    # Read in two ways: as a page of a search, and issue by issue.
    assert {name for name in named if named.count(name) > 1} == set(ASKED) & set(ISSUES)


@pytest.mark.parametrize("name", ASKED)
async def test_an_answer_that_the_client_asks_for(folder: Path, name: str):
    raw = told(folder, name)
    found = await asked(ASKED[name], (folder / name).read_bytes())
    match ASKED[name]:
        case Kind.BOARDS | Kind.SPRINTS:
            assert [(one.id, one.name) for one in found] == [
                (one["id"], one["name"]) for one in raw["values"]
            ]
        case Kind.FIELDS | Kind.STATUSES | Kind.PRIORITIES:
            assert [(str(one.id), one.name) for one in found] == [(one["id"], one["name"]) for one in raw]
        case Kind.FOUND:
            assert [(str(one.id), one.key) for one in found] == [
                (one["id"], one["key"]) for one in raw["issues"]
            ]
        case Kind.CONFIGURATION:
            columns = [
                (column.name, [str(status.id) for status in column.statuses])
                for column in found.column_config.columns
            ]
            assert columns == [
                (column["name"], [status["id"] for status in column["statuses"]]) for column in raw["columnConfig"]["columns"]
            ]  # fmt: skip
            assert (str(found.filter.id), found.type) == (raw["filter"]["id"], raw["type"])
        case Kind.MYSELF:
            assert (found.display_name, found.time_zone) == (raw["displayName"], raw.get("timeZone"))
        case Kind.SERVER:
            assert (found.version, found.deployment_type) == (raw["version"], raw["deploymentType"])
        case Kind.SPRINT:
            dates = ("startDate", "endDate", "completeDate")
            assert (found.id, found.name, found.state) == (raw["id"], raw["name"], raw["state"])
            assert [found.start_date, found.end_date, found.complete_date] == [
                raw.get(name) for name in dates
            ]
        case Kind.FILTER:
            assert (found.name, found.jql) == (raw["name"], raw["jql"])


async def test_details_of_statuses_boards_and_sprints(folder: Path):
    statuses = await asked(Kind.STATUSES, (folder / "go-jira/all_statuses.json").read_bytes())
    assert {one.category.key for one in statuses} <= {"new", "indeterminate", "done", "undefined"}
    boards = await asked(Kind.BOARDS, (folder / "go-jira/all_boards.json").read_bytes())
    assert [one.location.project_key for one in boards if one.location] == ["AP"]
    sprints = await asked(Kind.SPRINTS, (folder / "go-jira/sprints.json").read_bytes())
    assert sprints[0].start_date == "2016-04-11T07:29:03.294-07:00"
    assert {one.state for one in sprints} == {"closed", "active", "future"}


async def test_pages_of_a_list_are_read_to_the_last(folder: Path):
    found = await asked(Kind.SPRINTS, *((folder / name).read_bytes() for name in PAGES))
    assert [sprint.id for sprint in found] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", PARTS)
def test_a_value_that_answers_hold(folder: Path, name: str):
    raw = told(folder, name)
    found = decode((folder / name).read_bytes(), PARTS[name], name)
    if isinstance(found, dict):
        ((found, raw),) = [(found[key], raw[key]) for key in raw]
    pairs = list(zip(found, raw, strict=True)) if isinstance(raw, list) else [(found, raw)]
    assert pairs
    for one, given in pairs:
        shown = one.display_name if isinstance(one, PersonPayload) else one.name
        assert shown == given["displayName" if isinstance(one, PersonPayload) else "name"]


def of_file(raw: Any) -> list[dict[str, Any]]:
    return raw.get("issues", [raw])


@pytest.mark.parametrize("name", ISSUES)
def test_issues_are_read_into_rows(folder: Path, name: str):
    issues = of_file(told(folder, name))
    for issue in issues:
        body = {key: value for key, value in issue.items() if key != "changelog"}
        says_the_same(ingested(RawIssue(int(issue["id"]), json.dumps(body).encode())), body)
    if name.startswith("go-jira"):
        assert ingested(RawIssue(12338, json.dumps(issues[0]).encode())).current.points == 13_000


def test_fields_alone_are_read_within_their_issue(folder: Path):
    issue = told(folder, "php-jira-rest-client/issue.json") | {
        "fields": told(folder, "php-jira-rest-client/issueField.json")
    }
    says_the_same(
        ingested(RawIssue(10000, json.dumps(issue).encode())), {**issue, "changelog": {"histories": []}}
    )


async def test_issues_with_changelogs_are_fetched_and_read(folder: Path):
    for part in (WHOLE[:6], WHOLE[6:]):
        issues = [told(folder, name) for name in part]
        raws = await fetched(issues)
        assert [raw.issue_id for raw in raws] == [int(issue["id"]) for issue in issues]
        for raw, issue in zip(raws, issues, strict=True):
            assert len(raw.changes) == issue["changelog"]["total"]
            says_the_same(ingested(raw), issue)


@pytest.mark.parametrize("name", REFUSED)
def test_what_lacks_what_no_issue_can_lack_is_refused(folder: Path, name: str):
    issue = of_file(told(folder, name))[0]
    with pytest.raises(JiraAnswerInvalid, match=REFUSED[name]):
        ingested(RawIssue(1, json.dumps(issue).encode()))


async def test_a_page_that_announces_more_than_it_brings_is_no_list(folder: Path):
    """Ten issues are announced, one was kept by the collector: never to be taken for all."""
    with pytest.raises(JiraAnswerInvalid, match="announces 10 issues and delivers 1"):
        await asked(Kind.FOUND, (folder / "go-jira/issues_in_sprint.json").read_bytes())


def test_descriptions_in_the_document_format_pass_through(folder: Path):
    """We show none of it; it must not be in the way."""
    issue = told(folder, "jira-ruby/issue/10002.json")
    document = told(folder, ADF)
    assert document["type"] == "doc"
    for text in (document, told(folder, "jira-cli/issue.json")["fields"]["description"]):
        with_text = issue | {"fields": issue["fields"] | {"description": text}}
        says_the_same(ingested(RawIssue(10002, json.dumps(with_text).encode())), with_text)
