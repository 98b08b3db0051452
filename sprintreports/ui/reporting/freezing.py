"""Keeping the picked sprint as a baseline, and holding it against its start: buttons for every page of a sprint."""

from datetime import datetime
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import access, choices
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.paging import By
from sprintreports.reports.baselines import keeping, ledger
from sprintreports.reports.baselines.keeping import LONGEST_NOTE
from sprintreports.reports.baselines.ledger import Reason
from sprintreports.reports.spec import Frozen, Live, State
from sprintreports.ui.frame_state import Frame, Option
from sprintreports.ui.links import identifier
from sprintreports.ui.planning.entering import word
from sprintreports.ui.planning.parts import complaint, field, side_panel, text_input
from sprintreports.ui.reporting import states
from sprintreports.ui.session import acts, visit


class Freezing(rx.State):
    """The form of a new baseline; its sprint is the picked one until another is chosen."""

    is_open: bool = False
    complaint: str = ""
    boards: list[Option] = []
    board: str = ""
    sprints: list[Option] = []
    sprint: str = ""

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def begin(self) -> None:
        self.reset()
        frame = await self.get_state(Frame)
        await self._for_board(identifier(frame.board), identifier(frame.sprint))
        self.is_open = True

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def end(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def pick_board(self, board: str) -> None:
        self.complaint = ""
        await self._for_board(identifier(board), None)

    @rx.event
    @acts(Permission.REPORTS_WRITE)
    async def freeze(self, form: dict[str, Any]) -> Any:
        """Keep the sprint as it is, or as it was at the moment given, and go and look at it."""
        here = visit()
        self.complaint = ""
        made = await keeping.freeze(
            here.session,
            here.viewer,
            sprint_id=identifier(word(form, "sprint")) or 0,
            board_id=identifier(self.board),
            moment=states.moment_of(word(form, "moment"), here.zone, now=here.now),
            note=word(form, "note"),
            now=here.now,
        )
        self.reset()
        return rx.redirect(states.of_baseline(made.id))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def compare_with_start(self) -> Any:
        """The picked sprint as it is now against its start: the baseline of it where one was taken, else rebuilt from history."""
        here = visit()
        frame = await self.get_state(Frame)
        place = await access.place(
            here.session,
            here.viewer,
            sprint_id=identifier(frame.sprint) or 0,
            board_id=identifier(frame.board),
        )
        started = place.dates.activated_at or place.dates.start_date
        before = await _start(place.sprint_id, place.board_id, started)
        return rx.redirect(states.compared(before, Live(place.sprint_id, place.board_id)))

    async def _for_board(self, board_id: int | None, sprint_id: int | None) -> None:
        here = visit()
        found = await choices.read(here.session, here.viewer, board_id=board_id, sprint_id=sprint_id)
        self.boards = [Option(str(one.id), one.name) for one in found.boards]
        self.board = str(found.board.id) if found.board else ""
        self.sprints = [Option(str(one.id), f"{one.name} · {one.state}") for one in found.sprints]
        self.sprint = str(found.sprint_id or "")


async def _start(sprint_id: int, board_id: int, started: datetime | None) -> State:
    """Raises Invalid for a sprint that has not started."""
    here = visit()
    kept = await ledger.listing(
        here.session,
        here.viewer,
        board_id=board_id,
        sprint_id=sprint_id,
        reason=Reason.START,
        sort=(By("moment"),),
        per_page=1,
    )
    if kept.items:
        return Frozen(kept.items[0].id)
    if started is None or started >= here.now:
        sentence = "This sprint has not started, so there is no start to compare it with."
        raise Invalid(sentence, details=(FieldProblem("sprint", sentence),))
    return Live(sprint_id, board_id, started)


def sprint_buttons() -> rx.Component:
    """On the page of a sprint: keep it, and compare it with its start."""
    return rx.fragment(
        rx.el.button(
            "Compare with the start", type="button", class_name="button", on_click=Freezing.compare_with_start
        ),
        rx.cond(Frame.keeps_reports, freeze_button()),
    )


def freeze_button(text: str = "Freeze", kind: str = "") -> rx.Component:
    return rx.el.button(text, type="button", class_name=f"button {kind}".strip(), on_click=Freezing.begin)


def freeze_panel() -> rx.Component:
    return side_panel(
        "Freeze a sprint",
        "The sprint is kept with all its figures and issues, and stays like this whatever happens in Jira.",
        complaint(Freezing.complaint),
        rx.el.form(
            field(
                "Board",
                "freeze-board",
                rx.el.select(
                    rx.foreach(Freezing.boards, lambda one: rx.el.option(one.label, value=one.value)),
                    id="freeze-board",
                    name="board",
                    value=Freezing.board,
                    on_change=Freezing.pick_board,
                ),
            ),
            field(
                "Sprint",
                "freeze-sprint",
                rx.el.select(
                    rx.foreach(Freezing.sprints, lambda one: rx.el.option(one.label, value=one.value)),
                    id="freeze-sprint",
                    name="sprint",
                    default_value=Freezing.sprint,
                    key=Freezing.board + Freezing.sprint,
                ),
            ),
            field(
                "As of",
                "freeze-moment",
                rx.el.input(id="freeze-moment", name="moment", type="datetime-local"),
                "A past moment, rebuilt from history. Empty: as it is now.",
            ),
            field(
                "Note",
                "freeze-note",
                text_input("freeze-note", "note", max_length=LONGEST_NOTE),
                "Why it is kept, such as: agreed with the client.",
            ),
            rx.el.div(
                rx.el.button("Freeze", type="submit", class_name="button primary"),
                rx.el.button("Cancel", type="button", class_name="button", on_click=Freezing.end),
                class_name="row",
            ),
            on_submit=Freezing.freeze,
            class_name="stack tight",
            id="freeze",
        ),
        is_open=Freezing.is_open,
        on_close=Freezing.end,
    )
