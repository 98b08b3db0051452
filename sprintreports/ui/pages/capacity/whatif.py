"""What if somebody is away, stays, leaves, or has two days more: computed at once, stored never."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.calendar import zone_of
from sprintreports.planning import members, sprint_plan
from sprintreports.planning.capacity import whatif
from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.overrides import Measure, Override, check_override
from sprintreports.planning.sprint_plan import Basis
from sprintreports.ui.components.basics import chip
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import short_unit
from sprintreports.ui.pages.capacity.state import CapacityPage
from sprintreports.ui.planning import figures
from sprintreports.ui.planning.entering import day, number
from sprintreports.ui.planning.parts import complaint, field, heads, scrolling, side_panel
from sprintreports.ui.session import acts, visit

AWAY, THERE, LEFT, DAYS = "away", "there", "left", "days"
KINDS = (
    (AWAY, "is away"),
    (THERE, "is there after all"),
    (LEFT, "leaves the team"),
    (DAYS, "has more or fewer days"),
)
_PARTS = (("3", "all day"), ("1", "in the morning"), ("2", "in the afternoon"))
_FIELDS = ("person", "kind", "first", "last", "part", "more")


@dataclass
class IfLine:
    """A team with what it has and what it would have."""

    team: str = ""
    days: str = ""
    days_then: str = ""
    amount: str = ""
    amount_then: str = ""
    change: str = ""
    used_then: str = ""
    over: bool = False


class WhatIf(rx.State):
    """What is being asked. Nothing of it is stored, and whoever sees the page may ask."""

    is_open: bool = False
    complaint: str = ""
    title: str = ""
    team: str = ""
    people: list[Option] = []
    asked: dict[str, str] = {}
    lines: list[IfLine] = []

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def begin(self, team: str) -> None:
        self.reset()
        basis = await self._basis(identifier(team) or 0)
        self.team, self.title = team, f"What if, in {basis.plan.name}"
        self.people = [Option(str(one.person), one.name) for one in basis.plan.members]
        first = _first_day(basis)
        self.asked = {
            "person": self.people[0].value if self.people else "",
            "kind": AWAY if self.people else DAYS,
            "first": first,
            "last": first,
            "part": "3",
            "more": "2",
        }
        self.is_open = True
        await self._compute()

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def end(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def ask(self, name: str, value: str) -> None:
        """One of the fields is another one."""
        self.complaint = ""
        if not self.team or name not in _FIELDS:
            raise Invalid("Choose a team first.")
        self.asked = {**self.asked, name: value[:20]}
        await self._compute()

    async def _compute(self) -> None:
        here = visit()
        team, person = identifier(self.team) or 0, identifier(self.asked["person"])
        teams = [team]
        if person is not None and self.asked["kind"] in {AWAY, THERE}:
            rows = await members.listing(here.session, here.viewer)
            teams += sorted({row.team_id for row in rows if row.person.id == person} - {team})
        lines: list[IfLine] = []
        for one in teams:
            basis = await self._basis(one)
            changed = _changed(basis, person, self.asked)
            lines.append(_line(basis, replace(basis, plan=changed)))
        self.lines = lines

    async def _basis(self, team: int) -> Basis:
        here = visit()
        page = await self.get_state(CapacityPage)
        return await sprint_plan.basis(
            here.session,
            here.viewer,
            sprint_id=identifier(page.sprint) or 0,
            team_id=team,
            board_id=identifier(page.board),
        )


def _changed(basis: Basis, person: int | None, asked: dict[str, str]) -> TeamPlan:
    plan, kind = basis.plan, asked["kind"]
    if kind == DAYS:
        return _with_days(basis, person, asked["more"])
    if person is None:
        raise Invalid("Choose who it is about.")
    if kind == THERE:
        return whatif.if_there(plan, person)
    if kind == LEFT:
        return whatif.if_left(plan, person)
    first, last = day(asked["first"], "The first day"), day(asked["last"], "The last day")
    if first is None or last is None or last < first:
        raise Invalid("Choose the first and the last day of the absence, in this order.")
    part = DayPart(int(asked["part"])) if asked["part"] in dict(_PARTS) else DayPart.WHOLE
    return whatif.if_away(plan, person, first, last, part)


def _with_days(basis: Basis, person: int | None, more: str) -> TeamPlan:
    by = Fraction(number(more or "0", "The days more or fewer"))
    now = basis.capacity()
    days = (
        now.days if person is None else next((one.days for one in now.members if one.person == person), None)
    )
    if days is None:
        raise Invalid("This person is not in the team during the sprint. Choose another one.")
    override = Override(Measure.DAYS, max(Fraction(), days + by), person, "what if")
    check_override(override)
    return whatif.if_set(basis.plan, override)


def _line(before: Basis, after: Basis) -> IfLine:
    now, then = before.capacity(), after.capacity()
    change = whatif.difference(now, then)
    unit = "" if change.amount is None else short_unit(float(change.amount), now.unit)
    return IfLine(
        team=now.name,
        days=figures.plain(now.days),
        days_then=figures.plain(then.days),
        amount=figures.amount(now.amount, now.unit),
        amount_then=figures.amount(then.amount, now.unit),
        change=figures.signed(change.amount, unit),
        used_then=figures.percent(then.utilisation),
        over=then.too_much,
    )


def _first_day(basis: Basis) -> str:
    start = basis.span.start
    if start is None:
        return ""
    first: date = start.astimezone(zone_of(basis.plan.calendar.zone)).date()
    return first.isoformat()


def panel() -> rx.Component:
    return side_panel(
        WhatIf.title,
        "Computed at once and stored nowhere. Somebody in several teams is away from all of them.",
        rx.el.div(
            field(
                "Who",
                "if-person",
                rx.el.select(
                    rx.el.option("The whole team", value=""),
                    rx.foreach(WhatIf.people, lambda one: rx.el.option(one.label, value=one.value)),
                    **_asking("person"),
                ),
            ),
            field(
                "What",
                "if-kind",
                rx.el.select(*[rx.el.option(text, value=value) for value, text in KINDS], **_asking("kind")),
            ),
            rx.cond(
                WhatIf.asked["kind"] == AWAY,
                rx.fragment(
                    field("First day", "if-first", rx.el.input(type="date", **_asking("first"))),
                    field("Last day", "if-last", rx.el.input(type="date", **_asking("last"))),
                    field(
                        "Which part",
                        "if-part",
                        rx.el.select(
                            *[rx.el.option(text, value=value) for value, text in _PARTS], **_asking("part")
                        ),
                    ),
                ),
            ),
            rx.cond(
                WhatIf.asked["kind"] == DAYS,
                field(
                    "Days more (−2: fewer)",
                    "if-more",
                    rx.el.input(
                        type="number", step="0.5", min="-366", max="366", **_asking("more", patient=True)
                    ),
                ),
            ),
            class_name="form-grid",
        ),
        complaint(WhatIf.complaint),
        rx.cond(WhatIf.lines.length() > 0, _answer()),
        is_open=WhatIf.is_open,
        on_close=WhatIf.end,
    )


def _asking(name: str, *, patient: bool = False) -> dict[str, Any]:
    """A field whose every change is computed; patient: once the visitor has stopped to type."""
    event = WhatIf.ask.debounce(250) if patient else WhatIf.ask
    start = (
        {"default_value": WhatIf.asked[name], "key": WhatIf.team}
        if patient
        else {"value": WhatIf.asked[name]}
    )
    return {"id": f"if-{name}", "name": name, "on_change": lambda value: event(name, value), **start}


def _answer() -> rx.Component:
    return rx.el.div(
        scrolling(
            rx.el.table(
                rx.el.caption("What it would change", class_name="hidden-text"),
                heads(("Team", ""), ("Person-days", "n"), ("Capacity", "n"), ("Change", "n"), ("Utilisation", "n")),
                rx.el.tbody(
                    rx.foreach(
                        WhatIf.lines,
                        lambda one: rx.el.tr(
                            rx.el.th(one.team, scope="row"),
                            rx.el.td(one.days, " → ", one.days_then, class_name="n"),
                            rx.el.td(one.amount, " → ", one.amount_then, class_name="n"),
                            rx.el.td(one.change, class_name="n"),
                            rx.el.td(
                                one.used_then, " ", rx.cond(one.over, chip("Too much", "bad")), class_name="n"
                            ),
                        ),
                    )
                ),
            ),
            label="What it would change",
        ),
        role="status",
    )  # fmt: skip
