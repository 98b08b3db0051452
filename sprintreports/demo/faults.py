"""Answers gone wrong on purpose, to see how a reader of this site bears them."""

import asyncio

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """What to break. `times`: how many answers (None = all); `skip`: how many good ones come first."""

    html: bool = False
    truncate: bool = False
    malformed: bool = False
    status: int | None = None
    retry_after: int | None = None
    slow: float = 0.0
    path_prefix: str = "/rest/"
    times: int | None = None
    skip: int = 0

    @property
    def active(self) -> bool:
        return self.html or self.truncate or self.malformed or self.status is not None or self.slow > 0

    def strikes(self, path: str) -> bool:
        """Counts down; False when this answer shall be a good one."""
        if not self.active or not path.startswith(self.path_prefix):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None:
            if self.times <= 0:
                return False
            self.times -= 1
        return True


_HTML = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>"


class FaultyWires:
    """Middleware: the true answer goes in, a broken one comes out."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = self.faults
        if scope["type"] != "http" or not faults.strikes(scope["path"]):
            await self._app(scope, receive, send)
            return
        if faults.slow:
            await asyncio.sleep(faults.slow)
        if faults.status is not None:
            await _answer(
                send,
                faults.status,
                b'{"errorMessages":["Broken on purpose."],"errors":{}}',
                retry=faults.retry_after,
            )
        elif faults.html:
            await _answer(send, 200, _HTML, kind=b"text/html;charset=UTF-8")
        elif faults.truncate or faults.malformed:
            await self._damage(scope, receive, send, faults)
        else:
            await self._app(scope, receive, send)

    async def _damage(self, scope: Scope, receive: Receive, send: Send, faults: Faults) -> None:
        pieces: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.body":
                pieces.append(message.get("body", b""))

        await self._app(scope, receive, collect)
        body = b"".join(pieces)
        # Cut off in the middle, or whole but with every colon lost.
        await _answer(send, 200, body[: len(body) // 2] if faults.truncate else body.replace(b'":', b'" '))


async def _answer(
    send: Send, status: int, body: bytes, *, kind: bytes = b"application/json", retry: int | None = None
) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if retry is not None:
        headers.append((b"retry-after", str(retry).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
