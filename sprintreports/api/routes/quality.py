"""What makes a board's numbers doubtful."""

from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.quality import DataQualityOut, FindingOut
from sprintreports.identity.permissions import Permission
from sprintreports.jira.quality.check import CheckName
from sprintreports.jira.reads import quality

router = Router(prefix="/api/v1/boards", tags=["data quality"])

Reader = Annotated[Asked, needs(Permission.SPRINTS_READ)]
SprintChoice = Annotated[
    int | None,
    Query(ge=1, le=2**63 - 1, description="one sprint; default: those that run and the last six that closed"),
]


@router.get("/{board_id}/data-quality")
async def summary(
    request: Request, board_id: Id, asked: Reader, *, sprint: SprintChoice = None
) -> One[DataQualityOut]:
    """Every check with its count, worst first: what it does to which numbers, and what to do in Jira."""
    found = await quality.summary(
        asked.session, asked.viewer, board_id=board_id, sprint_id=sprint, now=asked.now
    )
    return one(request, DataQualityOut.of(found))


@router.get("/{board_id}/data-quality/{check}")
async def findings(
    request: Request,
    board_id: Id,
    check: CheckName,
    asked: Reader,
    asking: Annotated[Asking, listed(FindingOut, quality.ORDERS)],
    *,
    sprint: SprintChoice = None,
) -> Many[FindingOut]:
    """The issues or sprints that a check found, each once, in its newest sprint."""
    found = await quality.findings(
        asked.session,
        asked.viewer,
        board_id=board_id,
        check=check,
        sprint_id=sprint,
        now=asked.now,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found.page, FindingOut.of, asking.fields)
