"""What is ours to decide about a board: its time zone, working days, days off, unit, sub-task rule, what is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import boards, mapping_setup
from sprintreports.jira.board_done import RIGHTMOST, BoardStatus, DoneRule
from sprintreports.jira.board_recount import Progress
from sprintreports.jira.boards import BoardSettings
from sprintreports.jira.mapping_values import SECONDS
from sprintreports.jira.reads import boards as board_reads
from sprintreports.jira.reads.boards import BoardRow
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import SubtaskRule, Unit
from sprintreports.ui import telling
from sprintreports.ui.components.basics import notice
from sprintreports.ui.components.figures import meter
from sprintreports.ui.components.live import every
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS = (
    (Unit.POINTS, "Story points"),
    (Unit.HOURS, "Hours (original estimate)"),
    (Unit.COUNT, "Number of issues"),
)
_RULES = (
    (SubtaskRule.PARENTS, "Parents count, sub-tasks do not"),
    (SubtaskRule.SUBTASKS, "Sub-tasks count, their parents do not"),
)


_COLUMN, _CHOSEN = "column", "chosen"
_STATUS = "done-"


@dataclass
class StatusLine:
    """One status that can count as done."""

    field: str
    name: str
    place: str
    chosen: bool


class BoardForm(PageState, rx.State):
    """The settings of one board of the site that the address names."""

    complaint: str = ""
    boards: list[Option] = []
    board: str = ""
    zone: str = ""
    zones: list[str] = []
    weekdays: list[bool] = []
    days_off: str = ""
    unit: str = ""
    subtasks: str = ""
    estimation: str = ""
    done: str = ""
    rightmost: str = ""
    statuses: list[StatusLine] = []
    counting: str = ""
    share: int = 0

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        here = visit()
        found = await board_reads.listing(here.session, here.viewer, site_id=self._site())
        self.complaint = ""
        self.boards = [Option(str(board.id), board.name) for board in found]
        self.zones = sorted(available_timezones())
        if not found:
            self._settle(EMPTY)
            return
        await self._show(found[0].id)

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def pick(self, board: str) -> None:
        await self._show(identifier(board) or 0)

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def tick(self) -> None:
        """How far the board is that is counted anew; what somebody is about to enter stays."""
        await self._count(identifier(self.board) or 0)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep the settings. Where days or counting change, the board's numbers are computed again."""
        here = visit()
        self.complaint = ""
        board = identifier(self.board) or 0
        settings = BoardSettings(
            zone=str(form.get("zone", "")),
            weekdays=[day for day in range(7) if f"day-{day}" in form],
            days_off=_days(str(form.get("days_off", ""))),
            unit=Unit(form["unit"]) if form.get("unit") in set(Unit) else None,
            subtasks=SubtaskRule(form["subtasks"]) if form.get("subtasks") in set(SubtaskRule) else None,
            done=_done(form),
        )
        await boards.set_board(here.session, here.viewer, board, settings, now=here.now)
        await self._show(board)
        if self.counting:
            return telling.good("Kept. The board's issues are counted anew; its numbers follow after that.")
        return telling.good("Kept. The board's numbers follow within moments.")

    async def _show(self, board_id: int) -> None:
        here = visit()
        board = await board_reads.one(here.session, here.viewer, board_id)
        self.board, self.zone, self.unit, self.subtasks = (
            str(board.id),
            board.zone,
            board.unit,
            board.subtasks,
        )
        self.weekdays = [day in board.weekdays for day in range(7)]
        self.days_off = " ".join(board.days_off)
        mapping = await mapping_setup.current(here.session, here.viewer, board.site_id)
        self.estimation = _estimation(board, mapping.names)
        found = await boards.statuses(here.session, here.viewer, board.id)
        self.done = _COLUMN if board.done_statuses is None else _CHOSEN
        self.rightmost = _rightmost(found)
        self.statuses = [_status_line(status, board.done_statuses) for status in found]
        await self._count(board.id)
        self._settle(READY)

    async def _count(self, board_id: int) -> None:
        here = visit()
        found = await boards.recounting(here.session, here.viewer, board_id)
        self.counting, self.share = _counting(found)


def _counting(found: Progress | None) -> tuple[str, int]:
    """What is said while a large board is counted anew, and the percentage."""
    if found is None:
        return "", 0
    told = f"By the new settings {found.done:,} of {counted(found.total, 'issue')} are counted. Until all are, numbers are mixed."
    return told, round(100 * found.done / max(1, found.total))


def board_settings_panel() -> rx.Component:
    return rx.cond(
        BoardForm.status == "ready",
        rx.el.div(
            rx.el.h2("Calendar and counting"),
            rx.el.div(
                rx.el.label("Board", html_for="settings-board"),
                _options(
                    "settings-board",
                    "board",
                    BoardForm.boards,
                    value=BoardForm.board,
                    on_change=BoardForm.pick,
                ),
                class_name="field narrow",
            ),
            rx.cond(BoardForm.counting != "", _progress()),
            _form(),
            class_name="stack",
        ),
    )


def _progress() -> rx.Component:
    return rx.el.div(
        every(seconds=1, on_tick=BoardForm.tick),
        rx.el.p(BoardForm.counting, role="status", class_name="fine"),
        meter(BoardForm.share, label="Progress of counting the board anew"),
        class_name="stack tight",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            _field(
                "Time zone of the team", "zone",
                rx.el.input(id="zone", name="zone", type="text", list="zones", default_value=BoardForm.zone, required=True, max_length=100),
                "Days of the burndown are counted in it.",
            ),
            _field("Unit", "unit", _fixed("unit", _UNITS, BoardForm.unit), BoardForm.estimation),
            _field("Sub-tasks", "subtasks", _fixed("subtasks", _RULES, BoardForm.subtasks), "Never both, so nothing counts twice."),
            _field(
                "Days off", "days_off",
                rx.el.input(id="days_off", name="days_off", type="text", default_value=BoardForm.days_off, max_length=4000, placeholder="2026-12-25 2027-01-01"),
                "Dates as year-month-day, with spaces between.",
            ),
            class_name="form-grid",
        ),
        rx.el.fieldset(
            rx.el.legend("Working days", class_name="label"),
            *[
                rx.el.label(
                    rx.el.input(type="checkbox", name=f"day-{day}", default_checked=BoardForm.weekdays[day]), name, class_name="row"
                )
                for day, name in enumerate(_DAYS)
            ],
            class_name="days",
        ),
        _what_is_done(),
        rx.el.datalist(rx.foreach(BoardForm.zones, lambda zone: rx.el.option(value=zone)), id="zones"),
        rx.cond(BoardForm.complaint != "", notice(BoardForm.complaint, tone="bad")),
        rx.el.div(rx.el.button("Save the settings", type="submit", class_name="button primary"), class_name="row"),
        on_submit=BoardForm.save,
        key=BoardForm.board,
        class_name="stack",
    )  # fmt: skip


def _what_is_done() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("What counts as done", class_name="label"),
        _way(_COLUMN, "The right-most column. ", rx.el.span(BoardForm.rightmost, class_name="quiet")),
        _way(_CHOSEN, "Chosen statuses, whatever column they are in."),
        rx.el.fieldset(
            rx.el.legend("Statuses that count as done", class_name="hidden-text"),
            rx.foreach(BoardForm.statuses, _status),
            class_name="choices",
        ),
        rx.el.p(
            "A sprint's numbers, old ones too, are computed again when this changes. Jira's own sprint report always "
            "goes by the right-most column.",
            class_name="help fine",
        ),
        class_name="plain stack tight ways",
    )


def _way(value: str, *text: rx.Component | str) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="done", value=value, default_checked=BoardForm.done == value),
        rx.el.span(*text),
        class_name="way",
    )


def _status(line: Any) -> rx.Component:
    return rx.el.div(
        rx.el.input(type="checkbox", id=line.field, name=line.field, default_checked=line.chosen),
        rx.el.label(line.name, " ", rx.el.span(line.place, class_name="fine"), html_for=line.field, class_name="grow"),
        key=line.field,
        class_name="choice",
    )  # fmt: skip


def _field(label: str, name: str, control: rx.Component, help_text: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        control,
        rx.el.span(help_text, class_name="help"),
        class_name="field",
    )


def _fixed(name: str, choices: tuple[tuple[str, str], ...], value: Any) -> rx.Component:
    options = [rx.el.option(text, value=str(choice)) for choice, text in choices]
    return rx.el.select(*options, id=name, name=name, default_value=value)


def _options(identity: str, name: str, options: Any, *, value: Any, on_change: Any) -> rx.Component:
    return rx.el.select(
        rx.foreach(options, lambda option: rx.el.option(option.label, value=option.value)),
        id=identity, name=name, value=value, on_change=on_change,
    )  # fmt: skip


def _done(form: dict[str, Any]) -> DoneRule | None:
    if form.get("done") == _COLUMN:
        return RIGHTMOST
    if form.get("done") != _CHOSEN:
        return None
    return DoneRule(tuple(name.removeprefix(_STATUS) for name in form if name.startswith(_STATUS)))


def _rightmost(statuses: Sequence[BoardStatus]) -> str:
    last = [status for status in statuses if status.rightmost]
    if not last:
        return "This board has no columns that are known, so the category of a status decides."
    return f"Now that is “{last[0].column}” with {', '.join(status.name for status in last)}."


def _status_line(status: BoardStatus, chosen: Sequence[str] | None) -> StatusLine:
    place = f"in the column “{status.column}”" if status.column is not None else "in no column"
    return StatusLine(
        field=f"{_STATUS}{status.status_id}",
        name=status.name,
        place=f"{place}, deleted in Jira" if status.deleted else place,
        chosen=status.rightmost if chosen is None else status.status_id in chosen,
    )


def _estimation(board: BoardRow, names: Mapping[str, str]) -> str:
    """What the board's pages show first, and what its own estimation is in Jira."""
    if board.estimation_kind == "issueCount":
        told = "In Jira this board counts issues."
    elif board.estimation_field == SECONDS:
        told = "In Jira this board estimates with the original time estimate."
    elif board.estimation_field:
        told = f"In Jira this board estimates with “{names.get(board.estimation_field, board.estimation_field)}”."
    else:
        told = "Jira names no estimation for this board."
    return f"What its pages show first; the other units stay a click away. {told}"


def _days(text: str) -> list[date]:
    try:
        return [date.fromisoformat(part) for part in text.replace(",", " ").split()]
    except ValueError:
        raise Invalid("Write days off as year-month-day, such as 2026-12-25, with spaces between.") from None
