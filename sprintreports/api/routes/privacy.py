"""What is stored about people: all of it as JSON, and erasure."""

from typing import Annotated, Any

from fastapi import Request, Response

from sprintreports.api.answers import Many, One, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id, Search
from sprintreports.api.routing import Router
from sprintreports.api.schemas.privacy import JiraPersonOut
from sprintreports.identity import privacy
from sprintreports.identity.permissions import Permission
from sprintreports.jira.privacy import people
from sprintreports.planning import privacy as planning

users = Router(prefix="/api/v1/users", tags=["privacy"])
router = Router(prefix="/api/v1/privacy/people", tags=["privacy"])

Signed = Annotated[Asked, needs(None)]
Admin = Annotated[Asked, needs(Permission.USERS_WRITE)]
Data = One[dict[str, Any]]


@users.get("/me/personal-data")
async def own(request: Request, asked: Signed) -> Data:
    """Everything stored about the signed-in user, table by table, without secrets."""
    return one(request, await privacy.personal_data(asked.session, asked.viewer, asked.viewer.user_id))


@users.get("/{user_id}/personal-data")
async def of_user(request: Request, user_id: Id, asked: Admin) -> Data:
    """Everything stored about an account, table by table, without secrets."""
    return one(request, await privacy.personal_data(asked.session, asked.viewer, user_id))


@users.post("/{user_id}/erasure", status_code=204)
async def erase_user(user_id: Id, asked: Admin) -> Response:
    """Erase an account: sessions, keys and identities go, a number stands for the name. It cannot be undone."""
    await privacy.erase(asked.session, asked.viewer, user_id, now=asked.now)
    return Response(status_code=204)


@router.get("")
async def listing(
    request: Request,
    asked: Admin,
    asking: Annotated[Asking, listed(JiraPersonOut, people.ORDERS)],
    *,
    search: Search = "",
) -> Many[JiraPersonOut]:
    """People whom the connected Jiras name."""
    found = await people.listing(
        asked.session,
        asked.viewer,
        search=search,
        sort=asking.sort,
        page=asking.page,
        per_page=asking.per_page,
    )
    return many(request, found, JiraPersonOut.of, asking.fields)


@router.get("/{person_id}/personal-data")
async def of_person(request: Request, person_id: Id, asked: Admin) -> Data:
    """Everything stored about somebody in Jira."""
    found = await people.personal_data(asked.session, asked.viewer, person_id)
    planned = await planning.personal_data(asked.session, asked.viewer, person_id)
    return one(request, found | ({"planning": planned} if planned else {}))


@router.post("/{person_id}/erasure")
async def erase_person(request: Request, person_id: Id, asked: Admin) -> One[JiraPersonOut]:
    """Erase somebody in Jira: an alias stands for the name, now and after every sync. Numbers stay; it cannot be undone."""
    return one(
        request, JiraPersonOut.of(await people.erase(asked.session, asked.viewer, person_id, now=asked.now))
    )
