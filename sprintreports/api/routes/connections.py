"""Connections to outside services that reports are sent to: set up, tested, changed by admins; seen by who publishes."""

from typing import Annotated

from fastapi import Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.connections import ConnectionIn, ConnectionOut, ConnectionPatch
from sprintreports.api.steps import Steps, in_steps
from sprintreports.identity.permissions import Permission
from sprintreports.integrations.channel import ChannelError, Checked
from sprintreports.kit import clock
from sprintreports.reports.publishing import composing, connections

router = Router(prefix="/api/v1/connections", tags=["publishing"])

Reader = Annotated[Asked, needs(Permission.REPORTS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]
Tester = Annotated[Steps, in_steps(Permission.SETTINGS_WRITE)]


@router.get("")
async def listing(
    request: Request, asked: Reader, asking: Annotated[Asking, listed(ConnectionOut, connections.ORDERS)]
) -> Many[ConnectionOut]:
    """All connections, by name. How they are set up is shown to admins."""
    found = await connections.listing(
        asked.session, asked.viewer, sort=asking.sort, page=asking.page, per_page=asking.per_page
    )
    whole = asked.viewer.can(Permission.SETTINGS_READ)
    return many(request, found, lambda row: ConnectionOut.of(row, whole=whole), asking.fields)


@router.post("", status_code=201)
async def create(request: Request, body: ConnectionIn, asked: Admin) -> One[ConnectionOut]:
    """Set a connection up. Its secret is sealed and never shown again. Test it next."""
    made = await connections.create(asked.session, asked.viewer, body.draft())
    return one(request, ConnectionOut.of(made, whole=True))


@router.get("/{connection_id}")
async def single(request: Request, connection_id: Id, asked: Reader) -> One[ConnectionOut]:
    """One connection."""
    found = await connections.one(asked.session, asked.viewer, connection_id)
    return one(request, ConnectionOut.of(found, whole=asked.viewer.can(Permission.SETTINGS_READ)))


@router.patch("/{connection_id}")
async def change(
    request: Request, connection_id: Id, body: ConnectionPatch, asked: Admin
) -> One[ConnectionOut]:
    """Change it. That ends a pause, and what waits for it is tried again."""
    known = await connections.one(asked.session, asked.viewer, connection_id)
    made = await connections.change(
        asked.session, asked.viewer, connection_id, body.draft(known), now=asked.now
    )
    return one(request, ConnectionOut.of(made, whole=True))


@router.delete("/{connection_id}", status_code=204)
async def delete(connection_id: Id, asked: Admin) -> None:
    """Delete it with its secret. What waits for it is not sent; what was delivered stays in the list."""
    await connections.delete(asked.session, asked.viewer, connection_id, now=asked.now)


@router.post("/{connection_id}/tests", status_code=201)
async def test(request: Request, connection_id: Id, steps: Tester) -> One[ConnectionOut]:
    """Ask the service who we are there; see `check_ok` and `check_message`. A workflow in Teams is tried by posting a test card."""
    async with steps.reading() as asked:
        connection, secret = await connections.with_secret(asked.session, asked.viewer, connection_id)
    result: Checked | ChannelError
    try:
        result = await steps.beside(composing.channel_of(connection, secret, now=clock.now).check())
    except ChannelError as error:
        result = error
    asked = await steps.last()
    found = await connections.note_check(asked.session, asked.viewer, connection_id, result, now=asked.now)
    return one(request, ConnectionOut.of(found, whole=True))
