"""One's own notices: what one was told, reading it, and which kinds one wants."""

from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.notices import NoticeChoicesIn, NoticeChoicesOut, NoticeOut, NoticesReadOut
from sprintreports.identity import notice_choices
from sprintreports.identity.notices import choosing, reading

router = Router(prefix="/api/v1/users/me", tags=["users"])

Own = Annotated[Asked, needs(None)]
OnlyUnread = Annotated[bool, Query(alias="unread", description="only those that are not read yet")]


@router.get("/notices")
async def list_notices(
    request: Request,
    asked: Own,
    asking: Annotated[Asking, listed(NoticeOut, reading.ORDERS)],
    *,
    only_unread: OnlyUnread = False,
) -> Many[NoticeOut]:
    """What one was told, the newest first. Notices are kept for 90 days."""
    found = await reading.listing(
        asked.session,
        asked.viewer,
        only_unread=only_unread,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, NoticeOut.of, asking.fields)


@router.post("/notices/read")
async def read_all_notices(request: Request, asked: Own) -> One[NoticesReadOut]:
    """Note that all of one's notices are read."""
    return one(
        request, NoticesReadOut(read=await reading.read_all(asked.session, asked.viewer, now=asked.now))
    )


@router.post("/notices/{notice_id}/read")
async def read_notice(request: Request, notice_id: Id, asked: Own) -> One[NoticeOut]:
    """Note that one of one's notices is read."""
    told = await reading.read(asked.session, asked.viewer, notice_id, now=asked.now)
    return one(request, NoticeOut.of(told))


@router.get("/notice-choices")
async def show_notice_choices(request: Request, asked: Own) -> One[NoticeChoicesOut]:
    """Which kinds of notices there are for one, and which of them one wants."""
    return one(request, NoticeChoicesOut.of(await choosing.listing(asked.session, asked.viewer)))


@router.put("/notice-choices")
async def change_notice_choices(request: Request, body: NoticeChoicesIn, asked: Own) -> One[NoticeChoicesOut]:
    """Switch kinds of notices on and off. What concerns the security of one's account is always told."""
    changed = await notice_choices.change(asked.session, asked.viewer, body.wanted)
    return one(request, NoticeChoicesOut.of(changed))
