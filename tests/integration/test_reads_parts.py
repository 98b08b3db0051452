"""The issues behind each part of a report, and all sprints at once."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import sprint_issues, sprint_reports, sprints
from sprintreports.kit import db
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.sprint_report import Dimension
from sprintreports.metrics.values import Bucket
from tests.integration.jira_site import NOW, fill, make_site
from tests.integration.test_reads import SYSTEM, sample, sprint_id


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    made = await make_site(db_session)
    await fill(db_session, made, sample())
    return made


async def test_the_issues_behind_each_part_are_those_that_it_adds_up(
    db_session: AsyncSession, site: SiteContext
):
    number = await sprint_id(db_session, 1)
    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert {part.dimension for part in report.breakdowns} == set(Dimension)
    for part in report.breakdowns:
        found = await sprint_issues.page(
            db_session, SYSTEM, sprint_id=number, part=(part.dimension, part.label), per_page=100
        )
        completed = [row for row in found.items if row.bucket is Bucket.COMPLETED]
        assert found.total == part.totals.issues, part
        assert len(completed) == part.totals.completed.count, part


@pytest.mark.parametrize("label", ["x", "", "1; --", "9" * 30, "\0"])
async def test_a_part_that_cannot_be_is_refused(db_session: AsyncSession, site: SiteContext, label: str):
    number = await sprint_id(db_session, 1)
    with pytest.raises(Invalid, match="no such part"):
        await sprint_issues.page(db_session, SYSTEM, sprint_id=number, part=(Dimension.TEAM, label))


async def test_all_sprints_at_once_are_those_that_are_shown_one_by_one(
    db_session: AsyncSession, site: SiteContext
):
    """Who may see all boards is answered by other queries than everybody else: by the same sprints in the same order."""
    other = await make_site(db_session, base_url="https://other.test")
    await fill(db_session, other, sample())
    connection = await db.raw(db_session)
    at = {"site": site.site_id, "other": other.site_id}
    await connection.execute("UPDATE board SET deleted_at = now() WHERE site_id = %(other)s", at)
    await connection.execute(
        "INSERT INTO sprint (site_id, jira_sprint_id, name, state, delivered) "
        "VALUES (%(site)s, 900, 'Only referred to', 'unknown', false)",
        at,
    )
    values = sprints._values(SYSTEM) | {"limit": 100, "offset": 0}
    for state, search in ((None, None), ("closed", None), (None, "%3%"), ("unknown", None)):
        asked = values | {"state": state, "search": search}
        listed = [
            [row[0] for row in await db_session.execute(query, asked)]
            for query in (sprints._rows(sprints._SHOWN), sprints._rows(sprints._ALL_SHOWN))
        ]
        count = (await db_session.execute(text(sprints._COUNT), asked)).scalar_one()
        assert listed[0] == listed[1]
        assert count == len(listed[0])
        assert listed[0]
