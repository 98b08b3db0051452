"""Capacity: team by sprint, one team with its members, figures set by hand, and what if."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import Many, One, arranged, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId
from sprintreports.api.routing import Router
from sprintreports.api.schemas.capacity import (
    CapacityOverrideIn,
    CapacityOverrideOut,
    CapacityTableOut,
    CopiedOut,
    CopyIn,
    TeamCapacityOut,
)
from sprintreports.api.schemas.what_if import WhatIfIn, WhatIfOut
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import disciplines, sprints, team_sums
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.planning import by_hand, sprint_plan, teams
from sprintreports.planning.by_hand import OverrideRow
from sprintreports.planning.capacity.overrides import Override

router = Router(prefix="/api/v1/sprints/{sprint_id}", tags=["capacity"])

_ORDERS = ("created_at", "team_id", "person_id", "measure", "value", "ended_at")

Reader = Annotated[Asked, needs(Permission.CAPACITY_READ)]
Manager = Annotated[Asked, needs(Permission.CAPACITY_WRITE)]
BoardChoice = Annotated[
    int | None, Query(ge=1, le=2**63 - 1, description="the board to look from; default: the sprint's own")
]
Past = Annotated[int, Query(ge=0, le=team_sums.MOST, description="sprints before it, closed or still open")]
Coming = Annotated[int, Query(ge=0, le=team_sums.MOST, description="sprints after it")]
History = Annotated[bool, Query(description="with those that hold no more")]


@router.get("/capacity")
async def table(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    *,
    board: BoardChoice = None,
    past: Past = 5,
    coming: Coming = 3,
) -> One[CapacityTableOut]:
    """What each team can do, holds and did, in the sprint and in those around it on its board."""
    found = await sprint_plan.table(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, past=past, coming=coming
    )
    values = {row.id: row for row in await disciplines.listing(asked.session, asked.viewer)}
    # Off the event loop, as the table itself is: it has a thousand cells in a large company.
    return await asyncio.to_thread(lambda: one(request, CapacityTableOut.of(found, values)))


@router.get("/teams/{team_id}/capacity")
async def single(
    request: Request, sprint_id: Id, team_id: Id, asked: Reader, *, board: BoardChoice = None
) -> One[TeamCapacityOut]:
    """One team's capacity for the sprint, member by member, with the sprints that its rate rests on."""
    basis = await sprint_plan.basis(
        asked.session, asked.viewer, sprint_id=sprint_id, team_id=team_id, board_id=board
    )
    return one(request, TeamCapacityOut.of_team(basis.capacity(), sprint_id=sprint_id))


@router.post("/teams/{team_id}/what-if")
async def what_if(
    request: Request, sprint_id: Id, team_id: Id, body: WhatIfIn, asked: Reader, *, board: BoardChoice = None
) -> One[WhatIfOut]:
    """The capacity as it would be: with somebody away, there, more or less, or another figure. Nothing is stored."""
    basis = await sprint_plan.basis(
        asked.session, asked.viewer, sprint_id=sprint_id, team_id=team_id, board_id=board
    )
    after = replace(basis, plan=body.plan(basis.plan)).capacity()
    return one(request, WhatIfOut.of(basis.capacity(), after, sprint_id=sprint_id))


@router.get("/capacity-overrides")
async def overrides(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(CapacityOverrideOut, _ORDERS)],
    *,
    team: OptionalId = None,
    history: History = False,
) -> Many[CapacityOverrideOut]:
    """What is set by hand for the sprint, of all teams or one; the oldest first."""
    await sprints.one(asked.session, asked.viewer, sprint_id)
    if team is not None:
        await teams.one(asked.session, asked.viewer, team)
    found = await by_hand.listing(
        asked.session,
        asked.viewer,
        sprint_ids=[sprint_id],
        team_ids=None if team is None else [team],
        history=history,
    )
    return arranged(request, map(CapacityOverrideOut.of, found), asking)


@router.post("/teams/{team_id}/capacity-overrides", status_code=201)
async def put(
    request: Request, sprint_id: Id, team_id: Id, body: CapacityOverrideIn, asked: Manager
) -> One[CapacityOverrideOut]:
    """Set a figure by hand, with a reason. It names the one that it replaces, so that nobody's is lost unseen (409)."""
    override = body.override(body.reason)
    await by_hand.put(
        asked.session,
        asked.viewer,
        team_id=team_id,
        sprint_id=sprint_id,
        override=override,
        replaces=body.replaces,
        now=asked.now,
    )
    rows = await by_hand.listing(asked.session, asked.viewer, sprint_ids=[sprint_id], team_ids=[team_id])
    return one(request, CapacityOverrideOut.of(_at_its_place(rows, override)))


@router.delete("/teams/{team_id}/capacity-overrides/{override_id}", status_code=204)
async def take_back(sprint_id: Id, team_id: Id, override_id: Id, asked: Manager) -> None:
    """What is computed holds again. The history keeps what was set. Of one that holds no more: 409."""
    await sprints.one(asked.session, asked.viewer, sprint_id)
    await by_hand.take_back(
        asked.session,
        asked.viewer,
        team_id=team_id,
        sprint_id=sprint_id,
        override_id=override_id,
        now=asked.now,
    )


@router.post("/teams/{team_id}/capacity-overrides/copy")
async def copy(
    request: Request,
    sprint_id: Id,
    team_id: Id,
    asked: Manager,
    body: CopyIn | None = None,
    *,
    board: BoardChoice = None,
) -> One[CopiedOut]:
    """Copy the team's rates that were set by hand for another sprint, unless said otherwise the one just before it on its
    board, where this one has none of its own."""
    await teams.one(asked.session, asked.viewer, team_id)
    wanted = None if body is None else body.from_sprint_id
    source = wanted or await _last(asked, sprint_id, board)
    copied = await by_hand.copy(
        asked.session, asked.viewer, team_id=team_id, from_sprint=source, to_sprint=sprint_id, now=asked.now
    )
    return one(request, CopiedOut(from_sprint_id=source, copied=copied))


async def _last(asked: Asked, sprint_id: int, board_id: int | None) -> int:
    """The sprint just before it on its board, closed or still open. Raises Invalid."""
    around = await team_sums.around(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board_id, past=1, coming=0
    )
    if around.last is None:
        problem = FieldProblem(
            "from_sprint_id", "No sprint of this board comes before it. Name one to copy from."
        )
        raise Invalid(problem.message, details=(problem,))
    return around.last.id


def _at_its_place(rows: Sequence[OverrideRow], wanted: Override) -> OverrideRow:
    place = wanted.person, wanted.measure
    return next(row for row in rows if (row.override.person, row.override.measure) == place)
