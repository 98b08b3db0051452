"""Which doubts Merico's recorded Jira raises: an old sprint of a real team, and a sprint that nobody delivers.

Its twin of our own making is `test_quality_twin.py` in the integration tests.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.client import Auth
from sprintreports.jira.quality.check import CheckName
from sprintreports.jira.reads import boards, quality
from sprintreports.jira.sites import Connection
from sprintreports.kit import clock, db
from tests.integration.sync_support import connected, one, synced

pytestmark = pytest.mark.conformance
SYSTEM = Viewer.system()


@pytest.fixture(scope="module")
def replayed(shared_data: Path) -> Iterator[RunningDemo]:
    with running_demo(replay=shared_data / "jira-cloud-merico" / "raw_tables") as demo:
        yield demo


async def board_of(replayed: RunningDemo, number: int) -> int:
    """One of the two recorded sites, synced; its board."""
    address = f"{replayed.base_url}/site/{number}"
    site_id = await connected(Connection(address, Auth.BASIC, replayed.email, replayed.token))
    outcome = await synced(site_id)
    assert (outcome.end, outcome.error) == ("done", None)
    async with db.transaction() as session:
        (board,) = await boards.listing(session, SYSTEM, site_id=site_id)
    return board.id


async def test_the_doubts_of_ee(pg_url: str, replayed: RunningDemo):
    board = await board_of(replayed, 2)
    sprint = one(pg_url, "SELECT id FROM sprint WHERE jira_sprint_id = 7")
    async with db.transaction() as session:
        recent = await quality.summary(session, SYSTEM, board_id=board, now=clock.now())
        found = await quality.summary(session, SYSTEM, board_id=board, sprint_id=sprint, now=clock.now())
        details: dict[CheckName, dict[str, str]] = {}
        for line in found.found:
            listed = await quality.findings(
                session, SYSTEM, board_id=board, check=line.check.name, sprint_id=sprint, now=clock.now()
            )
            details[line.check.name] = {row.name: row.detail for row in listed.page.items}
    # Its last six closed sprints were made in advance and never filled.
    assert (len(recent.sprints), recent.issues, recent.found) == (6, 0, ())
    assert found.issues == 17
    assert {line.check.name.value: line.count for line in found.found} == {
        "status-off-board": 7, "done-without-estimate": 3, "changelog-gaps": 17, "open-without-estimate": 5,
        "parent-done-before-children": 1, "estimates-on-sub-tasks": 3, "unreadable-values": 1, "status-backwards": 1,
    }  # fmt: skip
    assert set(details[CheckName.DONE_WITHOUT_ESTIMATE]) == {"EE-1", "EE-23", "EE-24"}
    assert details[CheckName.PARENT_DONE_BEFORE_CHILDREN] == {
        "EE-1": "3 children of it were still open when it was done."
    }
    assert details[CheckName.SUBTASK_ESTIMATES] == {
        key: f"{children} sub-tasks hold {hours} hours, and the issue itself has no estimate: nothing of it counts."
        for key, children, hours in (("EE-1", 3, 21), ("EE-2", 3, 14), ("EE-3", 2, 6))
    }
    assert "“-1” is not a number" in details[CheckName.UNREADABLE_VALUES]["EE-1"]
    assert details[CheckName.STATUS_BACKWARDS] == {"EE-1": "It moved back from “In Progress” to “Open”."}
    # People are pseudonyms in the issues alone, and a type is translated: the changelogs say other words.
    assert len(details[CheckName.CHANGELOG_GAPS]) == 17


async def test_the_doubt_of_k5(pg_url: str, replayed: RunningDemo):
    board = await board_of(replayed, 1)
    async with db.transaction() as session:
        found = await quality.summary(session, SYSTEM, board_id=board, now=clock.now())
        listed = await quality.findings(
            session, SYSTEM, board_id=board, check=CheckName.SPRINT_NOT_DELIVERED, now=clock.now()
        )
    assert {line.check.name.value: line.count for line in found.found} == {"sprint-not-delivered": 1}
    ((name, detail),) = [(row.name, row.detail) for row in listed.page.items]
    assert name == "K5 Sprint 1"
    assert "Jira does not deliver it to this account" in detail
