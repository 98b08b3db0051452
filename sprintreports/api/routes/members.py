"""Members of teams, and the people that they are."""

from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import Many, One, arranged, one, whole
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.members import (
    AliasIn,
    JoiningIn,
    MemberOut,
    MembershipChange,
    MembersIn,
    SuggestedMemberOut,
    TeamPersonChange,
    TeamPersonOut,
)
from sprintreports.api.schemas.pasted_members import PastedMembersIn, PastedMembersOut
from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.planning import members, pasted_members, people, teams
from sprintreports.planning.members import MemberRow

router = Router(prefix="/api/v1/teams/{team_id}", tags=["teams"])
around = Router(prefix="/api/v1/people", tags=["teams"])

_ORDERS = ("name", "share", "since", "until", "part_time")
_PEOPLE_ORDERS = ("name", "part_time", "country")
_SUGGESTED_ORDERS = ("name", "issues")
_NO_MEMBER = "This person is not in the team. Choose one from the list of its members."

Reader = Annotated[Asked, needs(Permission.CAPACITY_READ)]
Manager = Annotated[Asked, needs(Permission.CAPACITY_WRITE)]
Dry = Annotated[bool, Query(description="say what the lines mean, and store nothing")]


@router.get("/members")
async def listing(
    request: Request,
    team_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(MemberOut, _ORDERS, per_page=100)],
) -> Many[MemberOut]:
    """Who is in the team, was, or will be, by name."""
    return arranged(request, map(MemberOut.of_row, await _members(asked, team_id)), asking)


@router.put("/members")
async def replace(request: Request, team_id: Id, body: MembersIn, asked: Manager) -> Many[MemberOut]:
    """Make these people of your teams the members of the team, and no others. All teams together have at most 100 % of one."""
    before = await teams.one(asked.session, asked.viewer, team_id)
    wanted = [one.membership() for one in body.members]
    await members.put(asked.session, asked.viewer, team_id, wanted, version=before.version)
    return whole(request, await _members(asked, team_id), MemberOut.of_row)


@router.post("/members", status_code=201)
async def add(request: Request, team_id: Id, body: JoiningIn, asked: Manager) -> Many[MemberOut]:
    """Add people of Jira, or one who is not there, by name; each with what other teams leave of them. Answers with all members.

    Who sees only some teams adds those who have issues of the team.
    """
    if body.jira_person_ids:
        await members.add(asked.session, asked.viewer, team_id, body.jira_person_ids, version=None)
    else:
        await members.add_named(
            asked.session, asked.viewer, team_id, name=body.name, email=body.email, version=None
        )
    return whole(request, await _members(asked, team_id), MemberOut.of_row)


@router.post("/members/paste")
async def paste(
    request: Request, team_id: Id, body: PastedMembersIn, asked: Manager, *, dry: Dry = False
) -> One[PastedMembersOut]:
    """Take members from a spreadsheet: who is named is added or changed, all others stay as they are.

    A line that cannot be read is named by its number, who is not found is listed: settle whom is meant, and send the lines again.
    """
    seen = await pasted_members.preview(asked.session, asked.viewer, team_id, body.text)
    stored = None
    if not dry:
        stored = await pasted_members.take_in(
            asked.session, asked.viewer, team_id, body.text, settled=body.by_word()
        )
    return one(request, PastedMembersOut.of(seen, stored))


@router.get("/members/{member_id}")
async def single(request: Request, team_id: Id, member_id: Id, asked: Reader) -> One[MemberOut]:
    """One member. The id is a person's: `person_id`."""
    return one(request, MemberOut.of_row(await _member(asked, team_id, member_id)))


@router.patch("/members/{member_id}")
async def change(
    request: Request, team_id: Id, member_id: Id, body: MembershipChange, asked: Manager
) -> One[MemberOut]:
    """Change a member's share, first or last day. Who leaves gets a last day: what they did before still counts."""
    version = (await teams.one(asked.session, asked.viewer, team_id)).version
    found = await _member(asked, team_id, member_id)
    wanted = [
        body.membership(row.membership) if row.person.id == found.person.id else row.membership
        for row in await _members(asked, team_id)
    ]
    try:
        await members.put(asked.session, asked.viewer, team_id, wanted, version=version)
    except Invalid as refused:  # which speaks of a list of members
        details = [FieldProblem(told.field.rpartition(".")[2], told.message) for told in refused.details]
        raise Invalid(refused.message, details=tuple(details)) from refused
    return one(request, MemberOut.of_row(await _member(asked, team_id, member_id)))


@router.delete("/members/{member_id}", status_code=204)
async def remove(team_id: Id, member_id: Id, asked: Manager) -> None:
    """Take somebody out of the team as if they had never been in it, past sprints too."""
    version = (await teams.one(asked.session, asked.viewer, team_id)).version
    found = await _member(asked, team_id, member_id)
    rest = [row.membership for row in await _members(asked, team_id) if row.person.id != found.person.id]
    await members.put(asked.session, asked.viewer, team_id, rest, version=version)


@router.get("/suggested-members")
async def suggested(
    request: Request,
    team_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(SuggestedMemberOut, _SUGGESTED_ORDERS)],
) -> Many[SuggestedMemberOut]:
    """Who has issues of the team in Jira and is not in it, the busiest first."""
    found = await people.suggested(asked.session, asked.viewer, team_id)
    return arranged(request, map(SuggestedMemberOut.of, found), asking)


@around.get("")
async def known(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(TeamPersonOut, _PEOPLE_ORDERS)],
    *,
    search: Search = "",
    team: OptionalId = None,
) -> Many[TeamPersonOut]:
    """Members of your teams, by name, each once."""
    ids = None if team is None else [row.person.id for row in await _members(asked, team)]
    rows = await people.listing(asked.session, asked.viewer, ids=ids)
    wanted = search.strip().casefold()
    found = [TeamPersonOut.of(row) for row in rows if wanted in row.name.casefold()]
    return arranged(request, found, asking)


@around.get("/{member_id}")
async def person(request: Request, member_id: Id, asked: Reader) -> One[TeamPersonOut]:
    """One person."""
    return one(request, TeamPersonOut.of(await people.one(asked.session, asked.viewer, member_id)))


@around.patch("/{member_id}")
async def change_person(
    request: Request, member_id: Id, body: TeamPersonChange, asked: Manager
) -> One[TeamPersonOut]:
    """Change part-time, hours of a day, skills or holidays of somebody, in all their teams."""
    before = await people.one(asked.session, asked.viewer, member_id)
    wanted = body.settings(before.settings)
    found = await people.change(asked.session, asked.viewer, member_id, wanted, version=before.version)
    return one(request, TeamPersonOut.of(found))


@around.post("/{member_id}/aliases", status_code=204)
async def learn(member_id: Id, body: AliasIn, asked: Manager) -> None:
    """Settle what files call somebody, for imports from now on."""
    await people.learn(asked.session, asked.viewer, {body.alias: member_id})


async def _members(asked: Asked, team_id: int) -> list[MemberRow]:
    await teams.one(asked.session, asked.viewer, team_id)
    return await members.listing(asked.session, asked.viewer, team_ids=[team_id])


async def _member(asked: Asked, team_id: int, person_id: int) -> MemberRow:
    for row in await _members(asked, team_id):
        if row.person.id == person_id:
            return row
    raise NotFound(_NO_MEMBER)
