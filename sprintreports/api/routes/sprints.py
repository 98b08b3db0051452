"""Sprints: list, report, burndown, scope changes, issues, analyses."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from sprintreports.api.answers import Many, One, many, one, whole
from sprintreports.api.door import Asked, needs
from sprintreports.api.parameters import Id, OptionalId, PageNumber, PerPage, Search, UnitChoice
from sprintreports.api.schemas.burndown import BurndownOut
from sprintreports.api.schemas.reports import SprintAnalysis, SprintReportOut, WindowOut
from sprintreports.api.schemas.sprints import (
    IssueBucket,
    IssueSort,
    ScopeChangeOut,
    SprintIssueOut,
    SprintOut,
)
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import access, burndowns, names, sprint_issues, sprint_reports, sprints
from sprintreports.kit.cache import Kept
from sprintreports.metrics.values import SprintState

router = APIRouter(prefix="/api/v1/sprints", tags=["sprints"])

Reader = Annotated[Asked, needs(Permission.SPRINTS_READ)]
BoardChoice = Annotated[
    int | None, Query(ge=1, le=2**63 - 1, description="the board to look from; default: the sprint's own")
]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    *,
    state: SprintState | None = None,
    board: OptionalId = None,
    search: Search = "",
    page: PageNumber = 1,
    per_page: PerPage = 25,
) -> Many[SprintOut]:
    """Active sprints first, then future ones by their start, then closed ones from the last."""
    found = await sprints.page(
        asked.session,
        asked.viewer,
        state=state,
        board_id=board,
        search=search,
        page=page,
        per_page=per_page,
    )
    return many(request, found, SprintOut.of)


@router.get("/{sprint_id}")
async def single(request: Request, sprint_id: Id, asked: Reader) -> One[SprintOut]:
    """One sprint."""
    return one(request, SprintOut.of(await sprints.one(asked.session, asked.viewer, sprint_id)))


# In labels of some 10 kB.
_kept = Kept[SprintReportOut](most=3_000, weigh=lambda report: report.labels)


@router.get("/{sprint_id}/report")
async def report(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    *,
    board: BoardChoice = None,
    unit: UnitChoice | None = None,
) -> One[SprintReportOut]:
    """Commitment, changes and outcome of a sprint on a board, whole and by team, type, status, priority and person."""
    found = await sprint_reports.read(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, now=asked.now
    )
    place = await access.place(asked.session, asked.viewer, sprint_id=sprint_id, board_id=board)
    chosen = unit or place.unit

    async def shaped() -> SprintReportOut:
        named = await names.of_report(asked.session, asked.viewer, found)
        return SprintReportOut.of(found, names=named, unit=chosen)

    if not place.computed:
        return one(request, await shaped())
    kept = await _kept.get((place.texts, asked.viewer.team_ids, chosen), shaped)
    return one(request, kept.model_copy(update={"window": WindowOut.of(found.window)}))


@router.get("/{sprint_id}/burndown")
async def burndown(
    request: Request, sprint_id: Id, asked: Reader, *, board: BoardChoice = None
) -> One[BurndownOut]:
    """The sprint's course, a step for each event, and the guideline that rests on non-working days."""
    found = await burndowns.read(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, now=asked.now
    )
    issues = {step.event.issue for step in found.steps if step.event is not None}
    named = await names.of_issues(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, issue_ids=issues
    )
    return one(request, BurndownOut.of(found, names=named))


@router.get("/{sprint_id}/scope-changes")
async def scope_changes(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    *,
    board: BoardChoice = None,
    page: PageNumber = 1,
    per_page: PerPage = 25,
) -> Many[ScopeChangeOut]:
    """What entered, left and was re-estimated, in the order in which it happened."""
    found = await burndowns.scope_changes(
        asked.session,
        asked.viewer,
        sprint_id=sprint_id,
        board_id=board,
        now=asked.now,
        page=page,
        per_page=per_page,
    )
    return many(request, found, ScopeChangeOut.of)


@router.get("/{sprint_id}/issues")
async def issues(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    *,
    board: BoardChoice = None,
    search: Search = "",
    bucket: IssueBucket | None = None,
    team: OptionalId = None,
    sort: IssueSort = IssueSort.KEY,
    descending: bool = False,
    page: PageNumber = 1,
    per_page: PerPage = 25,
) -> Many[SprintIssueOut]:
    """The issues behind the report; `bucket=excluded`: those that it leaves out, with the reason."""
    found = await sprint_issues.page(
        asked.session,
        asked.viewer,
        sprint_id=sprint_id,
        board_id=board,
        search=search,
        sort=sort.value,
        descending=descending,
        bucket=None if bucket is None else bucket.value,
        team=team,
        page=page,
        per_page=per_page,
    )
    return many(request, found, SprintIssueOut.of)


@router.get("/{sprint_id}/analyses")
async def analyses(
    request: Request, sprint_id: Id, asked: Reader, *, board: BoardChoice = None
) -> Many[SprintAnalysis]:
    """The sprint's final scope by discipline team."""
    sprint = await sprints.one(asked.session, asked.viewer, sprint_id)
    found = await sprint_reports.read(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, now=asked.now
    )
    named = await names.of_report(asked.session, asked.viewer, found)
    return whole(request, [found], lambda row: SprintAnalysis.of(row, names=named, as_of=sprint.as_of))
