"""Two teams that are given one name at once: one gets it, and whoever comes second is told so."""

import asyncio

import pytest
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from sprintreports.planning import teams
from sprintreports.planning.teams import TeamSettings
from tests.integration.planning_site import ADMIN
from tests.integration.planning_support import asking, person

_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.mark.parametrize("new", [False, True])
async def test_a_name_that_somebody_takes_this_instant_is_a_conflict(pg_url: str, *, new: bool) -> None:
    async with db.transaction() as session:
        one, two = [await teams.create(session, ADMIN, TeamSettings(name)) for name in ("QA", "Web")]
    async with asking() as client:
        api = await person(client, Role.MANAGER)
        async with db.transaction() as session:
            await teams.change(session, ADMIN, one.id, TeamSettings("Ops"), version=None)
            request = ("POST", "/teams") if new else ("PATCH", f"/teams/{two.id}")
            late = asyncio.create_task(api.answer(*request, json={"name": "OPS"}))
            async with asyncio.timeout(20):
                while not late.done() and not await session.scalar(_WAITING):  # noqa: ASYNC110  # another session waits
                    await asyncio.sleep(0.02)
        answer = await late
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
        assert "name" in answer.json()["error"]["message"]
        assert sorted(team["name"] for team in await api("GET", "/teams")) == ["Ops", "Web"]
