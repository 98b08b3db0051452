"""Which part of a site the page shows; the parts load themselves."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import sites
from sprintreports.ui.connecting.atlassian import AtlassianForm
from sprintreports.ui.connecting.board_settings import BoardForm
from sprintreports.ui.connecting.boards import BoardPicker
from sprintreports.ui.connecting.fields import FieldPicker
from sprintreports.ui.connecting.gone import TAB, GoneIssues
from sprintreports.ui.connecting.reconnecting import SiteForm
from sprintreports.ui.connecting.syncing import SyncWatch
from sprintreports.ui.links import address
from sprintreports.ui.session import loads, visit
from sprintreports.ui.status import READY, PageState

TABS = (
    ("sync", "Sync"),
    ("boards", "Boards"),
    ("fields", "Fields"),
    ("connection", "Connection"),
    (TAB, "Gone issues"),
)


class SitePage(PageState, rx.State):
    """The site that the address names."""

    name: str = ""
    url: str = ""
    tab: str = "sync"
    tab_links: dict[str, str] = {}
    runs_link: str = "/runs"
    webhooks_link: str = "/webhooks"

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> Any:
        here = visit()
        parameters = self._parameters()
        row = await sites.one(here.session, here.viewer, self._site())
        self.name, self.url = row.name, row.base_url
        wanted = parameters.get("tab", "sync")
        self.tab = wanted if wanted in dict(TABS) else "sync"
        self.tab_links = {name: address("/site", site=row.id, tab=name) for name, _ in TABS}
        self.runs_link = address("/runs", site=row.id)
        self.webhooks_link = address("/webhooks", site=row.id)
        self._settle(READY)
        panels = {
            "sync": [SyncWatch.load],
            "boards": [BoardPicker.load, BoardForm.load],
            "fields": [FieldPicker.load],
            "connection": [SiteForm.load, AtlassianForm.load],
            TAB: [GoneIssues.load],
        }
        return panels[self.tab]
