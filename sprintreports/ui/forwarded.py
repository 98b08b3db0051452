"""Who asked, where a proxy asks on somebody's behalf: believed of the proxies that are named, and of nobody else.

Each proxy adds the address that it was asked from at the end of X-Forwarded-For. Read from the end, the first address
that is no proxy of ours is who asked; what stands before it is that somebody's own claim.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address

# Some proxies write the port along: 192.0.2.7:50123, [2001:db8::7]:50123.
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](:\d{1,5})?|(?P<four>\d+\.\d+\.\d+\.\d+):\d{1,5}")
_SCHEMES = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Proxies:
    """The addresses and networks whose word is taken."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def named(text: str) -> Proxies:
    """Those of SPRINTREPORTS_TRUSTED_PROXIES. Raises ValueError."""
    return Proxies(tuple(ip_network(one) for one in map(str.strip, text.split(",")) if one))


def asker(peer: str, hops: Iterable[str], proxies: Proxies) -> str:
    """The address that a request came from. `hops`: the values of X-Forwarded-For, in their order.

    A hop that is no address ends the walk: the proxy that wrote it is then as far as anybody can tell.
    """
    known = _read(peer)
    if known is None or known not in proxies:
        return peer if known is None else str(known)
    for hop in reversed([one for value in hops for one in value.split(",")]):
        before = _read(hop)
        if before is None:
            break
        known = before
        if known not in proxies:
            break
    return str(known)


class Forwarded:
    """Puts who asked, and by which scheme, into the scope, before anything else sees it."""

    def __init__(self, app: ASGIApp, *, proxies: Proxies) -> None:
        self.app = app
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope.get("client"):
            self._believe(scope)
        await self.app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        host, port = scope["client"]
        peer = _read(host)
        trusted = peer is not None and peer in self.proxies
        found = asker(host, _values(scope, b"x-forwarded-for"), self.proxies)
        scope["client"] = (found, port if peer is not None and found == str(peer) else 0)
        scheme = next(iter(_values(scope, b"x-forwarded-proto")), "").strip().lower()
        if trusted and scheme in _SCHEMES:
            scope["scheme"] = _SCHEMES[scheme] if scope["type"] == "websocket" else scheme


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in scope["headers"] if header == name]


def _read(text: str) -> Address | None:
    """An address, without port and brackets; one of IPv4 within one of IPv6 as itself."""
    shown = text.strip()
    with_port = _WITH_PORT.fullmatch(shown)
    if with_port:
        shown = with_port["six"] or with_port["four"] or ""
    try:
        found = ip_address(shown)
    except ValueError:
        return None
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return inner or found
