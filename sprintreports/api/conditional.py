"""Tags of answers: a read says whether something is still as it was, a write can insist that it is.

A tag is a hash of the bytes of one answer to one viewer. It is compared with nothing but the answer that the same request
would get now, so that it tells nobody anything about what others see.
"""

import re
from hashlib import blake2b
from typing import Any, Protocol, cast

from fastapi import Request, Response
from fastapi.dependencies.utils import solve_dependencies
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Outdated

WRITES = frozenset({"PUT", "PATCH", "DELETE"})
_TAG = re.compile(r'"[^"]*"')
_BODILESS = ("content-type", "content-length")
# Two writes that both insist on the same tag must not both find it.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:address, 412))")


class Asked(Protocol):
    """What a door gives its routes."""

    @property
    def session(self) -> AsyncSession: ...

    @property
    def viewer(self) -> Viewer: ...


class Rule(Protocol):
    """What a route asks of its viewer."""

    def check(self, viewer: Viewer) -> None: ...


def tag_of(body: bytes) -> str:
    """A strong tag."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def may_be_tagged(method: str, status: int, headers: Headers | MutableHeaders) -> bool:
    """Whether an answer gets a tag: what is not to be kept (its own Cache-Control says so) gets none."""
    return (
        method == "GET"
        and status == 200
        and headers.get("content-type", "").startswith("application/json")
        and "no-store" not in headers.get("cache-control", "")
    )


def settled(asked: Headers, start: Message, body: bytes) -> tuple[Message, bytes]:
    """The answer with its tag, or 304 without a body where whoever asks has it already."""
    headers = MutableHeaders(raw=list(start["headers"]))
    tag = headers.get("etag") or tag_of(body)
    headers["ETag"] = tag
    # A program may keep an answer of its own, and ask whether it still holds; a browser keeps nothing.
    if "cache-control" not in headers and ("authorization" in asked or "x-api-key" in asked):
        headers["Cache-Control"] = "private, no-cache"
    if not names(asked.get("if-none-match"), tag):
        return {**start, "headers": headers.raw}, body
    for name in _BODILESS:
        del headers[name]
    return {**start, "status": 304, "headers": headers.raw}, b""


def names(given: str | None, tag: str) -> bool:
    """Whether a header names the tag, or all. A proxy that packs answers marks their tags as weak: they still count."""
    return given is not None and (given.strip() == "*" or tag in _TAG.findall(given))


async def insisted(request: Request, asked: Asked, rule: Rule) -> None:
    """Raises Outdated where the write says what it wants to change and that is no longer so.

    What it is compared with is what a GET of the same address would answer to the same viewer in the same transaction.
    """
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*" or request.method not in WRITES:
        return
    route = _reads(request).get(request.scope["route"].path)
    if route is None:
        raise Outdated("This address is not read by itself, so it has no tag. Leave If-Match out.")
    await asked.session.execute(_ALONE, {"address": request.url.path})
    if not names(given, tag_of(await _answer(request, route, asked, rule))):
        raise Outdated


def reads_of(routes: list[APIRoute]) -> dict[str, APIRoute]:
    """The routes that read, by their addresses."""
    return {route.path: route for route in routes if "GET" in (route.methods or ())}


def _reads(request: Request) -> dict[str, APIRoute]:
    return request.app.state.reads


async def _answer(request: Request, route: APIRoute, asked: Asked, rule: Rule) -> bytes:
    """What the route would send, in the transaction at hand. Raises what it raises."""
    read = Request({**request.scope, "method": "GET", "route": route})
    solved = await solve_dependencies(
        request=read,
        dependant=route.dependant,
        dependency_overrides_provider=_Same(route, asked, rule),
        async_exit_stack=request.scope["fastapi_inner_astack"],
        embed_body_fields=False,
    )
    if solved.errors:
        raise RequestValidationError(solved.errors)
    return bytes(cast("Response", await route.endpoint(**solved.values)).body)


class _Same:
    """Lets a read work in the transaction of the write, for the viewer of the write, by the read's own permission."""

    def __init__(self, route: APIRoute, asked: Asked, rule: Rule) -> None:
        async def same() -> Asked:
            return asked

        self.dependency_overrides: dict[Any, Any] = {}
        for found in route.dependant.dependencies:
            if isinstance(found.call, type(rule)):
                found.call.check(asked.viewer)
                self.dependency_overrides[found.call] = same
