"""Webhooks of Jira: the address that they are sent to, and an admin's view of them."""

from functools import partial
from typing import Annotated, Any

from fastapi import Header, Query, Request

from sprintreports.api.answers import Links, Many, Meta, One, many, one
from sprintreports.api.door import Asked, needs, open_to_all
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.refusals import refuses
from sprintreports.api.routing import Router
from sprintreports.api.schemas.webhooks import (
    DeliveryOut,
    DeliveryWithBodyOut,
    ReceiptOut,
    TallyOut,
    WebhookOut,
)
from sprintreports.identity.permissions import Permission
from sprintreports.jira import webhooks
from sprintreports.jira.reads import webhooks as reads
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.error_codes import Code

# Senders add query parameters of their own (user_id, user_key): this router alone lets them.
inbox = Router(prefix=webhooks.PATH, tags=["webhooks"])
router = Router(prefix="/api/v1/sites/{site_id}", tags=["webhooks"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]
Signature = Annotated[str | None, Header(alias="X-Hub-Signature")]
Identifier = Annotated[str | None, Header(alias="X-Atlassian-Webhook-Identifier")]
Event = Annotated[str | None, Query(max_length=100, description="such as jira:issue_updated")]

# The route reads the bytes by itself, as the signature is over them: what they are is said here.
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "description": "what Jira sends, as it is",
                    "properties": {"webhookEvent": {"type": "string"}},
                    "required": ["webhookEvent"],
                    "examples": [{"webhookEvent": "jira:issue_updated", "issue": {"id": "10001"}}],
                }
            }
        },
    }
}
_REFUSES = refuses(Code.UNAUTHENTICATED, Code.NOT_FOUND, Code.TOO_LARGE)

_SIGNED = open_to_all(
    "Jira has no account here: the signature of the body is checked by the route", counted=False
)
_TOKEN = open_to_all(
    "Jira has no account here: the unguessable token in the path is checked by the route", counted=False
)


@inbox.post("/{site_id}", status_code=202, dependencies=[_SIGNED], responses=_REFUSES, openapi_extra=_BODY)
async def signed(
    request: Request, site_id: Id, signature: Signature = None, identifier: Identifier = None
) -> One[ReceiptOut]:
    """Take a signed webhook. It is kept and acknowledged; what it tells of is worked on afterwards."""
    return await _take(request, site_id, signature=signature, identifier=identifier, token=None)


@inbox.post(
    "/{site_id}/{token}", status_code=202, dependencies=[_TOKEN], responses=_REFUSES, openapi_extra=_BODY
)
async def with_token(
    request: Request, site_id: Id, token: str, signature: Signature = None, identifier: Identifier = None
) -> One[ReceiptOut]:
    """Take a webhook of a sender that cannot sign, at the address that only it knows."""
    return await _take(request, site_id, signature=signature, identifier=identifier, token=token)


@router.get("/webhook")
async def shown(request: Request, site_id: Id, asked: Reader) -> One[WebhookOut]:
    """What to enter into Jira, without the secrets."""
    return one(request, WebhookOut.of(await webhooks.shown(asked.session, asked.viewer, site_id)))


@router.post("/webhook", status_code=201)
async def renew(request: Request, site_id: Id, asked: Admin) -> One[WebhookOut]:
    """Make a new secret and a new address with a token, shown this once. Those before end at once."""
    made = await webhooks.renew(asked.session, asked.viewer, site_id, now=asked.now)
    return one(request, WebhookOut.of(made))


@router.delete("/webhook", status_code=204)
async def forget(site_id: Id, asked: Admin) -> None:
    """Take no more webhooks for this site. The syncs go on."""
    await webhooks.forget(asked.session, asked.viewer, site_id)


@router.get("/webhook-tally")
async def tally(request: Request, site_id: Id, asked: Reader) -> One[TallyOut]:
    """How many came in the last 24 hours, and what became of them."""
    return one(request, TallyOut.of(await reads.tally(asked.session, asked.viewer, site_id, now=asked.now)))


@router.get("/webhook-deliveries")
async def deliveries(
    request: Request,
    site_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(DeliveryOut, reads.ORDERS)],
    *,
    outcome: webhooks.Outcome | None = None,
    event: Event = None,
) -> Many[DeliveryOut]:
    """What came in the last 14 days, the newest first."""
    found = await reads.page(
        asked.session,
        asked.viewer,
        site_id,
        outcome=outcome,
        event=event,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, partial(DeliveryOut.of, now=asked.now), asking.fields)


@router.get("/webhook-deliveries/{delivery_id}")
async def delivery(request: Request, site_id: Id, delivery_id: Id, asked: Reader) -> One[DeliveryWithBodyOut]:
    """One delivery with its body as it came."""
    row, body = await reads.one(asked.session, asked.viewer, site_id, delivery_id)
    return one(request, DeliveryWithBodyOut.whole(row, body, now=asked.now))


@router.post("/webhook-deliveries/{delivery_id}/retry", status_code=202)
async def retry(request: Request, site_id: Id, delivery_id: Id, asked: Admin) -> One[DeliveryOut]:
    """Work on a delivery again."""
    await webhooks.retry(asked.session, asked.viewer, site_id, delivery_id)
    row, _ = await reads.one(asked.session, asked.viewer, site_id, delivery_id)
    return one(request, DeliveryOut.of(row, now=asked.now))


async def _take(
    request: Request, site_id: int, *, signature: str | None, identifier: str | None, token: str | None
) -> One[ReceiptOut]:
    body = await _body(request)
    async with transaction() as session:
        receipt = await webhooks.receive(
            session,
            site_id,
            body=body,
            signature=signature,
            identifier=identifier,
            token=token,
            authorization=request.headers.get("authorization"),
            now=clock.now(),
        )
    # The link leaves the token out: an answer may end up in somebody's log.
    links = Links.model_validate({"self": f"{inbox.prefix}/{site_id}"})
    return One(
        data=ReceiptOut(delivery_id=receipt.delivery_id, fresh=receipt.fresh), meta=Meta(), links=links
    )


async def _body(request: Request) -> bytes:
    """The raw bytes, never more than are taken. Raises WebhookTooLarge."""
    pieces = bytearray()
    async for piece in request.stream():
        pieces += piece
        if len(pieces) > webhooks.LARGEST_BODY:
            raise webhooks.WebhookTooLarge
    return bytes(pieces)
