"""API keys: one's own, and for admins everybody's."""

from typing import Annotated

from fastapi import Query, Request

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.proving import proved
from sprintreports.api.routing import Router
from sprintreports.api.schemas.clients import KeyIn, KeyOut, KeyPatch, NewKeyOut
from sprintreports.identity.clients import keys

router = Router(prefix="/api/v1/api-keys", tags=["clients"])

Anyone = Annotated[Asked, needs(None)]
Everybodys = Annotated[bool, Query(alias="all", description="everybody's keys, for who may change users")]


@router.get("")
async def listing(
    request: Request,
    asked: Anyone,
    asking: Annotated[Asking, listed(KeyOut, keys.ORDERS)],
    *,
    everybodys: Everybodys = False,
) -> Many[KeyOut]:
    """Your keys, the newest first. Those that ended are listed for 30 days."""
    found = await keys.listing(
        asked.session,
        asked.viewer,
        everybodys=everybodys,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
        now=asked.now,
    )
    return many(request, found, KeyOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, body: KeyIn, asked: Anyone) -> One[NewKeyOut]:
    """Make a key that acts for you. It is shown this once."""
    await proved(request, asked)
    made = await keys.create(
        asked.session,
        asked.viewer,
        name=body.name,
        scopes=frozenset(body.scopes),
        days=body.days,
        per_minute=body.per_minute,
        now=asked.now,
    )
    return one(request, NewKeyOut(**KeyOut.of(made.key).model_dump(), key=made.secret))


@router.get("/{key_id}")
async def shown(request: Request, key_id: Id, asked: Anyone) -> One[KeyOut]:
    """A key, by its prefix."""
    return one(request, KeyOut.of(await keys.one(asked.session, asked.viewer, key_id, now=asked.now)))


@router.patch("/{key_id}")
async def change(request: Request, key_id: Id, body: KeyPatch, asked: Anyone) -> One[KeyOut]:
    """Change a key's name, scopes or limit. It holds from the next request on."""
    changed = await keys.change(
        asked.session,
        asked.viewer,
        key_id,
        name=body.name,
        scopes=None if body.scopes is None else frozenset(body.scopes),
        per_minute=body.per_minute,
        now=asked.now,
    )
    return one(request, KeyOut.of(changed))


@router.delete("/{key_id}", status_code=204)
async def revoke(key_id: Id, asked: Anyone) -> None:
    """End a key at once: your own, or as an admin anybody's."""
    await keys.revoke(asked.session, asked.viewer, key_id, now=asked.now)
