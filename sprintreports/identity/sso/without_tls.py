"""Providers that are asked by plain http: where the lists of outgoing requests allow it, as for a Jira, and nowhere else."""

import asyncio
from urllib.parse import urlsplit

from sprintreports.identity.sso.values import Options
from sprintreports.kit import outgoing
from sprintreports.kit.errors import FieldProblem, Invalid

_ASKED = ("issuer", "authorize_url", "token_url", "profile_url", "emails_url", "sso_url")
_PATIENCE = 5.0
_HTTP = 80


async def check(options: Options) -> None:
    """Raises Invalid where an address without TLS is not on a list."""
    problems = [
        FieldProblem(field, why) for field in _ASKED if (why := await _refusal(getattr(options, field)))
    ]
    if problems:
        raise Invalid("The provider was not kept.", details=tuple(problems))


async def _refusal(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "http":
        return ""
    host = parts.hostname or ""
    try:
        async with asyncio.timeout(_PATIENCE):
            await outgoing.judged("http", host, parts.port or _HTTP)
    except outgoing.AddressRefused as error:
        return error.message
    except (OSError, TimeoutError):
        return f"The name {host} is not known to this server. Enter an address that begins with https://, or correct the name."
    return ""
