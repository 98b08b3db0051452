"""Search by name: boards, sprints and issues, of what the viewer may see and no other."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads.finding import MOST, HitKind, find
from sprintreports.metrics.values import SprintState
from tests.integration.jira_site import fill, make_site, rows
from tests.integration.test_reads import queries, sample, team_ids

SYSTEM = Viewer.system()


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    made = await make_site(db_session)
    await fill(db_session, made, sample())
    return made


async def test_an_issue_is_found_by_its_key_in_each_of_its_sprints(
    db_session: AsyncSession, site: SiteContext
):
    with queries(db_session) as seen:
        found = await find(db_session, SYSTEM, " app-2 ")
    assert len(seen) == 1
    assert [(hit.kind, hit.issue_key, hit.sprint_name, hit.state) for hit in found] == [
        (HitKind.ISSUE, "APP-2", "Sprint 3", SprintState.ACTIVE),
        (HitKind.ISSUE, "APP-2", "Sprint 1", SprintState.CLOSED),
    ]
    assert found[0].summary == "Issue 2"


async def test_boards_and_sprints_are_found_by_a_part_of_their_name(
    db_session: AsyncSession, site: SiteContext
):
    assert [hit.board_name for hit in await find(db_session, SYSTEM, "oard")] == ["Board 7"]
    found = await find(db_session, SYSTEM, "SPRINT")
    assert {hit.kind for hit in found} == {HitKind.SPRINT}
    assert found[0].sprint_name == "Sprint 3"  # the active one first
    assert 1 < len(found) <= MOST


@pytest.mark.parametrize("words", ["", "  ", "\0", "%", "_", "nothing like this", "x" * 500])
async def test_what_nothing_is_called_finds_nothing(db_session: AsyncSession, site: SiteContext, words: str):
    assert await find(db_session, SYSTEM, words) == []


async def test_what_a_viewer_may_not_see_is_not_found(db_session: AsyncSession, site: SiteContext):
    stranger = Viewer(5, "V", "v@x.test", Role.VIEWER, board_ids=frozenset())
    for words in ("APP-2", "Board", "Sprint"):
        assert await find(db_session, stranger, words) == []
    board = frozenset(row[0] for row in await rows(db_session, "SELECT id FROM board"))
    frontend = Viewer(
        5, "V", "v@x.test", Role.VIEWER, board_ids=board, team_ids=await team_ids(db_session, "Frontend")
    )
    assert await find(db_session, frontend, "APP-2") == []  # an issue of Backend
    assert len(await find(db_session, frontend, "APP-3")) == 1
