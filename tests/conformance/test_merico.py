"""Merico's recorded Jira Cloud, served as its two sites: what arrives, and who was in which sprint when."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira.client import Auth
from sprintreports.jira.payloads import IssuePayload, decode
from sprintreports.jira.sites import Connection
from sprintreports.jira.sprint_values import sprint_ids
from sprintreports.jira.store import raw_of
from tests.integration.sync_support import connected, one, rows, synced

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def recording(shared_data: Path) -> Path:
    return shared_data / "jira-cloud-merico"


@pytest.fixture(scope="module")
def replayed(recording: Path) -> Iterator[RunningDemo]:
    with running_demo(replay=recording / "raw_tables") as demo:
        yield demo


@pytest.fixture
async def both_sites(replayed: RunningDemo, pg_url: str) -> tuple[str, int, int]:
    """(database, the site of EE, the site of K5), both synced."""
    ids: list[int] = []
    for number in (2, 1):
        address = f"{replayed.base_url}/site/{number}"
        ids.append(await connected(Connection(address, Auth.BASIC, replayed.email, replayed.token)))
        outcome = await synced(ids[-1])
        assert (outcome.end, outcome.error) == ("done", None)
    return pg_url, ids[0], ids[1]


def pairs(recording: Path) -> set[tuple[int, int]]:
    with (recording / "expected" / "sprint_issues.csv").open() as file:
        found = {
            tuple(int(re.findall(r"\d+$", row[name])[0]) for name in ("sprint_id", "issue_id"))
            for row in csv.DictReader(file)
        }
    assert len(found) == 28
    return {(sprint, issue) for sprint, issue in found}


async def test_two_sites_arrive_and_current_membership_is_as_recorded(both_sites, recording):
    url, ee, k5 = both_sites
    assert one(url, "SELECT count(*) FROM issue WHERE site_id = %s", ee) == 30
    assert one(url, "SELECT count(*) FROM issue WHERE site_id = %s", k5) == 3
    assert one(url, "SELECT count(*) FROM sprint WHERE site_id = %s AND delivered", ee) == 30
    assert one(url, "SELECT count(*) FROM board_sprint WHERE site_id = %s", ee) == 30
    assert current_membership(url, ee) == pairs(recording)


def current_membership(url: str, site_id: int) -> set[tuple[int, int]]:
    """What the segments say now: open ones are those of today's members."""
    query = (
        "SELECT DISTINCT jira_sprint_id, jira_issue_id FROM sprint_segment "
        "WHERE site_id = %s AND valid_to IS NULL"
    )
    open_now = set(rows(url, query, site_id))
    subtasks = {
        issue
        for (issue,) in rows(
            url, "SELECT jira_issue_id FROM issue WHERE is_subtask AND site_id = %s", site_id
        )
    }
    # Sub-tasks have no segments of their own; their Sprint field is their parent's.
    return open_now | {pair for pair in fields_now(url, site_id) if pair[1] in subtasks}


def fields_now(url: str, site_id: int) -> set[tuple[int, int]]:
    """The current values of the issues' Sprint fields, from the payloads as they were received."""
    found: set[tuple[int, int]] = set()
    query = "SELECT external_id, body FROM stored_payload WHERE site_id = %s AND kind = 'issue'"
    mapping = one(url, "SELECT mapping FROM site WHERE id = %s", site_id)
    for external_id, body in rows(url, query, site_id):
        payload = decode(raw_of(int(external_id), bytes(body)).issue, IssuePayload, "a stored issue")
        found |= {(sprint, payload.issue_id) for sprint in sprint_ids(payload.fields.get(mapping["sprint"]))}
    return found


async def test_the_sprint_fields_themselves_are_the_recorded_pairs(both_sites, recording):
    url, ee, _ = both_sites
    assert fields_now(url, ee) >= pairs(recording)
    # A Sprint field lists all sprints that an issue has been in; the recording kept the last one of EE-17.
    moved = {
        issue for (issue,) in rows(url, "SELECT jira_issue_id FROM issue WHERE key IN ('EE-17', 'EE-19')")
    }
    assert {issue for _, issue in fields_now(url, ee) - pairs(recording)} <= moved


async def test_segments_know_the_sprints_that_issues_have_left(both_sites):
    url, ee, _ = both_sites
    query = (
        "SELECT i.key, array_agg(DISTINCT s.jira_sprint_id ORDER BY s.jira_sprint_id) FROM sprint_segment s "
        "JOIN issue i USING (site_id, jira_issue_id) WHERE s.site_id = %s AND i.key IN ('EE-17', 'EE-19') GROUP BY 1"
    )
    sprints = dict(rows(url, query, ee))
    assert {7, 9} <= set(sprints["EE-17"])
    assert 7 in sprints["EE-19"]


async def test_sprint_175_is_referenced_but_not_delivered(both_sites):
    url, _, k5 = both_sites
    query = "SELECT jira_sprint_id, name, state, delivered, note FROM sprint WHERE site_id = %s"
    ((sprint_id, name, state, delivered, note),) = rows(url, query, k5)
    assert (sprint_id, name, state, delivered) == (175, "K5 Sprint 1", "unknown", False)
    assert "does not deliver it" in note
    notes = one(url, "SELECT notes FROM sync_run WHERE site_id = %s", k5)
    assert any("K5 Sprint 1" in entry["message"] for entry in notes)


async def test_nothing_but_numbers_is_logged_or_stored_of_the_secret(both_sites, replayed):
    url, _, _ = both_sites
    with psycopg.connect(url) as database:
        for (secret,) in database.execute("SELECT secret FROM site").fetchall():
            assert replayed.token.encode() not in bytes(secret)
