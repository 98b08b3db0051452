"""Around every REST request: a request id, a log line, counters, security headers, and no stack to the outside."""

import re
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sprintreports.api import conditional, deprecation, failures, limiting
from sprintreports.identity import audit
from sprintreports.kit.error_codes import Code
from sprintreports.observability import counters, logs

log = logs.get("api.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
LARGEST_BODY = 1024 * 1024
_QUIET = ("/health", "/metrics")  # asked every few seconds: counted, not logged
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Around:
    """Pure ASGI, so that it costs little and streams stay streams. Only REST's own paths are touched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            audit.came_from((scope.get("client") or ("",))[0])
        if scope["type"] != "http" or not failures.is_ours(scope["path"]):
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(self.app, scope, receive, send)
        await exchange.run()


class _Exchange:
    """One request and its answer."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self.app, self.scope, self.receive, self._send = app, scope, receive, send
        self.headers = Headers(scope=scope)
        given = self.headers.get("x-request-id", "")
        self.request_id = logs.bind_request_id(given if _REQUEST_ID.fullmatch(given) else None)
        self.status = 0
        # The start of an answer that gets a tag as soon as its body is known.
        self._held: Message | None = None

    async def run(self) -> None:
        began = perf_counter()
        try:
            if self._too_large():
                answer = failures.refusal(Code.TOO_LARGE, "The request's body is too large.")
                await answer(self.scope, self.receive, self.send)
            else:
                await self.app(self.scope, self.receive, self.send)
        except Exception as error:
            if self.status:
                raise
            await failures.of_anything(error)(self.scope, self.receive, self.send)
        finally:
            self._note(perf_counter() - began)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            if conditional.may_be_tagged(self.scope["method"], self.status, headers) and not self._quiet:
                self._held = message
                return
            self._finish(headers)
        elif self._held is not None:
            message = await self._tagged(self._held, message)
        await self._send(message)

    async def _tagged(self, start: Message, body: Message) -> Message:
        self._held = None
        if not body.get("more_body"):
            start, content = conditional.settled(self.headers, start, body.get("body", b""))
            self.status, body = start["status"], {**body, "body": content}
        self._finish(MutableHeaders(scope=start))
        await self._send(start)
        return body

    def _finish(self, headers: MutableHeaders) -> None:
        headers["X-Request-ID"] = self.request_id
        for name, value in (*_SECURITY.items(), *limiting.headers(self.scope)):
            headers.setdefault(name, value)
        for name, value in deprecation.headers(self.scope):
            headers.append(name, value)

    @property
    def _quiet(self) -> bool:
        return self.scope["path"].startswith(_QUIET)

    def _too_large(self) -> bool:
        length = self.headers.get("content-length", "0")
        return not length.isdigit() or int(length) > LARGEST_BODY

    def _note(self, seconds: float) -> None:
        route = getattr(self.scope.get("route"), "path", "unmatched")
        method = self.scope["method"] if self.scope["method"] in _METHODS else "other"
        counters.HTTP_REQUESTS.labels(method, route, str(self.status)).inc()
        counters.HTTP_SECONDS.labels(method, route).observe(seconds)
        if not self._quiet:
            log.info(
                "request",
                method=method,
                path=self.scope["path"],
                status=self.status,
                milliseconds=round(seconds * 1000, 1),
            )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
