"""Several teams changed at once over REST: all of them, or none."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from tests.integration.planning_site import QA, WEB, PlanningSite, planning_site
from tests.integration.planning_support import asking, person
from tests.integration.test_api_teams import made


@pytest_asyncio.fixture
async def site(pg_url: str) -> PlanningSite:
    async with db.transaction() as session:
        return await planning_site(session)


@pytest_asyncio.fixture
async def client(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with asking() as asked:
        yield asked


async def test_what_is_said_holds_for_all_of_them(client: httpx.AsyncClient, site: PlanningSite) -> None:
    api = await person(client, Role.MANAGER)
    ids = await made(api, site)
    await api("PATCH", f"/teams/{ids[QA]}", {"focus": 70, "unit": "hours"})
    body = {"team_ids": [ids[WEB], ids[QA], ids[QA]], "focus": 70, "country": "DE", "subdivision": "BE"}
    changed = await api("PATCH", "/teams", body)
    assert [(team["name"], team["focus"], team["country"], team["subdivision"]) for team in changed] == [
        (QA, 70, "DE", "BE"),
        (WEB, 70, "DE", "BE"),
    ]
    assert [team["unit"] for team in changed] == ["hours", "points"]  # what is left out stays in each
    assert await api("PATCH", "/teams", body) == []
    # Another country has other parts; no country has none.
    abroad = await api("PATCH", "/teams", {"team_ids": [ids[QA]], "country": "US"})
    assert [(team["country"], team["subdivision"]) for team in abroad] == [("US", None)]
    at_home = await api("PATCH", "/teams", {"team_ids": [ids[QA], ids[WEB]], "country": None})
    assert {(team["country"], team["subdivision"]) for team in at_home} == {(None, None)}
    async with db.transaction() as session:
        query = "SELECT count(*) FROM audit_entry WHERE action = 'team.changed' AND after ? 'country'"
        assert (await session.scalar(text(query))) >= 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"focus": 101}, "focus"),
        ({"zone": "Mars/Phobos"}, "zone"),
        ({"weekdays": []}, "weekdays"),
        ({"name": "All alike"}, "name"),
    ],
)
async def test_what_cannot_be_changes_none(
    client: httpx.AsyncClient, site: PlanningSite, body: dict[str, object], field: str
) -> None:
    api = await person(client, Role.MANAGER)
    ids = await made(api, site)
    before = await api("GET", "/teams")
    refused = await api.refused("PATCH", "/teams", {"team_ids": [ids[QA], ids[WEB]], **body})
    assert {name.split(".")[-1] for name in refused} == {field}
    assert await api("GET", "/teams") == before


async def test_a_group_that_is_one_of_them_is_refused_for_all(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    api = await person(client, Role.MANAGER)
    ids = await made(api, site)
    before = await api("GET", "/teams")
    both = {"team_ids": [ids[QA], ids[WEB]], "parent_id": ids[WEB]}
    assert await api.refused("PATCH", "/teams", both) == {"parent_id"}
    assert await api("GET", "/teams") == before


async def test_nobody_changes_a_team_that_is_not_theirs(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    admin = await person(client, Role.ADMIN)
    ids = await made(admin, site)
    both = {"team_ids": [ids[QA], ids[WEB]], "focus": 50}
    mia = await person(client, Role.MANAGER, teams=[site.values[QA]])
    await mia("PATCH", "/teams", both, status=404)
    assert {team["focus"] for team in await admin("GET", "/teams")} == {80}
    assert [team["name"] for team in await mia("PATCH", "/teams", both | {"team_ids": [ids[QA]]})] == [QA]
    viewer = await person(client, Role.VIEWER)
    await viewer("PATCH", "/teams", both, status=403)
    for team_ids in ([], [0], ["x"], [999_999, *range(1, 501)]):
        await admin.refused("PATCH", "/teams", {"team_ids": team_ids, "focus": 50})
