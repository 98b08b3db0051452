"""Who is in the team, with which share, rates and dates: changed in place, added, taken out, pasted from a spreadsheet."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made_of
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import plannable
from sprintreports.kit.errors import Invalid
from sprintreports.planning import members, pasted_members, people, teams
from sprintreports.planning.access import Overtaken
from sprintreports.planning.members import MemberRow, Membership
from sprintreports.planning.pasted_members import NEW, Pasted, Preview
from sprintreports.planning.people import PersonSettings
from sprintreports.ui import telling
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.pages.team.heading import show_head
from sprintreports.ui.planning import figures, rights
from sprintreports.ui.planning.entering import day, number, region, region_text, ticked, word
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_NEW, _LEAVE_OUT = "new", ""


@dataclass
class MemberLine:
    """One member as text. own: the person's own settings may be changed, as all of their teams are the viewer's; version: of these."""

    id: str = ""
    version: int = 0
    name: str = ""
    share: str = ""
    hours: str = ""
    part_time: str = ""
    since: str = ""
    until: str = ""
    skills: str = ""
    region: str = ""
    also: str = ""
    own: bool = False


@dataclass
class PasteLine:
    """A line that was pasted and whom it means."""

    name: str = ""
    what: str = ""
    fresh: bool = False


@dataclass
class StrangerLine:
    """Words by which nobody was found. field: its name in the form."""

    field: str = ""
    who: str = ""
    why: str = ""
    options: list[Option] = made_of(default_factory=list)


class TeamMembers(PageState, rx.State):
    """The members of the team that the address names."""

    complaint: str = ""
    may: bool = False
    version: int = 0
    usual_hours: str = ""
    lines: list[MemberLine] = []
    suggested: list[Option] = []
    may_search: bool = False
    found: list[Option] = []
    searched: str = ""
    pasting: bool = False
    looked: bool = False
    paste_lines: list[PasteLine] = []
    strangers: list[StrangerLine] = []
    problems: list[str] = []
    paste_reading: str = ""
    _pasted: str = ""

    @rx.event
    @loads(Permission.CAPACITY_READ)
    async def load(self) -> None:
        self._forget()
        self.complaint = ""
        await self._read()
        self._settle(READY)

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def keep(self, form: dict[str, Any]) -> Any:
        """All lines at once, as they stand in the table."""
        here = visit()
        self.complaint = ""
        team_id = self._team()
        rows = await members.listing(here.session, here.viewer, team_ids=[team_id])
        if any(f"share-{row.person.id}" not in form for row in rows):
            await teams.one(here.session, here.viewer, team_id)
            raise Overtaken
        seen = {line.id: line.version for line in self.lines}
        wanted = [_membership(row, form) for row in rows]
        await members.put(here.session, here.viewer, team_id, wanted, version=self.version)
        for row in rows:
            settings = _settings(row, form)
            if settings != row.person.settings:
                version = seen.get(str(row.person.id), row.person.version)
                await people.change(here.session, here.viewer, row.person.id, settings, version=version)
        await self._read()
        return telling.good("The members are changed.")

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def take_out(self, person_id: str) -> Any:
        here = visit()
        self.complaint = ""
        team_id = self._team()
        rows = await members.listing(here.session, here.viewer, team_ids=[team_id])
        gone = identifier(person_id)
        kept = [row.membership for row in rows if row.person.id != gone]
        await members.put(here.session, here.viewer, team_id, kept, version=self.version)
        await self._read()
        return telling.good("Taken out of the team. What was planned before stays.")

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def add(self, form: dict[str, Any]) -> Any:
        """People who have issues of the team, and somebody who is not in Jira."""
        here = visit()
        self.complaint = ""
        team_id, chosen, name = self._team(), ticked(form, "add-"), word(form, "name")
        if not chosen and not name:
            raise Invalid("Tick who is to join, or give a name.")
        if chosen:
            await members.add(here.session, here.viewer, team_id, chosen, version=None)
        if name:
            await members.add_named(
                here.session, here.viewer, team_id, name=name, email=word(form, "email"), version=None
            )
        await self._read()
        return telling.good(f"{counted(len(chosen) + bool(name), 'member')} joined.")

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def find_people(self, words: str) -> None:
        """Who is called so in Jira and not in the team."""
        here = visit()
        known = await people.listing(here.session, here.viewer)
        there = {line.id for line in self.lines}
        members_in_jira = {one.jira_person_id for one in known if str(one.id) in there}
        found = await plannable.named(here.session, here.viewer, words[:200])
        self.found = [
            Option(f"add-{one.id}", f"{one.name} ({one.site_name})")
            for one in found
            if one.id not in members_in_jira
        ]
        self.searched = words.strip()[:200]

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def begin_paste(self) -> None:
        self._forget()
        self.complaint, self.pasting = "", True

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def end_paste(self) -> None:
        self._forget()

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def look_at_paste(self, form: dict[str, Any]) -> None:
        """What the lines would change; nothing is stored."""
        here = visit()
        self.complaint, self.looked = "", False
        pasted = str(form.get("pasted") or "")
        if not pasted.strip():
            raise Invalid("Copy the lines in your spreadsheet and paste them here.")
        seen = await pasted_members.preview(here.session, here.viewer, self._team(), pasted)
        self._pasted = pasted
        self._show(seen)

    @rx.event
    @acts(Permission.CAPACITY_WRITE)
    async def apply_paste(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        if not self._pasted:
            raise Invalid("Paste the lines first.")
        settled: dict[str, int] = {}
        for line in self.strangers:
            chosen = word(form, line.field)
            if chosen == _NEW:
                settled[line.who] = NEW
            elif chosen != _LEAVE_OUT and chosen in {option.value for option in line.options}:
                settled[line.who] = int(chosen)
        count = await pasted_members.take_in(
            here.session, here.viewer, self._team(), self._pasted, settled=settled
        )
        self._forget()
        await self._read()
        return telling.good(f"{counted(count, 'member')} as pasted.")

    def _team(self) -> int:
        return identifier(self._parameters().get("team")) or 0

    def _forget(self) -> None:
        self._pasted = ""
        self._put(pasting=False, looked=False, paste_lines=[], strangers=[], problems=[], paste_reading="")

    def _show(self, seen: Preview) -> None:
        self.paste_lines = [_paste_line(one) for one in seen.found]
        self.strangers = [
            StrangerLine(
                field=f"who-{place}",
                who=one.who,
                why="More than one person is called so."
                if one.ambiguous
                else "Nobody is known by this name.",
                options=[Option(str(whom), name) for whom, name in one.maybe],
            )
            for place, one in enumerate(seen.strangers)
        ]
        self.problems = [f"Line {one.line}: {one.message}" for one in seen.problems]
        more = seen.left_out - len(seen.problems)
        if more > 0:
            self.problems.append(f"{counted(more, 'more line')} cannot be read.")
        self.paste_reading = (
            f"{counted(len(seen.found), 'line')} with somebody who is known, "
            f"{counted(len(seen.strangers), 'name')} that nobody is known by, {seen.left_out} left out."
        )
        self.looked = True

    async def _read(self) -> None:
        here = visit()
        team = await teams.one(here.session, here.viewer, self._team())
        await show_head(self, team)
        everywhere = await members.listing(here.session, here.viewer)
        rows = [row for row in everywhere if row.team_id == team.id]
        may = await rights.may_change(here.session, here.viewer, team.disciplines)
        names = {one.id: one.settings.name for one in await teams.listing(here.session, here.viewer)}
        also = _also(everywhere, team.id, names)
        lines = [
            _line(
                row,
                also=also.get(row.person.id, ""),
                own=may and await rights.may_change_person(here.session, here.viewer, row.person.id),
            )
            for row in rows
        ]
        suggested = await people.suggested(here.session, here.viewer, team.id) if may else []
        whole = here.viewer.board_ids is None and here.viewer.team_ids is None
        self._put(
            may=may,
            may_search=may and whole,
            found=[],
            searched="",
            version=team.version,
            usual_hours=figures.typed(team.settings.hours_per_day),
            lines=lines,
            suggested=[
                Option(f"add-{one.person_id}", f"{one.name}, {counted(one.issues, 'issue')}")
                for one in suggested
            ],
        )


def _line(row: MemberRow, *, also: str, own: bool) -> MemberLine:
    settings, membership = row.person.settings, row.membership
    return MemberLine(
        id=str(row.person.id),
        version=row.person.version,
        name=row.person.name,
        share=figures.typed(membership.share),
        hours="" if settings.hours_per_day is None else figures.typed(settings.hours_per_day),
        part_time=figures.typed(settings.part_time),
        since=membership.since.isoformat() if membership.since else "",
        until=membership.until.isoformat() if membership.until else "",
        skills=", ".join(settings.skills),
        region=region_text(settings.country, settings.subdivision),
        also=also,
        own=own,
    )


def _also(rows: Sequence[MemberRow], team_id: int, names: dict[int, str]) -> dict[int, str]:
    """What other teams have of each person, in words."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.team_id != team_id and row.team_id in names:
            share = figures.typed(row.membership.share)
            found[row.person.id].append(f"{share} % in {names[row.team_id]}")
    return {person: ", ".join(said) for person, said in found.items()}


def _membership(row: MemberRow, form: dict[str, Any]) -> Membership:
    who, name = row.person.id, row.person.name
    return Membership(
        who,
        number(word(form, f"share-{who}"), f"The share of {name}"),
        day(word(form, f"since-{who}"), f"The first day of {name}"),
        day(word(form, f"until-{who}"), f"The last day of {name}"),
    )


def _settings(row: MemberRow, form: dict[str, Any]) -> PersonSettings:
    """The person's own settings, where the form has them."""
    who, name, before = row.person.id, row.person.name, row.person.settings
    if f"part-{who}" not in form:
        return before
    hours = word(form, f"hours-{who}")
    country, subdivision = region(word(form, f"region-{who}"))
    skills = (skill.strip() for skill in word(form, f"skills-{who}").split(","))
    return replace(
        before,
        part_time=number(word(form, f"part-{who}"), f"The part-time of {name}"),
        hours_per_day=number(hours, f"The hours of {name}") if hours else None,
        skills=tuple(dict.fromkeys(skill for skill in skills if skill)),
        country=country,
        subdivision=subdivision,
    )


def _paste_line(one: Pasted) -> PasteLine:
    read, said = one.read, list[str]()
    if read.share is not None:
        said.append(f"share {figures.percent(read.share)}")
    if read.hours_per_day is not None:
        said.append(f"{figures.plain(read.hours_per_day)} hours of a day")
    if read.part_time is not None:
        said.append(f"part-time {figures.percent(read.part_time)}")
    if read.since:
        said.append(f"from {read.since}")
    if read.until:
        said.append(f"until {read.until}")
    if read.skills:
        said.append("skills " + ", ".join(read.skills))
    return PasteLine(one.name, "; ".join(said) or "nothing else is said", one.before is None)
