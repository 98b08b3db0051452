"""The issues of a sprint: searched, filtered, sorted and paged in the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access
from sprintreports.jira.reads.access import AT, Place, issue_url
from sprintreports.jira.reads.words import pattern
from sprintreports.kit.cache import Kept
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.paging import Page
from sprintreports.metrics.values import Bucket, Estimate

MOST_PER_PAGE = 100
EXCLUDED = "excluded"
_KEY = "i.project_key {way}, length(i.key) {way}, i.key {way}"
# What may be sorted by; {way} is ASC or DESC, and nothing comes last.
SORTS = {
    "key": _KEY,
    "summary": "lower(i.summary) {way}",
    "type": "lower(f.type) {way}",
    "status": "lower(st.name) {way}",
    "priority": "lower(f.priority) {way}",
    "assignee": "lower(a.name) {way} NULLS LAST",
    "stakeholder": "lower(k.name) {way} NULLS LAST",
    "team": "lower(d.name) {way} NULLS LAST",
    "initial": "f.initial_points {way} NULLS LAST, f.initial_seconds {way} NULLS LAST",
    "final": "f.final_points {way} NULLS LAST, f.final_seconds {way} NULLS LAST",
    "bucket": "f.bucket {way} NULLS LAST, f.added {way}",
    "entered": "f.entered_at {way} NULLS LAST",
    "done": "f.done_at {way} NULLS LAST",
}


@dataclass(frozen=True, slots=True)
class SprintIssueRow:
    """An issue in a sprint: attributes at the sprint's end, its outcome. `excluded` says why it does not count."""

    issue_id: int
    key: str
    summary: str
    url: str
    type: str
    status: str
    priority: str
    team_id: int
    team: str | None
    assignee_id: int | None
    assignee: str | None
    stakeholder_id: int | None
    stakeholder: str | None
    stakeholder_is_owner: bool
    bucket: Bucket | None
    excluded: str | None
    committed: bool
    added: bool
    reason: str
    initial: Estimate
    final: Estimate
    entered_at: datetime | None
    left_at: datetime | None
    done_at: datetime | None


_FROM = f"""
FROM sprint_issue_fact f
LEFT JOIN issue i ON i.site_id = f.site_id AND i.jira_issue_id = f.jira_issue_id
LEFT JOIN status st ON st.site_id = f.site_id AND st.status_id = f.status_id
LEFT JOIN discipline d ON d.id = f.discipline_id
LEFT JOIN jira_person a ON a.id = f.assignee_id
LEFT JOIN jira_person k ON k.id = f.stakeholder_id
WHERE {AT.replace("site_id", "f.site_id")}
  AND (CAST(:teams AS bigint[]) IS NULL OR f.discipline_id = ANY(CAST(:teams AS bigint[])))
  AND CASE CAST(:bucket AS text) WHEN '{EXCLUDED}' THEN f.excluded IS NOT NULL ELSE f.excluded IS NULL END
  AND (CAST(:bucket AS text) IS NULL OR :bucket = '{EXCLUDED}' OR f.bucket = :bucket)
  AND (CAST(:team AS bigint) IS NULL OR f.discipline_id = :team)
  AND (CAST(:search AS text) IS NULL OR i.key ILIKE :search OR i.summary ILIKE :search)
"""
_COLUMNS = """
f.jira_issue_id, coalesce(i.key, f.jira_issue_id::text), coalesce(i.summary, ''), f.type, coalesce(st.name, f.status_id),
f.priority, f.discipline_id, d.name, f.assignee_id, a.name, f.stakeholder_id, k.name, f.stakeholder_is_owner, f.bucket,
f.excluded, f.committed, f.added, f.reason, f.initial_points, f.initial_seconds, f.final_points, f.final_seconds,
f.entered_at, f.left_at, f.done_at
"""


# In rows of some 1 kB: what everybody looks at, not what one person searches for.
_kept = Kept[Page[SprintIssueRow]](most=10_000, weigh=lambda page: len(page.items))


async def page(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    search: str = "",
    sort: str = "key",
    descending: bool = False,
    bucket: Bucket | str | None = None,
    team: int | None = None,
    page: int = 1,
    per_page: int = 25,
) -> Page[SprintIssueRow]:
    """One page of the report's issues (bucket "excluded": of those that it leaves out). Raises NotFound, Invalid."""
    _check(sort=sort, bucket=bucket, page=page, per_page=per_page)
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    values: dict[str, Any] = {
        **place.keys,
        "teams": None if viewer.team_ids is None else sorted(viewer.team_ids),
        "bucket": None if bucket is None else str(bucket),
        "team": team,
        "search": pattern(search),
    }
    way = "DESC" if descending else "ASC"
    order = f"ORDER BY {SORTS[sort].format(way=way)}, {_KEY.format(way='ASC')}, f.jira_issue_id"
    limits = {"limit": per_page, "offset": (page - 1) * per_page}

    async def read() -> Page[SprintIssueRow]:
        total = (await session.execute(text(f"SELECT count(*) {_FROM}"), values)).scalar_one()
        found = await session.execute(
            text(f"SELECT {_COLUMNS} {_FROM} {order} LIMIT :limit OFFSET :offset"), values | limits
        )
        return Page([_row(row, place) for row in found], total, page, per_page)

    if search or not place.computed:
        return await read()
    asked = (place.texts, viewer.team_ids, values["bucket"], team, order, page, per_page)
    return await _kept.get(asked, read)


def _check(*, sort: str, bucket: Bucket | str | None, page: int, per_page: int) -> None:
    problems: list[FieldProblem] = []
    if sort not in SORTS:
        problems.append(FieldProblem("sort", f"Sort by one of {', '.join(SORTS)}."))
    if bucket is not None and str(bucket) not in (*Bucket, EXCLUDED):
        problems.append(FieldProblem("bucket", f"Use one of {', '.join(Bucket)} or {EXCLUDED}."))
    if page < 1:
        problems.append(FieldProblem("page", "Pages are counted from 1."))
    if not 1 <= per_page <= MOST_PER_PAGE:
        problems.append(FieldProblem("per_page", f"A page holds 1 to {MOST_PER_PAGE} issues."))
    if problems:
        raise Invalid(
            "The list of issues cannot be shown like this: see the details.", details=tuple(problems)
        )


def _row(row: Any, place: Place) -> SprintIssueRow:
    return SprintIssueRow(
        issue_id=row[0],
        key=row[1],
        summary=row[2],
        url=issue_url(place.base_url, row[1]),
        type=row[3],
        status=row[4],
        priority=row[5],
        team_id=row[6],
        team=row[7],
        assignee_id=row[8],
        assignee=row[9],
        stakeholder_id=row[10],
        stakeholder=row[11],
        stakeholder_is_owner=row[12],
        bucket=None if row[13] is None else Bucket(row[13]),
        excluded=row[14],
        committed=row[15],
        added=row[16],
        reason=row[17],
        initial=Estimate(row[18], row[19]),
        final=Estimate(row[20], row[21]),
        entered_at=row[22],
        left_at=row[23],
        done_at=row[24],
    )
