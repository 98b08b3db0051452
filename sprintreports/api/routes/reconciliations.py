"""Closed sprints beside Jira's own sprint reports: look, ask Jira, upload a report, do so for a whole board."""

from typing import Annotated, Any

import msgspec
from fastapi import Body, Query, Request

from sprintreports.api.answers import One, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.parameters import Id
from sprintreports.api.refusals import refuses
from sprintreports.api.routing import Router
from sprintreports.api.schemas.reconciliations import (
    BoardReconciliationOut,
    QueuedOut,
    SprintReconciliationOut,
)
from sprintreports.identity.permissions import Permission
from sprintreports.jira import reconciliation
from sprintreports.jira.reads import boards, reconciliations
from sprintreports.kit.error_codes import Code

router = Router(prefix="/api/v1", tags=["reconciliation"])

Reader = Annotated[Asked, needs(Permission.SPRINTS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]
BoardChoice = Annotated[
    int | None, Query(ge=1, le=2**63 - 1, description="the board to look from; default: the sprint's own")
]
Report = Annotated[
    dict[str, Any],
    Body(
        description="what Jira's /rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=…&sprintId=… shows, as it is",
        examples=[{"contents": {"completedIssues": []}, "sprint": {"id": 7, "state": "CLOSED"}}],
    ),
]


@router.get("/sprints/{sprint_id}/reconciliation", responses=refuses(Code.CONFLICT))  # not closed yet
async def sprint(
    request: Request, sprint_id: Id, asked: Reader, *, board: BoardChoice = None
) -> One[SprintReconciliationOut]:
    """Our buckets beside Jira's, issue by issue, each difference with its reason. Computed now, from Jira's stored report."""
    return one(request, await _shown(asked, sprint_id, board))


@router.post("/sprints/{sprint_id}/reconciliation", responses=refuses(Code.UPSTREAM_FAILED))
async def fetch(
    request: Request, sprint_id: Id, asked: Admin, *, board: BoardChoice = None
) -> One[SprintReconciliationOut]:
    """Ask Jira for its report now, keep it, and compare. A report that Jira does not give can be uploaded instead."""
    place = await reconciliations.place(asked.session, asked.viewer, sprint_id=sprint_id, board_id=board)
    await reconciliation.fetch(asked.session, asked.viewer, place, now=asked.now)
    return one(request, await _shown(asked, sprint_id, board))


@router.put("/sprints/{sprint_id}/reconciliation")
async def upload(
    request: Request, sprint_id: Id, body: Report, asked: Admin, *, board: BoardChoice = None
) -> One[SprintReconciliationOut]:
    """Keep a report that somebody saved from Jira, and compare. It has to be of this sprint."""
    place = await reconciliations.place(asked.session, asked.viewer, sprint_id=sprint_id, board_id=board)
    content = msgspec.json.encode(body)
    await reconciliation.upload(asked.session, asked.viewer, place, content, now=asked.now)
    return one(request, await _shown(asked, sprint_id, board))


@router.get("/boards/{board_id}/reconciliation")
async def board(request: Request, board_id: Id, asked: Reader) -> One[BoardReconciliationOut]:
    """Which closed sprints of the board are equal to Jira's reports, which differ, which are not compared."""
    found = await reconciliations.board(asked.session, asked.viewer, board_id=board_id)
    return one(request, BoardReconciliationOut.of(found))


@router.post("/boards/{board_id}/reconciliation", status_code=202)
async def request_all(request: Request, board_id: Id, asked: Admin) -> One[QueuedOut]:
    """Queue a job that asks Jira for the reports of all closed sprints that are not compared yet."""
    found = await boards.one(asked.session, asked.viewer, board_id)
    queued = await reconciliation.request(
        asked.session, asked.viewer, site_id=found.site_id, jira_board_id=found.jira_board_id
    )
    return one(request, QueuedOut.of(queued))


@router.delete("/boards/{board_id}/reconciliation", status_code=204)
async def stop(board_id: Id, asked: Admin) -> None:
    """Stop that job. Reports that have come stay."""
    found = await boards.one(asked.session, asked.viewer, board_id)
    await reconciliation.stop(
        asked.session, asked.viewer, site_id=found.site_id, jira_board_id=found.jira_board_id
    )


async def _shown(asked: Asked, sprint_id: int, board_id: int | None) -> SprintReconciliationOut:
    found = await reconciliations.sprint(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board_id, now=asked.now
    )
    return SprintReconciliationOut.of(found)
