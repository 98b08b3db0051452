"""The only place that makes an HTTP client. Each passes the guard of `kit.outgoing`."""

import ssl
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import httpx

from sprintreports import __version__
from sprintreports.kit.addresses import AllowList
from sprintreports.kit.errors import Unavailable
from sprintreports.kit.outgoing import NOTHING_MORE, AddressRefused, GuardedTransport, Resolver, look_up
from sprintreports.settings import settings

__all__ = ["AddressRefused", "answers", "authorities", "client", "transport"]

# httpcore asks for sniffio several times a request. Where it is not installed, Python would look through all its folders
# each time, which takes a third of what a request costs us; this tells it at once.
if "sniffio" not in sys.modules and find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # pyright: ignore[reportArgumentType]
USER_AGENT = f"SprintReports/{__version__}"


def authorities() -> ssl.SSLContext:
    """Whom we trust: the public authorities, and those of SPRINTREPORTS_OUTGOING_CA_FILE. Raises Unavailable."""
    return _trusting(settings().outgoing_ca_file)


@cache
def _trusting(more: Path | None) -> ssl.SSLContext:
    """Read once, since reading it takes longer than a connection."""
    made = httpx.create_ssl_context(trust_env=False)
    if more is not None:
        try:
            made.load_verify_locations(cafile=more)
        except OSError as error:
            raise Unavailable(
                f"SPRINTREPORTS_OUTGOING_CA_FILE names {more}, which cannot be read as certificates in PEM "
                f"({error.strerror or error}). Correct it, or take the setting away."
            ) from None
    return made


def transport(
    *,
    connections: int = 8,
    allowed: AllowList = NOTHING_MORE,
    resolve: Resolver = look_up,
    tls: ssl.SSLContext | None = None,
) -> httpx.AsyncBaseTransport:
    """Connections to what may be asked. `allowed`: what else may be, besides the allow-lists of operator and admins."""
    return GuardedTransport(
        connections=connections, tls=tls or authorities(), allowed=allowed, resolve=resolve
    )


def client(
    *,
    base_url: str = "",
    headers: dict[str, str] | None = None,
    timeout: float = 30.0,
    connections: int = 8,
    transport: httpx.AsyncBaseTransport | None = None,
    allowed: AllowList = NOTHING_MORE,
) -> httpx.AsyncClient:
    """An asynchronous client: guarded, no redirects, no proxy or credentials from the environment.

    `transport` in place of the guarded one: for what signs requests on top of it, and for tests.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
        transport=transport or _guarded(connections=connections, allowed=allowed),
        follow_redirects=False,
        trust_env=False,
    )


_guarded = transport  # `client` has an argument of that name


async def answers(url: str) -> bool:
    """Whether a GET to our own process succeeds (status below 400): not guarded, as nobody has typed it in."""
    try:
        async with httpx.AsyncClient(timeout=5.0, trust_env=False, verify=authorities()) as probe:
            return (await probe.get(url)).status_code < httpx.codes.BAD_REQUEST
    except httpx.TransportError:
        return False
