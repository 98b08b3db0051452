"""Take deliveries in: checked, kept as they came, acknowledged at once. Jira is not asked for anything here.

A job that wakes up between a delivery's arrival and its commit must not miss it: receivers hold a lock together that the
job takes alone for a moment before it looks.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import secret_tokens
from sprintreports.jira.erased.finding import scrubbed_body
from sprintreports.jira.oauth.grants import unseal
from sprintreports.jira.webhooks import bearer, notices, setup
from sprintreports.kit import db, queue
from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import NotFound, SprintReportsError, Unauthenticated
from sprintreports.observability import logs

WEBHOOK_JOB = "jira.webhooks"
LARGEST_BODY = 1024 * 1024
SETTLE = timedelta(seconds=1)  # what comes in meanwhile is worked on together, and each issue fetched once
RECEIVING = 0x77656268  # "webh": advisory locks of other parts use other first numbers
_METHOD = "sha256"
_LONGEST_IDENTIFIER = 200


class NoSuchWebhook(NotFound):
    """No webhook is expected at this address. Make one in the settings of the site and use the address given there."""


class WebhookUnsigned(Unauthenticated):
    """This webhook has no valid X-Hub-Signature. Enter the secret of the site's settings in Jira's webhook."""


class WebhookTooLarge(SprintReportsError):
    """The webhook's body is too large: at most 1 MiB is taken. The next sync brings what it would have told."""

    status = 413
    code = Code.TOO_LARGE


@dataclass(frozen=True, slots=True)
class Receipt:
    """What has been kept. `fresh` False: it had come before."""

    delivery_id: int | None
    fresh: bool


async def receive(
    session: AsyncSession,
    site_id: int,
    *,
    body: bytes,
    signature: str | None,
    identifier: str | None,
    token: str | None,
    authorization: str | None = None,
    now: datetime,
) -> Receipt:
    """Keep a delivery and have it worked on. Raises NoSuchWebhook, WebhookUnsigned, WebhookTooLarge, NotAWebhook.

    A webhook that we registered by OAuth 2.0 brings a token of the app in `authorization` instead of a signature. With a `token` in the path a signature is not asked for, but one that is given has to be right.
    """
    if len(body) > LARGEST_BODY:
        raise WebhookTooLarge
    connection = await db.raw(session)
    await _check(
        connection, site_id, body=body, signature=signature, token=token, app_token=bearer.of(authorization)
    )
    notice = notices.read(body)
    identifier = _identifier(identifier, body)
    body = await scrubbed_body(session, site_id, body)
    await connection.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (RECEIVING, site_id))
    cursor = await connection.execute(
        "INSERT INTO webhook_delivery (site_id, identifier, received_at, event, body) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (site_id, identifier) DO NOTHING RETURNING id",
        (site_id, identifier, now, notice.event, body),
    )
    row = await cursor.fetchone()
    if row is None:
        return Receipt(None, fresh=False)
    await enqueue(session, site_id, wait=SETTLE)
    return Receipt(row[0], fresh=True)


async def enqueue(session: AsyncSession, site_id: int, *, wait: timedelta | None = None) -> None:
    """Have the site's waiting deliveries worked on, after a sync of the site that is at work; once is enough."""
    waiting = f"{WEBHOOK_JOB}:{site_id}"
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'", (waiting,)
    )
    if await cursor.fetchone() is not None:
        return
    payload = {"site_id": site_id, "request_id": logs.request_id() or None}
    await queue.defer(
        session, WEBHOOK_JOB, payload, lock=f"jira.site:{site_id}", queueing_lock=waiting, wait=wait
    )


async def _check(
    connection: AsyncConnection[Any],
    site_id: int,
    *,
    body: bytes,
    signature: str | None,
    token: str | None,
    app_token: str | None,
) -> None:
    if app_token is not None and signature is None and token is None:
        await _check_app(connection, site_id, app_token)
        return
    cursor = await connection.execute(
        "SELECT w.secret, w.token_digest FROM webhook w JOIN site s ON s.id = w.site_id "
        "WHERE w.site_id = %s AND s.deleted_at IS NULL",
        (site_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NoSuchWebhook
    sealed, digest = map(bytes, row)
    if token is not None and not hmac.compare_digest(secret_tokens.hash_token(token), digest):
        raise NoSuchWebhook
    if token is not None and signature is None:
        return
    if not signed(setup.unseal_secret(site_id, sealed), body, signature or ""):
        raise WebhookUnsigned


async def _check_app(connection: AsyncConnection[Any], site_id: int, app_token: str) -> None:
    cursor = await connection.execute(
        "SELECT g.client_secret FROM oauth_grant g JOIN site s ON s.id = g.site_id "
        "WHERE g.site_id = %s AND s.deleted_at IS NULL AND s.auth = 'oauth'",
        (site_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NoSuchWebhook
    if not bearer.genuine(unseal(site_id, bytes(row[0])), app_token):
        raise WebhookUnsigned


def signed(secret: bytes, body: bytes, signature: str) -> bool:
    """Whether the X-Hub-Signature is that of the body as it came; in a time that tells nothing."""
    expected = f"{_METHOD}={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
    return hmac.compare_digest(expected.encode(), signature.strip().encode("utf-8", "surrogatepass"))


def _identifier(given: str | None, body: bytes) -> str:
    """Jira's own, the same for all tries of a delivery; without one the body tells deliveries apart."""
    if given and len(given) <= _LONGEST_IDENTIFIER and given.isprintable():
        return given
    return f"{_METHOD}:{hashlib.sha256(body).hexdigest()}"
