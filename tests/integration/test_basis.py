"""What figures rest on, counted in the database: the same as issue by issue, whole and of some teams, stored or not."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import access, basis, sprint_reports, velocities
from sprintreports.metrics.basis import Alike, Basis, SprintBasis, sprint_basis
from sprintreports.metrics.values import Unit
from tests.integration.jira_site import NOW, fill, make_site, rows
from tests.integration.test_reads import SYSTEM, sample, sprint_id, team_ids
from tests.unit.jira.samples import change, day, estimated, issue, moved, sprinted


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    """The usual one, with issues that nobody estimated, and some that were estimated late or anew."""
    made = await make_site(db_session)
    more = [
        issue(21, change(1, day(9), moved("1", "3")), status="3", sprints=[1], team="Backend"),
        issue(22, change(2, day(5), estimated("8", None)), sprints=[1], team="Backend"),
        issue(23, change(3, day(4), sprinted([], [1])), change(4, day(6), estimated(None, "2")), sprints=[1], points=2),
        issue(24, change(5, day(6), sprinted([1], [])), team="Frontend"),
    ]  # fmt: skip
    await fill(db_session, made, sample() + more)
    return made


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("teams", [(), ("Backend",), ("Frontend",)])
async def test_it_agrees_with_the_report_and_with_a_count_issue_by_issue(
    db_session: AsyncSession, number: int, teams: tuple[str, ...]
):
    viewer = replace(SYSTEM, team_ids=await team_ids(db_session, *teams) if teams else None)
    at = {"sprint_id": await sprint_id(db_session, number), "now": NOW}
    found = await basis.read(db_session, viewer, **at)
    totals = (await sprint_reports.read(db_session, viewer, **at)).totals
    names = ("added", "removed", "completed", "not_completed")
    assert found.commitment.issues == totals.initial.count
    assert [getattr(found, name).issues for name in names] == [getattr(totals, name).count for name in names]
    final = found.completed + found.not_completed
    assert (final.without_points, final.without_hours) == (totals.unestimated, totals.untimed)
    assert found.left_out == totals.excluded
    if not teams:
        place = await access.place(db_session, viewer, sprint_id=at["sprint_id"], board_id=None)
        fresh = await sprint_reports.fresh(db_session, place, now=NOW)
        each = (Alike(1, None) if one.outcome is None else Alike.of(one.outcome) for one in fresh.issues)
        assert found == sprint_basis(each)
    await rows(db_session, "DELETE FROM sprint_fact RETURNING 1")
    db_session.info.clear()
    assert await basis.read(db_session, viewer, **at) == found, "before it is stored, too"


@pytest.mark.usefixtures("site")
async def test_who_was_not_estimated_is_told_by_figure(db_session: AsyncSession):
    found = await basis.read(db_session, SYSTEM, sprint_id=await sprint_id(db_session, 1), now=NOW)
    assert found == SprintBasis(
        commitment=Basis(6, 2, 6),
        added=Basis(2, 1, 2),
        removed=Basis(2, 1, 2),
        completed=Basis(3, 1, 3),
        not_completed=Basis(3, 1, 3),
        say_do=Basis(7, 2, 7),
        reestimated_points=3,
        left_out=1,
    )
    assert found.reestimated(Unit.POINTS) == 3


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("teams", [(), ("Backend",), ("Frontend",)])
@pytest.mark.parametrize("unit", list(Unit))
async def test_a_velocity_rests_on_the_same_completed_issues(
    db_session: AsyncSession, teams: tuple[str, ...], unit: Unit
):
    viewer = replace(SYSTEM, team_ids=await team_ids(db_session, *teams) if teams else None)
    ((board,),) = await rows(db_session, "SELECT id FROM board")
    found = await velocities.read(db_session, viewer, board_id=board, unit=unit)
    assert len(found.sprints) > 1
    for bar in found.sprints:
        rests_on = (await basis.read(db_session, viewer, sprint_id=bar.sprint_id, now=NOW)).completed
        assert (bar.issues, bar.without_estimate) == (rests_on.issues, rests_on.without(unit))
        assert bar.without_estimate <= bar.unestimated
    if not teams and unit is Unit.POINTS:
        assert sum(bar.without_estimate for bar in found.sprints) > 0
