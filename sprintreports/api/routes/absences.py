"""Issues that Jira has no more, or no longer shows to the connection's account."""

from typing import Annotated

from fastapi import APIRouter, Request

from sprintreports.api.answers import Many, many
from sprintreports.api.door import Asked, needs
from sprintreports.api.parameters import Id, PageNumber, PerPage
from sprintreports.api.schemas.absences import AbsenceOut
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import absences as reads

router = APIRouter(prefix="/api/v1/sites/{site_id}", tags=["sites"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]


@router.get("/absent-issues")
async def absent(
    request: Request,
    site_id: Id,
    asked: Reader,
    *,
    why: reads.Why | None = None,
    page: PageNumber = 1,
    per_page: PerPage = 25,
) -> Many[AbsenceOut]:
    """Issues that were deleted in Jira or that a lost permission hides, the last noticed first."""
    found = await reads.page(asked.session, asked.viewer, site_id, why=why, page=page, per_page=per_page)
    return many(request, found, AbsenceOut.of)
