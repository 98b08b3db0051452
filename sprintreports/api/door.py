"""One transaction and one viewer for each request; no route without a permission."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import sessions, tokens
from sprintreports.identity.origin import is_same_origin
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid, Unauthenticated
from sprintreports.settings import settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = OAuth2PasswordBearer(
    tokenUrl="/api/v1/auth/token", refreshUrl="/api/v1/auth/token", auto_error=False, scheme_name="bearer"
)
_cookie = APIKeyCookie(name=sessions.COOKIE_NAME, auto_error=False, scheme_name="session")


class TokenInvalid(Unauthenticated):
    """The access token is wrong, too old, or no longer good. Get a new one from /api/v1/auth/token."""


class ForeignOrigin(Forbidden):
    """This write came with a session cookie but not from a page of ours. Use an access token instead."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a route works with: its transaction, who asks, and when."""

    session: AsyncSession
    viewer: Viewer
    now: datetime


class Needs:
    """A route's permission (None: any signed-in user), and the transaction that it runs in."""

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[str | None, Depends(_bearer)],
        cookie: Annotated[str | None, Depends(_cookie)],
    ) -> AsyncIterator[Asked]:
        now = clock.now()
        async with transaction() as session:
            viewer = await _viewer(session, request, bearer=bearer, cookie=cookie, now=now)
            if self.permission is not None:
                viewer.require(self.permission)
            yield Asked(session, viewer, now)


class Open:
    """Marks a route that anyone may call. It says why."""

    def __init__(self, why: str) -> None:
        self.why = why

    async def __call__(self) -> None:  # async: a plain function would be sent to a thread
        """Nothing is asked."""


def needs(permission: Permission | None) -> Any:
    """The dependency of a route: `asked: Annotated[Asked, needs(Permission.SPRINTS_READ)]`.

    Its transaction ends, and commits, before the answer is sent.
    """
    return Depends(Needs(permission), scope="function")


def open_to_all(why: str) -> Any:
    """The marker of a route that needs no sign-in."""
    return Depends(Open(why))


def rule_of(route: APIRoute) -> Needs | Open | None:
    """What a route declares; None is a mistake that a test finds."""
    rules = [found.call for found in _flat(route.dependant) if isinstance(found.call, Needs | Open)]
    return rules[0] if len(rules) == 1 else None


async def known_query_only(request: Request) -> None:
    """Refuse query parameters that the route does not know, or that come twice: a typo must not widen a filter."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = {field.alias for found in _flat(route.dependant) for field in found.query_params}
    given = [name for name, _ in request.query_params.multi_items()]
    problems = [
        FieldProblem(name, "This parameter does not exist here.") for name in given if name not in known
    ] + [
        FieldProblem(name, "This parameter is given more than once.")
        for name in sorted(known & set(given))
        if given.count(name) > 1
    ]
    if problems:
        raise Invalid(details=tuple(dict.fromkeys(problems)))


async def _viewer(
    session: AsyncSession, request: Request, *, bearer: str | None, cookie: str | None, now: datetime
) -> Viewer:
    if "authorization" in request.headers:
        viewer = await tokens.resolve(session, bearer, now=now) if bearer else None
        if viewer is None:
            raise TokenInvalid
        return viewer
    found = await sessions.resolve(session, cookie, now=now)
    if found is None:
        raise Unauthenticated("Sign in first: send an access token from /api/v1/auth/token.")
    if request.method not in _SAFE and not is_same_origin(request.headers, public_url=settings().public_url):
        raise ForeignOrigin
    return found.viewer


def _flat(dependant: Dependant) -> list[Dependant]:
    return [
        dependant,
        *(deep for found in dependant.dependencies for deep in _flat(found)),
    ]
