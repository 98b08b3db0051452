"""The demo company's data quality: what its stories plant is found, and counts agree with the reports beside them."""

from collections.abc import AsyncIterator

import pytest_asyncio

from sprintreports.demo.testing import running_demo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.quality.check import CheckName
from sprintreports.jira.reads import boards, choices, quality, sprint_reports
from sprintreports.kit import clock, db
from sprintreports.metrics.scope import NOT_ON_BOARD
from tests.integration.sync_support import connected, connection, rows, synced

SYSTEM = Viewer.system()
# What the book of awkward cases (demo/script_book.py) plants on each board or on some.
PLANTED = {
    CheckName.DONE_WITHOUT_ESTIMATE, CheckName.OPEN_WITHOUT_ESTIMATE, CheckName.STATUS_OFF_BOARD,
    CheckName.DONE_BEFORE_START, CheckName.ESTIMATE_CHANGED_AFTER_DONE, CheckName.STATUS_BACKWARDS,
    CheckName.DONE_WITHOUT_STARTING, CheckName.SUBTASK_ESTIMATES, CheckName.SPRINT_WITHOUT_DATES, CheckName.WITHOUT_TEAM,
    CheckName.WITHOUT_STAKEHOLDER,
}  # fmt: skip
# The company's clocks agree and its histories are whole.
COHERENT = {
    CheckName.CLOCK_SKEW, CheckName.CHANGELOG_GAPS, CheckName.UNREADABLE_VALUES, CheckName.SPRINT_NOT_DELIVERED
}  # fmt: skip


@pytest_asyncio.fixture
async def company(pg_url: str) -> AsyncIterator[str]:
    with running_demo(scale=0.1) as demo:
        site_id = await connected(connection(demo))
        outcome = await synced(site_id)
        assert (outcome.end, outcome.error) == ("done", None)
    yield pg_url


async def test_counts_agree_with_the_reports_beside_them(company: str):
    looked_at = 0
    async with db.transaction() as session:
        now = clock.now()
        for board in await boards.listing(session, SYSTEM):
            for sprint in (await choices.read(session, SYSTEM, board_id=board.id)).sprints[:8]:
                found = await quality.summary(
                    session, SYSTEM, board_id=board.id, sprint_id=sprint.id, now=now
                )
                report = await sprint_reports.read(
                    session, SYSTEM, sprint_id=sprint.id, board_id=board.id, now=now
                )
                counts = {line.check.name: line.count for line in found.lines}
                totals = report.totals
                missing = counts[CheckName.DONE_WITHOUT_ESTIMATE] + counts[CheckName.OPEN_WITHOUT_ESTIMATE]
                assert missing == totals.unestimated_in(found.unit), sprint.name
                assert counts[CheckName.DONE_BEFORE_START] == totals.outside.count, sprint.name
                assert found.left_out == report.excluded.get(NOT_ON_BOARD, 0), sprint.name
                assert found.issues == totals.issues, sprint.name
                assert counts[CheckName.STATUS_OFF_BOARD] >= found.left_out, sprint.name
                looked_at += 1
    assert looked_at > 20


async def test_what_the_stories_plant_is_found(company: str):
    fired: set[CheckName] = set()
    undated: list[str] = []
    async with db.transaction() as session:
        for board in await boards.listing(session, SYSTEM):
            if board.type != "scrum":
                continue
            found = await quality.summary(session, SYSTEM, board_id=board.id, now=clock.now())
            fired |= {line.check.name for line in found.found}
            listed = await quality.findings(
                session, SYSTEM, board_id=board.id, check=CheckName.SPRINT_WITHOUT_DATES, now=clock.now()
            )
            undated += [one.name for one in listed.page.items]
    assert fired >= PLANTED
    assert not fired & COHERENT
    assert {name for (name,) in rows(company, "SELECT name FROM sprint WHERE start_date IS NULL")} == set(
        undated
    )
