"""The library's ledger: reports found by words, kind, board, tag and owner, sorted and cut into pages. Two queries for a page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import reports
from sprintreports.reports.library.reports import COLUMNS, FROM, SEEN, ReportInfo

MOST_TAGS_SHOWN = 200

ORDERS = {
    "name": "lower(r.name) {way}",
    "kind": "r.kind {way}",
    "owner": "lower(u.name) {way}",
    "shared": "r.shared {way}",
    "created_at": "r.created_at {way}",
    "updated_at": "r.updated_at {way}",
}
_FILTERS = r"""
(:kind = '' OR r.kind = :kind)
AND (CAST(:board AS bigint) IS NULL OR CAST(:board AS bigint) = ANY(r.board_ids))
AND (:tag = '' OR :tag = ANY(r.tags))
AND (CAST(:owner AS bigint) IS NULL OR r.owner_id = :owner)
AND (CAST(:of_all AS boolean) IS NULL OR r.shared = CAST(:of_all AS boolean))
AND (:words = '' OR r.name ILIKE :words OR array_to_string(r.tags, ',') ILIKE :words OR u.name ILIKE :words
     OR EXISTS (SELECT FROM board b WHERE b.id = ANY(r.board_ids) AND b.name ILIKE :words))
"""
_TOTAL = text(f"SELECT count(*) {FROM} WHERE {SEEN} AND {_FILTERS}")
_NAMES = text(f"SELECT r.id, r.name {FROM} WHERE {SEEN} AND r.id = ANY(CAST(:ids AS bigint[]))")
_TAGS = text(f"""
SELECT tag, count(*) AS reports FROM (SELECT unnest(r.tags) AS tag {FROM} WHERE {SEEN}) AS used
GROUP BY tag ORDER BY count(*) DESC, tag LIMIT {MOST_TAGS_SHOWN}
""")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; nothing given: all. search: in names, tags, owners and boards. shared: those of all, or personal ones."""

    search: str = ""
    kind: DocumentKind | None = None
    board_id: int | None = None
    tag: str = ""
    owner_id: int | None = None
    shared: bool | None = None


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag with how many reports have it, of those that the viewer sees."""

    tag: str
    reports: int


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    filters: Filters,
    *,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[ReportInfo]:
    """The reports that the viewer sees and asks for, the last changed first. Raises Forbidden."""
    asked = {**reports.asked_of(viewer), **_bound(filters)}
    total = await session.scalar(_TOTAL, asked)
    order = order_by(sort, ORDERS, usual="r.updated_at DESC", last="r.id DESC")
    query = text(f"SELECT {COLUMNS} {FROM} WHERE {SEEN} AND {_FILTERS} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, {**asked, "limit": per_page, "offset": (page - 1) * per_page})
    found = [reports.info_of(row) for row in rows.mappings()]
    return Page(found, total=total or 0, page=page, per_page=per_page)


async def names(session: AsyncSession, viewer: Viewer, report_ids: Collection[int]) -> dict[int, str]:
    """What these reports are called, of those that the viewer sees. Raises Forbidden."""
    asked = {**reports.asked_of(viewer), "ids": sorted(set(report_ids))}
    return {row[0]: row[1] for row in await session.execute(_NAMES, asked)}


async def tags(session: AsyncSession, viewer: Viewer) -> list[TagCount]:
    """The tags in use, the most used first. Raises Forbidden."""
    rows = await session.execute(_TAGS, reports.asked_of(viewer))
    return [TagCount(**row) for row in rows.mappings()]


def _bound(filters: Filters) -> dict[str, Any]:
    sought = filters.search.strip()
    tag = reports.tags_of([filters.tag])
    return {
        "kind": filters.kind.value if filters.kind else "",
        "board": filters.board_id,
        "tag": tag[0] if tag else "",
        "owner": filters.owner_id,
        "of_all": filters.shared,
        "words": f"%{_literal(sought)}%" if sought else "",
    }


def _literal(words: str) -> str:
    """What LIKE takes as it stands."""
    return words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
