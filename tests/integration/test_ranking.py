"""Jira's rank as the order of each board: read without any issue's stamp, kept through refusals, and what plans go by."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from sprintreports.demo.catalog import BACKLOG, DOING, TESTING, TODO, TRIAGE, Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import board_order, sync
from sprintreports.jira.board_order import OrderedBoard
from sprintreports.jira.sync.ranking import OTHERS_A_RUN, PLANNED_A_RUN, TURNS, whose_turn
from sprintreports.kit import clock, db
from sprintreports.planning.queue_inputs.order import BY_AGE
from sprintreports.planning.queue_inputs.reading import ReadInputs, Sources, read
from tests.integration.sync_support import SYSTEM, connected, connection, contents, one, rows, synced

NOW = 1_780_000_000_000
INCREMENTAL = sync.Mode.INCREMENTAL
OPEN = ", ".join(status.id for status in (BACKLOG, TODO, TRIAGE, DOING, TESTING))
SEARCH = "/rest/api/3/search/jql"
PLACES = "SELECT jira_board_id, jira_issue_id, place FROM board_issue WHERE place IS NOT NULL ORDER BY 1, 3"


@pytest.fixture(params=[Dialect.CLOUD, pytest.param(Dialect.DATACENTER, marks=pytest.mark.unmeasured)])
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect]]:
    with running_demo(dialect=request.param, seed=5, scale=0.06, now=NOW) as demo:
        yield demo, request.param


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=5, scale=0.06, now=NOW) as demo:
        yield demo


def as_jira_has_it(demo: RunningDemo, dialect: Dialect, sprint: int) -> list[int]:
    """The sprint's issues as the stand-in sorts them, without those that are done or in none of the board's columns."""
    path = SEARCH if dialect is Dialect.CLOUD else "/rest/api/2/search"
    asked = {
        "jql": f"sprint = {sprint} AND status IN ({OPEN}) ORDER BY Rank ASC", "maxResults": 1000, "fields": "key",
    }  # fmt: skip
    cloud = dialect is Dialect.CLOUD
    answer = httpx.get(
        f"{demo.base_url}{path}",
        params=asked,
        auth=(demo.email, demo.token) if cloud else None,
        headers={} if cloud else {"Authorization": f"Bearer {demo.token}"},
        trust_env=False,
    )
    return [int(issue["id"]) for issue in answer.raise_for_status().json()["issues"]]


def a_sprint(url: str) -> tuple[int, int, int]:
    """Our number, Jira's number and the board of an active sprint with many issues."""
    return one(
        url,
        "SELECT s.id, s.jira_sprint_id, b.id FROM sprint s JOIN board b ON b.jira_board_id = s.origin_board_id "
        "JOIN issue_sprint m USING (jira_sprint_id) WHERE s.state = 'active' GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1 LIMIT 1",
    )


async def planned(sprint_id: int, board_id: int) -> ReadInputs:
    async with db.transaction() as session:
        return await read(
            session, SYSTEM, sprint_id=sprint_id, board_id=board_id, sources=Sources(), unit=None, now=clock.now()
        )  # fmt: skip


def line(found: ReadInputs) -> list[int]:
    open_ = [one for one in found.inputs.candidates if not one.done and not one.is_subtask]
    return [one.issue for one in sorted(open_, key=lambda one: one.rank)]


def notes(url: str) -> list[str]:
    return [entry["message"] for entry in one(url, "SELECT notes FROM sync_run ORDER BY id DESC LIMIT 1")]


async def test_a_plan_follows_jiras_order_though_no_issue_has_another_stamp(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    sprint, number, board = a_sprint(pg_url)
    before = await planned(sprint, board)
    members = set(line(before))
    first = [issue for issue in as_jira_has_it(demo, dialect, number) if issue in members]
    assert line(before)[: len(first)] == first
    assert len(first) > 3
    left = len(members) - len(first)
    assert any(note.startswith(f"{left} issues have no place in the order") for note in before.notes)

    demo.edit(60, seed=3, kinds=["rank"])
    outcome = await synced(site_id, INCREMENTAL)
    assert (outcome.end, outcome.issues) == ("done", 0)
    now = [issue for issue in as_jira_has_it(demo, dialect, number) if issue in members]
    assert line(await planned(sprint, board))[: len(now)] == now != first
    delta = contents(pg_url)
    await synced(site_id)
    assert contents(pg_url) == delta


async def test_a_jira_that_does_not_sort_by_rank_is_told_and_stops_nothing(cloud, pg_url):
    site_id = await connected(connection(cloud))
    cloud.faults(unsortable=["rank"])
    outcome = await synced(site_id)
    assert outcome.end == "done"
    assert rows(pg_url, PLACES) == []
    (told,) = [note for note in notes(pg_url) if "by Rank" in note]
    assert "boards by Rank. Plans keep the order" in told
    assert "Not able to sort using field 'rank'" in told
    sprint, _, board = a_sprint(pg_url)
    assert BY_AGE in (await planned(sprint, board)).notes
    cloud.faults()
    await synced(site_id, INCREMENTAL)
    assert len(rows(pg_url, PLACES)) > 50
    assert notes(pg_url) == []


@pytest.mark.parametrize("fault", [{"cut": True}, {"truncate": True}, {"lose": True}])
async def test_an_order_that_is_not_whole_changes_nothing(cloud, pg_url, monkeypatch, fault):
    cloud.faults()
    site_id = await connected(connection(cloud), boards_wanted={1})
    await synced(site_id)
    kept = rows(pg_url, PLACES)
    assert len(kept) > 20
    cloud.edit(30, seed=4, kinds=["rank"])
    only_the_order(monkeypatch, cloud, fault)
    outcome = await synced(site_id, INCREMENTAL)
    assert outcome.end == "done"
    assert rows(pg_url, PLACES) == kept
    assert ["could not be read" in note for note in notes(pg_url)] == [True]
    monkeypatch.undo()
    cloud.faults()
    await synced(site_id, INCREMENTAL)
    assert rows(pg_url, PLACES) != kept
    assert notes(pg_url) == []


def only_the_order(monkeypatch: pytest.MonkeyPatch, demo: RunningDemo, fault: dict[str, bool]) -> None:
    """The fault begins when the run has read all but the order."""
    before = board_order.plannable

    async def plannable(*values, **options):
        demo.faults({**fault, "path_prefix": SEARCH})
        return await before(*values, **options)

    monkeypatch.setattr(board_order, "plannable", plannable)


async def test_a_board_without_a_sprint_to_plan_has_no_order(cloud, pg_url):
    cloud.faults()
    site_id = await connected(connection(cloud), boards_wanted={1})
    await synced(site_id)
    async with db.transaction() as session:
        assert await board_order.forget_unplanned(session, site_id) == 0
        raw = await db.raw(session)
        await raw.execute("UPDATE sprint SET state = 'closed'")
        assert await board_order.forget_unplanned(session, site_id) == 1
        assert await board_order.plannable(session, site_id, now=clock.now()) == []
    assert rows(pg_url, PLACES) == []


async def test_the_board_that_somebody_plans_on_is_wanted_for_a_while(cloud, pg_url):
    cloud.faults()
    site_id = await connected(connection(cloud))
    await synced(site_id)
    _, _, board = a_sprint(pg_url)
    number = one(pg_url, "SELECT jira_board_id FROM board WHERE id = %s", board)
    now = clock.now()
    async with db.transaction() as session:
        assert not any(one.wanted for one in await board_order.plannable(session, site_id, now=now))
        await board_order.want(session, board, now=now)
        soon = await board_order.plannable(session, site_id, now=now + timedelta(days=30))
        late = await board_order.plannable(session, site_id, now=now + timedelta(days=40))
    assert [one.jira_board_id for one in soon if one.wanted] == [number]
    assert not any(one.wanted for one in late)


def board(number: int, *, wanted: bool = False) -> OrderedBoard:
    return OrderedBoard(number, f"Board {number}", str(number), wanted, ("1",))


def test_a_run_reads_all_of_few_boards_and_of_many_a_share():
    few = [board(n) for n in range(PLANNED_A_RUN)]
    assert whose_turn(few) == few
    many = [board(n, wanted=n % 50 == 0) for n in range(400)]
    turn = whose_turn(many)
    assert [one.jira_board_id for one in turn if one.wanted] == list(range(0, 400, 50))
    others = [one.jira_board_id for one in turn if not one.wanted]
    assert others == [n for n in range(1, 30) if n % 50][: len(others)]
    assert OTHERS_A_RUN < len(others) == -(-392 // TURNS)
    assert len(whose_turn([board(n, wanted=True) for n in range(100)])) == PLANNED_A_RUN
