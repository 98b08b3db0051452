"""The issues of a sprint: searched, filtered, sorted and paged in the database."""

import re
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
from sprintreports.kit.paging import By, Page, Sort, order_by
from sprintreports.metrics.sprint_report import Dimension
from sprintreports.metrics.values import Bucket, Estimate

MOST_PER_PAGE = 100
EXCLUDED = "excluded"
_KEY = "i.project_key {way}, length(i.key) {way}, i.key {way}"
# The same as it was when the facts were computed.
_PLACE = "f.key_order {way}"
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


# By the alias that SORTS, the search and the columns use.
_JOINS = {
    "i": "LEFT JOIN issue i ON i.site_id = f.site_id AND i.jira_issue_id = f.jira_issue_id",
    "st": "LEFT JOIN status st ON st.site_id = f.site_id AND st.status_id = f.status_id",
    "d": "LEFT JOIN discipline d ON d.id = f.discipline_id",
    "a": "LEFT JOIN jira_person a ON a.id = f.assignee_id",
    "k": "LEFT JOIN jira_person k ON k.id = f.stakeholder_id",
}
_ALIAS = re.compile(r"\b(\w+)\.")
_WHERE = f"""
WHERE {AT.replace("site_id", "f.site_id")}
  AND (CAST(:teams AS bigint[]) IS NULL OR f.discipline_id = ANY(CAST(:teams AS bigint[])))
  AND CASE CAST(:bucket AS text) WHEN '{EXCLUDED}' THEN f.excluded IS NOT NULL ELSE f.excluded IS NULL END
  AND (CAST(:bucket AS text) IS NULL OR :bucket = '{EXCLUDED}' OR f.bucket = :bucket)
  AND (CAST(:team AS bigint) IS NULL OR f.discipline_id = :team)
"""
_SEARCHED = ("i.key", "i.summary", "st.name", "d.name", "a.name")
_SEARCH = f"AND ({' OR '.join(f'{name} ILIKE :search' for name in _SEARCHED)})"
# The issues behind one bar of a breakdown; the labels are those of `metrics.sprint_report.Breakdown`.
_PART = {
    Dimension.TEAM: "AND f.discipline_id = CAST(:part AS bigint)",
    Dimension.TYPE: "AND f.type = :part",
    Dimension.STATUS: "AND coalesce(st.name, f.status_id) = :part",
    Dimension.PRIORITY: "AND f.priority = :part",
    Dimension.ASSIGNEE: "AND f.assignee_id IS NOT DISTINCT FROM CAST(NULLIF(:part, '') AS bigint)",
    Dimension.STAKEHOLDER: "AND f.stakeholder_id IS NOT DISTINCT FROM CAST(NULLIF(:part, '') AS bigint)",
}
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
    by: Sort = (),
    bucket: Bucket | str | None = None,
    team: int | None = None,
    part: tuple[Dimension, str] | None = None,
    page: int = 1,
    per_page: int = 25,
) -> Page[SprintIssueRow]:
    """One page of the report's issues (bucket "excluded": of those that it leaves out). Raises NotFound, Invalid.

    by: the order, in place of sort and descending. search: in key, summary, status, team and assignee. part: the issues behind this label of a breakdown.
    """
    order = by or (By(sort, descending),)
    _check(order, bucket=bucket, page=page, per_page=per_page)
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    values: dict[str, Any] = {
        **place.keys,
        "teams": None if viewer.team_ids is None else sorted(viewer.team_ids),
        "bucket": None if bucket is None else str(bucket),
        "team": team,
        "search": pattern(search),
        "part": _label(part),
    }
    limits = {"limit": per_page, "offset": (page - 1) * per_page}

    narrowed = (_SEARCH if values["search"] else "") + (f" {_PART[part[0]]}" if part else "")

    async def read() -> Page[SprintIssueRow]:
        total, placed = (await session.execute(text(_count(narrowed)), values)).one()
        query = _cut(order, narrowed=narrowed, placed=placed == total)
        found = await session.execute(text(query), values | limits)
        return Page([_row(row, place) for row in found], total, page, per_page)

    if narrowed or not place.computed:
        return await read()
    asked = (place.texts, viewer.team_ids, values["bucket"], team, order, page, per_page)
    return await _kept.get(asked, read)


def _count(narrowed: str) -> str:
    """How many there are, and of how many the place in the order of keys is stored."""
    return f"SELECT count(*), count(f.key_order) {_from(narrowed, narrowed=narrowed)}"


def _cut(by: Sort, *, narrowed: str, placed: bool) -> str:
    """First the page is cut from as few tables as order and conditions need, then its rows are given their names."""
    key = _PLACE if placed else _KEY
    order = order_by(by, {**SORTS, "key": key}, usual="", last=f"{key.format(way='ASC')}, f.jira_issue_id")
    cut = f"SELECT f.* {_from(order + narrowed, narrowed=narrowed)} {order} LIMIT :limit OFFSET :offset"
    return f"SELECT {_COLUMNS} FROM ({cut}) AS f {' '.join(_JOINS.values())} {order}"


def _from(mentioned: str, *, narrowed: str) -> str:
    """The facts with the tables that are mentioned, and the conditions."""
    needed = set(_ALIAS.findall(mentioned))
    joins = " ".join(join for alias, join in _JOINS.items() if alias in needed)
    return f"FROM sprint_issue_fact f {joins} {_WHERE} {narrowed}"


def _label(part: tuple[Dimension, str] | None) -> str | None:
    """The label as a bind value. Raises Invalid where teams and people are not named by their ids."""
    if part is None:
        return None
    dimension, label = part
    by_id = dimension is Dimension.TEAM or (
        label != "" and dimension in (Dimension.ASSIGNEE, Dimension.STAKEHOLDER)
    )
    if "\0" in label or (by_id and not (label.isascii() and label.isdigit() and len(label) < 19)):
        raise Invalid("There is no such part of the sprint.")
    return label


def _check(by: Sort, *, bucket: Bucket | str | None, page: int, per_page: int) -> None:
    problems: list[FieldProblem] = []
    if any(one.name not in SORTS for one in by):
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
