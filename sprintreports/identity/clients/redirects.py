"""Where a browser may be sent back to: what can be registered, and what counts as the same (RFC 6749, RFC 8252)."""

import re
from urllib.parse import SplitResult, urlsplit

from sprintreports.kit.errors import FieldProblem, Invalid

_LONGEST = 500
_MOST = 10
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
# A scheme of an app's own is its domain name backwards, so that no two apps want the same one (RFC 8252, 7.1).
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_PLAIN = re.compile(r"[!-~]+")


def checked(addresses: list[str], *, confidential: bool) -> list[str]:
    """Addresses that may be registered. Raises Invalid, which says what is wrong with which."""
    problems = [
        FieldProblem("redirect_uris", f"{address[:80]}: {problem}")
        for address in addresses
        if (problem := _problem(address, confidential=confidential))
    ]
    if len(addresses) > _MOST:
        problems.append(FieldProblem("redirect_uris", f"Register at most {_MOST} addresses."))
    if problems:
        raise Invalid(details=tuple(problems))
    return list(dict.fromkeys(addresses))


def registered(address: str, addresses: list[str]) -> bool:
    """Whether an address is one of these, letter by letter. On the loopback interface the port may be any."""
    if address in addresses:
        return True
    asked = _without_port(address)
    return asked is not None and asked in {_without_port(one) for one in addresses}


def origin(address: str) -> str:
    """What a Content-Security-Policy calls the place that the address leads to."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _problem(address: str, *, confidential: bool) -> str:
    parts = _parts(address)
    if parts is None or len(address) > _LONGEST:
        return "This is not an address."
    if "#" in address or "*" in address:
        return "Leave out the fragment and the asterisk: the address is compared letter by letter."
    if "@" in parts.netloc:
        return "Leave out the user name."
    if parts.scheme == "https":
        return "" if parts.hostname else "The host is missing."
    if parts.scheme == "http":
        return (
            "" if parts.hostname in _LOOPBACK else "Use https. Plain http is for 127.0.0.1 and [::1] alone."
        )
    if _OWN_SCHEME.fullmatch(parts.scheme):
        return "A program with a secret takes https." if confidential else ""
    return "Use https, or for an app on a device its own scheme such as org.example.app:/done."


def _parts(address: str) -> SplitResult | None:
    """The parts of a plain address. Browsers read a backslash as a slash, so there is none."""
    if not _PLAIN.fullmatch(address) or any(sign in address for sign in "\\<>\"'`;,"):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme and (parts.netloc or parts.path) else None


def _without_port(address: str) -> tuple[str, str, str] | None:
    """What a loopback address comes down to; None: it is none."""
    parts = _parts(address)
    if parts is None or parts.scheme != "http" or "#" in address or "@" in parts.netloc:
        return None
    host = parts.hostname or ""
    return (host, parts.path, parts.query) if host in _LOOPBACK else None
