"""Programs that were registered to use the API by OAuth 2.0."""

from typing import Annotated

from fastapi import Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.proving import proved
from sprintreports.api.routing import Router
from sprintreports.api.schemas.clients import ClientIn, ClientOut, ClientPatch, NewClientOut
from sprintreports.identity.clients import registry
from sprintreports.identity.clients.registry import Registered
from sprintreports.identity.permissions import Permission

router = Router(prefix="/api/v1/oauth-clients", tags=["clients"])

Reader = Annotated[Asked, needs(Permission.SETTINGS_READ)]
Admin = Annotated[Asked, needs(Permission.SETTINGS_WRITE)]


@router.get("")
async def listing(
    request: Request, asked: Reader, asking: Annotated[Asking, listed(ClientOut, registry.ORDERS)]
) -> Many[ClientOut]:
    """The registered programs, by name."""
    found = await registry.listing(
        asked.session, asked.viewer, sort=asking.sort, page=asking.page, per_page=asking.per_page
    )
    return many(request, found, ClientOut.of, asking.fields)


@router.post("", status_code=201)
async def register(request: Request, body: ClientIn, asked: Admin) -> One[NewClientOut]:
    """Register a program. Its secret is shown this once."""
    await proved(request, asked)
    made = await registry.register(
        asked.session,
        asked.viewer,
        name=body.name,
        scopes=frozenset(body.scopes),
        confidential=body.confidential,
        redirect_uris=body.redirect_uris,
        role=body.role,
        now=asked.now,
    )
    return one(request, _with_secret(made))


@router.get("/{client_id}")
async def shown(request: Request, client_id: Id, asked: Reader) -> One[ClientOut]:
    """A registered program."""
    return one(request, ClientOut.of(await registry.one(asked.session, asked.viewer, client_id)))


@router.patch("/{client_id}")
async def change(request: Request, client_id: Id, body: ClientPatch, asked: Admin) -> One[ClientOut]:
    """Change name, scopes or addresses. Fewer scopes hold at once, for tokens that are out too."""
    changed = await registry.change(
        asked.session,
        asked.viewer,
        client_id,
        name=body.name,
        scopes=None if body.scopes is None else frozenset(body.scopes),
        redirect_uris=body.redirect_uris,
        now=asked.now,
    )
    return one(request, ClientOut.of(changed))


@router.post("/{client_id}/secret")
async def renew_secret(request: Request, client_id: Id, asked: Admin) -> One[NewClientOut]:
    """Make a new secret, shown this once. The one before ends at once."""
    await proved(request, asked)
    made = await registry.renew_secret(asked.session, asked.viewer, client_id, now=asked.now)
    return one(request, _with_secret(made))


@router.delete("/{client_id}", status_code=204)
async def end(client_id: Id, asked: Admin) -> None:
    """End a program for good: its tokens, and the account of its own, end with it at once."""
    await registry.end(asked.session, asked.viewer, client_id, now=asked.now)


def _with_secret(made: Registered) -> NewClientOut:
    return NewClientOut(**ClientOut.of(made.client).model_dump(), client_secret=made.secret or None)
