"""The ASGI app around Reflex: REST, the session's forms, caching and security headers."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sprintreports.identity import sessions
from sprintreports.kit import db, limits, processes
from sprintreports.observability import logs
from sprintreports.settings import settings
from sprintreports.ui import (
    account_routes,
    apology,
    authorize_routes,
    forwarded,
    invitation_routes,
    live,
    live_queues,
    queue_routes,
    session_routes,
    shared_routes,
    sso_routes,
)
from sprintreports.ui.entering import NotFromHere, not_from_here
from sprintreports.ui.forwarded import Forwarded
from sprintreports.ui.links import PATHS
from sprintreports.ui.live import listening_to_numbers
from sprintreports.ui.live_queues import listening_to_queues
from sprintreports.ui.policy import HEADERS, TLS_ONLY, built_pages, content_policy

_FOREVER = b"public, max-age=31536000, immutable"
_SHORT = b"public, max-age=3600"
_RESTS = ("/api", "/health", "/metrics")  # these speak for themselves


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """Around the web process's life: logs before the first request, no connection left behind.

    Granian's worker outlives a killed granian unless it asks not to, and would keep the port.
    """
    processes.die_with_parent()
    logs.configure()
    # What has been loaded by now stays: searching it for garbage again and again stops everybody for a quarter second.
    gc.freeze()
    async with listening_to_numbers(), listening_to_queues():
        yield
    await db.dispose()
    await limits.dispose()


class Pages:
    """`/velocity` is answered at once; the static files would send the browser to `/velocity/` first."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in PATHS:
            path = str(scope["path"]) + "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


class Headers:
    """Built files are cached for good, pages never; nothing is framed or sniffed; no foreign script runs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = content_policy(built_pages()).encode()
        self.tls = sessions.over_tls()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [*HEADERS, *_cache(path, int(message["status"]))]
                if scope["scheme"] == "https" or self.tls:
                    added.append(TLS_ONLY)
                if not _is_rest(path):
                    added.append((b"content-security-policy", self.policy))
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in added if pair[0] not in present),
                ]
            await send(message)

        await self.app(scope, receive, with_headers)


def _beside(rest: Any) -> Any:
    """REST tells in its own way what is not valid; forms of pages are told of in words, and not what they held."""

    async def told(request: Request, error: Exception) -> Any:
        answers = rest if _is_rest(request.url.path) else apology.unreadable
        return await answers(request, error)

    return told


def _is_rest(path: str) -> bool:
    # `/api-clients` is a page.
    return any(path == rest or path.startswith(rest + "/") for rest in _RESTS)


def _cache(path: str, status: int) -> list[tuple[bytes, bytes]]:
    if _is_rest(path) or status not in {200, 304}:
        return []
    if path.startswith(("/assets/", "/fonts/")):
        return [(b"cache-control", _FOREVER)]
    return [(b"cache-control", _SHORT if path.endswith((".css", ".svg")) else b"no-cache")]


def wrapped_in(api: FastAPI) -> list[Any]:
    """What Reflex is wrapped in, from the inside out: the REST application, then what concerns every answer."""
    api.include_router(session_routes.router)
    api.include_router(invitation_routes.router)
    api.include_router(authorize_routes.router)
    api.include_router(sso_routes.router)
    api.include_router(account_routes.router)
    api.include_router(live.router)
    api.include_router(queue_routes.router)
    api.include_router(live_queues.router)
    api.include_router(shared_routes.router)
    api.add_exception_handler(NotFromHere, not_from_here)
    api.add_exception_handler(Exception, apology.unexpected)
    api.add_exception_handler(RequestValidationError, _beside(api.exception_handlers[RequestValidationError]))
    return [api, Pages, Headers, _behind_proxy]


def _behind_proxy(app: ASGIApp) -> Any:
    return Forwarded(app, proxies=forwarded.named(settings().trusted_proxies))
