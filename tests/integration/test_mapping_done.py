"""What counts as done on a board, chosen by an admin: checked, followed by all numbers, told by the reads."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards, context, facts, store
from sprintreports.jira.board_done import RIGHTMOST, DoneRule
from sprintreports.jira.boards import BoardSettings
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import boards as board_reads
from sprintreports.kit import db
from sprintreports.kit.errors import Forbidden, Invalid
from tests.integration.jira_site import BOARD, NOW, fill, found, make_site, statuses
from tests.integration.sync_support import SYSTEM
from tests.unit.jira.samples import change, day, issue, moved


async def rows(session: AsyncSession, query: str, *values: object) -> list[tuple]:
    cursor = await (await db.raw(session)).execute(query, values)
    return await cursor.fetchall()


async def board_id(session: AsyncSession) -> int:
    return (await rows(session, "SELECT id FROM board"))[0][0]


async def choose(session: AsyncSession, rule: DoneRule) -> None:
    settings = BoardSettings(done=rule)
    await boards.set_board(session, SYSTEM, await board_id(session), settings, now=NOW)


async def completed(session: AsyncSession, site: SiteContext) -> int:
    while await facts.rebuild_touched(session, site.site_id, now=NOW, limit=50):
        pass
    found = await rows(
        session, "SELECT count(*) FROM sprint_issue_fact WHERE jira_sprint_id = 1 AND bucket = 'completed'"
    )
    return found[0][0]


@pytest_asyncio.fixture
async def db_session(pg_url: str) -> AsyncIterator[AsyncSession]:
    """In a database whose queue is the product's."""
    async with db.transaction() as session:
        yield session


@pytest_asyncio.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    """Five issues of the first sprint: one done, two in progress, one parked (in no column), one to do."""
    made = await make_site(db_session)
    moves = {1: ["2", "3"], 2: ["2"], 3: ["2"], 4: ["4"], 5: []}
    issues = []
    for number, targets in moves.items():
        steps = list(zip(["1", *targets], targets, strict=False))
        changes = [
            change(10 * number + at, day(3 + at), moved(*step)) for at, step in enumerate(steps, start=1)
        ]
        issues.append(issue(number, *changes, sprints=[1], points=1, status=(["1", *targets])[-1]))
    await fill(db_session, made, issues)
    return made


async def test_chosen_statuses_count_instead_of_the_column(db_session: AsyncSession, site: SiteContext):
    assert await completed(db_session, site) == 1
    await choose(db_session, DoneRule(("2", "3")))
    assert (await rows(db_session, "SELECT count(*) FROM sprint_touched"))[0][0] > 0
    jobs = await rows(db_session, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'jira.facts'")
    assert jobs == [(1,)]
    assert await completed(db_session, site) == 3
    row = await board_reads.one(db_session, SYSTEM, await board_id(db_session))
    assert (row.done, row.done_statuses) == (("Done", "In Progress"), ("2", "3"))
    await choose(db_session, RIGHTMOST)
    assert await completed(db_session, site) == 1
    row = await board_reads.one(db_session, SYSTEM, await board_id(db_session))
    assert (row.done, row.done_statuses) == (("Done",), None)


async def test_a_status_in_no_column_can_count(db_session: AsyncSession, site: SiteContext):
    listed = await boards.statuses(db_session, SYSTEM, await board_id(db_session))
    assert [(one.name, one.column, one.rightmost) for one in listed] == [
        ("To Do", "To do", False), ("In Progress", "In progress", False), ("Done", "Done", True),
        ("Parked", None, False),
    ]  # fmt: skip
    await choose(db_session, DoneRule(("4", "3")))
    assert await completed(db_session, site) == 2


async def test_a_board_without_columns(db_session: AsyncSession, site: SiteContext):
    await rows(db_session, "UPDATE board SET columns = NULL RETURNING 1")
    await choose(db_session, DoneRule(("2",)))
    assert await completed(db_session, site) == 2
    connection = await db.raw(db_session)
    rules = (await context.boards(connection, site.site_id, [BOARD]))[BOARD].rules
    assert [rules.state(status).name for status in "1234"] == ["TODO", "DONE", "DOING", "TODO"]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ((), "Choose at least one status"),
        (("1", "2", "3"), "every issue would be done from its start"),
        (("1", "2", "3", "4"), "every issue would be done from its start"),
        (("3", "77"), "no status 77"),
        (("no such\nname",), "no status no such"),
    ],
)
async def test_choices_that_cannot_be(
    db_session: AsyncSession, site: SiteContext, chosen: tuple[str, ...], said: str
):
    with pytest.raises(Invalid) as caught:
        await choose(db_session, DoneRule(chosen))
    (problem,) = caught.value.details
    assert problem.field == "done_statuses"
    assert said in problem.message


async def test_statuses_that_jira_deletes_later_keep_the_past(db_session: AsyncSession, site: SiteContext):
    await choose(db_session, DoneRule(("4",)))
    assert await completed(db_session, site) == 1
    await store.store_statuses(db_session, site, statuses()[:3], now=NOW)
    await store.store_boards(db_session, site, [found()], now=NOW)
    assert await completed(db_session, site) == 1
    row = await board_reads.one(db_session, SYSTEM, await board_id(db_session))
    assert row.done == ("Parked (deleted in Jira)",)
    with pytest.raises(Invalid) as caught:
        await choose(db_session, DoneRule(("4",)))
    assert "all deleted in Jira" in caught.value.details[0].message
    await choose(db_session, DoneRule(("3", "4")))
    assert await completed(db_session, site) == 2


async def test_the_same_choice_again_computes_nothing(db_session: AsyncSession, site: SiteContext):
    await choose(db_session, DoneRule(("3", "2")))
    await completed(db_session, site)
    await choose(db_session, DoneRule(("2", "3", "3")))
    assert await rows(db_session, "SELECT count(*) FROM sprint_touched") == [(0,)]


async def test_only_admins_choose(db_session: AsyncSession, site: SiteContext):
    reader = Viewer(user_id=1, role=Role.VIEWER, name="", email="")
    with pytest.raises(Forbidden):
        await boards.set_board(
            db_session, reader, await board_id(db_session), BoardSettings(done=RIGHTMOST), now=NOW
        )
