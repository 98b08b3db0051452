"""Teams: list, make, change, merge, delete; the values of Jira that they stand for; days that a whole team is off."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import Query, Request, Response

from sprintreports.api.answers import Many, One, arranged, one, whole
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.teams import (
    DayOffOut,
    DaysOffIn,
    DisciplineOut,
    DisciplinesIn,
    MergeIn,
    NewTeamsIn,
    TeamChange,
    TeamDisciplineOut,
    TeamIn,
    TeamOut,
    TeamsChange,
)
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import disciplines
from sprintreports.planning import discovering, many_teams, teams
from sprintreports.planning.teams import TeamRow

router = Router(prefix="/api/v1/teams", tags=["teams"])
values = Router(prefix="/api/v1/disciplines", tags=["teams"])

_ORDERS = ("name", "parent_name", "unit", "zone", "country", "members")
_VALUE_ORDERS = ("name", "site_name", "team_name")
_DAY_ORDERS = ("first_day", "last_day", "name")

Reader = Annotated[Asked, needs(Permission.CAPACITY_READ)]
Manager = Annotated[Asked, needs(Permission.CAPACITY_WRITE)]
Since = Annotated[
    date | None,
    Query(
        description="days off that end on this day or later; default: today, in UTC", examples=["2026-05-01"]
    ),
]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(TeamOut, _ORDERS)],
    *,
    search: Search = "",
    parent: OptionalId = None,
) -> Many[TeamOut]:
    """The teams, by name. `search` looks at their names and at the values of Jira that they stand for."""
    found = await _shown(asked, await teams.listing(asked.session, asked.viewer))
    wanted = search.strip().casefold()
    return arranged(
        request,
        [
            team
            for team in found
            if any(wanted in name.casefold() for name in (team.name, *(one.name for one in team.disciplines)))
            and (parent is None or team.parent_id == parent)
        ],
        asking,
    )


@router.post("", status_code=201)
async def create(request: Request, response: Response, body: TeamIn, asked: Manager) -> One[TeamOut]:
    """Make a team. `/disciplines/teams` makes teams of what Jira's issues name."""
    team = await teams.create(asked.session, asked.viewer, body.settings())
    response.headers["Location"] = f"{router.prefix}/{team.id}"
    return one(request, await _one(asked, team))


@router.patch("")
async def change_several(request: Request, body: TeamsChange, asked: Manager) -> Many[TeamOut]:
    """Change group, unit, time zone, weekdays, holidays, focus factor or hours of a day of several teams at once: of all of them,
    or where one cannot be changed, of none. The answer has those that were otherwise before."""
    changed = await many_teams.change(asked.session, asked.viewer, set(body.team_ids), body.settings)
    return whole(request, await _shown(asked, changed), lambda team: team)


@router.get("/{team_id}")
async def single(request: Request, team_id: Id, asked: Reader) -> One[TeamOut]:
    """One team."""
    return one(request, await _one(asked, await teams.one(asked.session, asked.viewer, team_id)))


@router.patch("/{team_id}")
async def change(request: Request, team_id: Id, body: TeamChange, asked: Manager) -> One[TeamOut]:
    """Change name, group, unit, time zone, weekdays, holidays, focus factor or hours of a day."""
    before = await teams.one(asked.session, asked.viewer, team_id)
    wanted = body.settings(before.settings)
    team = await teams.change(asked.session, asked.viewer, team_id, wanted, version=before.version)
    return one(request, await _one(asked, team))


@router.delete("/{team_id}", status_code=204)
async def delete(team_id: Id, asked: Manager) -> None:
    """Take a team away, with its members' places. The values of Jira that it stood for are free again."""
    await teams.delete(asked.session, asked.viewer, team_id, version=None)


@router.post("/{team_id}/merge")
async def merge(request: Request, team_id: Id, body: MergeIn, asked: Manager) -> One[TeamOut]:
    """One team of two: members and values of Jira go to the other one, and this one is deleted. No number of a sprint changes."""
    team = await discovering.merge(asked.session, asked.viewer, team_id, into=body.into)
    return one(request, await _one(asked, team))


@router.get("/{team_id}/disciplines")
async def stands_for(
    request: Request,
    team_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(TeamDisciplineOut, _VALUE_ORDERS[:2], per_page=100)],
) -> Many[TeamDisciplineOut]:
    """The values of Jira that the team stands for: its other names."""
    team = await _one(asked, await teams.one(asked.session, asked.viewer, team_id))
    return arranged(request, team.disciplines, asking)


@router.put("/{team_id}/disciplines")
async def set_values(
    request: Request, team_id: Id, body: DisciplinesIn, asked: Manager
) -> Many[TeamDisciplineOut]:
    """Say which values of Jira the team stands for. A value of another team is taken from it."""
    before = await teams.one(asked.session, asked.viewer, team_id)
    team = await discovering.set_disciplines(
        asked.session, asked.viewer, team_id, body.discipline_ids, version=before.version
    )
    return whole(request, (await _one(asked, team)).disciplines, lambda row: row)


@router.get("/{team_id}/days-off")
async def days_off(
    request: Request,
    team_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(DayOffOut, _DAY_ORDERS, per_page=100)],
    *,
    since: Since = None,
) -> Many[DayOffOut]:
    """Days on which nobody of the team works, besides public holidays."""
    found = await teams.days_off(asked.session, asked.viewer, team_id, since=since or asked.now.date())
    return arranged(request, map(DayOffOut.of, found), asking)


@router.put("/{team_id}/days-off")
async def set_days_off(
    request: Request, team_id: Id, body: DaysOffIn, asked: Manager, *, since: Since = None
) -> Many[DayOffOut]:
    """Replace the days off that end on `since` or later; those before it stay."""
    first = since or asked.now.date()
    before = await teams.one(asked.session, asked.viewer, team_id)
    wanted = [off.day_off() for off in body.days_off]
    await teams.set_days_off(
        asked.session, asked.viewer, team_id, wanted, since=first, version=before.version
    )
    found = await teams.days_off(asked.session, asked.viewer, team_id, since=first)
    return whole(request, found, DayOffOut.of)


@values.get("")
async def found_in_jira(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(DisciplineOut, _VALUE_ORDERS)],
    *,
    search: Search = "",
    unmapped: Annotated[bool, Query(description="only those that no team stands for")] = False,
) -> Many[DisciplineOut]:
    """The values of Jira's team field, by name, each with the team that stands for it."""
    rows = await disciplines.listing(asked.session, asked.viewer)
    if unmapped:
        rows = await discovering.unmapped(asked.session, asked.viewer)
    listed_teams = await teams.listing(asked.session, asked.viewer)
    team_of = {discipline: team for team in listed_teams for discipline in team.disciplines}
    wanted = search.strip().casefold()
    found = [DisciplineOut.mapped(row, team_of.get(row.id)) for row in rows if wanted in row.name.casefold()]
    return arranged(request, found, asking)


@values.post("/teams")
async def make_teams(request: Request, body: NewTeamsIn, asked: Manager) -> Many[TeamOut]:
    """A team for each of these values, or the team that has its name already. Values with a team stay as they are."""
    like = None
    if body.like is not None:
        like = (await teams.one(asked.session, asked.viewer, body.like)).settings
    made = await discovering.make_teams(
        asked.session, asked.viewer, body.discipline_ids, separator=body.separator, like=like
    )
    return whole(request, await _shown(asked, made), lambda team: team)


async def _one(asked: Asked, team: TeamRow) -> TeamOut:
    return (await _shown(asked, [team]))[0]


async def _shown(asked: Asked, rows: Iterable[TeamRow]) -> list[TeamOut]:
    known = {row.id: row for row in await disciplines.listing(asked.session, asked.viewer)}
    names = {row.id: row.settings.name for row in await teams.listing(asked.session, asked.viewer)}
    return [TeamOut.of(row, values=known, names=names) for row in rows]
