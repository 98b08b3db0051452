"""The wires between the stand-in and its readers, on which answers go wrong: slow, refused, damaged, cut, or never sent."""

import asyncio
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sprintreports.demo.answers import error_body
from sprintreports.demo.faults import Limit, Rule, Trouble

Header = tuple[bytes, bytes]

_HTML = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>"
_JSON = b"application/json"
# The headers' way out, before the connection ends in the middle of the body.
_A_MOMENT = 0.02
_REASONS = {Limit.BURST: b"jira-burst-based", Limit.QUOTA: b"jira-quota-global-based"}
_WINDOW = 60
_SAID: dict[int, str] = {
    400: "Broken on purpose: this request is not understood.",
    401: "You are not authenticated. Authentication required to perform this operation.",
    403: "You do not have permission to perform this operation.",
    404: "The requested resource was not found.",
    410: "The requested API has been removed. Please migrate to another one.",
    429: "Rate limit exceeded.",
}


class FaultyWires:
    """Middleware: the true answer goes in, what the faults make of it comes out."""

    def __init__(self, app: ASGIApp, trouble: Trouble) -> None:
        self._app = app
        self.trouble = trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rules = self.trouble.answers(scope["path"]) if scope["type"] == "http" else []
        if not rules:
            await self._app(scope, receive, send)
            return
        slow = sum(rule.slow for rule in rules)
        if slow:
            await asyncio.sleep(slow)
        if any(rule.drop for rule in rules):
            hang_up(scope)
            return
        extra = [header for rule in rules for header in _limit_headers(rule)]
        refusing = next((rule for rule in rules if rule.status is not None), None)
        if refusing is not None:
            await _refuse(send, refusing, extra)
        elif any(rule.html for rule in rules):
            await _answer(send, 200, _HTML, [(b"content-type", b"text/html;charset=UTF-8")])
        else:
            await self._damage(scope, receive, send, rules, extra)

    async def _damage(
        self, scope: Scope, receive: Receive, send: Send, rules: list[Rule], extra: list[Header]
    ) -> None:
        status, headers, body = await self._true_answer(scope, receive)
        headers = [(name, value) for name, value in headers if name != b"content-length"] + extra
        kind = next((rule.content_type for rule in rules if rule.content_type), "")
        if kind:
            headers = [(name, value) for name, value in headers if name != b"content-type"]
            headers.append((b"content-type", kind.encode()))
        if any(rule.cut for rule in rules) and len(body) > 1:
            await _cut(scope, send, status, body, headers)
            return
        if any(rule.truncate for rule in rules):
            body = body[: len(body) // 2]
        if any(rule.malformed for rule in rules):
            body = body.replace(b'":', b'" ')  # whole, but every colon is lost
        await _answer(send, status, body, headers)

    async def _true_answer(self, scope: Scope, receive: Receive) -> tuple[int, list[Header], bytes]:
        status, headers, pieces = 500, list[Header](), list[bytes]()

        async def collect(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], [(name, value) for name, value in message["headers"]]
            else:
                pieces.append(message.get("body", b""))

        await self._app(scope, receive, collect)
        return status, headers, b"".join(pieces)


async def _refuse(send: Send, rule: Rule, extra: list[Header]) -> None:
    status = rule.status or 500
    said = _SAID.get(status, "Broken on purpose.")
    headers = [(b"content-type", _JSON), *extra]
    if rule.retry_after is not None:
        headers.append((b"retry-after", str(rule.retry_after).encode()))
    await _answer(send, status, error_body(said), headers)


def _limit_headers(rule: Rule) -> list[Header]:
    """As Atlassian documents them for Cloud and for Data Center; without a status: the limit is near."""
    if rule.limit is None:
        return []
    left = b"0" if rule.status is not None else b"1"
    shared = [(b"x-ratelimit-limit", b"100"), (b"x-ratelimit-remaining", left)]
    if rule.limit is Limit.SERVER:
        return [*shared, (b"x-ratelimit-interval-seconds", b"1"), (b"x-ratelimit-fillrate", b"10")]
    if rule.status is None:
        return [*shared, (b"x-ratelimit-nearlimit", b"true")]
    wait = _WINDOW if rule.retry_after is None else rule.retry_after
    reset = datetime.fromtimestamp(time.time() + wait, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [*shared, (b"x-ratelimit-reset", reset.encode()), (b"ratelimit-reason", _REASONS[rule.limit])]


async def _answer(send: Send, status: int, body: bytes, headers: list[Header]) -> None:
    sized = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": body})


async def _cut(scope: Scope, send: Send, status: int, body: bytes, headers: list[Header]) -> None:
    """All is announced, half of it comes, and then the connection ends."""
    sized = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await asyncio.sleep(_A_MOMENT)
    hang_up(scope)


def hang_up(scope: Scope) -> None:
    """End the connection that a request came in on: the server above has no way to, so its socket is looked up.

    Raises ConnectionAbortedError where there is no such socket, as in tests without a server.
    """
    host, port = scope["client"] or ("", 0)
    for entry in Path("/dev/fd").iterdir():
        try:
            duplicate = os.dup(int(entry.name))
        except OSError:
            continue
        if _ended(duplicate, (str(host), int(port))):
            return
    raise ConnectionAbortedError("the stand-in was told to hang up")


def _ended(descriptor: int, peer: tuple[str, int]) -> bool:
    try:
        found = socket.socket(fileno=descriptor)
    except OSError:
        os.close(descriptor)
        return False
    with found:
        try:
            if tuple(found.getpeername()[:2]) != peer:
                return False
            found.shutdown(socket.SHUT_RDWR)
        except (OSError, TypeError):
            return False
    return True
