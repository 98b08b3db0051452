"""What a site's numbers rest on besides its issues: each change asks for what it needs, and for no more."""

from collections.abc import Iterator

import msgspec
import psycopg
import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import boards, context, replay, store_boards, sync
from sprintreports.jira.board_turns import look_again
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.mapping import FieldMapping
from sprintreports.jira.sync import fingerprint, meta, replaying
from sprintreports.jira.sync.fingerprint import Consequences, consequences
from sprintreports.kit import clock, db
from tests.integration.sync_support import SYSTEM, connected, connection, contents, one, rows, synced

NOW = 1_780_000_000_000
INCREMENTAL = sync.Mode.INCREMENTAL
MAPPING = FieldMapping(points="p", owner="o", sprint="s")


@pytest.fixture
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=5, scale=0.1, now=NOW) as demo:
        yield demo


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done again: the name of the work, once for each time."""
    seen: list[str] = []

    def watch(module: object, name: str) -> None:
        real = getattr(module, name)

        async def told(*values: object, **options: object) -> object:
            seen.append(name)
            return await real(*values, **options)

        monkeypatch.setattr(module, name, told)

    watch(replaying, "replay")
    watch(store_boards, "resegment")
    return seen


def run(url: str, statement: str, *values: object) -> None:
    with psycopg.connect(url) as database:
        database.execute(statement, values)


def reading(mapping: FieldMapping, *estimating: str) -> str:
    return fingerprint.of_reading(context.SiteContext(1, "", mapping, FieldIndex.of(mapping, estimating)))


def test_what_people_read_of_a_mapping_is_not_its_meaning():
    words = msgspec.structs.replace(MAPPING, names={"p": "Points"}, reasons={"owner": "Why."}, confirmed=True)
    assert reading(words) == reading(MAPPING)
    assert reading(msgspec.structs.replace(MAPPING, owner="other")) != reading(MAPPING)
    assert reading(msgspec.structs.replace(MAPPING, points_by_project={"WEB": "w"})) != reading(MAPPING)


def test_the_fields_that_boards_estimate_with_are_part_of_the_reading():
    assert reading(MAPPING, "p") == reading(MAPPING)
    assert reading(MAPPING, "a", "b") == reading(MAPPING, "b", "a") != reading(MAPPING, "a")


def test_a_filter_is_its_id_its_text_and_the_board_s_own_part():
    same = fingerprint.of_filter("7", "project = A  ORDER BY Rank", None)
    assert same == fingerprint.of_filter("7", "project = A ORDER BY Rank", None)
    others = [
        ("8", "project = A ORDER BY Rank", None),
        ("7", "project = B", None),
        ("7", "project = A ORDER BY Rank", "x"),
    ]
    assert same not in {fingerprint.of_filter(*other) for other in others}


@pytest.mark.parametrize(
    ("read_with", "fields_read", "asked"),
    [
        (None, (), Consequences()),
        ("now", ("a", "b"), Consequences()),
        ("now", ("a", "b", "c"), Consequences()),
        ("before", ("a", "b"), Consequences(replay=True)),
        ("now", ("a",), Consequences(read_all=True)),
        ("before", ("a",), Consequences(replay=True, read_all=True)),
    ],
)
def test_consequences(read_with, fields_read, asked):
    assert (
        consequences(read_with=read_with, now_with="now", fields_read=fields_read, fields_needed=("a", "b"))
        == asked
    )


async def test_nothing_changed_asks_for_nothing(cloud, done, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    done.clear()
    query = "SELECT jira_board_id, jira_sprint_id, rebuilt_at FROM sprint_fact ORDER BY 1, 2"
    facts = rows(pg_url, query)
    assert (await synced(site_id, INCREMENTAL)).issues == 0
    assert (done, rows(pg_url, query)) == ([], facts)


async def test_another_mapping_is_replayed_by_the_next_sync_if_nobody_did(cloud, done, pg_url):
    """As when the replay that the admin's change asked for was cancelled."""
    site_id = await connected(connection(cloud))
    await synced(site_id)
    whole = contents(pg_url)
    done.clear()
    run(pg_url, """UPDATE site SET mapping = mapping || '{"owner": null}'""")
    first = await synced(site_id, INCREMENTAL)
    assert (set(done), first.issues) == ({"replay"}, 0)
    assert one(pg_url, "SELECT count(*) FROM issue WHERE owner_id IS NOT NULL") == 0
    assert contents(pg_url)["sprint_segment"] == whole["sprint_segment"]
    done.clear()
    await synced(site_id, INCREMENTAL)
    assert done == []


async def test_a_replay_that_was_asked_for_is_not_done_again_by_the_next_sync(cloud, done, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    run(pg_url, """UPDATE site SET mapping = mapping || '{"owner": null}'""")
    await synced(site_id, sync.Mode.REPLAY)
    done.clear()
    await synced(site_id, INCREMENTAL)
    assert done == []


async def test_a_replay_that_stopped_goes_on_and_a_second_mapping_begins_anew(cloud, monkeypatch, pg_url):
    monkeypatch.setattr(replaying, "PAGE", 50)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    count = one(pg_url, "SELECT count(*) FROM stored_payload")
    run(pg_url, """UPDATE site SET mapping = mapping || '{"owner": null}'""")
    pages: list[str] = []

    async def counted(*values: object, after: str, **options: object) -> str | None:
        pages.append(after)
        if len(pages) == 3:
            raise ConnectionError("the database went away")
        if len(pages) == 5:
            run(pg_url, """UPDATE site SET mapping = mapping || '{"discipline": null}'""")
        return await replay.replay(*values, after=after, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(replaying, "replay", counted)
    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=INCREMENTAL)
    with pytest.raises(ConnectionError):
        await sync.run(db.transaction, run_id=run_id, now=clock.now)
    outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now)
    assert (outcome.end, outcome.issues) == ("done", 0)
    assert pages[3] == pages[2] > ""  # from the page that was not finished
    assert len(pages) == 1 + -(-count // 50)
    again = len(pages)
    await synced(site_id, INCREMENTAL)  # the mapping changed while the replay was at work
    assert len(pages) == again + -(-count // 50)
    assert one(pg_url, "SELECT count(*) FROM issue WHERE owner_id IS NOT NULL OR discipline_id <> 0") == 0


async def test_other_columns_rewrite_the_segments_of_that_board_alone(cloud, done, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    done.clear()
    before = dict(rows(pg_url, "SELECT jira_board_id, max(rebuilt_at) FROM sprint_fact GROUP BY 1"))
    (edit,) = cloud.edit(1, seed=1, kinds=["columns"])
    outcome = await synced(site_id, INCREMENTAL)
    after = dict(rows(pg_url, "SELECT jira_board_id, max(rebuilt_at) FROM sprint_fact GROUP BY 1"))
    assert (done, outcome.issues) == (["resegment"], 0)
    assert {board for board in before if before[board] != after[board]} == {edit["subject"]}
    delta = contents(pg_url)
    await synced(site_id)
    assert contents(pg_url) == delta


async def test_a_board_that_is_chosen_brings_its_issues_and_nothing_else(cloud, done, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={1})
    first = await synced(site_id)
    done.clear()
    async with db.transaction() as session:
        found = await boards.listing(session, SYSTEM, site_id)
        wanted = [board.board_id for board in found if board.jira_board_id in (1, 3)]
        await boards.choose(session, SYSTEM, site_id, board_ids=wanted, now=clock.now())
    second = await synced(site_id, INCREMENTAL)
    assert second.issues == one(pg_url, "SELECT count(*) FROM issue") - first.issues > 0
    delta = contents(pg_url)
    await synced(site_id)
    assert contents(pg_url) == delta


def configured(url: str) -> dict[int, object]:
    return dict(rows(url, "SELECT jira_board_id, configured_at FROM board WHERE selected"))


async def read_by(url: str, site_id: int, *, by: str | None = None) -> set[int]:
    """The boards whose configurations an incremental run reads; `by`: whoever asked for it."""
    before = configured(url)
    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=INCREMENTAL)
    if by is not None:
        run(url, "UPDATE sync_run SET requested_by = %s WHERE id = %s", by, run_id)
    outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now)
    assert outcome.error is None
    return {board for board, at in configured(url).items() if at != before[board]}


@pytest.mark.unmeasured
async def test_of_many_boards_a_quarter_is_configured_at_a_time_and_all_in_turn(
    cloud, done, pg_url, monkeypatch
):
    monkeypatch.setattr(meta, "CONFIGURATIONS_A_RUN", 1)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    whole, everything = set(configured(pg_url)), contents(pg_url)
    quarter = -(-len(whole) // 4)
    assert quarter < len(whole)
    runs = [await read_by(pg_url, site_id) for _ in range(4)]
    assert [len(read) for read in runs] == [quarter] * 4
    assert set.union(*runs) == whole
    assert contents(pg_url) == everything
    done.clear()
    (edit,) = cloud.edit(1, seed=1, kinds=["columns"])
    for _ in range(4):
        await read_by(pg_url, site_id)
    assert done == ["resegment"]
    delta = contents(pg_url)
    await synced(site_id)
    assert contents(pg_url) == delta
    assert edit["subject"] in whole


async def test_who_asks_for_a_run_sees_all_boards_read_and_a_board_that_told_of_itself_is_next(
    cloud, pg_url, monkeypatch
):
    monkeypatch.setattr(meta, "CONFIGURATIONS_A_RUN", 1)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    whole = set(configured(pg_url))
    assert await read_by(pg_url, site_id, by="7") == whole
    last = max(whole)
    async with db.transaction() as session:
        await look_again(session, site_id, [last])
    assert last in await read_by(pg_url, site_id)


async def test_a_board_with_a_problem_does_not_wait_and_does_not_lose_it_unread(cloud, pg_url, monkeypatch):
    monkeypatch.setattr(meta, "CONFIGURATIONS_A_RUN", 1)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    whole = set(configured(pg_url))
    run(pg_url, "UPDATE board SET problem = 'It was away.' WHERE jira_board_id = %s", max(whole))
    for _ in range(2):
        await read_by(pg_url, site_id)
    assert one(pg_url, "SELECT count(*) FROM board WHERE problem IS NOT NULL") == 0


async def test_a_filter_is_read_in_each_run_whoever_s_turn_it_is(cloud, pg_url, monkeypatch):
    monkeypatch.setattr(meta, "CONFIGURATIONS_A_RUN", 1)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    whole = set(configured(pg_url))
    known = rows(pg_url, "SELECT jira_board_id, filter_jql, estimation_field FROM board ORDER BY 1")
    run(pg_url, "UPDATE board SET filter_jql = 'project = OLD', name = 'Old'")
    read = await read_by(pg_url, site_id)
    assert read < whole
    assert rows(pg_url, "SELECT jira_board_id, filter_jql, estimation_field FROM board ORDER BY 1") == known
    assert one(pg_url, "SELECT count(*) FROM board WHERE name = 'Old'") == 0
