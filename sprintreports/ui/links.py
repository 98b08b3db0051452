"""Addresses: filters live in the URL, so that every view can be linked and bookmarked."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

# Every page but the overview, which is `/`.
PATHS = (
    "/sign-in",
    "/setup",
    "/sprint",
    "/velocity",
    "/capacity",
    "/queues",
    "/reports",
    "/report",
    "/report-templates",
    "/report-template",
    "/baselines",
    "/schedules",
    "/deliveries",
    "/teams",
    "/team",
    "/planner",
    "/quality",
    "/reconciliation",
    "/sites",
    "/site",
    "/runs",
    "/webhooks",
    "/connections",
    "/sign-in-providers",
    "/api-clients",
    "/audit",
    "/personal-data",
    "/users",
    "/profile",
    "/notices",
    "/invitation",
    "/definitions",
)
_HIGHEST_ID = 2**63 - 1
_LONGEST_TARGET = 2000


def address(path: str, parameters: Mapping[str, object] | None = None, **changes: object) -> str:
    """A path with the parameters, changed; what is empty or None is left out."""
    merged = {**(parameters or {}), **changes}
    query = "&".join(_pair(name, str(value)) for name, value in merged.items() if value not in ("", None))
    return f"{path}?{query}" if query else path


@lru_cache(maxsize=4096)
def _pair(name: str, value: str) -> str:
    # A page has a few dozen addresses, nearly all of the same few parameters.
    return urlencode({name: value})


def identifier(text: str | None) -> int | None:
    """An id from the URL; None when it is missing or no id."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    value = int(text)
    return value if 0 < value <= _HIGHEST_ID else None


def number(text: str | None, *, default: int, lowest: int, highest: int) -> int:
    """A whole number from the URL, held within its bounds."""
    value = identifier(text)
    return default if value is None else min(max(value, lowest), highest)


def local_path(target: str | None) -> str:
    """Where to go after signing in: a path of ours, or the overview. Never another site."""
    if (
        not target
        or len(target) > _LONGEST_TARGET
        or not target.startswith("/")
        or not target.isprintable()
        or "\\" in target
    ):
        return "/"
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or target.startswith("//"):
        return "/"
    return "/" if parts.path.startswith(("/sign-in", "/session", "/api/")) else target
