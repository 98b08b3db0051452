"""Reports sent to outside services: asked for, tried out, followed, sent again."""

from typing import Annotated, Any

from fastapi import Path as PathParameter
from fastapi import Query, Request, Response

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs, open_to_all
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, OptionalId
from sprintreports.api.refusals import refuses
from sprintreports.api.routing import Router
from sprintreports.api.schemas.deliveries import (
    DeliveryIn,
    ReportDeliveryOut,
    ReportDeliveryPreviewOut,
    RetryIn,
    WholeReportDeliveryOut,
)
from sprintreports.api.steps import Steps, in_steps
from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.error_codes import Code
from sprintreports.reports.publishing import deliveries, opt_outs, previewing
from sprintreports.reports.publishing.values import DeliveryState

router = Router(prefix="/api/v1/deliveries", tags=["publishing"])
previews = Router(prefix="/api/v1/delivery-previews", tags=["publishing"])
leaving = Router(prefix=opt_outs.PATH, tags=["publishing"])

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Looker = Annotated[Steps, in_steps(Permission.REPORTS_READ)]
Token = Annotated[str, PathParameter(max_length=1_000, examples=["AbC…"])]
State = Annotated[DeliveryState | None, Query(description="only those in this state")]

_TOKEN = open_to_all(
    "Who reads a mail has no account here: the sealed token in the path is checked by the route"
)
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>Sprint Reports by mail</title></head><body><h1>Sprint Reports by mail</h1>{}</body></html>
"""
_ASK = '<p>End these mails to your address?</p><form method="post"><button type="submit">End them</button></form>'
_DONE = "<p>You get no more mails from Sprint Reports at this address.</p>"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {}}, "description": "A page"},
    **refuses(Code.NOT_FOUND, Code.TOO_MANY_REQUESTS),
}


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(ReportDeliveryOut, deliveries.ORDERS)],
    *,
    connection: OptionalId = None,
    report: OptionalId = None,
    state: State = None,
) -> Many[ReportDeliveryOut]:
    """Your deliveries, and everybody's where you may read settings; the newest first."""
    found = await deliveries.listing(
        asked.session,
        asked.viewer,
        connection_id=connection,
        report_id=report,
        state=state,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, ReportDeliveryOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, body: DeliveryIn, asked: Reader) -> One[WholeReportDeliveryOut]:
    """Send a report now. It is made and sent in the background, with your rights at that time; follow `state`.

    It takes the right to write reports on every board that it speaks of. A mail to yourself takes the right to read them.
    """
    made = await deliveries.publish(asked.session, asked.viewer, body.value(), now=asked.now)
    return one(request, WholeReportDeliveryOut.of(made))


@router.get("/{report_delivery_id}")
async def single(request: Request, report_delivery_id: Id, asked: Reader) -> One[WholeReportDeliveryOut]:
    """One delivery with every try."""
    return one(
        request,
        WholeReportDeliveryOut.of(await deliveries.one(asked.session, asked.viewer, report_delivery_id)),
    )


@router.post("/{report_delivery_id}/retries", status_code=202)
async def retry(
    request: Request, report_delivery_id: Id, body: RetryIn, asked: Reader
) -> One[WholeReportDeliveryOut]:
    """Send again what has not arrived. Where nobody knows whether it has, look first: this sends it."""
    found = await deliveries.again(
        asked.session, asked.viewer, report_delivery_id, choice=body.choice, now=asked.now
    )
    return one(request, WholeReportDeliveryOut.of(found))


@previews.post("", status_code=201, responses=refuses(Code.UPSTREAM_FAILED))
async def preview(request: Request, body: DeliveryIn, steps: Looker) -> One[ReportDeliveryPreviewOut]:
    """A dry run: what would be done and said. Confluence is asked what is there; nothing is written anywhere."""
    async with steps.reading() as asked:
        ready = await previewing.prepared(asked.session, asked.viewer, body.value(), now=asked.now)
    found = await steps.beside(previewing.dry_run(ready, now=clock.now))
    await steps.last()
    return one(request, ReportDeliveryPreviewOut.of(found))


@leaving.get("/{token}", dependencies=[_TOKEN], response_class=Response, responses=_ANSWERS)
async def ask(token: Token) -> Response:
    """The page behind a mail's link: reading it ends nothing, since mail programs follow links by themselves."""
    opt_outs.address_of(token)
    return Response(_PAGE.format(_ASK), media_type="text/html; charset=utf-8", headers=_HEADERS)


@leaving.post("/{token}", dependencies=[_TOKEN], response_class=Response, responses=_ANSWERS)
async def leave(token: Token) -> Response:
    """End the mails to the address that the link was made for (RFC 8058)."""
    async with transaction() as session:
        await opt_outs.leave(session, token)
    return Response(_PAGE.format(_DONE), media_type="text/html; charset=utf-8", headers=_HEADERS)
