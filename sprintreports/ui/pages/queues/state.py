"""The queues of the sprint that the address names, or the sprints that could be planned."""

import reflex as rx

from sprintreports.identity import names
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import access
from sprintreports.jira.reads.access import Place
from sprintreports.jira.reads.choices import Choices
from sprintreports.kit.errors import NotFound
from sprintreports.metrics.values import SprintState
from sprintreports.planning import teams
from sprintreports.planning.queues import deleting, store, versions
from sprintreports.ui import dates, telling
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.pages.queues import rows
from sprintreports.ui.pages.queues.rows import QueueLine, SprintLink
from sprintreports.ui.planning import plans
from sprintreports.ui.planning.entering import word
from sprintreports.ui.planning.plans import LEDGER
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState


class Queues(PageState, rx.State):
    """Everything on the page, as text. `board`, `sprint`: what it was made for, for what begins a new queue."""

    name: str = ""
    subtitle: str = ""
    board: str = ""
    sprint: str = ""
    reading: str = ""
    closed: bool = False
    may: bool = False
    teamless: bool = False
    may_make_teams: bool = False
    lines: list[QueueLine] = []
    sprints: list[SprintLink] = []
    archived: bool = False
    archive_link: str = ""
    capacity_link: str = ""
    sprint_link: str = ""
    blank_title: str = ""
    blank_text: str = ""
    blank_link: str = ""
    blank_action: str = ""
    renaming: str = ""
    renaming_name: str = ""
    deleted: str = ""
    deleted_name: str = ""
    complaint: str = ""

    @rx.event
    @loads(Permission.QUEUES_READ)
    async def load(self) -> None:
        self.deleted = self.deleted_name = ""
        await self._load()

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def begin_renaming(self, queue: str) -> None:
        here = visit()
        info = await store.one(here.session, here.viewer, identifier(queue) or 0)
        self.complaint = ""
        self.renaming, self.renaming_name = str(info.id), info.name

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def end_renaming(self) -> None:
        self.renaming = self.renaming_name = self.complaint = ""

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def rename(self, form: dict[str, str]) -> rx.event.EventSpec:
        here = visit()
        self.complaint = ""
        await store.rename(
            here.session, here.viewer, identifier(self.renaming) or 0, word(form, "name"), now=here.now
        )
        self.renaming = self.renaming_name = ""
        await self._load()
        return telling.good("The queue has another name now.")

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def delete(self, queue: str) -> rx.event.EventSpec:
        here = visit()
        self.complaint = ""
        info = await store.one(here.session, here.viewer, identifier(queue) or 0)
        await deleting.delete(here.session, here.viewer, info.id, now=here.now)
        await self._load()
        self.deleted, self.deleted_name = str(info.id), info.name
        return telling.good("The queue is deleted.")

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def restore(self) -> rx.event.EventSpec:
        """Take back the last deletion of this page."""
        here = visit()
        self.complaint = ""
        await deleting.restore(here.session, here.viewer, identifier(self.deleted) or 0, now=here.now)
        self.deleted = self.deleted_name = ""
        await self._load()
        return telling.good("The queue is back as it was.")

    async def _load(self) -> None:
        here = visit()
        found = await around(self)
        parameters = self._parameters()
        asked = parameters.get("sprint")
        sprint_id = identifier(asked) if asked else _open_one(found)
        if asked and sprint_id is None:
            raise NotFound("There is no such sprint, or you may not see it. Pick another one above.")
        board_id = identifier(parameters.get("board")) or (found.board and found.board.id)
        self._put(sprints=rows.sprint_links(found.sprints, board_id=board_id, chosen=sprint_id))
        if sprint_id is None:
            self._show_nothing(found)
            return
        place = await access.place(here.session, here.viewer, sprint_id=sprint_id, board_id=board_id)
        await self._show(place)

    async def _show(self, place: Place) -> None:
        here = visit()
        archived = self._parameters().get("archived") == "yes"
        queues = await store.listing(here.session, here.viewer, sprint_id=place.sprint_id, archived=archived)
        latest = await versions.latest(here.session, here.viewer, queues)
        people = await names.named(here.session, {one.created_by for one in queues})
        closed = place.dates.state is SprintState.CLOSED
        kept = {"board": place.board_id, "sprint": place.sprint_id}
        self._put(
            name=f"Queues of {place.sprint_name}",
            subtitle=_subtitle(place),
            board=str(place.board_id),
            sprint=str(place.sprint_id),
            reading=rows.reading(queues),
            closed=closed,
            may=plans.may_plan(here.viewer, place.board_id),
            teamless=await _teamless() if not closed else False,
            may_make_teams=here.viewer.can(Permission.CAPACITY_WRITE),
            lines=rows.lines(queues, latest, people, here.zone),
            archived=archived,
            archive_link=address(LEDGER, kept, archived=None if archived else "yes"),
            capacity_link=address("/capacity", kept),
            sprint_link=address("/sprint", kept),
        )
        self._settle(READY)

    def _show_nothing(self, found: Choices) -> None:
        may_connect = visit().viewer.can(Permission.SETTINGS_WRITE)
        self._put(board="", sprint="", blank_link="", blank_action="")
        if self.sprints:
            self.blank_title = "Which sprint do you want to plan?"
            self.blank_text = "A queue is made for a sprint that is active or planned. Choose one."
        elif found.boards:
            self.blank_title = "No sprint to plan yet"
            self.blank_text = "This board has no active and no planned sprint. Pick another board above, or create a sprint in Jira."
        elif may_connect:
            self.blank_title = "No sprint to plan yet"
            self.blank_text = "Connect a Jira, choose its boards and sync them."
            self.blank_link, self.blank_action = "/setup", "Connect Jira"
        else:
            self.blank_title = "No sprint to plan yet"
            self.blank_text = "Ask an admin to connect Jira, or to give you access to a board."
        self._settle(EMPTY)


def _open_one(found: Choices) -> int | None:
    """The sprint that the frame has picked, if it can be planned."""
    picked = next((one for one in found.sprints if one.id == found.sprint_id), None)
    open_states = (SprintState.ACTIVE, SprintState.FUTURE)
    return picked.id if picked is not None and picked.state in open_states else None


async def _teamless() -> bool:
    """Whether there is no team; who sees some teams alone is not told so of the others."""
    here = visit()
    return here.viewer.team_ids is None and not await teams.listing(here.session, here.viewer)


def _subtitle(place: Place) -> str:
    when = dates.period(
        place.dates.activated_at or place.dates.start_date, place.dates.end_date, visit().zone
    )
    return f"{place.board_name}, {when}"
