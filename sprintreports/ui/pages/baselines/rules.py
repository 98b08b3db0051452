"""By which rules baselines are taken and let go: for all boards, or for one in its own way."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import choices
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.reports.baselines import rules
from sprintreports.reports.baselines.rules import EVERYWHERE, MOST_EVERY, MOST_KEPT, Rule
from sprintreports.ui import telling
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.planning.entering import number, word
from sprintreports.ui.planning.parts import complaint, field, side_panel, text_input
from sprintreports.ui.session import acts, visit

_ALL = str(EVERYWHERE)


class BaselineRules(rx.State):
    """The rule that holds for the chosen board; own: it has its own."""

    is_open: bool = False
    complaint: str = ""
    boards: list[Option] = []
    board: str = ""
    may_all: bool = False
    own: bool = False
    at_planning: bool = False
    at_start: bool = False
    at_close: bool = False
    every: str = "0"
    kept: str = "0"
    shown: int = 0  # each rule that is shown fills the form anew

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def begin(self) -> None:
        here = visit()
        self.reset()
        found = await choices.read(here.session, here.viewer)
        self.boards = [Option(str(one.id), one.name) for one in found.boards]
        self.may_all = here.viewer.boards_for(Permission.REPORTS_WRITE) is None
        await self._show(EVERYWHERE if self.may_all or not self.boards else _board(self.boards[0].value))
        self.is_open = True

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def end(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def pick_board(self, board: str) -> None:
        self.complaint = ""
        await self._show(_board(board))

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def keep(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        rule = Rule(
            at_planning="at_planning" in form,
            at_start="at_start" in form,
            at_close="at_close" in form,
            every_days=_whole(word(form, "every"), "Every so many days", most=MOST_EVERY),
            keep_days=_whole(word(form, "kept"), "Days to keep them", most=MOST_KEPT),
        )
        await rules.put(here.session, here.viewer, _board(self.board), rule, now=here.now)
        await self._show(_board(self.board))
        return telling.good("From now on baselines are taken like this.")

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def as_all(self) -> Any:
        """Let the rule for all boards hold for this one again."""
        here = visit()
        self.complaint = ""
        if not self.own:
            raise Invalid("This board has no rule of its own: that for all boards holds for it already.")
        await rules.drop(here.session, here.viewer, _board(self.board))
        await self._show(_board(self.board))
        return telling.good("The rule for all boards holds for this one again.")

    async def _show(self, board: int) -> None:
        here = visit()
        found = await rules.of_board(here.session, here.viewer, board)
        rule = found.rule
        self.board, self.own = str(board), found.own
        self.at_planning, self.at_start, self.at_close = rule.at_planning, rule.at_start, rule.at_close
        self.every, self.kept = str(rule.every_days), str(rule.keep_days)
        self.shown += 1


def rules_button() -> rx.Component:
    return rx.el.button("Rules", type="button", class_name="button", on_click=BaselineRules.begin)


def rules_panel() -> rx.Component:
    return side_panel(
        "Baselines by rule",
        "States that are kept without anybody remembering.",
        complaint(BaselineRules.complaint),
        rx.el.form(
            field(
                "For",
                "rules-board",
                rx.el.select(
                    rx.cond(
                        BaselineRules.may_all,
                        rx.el.option("All boards without a rule of their own", value=_ALL),
                    ),
                    rx.foreach(BaselineRules.boards, lambda one: rx.el.option(one.label, value=one.value)),
                    id="rules-board",
                    name="board",
                    value=BaselineRules.board,
                    on_change=BaselineRules.pick_board,
                ),
                rx.cond(
                    BaselineRules.board == _ALL,
                    "It holds wherever a board has none of its own.",
                    rx.cond(
                        BaselineRules.own,
                        "This board has its own rule.",
                        "The rule for all boards holds here.",
                    ),
                ),
            ),
            _tick(
                "at_planning",
                BaselineRules.at_planning,
                "At planning",
                "When a queue becomes the plan of the sprint.",
            ),
            _tick("at_start", BaselineRules.at_start, "At the start", "When the sprint is started."),
            _tick("at_close", BaselineRules.at_close, "At the close", "When the sprint is completed."),
            field(
                "Every so many days of a sprint",
                "rules-every",
                text_input("rules-every", "every", BaselineRules.every, input_mode="numeric", max_length=3),
                "At the end of each n-th day. 0: on none.",
            ),
            field(
                "Days to keep those of days and plans",
                "rules-kept",
                text_input("rules-kept", "kept", BaselineRules.kept, input_mode="numeric", max_length=5),
                "0: for good. Those of start and close, and what somebody froze, stay until somebody deletes them.",
            ),
            rx.el.div(
                rx.el.button("Keep", type="submit", class_name="button primary"),
                rx.cond(
                    BaselineRules.own & (BaselineRules.board != _ALL),
                    rx.el.button(
                        "As for all boards", type="button", class_name="button", on_click=BaselineRules.as_all
                    ),
                ),
                rx.el.button("Close", type="button", class_name="button", on_click=BaselineRules.end),
                class_name="row",
            ),
            on_submit=BaselineRules.keep,
            class_name="stack tight",
            id="rules",
        ),
        is_open=BaselineRules.is_open,
        on_close=BaselineRules.end,
    )


def _tick(name: str, value: Any, title: str, words: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox", name=name, default_checked=value, key=name + BaselineRules.shown.to(str)
        ),
        rx.el.span(rx.el.strong(title), rx.el.span(words, class_name="fine"), class_name="words"),
        class_name="choice flush",
    )


def _board(text: str) -> int:
    """A board's id; EVERYWHERE for all. Raises Invalid."""
    if text == _ALL:
        return EVERYWHERE
    found = identifier(text)
    if found is None:
        raise Invalid("Choose the board that the rule is for.")
    return found


def _whole(text: str, what: str, *, most: int) -> int:
    value = number(text or "0", what)
    if value != int(value) or not 0 <= value <= most:
        message = f"{what}: give a whole number from 0 to {most:,}."
        raise Invalid(message, details=(FieldProblem("number", message),))
    return int(value)
