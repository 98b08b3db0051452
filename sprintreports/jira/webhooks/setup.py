"""Let a Jira send webhooks: a secret that it signs with, and an unguessable path for senders that cannot sign."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit, secret_tokens
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sites
from sprintreports.jira.webhooks.tables import Webhook
from sprintreports.kit import crypto
from sprintreports.observability import logs
from sprintreports.settings import settings

PATH = "/api/v1/webhooks/jira"
EVENTS = (
    "jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "issuelink_created", "issuelink_deleted",
    "sprint_created", "sprint_updated", "sprint_started", "sprint_closed", "sprint_deleted",
    "board_updated", "board_configuration_changed",
)  # fmt: skip
_ADMIN_PAGE = "/plugins/servlet/webhooks"

log = logs.get("jira.webhooks")


@dataclass(frozen=True, slots=True)
class Setup:
    """What to enter into Jira, and where. `secret` and `url_with_token` are known only when they have just been made."""

    active: bool
    admin_page: str
    url: str
    events: tuple[str, ...] = EVENTS
    warning: str = ""
    rotated_at: datetime | None = None
    secret: str | None = field(default=None, repr=False)
    url_with_token: str | None = field(default=None, repr=False)


async def shown(session: AsyncSession, viewer: Viewer, site_id: int) -> Setup:
    """How it stands, without secrets. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    site = await sites.load(session, site_id)
    hook = await session.get(Webhook, site_id)
    return Setup(
        hook is not None,
        site.base_url + _ADMIN_PAGE,
        address(site_id),
        warning=_warning(),
        rotated_at=hook.rotated_at if hook else None,
    )


async def renew(session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime) -> Setup:
    """Make a new secret and a new path token; the ones before end at once. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    secret, token = secret_tokens.new_token(), secret_tokens.new_token()
    hook = await session.get(Webhook, site_id, with_for_update=True) or Webhook(
        site_id=site_id, secret=b"", token_digest=b"", created_at=now, rotated_at=now
    )
    hook.secret = seal_secret(site_id, secret)
    hook.token_digest = secret_tokens.hash_token(token)
    hook.rotated_at = now
    session.add(hook)
    await session.flush()
    await audit.record(
        session,
        viewer,
        audit.Action.WEBHOOK_CHANGED,
        subject=("site", site_id),
        after={"secret": "made anew"},
    )
    log.info("webhook_renewed", site_id=site_id)
    return Setup(
        active=True,
        admin_page=site.base_url + _ADMIN_PAGE,
        url=address(site_id),
        warning=_warning(),
        rotated_at=now,
        secret=secret,
        url_with_token=f"{address(site_id)}/{token}",
    )


async def forget(session: AsyncSession, viewer: Viewer, site_id: int) -> None:
    """Take no more webhooks for the site. What has come is kept. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_WRITE)
    await sites.load(session, site_id)
    await session.execute(delete(Webhook).where(col(Webhook.site_id) == site_id))
    await audit.record(
        session, viewer, audit.Action.WEBHOOK_CHANGED, subject=("site", site_id), after={"webhook": "off"}
    )
    log.info("webhook_forgotten", site_id=site_id)


def seal_secret(site_id: int, secret: str) -> bytes:
    return crypto.seal(secret.encode(), context=_context(site_id))


def unseal_secret(site_id: int, sealed: bytes) -> bytes:
    return crypto.unseal(sealed, context=_context(site_id))


def _context(site_id: int) -> str:
    return f"webhook:{site_id}"


def address(site_id: int) -> str:
    """Where Jira sends a site's webhooks to."""
    return f"{settings().public_url.rstrip('/')}{PATH}/{site_id}"


def _warning() -> str:
    if settings().public_url.startswith("https://"):
        return ""
    return (
        "Jira Cloud sends webhooks only to https addresses that it can reach. Set SPRINTREPORTS_PUBLIC_URL to the "
        "address of this product as Jira sees it."
    )
