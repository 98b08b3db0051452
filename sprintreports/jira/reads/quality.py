"""What makes a board's numbers doubtful: a line a check, and the subjects of one check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.quality.catalog import CHECKS, check_named
from sprintreports.jira.quality.check import Check, CheckName, Scope, Subject, own_rows
from sprintreports.jira.reads.access import VISIBLE, issue_url
from sprintreports.jira.reads.quality_scope import load_scope
from sprintreports.kit.errors import Invalid
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.metrics.values import Unit

MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check and how many subjects it found. `pointless`: why it says nothing on this board; empty where it does."""

    check: Check
    count: int
    pointless: str


@dataclass(frozen=True, slots=True)
class Quality:
    """A board's findings, worst first. `issues`: how many the numbers rest on; `left_out`: how many they leave out.

    `waiting`: sprints whose facts are not computed yet, so that their issues are not in the counts.
    """

    board_id: int
    board_name: str
    problem: str | None
    unit: Unit
    sprints: tuple[str, ...]
    chosen: bool
    waiting: int
    issues: int
    left_out: int
    lines: tuple[CheckLine, ...]

    @property
    def found(self) -> tuple[CheckLine, ...]:
        return tuple(line for line in self.lines if line.count)

    @property
    def fine(self) -> tuple[CheckLine, ...]:
        return tuple(line for line in self.lines if not line.count and not line.pointless)

    @property
    def pointless(self) -> tuple[CheckLine, ...]:
        return tuple(line for line in self.lines if line.pointless)


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject of a check, in its newest sprint. `name`: an issue's key or a sprint's name; `detail`: a sentence."""

    subject: Subject
    name: str
    summary: str
    url: str
    jira_issue_id: int | None
    sprint_id: int
    sprint_name: str
    team: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of what a check found."""

    board_name: str
    line: CheckLine
    page: Page[Finding]


_BASIS = f"""
SELECT count(DISTINCT f.jira_issue_id) FILTER (WHERE f.bucket IS NOT NULL),
       count(DISTINCT f.jira_issue_id) FILTER (WHERE f.excluded IS NOT NULL)
FROM sprint_issue_fact f WHERE {own_rows()}
"""
_ISSUES = """
SELECT found.subject, coalesce(i.key, found.subject::text), coalesce(i.summary, ''), s.id, s.name, d.name, found.facts
FROM ({found}) AS found
JOIN sprint s ON s.site_id = :site AND s.jira_sprint_id = found.sprint
LEFT JOIN issue i ON i.site_id = :site AND i.jira_issue_id = found.subject
LEFT JOIN sprint_issue_fact p ON p.site_id = :site AND p.jira_board_id = :board AND p.jira_sprint_id = found.sprint
      AND p.jira_issue_id = found.subject
LEFT JOIN discipline d ON d.id = p.discipline_id {order} LIMIT :limit OFFSET :offset
"""
_SPRINTS = """
SELECT found.subject, s.name, coalesce(s.goal, ''), s.id, s.name, NULL, found.facts
FROM ({found}) AS found JOIN sprint s ON s.site_id = :site AND s.jira_sprint_id = found.subject
{order} LIMIT :limit OFFSET :offset
"""
_KEY = "i.project_key {way}, length(i.key) {way}, i.key {way}"
# The same names for both kinds of subjects; a sprint has no team.
ORDERS = {"name": _KEY, "sprint_name": "lower(s.name) {way}", "team": "lower(d.name) {way} NULLS LAST"}
_SPRINT_ORDERS = {"name": "lower(s.name) {way}", "sprint_name": "lower(s.name) {way}", "team": "s.id {way}"}


async def summary(
    session: AsyncSession, viewer: Viewer, *, board_id: int, sprint_id: int | None = None, now: datetime
) -> Quality:
    """Every check's count, over the sprints that run and the last that closed, or over one sprint. Raises NotFound."""
    scope, problem = await load_scope(session, viewer, board_id=board_id, sprint_id=sprint_id, now=now)
    useful = [check for check in CHECKS if not check.pointless(scope)]
    parts = [f"SELECT '{check.name}' AS name, ({_sql(check.count_sql())}) AS number" for check in useful]
    found = await session.execute(text(" UNION ALL ".join(parts)), scope.binds())
    counts = {CheckName(row[0]): int(row[1]) for row in found}
    issues, left_out = (await session.execute(text(_BASIS), scope.binds())).one()
    lines = [CheckLine(check, counts.get(check.name, 0), check.pointless(scope)) for check in CHECKS]
    lines.sort(key=_worst_first)
    return Quality(
        board_id=scope.board_id,
        board_name=scope.board_name,
        problem=problem,
        unit=scope.unit,
        sprints=tuple(one.name for one in scope.counted),
        chosen=scope.chosen,
        waiting=sum(not one.computed for one in scope.counted),
        issues=issues,
        left_out=left_out,
        lines=tuple(lines),
    )


async def findings(
    session: AsyncSession,
    viewer: Viewer,
    *,
    board_id: int,
    check: CheckName,
    sprint_id: int | None = None,
    now: datetime,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Findings:
    """What one check found: issues by sprint (newest first) and key. Raises NotFound, Invalid."""
    if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
        raise Invalid(f"A page is 1 or more, and holds 1 to {MOST_PER_PAGE} entries.")
    scope, _ = await load_scope(session, viewer, board_id=board_id, sprint_id=sprint_id, now=now)
    asked = check_named(check)
    why_not = asked.pointless(scope)
    if why_not:
        return Findings(scope.board_name, CheckLine(asked, 0, why_not), Page([], 0, page, per_page))
    total = (await session.execute(text(_sql(asked.count_sql())), scope.binds())).scalar_one()
    outer = _ISSUES if asked.subject is Subject.ISSUE else _SPRINTS
    query = outer.replace("{order}", _order(asked, sort)).replace("{found}", _sql(asked.found_sql()))
    found = await session.execute(
        text(query), scope.binds() | {"limit": per_page, "offset": (page - 1) * per_page}
    )
    rows = [_finding(row, asked, scope) for row in found]
    return Findings(scope.board_name, CheckLine(asked, total, ""), Page(rows, total, page, per_page))


def _order(check: Check, sort: Sort) -> str:
    if check.subject is Subject.ISSUE:
        newest = f"array_position(CAST(:{check.among} AS bigint[]), found.sprint)"
        last = f"{_KEY.format(way='ASC')}, found.subject"
        return order_by(sort, ORDERS, usual=newest, last=last)
    newest = "array_position(CAST(:listed AS bigint[]), found.sprint) NULLS LAST"
    return order_by(sort, _SPRINT_ORDERS, usual=newest, last="s.id DESC")


def _sql(query: str) -> str:
    return query.replace("{visible}", VISIBLE)


def _worst_first(line: CheckLine) -> tuple[bool, int, int]:
    """What was found, by weight and number; then what is fine, then what says nothing here."""
    return bool(line.pointless), -line.check.weight if line.count else 0, -line.count


def _finding(row: Any, check: Check, scope: Scope) -> Finding:
    subject, name, summary_, sprint_id, sprint_name, team, facts = row
    is_issue = check.subject is Subject.ISSUE
    known: Mapping[str, Any] = facts
    return Finding(
        subject=check.subject,
        name=name,
        summary=summary_,
        url=issue_url(scope.base_url, name) if is_issue else _board_url(scope),
        jira_issue_id=subject if is_issue else None,
        sprint_id=sprint_id,
        sprint_name=sprint_name,
        team=team,
        detail=check.sentence(known, scope.unit),
    )


def _board_url(scope: Scope) -> str:
    """The board's backlog: where sprints are edited."""
    return (
        f"{scope.base_url.rstrip('/')}/secure/RapidBoard.jspa?rapidView={scope.jira_board_id}&view=planning"
    )
