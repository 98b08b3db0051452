"""The library of reports: list, put in, read, change, take out; and what a report shows, kept or not."""

import asyncio
from typing import Annotated

from fastapi import Query, Request, Response

from sprintreports.api.answers import Many, One, arranged, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.documents import DocumentOut
from sprintreports.api.schemas.library import (
    DocumentIn,
    LibraryReportChange,
    LibraryReportIn,
    LibraryReportOut,
    ReportTagOut,
)
from sprintreports.api.schemas.report_specs import spec_of
from sprintreports.identity.permissions import Permission
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import documents, ledger, reports, templates
from sprintreports.reports.library.ledger import Filters
from sprintreports.reports.library.sizes import LONGEST_TAG

_TAG_ORDERS = ("tag", "reports")

router = Router(prefix="/api/v1/reports", tags=["reports"])
tags = Router(prefix="/api/v1/report-tags", tags=["reports"])
unkept = Router(prefix="/api/v1/report-documents", tags=["reports"])

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Zone = Annotated[
    str | None,
    Query(
        max_length=64,
        description="for days and times; default: yours, else the board's",
        examples=["Europe/Berlin"],
    ),
]
Locale = Annotated[
    str | None,
    Query(
        max_length=20, description="for sentences with numbers and days; default: yours", examples=["en-GB"]
    ),
]
Tagged = Annotated[str, Query(max_length=LONGEST_TAG, pattern=r"^[^\x00-\x1f]*$", examples=["review"])]
OfKind = Annotated[DocumentKind | None, Query(description="only reports of this kind")]
Shared = Annotated[bool | None, Query(description="only those for all, or only personal ones")]


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(LibraryReportOut, ledger.ORDERS)],
    *,
    search: Search = "",
    kind: OfKind = None,
    board: OptionalId = None,
    tag: Tagged = "",
    owner: OptionalId = None,
    shared: Shared = None,
) -> Many[LibraryReportOut]:
    """The reports that you may see, the last changed first. `search` looks at names, tags, owners and boards."""
    found = await ledger.listing(
        asked.session,
        asked.viewer,
        Filters(search, kind, board, tag, owner, shared),
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, LibraryReportOut.of, asking.fields)


@router.post("", status_code=201)
async def create(
    request: Request, response: Response, body: LibraryReportIn, asked: Reader
) -> One[LibraryReportOut]:
    """Put a report into the library: one of your own, or with the right to write reports one for all."""
    made = await reports.create(asked.session, asked.viewer, body.wanted(), now=asked.now)
    response.headers["Location"] = f"{router.prefix}/{made.id}"
    return one(request, LibraryReportOut.of(made))


@router.get("/{report_id}")
async def single(request: Request, report_id: Id, asked: Reader) -> One[LibraryReportOut]:
    """One report, without what it shows."""
    return one(request, LibraryReportOut.of(await reports.one(asked.session, asked.viewer, report_id)))


@router.patch("/{report_id}")
async def change(
    request: Request, report_id: Id, body: LibraryReportChange, asked: Reader
) -> One[LibraryReportOut]:
    """Rename, tag, share, lay out otherwise, or say anew what it is about: your own, or with the right to write reports one of all."""
    before = await reports.hold(asked.session, asked.viewer, report_id)
    wanted = body.wanted(reports.wanted_of(before))
    changed = await reports.change(asked.session, asked.viewer, report_id, wanted, now=asked.now)
    return one(request, LibraryReportOut.of(changed))


@router.delete("/{report_id}", status_code=204)
async def delete(report_id: Id, asked: Reader) -> None:
    """Take a report out of the library, and end the links that share it. Baselines stay. One that a schedule sends stays: 409."""
    await reports.delete(asked.session, asked.viewer, report_id, now=asked.now)


@router.get("/{report_id}/document")
async def document(
    request: Request, report_id: Id, asked: Reader, *, zone: Zone = None, locale: Locale = None
) -> One[DocumentOut]:
    """What the report shows, as you may see it now."""
    made = await documents.of_report(
        asked.session, asked.viewer, report_id, zone=zone, locale=locale, now=asked.now
    )
    return one(request, await asyncio.to_thread(DocumentOut.of, made))


@unkept.post("")
async def shown(
    request: Request, body: DocumentIn, asked: Reader, *, zone: Zone = None, locale: Locale = None
) -> One[DocumentOut]:
    """What a report would show that is not kept; with a `layout`, how a template looks with real data."""
    layout = None if body.layout is None else body.layout.value()
    if layout is None and body.template is not None:
        layout = await templates.chosen(asked.session, asked.viewer, body.template.value())
    made = await documents.of_spec(
        asked.session,
        asked.viewer,
        spec_of(body.spec),
        layout=layout,
        zone=zone,
        locale=locale,
        now=asked.now,
    )
    return one(request, await asyncio.to_thread(DocumentOut.of, made))


@tags.get("")
async def in_use(
    request: Request, asked: Reader, asking: Annotated[Asking, listed(ReportTagOut, _TAG_ORDERS)]
) -> Many[ReportTagOut]:
    """The tags of the reports that you may see, the most used first."""
    return arranged(request, map(ReportTagOut.of, await ledger.tags(asked.session, asked.viewer)), asking)
