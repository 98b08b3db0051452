"""The team's name, group, unit and calendar, the values of Jira that it stands for, and its end."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import disciplines
from sprintreports.kit.errors import Invalid
from sprintreports.planning import discovering, teams
from sprintreports.planning.capacity.calendars import regions
from sprintreports.planning.teams import TeamRow
from sprintreports.ui import telling
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import address, identifier
from sprintreports.ui.pages.team.heading import show_head
from sprintreports.ui.planning import figures, rights
from sprintreports.ui.planning.entering import settings, ticked, word
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState


@dataclass
class TickedValue:
    """A value of Jira's team field. of: the team that it is another's."""

    field: str = ""
    name: str = ""
    of: str = ""
    chosen: bool = False


class TeamForm(PageState, rx.State):
    """The settings of the team that the address names."""

    complaint: str = ""
    may: bool = False
    version: int = 0
    name: str = ""
    parent: str = ""
    parents: list[Option] = []
    targets: list[Option] = []
    unit: str = ""
    zone: str = ""
    weekdays: list[bool] = []
    country: str = ""
    subdivision: str = ""
    subdivisions: list[str] = []
    focus: str = ""
    hours: str = ""
    values: list[TickedValue] = []

    @rx.event
    @loads(Permission.CAPACITY_READ)
    async def load(self) -> None:
        self.complaint = ""
        await self._read()
        self._settle(READY)

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def pick_country(self, country: str) -> None:
        """Which parts of it have holidays of their own."""
        self.country, self.subdivision = country[:2], ""
        self.subdivisions = list(regions().get(country, ()))

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def keep(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        team = await teams.one(here.session, here.viewer, self._team())
        wanted = settings(form, team.settings)
        await teams.change(here.session, here.viewer, team.id, wanted, version=self.version)
        await self._read()
        return telling.good("The team is changed.")

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def keep_values(self, form: dict[str, Any]) -> Any:
        """Which of Jira's values the team stands for; one of another team is taken from it."""
        here = visit()
        self.complaint = ""
        await discovering.set_disciplines(
            here.session, here.viewer, self._team(), ticked(form, "value-"), version=self.version
        )
        await self._read()
        return telling.good("Kept. Numbers are read with it from now on; none of Jira's is changed.")

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def merge(self, form: dict[str, Any]) -> Any:
        """Members, values and days off of this team go to another one, and this one ends."""
        here = visit()
        self.complaint = ""
        into = identifier(word(form, "into"))
        if into is None:
            raise Invalid("Choose the team that this one becomes a part of.")
        await discovering.merge(here.session, here.viewer, self._team(), into=into)
        return rx.redirect(address("/team", team=into))

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def delete(self) -> Any:
        here = visit()
        self.complaint = ""
        await teams.delete(here.session, here.viewer, self._team(), version=None)
        return rx.redirect("/teams")

    def _team(self) -> int:
        return identifier(self._parameters().get("team")) or 0

    async def _read(self) -> None:
        here = visit()
        team = await teams.one(here.session, here.viewer, self._team())
        await show_head(self, team)
        others = [one for one in await teams.listing(here.session, here.viewer) if one.id != team.id]
        held = team.settings
        values = await self._values(team, others)
        self._put(
            may=await rights.may_change(here.session, here.viewer, team.disciplines),
            version=team.version,
            name=held.name,
            parent=str(held.parent_id or ""),
            parents=[Option(str(one.id), one.settings.name) for one in others],
            targets=[
                Option(str(one.id), one.settings.name)
                for one in others
                if await rights.may_change(here.session, here.viewer, one.disciplines)
            ],
            unit=held.unit.value,
            zone=held.zone,
            weekdays=[number in held.weekdays for number in range(7)],
            country=held.country or "",
            subdivision=held.subdivision or "",
            subdivisions=list(regions().get(held.country or "", ())),
            focus=figures.typed(held.focus),
            hours=figures.typed(held.hours_per_day),
            values=values,
        )

    async def _values(self, team: TeamRow, others: list[TeamRow]) -> list[TickedValue]:
        """The team's values first; of the others those that the viewer may give to it."""
        here = visit()
        owners = {value: one.settings.name for one in others for value in one.disciplines}
        may = {
            row.id: row.id in team.disciplines or await rights.may_change(here.session, here.viewer, [row.id])
            for row in await disciplines.listing(here.session, here.viewer)
        }
        found = [
            TickedValue(
                field=f"value-{row.id}",
                name=row.name or "(empty)",
                of=f"now of {owners[row.id]}" if row.id in owners else row.site_name,
                chosen=row.id in team.disciplines,
            )
            for row in await disciplines.listing(here.session, here.viewer)
            if may[row.id]
        ]
        return sorted(found, key=lambda one: not one.chosen)
