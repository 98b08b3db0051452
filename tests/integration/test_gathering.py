"""A sprint's state as it is now and as it was: what history tells of a moment is what was read at that moment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import store
from sprintreports.jira.reads import sprint_reports
from sprintreports.kit.errors import Forbidden, Invalid, NotFound
from sprintreports.metrics.sprint_report import Dimension
from sprintreports.metrics.values import Bucket, SprintState
from sprintreports.reports.gathering import as_of, live
from sprintreports.reports.snapshot import Snapshot
from tests.integration.counting import asked
from tests.integration.jira_site import NOW, fill, make_site
from tests.integration.reports_site import CLOSE, SPRINT, START, Tale, deliver, tales
from tests.unit.jira.samples import change, day, issue, item, sprinted

SYSTEM = Viewer.system()
MOMENTS = tuple(day(number) for number in (44.5, 45.01, 47.3, 52.9, 58.99))


async def sprint_id(session: AsyncSession, number: int = SPRINT) -> int:
    query = "SELECT id FROM sprint WHERE jira_sprint_id = :number ORDER BY id DESC"
    return (await session.execute(text(query), {"number": number})).scalars().first() or 0


def told(snapshot: Snapshot) -> Snapshot:
    """What history can tell: not when we last synced, what the data are worth now, and the words about that."""
    return replace(snapshot, as_of=None, quality=(), notes=(), start=None)


@pytest.mark.parametrize("seed", range(4))
async def test_history_tells_of_a_moment_what_was_read_then(db_session: AsyncSession, seed: int):
    site = await make_site(db_session)
    stories = tales(seed)
    number = await sprint_id(db_session)
    read: list[Snapshot] = []
    for at in MOMENTS:
        await deliver(db_session, site, stories, at)
        db_session.info.clear()
        read.append(await live(db_session, SYSTEM, sprint_id=number, now=at))
    assert any(snapshot.issues for snapshot in read)
    assert read[0].report.state is SprintState.FUTURE
    # The sprint closes, more happens, issues are deleted: what was is not moved by that.
    await deliver(db_session, site, stories, day(62), closed=True)
    await store.mark_deleted(db_session, site, [one.number for one in stories[:5]], now=day(63))
    db_session.info.clear()
    for at, before in zip(MOMENTS, read, strict=True):
        again = await as_of(db_session, SYSTEM, sprint_id=number, moment=at, now=day(64))
        assert told(again) == told(before)
        assert again.notes
        assert not before.notes


@pytest.mark.parametrize("seed", range(4))
async def test_now_is_what_the_pages_read(db_session: AsyncSession, seed: int):
    site = await make_site(db_session)
    await deliver(db_session, site, tales(seed), day(53))
    for number in (1, 3, 4):
        sprint = await sprint_id(db_session, number)
        report = await sprint_reports.read(db_session, SYSTEM, sprint_id=sprint, now=day(53))
        now = await live(db_session, SYSTEM, sprint_id=sprint, now=day(53))
        assert now.report == report
        assert told(await as_of(db_session, SYSTEM, sprint_id=sprint, moment=day(53), now=day(53))) == told(
            now
        )
        counted = [one for one in now.issues if one.outcome]
        assert len(counted) == report.totals.issues
        assert len(now.issues) - len(counted) == sum(report.excluded.values())
        for part in report.of(Dimension.STATUS):
            assert part.totals.issues == sum(one.status == part.label for one in counted)
        for part in report.of(Dimension.TYPE):
            assert part.totals.issues == sum(one.type == part.label for one in counted)


@pytest.mark.parametrize("seed", range(4))
async def test_a_close_is_the_closed_report_and_a_start_the_commitment(db_session: AsyncSession, seed: int):
    site = await make_site(db_session)
    await deliver(db_session, site, tales(seed), day(62), closed=True)
    number = await sprint_id(db_session)
    closed = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=day(64))
    for moment in (CLOSE, CLOSE + timedelta(days=3)):
        found = await as_of(db_session, SYSTEM, sprint_id=number, moment=moment, now=day(64))
        assert found.report == closed
        assert (found.moment, found.completed) == (CLOSE, CLOSE)
        assert found.notes == ()
    just_before = await as_of(
        db_session, SYSTEM, sprint_id=number, moment=CLOSE - timedelta(microseconds=1), now=day(64)
    )
    assert just_before.report.state is SprintState.ACTIVE
    assert just_before.report.totals == closed.totals
    start = await as_of(db_session, SYSTEM, sprint_id=number, moment=START, now=day(64))
    assert start.report.totals.initial == closed.totals.initial
    assert start.report.totals.final == closed.totals.initial
    assert start.events == ()


async def test_attributes_are_those_of_the_moment(db_session: AsyncSession):
    site = await make_site(db_session)
    first = {
        "status": "1", "points": 3, "team": "Backend", "sprints": (SPRINT,), "assignee": "ann", "owner": None,
        "type_": "Story", "priority": "Low", "summary": "Pay by card",
    }  # fmt: skip
    later = [
        ("status", "2"), ("points", 8), ("team", "QA"), ("assignee", "bob"), ("owner", "olga"), ("type_", "Bug"),
        ("priority", "High"), ("summary", "Pay later"),
    ]  # fmt: skip
    tale = Tale(9, day(40), first, [(day(50), what, new) for what, new in later])
    await deliver(db_session, site, [tale], day(52))
    number = await sprint_id(db_session)
    (now,) = (await live(db_session, SYSTEM, sprint_id=number, now=day(52))).issues
    then = await as_of(db_session, SYSTEM, sprint_id=number, moment=day(49), now=day(52))
    (before,) = then.issues
    people = dict(
        tuple(row) for row in await db_session.execute(text("SELECT id, account_key FROM jira_person"))
    )
    said = [
        (
            one.summary, one.type, one.status, one.priority, then.disciplines.get(one.discipline, "QA"),
            people[one.assignee or 0], people[one.stakeholder or 0], one.stakeholder_is_owner,
            one.outcome and one.outcome.final.points,
        )
        for one in (before, now)
    ]  # fmt: skip
    assert said == [
        ("Pay by card", "Story", "To Do", "Low", "Backend", "ann", "rita", False, 3_000),
        ("Pay later", "Bug", "In Progress", "High", "QA", "bob", "olga", True, 8_000),
    ]


async def test_an_issue_is_called_by_the_key_it_had(db_session: AsyncSession):
    site = await make_site(db_session)
    renamed = change(1, day(51), item("Key", None, (None, "OLD-7"), (None, "APP-7")))
    child = item("Parent", None, ("7", "APP-7"), ("8", "APP-8"))
    await fill(db_session, site, [
        issue(7, renamed, sprints=[SPRINT], points=1),
        issue(8, sprints=[SPRINT], points=1),
        issue(9, change(2, day(51), child), subtask_of=8),
    ])  # fmt: skip
    number = await sprint_id(db_session)
    keys = {one.key for one in (await live(db_session, SYSTEM, sprint_id=number, now=day(52))).issues}
    assert keys == {"APP-7", "APP-8"}
    then = await as_of(db_session, SYSTEM, sprint_id=number, moment=day(50), now=day(52))
    assert {one.key for one in then.issues} == {"OLD-7", "APP-8"}


async def test_an_issue_that_left_is_told_as_it_left(db_session: AsyncSession):
    site = await make_site(db_session)
    left = change(1, day(48), sprinted([SPRINT], []))
    done = change(2, day(49), item("status", "status", ("1", "To Do"), ("3", "Done")))
    await fill(db_session, site, [issue(7, left, done, status="3", points=5)])
    number = await sprint_id(db_session)
    (gone,) = (await live(db_session, SYSTEM, sprint_id=number, now=NOW)).issues
    assert gone.outcome is not None
    assert (gone.outcome.bucket, gone.status) == (Bucket.REMOVED, "To Do")


async def test_a_slice_is_cut_from_the_whole(db_session: AsyncSession):
    site = await make_site(db_session)
    await deliver(db_session, site, tales(1), day(53))
    number = await sprint_id(db_session)
    whole = await live(db_session, SYSTEM, sprint_id=number, now=day(53))
    team = next(team for team in whole.disciplines if team)
    viewer = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=frozenset({team}))
    mine = await live(db_session, viewer, sprint_id=number, now=day(53))
    assert mine == whole.for_teams({team})
    assert mine.report == await sprint_reports.read(db_session, viewer, sprint_id=number, now=day(53))
    assert {one.discipline for one in mine.issues} == {team}


async def test_who_may_not_see_the_board_is_refused_and_the_future_is_not_told(db_session: AsyncSession):
    site = await make_site(db_session)
    await deliver(db_session, site, tales(1), day(53))
    number = await sprint_id(db_session)
    stranger = Viewer(5, "V", "v@x.test", Role.VIEWER, board_ids=frozenset({10**9}))
    with pytest.raises(NotFound):
        await live(db_session, stranger, sprint_id=number, now=day(53))
    program = replace(SYSTEM, scopes=frozenset({Permission.SETTINGS_READ}))
    with pytest.raises(Forbidden):
        await live(db_session, program, sprint_id=number, now=day(53))
    # A key that may read reports alone reads them whole.
    reader = replace(SYSTEM, scopes=frozenset({Permission.REPORTS_READ}))
    assert (await live(db_session, reader, sprint_id=number, now=day(53))).issues
    for moment in (day(54), day(50).replace(tzinfo=None)):
        with pytest.raises(Invalid):
            await as_of(db_session, SYSTEM, sprint_id=number, moment=moment, now=day(53))


async def test_the_number_of_queries_does_not_grow_with_the_issues(db_session: AsyncSession):
    site = await make_site(db_session)
    counts: list[tuple[int, int]] = []
    for issues in (3, 60):
        await deliver(db_session, site, tales(1, issues=issues), day(53))
        number = await sprint_id(db_session)
        db_session.info.clear()
        with asked() as now:
            await live(db_session, SYSTEM, sprint_id=number, now=day(53))
        db_session.info.clear()
        with asked() as then:
            await as_of(db_session, SYSTEM, sprint_id=number, moment=day(50), now=day(53))
        counts.append((len(now), len(then)))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 25
