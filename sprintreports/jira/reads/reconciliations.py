"""Closed sprints beside Jira's own reports: one with all its issues, and how many of a board's are equal."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira import reconciliation
from sprintreports.jira.reads import access, boards
from sprintreports.jira.reads.access import VISIBLE, boards_of, issue_url
from sprintreports.jira.reconciliation import comparing, requests, stored
from sprintreports.jira.reconciliation.ours import NOT_CLOSED
from sprintreports.kit.cache import Kept
from sprintreports.kit.errors import Conflict
from sprintreports.metrics.reconciliation import Line, Reconciliation, share_equal


class Standing(StrEnum):
    """How a sprint stands."""

    EQUAL = "equal"
    DIFFERS = "differs"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class ComparedIssue:
    """One issue on both sides, with where it is in Jira."""

    line: Line
    summary: str
    url: str


@dataclass(frozen=True, slots=True)
class SprintCompared:
    """A closed sprint on a board. comparison None: Jira's report is not here, and `problem` may say why.

    source: "jira" or "upload". problem: why the last attempt to get Jira's report failed. For a viewer who sees some
    teams alone the comparison holds their issues, and none of the sums that are the whole sprint's.
    """

    sprint_id: int
    sprint_name: str
    board_id: int
    board_name: str
    closed_at: datetime
    report_url: str
    source: str | None
    received_at: datetime | None
    problem: str | None
    problem_at: datetime | None
    comparison: Reconciliation | None
    issues: tuple[ComparedIssue, ...]


@dataclass(frozen=True, slots=True)
class SprintStanding:
    """A closed sprint in a board's list. issues and differing: None where it is not compared."""

    sprint_id: int
    name: str
    closed_at: datetime | None
    standing: Standing
    issues: int | None
    differing: int | None
    source: str | None
    received_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class BoardCompared:
    """The closed sprints of a board, the last closed first. share_equal: of those compared; None when none is.

    running: reports are being asked for.
    """

    board_id: int
    board_name: str
    sprints: tuple[SprintStanding, ...]
    share_equal: float | None
    running: bool

    def count(self, standing: Standing) -> int:
        """How many sprints stand so."""
        return sum(sprint.standing is standing for sprint in self.sprints)


async def place(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None
) -> reconciliation.Place:
    """The sprint that the viewer may see, by Jira's ids. Raises NotFound."""
    found = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    return reconciliation.Place(found.site_id, found.jira_board_id, found.jira_sprint_id)


async def sprint(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None, now: datetime
) -> SprintCompared:
    """The comparison of a closed sprint as it stands now. Raises NotFound, Conflict when it is not closed."""
    found = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    here = reconciliation.Place(found.site_id, found.jira_board_id, found.jira_sprint_id)
    compared = await reconciliation.compare(session, here, now=now)
    if not compared.sprint.closed:
        raise Conflict(NOT_CLOSED)
    whole = compared.reconciliation
    seen = whole if whole is None else await _of_teams(session, viewer, here, whole)
    lines = () if seen is None else seen.lines
    summaries = await _summaries(session, here, [line.issue for line in lines if line.issue is not None])
    kept = compared.kept
    return SprintCompared(
        sprint_id=found.sprint_id,
        sprint_name=found.sprint_name,
        board_id=found.board_id,
        board_name=found.board_name,
        closed_at=compared.sprint.window.end,
        report_url=_report_url(found.base_url, here),
        source=None if kept is None or kept.source is None else kept.source.value,
        received_at=None if kept is None else kept.received_at,
        problem=None if kept is None else kept.problem,
        problem_at=None if kept is None else kept.problem_at,
        comparison=seen,
        issues=tuple(
            ComparedIssue(line, summaries.get(line.issue or 0, ""), issue_url(found.base_url, line.key))
            for line in lines
        ),
    )


_SPRINTS = f"""
SELECT s.id, s.name, s.complete_date, s.jira_sprint_id, r.source, r.received_at, r.problem, r.facts, r.equal, r.issues,
       r.differing, r.body IS NOT NULL, f.rebuilt_at::text || f.ctid::text || f.xmin::text
FROM board b JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
LEFT JOIN sprint_reconciliation r USING (site_id, jira_board_id, jira_sprint_id)
LEFT JOIN sprint_fact f USING (site_id, jira_board_id, jira_sprint_id)
WHERE {VISIBLE} AND b.id = :board AND s.state = 'closed' AND s.deleted_at IS NULL
ORDER BY s.complete_date DESC NULLS LAST, s.id DESC
"""

# Outcomes whose row in the table speaks of figures that have been computed anew since.
_kept = Kept[comparing.Outcome](most=5_000, weigh=lambda _: 1)


async def board(session: AsyncSession, viewer: Viewer, *, board_id: int) -> BoardCompared:
    """How the closed sprints of a board stand today. Raises NotFound."""
    shown = await boards.one(session, viewer, board_id)
    found = await session.execute(text(_SPRINTS), {"boards": boards_of(viewer), "board": board_id})
    sprints = [
        await _standing(session, reconciliation.Place(shown.site_id, shown.jira_board_id, row[3]), row)
        for row in found.all()
    ]
    equals = [
        None if one.standing is Standing.NOT_COMPARED else one.standing is Standing.EQUAL for one in sprints
    ]
    running = await requests.is_running(session, site_id=shown.site_id, jira_board_id=shown.jira_board_id)
    return BoardCompared(board_id, shown.name, tuple(sprints), share_equal(equals), running)


async def _standing(session: AsyncSession, here: reconciliation.Place, row: Any) -> SprintStanding:
    (
        sprint_id,
        name,
        closed_at,
        _,
        source,
        received_at,
        problem,
        of,
        equal,
        issues,
        differing,
        has_body,
        now,
    ) = row
    short: comparing.Outcome | None = None
    if has_body and of is not None and of == now:
        short = comparing.Outcome(equal, issues, differing)
    elif has_body:

        async def again() -> comparing.Outcome:
            kept = await stored.load(session, here)
            return await comparing.outcome(session, here, (kept.body if kept else None) or b"")

        short = await _kept.get((here.keys, now, received_at), again)
    standing = Standing.NOT_COMPARED if short is None else Standing.EQUAL if short.equal else Standing.DIFFERS
    return SprintStanding(
        sprint_id=sprint_id,
        name=name,
        closed_at=closed_at,
        standing=standing,
        issues=None if short is None else short.issues,
        differing=None if short is None else short.differing,
        source=source,
        received_at=received_at,
        problem=problem,
    )


async def _of_teams(
    session: AsyncSession, viewer: Viewer, here: reconciliation.Place, whole: Reconciliation
) -> Reconciliation:
    """What of it the viewer may see: whole sums would tell of the teams that they may not."""
    if viewer.team_ids is None:
        return whole
    found = await session.execute(
        text(
            "SELECT jira_issue_id FROM sprint_issue_fact WHERE site_id = :site AND jira_board_id = :board "
            "AND jira_sprint_id = :sprint AND discipline_id = ANY(:teams)"
        ),
        {
            "site": here.site_id,
            "board": here.jira_board_id,
            "sprint": here.jira_sprint_id,
            "teams": sorted(viewer.team_ids),
        },
    )
    theirs = set(found.scalars())
    return replace(
        whole, lines=tuple(line for line in whole.lines if line.issue in theirs), checks=(), repeated=()
    )


async def _summaries(
    session: AsyncSession, here: reconciliation.Place, issue_ids: Collection[int]
) -> dict[int, str]:
    found = await session.execute(
        text("SELECT jira_issue_id, summary FROM issue WHERE site_id = :site AND jira_issue_id = ANY(:ids)"),
        {"site": here.site_id, "ids": list(issue_ids)},
    )
    return {row[0]: row[1] for row in found}


def _report_url(base_url: str, here: reconciliation.Place) -> str:
    """Jira's own page of the report."""
    return (
        f"{base_url.rstrip('/')}/secure/RapidBoard.jspa?rapidView={here.jira_board_id}"
        f"&view=reporting&chart=sprintRetrospective&sprint={here.jira_sprint_id}"
    )
