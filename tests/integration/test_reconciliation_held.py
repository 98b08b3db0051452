"""The reconciliation job and the circuit breaker: a Jira that is paused or left alone is not asked for sprint reports."""

from collections.abc import Iterator

import psycopg
import pytest

from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import circuits, reconciliation, sites, sync
from sprintreports.jira.client import pace
from sprintreports.jira.reconciliation import running
from sprintreports.jobs import worker
from sprintreports.kit import clock, db, queue
from sprintreports.observability import counters
from tests.integration.reconciliation_site import no_pause
from tests.integration.sync_support import SYSTEM, break_it, connected, connection, one, rows, synced

STOREFRONT = 1
ENDPOINT = "/rest/greenhopper/1.0/rapid/charts/sprintreport"
CAME = "SELECT count(*) FROM sprint_reconciliation WHERE body IS NOT NULL"
WAITING = "SELECT status::text, scheduled_at > now() FROM procrastinate_jobs WHERE status = 'todo'"
OPENED = 'UPDATE site SET circuit = \'{"state": "open", "cause": "unreachable", "reason": "x", "until": "%s"}\'::jsonb'


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(seed=4, scale=0.1) as demo:
        yield demo


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, cloud: RunningDemo) -> None:
    break_it(cloud)
    monkeypatch.setattr(pace, "BACK_OFF_START", 0.0)
    monkeypatch.setattr(running.reconcile_board, "__kwdefaults__", {"sleep": no_pause})


async def site_with_a_job(cloud: RunningDemo) -> int:
    site_id = await connected(connection(cloud), boards_wanted={STOREFRONT})
    await synced(site_id)
    async with db.transaction() as session:
        queued = await reconciliation.request(session, SYSTEM, site_id=site_id, jira_board_id=STOREFRONT)
    assert queued.sprints > 2
    return site_id


async def drain(url: str) -> None:
    """Let the jobs work whose time would come later, too."""
    execute(url, "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    await worker.run(wait=False)
    queue.app.cache_clear()


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as database:
        database.execute(statement)  # type: ignore[arg-type]  # of this file alone


def requests() -> float:
    """How many requests went to Jira from this process."""
    (found,) = counters.JIRA_REQUESTS.collect()
    return sum(sample.value for sample in found.samples if sample.name.endswith("_total"))


async def steer(site_id: int, *, paused: bool) -> None:
    async with db.transaction() as session:
        await (sync.pause if paused else sync.resume)(session, SYSTEM, site_id, now=clock.now())


async def test_a_paused_site_is_not_asked_and_the_job_waits_until_it_is_resumed(cloud, pg_url):
    site_id = await site_with_a_job(cloud)
    await steer(site_id, paused=True)
    before = requests()
    for _ in range(8):  # more often than a failing job is tried
        await drain(pg_url)
        assert rows(pg_url, WAITING) == [("todo", True)]
    assert (requests(), one(pg_url, CAME)) == (before, 0)
    await steer(site_id, paused=False)
    await drain(pg_url)
    assert one(pg_url, CAME) > 2
    assert rows(pg_url, WAITING) == []


async def test_a_jira_that_is_left_alone_is_not_asked_before_its_time(cloud, pg_url):
    site_id = await site_with_a_job(cloud)
    before = requests()
    execute(pg_url, OPENED % "2999-01-01T00:00:00+00:00")
    await drain(pg_url)
    ((status, later),) = rows(
        pg_url, "SELECT status::text, scheduled_at > now() + interval '1 year' FROM procrastinate_jobs WHERE status = 'todo'"
    )  # fmt: skip
    assert (status, later) == ("todo", True)
    # When its time has come, the probe is the sync's to make.
    execute(pg_url, OPENED % "2020-01-01T00:00:00+00:00")
    await drain(pg_url)
    assert (requests(), one(pg_url, CAME)) == (before, 0)
    await synced(site_id)
    async with db.transaction() as session:
        await sites.test(session, SYSTEM, site_id, now=clock.now())
    await drain(pg_url)
    assert one(pg_url, CAME) > 2


async def test_a_pause_in_the_middle_stops_it_and_what_came_stays(cloud, pg_url):
    site_id = await site_with_a_job(cloud)

    async def pause_then(_: float) -> None:
        await steer(site_id, paused=True)

    with pytest.raises(reconciliation.JiraLeftAlone):
        await reconciliation.reconcile_board(
            db.transaction, site_id=site_id, jira_board_id=STOREFRONT, now=clock.now, sleep=pause_then
        )
    assert one(pg_url, CAME) == 1


async def test_what_it_meets_counts_for_the_circuit(cloud, pg_url):
    site_id = await site_with_a_job(cloud)
    break_it(cloud, status=401, path_prefix=ENDPOINT)
    await drain(pg_url)
    async with db.transaction() as session:
        circuit = circuits.of(await sites.load(session, site_id))
    assert (circuit.state, circuit.cause, circuit.until) == ("open", "sign_in", None)
    before = requests()
    break_it(cloud)
    await drain(pg_url)
    assert requests() == before
    async with db.transaction() as session:
        assert (await sites.test(session, SYSTEM, site_id, now=clock.now())).ok
    await drain(pg_url)
    assert one(pg_url, CAME) > 2
