"""Which team the page shows, and which part of it; the parts load themselves."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.planning import teams
from sprintreports.ui.links import address, identifier
from sprintreports.ui.pages.team.absence_import import AbsenceImport
from sprintreports.ui.pages.team.heading import forget_head, show_head
from sprintreports.ui.pages.team.members import TeamMembers
from sprintreports.ui.pages.team.month import TeamMonth
from sprintreports.ui.pages.team.settings import TeamForm
from sprintreports.ui.planning import rights
from sprintreports.ui.session import loads, visit
from sprintreports.ui.status import READY, PageState

TABS = (
    ("members", "Members"),
    ("month", "Days off"),
    ("settings", "Calendar and values"),
)


class TeamPage(PageState, rx.State):
    """The team that the address names."""

    tab: str = "members"
    tab_links: dict[str, str] = {}
    may: bool = False

    @rx.event
    @loads(Permission.CAPACITY_READ)
    async def load(self) -> Any:
        here = visit()
        parameters = self._parameters()
        await forget_head(self)
        team = await teams.one(here.session, here.viewer, identifier(parameters.get("team")) or 0)
        await show_head(self, team)
        wanted = parameters.get("tab", "members")
        self._put(
            tab=wanted if wanted in dict(TABS) else "members",
            tab_links={name: address("/team", team=team.id, tab=name) for name, _ in TABS},
            may=await rights.may_change(here.session, here.viewer, team.disciplines),
        )
        self._settle(READY)
        parts = {
            "members": [TeamMembers.load],
            "month": [TeamMonth.load, AbsenceImport.load],
            "settings": [TeamForm.load],
        }
        return parts[self.tab]
