"""How a site is read: paused or not, how often, and whether its Jira is being left alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits
from sprintreports.jira.circuits import Circuit
from sprintreports.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class Steering:
    """`sync_minutes`: the site's own schedule; None: as the installation is set; 0: never."""

    paused_at: datetime | None
    sync_minutes: int | None
    circuit: Circuit


async def one(session: AsyncSession, viewer: Viewer, site_id: int) -> Steering:
    """One site's. Raises NotFound."""
    viewer.require(Permission.SETTINGS_READ)
    query = text("SELECT paused_at, sync_minutes, circuit FROM site WHERE id = :id AND deleted_at IS NULL")
    row = (await session.execute(query, {"id": site_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such Jira site. Choose one from the list of sites.")
    return Steering(row[0], row[1], circuits.read(row[2]))
