"""Baselines of a whole company, whose issues are then deleted, re-estimated and renamed, whose people are erased and whose
fields are read anew: not one byte changes, and history tells of the moment what was frozen at it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sync
from sprintreports.jira.privacy import people
from sprintreports.jira.reads import sprint_reports
from sprintreports.jobs import chores
from sprintreports.kit import clock, db
from sprintreports.reports.baselines import canonical, keeping, ledger, reading, rules
from sprintreports.reports.baselines.rules import Rule
from sprintreports.reports.baselines.tables import EVERYWHERE, Reason
from sprintreports.reports.gathering import as_of, live
from sprintreports.reports.snapshot import Snapshot
from tests.integration.sync_support import connected, connection, synced

SYSTEM = Viewer.system()
EDITS = ("delete", "estimate", "summary", "sprint", "status", "team", "priority", "assignee")


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=11, scale=0.1) as demo:
        yield demo


async def sprints(session: AsyncSession, state: str) -> list[tuple[int, int]]:
    """Of this state: ours, with the board that shows it."""
    query = """
        SELECT s.id, b.id FROM sprint s JOIN board_sprint l USING (site_id, jira_sprint_id)
        JOIN board b USING (site_id, jira_board_id) WHERE s.state = :state AND b.selected ORDER BY s.id DESC, b.id LIMIT 6
    """
    return [tuple(row) for row in await session.execute(text(query), {"state": state})]


def told(snapshot: Snapshot) -> Snapshot:
    """What history can tell of it."""
    return replace(snapshot, as_of=None, quality=(), notes=(), goal="", sprint_name="", planned_end=None,
                   report=replace(snapshot.report, sprint_name=""))  # fmt: skip


async def test_a_company_changes_and_its_baselines_do_not(pg_url: str, cloud: RunningDemo):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    frozen: dict[int, tuple[bytes, str]] = {}
    async with db.transaction() as session:
        running = await sprints(session, "active")
        for sprint, board in [*running, *await sprints(session, "closed"), *await sprints(session, "future")]:
            now = clock.now()
            state = await live(session, SYSTEM, sprint_id=sprint, board_id=board, now=now)
            # The figures are those of the pages, for each sprint there is.
            page = await sprint_reports.read(session, SYSTEM, sprint_id=sprint, board_id=board, now=now)
            assert state.report == page
            made = await keeping.freeze(session, SYSTEM, sprint_id=sprint, board_id=board, now=now)
            body = await reading.raw(session, SYSTEM, made.id)
            assert body == canonical.canonical(state)
            frozen[made.id] = body, made.digest
    assert len(running) >= 2
    assert sum(len(canonical.snapshot_of(body).issues) for body, _ in frozen.values()) > 100

    done = cloud.edit(120, seed="after the baselines", kinds=EDITS)
    assert {one["kind"] for one in done} >= {"delete", "estimate"}
    await synced(site_id, sync.Mode.INCREMENTAL)
    await synced(site_id, sync.Mode.REPLAY)
    async with db.transaction() as session:
        busiest = text(
            "SELECT assignee_id FROM issue WHERE assignee_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        person = (await session.execute(busiest)).scalar_one()
        assert any(f'"assignee":{person},'.encode() in body for body, _ in frozen.values())
        await people.erase(session, SYSTEM, person, now=clock.now())

    async with db.transaction() as session:
        moved = 0
        for baseline_id, (body, digest) in frozen.items():
            assert await reading.raw(session, SYSTEM, baseline_id) == body
            assert canonical.digest_of(body).hex() == digest
            before = (await reading.read(session, SYSTEM, baseline_id)).snapshot
            ids = {"sprint_id": before.sprint_id, "board_id": before.board_id}
            after = await live(session, SYSTEM, **ids, now=clock.now())
            moved += after.report.totals != before.report.totals
            again = await as_of(session, SYSTEM, **ids, moment=before.moment, now=clock.now())
            assert told(again) == told(before)
        assert moved, "the edits changed no sprint that was frozen: the test shows nothing"


async def test_the_worker_takes_what_the_rules_ask_for(pg_url: str, cloud: RunningDemo):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    async with db.transaction() as session:
        every = Rule(at_start=True, at_close=True, every_days=7)
        await rules.put(session, SYSTEM, EVERYWHERE, every, now=clock.now())
        assert await ledger.listing(session, SYSTEM) == replace(
            await ledger.listing(session, SYSTEM), total=0
        )
        # As if the rule had been there for long, and the worker had not.
        await session.execute(text("UPDATE baseline_rule SET since = now() - interval '45 days'"))
    # Two workers at once take each of them once.
    await asyncio.gather(chores.take_baselines(), chores.take_baselines())
    async with db.transaction() as session:
        found = (await ledger.listing(session, SYSTEM, per_page=100)).items
        assert len({(one.board_id, one.sprint_id, one.reason, one.moment) for one in found}) == len(found)
        assert {one.reason for one in found} == {Reason.START, Reason.DAY, Reason.CLOSE}
        for one in found:
            kept = (await reading.read(session, SYSTEM, one.id)).snapshot
            totals = kept.report.totals
            if one.reason is Reason.START:
                assert totals.final == totals.initial
            if one.reason is Reason.CLOSE:
                page = await sprint_reports.read(
                    session, SYSTEM, sprint_id=one.sprint_id, board_id=one.board_id, now=clock.now()
                )
                assert kept.report == page
        before = len(found)
    await chores.take_baselines()
    await chores.tidy()
    async with db.transaction() as session:
        assert (await ledger.listing(session, SYSTEM)).total == before
        problems = await session.execute(text("SELECT problem FROM baseline_taking WHERE problem <> ''"))
        assert problems.scalars().all() == []
