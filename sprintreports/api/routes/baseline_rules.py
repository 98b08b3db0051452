"""By which rules baselines are taken: one for all boards, named 0, and those of single boards."""

from typing import Annotated

from fastapi import Path, Request

from sprintreports.api.answers import Many, One, arranged, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.routing import Router
from sprintreports.api.schemas.baselines import BaselineRuleIn, BaselineRuleOut
from sprintreports.identity.permissions import Permission
from sprintreports.reports.baselines import rules

router = Router(prefix="/api/v1/baseline-rules", tags=["baselines"])

_ORDERS = ("board_id", "since")

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Keeper = Annotated[Asked, needs(Permission.REPORTS_WRITE)]
Board = Annotated[int, Path(ge=0, le=2**63 - 1, description="0: all boards without their own rule")]


@router.get("")
async def listing(
    request: Request, asked: Reader, asking: Annotated[Asking, listed(BaselineRuleOut, _ORDERS)]
) -> Many[BaselineRuleOut]:
    """The rule for all boards, and those of boards that have their own."""
    found = await rules.listing(asked.session, asked.viewer)
    return arranged(request, map(BaselineRuleOut.of, found), asking)


@router.get("/{board_id}")
async def single(request: Request, board_id: Board, asked: Reader) -> One[BaselineRuleOut]:
    """The rule that holds for a board."""
    return one(request, BaselineRuleOut.of(await rules.of_board(asked.session, asked.viewer, board_id)))


@router.put("/{board_id}")
async def replace(
    request: Request, board_id: Board, body: BaselineRuleIn, asked: Keeper
) -> One[BaselineRuleOut]:
    """Give a board its own rule, or change that for all. What it takes is taken from now on; that for all needs the permission on all boards."""
    found = await rules.put(asked.session, asked.viewer, board_id, body.rule(), now=asked.now)
    return one(request, BaselineRuleOut.of(found))


@router.delete("/{board_id}", status_code=204)
async def drop(board_id: Board, asked: Keeper) -> None:
    """Let the rule for all boards hold for this one again."""
    await rules.drop(asked.session, asked.viewer, board_id)
