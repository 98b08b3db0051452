"""The versions of a queue: looked at as they were kept, and what becomes of the queue itself."""

from typing import Any

import reflex as rx

from sprintreports.identity import names
from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.planning.queues import naming, states, store, versions
from sprintreports.planning.queues.states import QueueState
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.ui import telling
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.pages.planner import versions_rows as rows
from sprintreports.ui.pages.planner.versions_rows import Group, TeamLine, VersionLine
from sprintreports.ui.planning import plans
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_SHOWN = 200  # versions in the list
_SAID = {
    QueueState.ACTIVE: "This queue is the plan of its sprint now.",
    QueueState.COMPLETED: "The queue is completed and stays as it is.",
    QueueState.ARCHIVED: "The queue is put away.",
}


class VersionsPanel(PageState, rx.State):
    """The versions of the queue that the address names. looked: the one that is looked at; empty: none."""

    complaint: str = ""
    name: str = ""
    state_label: str = ""
    state_tone: str = ""
    state_text: str = ""
    may: bool = False
    editable: bool = False
    may_activate: bool = False
    may_complete: bool = False
    may_archive: bool = False
    ahead: str = ""
    rival: str = ""
    rival_link: str = ""
    board_link: str = ""
    lines: list[VersionLine] = []
    older: str = ""
    looked: str = ""
    looked_title: str = ""
    looked_told: str = ""
    looked_note: str = ""
    rounds: bool = False
    teams: list[TeamLine] = []
    team: str = ""
    team_name: str = ""
    groups: list[Group] = []
    page_text: str = ""
    earlier: int = 0
    later: int = 0

    @rx.event
    @loads(Permission.QUEUES_READ)
    async def load(self) -> None:
        self._put(complaint="", looked="")
        await self._read()
        self._settle(READY)

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def look(self, number: str) -> None:
        """At a version as it was kept; its first team first."""
        self.complaint = ""
        await self._show(number, "", 1)

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def pick_team(self, team: str) -> None:
        await self._show(self.looked, team, 1)

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def turn(self, page: int) -> None:
        await self._show(self.looked, self.team, page)

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def leave(self) -> None:
        self._put(looked="", groups=[], teams=[])

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def become(self, state: str) -> Any:
        here = visit()
        self.complaint = ""
        if state not in set(QueueState):
            raise Invalid("A queue cannot become this. Load the page again.")
        await states.become(here.session, here.viewer, self._queue(), QueueState(state), now=here.now)
        await self._read()
        return telling.good(_SAID.get(QueueState(state), "The queue is a draft."))

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def take_over(self) -> Any:
        """Complete the sprint's present plan, and make this one the plan: both or neither."""
        here = visit()
        self.complaint = ""
        info = await store.one(here.session, here.viewer, self._queue())
        rival = await self._rival(info)
        if rival is not None:
            await states.become(here.session, here.viewer, rival.id, QueueState.COMPLETED, now=here.now)
        await states.become(here.session, here.viewer, info.id, QueueState.ACTIVE, now=here.now)
        await self._read()
        return telling.good(_SAID[QueueState.ACTIVE])

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def begin_from(self, number: str) -> Any:
        """A new draft with everything that was decided in this version."""
        here = visit()
        self.complaint = ""
        queue_id = self._queue()
        info = await store.one(here.session, here.viewer, queue_id)
        stored = await versions.read(here.session, here.viewer, queue_id, number=identifier(number) or 0)
        ending = f", from version {stored.version.number}"
        begun = await store.create(
            here.session,
            here.viewer,
            sprint_id=info.sprint_id,
            board_id=info.board_id,
            name=info.name[: 120 - len(ending)] + ending,
            options=stored.queue.options,
            sources=stored.version.sources,
            now=here.now,
        )
        return telling.leave(plans.planner(begun.id))

    def _queue(self) -> int:
        return identifier(self._parameters().get("queue")) or 0

    async def _rival(self, info: QueueInfo) -> QueueInfo | None:
        here = visit()
        found = await store.listing(here.session, here.viewer, sprint_id=info.sprint_id)
        return next((one for one in found if one.state is QueueState.ACTIVE and one.id != info.id), None)

    async def _read(self) -> None:
        here = visit()
        info = await store.one(here.session, here.viewer, self._queue())
        found = await versions.listing(here.session, here.viewer, info.id)
        people = await names.named(here.session, {one.created_by for one in found})
        rival = await self._rival(info) if info.state is QueueState.DRAFT else None
        may = plans.may_plan(here.viewer, info.board_id)
        ahead = info.head - (found[0].head if found else 0)
        ready = bool(found) and not ahead
        label, tone = plans.STATES[info.state]
        draft = info.state is QueueState.DRAFT
        self._put(
            name=info.name,
            state_label=label,
            state_tone=tone,
            state_text=rows.state_text(info, here.zone),
            may=may,
            editable=info.editable,
            may_activate=may and draft and ready,
            may_complete=may and info.state is QueueState.ACTIVE,
            may_archive=may and (draft or info.state is QueueState.COMPLETED),
            board_link=plans.planner(info.id),
            ahead=rows.ahead_text(info, ahead, any_kept=bool(found)),
            rival=rival.name if rival else "",
            rival_link=plans.planner(rival.id) if rival else "",
            lines=[rows.version_line(one, people, here.zone) for one in found[:_SHOWN]],
            older=f"{counted(len(found) - _SHOWN, 'older version')} not listed."
            if len(found) > _SHOWN
            else "",
        )

    async def _show(self, number: str, team_id: str, page: int) -> None:
        here = visit()
        info = await store.one(here.session, here.viewer, self._queue())
        stored = await versions.read(here.session, here.viewer, info.id, number=identifier(number) or 0)
        queue = stored.queue
        author = await names.named(here.session, {stored.version.created_by})
        line = rows.version_line(stored.version, author, here.zone)
        ordered = rows.in_sight(queue)
        team = next((one for one in ordered if rows.team_id(one) == team_id), next(iter(ordered), None))
        teams = rows.team_lines(queue, chosen=rows.team_id(team) if team else "")
        groups: list[Group] = []
        pages = 1
        if team is not None:
            shown, pages = rows.part(queue, team, page)
            named = await naming.names_of(here.session, here.viewer, info, shown)
            groups = rows.groups(shown, named, queue, here.zone)
        page = min(max(page, 1), pages)
        self._put(
            looked=line.number,
            looked_title=f"{line.name}: {plans.algorithm_name(queue.options.algorithm).lower()}",
            looked_told=f"{line.author}, {line.made}. {rows.reading(queue, teams)}",
            looked_note=line.note,
            rounds=rows.in_rounds(queue),
            teams=teams,
            team=rows.team_id(team) if team else "",
            team_name=team.name if team else "",
            groups=groups,
            page_text=f"Page {page} of {pages}" if pages > 1 else "",
            earlier=page - 1,
            later=page + 1 if page < pages else 0,
        )
