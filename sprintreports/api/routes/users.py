"""Who am I; everybody who has an account, and what an admin does about it."""

from typing import Annotated

from fastapi import Request, Response

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.users import (
    GrantsIn,
    GrantsOut,
    LinkOut,
    MeChange,
    MeOut,
    PersonOut,
    PlaceOut,
    UserChange,
    UserIn,
    UserOut,
)
from sprintreports.identity import accounts, grants, invitations, profile, user_list, users
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.user_rows import UserState
from sprintreports.jira.reads import grantable
from sprintreports.settings import settings

router = Router(prefix="/api/v1/users", tags=["users"])
around = Router(prefix="/api/v1", tags=["users"])

Signed = Annotated[Asked, needs(None)]
Anyone = Annotated[Asked, needs(None, programs=True)]  # keys and limited tokens too
Reader = Annotated[Asked, needs(Permission.USERS_READ)]
Admin = Annotated[Asked, needs(Permission.USERS_WRITE)]


@router.get("/me")
async def me(request: Request, asked: Anyone) -> One[MeOut]:
    """The signed-in user, what they may do, and what their profile sets."""
    user = await users.one(asked.session, asked.viewer.user_id)
    return one(request, MeOut.of_viewer(user, asked.viewer))


@router.patch("/me")
async def change_me(request: Request, body: MeChange, asked: Signed) -> One[MeOut]:
    """Change one's own name, time zone, locale or theme."""
    user = await profile.change(asked.session, asked.viewer, body.choices())
    return one(request, MeOut.of_viewer(user, asked.viewer))


@router.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(UserOut, user_list.ORDERS)],
    *,
    search: Search = "",
    role: Role | None = None,
    state: UserState | None = None,
) -> Many[UserOut]:
    """Everybody who has an account. `role` finds those who hold it somewhere."""
    found = await user_list.listing(
        asked.session,
        asked.viewer,
        search=search,
        role=role,
        state=state,
        by=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, UserOut.of, asking.fields)


@router.post("", status_code=201)
async def create(request: Request, response: Response, body: UserIn, asked: Admin) -> One[UserOut]:
    """Make an account with a password. `/invitations` lets its owner choose one."""
    user = await users.create(
        asked.session,
        asked.viewer,
        email=body.email,
        password=body.password.get_secret_value(),
        role=body.role,
        name=body.name,
        username=body.username,
    )
    response.headers["Location"] = f"{router.prefix}/{user.id}"
    return one(request, UserOut.of(user))


@router.get("/{user_id}")
async def single(request: Request, user_id: Id, asked: Reader) -> One[UserOut]:
    """One account."""
    return one(request, UserOut.of(await users.one(asked.session, user_id)))


@router.patch("/{user_id}")
async def change(request: Request, user_id: Id, body: UserChange, asked: Admin) -> One[UserOut]:
    """Change name, address, user name, or the person in Jira; deactivate or reactivate."""
    user = await accounts.edit(asked.session, asked.viewer, user_id=user_id, changes=body.edit())
    if body.active is not None:
        user = await users.set_active(asked.session, asked.viewer, user_id=user_id, active=body.active)
    return one(request, UserOut.of(user))


@router.delete("/{user_id}", status_code=204)
async def delete(user_id: Id, asked: Admin) -> None:
    """Take an account away: its sessions, tokens and roles end. The last super admin stays."""
    await accounts.delete(asked.session, asked.viewer, user_id=user_id, now=asked.now)


@router.get("/{user_id}/grants")
async def held(request: Request, user_id: Id, asked: Reader) -> One[GrantsOut]:
    """Which roles somebody holds, and where."""
    return one(request, GrantsOut.of(await users.one(asked.session, user_id)))


@router.put("/{user_id}/grants")
async def give(request: Request, user_id: Id, body: GrantsIn, asked: Admin) -> One[GrantsOut]:
    """Replace the roles that were given by hand. Sessions and tokens of theirs end; nobody changes their own."""
    limited = [grant.grant() for grant in body.limited]
    await grantable.check(asked.session, asked.viewer, limited)
    user = await grants.give(
        asked.session, asked.viewer, user_id=user_id, everywhere=body.role, limited=limited
    )
    return one(request, GrantsOut.of(user))


@router.post("/{user_id}/sign-out", status_code=204)
async def sign_out(user_id: Id, asked: Admin) -> None:
    """End all sessions and tokens of somebody."""
    await accounts.sign_out(asked.session, asked.viewer, user_id=user_id, now=asked.now)


@router.post("/{user_id}/password-reset")
async def reset_password(request: Request, response: Response, user_id: Id, asked: Admin) -> One[LinkOut]:
    """A one-time link by which somebody sets a new password; for those who never came, a new invitation."""
    link = await invitations.link_for(asked.session, asked.viewer, user_id=user_id, now=asked.now)
    response.headers["Cache-Control"] = "no-store"
    return one(request, LinkOut.of(link, settings().public_url))


@around.get("/jira-teams")
async def teams(
    request: Request, asked: Admin, asking: Annotated[Asking, listed(PlaceOut, grantable.TEAM_ORDERS)]
) -> Many[PlaceOut]:
    """The teams that issues name, as Jira has them: what a role can be limited to."""
    found = await grantable.team_page(
        asked.session, asked.viewer, sort=asking.sort, page=asking.page, per_page=asking.per_page
    )
    return many(request, found, PlaceOut.of, asking.fields)


@around.get("/jira-people")
async def people(
    request: Request,
    asked: Admin,
    asking: Annotated[Asking, listed(PersonOut, grantable.PEOPLE_ORDERS)],
    *,
    search: Search = "",
) -> Many[PersonOut]:
    """People in Jira by name or account id: whom an account can be linked to. Without `search` it is nobody."""
    found = await grantable.people_page(
        asked.session,
        asked.viewer,
        search,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, PersonOut.of, asking.fields)
