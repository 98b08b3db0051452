"""Inviting somebody, and what they do with the link."""

from typing import Annotated

from fastapi import Request, Response

from sprintreports.api.answers import One, one
from sprintreports.api.door import Asked, needs, open_to_all
from sprintreports.api.routing import Router
from sprintreports.api.schemas.users import AcceptanceIn, InvitationIn, InvitedOut, LinkOut, UserOut
from sprintreports.identity import invitations, passwords
from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.settings import settings

router = Router(prefix="/api/v1/invitations", tags=["users"])


@router.post("", status_code=201)
async def invite(
    request: Request,
    response: Response,
    body: InvitationIn,
    asked: Annotated[Asked, needs(Permission.USERS_WRITE)],
) -> One[InvitedOut]:
    """Make an account and the one-time link by which its owner sets a password. The link is shown now only."""
    user, link = await invitations.invite(
        asked.session, asked.viewer, email=body.email, role=body.role, name=body.name, now=asked.now
    )
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    response.headers["Cache-Control"] = "no-store"
    shown = InvitedOut(user=UserOut.of(user), link=LinkOut.of(link, settings().public_url))
    return one(request, shown)


@router.post(
    "/acceptance",
    status_code=204,
    dependencies=[open_to_all("the link's 256 random bits are the proof; whoever has it has no sign-in yet")],
)
async def accept(body: AcceptanceIn) -> None:
    """Set a password by a one-time link; what was open before ends. The link works once."""
    async with passwords.turn(), transaction() as session:
        await invitations.use(
            session,
            token=body.token.get_secret_value(),
            password=body.password.get_secret_value(),
            now=clock.now(),
        )
