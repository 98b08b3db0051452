"""A new queue: by which algorithm and rules, from which issues, and made at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.algorithms import registered
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue_inputs.reading import MOST_BACKLOG, Sources
from sprintreports.planning.queues import drafts, serving, store
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.queues.state import Queues
from sprintreports.ui.planning import plans
from sprintreports.ui.planning.entering import number, word
from sprintreports.ui.session import Meanwhile, acts, visit

AS_BOARD, WITH, WITHOUT = "board", "yes", "no"
_SUBTASKS = {AS_BOARD: None, WITH: True, WITHOUT: False}


@dataclass
class AlgorithmChoice:
    """An algorithm with what it does."""

    value: str = ""
    name: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form says. subtasks None: as the board counts."""

    name: str
    algorithm: str
    subtasks: bool | None
    backlog: int
    unit: Unit | None
    buffer: int
    carry_over_first: bool
    rest: bool

    def options(self, base: Options) -> Options:
        """The rules, over what another queue's were."""
        return replace(
            base,
            algorithm=self.algorithm,
            include_subtasks=bool(self.subtasks),
            unit=self.unit,
            buffer=self.buffer,
            carry_over_first=self.carry_over_first,
        )

    def sources(self, base: Sources) -> Sources:
        return replace(base, backlog=self.backlog, rest=self.rest)


def wanted(form: Mapping[str, Any]) -> Wanted:
    """Raises Invalid for what is no number, or no algorithm that there is."""
    algorithm = word(form, "algorithm")
    if algorithm not in registered():
        message = "Choose how the issues are put in order."
        raise Invalid(message, details=(FieldProblem("algorithm", message),))
    unit = word(form, "unit")
    return Wanted(
        name=word(form, "name"),
        algorithm=algorithm,
        subtasks=_SUBTASKS.get(word(form, "subtasks")),
        backlog=_whole(word(form, "backlog"), "Issues of the backlog", most=MOST_BACKLOG),
        unit=Unit(unit) if unit in set(Unit) else None,
        buffer=_whole(word(form, "buffer"), "The buffer", most=100),
        carry_over_first="carry" in form,
        rest="rest" in form,
    )


class NewQueue(rx.State):
    """The form of a new queue; its fields start with the rules of the queue that it begins from."""

    is_open: bool = False
    complaint: str = ""
    algorithms: list[AlgorithmChoice] = []
    queues: list[Option] = []
    source: str = ""
    told: str = ""
    name: str = ""
    algorithm: str = ""
    subtasks: str = AS_BOARD
    backlog: str = "0"
    unit: str = ""
    buffer: str = "0"
    carry: bool = False
    rest: bool = False

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def begin(self) -> None:
        here = visit()
        self.reset()
        sprint_id = await self._sprint()
        queues = await store.listing(here.session, here.viewer, sprint_id=sprint_id, archived=True)
        self.queues = [Option(str(one.id), one.name) for one in queues]
        self.algorithms = [
            AlgorithmChoice(name, plans.algorithm_name(name), plans.algorithm_words(name))
            for name in registered()
        ]
        self.algorithm = self.algorithms[0].value
        self.name = _suggested([one.name for one in queues])
        self.is_open = True

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def end(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def start_from(self, queue: str) -> None:
        """Show the rules of another queue; its pins and exclusions come along when the new one is made."""
        here = visit()
        self.complaint = ""
        base = Options()
        sources = Sources()
        self.source = self.told = ""
        self.subtasks = AS_BOARD
        if queue:
            draft = await drafts.read(here.session, here.viewer, identifier(queue) or 0)
            base, sources = draft.options, draft.info.sources
            self.source = str(draft.info.id)
            self.subtasks = WITH if base.include_subtasks else WITHOUT
            self.told = f"Everything that was decided in “{draft.info.name}” comes along: pins, exclusions, teams, times and weights."
        self.algorithm = str(base.algorithm) if queue else self.algorithms[0].value
        self.unit = base.unit.value if base.unit else ""
        self.buffer, self.backlog = str(base.buffer), str(sources.backlog)
        self.carry, self.rest = base.carry_over_first, sources.rest

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def create(self, form: dict[str, Any]) -> Any:
        """Begin the queue, make it, keep what came out as its first version, and go there."""
        here = visit()
        self.complaint = ""
        asked = wanted(form)
        base, sources = Options(), Sources()
        if source := identifier(word(form, "source")):
            draft = await drafts.read(here.session, here.viewer, source)
            base, sources = draft.options, draft.info.sources
        page = await self.get_state(Queues)
        name = store.checked_name(asked.name)
        ready = await serving.prepare(
            here.session,
            here.viewer,
            sprint_id=await self._sprint(),
            board_id=identifier(page.board),
            options=asked.options(base),
            subtasks=asked.subtasks,
            sources=asked.sources(sources),
            now=here.now,
        )
        return Meanwhile(ready.made, partial(self._keep, ready, name))

    async def _keep(self, ready: serving.Prepared, name: str, queue: Queue) -> Any:
        here = visit()
        note = "As it was generated."
        info = await serving.begin_with(
            here.session, here.viewer, ready, queue, name=name, note=note, now=here.now
        )
        self.reset()
        return rx.redirect(plans.planner(info.id))

    async def _sprint(self) -> int:
        return identifier((await self.get_state(Queues)).sprint) or 0


def _suggested(taken: list[str]) -> str:
    """ "Plan", "Plan 2", …: the first that no queue of the sprint has."""
    names = {name.casefold() for name in taken}
    return next(
        name
        for count in range(1, len(taken) + 2)
        if (name := f"Plan {count}" if count > 1 else "Plan").casefold() not in names
    )


def _whole(text: str, what: str, *, most: int) -> int:
    value = number(text or "0", what)
    if value != int(value) or not 0 <= value <= most:
        message = f"{what}: give a whole number from 0 to {most:,}."
        raise Invalid(message, details=(FieldProblem("number", message),))
    return int(value)
