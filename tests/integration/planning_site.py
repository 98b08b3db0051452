"""A small site with three team values of Jira, on two boards, for tests of planning."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.planning import discovering
from tests.integration.jira_site import fill, make_site
from tests.unit.jira.samples import change, day, issue, moved

ADMIN = replace(Viewer.system(), user_id=7)
QA, WEB, OPS = "EMEA / QA", "EMEA / Web", "Ops"
SUMMER = date(2026, 7, 1), date(2026, 7, 31)


@dataclass(frozen=True, slots=True)
class PlanningSite:
    """values: ids of Jira's team values by name; people: ids of people in Jira by account; sprints and boards by Jira's id."""

    values: dict[str, int]
    people: dict[str, int]
    sprints: dict[int, int]
    boards: dict[int, int]


def manager(
    *, boards: list[int] | None = None, teams: list[int] | None = None, role: Role = Role.MANAGER
) -> Viewer:
    """Somebody whose only grant is limited to boards, to values of Jira, or to both."""
    limits = (None if ids is None else frozenset(ids) for ids in (boards, teams))
    grant = Grant(role, *limits)
    return Viewer(9, "Mia", "mia@x.test", grant.role, grant.board_ids, grant.team_ids, grants=(grant,))


async def planning_site(session: AsyncSession) -> PlanningSite:
    site = await make_site(session, boards=(7, 8))
    done = (change(1, day(5), moved("1", "3")),)
    here = [
        issue(1, *done, status="3", team="EMEA / QA", points=8, sprints=[1], assignee="ada"),
        issue(2, team="EMEA / QA", points=3, sprints=[1, 3], assignee="bela"),
        issue(3, team="EMEA / Web", points=5, sprints=[3], assignee="ada"),
        issue(4, points=2, sprints=[3], assignee="zoe"),
    ]
    await fill(session, site, here, boards=(7,))
    await fill(
        session,
        site,
        [issue(5, team="EMEA / Web", sprints=[3]), issue(6, team="Ops", sprints=[3])],
        boards=(8,),
    )
    return PlanningSite(
        await _ids(session, "SELECT name, id FROM discipline"),
        await _ids(session, "SELECT account_key, id FROM jira_person"),
        await _ids(session, "SELECT jira_sprint_id, id FROM sprint"),
        await _ids(session, "SELECT jira_board_id, id FROM board"),
    )


async def _ids(session: AsyncSession, query: str) -> dict:
    return dict(tuple(row) for row in await session.execute(text(query)))


async def made(session: AsyncSession) -> tuple[PlanningSite, dict[str, int]]:
    site = await planning_site(session)
    found = await discovering.make_teams(session, ADMIN, site.values.values(), separator="/")
    return site, {team.settings.name: team.id for team in found}


async def told(session: AsyncSession, action: str) -> list[tuple[object, object]]:
    query = "SELECT before, after FROM audit_entry WHERE action = :action ORDER BY id"
    return [tuple(row) for row in await session.execute(text(query), {"action": action})]
