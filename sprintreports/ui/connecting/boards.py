"""Which boards of a site are synced."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import boards
from sprintreports.jira.boards import BoardChoice
from sprintreports.ui import telling
from sprintreports.ui.components.basics import chip, failure, loading, notice, skeleton
from sprintreports.ui.links import identifier, local_path
from sprintreports.ui.numbers import counted
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_FIELD = "board-"


@dataclass
class BoardLine:
    """One board to choose."""

    field: str
    name: str
    kind: str
    project: str
    selected: bool
    problem: str
    settings: str


class BoardPicker(PageState, rx.State):
    """The boards of the site that the address names."""

    complaint: str = ""
    lines: list[BoardLine] = []
    reading: str = ""

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        here = visit()
        self.complaint = ""
        self._show(await boards.listing(here.session, here.viewer, self._site()))

    @rx.event
    @loads(Permission.SETTINGS_WRITE)
    async def discover(self) -> None:
        """Ask Jira for its boards."""
        here = visit()
        self.complaint = ""
        self._show(await boards.discover(here.session, here.viewer, self._site(), now=here.now))

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose(self, form: dict[str, Any]) -> Any:
        """Keep the ticked boards, and go on."""
        here = visit()
        self.complaint = ""
        ticked = [identifier(name.removeprefix(_FIELD)) for name in form if name.startswith(_FIELD)]
        chosen = {board for board in ticked if board is not None}
        await boards.choose(here.session, here.viewer, self._site(), board_ids=chosen, now=here.now)
        target = form.get("then")
        if isinstance(target, str) and target:
            return rx.redirect(local_path(target.replace("{site}", str(self._site()))))
        self._show(await boards.listing(here.session, here.viewer, self._site()))
        return telling.good(f"{counted(len(chosen), 'board')} will be synced.")

    def _show(self, choices: list[BoardChoice]) -> None:
        first_time = not any(choice.selected for choice in choices)
        self.lines = [_line(choice, first_time=first_time) for choice in choices]
        self.reading = (
            f"This account sees {counted(len(choices), 'board')}. Choose those whose sprints you want to see."
        )
        self._settle(READY if choices else EMPTY)


def boards_panel(*, then: str = "", button: str = "Save the choice") -> rx.Component:
    """The boards with a tick each. `then`: where to go afterwards (`{site}`: the site's id); empty: stay."""
    return rx.match(
        BoardPicker.status,
        ("ready", _form(then, button)),
        ("empty", _none()),
        ("failed", failure(BoardPicker.problem, BoardPicker.problem_id, retry=BoardPicker.discover)),
        loading(skeleton(height="220px")),
    )


def _form(then: str, button: str) -> rx.Component:
    return rx.el.form(
        rx.el.p(BoardPicker.reading, class_name="reading"),
        rx.el.fieldset(
            rx.el.legend("Boards to sync", class_name="hidden-text"),
            rx.foreach(BoardPicker.lines, _choice),
            class_name="choices",
        ),
        rx.el.input(type="hidden", name="then", value=then, read_only=True),
        rx.cond(BoardPicker.complaint != "", notice(BoardPicker.complaint, tone="bad")),
        rx.el.div(
            rx.el.button(button, type="submit", class_name="button primary"),
            rx.el.button(
                "Look for new boards", type="button", on_click=BoardPicker.discover, class_name="button"
            ),
            class_name="row",
        ),
        on_submit=BoardPicker.choose,
        class_name="stack",
    )


def _none() -> rx.Component:
    return notice(
        rx.el.p("No boards are known yet. Ask Jira for those that this account may see."),
        rx.el.div(
            rx.el.button(
                "Look for boards", type="button", on_click=BoardPicker.discover, class_name="button small"
            )
        ),
        tone="info",
    )


def _choice(line: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(type="checkbox", id=line.field, name=line.field, default_checked=line.selected),
        rx.el.label(
            rx.el.strong(line.name),
            " ",
            chip(line.kind),
            rx.cond(line.project != "", rx.el.span(" ", line.project, class_name="fine")),
            rx.cond(line.problem != "", rx.el.p(line.problem, class_name="fine")),
            html_for=line.field,
            class_name="grow",
        ),
        class_name="choice",
    )


def _line(choice: BoardChoice, *, first_time: bool) -> BoardLine:
    return BoardLine(
        field=f"{_FIELD}{choice.board_id}",
        name=choice.name,
        kind=choice.type,
        project=choice.project_key or "",
        selected=choice.selected or (first_time and choice.type != "kanban" and not choice.problem),
        problem=choice.problem or "",
        settings=str(choice.board_id),
    )
