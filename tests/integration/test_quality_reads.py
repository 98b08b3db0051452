"""Data quality as it is read: worst first, in pages, one sprint alone, and nobody learns more than they may see."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.payloads import RawIssue, SprintPayload
from sprintreports.jira.quality.check import CheckName
from sprintreports.jira.reads import quality
from sprintreports.kit.errors import Invalid, NotFound
from tests.integration.jira_site import (
    BOARD,
    NOW,
    SPRINTS,
    fill,
    make_site,
    rebuild,
    rows,
    sprint,
)
from tests.integration.jira_site import (
    found as found_board,
)
from tests.integration.quality_support import CLEAN, SYSTEM, asked, board_id, fired, subjects, tidy
from tests.unit.jira.samples import (
    change,
    day,
    sprinted,
    stamp,
)


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    made = await make_site(db_session)
    await fill(db_session, made, CLEAN)
    return made


def messy() -> list[RawIssue]:
    return [
        tidy(10, points=None, team="Frontend"),
        tidy(11, points=None),
        tidy(12, points=None, started=46, done=47, sprints=[3]),
        tidy(13, started=None, done=None, status="4"),
    ]


async def test_the_worst_comes_first_and_the_sums_say_what_they_rest_on(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, [*messy(), tidy(14, owner=None), tidy(15, owner=None), tidy(16, owner=None),
                                  tidy(17, owner=None)])  # fmt: skip
    found = await asked(db_session, site)
    assert [(line.check.name.value, line.count) for line in found.found] == [
        ("done-without-estimate", 3), ("status-off-board", 1), ("without-stakeholder", 4)
    ]  # fmt: skip
    assert found.lines[:3] == found.found
    assert (found.issues, found.left_out) == (10, 1)


async def test_one_sprint_alone_can_be_looked_at(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, messy())
    board = await board_id(db_session, site)
    numbers = dict(
        await rows(db_session, "SELECT jira_sprint_id, id FROM sprint WHERE site_id = %s", site.site_id)
    )
    one = await quality.summary(db_session, SYSTEM, board_id=board, sprint_id=numbers[3], now=NOW)
    assert (one.sprints, one.chosen) == (("Sprint 3",), True)
    assert {line.check.name.value: line.count for line in one.found} == {"done-without-estimate": 1}
    assert (one.issues, one.left_out) == (2, 0)
    with pytest.raises(NotFound):
        await quality.summary(db_session, SYSTEM, board_id=board, sprint_id=2**62, now=NOW)


async def test_an_issue_of_two_sprints_is_one_finding_in_the_newer(
    db_session: AsyncSession, site: SiteContext
):
    carried = tidy(10, change(1, day(17), sprinted([1], [1, 2])), done=18, points=None, sprints=[1, 2])
    await fill(db_session, site, [carried])
    board = await board_id(db_session, site)
    found = await quality.findings(
        db_session, SYSTEM, board_id=board, check=CheckName.DONE_WITHOUT_ESTIMATE, now=NOW
    )
    ((name, sprint_name, url),) = [(one.name, one.sprint_name, one.url) for one in found.page.items]
    assert (name, sprint_name, url) == ("APP-10", "Sprint 2", "https://jira.test/browse/APP-10")


async def test_pages_go_by_sprint_and_key(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, messy())
    board = await board_id(db_session, site)
    keys = []
    for number in (1, 2, 3):
        found = await quality.findings(
            db_session,
            SYSTEM,
            board_id=board,
            check=CheckName.DONE_WITHOUT_ESTIMATE,
            now=NOW,
            page=number,
            per_page=1,
        )
        assert found.page.total == 3
        keys += [one.name for one in found.page.items]
    assert keys == ["APP-12", "APP-10", "APP-11"]
    with pytest.raises(Invalid):
        await quality.findings(
            db_session, SYSTEM, board_id=board, check=CheckName.DONE_WITHOUT_ESTIMATE, now=NOW, per_page=101
        )


async def test_a_reader_of_one_team_hears_of_its_issues_alone(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, messy())
    teams = await rows(
        db_session, "SELECT id FROM discipline WHERE name = 'Frontend' AND site_id = %s", site.site_id
    )
    reader = replace(SYSTEM, role=Role.VIEWER, team_ids=frozenset({teams[0][0]}))
    assert await fired(db_session, site, reader) == {"done-without-estimate": 1}
    found = await subjects(db_session, site, CheckName.DONE_WITHOUT_ESTIMATE, reader)
    assert [name for name, _ in found] == ["APP-10"]
    seen = await asked(db_session, site, reader)
    assert (seen.issues, seen.left_out) == (1, 0)
    nobody = replace(reader, team_ids=frozenset())
    assert await fired(db_session, site, nobody) == {}


async def test_a_board_that_may_not_be_seen_is_none(db_session: AsyncSession, site: SiteContext):
    board = await board_id(db_session, site)
    stranger = replace(SYSTEM, role=Role.VIEWER, board_ids=frozenset({board + 1}))
    with pytest.raises(NotFound):
        await quality.summary(db_session, stranger, board_id=board, now=NOW)
    with pytest.raises(NotFound):
        await quality.findings(db_session, stranger, board_id=board, check=CheckName.WITHOUT_TEAM, now=NOW)


async def test_an_open_sprint_of_a_hidden_board_is_not_named(db_session: AsyncSession, site: SiteContext):
    hidden = SprintPayload(
        id=30,
        name="Secret",
        state="active",
        start_date=stamp(day(45)),
        end_date=stamp(day(59)),
        origin_board_id=8,
    )
    await store.store_boards(db_session, site, [found_board(BOARD), found_board(8)], now=NOW)
    await store.store_sprints(db_session, site, 8, [hidden], now=NOW)
    await fill(
        db_session, site, [tidy(10, started=46, done=None, status="2", sprints=[3, 30])], boards=(BOARD, 8)
    )
    assert await fired(db_session, site) == {"in-two-open-sprints": 1}
    reader = replace(SYSTEM, role=Role.VIEWER, board_ids=frozenset({await board_id(db_session, site)}))
    assert await fired(db_session, site, reader) == {}


async def test_sprints_that_wait_for_their_numbers_are_counted(db_session: AsyncSession, site: SiteContext):
    await rows(db_session, "DELETE FROM sprint_fact WHERE jira_sprint_id = 1 RETURNING 1")
    assert (await asked(db_session, site)).waiting == 1


async def test_six_closed_sprints_are_looked_at(db_session: AsyncSession, site: SiteContext):
    many = [sprint(number, "closed", number, number + 0.5, number + 0.5) for number in range(20, 30)]
    await store.store_sprints(db_session, site, BOARD, [*SPRINTS, *many], now=NOW)
    await rebuild(db_session, site)
    found = await asked(db_session, site)
    assert found.sprints == ("Sprint 3", "Sprint 2", *(f"Sprint {number}" for number in range(29, 24, -1)))
