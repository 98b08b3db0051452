"""Reports in the library: put there, read, changed and taken away.

A personal report is its owner's alone. A shared one is seen by all who may see every board that it speaks of, and changed by
those who may write reports on all of them. A report keeps what it is about, never its numbers: baselines do that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid, NotFound
from sprintreports.reports.baselines import removing
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import resting, specs, system_templates
from sprintreports.reports.library.sizes import LONGEST_NAME, LONGEST_TAG
from sprintreports.reports.library.specs import Definite
from sprintreports.reports.spec import Spec

MOST_TAGS = 10
MOST_REPORTS = 2_000  # of one person
NO_REPORT = "There is no such report, or you may not see it. Choose one from the list of reports."


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """How a report is laid out: by a template that comes with the product, or by one version of somebody's template.

    Nothing chosen: every section in the usual order.
    """

    system: str | None = None
    template_id: int | None = None
    number: int | None = None


USUAL = TemplateChoice()


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """A report without what it shows. boards: the names of those that it speaks of and that are still there."""

    id: int
    name: str
    kind: DocumentKind
    tags: tuple[str, ...]
    spec: Spec
    board_ids: tuple[int, ...]
    boards: tuple[str, ...]
    template: TemplateChoice
    owner_id: int
    owner: str
    shared: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants a report to be."""

    name: str
    spec: Spec
    tags: tuple[str, ...] = ()
    template: TemplateChoice = USUAL
    shared: bool = False


#: The access rule of reports as `r`, first in each query: every board visible, and shared or one's own.
SEEN = """(CAST(:boards AS bigint[]) IS NULL OR r.board_ids <@ CAST(:boards AS bigint[]))
    AND (r.shared OR r.owner_id = :user) AND r.deleted_at IS NULL"""
COLUMNS = """r.id, r.name, r.kind, r.tags, r.spec, r.board_ids, r.system_template, r.template_id, r.template_number, r.owner_id,
    u.name AS owner, r.shared, r.created_at, r.updated_at,
    ARRAY(SELECT b.name FROM board b WHERE b.id = ANY(r.board_ids) ORDER BY lower(b.name), b.id) AS boards"""
FROM = "FROM report r JOIN user_account u ON u.id = r.owner_id"
_ONE = f"SELECT {COLUMNS} {FROM} WHERE {SEEN} AND r.id = :id"
_HOLD = text(f"{_ONE} FOR UPDATE OF r")
_COUNT = text("SELECT count(*) FROM report WHERE owner_id = :user AND deleted_at IS NULL")
_INSERT = text("""
INSERT INTO report (name, kind, tags, spec, board_ids, system_template, template_id, template_number, owner_id, shared, created_at,
                    updated_at)
VALUES (:name, :kind, CAST(:tags AS varchar[]), CAST(:spec AS jsonb), CAST(:about AS bigint[]), :system, :template, :number, :user,
        :shared, :now, :now) RETURNING id
""")
_UPDATE = text("""
UPDATE report SET name = :name, kind = :kind, tags = CAST(:tags AS varchar[]), spec = CAST(:spec AS jsonb),
    board_ids = CAST(:about AS bigint[]), system_template = :system, template_id = :template, template_number = :number,
    shared = :shared, updated_at = :now WHERE id = :id
""")
_DELETE = text("UPDATE report SET deleted_at = :now WHERE id = :id")
_END_LINKS = text("UPDATE share_link SET revoked_at = :now WHERE report_id = :id AND revoked_at IS NULL")
# A template's version that the viewer may use; what a report was laid out by already stays usable for it.
_TEMPLATE = text("""
SELECT t.kind FROM report_template t JOIN report_template_version v ON v.template_id = t.id
WHERE (t.shared OR t.owner_id = :user) AND t.deleted_at IS NULL AND t.id = :template AND v.number = :number
""")


def asked_of(viewer: Viewer) -> dict[str, Any]:
    """The bind values of `SEEN`. Raises Forbidden."""
    viewer.require(Permission.REPORTS_READ)
    boards = viewer.boards_for(Permission.REPORTS_READ)
    return {"boards": None if boards is None else sorted(boards), "user": viewer.user_id}


async def one(session: AsyncSession, viewer: Viewer, report_id: int) -> ReportInfo:
    """Raises Forbidden, NotFound."""
    found = await session.execute(text(_ONE), {**asked_of(viewer), "id": report_id})
    return _found(found.mappings().one_or_none())


async def hold(session: AsyncSession, viewer: Viewer, report_id: int) -> ReportInfo:
    """Lock a report that the viewer may change until the transaction ends. Raises Forbidden, NotFound."""
    found = await session.execute(_HOLD, {**asked_of(viewer), "id": report_id})
    info = _found(found.mappings().one_or_none())
    require_change(viewer, info)
    return info


def require_change(viewer: Viewer, info: ReportInfo) -> None:
    """Raises Forbidden for a shared report where the viewer may not write reports on all of its boards."""
    if info.shared:
        _require_writing(viewer, info.board_ids)
    elif info.owner_id != viewer.user_id:
        raise Forbidden("This report is somebody else's own. Ask its owner to change it.")


def may_change(viewer: Viewer, info: ReportInfo) -> bool:
    """Whether `hold` would let the viewer have it."""
    try:
        require_change(viewer, info)
    except Forbidden:
        return False
    return True


def require_publishing(viewer: Viewer, info: ReportInfo) -> None:
    """Raises Forbidden where the viewer may not write reports on each of its boards: who shows it to others needs that."""
    viewer.require(Permission.REPORTS_WRITE)
    _require_writing(viewer, info.board_ids)


def may_publish(viewer: Viewer, info: ReportInfo) -> bool:
    """Whether the viewer may show the report to people who have no account."""
    try:
        require_publishing(viewer, info)
    except Forbidden:
        return False
    return True


async def create(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> ReportInfo:
    """Put a report into the library: one's own needs reading alone. Raises Forbidden, NotFound, Invalid."""
    viewer.require(Permission.REPORTS_READ)
    about = await specs.definite(session, viewer, wanted.spec, now=now)
    await _check(session, viewer, wanted, about)
    if (await session.scalar(_COUNT, {"user": viewer.user_id}) or 0) >= MOST_REPORTS:
        raise Invalid(f"You have {MOST_REPORTS} reports already. Delete some that you no longer need.")
    values = _values(wanted, about) | {"user": viewer.user_id, "now": now}
    report_id = (await session.execute(_INSERT, values)).scalar_one()
    await _rest(session, report_id, about.spec)
    after = _told(wanted, about)
    await audit.record(
        session, viewer, audit.Action.REPORT_CREATED, subject=("report", report_id), after=after
    )
    return await one(session, viewer, report_id)


async def change(
    session: AsyncSession, viewer: Viewer, report_id: int, wanted: Wanted, *, now: datetime
) -> ReportInfo:
    """Make a report what is wanted; sharing it, or taking it back, takes the right on all of its boards.

    Raises Forbidden, NotFound, Invalid.
    """
    before = await hold(session, viewer, report_id)
    if before.shared and not wanted.shared and before.owner_id != viewer.user_id:
        raise Forbidden("Only its owner can make this report personal again. Delete it if nobody needs it.")
    about = Definite(before.spec, before.board_ids)
    if wanted.spec != before.spec:
        about = await specs.definite(session, viewer, wanted.spec, now=now)
    await _check(session, viewer, wanted, about, before=before)
    if replace(wanted, spec=about.spec, tags=tags_of(wanted.tags), name=wanted.name.strip()) == wanted_of(
        before
    ):
        return before
    await session.execute(_UPDATE, _values(wanted, about) | {"id": report_id, "now": now})
    await _rest(session, report_id, about.spec)
    await audit.record(
        session,
        viewer,
        audit.Action.REPORT_CHANGED,
        subject=("report", report_id),
        before=_told(wanted_of(before), Definite(before.spec, before.board_ids)),
        after=_told(wanted, about),
    )
    return await one(session, viewer, report_id)


async def delete(session: AsyncSession, viewer: Viewer, report_id: int, *, now: datetime) -> None:
    """Take a report out of the library; its links end. Baselines that it speaks of stay. Raises Forbidden, NotFound, ReportInUse."""
    info = await hold(session, viewer, report_id)
    await resting.require_free(session, viewer, report_id)
    asked = {"id": report_id, "now": now}
    await session.execute(_DELETE, asked)
    await session.execute(_END_LINKS, asked)
    await _rest(session, report_id, None)
    before = {"name": info.name, "shared": info.shared}
    await audit.record(
        session, viewer, audit.Action.REPORT_DELETED, subject=("report", report_id), before=before
    )


def wanted_of(info: ReportInfo) -> Wanted:
    """A report as it could be wanted again."""
    return Wanted(info.name, info.spec, info.tags, info.template, info.shared)


def tags_of(given: Collection[str]) -> tuple[str, ...]:
    """Tags as they are kept: without blanks around them, in small letters, each once, in alphabetical order."""
    return tuple(sorted({" ".join(tag.split()).casefold() for tag in given} - {""}))


def info_of(row: Any) -> ReportInfo:
    """A row of `COLUMNS`."""
    return ReportInfo(
        id=row["id"],
        name=row["name"],
        kind=DocumentKind(row["kind"]),
        tags=tuple(row["tags"]),
        spec=specs.parsed(row["spec"]),
        board_ids=tuple(row["board_ids"]),
        boards=tuple(row["boards"]),
        template=TemplateChoice(row["system_template"], row["template_id"], row["template_number"]),
        owner_id=row["owner_id"],
        owner=row["owner"],
        shared=row["shared"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _found(row: Any) -> ReportInfo:
    if row is None:
        raise NotFound(NO_REPORT)
    return info_of(row)


async def _check(
    session: AsyncSession,
    viewer: Viewer,
    wanted: Wanted,
    about: Definite,
    *,
    before: ReportInfo | None = None,
) -> None:
    """Raises Forbidden, NotFound, Invalid."""
    if wanted.shared:
        _require_writing(viewer, about.boards)
    problems: list[FieldProblem] = []
    name = wanted.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems.append(
            FieldProblem("name", f"Give the report a name of 1 to {LONGEST_NAME} printable characters.")
        )
    tags = tags_of(wanted.tags)
    if len(tags) > MOST_TAGS:
        problems.append(FieldProblem("tags", f"A report has at most {MOST_TAGS} tags."))
    if any(len(tag) > LONGEST_TAG or not tag.isprintable() or "," in tag for tag in tags):
        problems.append(
            FieldProblem("tags", f"A tag has at most {LONGEST_TAG} printable characters and no comma.")
        )
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    kept = before is not None and before.template == wanted.template and before.kind is about.kind
    if not kept and await _kind_of_template(session, viewer, wanted.template) not in (None, about.kind):
        sentence = f"This template is for another kind of report. Choose one for a {about.kind} report."
        raise Invalid(sentence, details=(FieldProblem("template", sentence),))


async def _kind_of_template(
    session: AsyncSession, viewer: Viewer, choice: TemplateChoice
) -> DocumentKind | None:
    """What the template is for; None: no template was chosen. Raises NotFound."""
    if choice.system is not None:
        return system_templates.one(choice.system).kind
    if choice.template_id is None:
        return None
    asked = {"user": viewer.user_id, "template": choice.template_id, "number": choice.number}
    kind = await session.scalar(_TEMPLATE, asked)
    if kind is None:
        raise NotFound("There is no such template or version. Choose one from the list of templates.")
    return DocumentKind(kind)


async def _rest(session: AsyncSession, report_id: int, spec: Spec | None) -> None:
    """Baselines that a report rests on are not put away while it does."""
    held = () if spec is None else specs.baselines_of(spec)
    await removing.use(session, holder=f"report:{report_id}", baseline_ids=held)


def _require_writing(viewer: Viewer, board_ids: Collection[int]) -> None:
    for board_id in board_ids:
        viewer.require(Permission.REPORTS_WRITE, board_id=board_id)


def _values(wanted: Wanted, about: Definite) -> dict[str, Any]:
    return {
        "name": wanted.name.strip(),
        "kind": about.kind.value,
        "tags": list(tags_of(wanted.tags)),
        "spec": specs.stored(about.spec),
        "about": list(about.boards),
        "system": wanted.template.system,
        "template": wanted.template.template_id,
        "number": wanted.template.number,
        "shared": wanted.shared,
    }


def _told(wanted: Wanted, about: Definite) -> dict[str, Any]:
    """What the audit log says of a report."""
    return {
        "name": wanted.name.strip(),
        "kind": about.kind.value,
        "boards": list(about.boards),
        "shared": wanted.shared,
        "tags": list(tags_of(wanted.tags)),
    }
