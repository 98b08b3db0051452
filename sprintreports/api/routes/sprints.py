"""Sprints: list, report, burndown, forecast, scope changes, issues, analyses."""

from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import KeptAnswers, Many, One, arranged, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId, Search, UnitChoice
from sprintreports.api.routing import Router
from sprintreports.api.schemas.burndown import BurndownOut
from sprintreports.api.schemas.forecast import ForecastOut
from sprintreports.api.schemas.reports import SprintAnalysis, SprintReportOut
from sprintreports.api.schemas.sprints import (
    IssueBucket,
    ScopeChangeOut,
    SprintIssueOut,
    SprintOut,
)
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import (
    access,
    basis,
    burndowns,
    forecasts,
    names,
    sprint_issues,
    sprint_reports,
    sprints,
)
from sprintreports.jira.reads.access import Place
from sprintreports.kit import db
from sprintreports.metrics.values import SprintState
from sprintreports.planning import guidelines
from sprintreports.planning.guidelines import GuidelineBasis

router = Router(prefix="/api/v1/sprints", tags=["sprints"])

_lists = KeptAnswers(most=4_000_000)
_numbers = KeptAnswers(most=24_000_000)
_SHARED_SECONDS = 10

Reader = Annotated[Asked, needs(Permission.SPRINTS_READ)]
BoardChoice = Annotated[
    int | None, Query(ge=1, le=2**63 - 1, description="the board to look from; default: the sprint's own")
]

GuidelineChoice = Annotated[
    GuidelineBasis,
    Query(description="working days of the board, as Jira's, or the available person-days of the teams"),
]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(SprintOut, sprints.ORDERS)],
    *,
    state: SprintState | None = None,
    board: OptionalId = None,
    search: Search = "",
) -> Many[SprintOut]:
    """Active sprints first, then future ones by their start, then closed ones from the last."""

    async def read() -> Many[SprintOut]:
        found = await sprints.page(
            asked.session,
            asked.viewer,
            state=state,
            board_id=board,
            search=search,
            sort=asking.sort,
            page=asking.page,
            per_page=asking.per_page,
        )
        return many(request, found, SprintOut.of, asking.fields)

    seen = None if search else await db.seen(asked.session)
    return await _lists.get(request, asked.viewer, seen, read)


@router.get("/{sprint_id}")
async def single(request: Request, sprint_id: Id, asked: Reader) -> One[SprintOut]:
    """One sprint."""
    return one(request, SprintOut.of(await sprints.one(asked.session, asked.viewer, sprint_id)))


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
    place = await access.place(asked.session, asked.viewer, sprint_id=sprint_id, board_id=board)
    now, made_from = _state_of(place, asked.now)

    async def read() -> One[SprintReportOut]:
        found = await sprint_reports.read(
            asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, now=now
        )
        named = await names.of_report(asked.session, asked.viewer, found)
        rests = await basis.read(asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, now=now)
        return one(request, SprintReportOut.of(found, rests, names=named, unit=unit or place.unit))

    return await _numbers.get(request, asked.viewer, made_from, read)


@router.get("/{sprint_id}/burndown")
async def burndown(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    *,
    board: BoardChoice = None,
    guideline: GuidelineChoice = GuidelineBasis.WORKING_DAYS,
) -> One[BurndownOut]:
    """The sprint's course, a step for each event, and the guideline, which rests on non-working days or goes by what the
    teams can do (which asks for `capacity:read`)."""
    place = await access.place(asked.session, asked.viewer, sprint_id=sprint_id, board_id=board)
    now, made_from = _state_of(place, asked.now)
    by_capacity = guideline is GuidelineBasis.CAPACITY

    async def read() -> One[BurndownOut]:
        found = await burndowns.read(
            asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, now=now
        )
        issues = {step.event.issue for step in found.steps if step.event is not None}
        named = await names.of_issues(
            asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, issue_ids=issues
        )
        guided = guidelines.by_working_days(found)
        if by_capacity:
            guided = await guidelines.by_capacity(
                asked.session, asked.viewer, found, sprint_id=sprint_id, board_id=board
            )
        return one(request, BurndownOut.of(guided, names=named))

    # What teams can do changes without the sprint's facts.
    return await _numbers.get(request, asked.viewer, None if by_capacity else made_from, read)


@router.get("/{sprint_id}/forecast")
async def forecast(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    *,
    board: BoardChoice = None,
    unit: UnitChoice | None = None,
) -> One[ForecastOut]:
    """What could be told of the sprint's end at its start, at the end of each working day and now, and how such forecasts
    of this board came out; in the board's unit unless one is given."""
    place = await access.place(asked.session, asked.viewer, sprint_id=sprint_id, board_id=board)
    now, made_from = _state_of(place, asked.now)

    async def read() -> One[ForecastOut]:
        found = await forecasts.read(
            asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, unit=unit, now=now
        )
        return one(request, ForecastOut.of(found))

    # It is made from other sprints' facts too.
    seen = None if made_from is None else (made_from, await db.seen(asked.session))
    return await _numbers.get(request, asked.viewer, seen, read)


@router.get("/{sprint_id}/scope-changes")
async def scope_changes(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(ScopeChangeOut, burndowns.ORDERS)],
    *,
    board: BoardChoice = None,
) -> Many[ScopeChangeOut]:
    """What entered, left and was re-estimated, in the order in which it happened."""
    found = await burndowns.scope_changes(
        asked.session,
        asked.viewer,
        sprint_id=sprint_id,
        board_id=board,
        now=asked.now,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, ScopeChangeOut.of, asking.fields)


@router.get("/{sprint_id}/issues")
async def issues(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(SprintIssueOut, sprint_issues.SORTS)],
    *,
    board: BoardChoice = None,
    search: Search = "",
    bucket: IssueBucket | None = None,
    team: OptionalId = None,
) -> Many[SprintIssueOut]:
    """The issues behind the report; `bucket=excluded`: those that it leaves out, with the reason."""
    found = await sprint_issues.page(
        asked.session,
        asked.viewer,
        sprint_id=sprint_id,
        board_id=board,
        search=search,
        by=asking.sort,
        bucket=None if bucket is None else bucket.value,
        team=team,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, SprintIssueOut.of, asking.fields)


@router.get("/{sprint_id}/analyses")
async def analyses(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(SprintAnalysis, ("analysis_type",))],
    *,
    board: BoardChoice = None,
) -> Many[SprintAnalysis]:
    """The sprint's final scope by discipline team."""
    sprint = await sprints.one(asked.session, asked.viewer, sprint_id)
    found = await sprint_reports.read(
        asked.session, asked.viewer, sprint_id=sprint_id, board_id=board, now=asked.now
    )
    named = await names.of_report(asked.session, asked.viewer, found)
    return arranged(request, [SprintAnalysis.of(found, names=named, as_of=sprint.as_of)], asking)


def _state_of(place: Place, now: datetime) -> tuple[datetime, Hashable | None]:
    """The moment that an answer about a sprint is of, and what names the answer (None: not computed yet).

    Of a sprint that is over it is its end. Of others it is the last whole ten seconds, so that many readers share an
    answer, which says in its window of which moment it is; but never before the sprint's start or its last computation.
    """
    if not place.computed:
        return now, None
    window = place.window(now)
    if window.end != now:
        return window.end, (place, window.end)
    shared = datetime.fromtimestamp(now.timestamp() // _SHARED_SECONDS * _SHARED_SECONDS, UTC)
    known = [at for at in (place.version, window.start) if at is not None and at <= now]
    moment = max(shared, *known)
    return moment, (place, moment)
