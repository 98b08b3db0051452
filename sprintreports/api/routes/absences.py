"""Issues that Jira has no more, or no longer shows to the connection's account."""

from typing import Annotated

from fastapi import Request

from sprintreports.api.answers import Many, many
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.absences import AbsenceOut
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import absences as reads

router = Router(prefix="/api/v1/sites/{site_id}", tags=["sites"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]


@router.get("/absent-issues")
async def absent(
    request: Request,
    site_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(AbsenceOut, reads.ORDERS)],
    *,
    why: reads.Why | None = None,
) -> Many[AbsenceOut]:
    """Issues that were deleted in Jira or that a lost permission hides, the last noticed first."""
    found = await reads.page(
        asked.session,
        asked.viewer,
        site_id,
        why=why,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, AbsenceOut.of, asking.fields)
