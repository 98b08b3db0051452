"""One transaction and one viewer for each request; no route without a permission, and nobody without a limit."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, APIKeyHeader, OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from sprintreports.api import conditional, limiting, repeating
from sprintreports.identity import sessions, tokens
from sprintreports.identity.clients import keys
from sprintreports.identity.origin import is_same_origin
from sprintreports.identity.permissions import Permission
from sprintreports.identity.scopes import ScopeMissing
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid, Unauthenticated
from sprintreports.settings import settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = OAuth2PasswordBearer(
    tokenUrl="/api/v1/auth/token", refreshUrl="/api/v1/auth/token", auto_error=False, scheme_name="bearer"
)
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="api_key")


class _SessionCookie(APIKeyCookie):
    """Named as the document says over http; over https it has the prefix that binds it to this host."""

    async def __call__(self, request: HTTPConnection) -> str | None:
        return sessions.cookie_of(request.cookies)


_cookie = _SessionCookie(name=sessions.COOKIE_NAME, auto_error=False, scheme_name="session")
Bearer = Annotated[str | None, Depends(_bearer)]
ApiKey = Annotated[str | None, Depends(_api_key)]
Cookie = Annotated[str | None, Depends(_cookie)]


class TokenInvalid(Unauthenticated):
    """The access token is wrong, too old, or no longer good. Get a new one from /api/v1/auth/token."""


class KeyInvalid(Unauthenticated):
    """The API key is wrong, too old, or no longer good. Make a new one in your profile."""


class TwoCredentials(Unauthenticated):
    """This request brings a token and a key. Send one of them."""


class OneselfOnly(Forbidden):
    """This concerns a person's own account. Sign in yourself, without a key and without limits."""


class ForeignOrigin(Forbidden):
    """This write came with a session cookie but not from a page of ours. Use an access token instead."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a route works with: its transaction, who asks, and when."""

    session: AsyncSession
    viewer: Viewer
    now: datetime


class Needs:
    """A route's permission (None: any signed-in user), and the transaction that it runs in.

    Where there is no permission, there is no scope either: keys and limited tokens pass only with `programs`.
    """

    def __init__(self, permission: Permission | None, *, programs: bool) -> None:
        self.permission, self.programs = permission, programs

    async def __call__(
        self,
        request: Request,
        bearer: Bearer,
        api_key: ApiKey,
        cookie: Cookie,
    ) -> AsyncIterator[Any]:
        async with self.admitted(request, bearer=bearer, api_key=api_key, cookie=cookie) as asked:
            yield asked

    @asynccontextmanager
    async def admitted(
        self,
        request: Request,
        *,
        bearer: str | None,
        api_key: str | None,
        cookie: str | None,
        again: bool = False,
    ) -> AsyncGenerator[Asked]:
        """The transaction of somebody who may be here. again: the request has been counted before."""
        now = clock.now()
        async with transaction() as session:
            try:
                viewer, per_minute = await _viewer(
                    session, request, bearer=bearer, api_key=api_key, cookie=cookie, now=now
                )
            except Unauthenticated:
                await limiting.by_address(request)
                raise
            request.state.viewer = viewer  # who a refusal is told of, after this transaction
            if not again:
                await limiting.by_viewer(request, viewer, per_minute=per_minute)
            self.check(viewer)
            asked = Asked(session, viewer, now)
            await repeating.first_time(request, asked)
            await conditional.insisted(request, asked, self)
            yield asked

    def check(self, viewer: Viewer) -> None:
        """Raises Forbidden."""
        if self.permission is None:
            if viewer.scopes is not None and not self.programs:
                raise OneselfOnly
            return
        if viewer.scopes is not None and self.permission not in viewer.scopes:
            raise ScopeMissing.of(self.permission)
        viewer.require(self.permission)


class Open:
    """Marks a route that anyone may call. It says why. `counted`: so often a minute from one address."""

    def __init__(self, why: str, *, counted: bool) -> None:
        self.why, self.counted = why, counted

    async def __call__(self, request: Request) -> None:  # async: a plain function would be sent to a thread
        """Nothing is asked."""
        if self.counted:
            await limiting.by_address(request)


def needs(permission: Permission | None, *, programs: bool = False) -> Any:
    """The dependency of a route: `asked: Annotated[Asked, needs(Permission.SPRINTS_READ)]`.

    Its transaction ends, and commits, before the answer is sent.
    """
    return Depends(Needs(permission, programs=programs), scope="function")


def open_to_all(why: str, *, counted: bool = True) -> Any:
    """The marker of a route that needs no sign-in."""
    return Depends(Open(why, counted=counted))


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
    session: AsyncSession,
    request: Request,
    *,
    bearer: str | None,
    api_key: str | None,
    cookie: str | None,
    now: datetime,
) -> tuple[Viewer, int | None]:
    """Who asks, and how often a minute they may where that is not as usual."""
    by_token = "authorization" in request.headers
    if by_token and api_key is not None:
        raise TwoCredentials
    key = api_key if api_key is not None else bearer if bearer and keys.looks_like_one(bearer) else None
    if key is not None:
        resolved = await keys.resolve(session, key, address=limiting.address_of(request), now=now)
        if resolved is None:
            raise KeyInvalid
        return resolved.viewer, resolved.per_minute
    if by_token:
        viewer = await tokens.resolve(session, bearer, now=now) if bearer else None
        if viewer is None:
            raise TokenInvalid
        return viewer, None
    return await _by_cookie(session, request, cookie, now=now), None


async def _by_cookie(session: AsyncSession, request: Request, cookie: str | None, *, now: datetime) -> Viewer:
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
