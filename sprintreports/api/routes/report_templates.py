"""Templates of reports: those that come with the product, and people's own with their versions."""

from typing import Annotated

from fastapi import Query, Request, Response

from sprintreports.api.answers import Many, One, arranged, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.library import (
    ReportTemplateChange,
    ReportTemplateIn,
    ReportTemplateOut,
    SystemTemplateOut,
    TemplateVersionIn,
    TemplateVersionOut,
)
from sprintreports.identity.permissions import Permission
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import system_templates, templates

_SYSTEM_ORDERS = ("system", "kind", "name")

router = Router(prefix="/api/v1/report-templates", tags=["reports"])
given = Router(prefix="/api/v1/system-report-templates", tags=["reports"])

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
OfKind = Annotated[DocumentKind | None, Query(description="only templates for reports of this kind")]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(ReportTemplateOut, templates.ORDERS)],
    *,
    kind: OfKind = None,
    search: Search = "",
) -> Many[ReportTemplateOut]:
    """Your own templates and those for all, by name. `search` looks at names and owners."""
    found = await templates.listing(
        asked.session,
        asked.viewer,
        kind=kind,
        search=search,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, ReportTemplateOut.of, asking.fields)


@router.post("", status_code=201)
async def create(
    request: Request, response: Response, body: ReportTemplateIn, asked: Reader
) -> One[ReportTemplateOut]:
    """Make a template with its first version. `/report-documents` shows a layout with real data before it is kept."""
    made = await templates.create(
        asked.session,
        asked.viewer,
        name=body.name,
        kind=body.kind,
        layout=body.layout.value(),
        note=body.note,
        shared=body.shared,
        now=asked.now,
    )
    response.headers["Location"] = f"{router.prefix}/{made.id}"
    return one(request, ReportTemplateOut.of(made))


@router.get("/{template_id}")
async def single(request: Request, template_id: Id, asked: Reader) -> One[ReportTemplateOut]:
    """One template, without its content."""
    return one(request, ReportTemplateOut.of(await templates.one(asked.session, asked.viewer, template_id)))


@router.patch("/{template_id}")
async def change(
    request: Request, template_id: Id, body: ReportTemplateChange, asked: Reader
) -> One[ReportTemplateOut]:
    """Rename a template, or share it with all."""
    changed = await templates.change(
        asked.session, asked.viewer, template_id, name=body.name, shared=body.shared, now=asked.now
    )
    return one(request, ReportTemplateOut.of(changed))


@router.delete("/{template_id}", status_code=204)
async def delete(template_id: Id, asked: Reader) -> None:
    """Take a template off the list. Reports that use it stay as they are."""
    await templates.delete(asked.session, asked.viewer, template_id, now=asked.now)


@router.get("/{template_id}/versions")
async def versions(
    request: Request,
    template_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(TemplateVersionOut, templates.VERSION_ORDERS)],
) -> Many[TemplateVersionOut]:
    """All that a template said, the last version first."""
    found = await templates.versions(
        asked.session,
        asked.viewer,
        template_id,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, TemplateVersionOut.of, asking.fields)


@router.post("/{template_id}/versions", status_code=201)
async def add_version(
    request: Request, template_id: Id, body: TemplateVersionIn, asked: Reader
) -> One[ReportTemplateOut]:
    """Give a template a new version. Reports that use an older one keep it. It may name the version that it was made from, so
    that nobody's is lost unseen (409)."""
    changed = await templates.change(
        asked.session,
        asked.viewer,
        template_id,
        layout=body.layout.value(),
        note=body.note,
        based_on=body.based_on,
        now=asked.now,
    )
    return one(request, ReportTemplateOut.of(changed))


@given.get("")
async def with_the_product(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(SystemTemplateOut, _SYSTEM_ORDERS)],
    *,
    kind: OfKind = None,
) -> Many[SystemTemplateOut]:
    """The templates that come with the product."""
    asked.viewer.require(Permission.REPORTS_READ)
    found = system_templates.ALL if kind is None else system_templates.of_kind(kind)
    return arranged(request, map(SystemTemplateOut.of, found), asking)
