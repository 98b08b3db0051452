"""Issues that are gone: listed with what was last known of them."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import absences
from sprintreports.jira.reads.absences import SprintName, Why
from sprintreports.jira.sites import SiteNotFound
from sprintreports.jira.store_deleted import mark_hidden
from sprintreports.kit.errors import Forbidden
from tests.integration.jira_site import NOW, day, fill, make_site
from tests.unit.jira.samples import issue

SYSTEM = Viewer.system()


async def filled(session: AsyncSession) -> SiteContext:
    site = await make_site(session)
    await fill(session, site, [issue(number, sprints=[1]) for number in (1, 2, 3, 4)])
    return site


async def listed(session: AsyncSession, site: SiteContext, **options: object) -> list[tuple[int, str]]:
    found = await absences.page(session, SYSTEM, site.site_id, **options)
    return [(one.jira_issue_id, one.why.value) for one in found.items]


async def test_deleted_and_hidden_issues_are_listed_the_last_noticed_first(db_session: AsyncSession):
    site = await filled(db_session)
    assert await listed(db_session, site) == []
    assert await store.mark_deleted(db_session, site, [1], now=day(20)) == 1
    assert await mark_hidden(db_session, site, [2, 3], now=day(21)) == 2
    assert await mark_hidden(db_session, site, [1, 3], now=day(22)) == 0
    assert await listed(db_session, site) == [(2, "hidden"), (3, "hidden"), (1, "deleted")]
    assert await listed(db_session, site, why=Why.DELETED) == [(1, "deleted")]
    assert await listed(db_session, site, why=Why.HIDDEN, per_page=1, page=2) == [(3, "hidden")]
    found = await absences.page(db_session, SYSTEM, site.site_id, why=Why.DELETED)
    (gone,) = found.items
    assert (found.total, gone.noticed_at, gone.key) == (1, day(20), "APP-1")
    assert [(name.name, name.state) for name in gone.sprints] == [("Sprint 1", "closed")]
    assert all(isinstance(name, SprintName) for name in gone.sprints)


async def test_a_hidden_issue_that_is_deleted_is_listed_once(db_session: AsyncSession):
    site = await filled(db_session)
    await mark_hidden(db_session, site, [4], now=day(21))
    await store.mark_deleted(db_session, site, [4], now=day(22))
    assert await listed(db_session, site) == [(4, "deleted")]


async def test_what_jira_delivers_again_unchanged_is_back(db_session: AsyncSession):
    site = await filled(db_session)
    await mark_hidden(db_session, site, [2], now=day(21))
    await store.mark_deleted(db_session, site, [1], now=day(21))
    batch = [issue(1, sprints=[1]), issue(2, sprints=[1])]
    await store.store_issues(db_session, site, batch, run_id=None, now=NOW)
    assert await listed(db_session, site) == []


async def test_only_who_may_read_settings_sees_the_list(db_session: AsyncSession):
    site = await filled(db_session)
    viewer = Viewer(user_id=5, name="V", email="v@example.com", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        await absences.page(db_session, viewer, site.site_id)
    with pytest.raises(SiteNotFound):
        await absences.page(db_session, SYSTEM, site.site_id + 1)
