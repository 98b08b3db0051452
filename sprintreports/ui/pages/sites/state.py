"""The list of sites as text."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import sites
from sprintreports.jira.reads.sites import SiteRow
from sprintreports.ui.dates import instant
from sprintreports.ui.links import address
from sprintreports.ui.numbers import counted
from sprintreports.ui.session import loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

KINDS = {"cloud": "Jira Cloud", "datacenter": "Jira Data Center"}


@dataclass
class SiteLine:
    """One site as text."""

    name: str
    link: str
    url: str
    kind: str
    boards: str
    issues: str
    synced: str
    label: str
    tone: str
    message: str


class Sites(PageState, rx.State):
    """All sites."""

    lines: list[SiteLine] = []

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        here = visit()
        found = await sites.listing(here.session, here.viewer)
        self.lines = [site_line(row, zone=here.zone) for row in found]
        self._settle(READY if self.lines else EMPTY)


def site_line(row: SiteRow, *, zone: ZoneInfo) -> SiteLine:
    """A site's row as text."""
    label, tone = ("Connected", "good") if row.status == "connected" else ("Problem", "bad")
    if row.status not in {"connected", "problem"}:
        label, tone = row.status.capitalize(), ""
    return SiteLine(
        name=row.name,
        link=address("/site", site=row.id),
        url=row.base_url,
        kind=KINDS.get(row.dialect, row.dialect),
        boards=f"{row.selected_boards} of {counted(row.boards, 'board')}",
        issues=counted(row.issues, "issue") if row.last_synced_at else "not known before the first sync",
        synced=instant(row.last_synced_at, zone) if row.last_synced_at else "never",
        label=label,
        tone=tone,
        message=row.status_message,
    )
