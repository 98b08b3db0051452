"""Boards: list, settings, velocity."""

from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import KeptAnswers, Many, One, arranged, cut, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId, UnitChoice
from sprintreports.api.routing import Router
from sprintreports.api.schemas.boards import BoardOut, BoardStatusOut
from sprintreports.api.schemas.sites import BoardChange
from sprintreports.api.schemas.velocity import VelocityOut
from sprintreports.identity.permissions import Permission
from sprintreports.jira import boards
from sprintreports.jira.reads import boards as board_reads
from sprintreports.jira.reads import velocities
from sprintreports.kit import db

router = Router(prefix="/api/v1/boards", tags=["boards"])

_STATUS_ORDERS = ("name", "category", "column")

_kept = KeptAnswers(most=2_000_000)

Reader = Annotated[Asked, needs(Permission.SPRINTS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(BoardOut, board_reads.ORDERS)],
    *,
    site: OptionalId = None,
    selected: Annotated[bool, Query(description="only boards that are synced")] = True,
) -> Many[BoardOut]:
    """The boards, by site and name."""
    found = await board_reads.listing(
        asked.session, asked.viewer, site_id=site, only_selected=selected, sort=asking.sort
    )
    return many(request, cut(found, asking), BoardOut.of, asking.fields)


@router.get("/{board_id}")
async def single(request: Request, board_id: Id, asked: Reader) -> One[BoardOut]:
    """One board, synced or not."""
    return one(request, BoardOut.of(await board_reads.one(asked.session, asked.viewer, board_id)))


@router.patch("/{board_id}")
async def change(request: Request, board_id: Id, body: BoardChange, asked: Admin) -> One[BoardOut]:
    """Choose the board for the sync or leave it out; set its zone, working days, unit, sub-task rule and what is done.

    Numbers that depend on a changed setting are computed again.
    """
    if body.selected is not None:
        await _select(asked, board_id, selected=body.selected)
    settings = boards.BoardSettings(
        zone=body.zone,
        weekdays=body.weekdays,
        days_off=body.days_off,
        unit=body.unit,
        subtasks=body.subtasks,
        done=body.done(),
    )
    await boards.set_board(asked.session, asked.viewer, board_id, settings, now=asked.now)
    return one(request, BoardOut.of(await board_reads.one(asked.session, asked.viewer, board_id)))


@router.get("/{board_id}/statuses")
async def statuses(
    request: Request,
    board_id: Id,
    asked: Admin,
    asking: Annotated[Asking, listed(BoardStatusOut, _STATUS_ORDERS, per_page=100)],
) -> Many[BoardStatusOut]:
    """What can be chosen as done: the columns' statuses from left to right, then others that its issues have or had."""
    found = await boards.statuses(asked.session, asked.viewer, board_id)
    return arranged(request, map(BoardStatusOut.of, found), asking)


@router.get("/{board_id}/velocity")
async def velocity(
    request: Request,
    board_id: Id,
    asked: Reader,
    *,
    last: Annotated[int, Query(ge=1, le=100, description="how many closed sprints")] = 7,
    unit: UnitChoice | None = None,
) -> One[VelocityOut]:
    """What the board completes in a sprint, with its spread; in the board's unit unless one is given."""

    async def read() -> One[VelocityOut]:
        found = await velocities.read(asked.session, asked.viewer, board_id=board_id, last=last, unit=unit)
        return one(request, VelocityOut.of(found, board_id=board_id))

    return await _kept.get(request, asked.viewer, await db.seen(asked.session), read)


async def _select(asked: Asked, board_id: int, *, selected: bool) -> None:
    board = await board_reads.one(asked.session, asked.viewer, board_id)
    if board.selected is selected:
        return
    listed = await boards.listing(asked.session, asked.viewer, board.site_id)
    chosen = {found.board_id for found in listed if found.selected} ^ {board_id}
    await boards.choose(asked.session, asked.viewer, board.site_id, board_ids=chosen, now=asked.now)
