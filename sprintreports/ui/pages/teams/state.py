"""The list of teams and the values of Jira without one; filters and page live in the address."""

from dataclasses import replace
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import disciplines
from sprintreports.kit.errors import Invalid
from sprintreports.kit.paging import Page
from sprintreports.metrics.values import Unit
from sprintreports.planning import discovering, many_teams, teams
from sprintreports.planning.teams import TeamSettings
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.paged import asked_page
from sprintreports.ui.pages.teams import rows
from sprintreports.ui.pages.teams.rows import PATH, Placed, TeamLine, ValueLine
from sprintreports.ui.planning import rights
from sprintreports.ui.planning.entering import number, ticked, word
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

NONE = "none"  # set to nothing, where an empty choice leaves it as it is
_PER_PAGE = 50


class Teams(PageState, rx.State):
    """What is shown; who may change what is asked again by each handler."""

    lines: list[TeamLine] = []
    reading: str = ""
    nothing: str = ""
    search: str = ""
    group: str = ""
    groups: list[Option] = []
    pager: Pager = Pager()
    found: str = ""
    may_create: bool = False
    may_change: bool = False
    choices: list[Option] = []
    values: list[ValueLine] = []
    values_reading: str = ""
    creating: bool = False
    complaint: str = ""

    @rx.event
    @loads(Permission.CAPACITY_READ)
    async def load(self) -> None:
        await around(self)
        await self._read()

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def find(self, words: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), search=words[:200], page=None), replace=True)

    @rx.event
    @acts(Permission.CAPACITY_READ)
    async def pick_group(self, group: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), group=group, page=None))

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def begin(self) -> None:
        self.creating, self.complaint = True, ""

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def end(self) -> None:
        self.creating, self.complaint = False, ""

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def create(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        name = word(form, "name")
        if not name:
            raise Invalid("Give the team a name.")
        settings = TeamSettings(name, identifier(word(form, "parent")), zone=here.zone.key)
        made = await teams.create(here.session, here.viewer, settings)
        self.creating = False
        return rx.redirect(address("/team", team=made.id, tab="settings"))

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def map_values(self, form: dict[str, Any]) -> Any:
        """A team for each of the values that are ticked, or all of them for one that there is."""
        here = visit()
        self.complaint = ""
        wanted = ticked(form, "value-")
        if not wanted:
            raise Invalid("Tick the values that are teams.")
        into = identifier(word(form, "into"))
        if into is None:
            like = TeamSettings("Team", zone=here.zone.key)
            made = await discovering.make_teams(
                here.session, here.viewer, wanted, separator=word(form, "separator")[:10], like=like
            )
            message = f"{counted(len(made), 'team')} made or completed."
        else:
            team = await teams.one(here.session, here.viewer, into)
            values = {*team.disciplines, *wanted}
            await discovering.set_disciplines(here.session, here.viewer, into, values, version=team.version)
            message = f"{team.settings.name} stands for {counted(len(values), 'value')} now."
        await self._read()
        return telling.good(message)

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def change_several(self, form: dict[str, Any]) -> Any:
        """The same setting for all teams that are ticked, or that the filters show."""
        here = visit()
        self.complaint = ""
        placed = rows.tree(await teams.listing(here.session, here.viewer))
        chosen = set(ticked(form, "team-"))
        if form.get("which") == "found":
            found = [one.team for one in self._fitting(placed)]
            chosen = {
                team.id
                for team in found
                if await rights.may_change(here.session, here.viewer, team.disciplines)
            }
        wanted = [one.team for one in placed if one.team.id in chosen]
        if not wanted:
            raise Invalid("Tick the teams to change.")
        changed = await many_teams.change(
            here.session, here.viewer, {team.id for team in wanted}, lambda before: _changed(before, form)
        )
        if not changed:
            raise Invalid("Choose what to change: nothing differs from what the teams have.")
        await self._read()
        return telling.good(f"{counted(len(changed), 'team')} changed.")

    def _fitting(self, placed: list[Placed]) -> list[Placed]:
        asked = self._parameters()
        return rows.fitting(
            placed, search=asked.get("search", "")[:200], group=identifier(asked.get("group"))
        )

    async def _read(self) -> None:
        here = visit()
        asked = self._parameters()
        listed = await teams.listing(here.session, here.viewer)
        placed = rows.tree(listed)
        found = self._fitting(placed)
        everywhere = rights.writes_everywhere(here.viewer)
        last = max(1, -(-len(found) // _PER_PAGE))
        at = min(asked_page(asked), last)
        page = Page(found[(at - 1) * _PER_PAGE : at * _PER_PAGE], len(found), at, _PER_PAGE)
        names = {row.id: row.name for row in await disciplines.listing(here.session, here.viewer)}
        may = {
            one.team.id: everywhere
            or await rights.may_change(here.session, here.viewer, one.team.disciplines)
            for one in page.items
        }
        writes = here.viewer.can(Permission.CAPACITY_WRITE)
        await self._read_values(everywhere=everywhere)
        self._put(
            lines=[
                rows.line(one, names=names, may=may[one.team.id], flat=bool(asked.get("search")))
                for one in page.items
            ],
            reading=_reading(len(listed), sum(team.members for team in listed)),
            nothing=_nothing(any_at_all=bool(listed), found=bool(found)),
            found=counted(len(found), "team"),
            search=asked.get("search", "")[:200],
            group=asked.get("group", "")[:20],
            groups=rows.groups(placed),
            pager=pager_of(page, path=PATH, parameters=asked, name="page", noun="teams"),
            may_create=everywhere,
            may_change=any(may.values()),
            choices=[
                rows.choice(one)
                for one in placed
                if writes and await rights.may_change(here.session, here.viewer, one.team.disciplines)
            ],
        )
        self._settle(READY)

    async def _read_values(self, *, everywhere: bool) -> None:
        """Those that the viewer may make teams of."""
        here = visit()
        free = []
        if here.viewer.can(Permission.CAPACITY_WRITE):
            free = await discovering.unmapped(here.session, here.viewer)
        if not everywhere:
            free = [row for row in free if await rights.may_change(here.session, here.viewer, [row.id])]
        shown = free[: discovering.MOST_AT_ONCE]
        more = f" The first {len(shown)} are listed." if len(shown) < len(free) else ""
        said = f"Jira names {counted(len(free), 'value')} of the team field that no team stands for.{more}"
        self._put(values=rows.value_lines(shown), values_reading=said if free else "")


def _changed(before: TeamSettings, form: dict[str, Any]) -> TeamSettings:
    """The settings with what was chosen; what was left empty stays."""
    parent, country, unit = word(form, "parent"), word(form, "country"), word(form, "unit")
    after = before
    if parent:
        after = replace(after, parent_id=None if parent == NONE else identifier(parent))
    if country:
        after = replace(after, country=None if country == NONE else country, subdivision=None)
    if unit in set(Unit):
        after = replace(after, unit=Unit(unit))
    if word(form, "zone"):
        after = replace(after, zone=word(form, "zone"))
    if word(form, "focus"):
        after = replace(after, focus=number(word(form, "focus"), "The focus factor"))
    if word(form, "hours"):
        after = replace(after, hours_per_day=number(word(form, "hours"), "The hours of a day"))
    return after


def _reading(count: int, members: int) -> str:
    if not count:
        return "No team yet."
    return f"{counted(count, 'team')} with {counted(members, 'membership')}."


def _nothing(*, any_at_all: bool, found: bool) -> str:
    if found:
        return ""
    if any_at_all:
        return "No team fits these filters."
    return "There is no team yet. Make teams of Jira's values below, or add one by hand."
