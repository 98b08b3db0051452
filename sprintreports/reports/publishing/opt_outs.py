"""Who wants no mail of ours any more. The link in each mail says whose it is, sealed, so that it can be made by nobody else."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import crypto
from sprintreports.kit.crypto import SecretKeyWrong
from sprintreports.kit.errors import NotFound
from sprintreports.settings import settings

PATH = "/api/v1/mail-opt-outs"
_CONTEXT = "mail_opt_out"
_LONGEST = 1_000
_KEEP = text("INSERT INTO mail_opt_out (digest) VALUES (:digest) ON CONFLICT DO NOTHING")
_FIND = text("SELECT digest FROM mail_opt_out WHERE digest = ANY(:digests)")


class LinkUnknown(NotFound):
    """This link ends nothing: it is not complete, or not one of ours. Use the one in the mail."""


def link(address: str) -> str:
    """Where the reader of a mail ends them; empty where no address of ours is set that a mail program could reach."""
    base = settings().public_url.rstrip("/")
    if not base:
        return ""
    token = urlsafe_b64encode(crypto.seal(address.encode(), context=_CONTEXT)).decode().rstrip("=")
    return f"{base}{PATH}/{token}"


def address_of(token: str) -> str:
    """Whose link it is. Raises LinkUnknown."""
    if len(token) > _LONGEST or not token.isascii():
        raise LinkUnknown
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return crypto.unseal(sealed, context=_CONTEXT).decode()
    except (ValueError, SecretKeyWrong):
        raise LinkUnknown from None


async def leave(session: AsyncSession, token: str) -> None:
    """No mail to this address from now on. Raises LinkUnknown."""
    await session.execute(_KEEP, {"digest": _digest(address_of(token))})


async def staying(session: AsyncSession, addresses: Sequence[str]) -> tuple[str, ...]:
    """Those who did not leave."""
    digests = {_digest(one): one for one in addresses}
    gone = {bytes(one) for one in await session.scalars(_FIND, {"digests": list(digests)})}
    return tuple(one for one in addresses if _digest(one) not in gone)


def _digest(address: str) -> bytes:
    return hashlib.sha256(address.strip().casefold().encode()).digest()
