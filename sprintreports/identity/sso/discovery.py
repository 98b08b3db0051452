"""What an OpenID provider says of itself: its endpoints, and the keys that it signs with, which rotate."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from sprintreports.identity.sso import transport
from sprintreports.identity.sso.errors import ProviderFailed
from sprintreports.kit import clock

WELL_KNOWN = "/.well-known/openid-configuration"
_KEEP = timedelta(hours=1)
_ASK_AGAIN_AFTER = timedelta(minutes=1)
_REST = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The endpoints of an OpenID provider."""

    issuer: str
    authorize_url: str
    token_url: str
    jwks_url: str
    userinfo_url: str
    takes_basic: bool  # whether the client names itself by HTTP Basic, not in the form
    says_issuer: bool  # whether its answers carry `iss` (RFC 9207)


class _Kept:
    __slots__ = ("asked_at", "failed_at", "lock", "value")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.asked_at: datetime | None = None
        self.failed_at: datetime | None = None
        self.value: Any = None


_metadata: dict[str, _Kept] = {}
_keys: dict[str, _Kept] = {}


def forget() -> None:
    """Ask everything again at the next use."""
    _metadata.clear()
    _keys.clear()


async def metadata(issuer: str, *, now: datetime) -> Metadata:
    """The provider's description, kept for an hour. Raises ProviderFailed."""
    kept = _metadata.setdefault(issuer, _Kept())
    async with kept.lock:
        if kept.value is None or kept.asked_at is None or now - kept.asked_at >= _KEEP:
            found = await _asked(kept, issuer.rstrip("/") + WELL_KNOWN, now)
            kept.value, kept.asked_at = _parsed(found, issuer), now
        return cast("Metadata", kept.value)


async def keys(url: str, *, kid: str | None, now: datetime, again: bool = False) -> list[dict[str, Any]]:
    """The provider's public keys, kept for an hour.

    An unknown `kid`, or `again` (no key fits), means that they have rotated: they are asked for once more, at most
    once a minute, so that forged tokens cannot make us ask and ask. Raises ProviderFailed.
    """
    kept = _keys.setdefault(url, _Kept())
    async with kept.lock:
        age = _KEEP if kept.asked_at is None else now - kept.asked_at
        known: list[dict[str, Any]] = kept.value or []
        missing = again or (kid is not None and all(one.get("kid") != kid for one in known))
        if age >= _KEEP or (missing and age >= _ASK_AGAIN_AFTER):
            kept.asked_at = now if kept.value else None
            found = (await _asked(kept, url, now)).get("keys")
            kept.asked_at = now
            entries = cast("list[Any]", found) if isinstance(found, list) else []
            kept.value = [one for one in entries if isinstance(one, dict)]
        return cast("list[dict[str, Any]]", kept.value or [])


async def _asked(kept: _Kept, url: str, now: datetime) -> dict[str, Any]:
    """An answer. Who waited while somebody else asked in vain is told so at once. Raises ProviderFailed."""
    if kept.failed_at is not None and now - kept.failed_at < _REST:
        raise ProviderFailed("The identity provider did not answer a moment ago. Try again in a few seconds.")
    try:
        found = await transport.get(url)
    except ProviderFailed:
        kept.failed_at = clock.now()
        raise
    kept.failed_at = None
    return found


def _parsed(found: dict[str, Any], issuer: str) -> Metadata:
    said = found.get("issuer")
    if said != issuer:
        raise ProviderFailed(
            f"The identity provider calls itself {str(said)[:200]!r}, but is set up here as {issuer!r}. An admin has to "
            "enter the issuer exactly as the provider writes it."
        )

    def endpoint(name: str, *, needed: bool = True) -> str:
        value = found.get(name, "")
        if not isinstance(value, str) or (needed and not value):
            raise ProviderFailed(f"The identity provider's description lacks {name}.")
        if value and urlsplit(issuer).scheme == "https" and urlsplit(value).scheme != "https":
            raise ProviderFailed(f"The identity provider's description names an address without TLS: {name}.")
        return value

    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        issuer=issuer,
        authorize_url=endpoint("authorization_endpoint"),
        token_url=endpoint("token_endpoint"),
        jwks_url=endpoint("jwks_uri"),
        userinfo_url=endpoint("userinfo_endpoint", needed=False),
        takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
        says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )
