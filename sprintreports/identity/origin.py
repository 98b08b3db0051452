"""Whether a request that carries a cookie comes from our own pages: the defence against forged requests."""

from collections.abc import Mapping
from urllib.parse import urlsplit


def is_same_origin(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a state-changing request was sent by a page of ours.

    Browsers add Sec-Fetch-Site, and Origin to every POST. A request with neither was not sent by a browser's page in
    the last years' versions, and is refused too, since its cookie may have been attached by an old one.
    """
    origin = headers.get("origin")
    if origin is not None:
        sender = _origin(origin)
        return sender is not None and sender in {_origin(public_url), _own(headers, scheme=sender[0])}
    return headers.get("sec-fetch-site") == "same-origin"


def is_from_here(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a link of one of our own pages was followed. Without TLS browsers say so by the Referer alone."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    sender = _origin(headers.get("referer", ""))
    return sender is not None and sender in {_origin(public_url), _own(headers, scheme=sender[0])}


def is_asked_for(headers: Mapping[str, str]) -> bool:
    """Whether somebody set out themselves: from a page of ours, by the address bar, or by a click on another site.

    What another site does by itself (a redirect, a frame, a script) is not. Browsers say so over https and on localhost.
    """
    site = headers.get("sec-fetch-site")
    return site is None or site in {"same-origin", "none"} or headers.get("sec-fetch-user") == "?1"


def _own(headers: Mapping[str, str], *, scheme: str) -> tuple[str, str, int | None] | None:
    host = headers.get("host")
    return _origin(f"{scheme}://{host}") if host else None


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return (parts.scheme, parts.hostname, port)
