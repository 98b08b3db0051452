"""One figure of a team or a member in one sprint: what is computed, what somebody set instead, and its history."""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity import names
from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.planning import by_hand, sprint_plan
from sprintreports.planning.by_hand import OverrideRow
from sprintreports.planning.capacity.computing import TeamCapacity
from sprintreports.planning.capacity.overrides import OF_MEMBERS, OF_TEAMS, Measure, Override
from sprintreports.ui import telling
from sprintreports.ui.dates import instant
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import UNIT_NAMES, UNKNOWN
from sprintreports.ui.pages.capacity.rows import MEASURES
from sprintreports.ui.pages.capacity.state import CapacityPage
from sprintreports.ui.planning import figures, rights
from sprintreports.ui.planning.entering import number, word
from sprintreports.ui.planning.parts import complaint, field, side_panel, text_input
from sprintreports.ui.session import acts, visit

_PERCENT = frozenset({Measure.SHARE, Measure.FOCUS})


@dataclass
class HandLine:
    """A figure that was set by hand. ended: when and by whom it was replaced or taken back; empty: it holds."""

    value: str = ""
    reason: str = ""
    made: str = ""
    ended: str = ""


class CapacityPanel(rx.State):
    """The figure that is open. Each handler asks anew who may change it; the values here say only which it is."""

    is_open: bool = False
    complaint: str = ""
    title: str = ""
    label: str = ""
    computed: str = ""
    value: str = ""
    replaces: str = ""
    history: list[HandLine] = []
    may: bool = False
    _team: int = 0
    _person: int | None = None
    _measure: str = Measure.DAYS.value

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def show(self, team: str, person: str, measure: str) -> None:
        self.complaint = ""
        who = identifier(person) if person else None
        if measure not in (OF_TEAMS if who is None else OF_MEMBERS):
            raise Invalid("This figure cannot be set. Load the page again.")
        self._team, self._person, self._measure = identifier(team) or 0, who, measure
        await self._read()
        self.is_open = True

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def close(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def keep(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        measure = Measure(self._measure)
        value = Fraction(number(word(form, "value"), MEASURES[measure]))
        await by_hand.put(
            here.session,
            here.viewer,
            team_id=self._team,
            sprint_id=await self._sprint(),
            override=Override(measure, value, self._person, word(form, "reason")),
            replaces=identifier(self.replaces),
            now=here.now,
        )
        return await self._kept("Set by hand for this sprint.")

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def take_back(self) -> Any:
        """What is computed holds again."""
        here = visit()
        self.complaint = ""
        await by_hand.take_back(
            here.session,
            here.viewer,
            team_id=self._team,
            sprint_id=await self._sprint(),
            override_id=identifier(self.replaces) or 0,
            now=here.now,
        )
        return await self._kept("What is computed holds again.")

    async def _kept(self, message: str) -> Any:
        await self._read()
        await (await self.get_state(CapacityPage))._load()  # noqa: SLF001  # what begins without _ is a handler
        return telling.good(message)

    async def _sprint(self) -> int:
        return identifier((await self.get_state(CapacityPage)).sprint) or 0

    async def _read(self) -> None:
        here = visit()
        page = await self.get_state(CapacityPage)
        sprint_id, measure = identifier(page.sprint) or 0, Measure(self._measure)
        basis = await sprint_plan.basis(
            here.session,
            here.viewer,
            sprint_id=sprint_id,
            team_id=self._team,
            board_id=identifier(page.board),
        )
        place = self._person, measure
        others = tuple(one for one in basis.plan.overrides if (one.person, one.measure) != place)
        computed = replace(basis, plan=replace(basis.plan, overrides=others)).capacity()
        rows = await by_hand.listing(
            here.session, here.viewer, sprint_ids=[sprint_id], team_ids=[self._team], history=True
        )
        told = [row for row in rows if (row.override.person, row.override.measure) == place]
        holds = next((row for row in told if row.ended_at is None), None)
        who = next((one.name for one in computed.members if one.person == self._person), basis.plan.name)
        now = _value(computed, measure, self._person)
        self.title = f"{MEASURES[measure]}: {who}"
        self.label = _label(measure, computed)
        self.computed = _shown(now, measure)
        self.value = "" if (shown := holds.override.value if holds else now) is None else figures.typed(shown)
        self.replaces = str(holds.id) if holds else ""
        self.may = await rights.may_change_team(here.session, here.viewer, self._team)
        acted = {row.created_by for row in told} | {row.ended_by for row in told if row.ended_by is not None}
        by = await names.named(here.session, acted)
        self.history = [_line(row, by, here.zone) for row in reversed(told)]


def _value(cell: TeamCapacity, measure: Measure, person: int | None) -> Fraction | None:
    """The figure, percentages as numbers such as 80; None where it is not known."""
    if person is not None:
        member = next((one for one in cell.members if one.person == person), None)
        if member is None:
            return None
        return {
            Measure.SHARE: member.share * 100, Measure.HOURS: member.hours_per_day, Measure.DAYS: member.days,
        }[measure]  # fmt: skip
    if measure is Measure.RATE:
        return cell.rate.per_day if cell.rate else None
    return {Measure.DAYS: cell.days, Measure.FOCUS: cell.focus * 100, Measure.AMOUNT: cell.amount}[measure]


def _label(measure: Measure, cell: TeamCapacity) -> str:
    unit = UNIT_NAMES[cell.unit]
    if measure is Measure.AMOUNT:
        return f"Capacity in {unit}"
    return f"{unit.capitalize()} completed per person-day" if measure is Measure.RATE else MEASURES[measure]


def _shown(value: Fraction | None, measure: Measure) -> str:
    if value is None:
        return UNKNOWN
    return f"{figures.plain(value)} %" if measure in _PERCENT else figures.plain(value)


def _line(row: OverrideRow, by: dict[int, str], zone: ZoneInfo) -> HandLine:
    def told(user: int, at: datetime) -> str:
        return f"{by[user]}, {instant(at, zone)}"

    ended = ""
    if row.ended_at is not None and row.ended_by is not None:
        ended = f"Until {told(row.ended_by, row.ended_at)}"
    return HandLine(
        value=_shown(row.override.value, row.override.measure),
        reason=row.override.reason,
        made=told(row.created_by, row.created_at),
        ended=ended,
    )


def panel() -> rx.Component:
    return side_panel(
        CapacityPanel.title,
        rx.fragment("Computed: ", CapacityPanel.computed, ". For this sprint alone."),
        complaint(CapacityPanel.complaint),
        rx.cond(CapacityPanel.may, _form()),
        _history(),
        is_open=CapacityPanel.is_open,
        on_close=CapacityPanel.close,
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            CapacityPanel.label,
            "hand-value",
            text_input("hand-value", "value", CapacityPanel.value, required=True, max_length=12),
        ),
        field(
            "Why",
            "hand-reason",
            rx.el.input(
                id="hand-reason", name="reason", type="text", required=True, max_length=500,
                key=CapacityPanel.replaces, placeholder="such as: two days of training",
            ),
        ),
        rx.el.div(
            rx.el.button("Set it by hand", type="submit", class_name="button primary"),
            rx.cond(
                CapacityPanel.replaces != "",
                rx.el.button(
                    "Take it back", type="button", class_name="button", on_click=CapacityPanel.take_back
                ),
            ),
            class_name="row",
        ),
        on_submit=CapacityPanel.keep,
        class_name="stack tight",
    )  # fmt: skip


def _history() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Set by hand before"),
        rx.cond(
            CapacityPanel.history.length() > 0,
            rx.el.ul(
                rx.foreach(
                    CapacityPanel.history,
                    lambda one: rx.el.li(
                        rx.el.strong(one.value), ": ", one.reason,
                        rx.el.div(one.made, class_name="fine"),
                        rx.cond(one.ended != "", rx.el.div(one.ended, class_name="fine")),
                    ),
                ),
                class_name="plain-list",
            ),
            rx.el.p("Nobody has set this figure by hand.", class_name="quiet"),
        ),
        class_name="stack tight",
    )  # fmt: skip
