"""The active sprints as text."""

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import overview
from sprintreports.ui.frame_state import around, tell
from sprintreports.ui.news import was
from sprintreports.ui.pages.overview import rows
from sprintreports.ui.pages.overview.rows import Card
from sprintreports.ui.session import loads, refreshes, visit
from sprintreports.ui.status import EMPTY, READY, PageState


class Overview(PageState, rx.State):
    """One card for each active sprint, those that need a look first."""

    cards: list[Card] = []
    was: dict[str, str] = {}
    summary: str = ""
    blank_title: str = ""
    blank_text: str = ""
    blank_link: str = ""
    blank_action: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        self._put(was={})
        await self._load()

    @rx.event
    @refreshes(Permission.SPRINTS_READ)
    async def refresh(self) -> None:
        """The numbers changed while the page was open."""
        before = self.get_value("cards")
        await self._load()
        changes = rows.changed_cards(before, self.get_value("cards"))
        self._put(was=was(changes))
        await tell(self, changes)

    async def _load(self) -> None:
        here = visit()
        around_it = await around(self)
        found = await overview.read(here.session, here.viewer, now=here.now)
        cards = rows.worst_first([rows.card(row, zone=here.zone) for row in found])
        self._put(cards=cards)
        if cards:
            self._put(summary=rows.summary(cards))
            self._settle(READY)
            return
        self._explain(
            any_board=bool(around_it.boards), can_connect=here.viewer.can(Permission.SETTINGS_WRITE)
        )

    def _explain(self, *, any_board: bool, can_connect: bool) -> None:
        self.summary = self.blank_link = self.blank_action = ""
        if any_board:
            self.blank_title = "No sprint is running"
            self.blank_text = "Start one in Jira and sync again, or look at how the closed ones went."
            self.blank_link, self.blank_action = "/velocity", "See velocity"
        elif can_connect:
            self.blank_title = "Connect your Jira"
            self.blank_text = "Choose its boards and sync them: velocity and burndowns follow within minutes."
            self.blank_link, self.blank_action = "/setup", "Connect Jira"
        else:
            self.blank_title = "No board to show yet"
            self.blank_text = "Ask an admin to connect Jira, or to give you access to a board."
        self._settle(EMPTY)
