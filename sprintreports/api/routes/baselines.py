"""Baselines: the ledger, a state frozen now or as of a past moment, its canonical JSON, deleted and restored."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.baselines import BaselineIn, BaselineOut
from sprintreports.identity.permissions import Permission
from sprintreports.reports.baselines import keeping, ledger, reading, removing
from sprintreports.reports.baselines.ledger import Reason

router = Router(prefix="/api/v1/baselines", tags=["baselines"])

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Keeper = Annotated[Asked, needs(Permission.REPORTS_WRITE)]
Deleted = Annotated[
    bool, Query(description="those that were deleted within 30 days, for who may delete them")
]
_RAW: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/json": {"schema": {"type": "object"}}},
        "description": "The snapshot as canonical JSON (docs/reports.md)",
    }
}


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(BaselineOut, ledger.ORDERS)],
    *,
    search: Search = "",
    board: OptionalId = None,
    sprint: OptionalId = None,
    reason: Reason | None = None,
    deleted: Deleted = False,
) -> Many[BaselineOut]:
    """The states that are kept, of the boards that you see, the last moment first. `search` looks in the names of sprint and board, and in the note."""
    found = await ledger.listing(
        asked.session,
        asked.viewer,
        search=search,
        board_id=board,
        sprint_id=sprint,
        reason=reason,
        deleted=deleted,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, BaselineOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, response: Response, body: BaselineIn, asked: Keeper) -> One[BaselineOut]:
    """Freeze a sprint as it is now, or as it was at a past moment. Nobody can change it afterwards."""
    made = await keeping.freeze(
        asked.session,
        asked.viewer,
        sprint_id=body.sprint_id,
        board_id=body.board_id,
        moment=body.moment,
        note=body.note,
        now=asked.now,
    )
    response.headers["Location"] = f"/api/v1/baselines/{made.id}"
    return one(request, BaselineOut.of(made))


@router.get("/{baseline_id}")
async def single(request: Request, baseline_id: Id, asked: Reader) -> One[BaselineOut]:
    """One baseline without its content."""
    return one(request, BaselineOut.of(await ledger.one(asked.session, asked.viewer, baseline_id)))


@router.get("/{baseline_id}/raw", response_class=Response, responses=_RAW)
async def raw(baseline_id: Id, asked: Reader) -> Response:
    """The snapshot itself, byte by byte as it was frozen, checked against its hash; for who sees some teams alone, their part of it."""
    body = await reading.raw(asked.session, asked.viewer, baseline_id)
    headers = {"Content-Disposition": f'inline; filename="baseline-{baseline_id}.json"'}
    return Response(body, media_type="application/json", headers=headers)


@router.delete("/{baseline_id}", status_code=204)
async def delete(baseline_id: Id, asked: Keeper) -> None:
    """Put a baseline away. It can be restored for 30 days; then it is gone. One that a report rests on stays: 409."""
    await removing.delete(asked.session, asked.viewer, baseline_id, now=asked.now)


@router.post("/{baseline_id}/restore")
async def restore(request: Request, baseline_id: Id, asked: Keeper) -> One[BaselineOut]:
    """Take a deleted baseline back."""
    return one(request, BaselineOut.of(await removing.restore(asked.session, asked.viewer, baseline_id)))
