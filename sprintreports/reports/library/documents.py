"""A report of the library, or one that is not kept, as the document that everything shown is a function of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.reports import making
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.library import reports, specs, templates
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.spec import Spec
from sprintreports.reports.templates.layout import Layout
from sprintreports.settings import settings


async def of_report(
    session: AsyncSession,
    viewer: Viewer,
    report_id: int,
    *,
    template: TemplateChoice | None = None,
    zone: str | None = None,
    locale: str | None = None,
    link: str | None = None,
    now: datetime,
) -> Document:
    """A stored report as the viewer may see it. template: another one than its own; link: by default where the report is.

    Raises Forbidden, NotFound, Invalid.
    """
    info = await reports.one(session, viewer, report_id)
    if template is None:
        layout = await templates.layout_of(session, info.template)
    else:
        layout = await templates.chosen(session, viewer, template)
    return await making.document(
        session,
        viewer,
        info.spec,
        layout=layout,
        zone=zone,
        locale=locale,
        link=address(report_id) if link is None else link,
        now=now,
    )


async def of_spec(
    session: AsyncSession,
    viewer: Viewer,
    spec: Spec,
    *,
    layout: Layout | None = None,
    zone: str | None = None,
    locale: str | None = None,
    now: datetime,
) -> Document:
    """What a report would show that is not kept: previews, and comparisons by one click. Raises Forbidden, NotFound, Invalid."""
    viewer.require(Permission.REPORTS_READ)
    about = await specs.definite(session, viewer, spec, now=now)
    return await making.document(
        session, viewer, about.spec, layout=layout, zone=zone, locale=locale, now=now
    )


def address(report_id: int) -> str:
    """Where a report is in Sprint Reports."""
    return f"{settings().public_url.rstrip('/')}/report?id={report_id}"
