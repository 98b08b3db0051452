"""The closed sprints that a sprint is measured against."""

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import earlier, sprint_reports
from tests.integration.jira_site import NOW, fill, make_site
from tests.integration.test_reads import SYSTEM, queries, sample, sprint_id, team_ids


async def test_the_sums_are_those_of_the_earlier_reports_last_first(db_session: AsyncSession):
    await fill(db_session, await make_site(db_session), sample())
    first, second, third = [await sprint_id(db_session, number) for number in (1, 2, 3)]
    with queries(db_session) as seen:
        found = await earlier.read(db_session, SYSTEM, sprint_id=third)
    assert len(seen) == 2
    expected = [
        (await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)).totals
        for number in (second, first)
    ]
    assert found == expected
    assert [sums.initial.count for sums in found] == [0, 3]
    assert await earlier.read(db_session, SYSTEM, sprint_id=first) == []


async def test_a_viewer_of_one_team_measures_that_team(db_session: AsyncSession):
    await fill(db_session, await make_site(db_session), sample())
    teams = await team_ids(db_session, "Frontend")
    viewer = Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=teams)
    third, first = await sprint_id(db_session, 3), await sprint_id(db_session, 1)
    found = await earlier.read(db_session, viewer, sprint_id=third)
    whole = await sprint_reports.read(db_session, viewer, sprint_id=first, now=NOW)
    assert found[1] == whole.totals
