"""The scheduling class, due dates and planned times of the demo company, synced from the stand-in in both dialects."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sprintreports.demo.catalog import FIELD_IDS, Dialect
from sprintreports.demo.company import Company, found
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import mapping_setup, sync
from sprintreports.jira.mapping_setup import Effect
from sprintreports.kit import clock, db
from sprintreports.planning.queue.values import Candidate, Scheduling
from sprintreports.planning.queue_inputs.reading import Sources, read
from tests.integration.sync_support import SYSTEM, connected, connection, one, rows, synced

NOW = 1_780_000_000_000


@pytest.fixture(scope="module", params=list(Dialect))
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect, Company]]:
    with running_demo(dialect=request.param, seed=3, scale=0.15, now=NOW) as demo:
        yield demo, request.param, found(seed=3, scale=0.15, now=NOW)


def held(candidate: Candidate) -> tuple[str, datetime | None, datetime | None]:
    return candidate.timing.kind.value, candidate.timing.start, candidate.timing.end


async def test_the_demo_company_says_it_in_both_dialects(company, pg_url: str):
    demo, dialect, truth = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    ids = FIELD_IDS[dialect]
    async with db.transaction() as session:
        mapping = await mapping_setup.current(session, SYSTEM, site_id)
    assert (mapping.scheduling, mapping.deadline) == (ids.scheduling, "duedate")
    assert (mapping.planned_start, mapping.planned_end) == (ids.planned_start, ids.planned_end)
    classes: set[str] = set()
    sprints = rows(
        pg_url, "SELECT id, jira_sprint_id FROM sprint WHERE state IN ('active', 'future') AND delivered"
    )
    for sprint_id, jira_sprint_id in sprints:
        async with db.transaction() as session:
            read_now = await read(
                session, SYSTEM, sprint_id=sprint_id, sources=Sources(), unit=None, now=clock.now()
            )
        zone = ZoneInfo(read_now.place.calendar.zone)
        for candidate in read_now.inputs.candidates:
            there = truth.issues[candidate.issue]
            if candidate.is_subtask or jira_sprint_id not in there.sprints:
                continue
            assert candidate.lacks is None
            classes.add(candidate.timing.kind)
            if there.planned_start is not None and there.planned_end is not None:
                start, end = (
                    datetime.fromtimestamp(at / 1000, UTC) for at in (there.planned_start, there.planned_end)
                )
                assert held(candidate) == ("hard", start, end)
                assert candidate.told == "Scheduling = Maintenance window"
            elif there.scheduling == "Flexible" or there.due is None:
                assert held(candidate) == ("flexible", None, None)
            else:
                due = datetime.combine(date.fromisoformat(there.due), time(23, 59), tzinfo=zone)
                ends = read_now.inputs.sprint.end
                last = ends is not None and ends.astimezone(zone).date() == due.date()
                assert held(candidate) == ("soft", None, ends if last else due)
    assert classes == set(Scheduling)


async def run_queued(site_id: int, mode: sync.Mode, **options: Any) -> None:
    async with db.transaction() as session:
        run_id, fresh = await sync.prepare(session, SYSTEM, site_id, mode=mode)
    assert not fresh, "confirming asked for it"
    await sync.run(db.transaction, run_id=run_id, now=clock.now, **options)


async def no_jira(site: object) -> None:
    raise AssertionError(f"Jira was asked: {site}")


async def test_a_new_field_is_read_by_a_full_sync_and_one_that_was_read_by_a_replay(company, pg_url: str):
    """The due date was not asked for while nothing was mapped to it; a candidate's field was."""
    demo, dialect, _ = company
    site_id = await connected(connection(demo, dialect=dialect), boards_wanted={1})
    ids = FIELD_IDS[dialect]
    nothing = {"scheduling": None, "deadline": None, "planned_start": None, "planned_end": None}
    async with db.transaction() as session:
        await mapping_setup.guess(session, SYSTEM, site_id, now=clock.now())
        await mapping_setup.confirm(session, SYSTEM, site_id, changes=nothing, now=clock.now())
    await synced(site_id)
    assert one(pg_url, "SELECT count(*) FROM issue WHERE scheduling <> '' OR deadline IS NOT NULL") == 0
    async with db.transaction() as session:
        _, effect = await mapping_setup.confirm(
            session, SYSTEM, site_id, changes={"scheduling": ids.scheduling}, now=clock.now()
        )
    assert effect is Effect.REPLAY
    await run_queued(site_id, sync.Mode.REPLAY, open_client=no_jira)
    assert one(pg_url, "SELECT count(*) FROM issue WHERE scheduling = 'Maintenance window'") > 0
    async with db.transaction() as session:
        _, effect = await mapping_setup.confirm(
            session, SYSTEM, site_id, changes={"deadline": "duedate"}, now=clock.now()
        )
    assert effect is Effect.READ
    await run_queued(site_id, sync.Mode.FULL)
    assert one(pg_url, "SELECT count(*) FROM issue WHERE deadline IS NOT NULL") > 0
    async with db.transaction() as session:
        _, effect = await mapping_setup.confirm(
            session, SYSTEM, site_id, changes={}, values={"Maintenance window": "flexible"}, now=clock.now()
        )
    assert effect is Effect.NONE, "what values mean is asked when a plan is made"
