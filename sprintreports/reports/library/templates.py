"""Templates of people: made, listed, given new versions, shared. A version is never changed, so that reports stay as laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import system_templates
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.library.sizes import LONGEST_NAME, LONGEST_NOTE
from sprintreports.reports.templates import applying
from sprintreports.reports.templates.layout import Layout, OwnText

MOST_PIECES, LONGEST_TEXT, LONGEST_TITLE, MOST_TEMPLATES, MOST_VERSIONS = 60, 20_000, 200, 500, 1_000
NO_TEMPLATE = "There is no such template, or you may not see it. Choose one from the list of templates."

# What neither JSON nor PostgreSQL holds.
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
_NO_TITLE = f"A title has at most {LONGEST_TITLE} printable characters, on one line."

_SEEN = "(t.shared OR t.owner_id = :user) AND t.deleted_at IS NULL"
_COLUMNS = (
    """t.id, t.name, t.kind, t.owner_id, u.name AS owner, t.shared, t.versions, t.created_at, t.updated_at"""
)
_FROM = "FROM report_template t JOIN user_account u ON u.id = t.owner_id"
ORDERS = {
    "name": "lower(t.name) {way}",
    "kind": "t.kind {way}",
    "owner": "lower(u.name) {way}",
    "updated_at": "t.updated_at {way}",
}
_WANTED = "(:kind = '' OR t.kind = :kind) AND (:words = '' OR strpos(lower(t.name), :words) > 0 OR strpos(lower(u.name), :words) > 0)"
_TOTAL = text(f"SELECT count(*) {_FROM} WHERE {_SEEN} AND {_WANTED}")
_ONE = f"SELECT {_COLUMNS} {_FROM} WHERE {_SEEN} AND t.id = :id"
_HOLD = text(f"{_ONE} FOR UPDATE OF t")
_COUNT = text("SELECT count(*) FROM report_template WHERE owner_id = :user AND deleted_at IS NULL")
_INSERT = text("""
INSERT INTO report_template (name, kind, owner_id, shared, created_at, updated_at)
VALUES (:name, :kind, :user, :shared, :now, :now) RETURNING id
""")
_VERSION = text("""
INSERT INTO report_template_version (template_id, number, content, note, created_by, created_at)
VALUES (:id, :number, CAST(:content AS jsonb), :note, :user, :now)
""")
_UPDATE = text("""
UPDATE report_template SET name = :name, shared = :shared, versions = :versions, updated_at = :now WHERE id = :id
""")
_DELETE = text("UPDATE report_template SET deleted_at = :now WHERE id = :id")
_VERSIONS = "SELECT v.number, v.note, v.created_by, v.created_at, v.content FROM report_template_version v WHERE v.template_id = :id"
VERSION_ORDERS = {"number": "v.number {way}", "created_at": "v.created_at {way}"}
_LAYOUT = text("SELECT content FROM report_template_version WHERE template_id = :id AND number = :number")


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A template without its content. versions: the number of the last one."""

    id: int
    name: str
    kind: DocumentKind
    owner_id: int
    owner: str
    shared: bool
    versions: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """What a template said at one time."""

    number: int
    note: str
    created_by: int
    created_at: datetime
    layout: Layout


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    kind: DocumentKind | None = None,
    search: str = "",
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[TemplateInfo]:
    """The viewer's own templates and those that are shared, by name. search: in names and owners. Raises Forbidden."""
    words = search.strip().lower().replace("\0", "")
    asked = {**_asked(viewer), "kind": kind.value if kind else "", "words": words}
    total = await session.scalar(_TOTAL, asked)
    order = order_by(sort, ORDERS, usual="lower(t.name)", last="t.id")
    query = text(f"SELECT {_COLUMNS} {_FROM} WHERE {_SEEN} AND {_WANTED} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, {**asked, "limit": per_page, "offset": (page - 1) * per_page})
    return Page([_info(row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, template_id: int) -> TemplateInfo:
    """Raises Forbidden, NotFound."""
    found = await session.execute(text(_ONE), {**_asked(viewer), "id": template_id})
    return _found(found.mappings().one_or_none())


async def versions(
    session: AsyncSession,
    viewer: Viewer,
    template_id: int,
    *,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[TemplateVersion]:
    """All that a template said, the last first. Raises Forbidden, NotFound."""
    info = await one(session, viewer, template_id)
    asked = {"id": template_id, "limit": per_page, "offset": (page - 1) * per_page}
    order = order_by(sort, VERSION_ORDERS, usual="v.number DESC", last="v.number DESC")
    rows = await session.execute(text(f"{_VERSIONS} {order} LIMIT :limit OFFSET :offset"), asked)
    found = [
        TemplateVersion(row.number, row.note, row.created_by, row.created_at, parsed(row.content))
        for row in rows
    ]
    return Page(found, total=info.versions, page=page, per_page=per_page)


async def layout_of(session: AsyncSession, choice: TemplateChoice) -> Layout | None:
    """What a report's template says; None: the usual order. Whoever calls has found that the viewer sees the report."""
    if choice.system is not None:
        return system_templates.one(choice.system).layout
    if choice.template_id is None:
        return None
    content = await session.scalar(_LAYOUT, {"id": choice.template_id, "number": choice.number})
    if content is None:
        raise NotFound(NO_TEMPLATE)
    return parsed(content)


async def chosen(session: AsyncSession, viewer: Viewer, choice: TemplateChoice) -> Layout | None:
    """The same for a template that the viewer picks. Raises Forbidden, NotFound."""
    if choice.template_id is not None:
        await one(session, viewer, choice.template_id)
    return await layout_of(session, choice)


async def create(
    session: AsyncSession,
    viewer: Viewer,
    *,
    name: str,
    kind: DocumentKind,
    layout: Layout,
    note: str = "",
    shared: bool = False,
    now: datetime,
) -> TemplateInfo:
    """A template with its first version; one for all takes the right to write reports. Raises Forbidden, Invalid."""
    asked = _asked(viewer)
    if shared:
        viewer.require(Permission.REPORTS_WRITE)
    wanted = _checked(name, layout, note, kind=kind)
    if (await session.scalar(_COUNT, asked) or 0) >= MOST_TEMPLATES:
        raise Invalid(f"You have {MOST_TEMPLATES} templates already. Delete some that you no longer need.")
    values = {**asked, "name": wanted, "kind": kind.value, "shared": shared, "now": now}
    template_id = (await session.execute(_INSERT, values)).scalar_one()
    await _keep(session, viewer, template_id, 1, layout, note, now=now)
    await _told(session, viewer, template_id, after={"name": wanted, "shared": shared, "version": 1})
    return await one(session, viewer, template_id)


async def change(
    session: AsyncSession,
    viewer: Viewer,
    template_id: int,
    *,
    name: str | None = None,
    shared: bool | None = None,
    layout: Layout | None = None,
    note: str = "",
    based_on: int | None = None,
    now: datetime,
) -> TemplateInfo:
    """Rename or share a template, or give it a new version: reports that use an older one keep it.

    based_on: the last version that whoever changes it has seen; None: whatever is there. Raises Forbidden, NotFound, Invalid,
    and Conflict where somebody kept a newer version meanwhile.
    """
    before = await _held(session, viewer, template_id)
    if before.shared and shared is False and before.owner_id != viewer.user_id:
        raise Forbidden("Only its owner can make this template personal again. Delete it if nobody needs it.")
    if based_on is not None and based_on != before.versions:
        raise Conflict(
            f"Somebody has kept version {before.versions} of this template since you began from version {based_on}. "
            "Look at the newer one and repeat your change there, or keep yours as a template of its own."
        )
    wanted = _checked(before.name if name is None else name, layout or Layout(), note, kind=before.kind)
    of_all = before.shared if shared is None else shared
    if of_all:
        viewer.require(Permission.REPORTS_WRITE)
    last = before.versions
    if layout is not None:
        last += 1
        if last > MOST_VERSIONS:
            raise Invalid(f"This template has {MOST_VERSIONS} versions already. Begin a new one from it.")
        await _keep(session, viewer, template_id, last, layout, note, now=now)
    values = {"id": template_id, "name": wanted, "shared": of_all, "versions": last, "now": now}
    await session.execute(_UPDATE, values)
    told = {"name": wanted, "shared": of_all, "version": last}
    was = {"name": before.name, "shared": before.shared, "version": before.versions}
    if told != was:
        await _told(session, viewer, template_id, before=was, after=told)
    return await one(session, viewer, template_id)


async def delete(session: AsyncSession, viewer: Viewer, template_id: int, *, now: datetime) -> None:
    """Take a template off the list; reports that use it stay as they are. Raises Forbidden, NotFound."""
    before = await _held(session, viewer, template_id)
    await session.execute(_DELETE, {"id": template_id, "now": now})
    await _told(session, viewer, template_id, before={"name": before.name}, after={"deleted": True})


def parsed(content: Any) -> Layout:
    """A layout from what JSON holds. Raises Invalid."""
    try:
        return msgspec.convert(content, type=Layout)
    except msgspec.ValidationError as error:
        sentence = f"This is no layout of a report: {error}."
        raise Invalid(sentence, details=(FieldProblem("layout", sentence),)) from error


def may_change(viewer: Viewer, info: TemplateInfo) -> bool:
    return info.owner_id == viewer.user_id or (info.shared and viewer.can(Permission.REPORTS_WRITE))


async def _held(session: AsyncSession, viewer: Viewer, template_id: int) -> TemplateInfo:
    found = await session.execute(_HOLD, {**_asked(viewer), "id": template_id})
    info = _found(found.mappings().one_or_none())
    if not may_change(viewer, info):
        raise Forbidden(
            "This template is for all, and your role does not change it. Make one of your own from it."
        )
    return info


async def _keep(
    session: AsyncSession,
    viewer: Viewer,
    template_id: int,
    number: int,
    layout: Layout,
    note: str,
    *,
    now: datetime,
) -> None:
    content = msgspec.json.encode(layout).decode()
    values = {"id": template_id, "number": number, "content": content, "note": note.strip()}
    await session.execute(_VERSION, {**values, "user": viewer.user_id, "now": now})


async def _told(
    session: AsyncSession,
    viewer: Viewer,
    template_id: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any],
) -> None:
    subject = ("report_template", template_id)
    await audit.record(
        session, viewer, audit.Action.TEMPLATE_CHANGED, subject=subject, before=before, after=after
    )


def _asked(viewer: Viewer) -> dict[str, Any]:
    viewer.require(Permission.REPORTS_READ)
    return {"user": viewer.user_id}


def _info(row: Any) -> TemplateInfo:
    values: dict[str, Any] = {**row, "kind": DocumentKind(row["kind"])}
    return TemplateInfo(**values)


def _found(row: Any) -> TemplateInfo:
    if row is None:
        raise NotFound(NO_TEMPLATE)
    return _info(row)


def _checked(name: str, layout: Layout, note: str, *, kind: DocumentKind) -> str:
    """The name without blanks around it. Raises Invalid, naming all that is wrong."""
    wanted = name.strip()
    problems: list[FieldProblem] = []
    if not wanted or len(wanted) > LONGEST_NAME or not wanted.isprintable():
        problems.append(
            FieldProblem("name", f"Give the template a name of 1 to {LONGEST_NAME} printable characters.")
        )
    if len(note.strip()) > LONGEST_NOTE or _UNKEEPABLE.search(note):
        problems.append(
            FieldProblem("note", f"A note has at most {LONGEST_NOTE} characters, all of them readable.")
        )
    if len(layout.pieces) > MOST_PIECES:
        problems.append(FieldProblem("layout", f"A template has at most {MOST_PIECES} parts."))
    texts = [piece.text for piece in layout.pieces if isinstance(piece, OwnText)]
    if sum(map(len, texts)) > LONGEST_TEXT:
        problems.append(
            FieldProblem("layout", f"The texts of a template have at most {LONGEST_TEXT:,} characters.")
        )
    if not problems:
        problems += _wrong_in(layout, kind)
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    return wanted


def _wrong_in(layout: Layout, kind: DocumentKind) -> list[FieldProblem]:
    """What a report of this kind could not be laid out by: kept, it would fail whenever the report is opened."""
    problems = [
        FieldProblem("layout.title" if place < 0 else f"layout.pieces.{place}.title", _NO_TITLE)
        for place, title in enumerate((layout.title, *(piece.title for piece in layout.pieces)), start=-1)
        if len(title) > LONGEST_TITLE or (title and not title.isprintable())
    ]
    problems += [
        FieldProblem(
            f"layout.pieces.{place}.text", "The text holds a character that nobody can read. Type it anew."
        )
        for place, piece in enumerate(layout.pieces)
        if isinstance(piece, OwnText) and _UNKEEPABLE.search(piece.text)
    ]
    if not problems:
        try:
            applying.check(layout, kind)
        except Invalid as error:
            problems += [FieldProblem(f"layout.{one.field}", one.message) for one in error.details]
    return problems
