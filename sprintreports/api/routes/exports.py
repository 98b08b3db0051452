"""Files of reports: asked for, looked at, fetched, deleted. Small ones are there at once; the others are made in the background."""

from typing import Annotated

from fastapi import Request, Response

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.exports import ExportIn, ExportOut
from sprintreports.api.steps import Steps, in_steps
from sprintreports.identity.permissions import Permission
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export import files
from sprintreports.reports.export.options import MEDIA, ZIP, Format
from sprintreports.reports.exporting import asking as exports
from sprintreports.reports.exporting.asking import Export, Wanted

router = Router(prefix="/api/v1/exports", tags=["exports"])

#: Formats that take a moment for a document that has no more rows than this.
AT_ONCE = frozenset({Format.CSV, Format.JSON, Format.HTML, Format.ICAL})
MOST_ROWS = 2_000

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Exporter = Annotated[Steps, in_steps(Permission.REPORTS_READ)]


@router.get("")
async def listing(
    request: Request, asked: Reader, asking: Annotated[Asking, listed(ExportOut, exports.ORDERS)]
) -> Many[ExportOut]:
    """Your files of the last day, the newest first."""
    found = await exports.listing(
        asked.session,
        asked.viewer,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
        now=asked.now,
    )
    return many(request, found, ExportOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, response: Response, body: ExportIn, steps: Exporter) -> One[ExportOut]:
    """Have a file made of a report. What is small is `done` in the answer already; look at the others until they are."""
    wanted = body.value()
    made = await _made(steps, wanted)
    export = made or await _deferred(steps, wanted)
    response.headers["Location"] = f"/api/v1/exports/{export.id}"
    return one(request, ExportOut.of(export))


@router.get("/{export_id}")
async def single(request: Request, export_id: Id, asked: Reader) -> One[ExportOut]:
    """How far a file of yours is."""
    return one(
        request, ExportOut.of(await exports.one(asked.session, asked.viewer, export_id, now=asked.now))
    )


@router.delete("/{export_id}", status_code=204)
async def delete(export_id: Id, asked: Reader) -> None:
    """Delete a file of yours, and stop making it where it is under way."""
    await exports.remove(asked.session, asked.viewer, export_id, now=asked.now)


@router.get(
    "/{export_id}/file",
    response_class=Response,
    responses={200: {"content": {media.partition(";")[0]: {} for media in (*MEDIA.values(), ZIP)}}},
)
async def file(export_id: Id, asked: Reader) -> Response:
    """The file itself, once it is `done`. Until then: 409."""
    found = await exports.fetch(asked.session, asked.viewer, export_id, now=asked.now)
    return Response(
        found.body,
        media_type=found.media,
        headers={
            "Content-Disposition": f'attachment; filename="{found.name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _made(steps: Steps, wanted: Wanted) -> Export | None:
    """The file, where it takes but a moment."""
    if wanted.form not in AT_ONCE:
        return None
    async with steps.reading() as asked:
        document = await exports.document(asked.session, asked.viewer, wanted, now=asked.now)
    if _rows(document) > MOST_ROWS:
        return None
    written = await steps.beside(files.written(document, wanted.form, wanted.options))
    asked = await steps.last()
    return await exports.keep(
        asked.session, asked.viewer, wanted, written, title=document.title, now=asked.now
    )


async def _deferred(steps: Steps, wanted: Wanted) -> Export:
    asked = await steps.last()
    return await exports.request(asked.session, asked.viewer, wanted, now=asked.now)


def _rows(document: Document) -> int:
    return sum(1 + len(row.children) for table in document.tables for row in table.rows)
