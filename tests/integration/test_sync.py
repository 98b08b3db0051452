"""A sync over real HTTP into a real database: whole, in both dialects, again, and in parts."""

import asyncio
from collections.abc import Iterator

import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import boards, mapping_setup, sites, sync
from sprintreports.jira.sync import issues
from sprintreports.jira.sync.errors import NoBoardChosen, SyncRunning
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Conflict, Forbidden, Invalid
from sprintreports.metrics.values import SubtaskRule
from tests.integration.sync_support import SYSTEM, connected, connection, contents, one, rows, synced

NOW = 1_780_000_000_000  # the company's present, so that nothing in it moves while we test


@pytest.fixture(scope="module", params=list(Dialect))
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect]]:
    with running_demo(dialect=request.param, seed=3, scale=0.15, now=NOW) as demo:
        yield demo, request.param


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=3, scale=0.15, now=NOW) as demo:
        yield demo


async def test_a_company_arrives_whole_and_a_second_time_changes_nothing(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    outcome = await synced(site_id)
    assert (outcome.end, outcome.error) == ("done", None)
    before = contents(pg_url)
    assert before["issue"][0] == outcome.issues == outcome.changed > 100
    assert before["stored_payload"][0] == outcome.issues
    assert before["change_item"][0] > outcome.issues
    assert before["sprint"][0] == 4 * 29
    assert before["board_sprint"][0] == 5 * 29
    assert one(pg_url, "SELECT count(*) FROM sprint_touched") == 0
    assert one(pg_url, "SELECT deleted FROM status WHERE status_id = '10990'") is True
    for mode in sync.Mode:
        again = await synced(site_id, mode)
        assert again.end == "done"
        assert contents(pg_url) == before, mode
    run = one(
        pg_url, "SELECT state, phase, done_issues, total_issues, error FROM sync_run ORDER BY id LIMIT 1"
    )
    assert run == ("done", "facts", outcome.issues, outcome.issues, None)


async def test_an_incremental_run_reads_only_what_changed(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    outcome = await synced(site_id, sync.Mode.INCREMENTAL)
    assert outcome.issues == 0


async def test_an_incremental_run_fetches_what_is_missing(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    first = await synced(site_id)
    async with db.transaction() as session:
        found = await boards.listing(session, SYSTEM, site_id)
        await boards.choose(
            session, SYSTEM, site_id, board_ids=[one.board_id for one in found], now=clock.now()
        )
    second = await synced(site_id, sync.Mode.INCREMENTAL)
    assert second.issues > first.issues / 2
    whole = contents(pg_url)
    await synced(site_id)
    assert contents(pg_url) == whole


async def test_the_mapping_is_guessed_with_reasons(cloud, pg_url):
    site_id = await connected(connection(cloud))
    async with db.transaction() as session:
        guessed = await mapping_setup.guess(session, SYSTEM, site_id, now=clock.now())
    assert (guessed.points, guessed.owner, guessed.discipline, guessed.sprint, guessed.epic) == (
        "customfield_10028", "customfield_10050", "customfield_10051", "customfield_10020", "customfield_10014",
    )  # fmt: skip
    assert guessed.points_by_project == {"PAY": "customfield_10016"}
    assert set(guessed.reasons) == set(mapping_setup.Slot)
    assert all(reason.endswith(".") for reason in guessed.reasons.values())


async def test_a_new_mapping_is_replayed_without_asking_jira(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    before = contents(pg_url)
    async with db.transaction() as session:
        _, effect = await mapping_setup.confirm(
            session, SYSTEM, site_id, changes={"owner": None}, now=clock.now()
        )
        run_id = one_live(await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.REPLAY))
    assert effect == "replay"
    asked = []

    async def no_jira(site):
        asked.append(site)
        raise AssertionError

    outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now, open_client=no_jira)
    assert (outcome.end, asked) == ("done", [])
    assert one(pg_url, "SELECT count(*) FROM issue WHERE owner_id IS NOT NULL") == 0
    assert contents(pg_url)["sprint_segment"] == before["sprint_segment"]


def one_live(prepared: tuple[int, bool]) -> int:
    run_id, fresh = prepared
    assert not fresh
    return run_id


async def test_a_field_that_was_never_read_is_read_again(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    async with db.transaction() as session:
        site = await sites.load(session, site_id)
        kept = [field for field in site.settings["fields_read"] if field != "customfield_10050"]
        site.settings = {**site.settings, "fields_read": kept}
    outcome = await synced(site_id, sync.Mode.INCREMENTAL)
    assert outcome.issues == one(pg_url, "SELECT count(*) FROM issue")


async def test_unknown_fields_are_refused_by_name(cloud, pg_url):
    site_id = await connected(connection(cloud))
    async with db.transaction() as session:
        with pytest.raises(Invalid) as caught:
            await mapping_setup.confirm(
                session,
                SYSTEM,
                site_id,
                changes={"owner": "customfield_1", "sprint": None, "mood": "x"},
                now=clock.now(),
            )
    assert {problem.field for problem in caught.value.details} == {"owner", "sprint", "mood"}


async def test_a_run_stops_between_pages_when_asked_to(cloud, pg_url, monkeypatch):
    monkeypatch.setattr(issues, "PAGE", 20)
    site_id = await connected(connection(cloud))
    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.FULL)
    asked = asyncio.Event()

    def listen(progress):
        if progress.done >= 40:
            asked.set()

    running = asyncio.create_task(sync.run(db.transaction, run_id=run_id, now=clock.now, listener=listen))
    await asked.wait()
    async with db.transaction() as session:
        await sync.cancel(session, SYSTEM, run_id, now=clock.now())
    outcome = await running
    assert outcome.end == "cancelled"
    assert 40 <= one(pg_url, "SELECT count(*) FROM issue") == outcome.issues
    assert one(pg_url, "SELECT last_synced_at FROM site") is None
    assert (await synced(site_id)).end == "done"


async def test_two_runs_of_a_site_do_not_overlap(cloud, pg_url):
    site_id = await connected(connection(cloud))
    async with db.transaction() as session:
        run_id, fresh = await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.FULL)
    assert fresh
    with pytest.raises(SyncRunning):
        await synced(site_id)
    outcomes = await asyncio.gather(
        sync.run(db.transaction, run_id=run_id, now=clock.now),
        sync.run(db.transaction, run_id=run_id, now=clock.now),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Outcome", "SyncRunning"]


async def test_without_a_chosen_board_there_is_nothing_to_sync(cloud, pg_url):
    async with db.transaction() as session:
        site_id = await sites.create(session, SYSTEM, connection(cloud))
    with pytest.raises(NoBoardChosen):
        await synced(site_id)


async def test_a_jira_is_connected_once(cloud, pg_url):
    await connected(connection(cloud))
    async with db.transaction() as session:
        with pytest.raises(Conflict):
            await sites.create(session, SYSTEM, connection(cloud))


async def test_the_stored_secret_is_sealed_and_goes_with_the_site(cloud, pg_url):
    site_id = await connected(connection(cloud))
    assert cloud.token.encode() not in bytes(one(pg_url, "SELECT secret FROM site"))
    async with db.transaction() as session:
        await sites.delete(session, SYSTEM, site_id, now=clock.now())
    assert one(pg_url, "SELECT secret IS NULL, deleted_at IS NOT NULL FROM site") == (True, True)
    await connected(connection(cloud))


async def test_a_stored_secret_does_not_follow_to_another_address(cloud, pg_url):
    site_id = await connected(connection(cloud))
    elsewhere = sites.Connection("https://elsewhere.example", sites.Auth.BASIC, cloud.email)
    async with db.transaction() as session:
        with pytest.raises(Invalid, match="not complete"):
            await sites.change(session, SYSTEM, site_id, connection=elsewhere, now=clock.now())


async def test_settings_of_a_board_are_checked_and_take_effect(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await synced(site_id)
    async with db.transaction() as session:
        (board,) = [board for board in await boards.listing(session, SYSTEM, site_id) if board.selected]
        wrong = boards.BoardSettings(zone="Mars/Crater", weekdays=[7])
        with pytest.raises(Invalid) as caught:
            await boards.set_board(session, SYSTEM, board.board_id, wrong, now=clock.now())
        assert {problem.field for problem in caught.value.details} == {"zone", "weekdays"}
        settings = boards.BoardSettings(
            zone="America/New_York", weekdays=[0, 1, 2, 3], subtasks=SubtaskRule.SUBTASKS
        )
        await boards.set_board(session, SYSTEM, board.board_id, settings, now=clock.now())
    assert one(pg_url, "SELECT zone, weekdays FROM board WHERE selected") == (
        "America/New_York",
        [0, 1, 2, 3],
    )
    assert one(pg_url, "SELECT count(*) FROM sprint_touched") > 0
    assert rows(pg_url, "SELECT task_name FROM procrastinate_jobs") == [("jira.facts",)]


async def test_only_admins_touch_sites(cloud, pg_url):
    from sprintreports.identity.permissions import Role
    from sprintreports.identity.viewer import Viewer

    manager = Viewer(user_id=5, name="M", email="m@example.com", role=Role.MANAGER)
    async with db.transaction() as session:
        with pytest.raises(Forbidden):
            await sites.create(session, manager, connection(cloud))
    with pytest.raises(Forbidden):
        await sites.test_connection(manager, connection(cloud))
