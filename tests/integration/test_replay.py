"""A replay by two processes gives the rows that one gives, and needs the second one for nothing."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import sync
from sprintreports.jira.sync import computing, replaying
from sprintreports.jira.sync.beside import ComputeFacts, HelperGone, Order, ReadPage
from sprintreports.jobs import helping
from sprintreports.jobs.helping import SecondProcess, second_process
from sprintreports.kit import clock, db, processes
from tests.integration.soak_rows import columns_of, tables_of
from tests.integration.sync_support import SYSTEM, connected, connection, one, synced

NOW = 1_780_000_000_000
PAGE = 25
# When a row was last written or computed, which is another moment each time.
MOMENTS = {"created_at", "updated_at", "rebuilt_at", "window_end"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=5, scale=0.05, now=NOW) as demo:
        yield demo


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "PAGE", PAGE)
    monkeypatch.setattr(replaying, "ENOUGH_FOR_TWO", 2 * PAGE)
    monkeypatch.setattr(computing, "FACTS_A_PAGE", 2)
    monkeypatch.setattr(computing, "ENOUGH_FOR_TWO", 4)


class Watched:
    """A second process whose orders are counted; it goes away after so many, or does as told before one."""

    def __init__(self, real: SecondProcess, *, goes_after: int | None = None) -> None:
        self.real, self.goes_after = real, goes_after
        self.orders: list[Order] = []

    async def do(self, order: Order) -> int:
        if self.goes_after == len(self.orders):
            self.real._process.kill()
        answer = await self.real.do(order)
        self.orders.append(order)
        return answer

    async def close(self) -> None:
        await self.real.close()

    def pages(self) -> int:
        return sum(isinstance(order, ReadPage) for order in self.orders)

    def portions(self) -> int:
        return sum(isinstance(order, ComputeFacts) for order in self.orders)


async def watched(**options: Any) -> Watched:
    real = await second_process()
    assert isinstance(real, SecondProcess), "these tests need two cores"
    return Watched(real, **options)


def run(url: str, statement: str) -> None:
    with psycopg.connect(url) as database:
        database.execute(statement.encode())


def everything(url: str) -> dict[str, list[str]]:
    """All that is known of Jira, row by row."""
    with psycopg.connect(url) as database:
        database.execute("SET timezone = 'UTC'")
        found: dict[str, list[str]] = {}
        for table in tables_of(database):
            if table == "sync_run":
                continue
            columns = [name for name in columns_of(database, table) if name not in MOMENTS]
            query = f"SELECT ROW({', '.join(columns)})::text AS line FROM {table} ORDER BY 1"
            found[table] = [line for (line,) in database.execute(query.encode()).fetchall()]
        return found


async def replayed(site_id: int, helper: Watched | None) -> sync.Outcome:
    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.REPLAY)

    async def opened() -> Watched | None:
        return helper

    return await sync.run(db.transaction, run_id=run_id, now=clock.now, open_helper=opened)


WITHOUT = """UPDATE site SET mapping = mapping || '{"owner": null, "discipline": null, "points": null}'"""


@pytest.fixture
async def mapped_anew(cloud, pg_url) -> int:
    """A synced site whose mapping has changed since."""
    site_id = await connected(connection(cloud))
    await synced(site_id)
    run(pg_url, "CREATE TABLE kept AS SELECT mapping FROM site")
    run(pg_url, WITHOUT)
    return site_id


async def both(url: str, site_id: int, helper: Watched) -> tuple[Any, Any, Any]:
    """What two give, what one gives after all has been put back, and what there was before."""
    before = everything(url)
    first = await replayed(site_id, helper)
    assert (first.end, first.error) == ("done", None)
    two = everything(url)
    run(url, "UPDATE site SET mapping = (SELECT mapping FROM kept)")
    await replayed(site_id, None)
    run(url, WITHOUT)
    await replayed(site_id, None)
    return two, everything(url), before


@pytest.mark.with_children
async def test_two_processes_give_the_rows_that_one_gives(mapped_anew, pg_url):
    site_id = mapped_anew
    helper = await watched()
    two, alone, before = await both(pg_url, site_id, helper)
    assert (helper.pages() > 0, helper.portions() > 0) == (True, True)
    for table, lines in alone.items():
        assert two[table] == lines, table
    for table in ("issue", "issue_timeline", "sprint_segment", "sprint_summary"):
        assert two[table] != before[table], table
    assert not processes.is_alive(helper.real.pid)


@pytest.mark.parametrize("orders", [1])
async def test_a_helper_that_is_killed_is_done_without(orders, mapped_anew, pg_url):
    site_id = mapped_anew
    helper = await watched(goes_after=orders)
    two, alone, _ = await both(pg_url, site_id, helper)
    assert len(helper.orders) == orders
    assert two == alone


async def test_a_helper_that_cannot_be_had_is_done_without(mapped_anew, pg_url):
    site_id = mapped_anew

    async def refused() -> None:
        raise OSError("no more processes")

    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.REPLAY)
    outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now, open_helper=refused)
    assert outcome.end == "done"
    assert one(pg_url, "SELECT count(*) FROM issue WHERE discipline_id <> 0") == 0


async def test_where_sub_tasks_count_one_process_reads_alone(mapped_anew, pg_url):
    """A page would write the segments of another page's issues there; the sprints are apart all the same."""
    site_id = mapped_anew
    run(pg_url, "UPDATE board SET subtasks = 'subtasks' WHERE jira_board_id = 1")
    helper = await watched()
    assert (await replayed(site_id, helper)).end == "done"
    assert (helper.pages(), helper.portions() > 0) == (0, True)


async def test_a_cancelled_replay_keeps_no_gap_and_goes_on_later(mapped_anew, pg_url, monkeypatch):
    """What the cursor says to be done is done, although two did it in turns."""
    site_id = mapped_anew
    helper = await watched()
    real, count = replaying.replay, 0

    async def cancelling(*values: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count == 3:
            run(pg_url, "UPDATE sync_run SET cancel_requested = true WHERE state = 'running'")
        return await real(*values, **options)

    monkeypatch.setattr(replaying, "replay", cancelling)
    outcome = await replayed(site_id, helper)
    assert outcome.end == "cancelled"
    assert not processes.is_alive(helper.real.pid)
    reached = one(pg_url, "SELECT cursor->>'replayed' FROM sync_run ORDER BY id DESC LIMIT 1")
    left = "SELECT count(*) FROM issue WHERE discipline_id <> 0"
    assert reached > ""
    assert one(pg_url, f"{left} AND jira_issue_id::text <= %s", reached) == 0
    assert one(pg_url, left) > 0
    monkeypatch.setattr(replaying, "replay", real)
    assert (await replayed(site_id, None)).end == "done"
    assert one(pg_url, left) == 0


async def test_what_the_second_process_cannot_do_ends_it(pg_url):
    helper = await second_process()
    assert isinstance(helper, SecondProcess)
    try:
        with pytest.raises(HelperGone):
            await helper.do(ReadPage(4711, "", None, clock.now()))
    finally:
        await helper.close()
    assert not processes.is_alive(helper.pid)


async def test_the_second_process_ends_at_the_end_of_its_orders(pg_url):
    helper = await second_process()
    assert isinstance(helper, SecondProcess)
    assert await helper.do(ComputeFacts(4711, 20, clock.now())) == 0
    await helper.close()
    assert not processes.is_alive(helper.pid)
    assert helper._process.returncode == 0


async def test_one_that_does_not_end_is_ended(pg_url, monkeypatch):
    monkeypatch.setattr(helping, "_FAREWELL_SECONDS", 0.2)
    deaf = await asyncio.create_subprocess_exec(
        "sleep", "60", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    with contextlib.closing(deaf._transport):  # type: ignore[attr-defined]
        await SecondProcess(deaf).close()
    assert deaf.returncode not in (None, 0)


async def test_on_one_core_there_is_no_second_process(monkeypatch):
    monkeypatch.setattr(helping, "cores", lambda: 1)
    assert await second_process() is None
