"""Private links to the calendar of a queue: made, listed and revoked by people, and fetched by calendar programs."""

from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import Path as PathParameter
from fastapi import Request, Response

from sprintreports.api import conditional
from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs, open_to_all
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.refusals import refuses
from sprintreports.api.routing import Router
from sprintreports.api.schemas.queue_feeds import NewQueueFeedOut, QueueFeedIn, QueueFeedOut
from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.error_codes import Code
from sprintreports.planning.queues import feeds

router = Router(prefix="/api/v1/queues/{queue_id}/feeds", tags=["queues"])
subscribed = Router(prefix=feeds.PATH, tags=["queues"])

Reader = Annotated[Asked, needs(Permission.QUEUES_READ)]
Token = Annotated[str, PathParameter(max_length=100, examples=["srf_…"])]

_TOKEN = open_to_all(
    "A calendar program has no account here: the unguessable token in the path is checked by the route"
)
_MEDIA = "text/calendar"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {_MEDIA: {}}, "description": "An iCalendar file (RFC 5545)"},
    **refuses(Code.NOT_FOUND, Code.TOO_MANY_REQUESTS),
}


@router.get("")
async def listing(
    request: Request,
    queue_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(QueueFeedOut, feeds.ORDERS)],
) -> Many[QueueFeedOut]:
    """Your links to the queue's calendar, and everybody's where you may change the queue."""
    found = await feeds.listing(
        asked.session,
        asked.viewer,
        queue_id,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
        now=asked.now,
    )
    return many(request, found, QueueFeedOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, queue_id: Id, body: QueueFeedIn, asked: Reader) -> One[NewQueueFeedOut]:
    """Make a link for a calendar program. Its address is shown this once; people make it themselves, without a key."""
    made = await feeds.make(
        asked.session, asked.viewer, queue_id, name=body.name, days=body.days, now=asked.now
    )
    return one(request, NewQueueFeedOut(**QueueFeedOut.of(made.feed).model_dump(), url=made.url))


@router.delete("/{feed_id}", status_code=204)
async def revoke(queue_id: Id, feed_id: Id, asked: Reader) -> None:
    """End a link at once: your own, or anybody's where you may change the queue."""
    await feeds.revoke(asked.session, asked.viewer, queue_id, feed_id, now=asked.now)


@subscribed.get("/{token}", dependencies=[_TOKEN], response_class=Response, responses=_ANSWERS)
async def calendar(request: Request, token: Token) -> Response:
    """The calendar of a queue, for whoever has the link: what is at exact times, and deadlines."""
    async with transaction() as session:
        found = await feeds.fetch(session, token.removesuffix(feeds.ENDING), now=clock.now())
    tag = conditional.tag_of(found.body)
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(found.changed, usegmt=True),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="sprint-queue.ics"',
    }
    if conditional.names(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type=f"{_MEDIA}; charset=utf-8", headers=headers)
