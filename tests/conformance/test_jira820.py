"""jira820, a stateful Jira Data Center that none of us wrote: what it has is what we have."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sprintreports.jira.client import Auth
from sprintreports.jira.sites import Connection
from sprintreports.jira.sync import Mode
from tests.integration.sync_support import connected, one, rows, synced

pytestmark = pytest.mark.conformance

PATIENCE = 60.0
CURRENT = {1: 93, 2: 66, 3: 49, 4: 13, 5: 8}


@pytest.fixture(scope="module")
def jira820(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, started as its README says, on a free port."""
    program = shutil.which("jira820", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.fail("jira820 is not installed: `make setup` installs requirements-dev.txt")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "JIRA820_HOST": "127.0.0.1", "JIRA820_PORT": str(port), "JIRA820_SEED": "7"}
    said = tmp_path_factory.mktemp("jira820") / "log"
    with (
        said.open("w") as sink,
        subprocess.Popen([program], env=environment, stdout=sink, stderr=sink) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE
        while not answers(address):
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        yield address
        process.terminate()
        process.wait(PATIENCE)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/rest/api/2/serverInfo", trust_env=False, timeout=2).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
async def synced_820(jira820: str, pg_url: str) -> str:
    site_id = await connected(Connection(jira820, Auth.BASIC, "anybody", "anything"))
    outcome = await synced(site_id)
    assert (outcome.end, outcome.error, outcome.issues) == ("done", None, 341)
    return pg_url


def listed(address: str, sprint: int) -> set[str]:
    answer = httpx.get(
        f"{address}/rest/agile/1.0/sprint/{sprint}/issue", params={"maxResults": 1000}, trust_env=False
    ).json()
    return {issue["key"] for issue in answer["issues"]}


def move(address: str, key: str, *, sprint: int) -> None:
    httpx.post(
        f"{address}/rest/agile/1.0/sprint/{sprint}/issue", json={"issues": [key]}, trust_env=False
    ).raise_for_status()


def histories(address: str, key: str) -> int:
    answer = httpx.get(f"{address}/rest/api/2/issue/{key}", params={"expand": "changelog"}, trust_env=False)
    return len(answer.json()["changelog"]["histories"])


async def test_all_issues_arrive_and_sprints_hold_what_it_lists(synced_820, jira820):
    url = synced_820
    assert one(url, "SELECT dialect FROM site") == "datacenter"
    assert one(url, "SELECT count(*) FROM issue") == 341
    assert one(url, "SELECT count(*) FROM sprint") == 5
    query = "SELECT i.key FROM issue_sprint m JOIN issue i USING (site_id, jira_issue_id) WHERE m.jira_sprint_id = %s"
    for sprint, count in CURRENT.items():
        keys = {key for (key,) in rows(url, query, sprint)}
        assert len(keys) == count
        assert keys == listed(jira820, sprint)


async def test_open_segments_are_the_sprints_current_issues(synced_820):
    query = "SELECT jira_sprint_id, count(DISTINCT jira_issue_id) FROM sprint_segment WHERE valid_to IS NULL GROUP BY 1"
    subtasks = "SELECT m.jira_sprint_id, count(*) FROM issue_sprint m JOIN issue i USING (site_id, jira_issue_id) WHERE i.is_subtask GROUP BY 1"
    without = dict(rows(synced_820, subtasks))
    shown = dict(rows(synced_820, query))
    assert {sprint: count + without.get(sprint, 0) for sprint, count in shown.items()} == CURRENT


async def test_changelogs_that_the_search_leaves_out_are_fetched_per_issue(synced_820, jira820):
    url = synced_820
    (key, ours), *_ = rows(
        url,
        "SELECT i.key, count(DISTINCT c.change_id) FROM change_item c JOIN issue i USING (site_id, jira_issue_id) "
        "GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
    )
    assert histories(jira820, key) == ours >= 1
    changed = one(url, "SELECT count(DISTINCT jira_issue_id) FROM change_item WHERE field = 'status'")
    moved = one(
        url,
        "SELECT count(*) FROM (SELECT jira_issue_id FROM issue_status_interval GROUP BY 1 HAVING count(*) > 1) AS moved",
    )
    assert changed > 100
    assert moved > 100


async def test_dates_that_cannot_be_true_are_named(synced_820):
    notes = dict(rows(synced_820, "SELECT jira_sprint_id, note FROM sprint WHERE note IS NOT NULL"))
    assert notes[1] == "7 of its 93 issues were created after it closed."


async def test_what_changes_there_arrives_with_the_next_run(synced_820, jira820):
    url = synced_820
    site_id = one(url, "SELECT id FROM site")
    key = min(listed(jira820, 4))
    move(jira820, key, sprint=5)
    outcome = await synced(site_id, Mode.INCREMENTAL)
    assert outcome.changed >= 1
    query = "SELECT m.jira_sprint_id FROM issue_sprint m JOIN issue i USING (site_id, jira_issue_id) WHERE i.key = %s"
    assert (5,) in rows(url, query, key)
    move(jira820, key, sprint=4)
