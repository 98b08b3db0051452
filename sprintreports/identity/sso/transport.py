"""Requests to an identity provider: small answers, no redirects, errors that name the host and nothing of what was sent."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import msgspec

from sprintreports.identity.sso.errors import ProviderFailed
from sprintreports.kit import http

_LARGEST = 1_000_000
_TIMEOUT = 15.0
_SERVER_ERROR = 500


async def get(url: str, *, bearer: str = "") -> dict[str, Any]:
    """A JSON object. Raises ProviderFailed."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    found = decoded(url, await send("GET", url, headers=headers))
    if not isinstance(found, dict):
        raise ProviderFailed(f"{_host(url)} did not answer with what OpenID Connect describes.")
    return cast("dict[str, Any]", found)


async def get_list(url: str, *, bearer: str) -> list[Any]:
    """A JSON list. Raises ProviderFailed."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {bearer}"}
    found = decoded(url, await send("GET", url, headers=headers))
    return cast("list[Any]", found) if isinstance(found, list) else []


async def send(
    method: str, url: str, *, headers: Mapping[str, str], content: str | None = None, refusals: bool = False
) -> bytes:
    """One exchange; with `refusals`, a 4xx answer is an answer. Raises ProviderFailed."""
    host = _host(url)
    try:
        async with (
            http.client(timeout=_TIMEOUT) as client,
            client.stream(method, url, headers=dict(headers), content=content) as response,
        ):
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _LARGEST:
                    raise ProviderFailed(f"{host} sent more than an identity provider's answer ever is.")
    except http.AddressRefused as error:
        # Whoever stands before the sign-in page reads this: what a name stands for in our network is in the log alone.
        raise ProviderFailed(error.public) from None
    except (httpx.TransportError, httpx.InvalidURL, httpx.DecodingError) as error:
        raise ProviderFailed(
            f"{host} cannot be reached ({type(error).__name__}). Try again in a few minutes; if it stays so, an admin has "
            "to check that this server may connect to it."
        ) from None
    taken = response.is_success or (refusals and response.is_client_error)
    if not taken:
        raise ProviderFailed(f"{host} answered with status {response.status_code} where it should not.")
    return bytes(body)


def decoded(url: str, body: bytes) -> Any:
    """JSON. Raises ProviderFailed."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ProviderFailed(f"{_host(url)} answered with something else than JSON.") from None


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or "The identity provider"
