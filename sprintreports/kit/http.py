"""The only place that makes an HTTP client."""

import sys
from importlib.util import find_spec

import httpx

from sprintreports import __version__

# httpcore asks for sniffio several times a request. Where it is not installed, Python would look through all its folders
# each time, which takes a third of what a request costs us; this tells it at once.
if "sniffio" not in sys.modules and find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # pyright: ignore[reportArgumentType]
USER_AGENT = f"SprintReports/{__version__}"


def client(
    *,
    base_url: str = "",
    headers: dict[str, str] | None = None,
    timeout: float = 30.0,
    connections: int = 8,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """An asynchronous client: no redirects, no proxy or credentials from the environment."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        transport=transport,
        follow_redirects=False,
        trust_env=False,
    )


async def answers(url: str) -> bool:
    """Whether a GET to our own process succeeds (status below 400)."""
    try:
        async with client(timeout=5.0) as probe:
            return (await probe.get(url)).status_code < httpx.codes.BAD_REQUEST
    except httpx.TransportError:
        return False
