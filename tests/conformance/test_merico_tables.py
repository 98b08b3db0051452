"""Merico's raw tables, one by one: every table is read or named, and both dialects in them tell the same history.

The site of EE and K5 is Cloud; the table of relationships and the field list come from Jira Servers. Histories are recorded
inside the issues, and for three further issues as pages of the v3 changelog. Their twins are in `test_recorded_answers.py`
and `test_merico_twin.py`.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira.client import Auth
from sprintreports.jira.payloads import (
    FieldPayload,
    Named,
    PersonPayload,
    RawIssue,
    SprintPayload,
    StatusPayload,
    decode,
    parse_time,
)
from sprintreports.jira.sites import Connection
from tests.integration.changelog_pages import in_any_pages, issue_after
from tests.integration.dialects import as_data_center, timelines_and_segments
from tests.integration.recorded_answers import Kind as Answer
from tests.integration.recorded_answers import asked, fetched, ingested, says_the_same
from tests.integration.small_jira import Json, serving
from tests.integration.sync_support import connected, synced

pytestmark = pytest.mark.conformance

PARTS: dict[str, tuple[int, Any]] = {
    "_raw_jira_api_issue_fields": (2, FieldPayload),
    "_raw_jira_api_issue_types": (7, Named),
    "_raw_jira_api_projects": (12, Named),
    "_raw_jira_api_sprints": (30, SprintPayload),
    "_raw_jira_api_status": (53, StatusPayload),
    "_raw_jira_api_users": (30, PersonPayload),
}
ISSUES = {
    "_raw_jira_api_issues": 33,
    "_raw_jira_api_issue_relationships": 22,  # a Jira Server 7 or 8
    "_raw_jira_api_issues_for_due_date": 1,
    "_raw_jira_external_epics": 3,
}
HISTORIES = "_raw_jira_api_issue_changelogs"
# Read for their people alone: no number of ours rests on work logs.
WORKLOGS = "_raw_jira_api_worklogs"
ASIDE = {"_raw_jira_api_remotelinks": "links to other programs: we show none"}


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> Path:
    return shared_data / "jira-cloud-merico" / "raw_tables"


def rows_of(tables: Path, name: str) -> list[dict[str, str]]:
    csv.field_size_limit(64 * 1024 * 1024)
    # One of the tables begins with an empty line.
    text = (tables / f"{name}.csv").read_text(encoding="utf-8").lstrip()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def objects(tables: Path, name: str) -> list[Json]:
    return [json.loads(row["data"]) for row in rows_of(tables, name)]


def test_every_table_is_read_or_named(tables: Path):
    there = {path.stem for path in tables.iterdir()}
    assert there == {*PARTS, *ISSUES, HISTORIES, WORKLOGS, *ASIDE}


@pytest.mark.parametrize("name", PARTS)
def test_a_table_of_small_things(tables: Path, name: str):
    count, kind = PARTS[name]
    rows = rows_of(tables, name)
    assert len(rows) == count
    for row in rows:
        told, found = json.loads(row["data"]), decode(row["data"].encode(), kind, name)
        if isinstance(found, PersonPayload):
            assert (found.account_key, found.display_name) == (told["accountId"], told["displayName"])
            assert (found.active, found.time_zone) == (told["active"], told.get("timeZone"))
        else:
            assert (str(found.id), found.name) == (str(told["id"]), told["name"])
        if isinstance(found, StatusPayload):
            assert found.category is not None
            assert found.category.key in {"new", "indeterminate", "done", "undefined"}


async def test_lists_come_through_the_client(tables: Path):
    statuses = objects(tables, "_raw_jira_api_status")
    found = await asked(Answer.STATUSES, json.dumps(statuses).encode())
    assert [one.status_id for one in found] == [status["id"] for status in statuses]
    sprints = objects(tables, "_raw_jira_api_sprints")
    listed = {"startAt": 0, "maxResults": 50, "isLast": True, "values": sprints}
    assert [one.id for one in await asked(Answer.SPRINTS, json.dumps(listed).encode())] == [
        one["id"] for one in sprints
    ]
    (user, *_) = objects(tables, "_raw_jira_api_users")
    assert (await asked(Answer.MYSELF, json.dumps(user).encode())).account_key == user["accountId"]


def test_people_of_work_logs(tables: Path):
    logs = objects(tables, WORKLOGS)
    assert len(logs) == 30
    for log in logs:
        person = decode(json.dumps(log["author"]).encode(), PersonPayload, WORKLOGS)
        assert person.account_key == log["author"]["accountId"]
        assert parse_time(log["started"]).tzinfo is not None


@pytest.mark.parametrize("name", ISSUES)
async def test_issues_with_their_own_changelogs(tables: Path, name: str):
    told = objects(tables, name)
    assert len(told) == ISSUES[name]
    raws = await fetched(told)
    assert [raw.issue_id for raw in raws] == [int(issue["id"]) for issue in told]
    for raw, issue in zip(raws, told, strict=True):
        assert len(raw.changes) == len(issue["changelog"]["histories"]) == issue["changelog"]["total"]
        # EE's people are pseudonyms in the issues alone, and its types are translated: its changelogs say other words.
        says_the_same(ingested(raw), issue, gaps=issue["key"].startswith("EE-"))


def test_every_changed_field_is_kept_as_the_other_product_kept_it(tables: Path):
    """Its list of changes of EE is ours, entry by entry. It keeps one change of a field for each history: of two labels or
    links that came at once it knows one, and we know both."""
    expected = tables.parent / "expected" / "_tool_jira_issue_changelog_items.csv"
    with expected.open(encoding="utf-8", newline="") as lines:
        theirs = sorted(
            (int(row["changelog_id"]), row["field"], row["field_id"], row["from_value"], row["to_value"])
            for row in csv.DictReader(lines)
        )
    ours = sorted(
        (row.change_id, row.field, row.field_id or "", row.from_value or "", row.to_value or "")
        for issue in objects(tables, "_raw_jira_api_issues")
        if issue["key"].startswith("EE-")
        for row in ingested(_with_changes(issue)).archive
    )
    assert (len(theirs), len(ours)) == (689, 709)
    assert set(theirs) <= set(ours)
    assert {entry[:2] for entry in ours} == {entry[:2] for entry in theirs}
    assert len({entry[:2] for entry in theirs}) == 689


def _with_changes(issue: Json) -> RawIssue:
    changes = tuple(json.dumps(history).encode() for history in issue["changelog"]["histories"])
    return RawIssue(int(issue["id"]), json.dumps(issue).encode(), changes)


def test_the_pages_of_the_v3_changelog(tables: Path):
    """279 histories of three issues that were not recorded themselves: whatever the pages, the same history."""
    rows = rows_of(tables, HISTORIES)
    by_issue: dict[str, list[Json]] = {}
    for row in rows:
        by_issue.setdefault(row["url"].split("/issue/")[1].split("/")[0], []).append(json.loads(row["data"]))
    assert {issue: len(found) for issue, found in by_issue.items()} == {
        "13383": 100,
        "13491": 79,
        "13954": 100,
    }
    for number, histories in by_issue.items():
        issue = issue_after(int(number), histories)
        read = in_any_pages(issue, histories)
        items = [item for history in histories for item in history["items"]]
        assert len(read.archive) == len(items)
        assert read.gaps == 0
        moves = sorted((parse_time(history["created"]), item["to"]) for history in histories
                       for item in history["items"] if item["field"] == "status")  # fmt: skip
        assert read.tracks.statuses[1:] == tuple(moves)


@pytest.fixture(scope="module")
def replayed(tables: Path):
    with running_demo(replay=tables) as demo:
        yield demo


async def test_both_dialects_lead_to_the_same_segments(tables: Path, replayed: RunningDemo, pg_url: str):
    """The same issues as Cloud tells them (bulk fetches, ids of fields) and as a Data Center (embedded, names of fields)."""
    address = f"{replayed.base_url}/site/2"
    cloud = await connected(Connection(address, Auth.BASIC, replayed.email, replayed.token))
    assert (await synced(cloud)).error is None
    issues = [issue for issue in objects(tables, "_raw_jira_api_issues") if issue["key"].startswith("EE-")]
    with httpx.Client(base_url=address, auth=(replayed.email, replayed.token), trust_env=False) as asking:
        jira = as_data_center(asking, issues)
    with serving(jira) as other:
        server = await connected(Connection(other, Auth.BEARER, "", "a token"))
        assert (await synced(server)).error is None
    first, second = (timelines_and_segments(pg_url, site) for site in (cloud, server))
    assert len(first[0]) == 30
    assert first == second
