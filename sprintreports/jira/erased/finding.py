"""Who was erased at a site: known by keyed digests of their account keys alone, so that nobody can be read from it."""

import hashlib
import hmac
import zlib
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import retired_keys
from sprintreports.jira.erased.scrubbing import Find, scrub
from sprintreports.jira.payloads import RawIssue
from sprintreports.kit import crypto

PURPOSE = "privacy"
# Who stores what Jira sent holds it shared; who erases holds it alone, so that nothing comes in under the old name.
_LOCK = 0x70726976

_ERASED = text("SELECT digest, alias FROM erased_person WHERE site_id = :site")


async def finder(session: AsyncSession, site_id: int) -> Find | None:
    """Finds the alias of an account key of this site; None: nobody was erased here."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock_shared(:lock, :site)"), {"lock": _LOCK, "site": site_id}
    )
    aliases = {bytes(row.digest): row.alias for row in await session.execute(_ERASED, {"site": site_id})}
    if not aliases:
        return None
    used = {digest[:4] for digest in aliases}
    keys = {
        key_id: key for key_id, key in (await retired_keys.all_of(session, PURPOSE)).items() if key_id in used
    }

    @lru_cache(maxsize=20_000)
    def find(account_key: str) -> str | None:
        content = _content(site_id, account_key)
        codes = (key_id + hmac.new(key, content, hashlib.sha256).digest() for key_id, key in keys.items())
        return next((aliases[code] for code in codes if code in aliases), None)

    return find


async def scrubbed(session: AsyncSession, site_id: int, batch: Sequence[RawIssue]) -> Sequence[RawIssue]:
    """A batch as it may be stored."""
    find = await finder(session, site_id)
    return batch if find is None else [without(raw, find) for raw in batch]


async def scrubbed_body(session: AsyncSession, site_id: int, body: bytes) -> bytes:
    """JSON as it may be stored."""
    find = await finder(session, site_id)
    return body if find is None else scrub(body, find)


def without(raw: RawIssue, find: Find) -> RawIssue:
    changes = tuple(scrub(bytes(change), find) for change in raw.changes)
    return RawIssue(raw.issue_id, scrub(bytes(raw.issue), find), changes)


def digest_of(site_id: int, account_key: str) -> bytes:
    """What is kept of an account key."""
    return crypto.code(PURPOSE, _content(site_id, account_key))


async def alone(session: AsyncSession, site_id: int) -> None:
    """Until this transaction ends nobody stores anything that came from the site."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(:lock, :site)"), {"lock": _LOCK, "site": site_id}
    )


def scrub_packed(body: bytes, find: Find) -> bytes:
    """The same for JSON that is stored compressed."""
    plain = zlib.decompress(body)
    found = scrub(plain, find)
    return body if found is plain else zlib.compress(found, 6)


def _content(site_id: int, account_key: str) -> bytes:
    return f"{site_id}:{account_key}".encode()
