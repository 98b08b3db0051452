"""What stands above every part of the team's page; parts that change it have it read again."""

import reflex as rx

from sprintreports.planning.teams import TeamRow
from sprintreports.ui.numbers import counted
from sprintreports.ui.planning import figures

_UNITS = dict(figures.UNITS)


class TeamHead(rx.State):
    """The team's name, and what it is in a sentence."""

    name: str = ""
    subtitle: str = ""

    def _show(self, team: TeamRow) -> None:
        self.name = team.settings.name
        self.subtitle = (
            f"{counted(team.members, 'member')}. Plans in {_UNITS[team.settings.unit.value].lower()}."
        )


async def show_head(state: rx.State, team: TeamRow) -> None:
    """Say it of the team as it is now."""
    (await state.get_state(TeamHead))._show(team)  # noqa: SLF001  # what begins without _ is a handler


async def forget_head(state: rx.State) -> None:
    """Before it is known whether the visitor may see the next one."""
    (await state.get_state(TeamHead)).reset()
