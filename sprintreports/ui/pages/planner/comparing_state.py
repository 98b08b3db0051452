"""Which two plans of the sprint are held against each other: two queues as they were kept last, or two versions of one."""

import asyncio
from collections.abc import Sequence
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import candidates, names
from sprintreports.kit.errors import Invalid
from sprintreports.planning.queues import store, versions
from sprintreports.planning.queues.comparing import Comparison, compared
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.versions import Stored
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.planner import comparing_rows as rows
from sprintreports.ui.pages.planner.comparing_rows import FigureLine, PairLine
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_MOST_VERSIONS = 50  # of the queue itself, to choose from


class ComparePanel(PageState, rx.State):
    """The queue that the address names, beside another plan of its sprint. first, second: "queue:version"."""

    complaint: str = ""
    options: list[Option] = []
    first: str = ""
    second: str = ""
    first_name: str = ""
    second_name: str = ""
    reading: str = ""
    figures: list[FigureLine] = []
    teams: list[PairLine] = []
    alike: str = ""

    @rx.event
    @loads(Permission.QUEUES_READ)
    async def load(self) -> None:
        here = visit()
        self._put(complaint="")
        info = await store.one(here.session, here.viewer, self._queue())
        options = await self._choices(info)
        if len(options) < 2:
            self._settle(EMPTY)
            return
        values = [one.value for one in options]
        first = self.first if self.first in values else values[0]
        second = (
            self.second if self.second in values and self.second != first else _other(values, first, info.id)
        )
        self._put(options=options)
        await self._show(first, second)
        self._settle(READY)

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def choose_first(self, plan: str) -> None:
        self.complaint = ""
        await self._show(plan, self.second)

    @rx.event
    @acts(Permission.QUEUES_READ)
    async def choose_second(self, plan: str) -> None:
        self.complaint = ""
        await self._show(self.first, plan)

    def _queue(self) -> int:
        return identifier(self._parameters().get("queue")) or 0

    async def _choices(self, info: QueueInfo) -> list[Option]:
        """The queue's own versions, the last one first; then the last ones of the sprint's other queues."""
        here = visit()
        own = await versions.listing(here.session, here.viewer, info.id)
        others = [
            one
            for one in await store.listing(here.session, here.viewer, sprint_id=info.sprint_id, archived=True)
            if one.id != info.id and one.versions
        ]
        return [
            *(_option(info, one.number) for one in own[:_MOST_VERSIONS]),
            *(_option(one, one.versions) for one in others),
        ]

    async def _show(self, first: str, second: str) -> None:
        one, other = await self._plan(first), await self._plan(second)
        if one[0].sprint_id != other[0].sprint_id:
            raise Invalid("These queues are of two sprints. Choose two of one sprint.")
        comparison = await asyncio.to_thread(compared, one[1].queue, other[1].queue)
        issues, people = await self._named(one[0], comparison)
        self._put(
            first=first,
            second=second,
            first_name=_name(one),
            second_name=_name(other),
            reading=rows.reading(comparison),
            figures=rows.figure_lines(comparison.first, comparison.second),
            teams=rows.team_lines(comparison, issues, people),
            alike=rows.alike(comparison),
        )

    async def _plan(self, plan: str) -> tuple[QueueInfo, Stored]:
        here = visit()
        queue, _, number = plan.partition(":")
        info = await store.one(here.session, here.viewer, identifier(queue) or 0)
        return info, await versions.read(here.session, here.viewer, info.id, number=identifier(number) or 0)

    async def _named(self, info: QueueInfo, comparison: Comparison) -> tuple[Any, Any]:
        here = visit()
        shown = rows.shown_issues(comparison)
        issues = await names.of_issues(
            here.session, here.viewer, sprint_id=info.sprint_id, board_id=info.board_id, issue_ids=shown
        )
        placed = (queue.placements() for queue in (comparison.first, comparison.second))
        people = {found[issue].stakeholder for found in placed for issue in shown if issue in found} - {None}
        return issues, await candidates.people_of(here.session, {one for one in people if one is not None})


def _option(info: QueueInfo, number: int) -> Option:
    last = ", the last one" if number == info.versions else ""
    return Option(f"{info.id}:{number}", f"{info.name}, version {number}{last}")


def _name(plan: tuple[QueueInfo, Stored]) -> str:
    return f"{plan[0].name}, version {plan[1].version.number}"


def _other(values: Sequence[str], first: str, queue_id: int) -> str:
    """Another queue, if there is one; else another version of this one."""
    elsewhere = [one for one in values if not one.startswith(f"{queue_id}:") and one != first]
    return elsewhere[0] if elsewhere else next(one for one in values if one != first)
