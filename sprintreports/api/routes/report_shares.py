"""Links that show a report to whoever has them: made, listed and revoked. They are opened at /shared, without this API."""

from typing import Annotated

from fastapi import Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.library import NewShareOut, ShareIn, ShareOut
from sprintreports.identity.permissions import Permission
from sprintreports.reports.library import shares

router = Router(prefix="/api/v1/reports/{report_id}/shares", tags=["reports"])

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Publisher = Annotated[Asked, needs(Permission.REPORTS_WRITE)]


@router.get("")
async def listing(
    request: Request,
    report_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(ShareOut, shares.ORDERS)],
) -> Many[ShareOut]:
    """Your links to the report, and everybody's where you may change the report."""
    found = await shares.listing(
        asked.session,
        asked.viewer,
        report_id,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
        now=asked.now,
    )
    return many(request, found, ShareOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, report_id: Id, body: ShareIn, asked: Publisher) -> One[NewShareOut]:
    """Make a link; that takes `reports:write` on each of the report's boards. Its address is shown this once; people make it themselves, without a key."""
    made = await shares.make(
        asked.session,
        asked.viewer,
        report_id,
        name=body.name,
        days=body.days,
        password=body.password or "",
        now=asked.now,
    )
    return one(request, NewShareOut(**ShareOut.of(made.link).model_dump(), url=made.url))


@router.delete("/{share_id}", status_code=204)
async def revoke(report_id: Id, share_id: Id, asked: Reader) -> None:
    """End a link at once: your own, or anybody's where you may change the report."""
    await shares.revoke(asked.session, asked.viewer, report_id, share_id, now=asked.now)
