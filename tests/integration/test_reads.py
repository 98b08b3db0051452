"""What pages and REST read: right values, the access rule, honest gaps, few queries."""

from contextlib import AbstractContextManager

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import (
    boards,
    burndowns,
    choices,
    names,
    overview,
    runs,
    sites,
    sprint_issues,
    sprint_reports,
    sprints,
    velocities,
)
from sprintreports.kit.errors import Forbidden, Invalid, NotFound
from sprintreports.metrics.scope import EventKind
from sprintreports.metrics.sprint_report import Dimension
from sprintreports.metrics.values import Amount, Bucket, SprintState, Unit
from tests.integration.counting import asked
from tests.integration.jira_site import BOARD, NOW, fill, make_site, rebuild, rows, sprint
from tests.unit.jira.samples import change, day, estimated, issue, moved, sprinted, teamed

SYSTEM = Viewer.system()


def queries(_session: AsyncSession) -> AbstractContextManager[list[str]]:
    return asked()


def sample() -> list[store.RawIssue]:
    """Sprint 1: 1 completed (3→5), 2 carried over, 3 added and done, 4 removed, 5 unmapped. Sprint 3 is running."""
    return [
        issue(1, change(11, day(5), estimated("3", "5")), change(12, day(9), moved("1", "3")), status="3", sprints=[1],
              points=5.0, team="Backend", assignee="bob"),
        issue(2, status="2", sprints=[1, 3], points=8, team="Backend", owner="olga"),
        issue(3, change(31, day(4), sprinted([], [1])), change(32, day(7), moved("2", "3")), status="3", sprints=[1],
              points=2, team="Frontend"),
        issue(4, change(41, day(6), sprinted([1], [])), points=1, team="Frontend"),
        issue(5, status="4", sprints=[1], points=13),
        issue(6, sprints=[4], points=3, team="Frontend"),
        issue(7, change(71, day(46), moved("1", "3")), change(72, day(47), teamed("Backend", "Frontend")), status="3",
              sprints=[3], points=4, team="Frontend"),
    ]  # fmt: skip


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    made = await make_site(db_session)
    await fill(db_session, made, sample())
    return made


async def sprint_id(session: AsyncSession, number: int) -> int:
    found = await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = %s ORDER BY id DESC", number)
    return int(found[0][0])


async def team_ids(session: AsyncSession, *labels: str) -> frozenset[int]:
    found = await rows(session, "SELECT id FROM discipline WHERE name = ANY(%s)", list(labels))
    return frozenset(row[0] for row in found)


async def test_report_adds_up_and_is_read_with_two_queries(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    with queries(db_session) as seen:
        report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert len(seen) == 2
    totals = report.totals
    assert totals.initial == Amount(12_000, 0, 3)
    assert totals.added == Amount(2_000, 0, 1)
    assert totals.removed == Amount(1_000, 0, 1)
    assert totals.reestimated == Amount(2_000, 0, 0)
    assert totals.completed == Amount(7_000, 0, 2)
    assert totals.not_completed == Amount(8_000, 0, 1)
    assert report.excluded == {"status not on the board": 1}
    assert report.state is SprintState.CLOSED
    assert report.window.start == day(2)
    assert report.window.end == day(16.5)
    assert [part.label for part in report.of(Dimension.STATUS)] == ["Done", "In Progress", "To Do"]


async def test_team_viewer_sees_the_slice_of_the_same_report(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    whole = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    teams = await team_ids(db_session, "Frontend")
    viewer = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=teams)
    slice_ = await sprint_reports.read(db_session, viewer, sprint_id=number, now=NOW)
    assert slice_ == whole.for_teams(teams)
    assert slice_.totals.initial == Amount(1_000, 0, 1)
    course = await burndowns.read(db_session, viewer, sprint_id=number, now=NOW)
    assert course.initial == slice_.totals.initial
    assert course.last is not None
    assert course.last.scope == slice_.totals.final
    listed = await sprint_issues.page(db_session, viewer, sprint_id=number)
    assert {row.team for row in listed.items} == {"Frontend"}


async def test_burndown_ends_at_the_report(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    with queries(db_session) as seen:
        course = await burndowns.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert len(seen) == 3
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert course.steps[0].remaining == report.totals.initial
    assert course.last is not None
    assert course.last.remaining == report.totals.final - report.totals.completed
    assert course.planned_end == day(16)
    assert course.guideline[0].at == day(2)


async def test_scope_changes_name_their_issues(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    with queries(db_session) as seen:
        page = await burndowns.scope_changes(db_session, SYSTEM, sprint_id=number, now=NOW, per_page=2)
    assert len(seen) == 3
    assert (page.total, [row.issue_key for row in page.items]) == (3, ["APP-3", "APP-1"])
    first, second = page.items
    assert (first.kind, first.reason, first.delta.points) == (EventKind.ENTERED, "added to the sprint", 2_000)
    assert first.url == "https://jira.test/browse/APP-3"
    assert (second.kind, second.delta.points) == (EventKind.REESTIMATED, 2_000)
    rest = await burndowns.scope_changes(db_session, SYSTEM, sprint_id=number, now=NOW, page=2, per_page=2)
    assert [(row.issue_key, row.kind) for row in rest.items] == [("APP-4", EventKind.LEFT)]


async def test_issue_list_searches_sorts_and_pages(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    with queries(db_session) as seen:
        page = await sprint_issues.page(
            db_session, SYSTEM, sprint_id=number, sort="final", descending=True, per_page=2
        )
    assert len(seen) == 3
    assert page.total == 4
    assert [(row.key, row.final.points) for row in page.items] == [("APP-2", 8_000), ("APP-1", 5_000)]
    two = page.items[0]
    assert (two.stakeholder, two.stakeholder_is_owner, two.bucket) == (
        "Name of olga",
        True,
        Bucket.NOT_COMPLETED,
    )
    assert page.items[1].assignee == "Name of bob"
    assert not page.items[1].stakeholder_is_owner
    found = await sprint_issues.page(db_session, SYSTEM, sprint_id=number, search="issue 3")
    assert [row.key for row in found.items] == ["APP-3"]
    excluded = await sprint_issues.page(db_session, SYSTEM, sprint_id=number, bucket="excluded")
    assert [(row.key, row.excluded) for row in excluded.items] == [("APP-5", "status not on the board")]
    removed = await sprint_issues.page(db_session, SYSTEM, sprint_id=number, bucket=Bucket.REMOVED)
    assert [row.key for row in removed.items] == ["APP-4"]


async def test_issues_are_found_by_person_team_and_status_too(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    for search, keys in (
        ("name of bob", ["APP-1"]),
        ("frontend", ["APP-3", "APP-4"]),
        ("in prog", ["APP-2"]),
    ):
        found = await sprint_issues.page(db_session, SYSTEM, sprint_id=number, search=search)
        assert [row.key for row in found.items] == keys


@pytest.mark.parametrize("search", ["%", "_", "\\", "'; DROP TABLE issue; --", "\0"])
async def test_search_takes_signs_as_they_are(db_session: AsyncSession, site: SiteContext, search: str):
    number = await sprint_id(db_session, 1)
    found = await sprint_issues.page(db_session, SYSTEM, sprint_id=number, search=search)
    assert found.total == (4 if search == "\0" else 0)


@pytest.mark.parametrize("sort", sorted(sprint_issues.SORTS))
async def test_every_sort_runs_both_ways(db_session: AsyncSession, site: SiteContext, sort: str):
    number = await sprint_id(db_session, 1)
    for descending in (False, True):
        page = await sprint_issues.page(
            db_session, SYSTEM, sprint_id=number, sort=sort, descending=descending
        )
        assert len(page.items) == 4


async def test_a_sort_that_is_not_known_is_refused(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    with pytest.raises(Invalid) as refused:
        await sprint_issues.page(
            db_session, SYSTEM, sprint_id=number, sort="key; DROP TABLE issue", per_page=1000
        )
    assert [problem.field for problem in refused.value.details] == ["sort", "per_page"]


async def test_future_sprint_shows_its_planned_scope(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 4)
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert report.window.start is None
    assert report.totals.initial == Amount(0, 0, 0)
    assert report.totals.final == Amount(3_000, 0, 1)
    course = await burndowns.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert course.steps == ()
    assert course.last is None


async def test_sprint_without_dates_and_sprint_without_issues(db_session: AsyncSession, site: SiteContext):
    bare = store.store_sprints
    await bare(db_session, site, BOARD, [sprint(1, "closed", 2, 16, 16.5), sprint_without_dates()], now=NOW)
    await fill(db_session, site, [issue(90, sprints=[9], points=5)])
    await rebuild(db_session, site)
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=await sprint_id(db_session, 9), now=NOW)
    assert report.window.start is None
    assert report.totals.final.points == 5_000
    course = await burndowns.read(db_session, SYSTEM, sprint_id=await sprint_id(db_session, 9), now=NOW)
    assert course.start is None
    assert course.steps == ()


def sprint_without_dates():
    from sprintreports.jira.payloads import SprintPayload

    return SprintPayload(id=9, name="Dateless", state="active", origin_board_id=BOARD)


async def test_empty_sprint_has_a_report_of_nothing(db_session: AsyncSession, site: SiteContext):
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=await sprint_id(db_session, 2), now=NOW)
    assert report.totals.issues == 0
    assert report.teams == ()


async def test_sprint_that_waits_for_its_facts_is_computed_on_the_spot(
    db_session: AsyncSession, site: SiteContext
):
    number = await sprint_id(db_session, 1)
    stored = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    course = await burndowns.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    for table in ("sprint_fact", "sprint_summary", "sprint_event", "sprint_issue_fact"):
        await rows(db_session, f"DELETE FROM {table} RETURNING 1")
    assert await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW) == stored
    assert await burndowns.read(db_session, SYSTEM, sprint_id=number, now=NOW) == course
    assert (await sprints.one(db_session, SYSTEM, number)).totals is None


async def test_velocity_over_closed_sprints(db_session: AsyncSession, site: SiteContext):
    board = (await boards.listing(db_session, SYSTEM))[0]
    with queries(db_session) as seen:
        found = await velocities.read(db_session, SYSTEM, board_id=board.id, last=7)
    assert len(seen) == 1
    assert found.unit is Unit.POINTS
    assert [(bar.name, bar.committed, bar.completed) for bar in found.sprints] == [
        ("Sprint 1", 12.0, 7.0), ("Sprint 2", 0.0, 0.0)
    ]  # fmt: skip
    one = await velocities.read(db_session, SYSTEM, board_id=board.id, last=1, unit=Unit.COUNT)
    assert [bar.name for bar in one.sprints] == ["Sprint 2"]
    with pytest.raises(Invalid):
        await velocities.read(db_session, SYSTEM, board_id=board.id, last=0)


async def test_overview_shows_each_active_sprint_once(db_session: AsyncSession, site: SiteContext):
    with queries(db_session) as seen:
        cards = await overview.read(db_session, SYSTEM, now=NOW)
    assert len(seen) == 1
    assert [(card.sprint_name, card.totals.initial.points if card.totals else None) for card in cards] == [
        ("Sprint 3", 12_000)
    ]
    card = cards[0]
    assert card.working_days_left == 8
    assert card.days[-1].remaining == Amount(8_000, 0, 1)
    assert card.days[0].day == day(45).date()
    assert not card.overdue


async def test_sprint_list(db_session: AsyncSession, site: SiteContext):
    with queries(db_session) as seen:
        page = await sprints.page(db_session, SYSTEM, per_page=3)
    assert len(seen) == 2
    assert (page.total, [row.name for row in page.items]) == (4, ["Sprint 3", "Sprint 4", "Sprint 2"])
    closed = await sprints.page(db_session, SYSTEM, state="closed", search="sprint 1")
    assert [(row.name, row.totals.completed.points if row.totals else None) for row in closed.items] == [
        ("Sprint 1", 7_000)
    ]
    assert closed.items[0].as_of == NOW
    with pytest.raises(Invalid):
        await sprints.page(db_session, SYSTEM, per_page=101)


async def test_referenced_sprint_is_listed_and_says_why_it_has_no_report(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, [issue(91, change(911, day(3), sprinted([175], [])))])
    number = await sprint_id(db_session, 175)
    row = await sprints.one(db_session, SYSTEM, number)
    assert (row.name, row.delivered, row.state, row.board_id) == (
        "Sprint 175",
        False,
        SprintState.UNKNOWN,
        None,
    )
    assert row.note is not None
    with pytest.raises(NotFound, match="No board lists this sprint"):
        await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)


async def test_what_does_not_exist_is_not_found_with_a_sentence(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    with pytest.raises(NotFound, match="no such sprint"):
        await sprint_reports.read(db_session, SYSTEM, sprint_id=10**9, now=NOW)
    with pytest.raises(NotFound, match="no such board"):
        await sprint_reports.read(db_session, SYSTEM, sprint_id=number, board_id=10**9, now=NOW)
    with pytest.raises(NotFound, match="no such board"):
        await boards.one(db_session, SYSTEM, 10**9)
    with pytest.raises(NotFound, match="no such board"):
        await velocities.read(db_session, SYSTEM, board_id=10**9)
    with pytest.raises(NotFound, match="no such Jira site"):
        await sites.one(db_session, SYSTEM, 10**9)
    with pytest.raises(NotFound, match="no such sync run"):
        await runs.one(db_session, SYSTEM, 10**9)


async def test_board_grants_hide_everything_else(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    board = (await boards.listing(db_session, SYSTEM))[0]
    stranger = Viewer(6, "S", "s@x.test", Role.VIEWER, board_ids=frozenset({board.id + 1000}))
    assert await boards.listing(db_session, stranger) == []
    assert await sites.listing(db_session, stranger) == []
    assert (await sprints.page(db_session, stranger)).total == 0
    assert await overview.read(db_session, stranger, now=NOW) == []
    assert (await choices.read(db_session, stranger)).freshness.sites == 0
    for read in (sprint_reports.read, burndowns.read, burndowns.scope_changes):
        with pytest.raises(NotFound):
            await read(db_session, stranger, sprint_id=number, now=NOW)
    with pytest.raises(NotFound):
        await sprint_issues.page(db_session, stranger, sprint_id=number)
    with pytest.raises(NotFound):
        await velocities.read(db_session, stranger, board_id=board.id)
    friend = Viewer(6, "S", "s@x.test", Role.VIEWER, board_ids=frozenset({board.id}))
    assert [row.id for row in await boards.listing(db_session, friend)] == [board.id]
    assert (await sprint_reports.read(db_session, friend, sprint_id=number, now=NOW)).totals.issues == 4


async def test_runs_are_for_those_who_may_see_settings(db_session: AsyncSession, site: SiteContext):
    await rows(
        db_session,
        "INSERT INTO sync_run (site_id, mode, state, phase, error) VALUES (%s, 'full', 'failed', 'issues', 'No.') RETURNING 1",
        site.site_id,
    )
    viewer = Viewer(6, "S", "s@x.test", Role.VIEWER)
    with pytest.raises(Forbidden):
        await runs.page(db_session, viewer)
    latest = await runs.latest(db_session, SYSTEM, site_id=site.site_id)
    assert latest is not None
    assert (latest.state, latest.error, latest.total_issues) == ("failed", "No.", None)
    fresh = (await choices.read(db_session, viewer)).freshness
    assert (fresh.last_synced_at, fresh.failed, fresh.running) == (NOW, True, False)
    assert (await sites.listing(db_session, viewer))[0].account == ""
    assert (await sites.listing(db_session, SYSTEM))[0].account == "a@b.test"


async def test_names_of_a_report(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    found = await names.of_report(db_session, SYSTEM, report)
    labels = {dimension: sorted(map(found.label, report.of(dimension))) for dimension in Dimension}
    assert labels[Dimension.TEAM] == ["Backend", "Frontend", "No team"]
    assert labels[Dimension.ASSIGNEE] == ["Name of bob", "Unassigned"]
    assert labels[Dimension.STAKEHOLDER] == ["Name of olga", "Name of rita"]
    issues = await names.of_issues(db_session, SYSTEM, sprint_id=number, issue_ids=[1, 2, 999])
    assert {key: name.key for key, name in issues.items()} == {1: "APP-1", 2: "APP-2"}


async def test_a_giant_sprint_is_drawn_by_the_hour(
    db_session: AsyncSession, site: SiteContext, monkeypatch: pytest.MonkeyPatch
):
    number = await sprint_id(db_session, 1)
    teams = await team_ids(db_session, "Backend", "Frontend")
    sliced = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=teams)
    exact = [
        await burndowns.read(db_session, viewer, sprint_id=number, now=NOW) for viewer in (SYSTEM, sliced)
    ]
    monkeypatch.setattr(burndowns, "MOST_STEPS", 2)
    await rows(
        db_session, "UPDATE sprint_fact SET rebuilt_at = rebuilt_at RETURNING 1"
    )  # nothing kept is asked
    db_session.info.clear()
    coarse = [
        await burndowns.read(db_session, viewer, sprint_id=number, now=NOW) for viewer in (SYSTEM, sliced)
    ]
    for one, other in zip(exact, coarse, strict=True):
        assert len(one.steps) > 3
        assert all(step.event is None for step in other.steps)
        assert {(step.at, step.scope, step.done, step.remaining) for step in other.steps} <= {
            (step.at, step.scope, step.done, step.remaining) for step in one.steps
        }
        assert other.steps[-1].remaining == one.steps[-1].remaining
        assert other.guideline == one.guideline
