"""Sync runs: list, follow, cancel."""

from typing import Annotated

from fastapi import Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId
from sprintreports.api.routing import Router
from sprintreports.api.schemas.runs import RunOut
from sprintreports.identity.permissions import Permission
from sprintreports.jira import sync
from sprintreports.jira.reads import runs

router = Router(prefix="/api/v1/sync-runs", tags=["sync runs"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(RunOut, runs.ORDERS)],
    *,
    site: OptionalId = None,
) -> Many[RunOut]:
    """The runs, the newest first."""
    found = await runs.page(
        asked.session,
        asked.viewer,
        site_id=site,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, RunOut.of, asking.fields)


@router.get("/{run_id}")
async def single(request: Request, run_id: Id, asked: Reader) -> One[RunOut]:
    """One run: how far it is, how it ended."""
    return one(request, RunOut.of(await runs.one(asked.session, asked.viewer, run_id)))


@router.post("/{run_id}/cancel", status_code=202)
async def cancel(
    request: Request, run_id: Id, asked: Annotated[Asked, needs(Permission.SETTINGS_WRITE)]
) -> One[RunOut]:
    """Ask a run to stop after its page. What it has stored stays."""
    await sync.cancel(asked.session, asked.viewer, run_id, now=asked.now)
    return one(request, RunOut.of(await runs.one(asked.session, asked.viewer, run_id)))
