"""Who am I."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from sprintreports.api.answers import One, one
from sprintreports.api.door import Asked, needs
from sprintreports.identity import users
from sprintreports.identity.permissions import MATRIX, Permission, Role

router = APIRouter(prefix="/api/v1/users", tags=["users"])


class UserOut(BaseModel):
    id: int
    email: str
    username: str
    name: str
    role: Role
    permissions: list[Permission]
    jira_account_id: str | None
    time_zone: str | None
    locale: str | None
    theme: str
    created_at: datetime
    last_sign_in_at: datetime | None


@router.get("/me")
async def me(request: Request, asked: Annotated[Asked, needs(None)]) -> One[UserOut]:
    """The signed-in user and what their role may do."""
    user = await users.one(asked.session, asked.viewer.user_id)
    shown = UserOut(
        id=user.id,
        email=user.email,
        username=user.username,
        name=user.name,
        role=user.role,
        permissions=sorted(MATRIX[user.role]),
        jira_account_id=user.jira_account_id,
        time_zone=user.time_zone,
        locale=user.locale,
        theme=user.theme,
        created_at=user.created_at,
        last_sign_in_at=user.last_sign_in_at,
    )
    return one(request, shown)
