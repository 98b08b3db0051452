"""Browser sessions without browsers: Reflex's socket as the built front end speaks it, socket.io over one web socket."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect

_STATE = "reflex___state____state"
_HYDRATE = f"{_STATE}.hydrate_and_load"
_ON_LOAD = f"{_STATE}.reflex___state____on_load_internal_state.on_load_internal"
# The last update of a load says so; updates are not parsed, or the client would work as hard as the server.
_LOADED = '"is_hydrated_rx_state_":true'
_FAILED = '"status_rx_state_":"failed"'
_PATIENCE = 60.0


@dataclass(slots=True)
class Browser:
    """One tab. `received`: how many characters the server has sent."""

    socket: ClientConnection
    received: int = 0
    loaded: asyncio.Event = field(default_factory=asyncio.Event)
    listening: asyncio.Task[None] | None = None
    failed: bool = False

    async def load(self, path: str) -> float:
        """Follow a link to another address of the same page; milliseconds until all of it is there."""
        return await self._timed(lambda: self._send(["event", _event(_ON_LOAD, path)]))

    async def close(self) -> None:
        if self.listening is not None:
            self.listening.cancel()
        await self.socket.close()

    async def _send(self, message: list[Any]) -> None:
        await self.socket.send("42/_event," + json.dumps(message))

    async def _timed(self, send: Callable[[], Awaitable[None]]) -> float:
        self.loaded.clear()
        began = time.perf_counter()
        await send()
        async with asyncio.timeout(_PATIENCE):
            await self.loaded.wait()
        if self.failed:
            raise RuntimeError("the page shows a failure instead of its content")
        return 1000 * (time.perf_counter() - began)

    async def _listen(self) -> None:
        async for message in self.socket:
            text = message if isinstance(message, str) else message.decode()
            self.received += len(text)
            if text == "2":
                await self.socket.send("3")
            elif text.startswith("42"):
                packed = text.replace(" ", "")
                self.failed = self.failed or _FAILED in packed
                if _LOADED in packed:
                    self.loaded.set()


async def opened(port: int, cookie: str, path: str) -> tuple[Browser, float]:
    """A tab that shows the path, and the milliseconds from opening its socket until all of it was there."""
    began = time.perf_counter()
    socket = await connect(
        f"ws://127.0.0.1:{port}/_event/?token={uuid4()}&EIO=4&transport=websocket",
        additional_headers={
            "Cookie": f"sprintreports_session={cookie}",
            "Origin": f"http://127.0.0.1:{port}",
        },
        compression=None,
        max_size=None,
        open_timeout=_PATIENCE,
        proxy=None,
    )
    browser = Browser(socket)
    greeting = await socket.recv()
    if not str(greeting).startswith("0"):
        raise RuntimeError(f"no engine.io greeting: {greeting!r}")
    browser.listening = asyncio.create_task(browser._listen())  # noqa: SLF001  # its own listener
    connect_packet = "40/_event," + json.dumps({"event": _event(_HYDRATE, path)})
    await browser._timed(lambda: socket.send(connect_packet))  # noqa: SLF001  # the first load
    return browser, 1000 * (time.perf_counter() - began)


def _event(name: str, path: str) -> dict[str, Any]:
    route, _, query = path.partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
    return {"name": name, "payload": {}, "router_data": {"pathname": route, "asPath": path, "query": pairs}}
