"""The ASGI app around Reflex: REST, the session's forms, caching and security headers."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sprintreports.kit import db, processes
from sprintreports.observability import logs
from sprintreports.ui import live, session_routes
from sprintreports.ui.links import PATHS
from sprintreports.ui.live import listening_to_numbers
from sprintreports.ui.policy import built_pages, content_policy

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
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
    async with listening_to_numbers():
        yield
    await db.dispose()


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [*_HEADERS, *_cache(path, int(message["status"]))]
                if not path.startswith(_RESTS):
                    added.append((b"content-security-policy", self.policy))
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in added if pair[0] not in present),
                ]
            await send(message)

        await self.app(scope, receive, with_headers)


def _cache(path: str, status: int) -> list[tuple[bytes, bytes]]:
    if path.startswith(_RESTS) or status not in {200, 304}:
        return []
    if path.startswith(("/assets/", "/fonts/")):
        return [(b"cache-control", _FOREVER)]
    return [(b"cache-control", _SHORT if path.endswith((".css", ".svg")) else b"no-cache")]


def wrapped_in(api: FastAPI) -> list[Any]:
    """What Reflex is wrapped in, from the inside out: the REST application, then what concerns every answer."""
    api.include_router(session_routes.router)
    api.include_router(live.router)
    api.add_exception_handler(session_routes.NotFromHere, session_routes.not_from_here)
    return [api, Pages, Headers, _behind_proxy]


def _behind_proxy(app: ASGIApp) -> Any:
    """Believe X-Forwarded-For and -Proto of a proxy on this machine, and of no other."""
    return wrap_asgi_with_proxy_headers(app, trusted_hosts="127.0.0.1")
