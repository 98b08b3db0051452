"""Which step of the first run comes next."""

from typing import Any

import reflex as rx

from sprintreports.identity import first_run
from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Unauthenticated
from sprintreports.ui import said
from sprintreports.ui.connecting.atlassian import AtlassianForm
from sprintreports.ui.connecting.boards import BoardPicker
from sprintreports.ui.connecting.connection import ConnectionForm
from sprintreports.ui.connecting.fields import FieldPicker
from sprintreports.ui.connecting.syncing import SyncWatch
from sprintreports.ui.links import address, identifier
from sprintreports.ui.session import public, visit
from sprintreports.ui.status import READY, PageState

STEPS = (
    ("admin", "Your account"),
    ("connect", "Connect Jira"),
    ("boards", "Choose boards"),
    ("fields", "Check the fields"),
    ("sync", "First sync"),
)
_ORDER = tuple(name for name, _ in STEPS)


class Setup(PageState, rx.State):
    """The step is in the address, and never ahead of what has been done."""

    step: str = ""
    position: int = 0
    mistake: str = ""
    name: str = ""
    email: str = ""
    site: str = ""
    # Where the steps that are done lead; the account and the step itself lead nowhere.
    links: dict[str, str] = dict.fromkeys(_ORDER, "")

    @rx.event
    @public
    async def load(self) -> Any:
        here = visit()
        parameters = self.router.url.query_parameters
        self.site = ""
        if await first_run.pending(here.session):
            self.mistake = said.sentence(parameters)
            self.name, self.email = parameters.get("name", ""), parameters.get("email", "")
            return self._go("admin")
        if here.asker is None:
            raise Unauthenticated
        here.viewer.require(Permission.SETTINGS_WRITE)
        site = identifier(parameters.get("site"))
        if site is None:
            return self._go("connect")
        self.site = str(site)
        wanted = parameters.get("step", "boards")
        return self._go(wanted if wanted in _ORDER[2:] else "boards")

    def _go(self, step: str) -> Any:
        self.step, self.position = step, _ORDER.index(step)
        done = _ORDER[1 : self.position]
        self.links = {name: self._address(name) if name in done else "" for name in _ORDER}
        self._settle(READY)
        if step == "connect":
            return [ConnectionForm.load, AtlassianForm.load]
        if step == "boards":
            return BoardPicker.discover
        if step == "fields":
            return FieldPicker.load
        return SyncWatch.load if step == "sync" else None

    def _address(self, step: str) -> str:
        if step == "connect":
            return address("/site", site=self.site, tab="connection")
        return address("/setup", site=self.site, step=step)
