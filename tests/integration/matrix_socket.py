"""A tab without a browser: socket.io over one web socket, as the built front end speaks it, or as a hostile one would."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from websockets.sync.client import ClientConnection, connect

from sprintreports.identity import sessions

_STATE = "reflex___state____state"
_HYDRATE = f"{_STATE}.hydrate"
_SET = f"{_STATE}.set_is_hydrated"
# Sent last: when the page is told that it is not, and then that it is hydrated, all before has been worked on.
_MARK = '"is_hydrated_rx_state_":true'
_PATIENCE = 30.0


@contextmanager
def opened(
    url: str, *, cookie: str = "", origin: str | None = None, tls: ssl.SSLContext | None = None
) -> Iterator["Tab"]:
    """A tab, signed in by its cookie. `tls`: whom it trusts, over https. Raises InvalidStatus where the server does not take its socket."""
    headers = {"Origin": url if origin is None else origin}
    if cookie:
        headers["Cookie"] = f"{sessions.cookie_name()}={cookie}"
    with connect(
        f"{url.replace('http', 'ws', 1)}/_event/?token={uuid4()}&EIO=4&transport=websocket",
        additional_headers=headers, compression=None, max_size=None, proxy=None, open_timeout=_PATIENCE,
        ssl=tls,
    ) as socket:  # fmt: skip
        socket.recv(_PATIENCE)
        socket.send("40/_event,")
        tab = Tab(socket)
        tab.fire(_HYDRATE)
        tab.settle()
        yield tab


class Tab:
    """One socket's end."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def fire(self, name: str, payload: dict[str, Any] | None = None, *, at: str = "/") -> None:
        """Send an event by the handler's full name. `at`: the address that the tab says it shows."""
        path, _, query = at.partition("?")
        data = {"pathname": path, "asPath": at, "query": dict(parse_qsl(query))}
        event = {"name": name, "payload": payload or {}, "router_data": data}
        self._socket.send("42/_event," + json.dumps(["event", event]))

    def settle(self) -> str:
        """All that the server has said by the time that it has worked on everything."""
        self.fire(_SET, {"value": False})
        self.fire(_SET, {"value": True})
        heard: list[str] = []
        until = time.monotonic() + _PATIENCE
        while True:
            message = str(self._socket.recv(max(0.0, until - time.monotonic())))
            if message == "2":
                self._socket.send("3")
                continue
            heard.append(message)
            if _MARK in message.replace(" ", ""):
                return "\n".join(heard)
