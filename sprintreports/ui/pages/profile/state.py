"""Which part of the profile the address names; the parts load themselves."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address
from sprintreports.ui.profile import about, keys, notices, security
from sprintreports.ui.session import loads
from sprintreports.ui.status import READY, PageState

TABS = (("about", "About you"), ("security", "Security"), ("keys", "API keys"), ("notices", "Notices"))
_LOADS = {"about": about.LOADS, "security": security.LOADS, "keys": keys.LOADS, "notices": notices.LOADS}


class ProfilePage(PageState, rx.State):
    """One's own page: everybody who may sign in may see it."""

    tab: str = "about"
    tab_links: dict[str, str] = {name: address("/profile", tab=name) for name, _ in TABS}

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> Any:
        await around(self)
        wanted = self._parameters().get("tab", "about")
        self._put(tab=wanted if wanted in _LOADS else "about")
        self._settle(READY)
        return list(_LOADS[self.tab])
