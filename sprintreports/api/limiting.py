"""Counts requests by who asks, or by their address when nobody has signed in; the answer says how they stand."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request
from starlette.types import Scope

from sprintreports.identity.viewer import Viewer
from sprintreports.kit import limits
from sprintreports.settings import settings

_STANDING = "sprintreports.standing"


async def by_viewer(request: Request, viewer: Viewer, *, per_minute: int | None = None) -> None:
    """Count a request of somebody known. Raises TooFast. A key has a count of its own, and a client one for each user."""
    kind, caller = (
        ("program", f"{viewer.via}:{viewer.user_id}") if viewer.via else ("user", str(viewer.user_id))
    )
    limit = per_minute or settings().requests_per_minute
    await _count(request, kind, caller, limit)


async def by_address(request: Request) -> None:
    """Count a request that nobody is known to have made. Raises TooFast."""
    caller = _network(address_of(request))
    await _count(request, "address", caller, settings().anonymous_requests_per_minute)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def headers(scope: Scope) -> Iterable[tuple[str, str]]:
    """The `RateLimit-*` headers of an answer; none where nothing was counted."""
    standing: limits.Standing | None = scope.get(_STANDING)
    return standing.headers.items() if standing else ()


async def _count(request: Request, kind: str, caller: str, per_minute: int) -> None:
    standing = await limits.hit(kind, caller, per_minute=per_minute)
    request.scope[_STANDING] = standing
    standing.require()


def _network(address: str) -> str:
    """One caller has a whole network of IPv6 addresses: it counts as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False).network_address)
