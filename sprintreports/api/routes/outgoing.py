"""Which private addresses outgoing requests may go to."""

from typing import Annotated

from fastapi import Request

from sprintreports.api.answers import One, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.routing import Router
from sprintreports.api.schemas.outgoing import OutgoingIn, OutgoingOut
from sprintreports.identity import outgoing
from sprintreports.identity.permissions import Permission

router = Router(prefix="/api/v1/outgoing-requests", tags=["outgoing requests"])


@router.get("")
async def shown(
    request: Request, asked: Annotated[Asked, needs(Permission.SETTINGS_READ)]
) -> One[OutgoingOut]:
    """What may be asked besides public addresses by https."""
    return one(request, OutgoingOut.of(await outgoing.read(asked.session, asked.viewer)))


@router.put("")
async def change(
    request: Request, body: OutgoingIn, asked: Annotated[Asked, needs(Permission.SETTINGS_WRITE)]
) -> One[OutgoingOut]:
    """Allow these and nothing else. It holds from the next connection on."""
    policy = await outgoing.change(asked.session, asked.viewer, allowed=body.allowed, now=asked.now)
    return one(request, OutgoingOut.of(policy))
