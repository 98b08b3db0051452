"""Members of many teams, pasted from a spreadsheet: looked at first, then taken in."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.planning import pasted_teams
from sprintreports.planning.pasted_teams import TeamPaste
from sprintreports.ui import telling
from sprintreports.ui.components.basics import notice
from sprintreports.ui.frame_state import Option
from sprintreports.ui.numbers import counted
from sprintreports.ui.pages.teams.state import Teams
from sprintreports.ui.planning.parts import complaint, field, heads, scrolling, side_panel
from sprintreports.ui.session import acts, visit

_MOST_NAMED = 200


@dataclass
class TeamCount:
    """What the lines say of one team."""

    name: str = ""
    lines: str = ""
    joins: str = ""


class TeamsPaste(rx.State):
    """The paste is kept here between the look at it and its end."""

    is_open: bool = False
    complaint: str = ""
    looked: bool = False
    reading: str = ""
    teams: list[TeamCount] = []
    strangers: list[Option] = []
    problems: list[str] = []
    _pasted: str = ""

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def begin(self) -> None:
        self.reset()
        self.is_open = True

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def end(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def look(self, form: dict[str, Any]) -> None:
        """What the lines would change; nothing is stored."""
        here = visit()
        self.complaint, self.looked = "", False
        pasted = str(form.get("pasted") or "")
        if not pasted.strip():
            raise Invalid("Copy the lines in your spreadsheet and paste them here.")
        seen = await pasted_teams.preview(here.session, here.viewer, pasted)
        self._pasted = pasted
        self.teams = [_count(one) for one in seen.teams]
        self.strangers = [
            Option(f"new-{place}", who) for place, who in enumerate(seen.strangers[:_MOST_NAMED])
        ]
        self.problems = [f"Line {one.line}: {one.message}" for one in seen.problems[:_MOST_NAMED]]
        self.reading = (
            f"{counted(len(seen.teams), 'team')}, {counted(len(seen.strangers), 'name')} that nobody is known by, "
            f"{counted(len(seen.problems), 'line')} left out."
        )
        self.looked = True

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def apply(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        if not self._pasted:
            raise Invalid("Paste the lines first.")
        fresh = {one.label for one in self.strangers if one.value in form}
        count = await pasted_teams.take_in(here.session, here.viewer, self._pasted, fresh=fresh)
        self.reset()
        await (await self.get_state(Teams))._read()  # noqa: SLF001  # what begins without _ is a handler
        return telling.good(f"{counted(count, 'line')} taken in.")


def _count(one: TeamPaste) -> TeamCount:
    joins = sum(line.before is None for line in one.preview.found)
    return TeamCount(
        one.team.settings.name,
        counted(len(one.preview.found), "member"),
        counted(joins, "joins", "join") if joins else "nobody joins",
    )


def paste_button() -> rx.Component:
    return rx.el.button(
        rx.icon("clipboard-paste", size=16),
        "Paste members",
        type="button",
        class_name="button",
        on_click=TeamsPaste.begin,
    )


def paste_panel() -> rx.Component:
    return side_panel(
        "Paste members of many teams",
        "Copy lines in your spreadsheet: team, who, share, hours of a day, part-time, first day, last day, skills. "
        "With a line of titles they may be in any order.",
        rx.el.form(
            field(
                "Lines",
                "pasted-teams",
                rx.el.textarea(
                    id="pasted-teams", name="pasted", rows="8", max_length=500_000, class_name="mono"
                ),
            ),
            rx.el.div(
                rx.el.button("See what they would change", type="submit", class_name="button"),
                class_name="row",
            ),
            on_submit=TeamsPaste.look,
            class_name="stack tight",
        ),
        complaint(TeamsPaste.complaint),
        rx.cond(TeamsPaste.looked, _preview()),
        is_open=TeamsPaste.is_open,
        on_close=TeamsPaste.end,
    )


def _preview() -> rx.Component:
    return rx.el.form(
        rx.el.p(TeamsPaste.reading, role="status"),
        rx.cond(
            TeamsPaste.problems.length() > 0,
            notice(
                rx.el.p("These lines are left out:"),
                rx.el.ul(rx.foreach(TeamsPaste.problems, rx.el.li), class_name="plain-list"),
                tone="warn",
            ),
        ),
        rx.cond(
            TeamsPaste.teams.length() > 0,
            scrolling(
                rx.el.table(
                    rx.el.caption("What the lines say, team by team", class_name="hidden-text"),
                    heads(("Team", ""), ("In the lines", ""), ("New in the team", "")),
                    rx.el.tbody(
                        rx.foreach(
                            TeamsPaste.teams,
                            lambda one: rx.el.tr(
                                rx.el.th(one.name, scope="row"), rx.el.td(one.lines), rx.el.td(one.joins)
                            ),
                        )
                    ),
                ),
                label="What the lines say, team by team",
            ),
        ),
        rx.cond(TeamsPaste.strangers.length() > 0, _strangers()),
        rx.el.div(
            rx.el.button("Take these lines in", type="submit", class_name="button primary"), class_name="row"
        ),
        on_submit=TeamsPaste.apply,
        class_name="stack tight",
    )


def _strangers() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Nobody is known by these names. Tick who is new and not in Jira; others are left out."),
        rx.el.div(
            rx.foreach(
                TeamsPaste.strangers,
                lambda one: rx.el.label(
                    rx.el.input(type="checkbox", name=one.value),
                    rx.el.span(one.label),
                    class_name="choice",
                    key=one.value,
                ),
            ),
            class_name="ticks",
        ),
    )
