"""Teams, a team and capacity as page events: what is shown to whom, what each action does, and what is refused with which words."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import grants
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant
from sprintreports.planning import discovering, members, teams
from sprintreports.ui.pages.team.absence_import import AbsenceImport
from sprintreports.ui.pages.team.heading import TeamHead
from sprintreports.ui.pages.team.members import TeamMembers
from sprintreports.ui.pages.team.month import TeamMonth
from sprintreports.ui.pages.team.settings import TeamForm
from sprintreports.ui.pages.team.state import TeamPage
from sprintreports.ui.pages.teams.pasting import TeamsPaste
from sprintreports.ui.pages.teams.state import Teams
from tests.integration.jira_site import rows
from tests.integration.planning_site import ADMIN, PlanningSite, planning_site
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import SYSTEM
from tests.integration.test_users_page import become, fire, make

__all__ = ["tab"]
QA, WEB = "EMEA / QA", "EMEA / Web"


@pytest.fixture
async def site(db_session: AsyncSession) -> PlanningSite:
    return await planning_site(db_session)


@pytest.fixture
async def mia(tab: Tab) -> Tab:
    """A manager of everything."""
    return await become(tab, await make(tab, "Mia", Role.MANAGER))


async def planned(tab: Tab, site: PlanningSite) -> dict[str, int]:
    """QA with Ada and Bela, Web with nobody; the teams' ids."""
    made = await discovering.make_teams(tab.db, ADMIN, [site.values[QA], site.values[WEB]])
    ids = {team.settings.name: team.id for team in made}
    await members.add(tab.db, ADMIN, ids[QA], [site.people["ada"], site.people["bela"]], version=None)
    return ids


async def people_of(tab: Tab, team: int) -> dict[str, int]:
    listed = await members.listing(tab.db, ADMIN, team_ids=[team])
    return {row.person.name.split()[-1]: row.person.id for row in listed}


def words(answer: Any) -> str:
    return str(answer)


def member_form(page: Any, **changes: str) -> dict[str, str]:
    """What the browser sends of the table of members."""
    form: dict[str, str] = {}
    for line in page.lines:
        form |= {
            f"share-{line.id}": line.share, f"hours-{line.id}": line.hours, f"part-{line.id}": line.part_time,
            f"since-{line.id}": line.since, f"until-{line.id}": line.until, f"skills-{line.id}": line.skills,
            f"region-{line.id}": line.region,
        }  # fmt: skip
    return form | changes


async def test_teams_are_made_of_values_in_groups_and_changed_together(mia: Tab, site: PlanningSite) -> None:
    await mia.open(Teams, "/teams")
    page = mia.of(Teams)
    assert (page.status, page.lines, [one.name for one in page.values]) == ("ready", [], [QA, WEB, "Ops"])
    assert page.nothing.startswith("There is no team yet.")
    await fire(page, "map_values", {"into": "", "separator": "/"})
    assert page.complaint == "Tick the values that are teams."
    wanted = {f"value-{site.values[name]}": "on" for name in (QA, WEB)}
    await fire(page, "map_values", wanted | {"into": "", "separator": "/"})
    assert [(line.name, line.depth) for line in page.lines] == [("EMEA", 0), (QA, 1), (WEB, 1)]
    assert [one.name for one in page.values] == ["Ops"]
    qa = page.lines[1]
    assert "Mon–Fri" in qa.calendar
    await fire(page, "map_values", {f"value-{site.values['Ops']}": "on", "into": qa.id})
    assert (page.lines[1].stands_for, page.values) == ("EMEA / QA, Ops", [])

    await fire(page, "change_several", {"which": "ticked"})
    assert page.complaint == "Tick the teams to change."
    await fire(page, "change_several", {"which": "ticked", f"team-{qa.id}": "on", "focus": "many"})
    assert "The focus factor: 'many' is no number" in page.complaint
    changes = {"which": "found", "country": "DE", "unit": "hours", "zone": "Europe/Berlin"}
    assert "3 teams changed." in words(await fire(page, "change_several", changes))
    assert {line.unit for line in page.lines} == {"Hours"}
    assert all("Europe/Berlin" in line.calendar and "DE" in line.calendar for line in page.lines)
    await mia.open(Teams, f"/teams?group={page.lines[0].id}&search=web")
    assert [(line.name, line.path, line.depth) for line in page.lines] == [(WEB, "EMEA", 0)]
    await mia.open(Teams, "/teams?search=nobody&page=9")
    assert page.nothing == "No team fits these filters."


async def test_a_team_is_made_by_hand_and_of_its_name_once(mia: Tab) -> None:
    await mia.open(Teams, "/teams")
    page = mia.of(Teams)
    await fire(page, "begin")
    await fire(page, "create", {"name": " "})
    assert (page.creating, page.complaint) == (True, "Give the team a name.")
    assert "/team?team=" in words(await fire(page, "create", {"name": "Crew", "parent": ""}))
    assert not page.creating
    await fire(page, "create", {"name": "crew"})
    assert page.complaint.startswith("A team of this name exists already.")


async def test_who_may_only_look_is_shown_no_action(tab: Tab, site: PlanningSite) -> None:
    ids = await planned(tab, site)
    await tab.open(Teams, "/teams")
    page = tab.of(Teams)
    assert (page.status, page.may_create, page.may_change, page.values) == ("ready", False, False, [])
    assert [line.name for line in page.lines] == [QA, WEB]
    base = f"/team?team={ids[QA]}"
    await tab.open(TeamPage, base)
    assert (tab.of(TeamHead).name, tab.of(TeamPage).may) == (QA, False)
    for part in (TeamMembers, TeamMonth, TeamForm, AbsenceImport):
        await tab.open(part, base)
        assert (tab.of(part).status, tab.of(part).may) == ("ready", False), part
    before = await rows(tab.db, "SELECT count(*) FROM team_member")
    await fire(tab.of(TeamForm), "delete")
    await fire(tab.of(TeamMembers), "take_out", tab.of(TeamMembers).lines[0].id)
    assert await rows(tab.db, "SELECT count(*) FROM team_member") == before
    await tab.open(TeamPage, "/team?team=999999")
    assert (tab.of(TeamPage).status, tab.of(TeamHead).name) == ("failed", "")


async def test_a_manager_of_some_teams_changes_those_alone(tab: Tab, site: PlanningSite) -> None:
    ids = await planned(tab, site)
    user = await make(tab, "Tom", Role.MANAGER)
    only = Grant(Role.MANAGER, team_ids=frozenset({site.values[QA]}))
    await grants.give(tab.db, SYSTEM, user_id=user.id, everywhere=None, limited=[only])
    await become(tab, user)
    await tab.open(Teams, "/teams")
    page = tab.of(Teams)
    assert [(line.name, line.may) for line in page.lines] == [(QA, True)]
    assert (page.may_create, page.values) == (False, [])
    await tab.open(TeamMembers, f"/team?team={ids[QA]}")
    assert [(line.name.split()[-1], line.own) for line in tab.of(TeamMembers).lines] == [
        ("ada", True),
        ("bela", True),
    ]
    await tab.open(TeamMembers, f"/team?team={ids[WEB]}")
    assert tab.of(TeamMembers).status == "failed"


async def test_members_are_changed_in_place_and_what_is_wrong_is_named(mia: Tab, site: PlanningSite) -> None:
    ids = await planned(mia, site)
    await mia.open(TeamMembers, f"/team?team={ids[QA]}")
    page = mia.of(TeamMembers)
    ada, bela = (line.id for line in page.lines)
    changes = {
        f"share-{ada}": "50 %", f"hours-{ada}": "7,5", f"since-{ada}": "2025-04-01", f"skills-{bela}": "Go, SQL", f"region-{bela}": "de-be",
    }  # fmt: skip
    await fire(page, "keep", member_form(page, **changes))
    assert page.complaint == ""
    assert [(line.share, line.hours, line.since) for line in page.lines] == [
        ("50", "7.5", "2025-04-01"),
        ("100", "", ""),
    ]
    assert (page.lines[1].skills, page.lines[1].region) == ("Go, SQL", "DE-BE")
    await fire(page, "keep", member_form(page, **{f"share-{ada}": "half"}))
    assert "'half' is no number" in page.complaint
    await fire(page, "keep", member_form(page, **{f"region-{ada}": "ZZ"}))
    assert "The holidays of 'ZZ' are not known." in page.complaint
    await fire(page, "keep", {f"share-{ada}": "50"})
    assert page.complaint.startswith("Somebody changed this while you were at it.")
    await fire(page, "add", {"name": "Zed", "email": "zed@x.test"})
    assert [line.name.split()[-1] for line in page.lines] == ["ada", "bela", "Zed"]
    assert mia.of(TeamHead).subtitle == "3 members. Plans in story points."
    await fire(page, "take_out", page.lines[2].id)
    await fire(page, "find_people", "ZOE")
    assert [one.value for one in page.found] == [f"add-{site.people['zoe']}"]
    await fire(page, "find_people", "ada")
    assert (page.found, page.searched) == ([], "ada")
    await fire(page, "add", {f"add-{site.people['zoe']}": "on"})
    assert [line.name.split()[-1] for line in page.lines] == ["ada", "bela", "zoe"]
    await fire(page, "take_out", page.lines[2].id)
    await fire(page, "add", {})
    assert (len(page.lines), page.complaint) == (2, "Tick who is to join, or give a name.")


async def test_pasted_members_are_looked_at_before_they_join(mia: Tab, site: PlanningSite) -> None:
    ids = await planned(mia, site)
    await mia.open(TeamMembers, f"/team?team={ids[WEB]}")
    page = mia.of(TeamMembers)
    await fire(page, "begin_paste")
    ada = next(name for one in page.suggested if (name := one.label.partition(",")[0]).endswith("ada"))
    lines = f"Name\tShare\tHours\n{ada}\t0\t6\nNobody Known\t40\t\nBela\t0.5\t\n"
    await fire(page, "look_at_paste", {"pasted": lines})
    assert (page.looked, page.complaint) == (True, "")
    assert [(one.what, one.fresh) for one in page.paste_lines] == [("share 0 %; 6 hours of a day", True)]
    assert [one.who for one in page.strangers] == ["Nobody Known"]
    assert page.problems[0].startswith("Line 4: 0.5 can be 0.5 % or 50 %")
    assert await rows(mia.db, "SELECT count(*) FROM team_member WHERE team_id = %s", ids[WEB]) == [(0,)]
    assert page.paste_reading.startswith("1 line with somebody who is known, 1 name that nobody is known by")
    await fire(page, "apply_paste", {page.strangers[0].field: "new"})
    assert (page.complaint, page.pasting) == ("", False)
    assert [(line.name.split()[-1], line.share, line.hours) for line in page.lines] == [
        ("ada", "0", "6"),
        ("Known", "40", ""),
    ]
    await fire(page, "apply_paste", {})
    assert page.complaint == "Paste the lines first."


async def test_members_of_many_teams_are_pasted_at_once(mia: Tab, site: PlanningSite) -> None:
    await planned(mia, site)
    await mia.open(Teams, "/teams")
    page = mia.of(TeamsPaste)
    await fire(page, "begin")
    text = f"Name,Team,Share\nNia,{WEB},40\nNia,{QA},60\nOla,{QA},1000\nPia,Nowhere,5\n"
    await fire(page, "look", {"pasted": text})
    assert [(one.name, one.lines) for one in page.teams] == [(QA, "0 members"), (WEB, "0 members")]
    assert [one.label for one in page.strangers] == ["Nia"]
    assert [said.partition(":")[0] for said in page.problems] == ["Line 4", "Line 5"]
    assert "There is no team “Nowhere”" in page.problems[1]
    await fire(page, "apply", {})
    assert page.complaint.startswith("None of these lines names a team and somebody.")
    assert "2 lines taken in." in words(await fire(page, "apply", {page.strangers[0].value: "on"}))
    listed = await members.listing(mia.db, ADMIN)
    nia = [row for row in listed if row.person.name == "Nia"]
    assert sorted(int(row.membership.share) for row in nia) == [40, 60]
    assert len({row.person.id for row in nia}) == 1


async def test_days_are_painted_for_a_member_and_for_the_whole_team(mia: Tab, site: PlanningSite) -> None:
    ids = await planned(mia, site)
    ada = str((await people_of(mia, ids[QA]))["ada"])
    await mia.open(TeamMonth, f"/team?team={ids[QA]}&tab=month&month=2025-04")
    page = mia.of(TeamMonth)
    assert (page.title, len(page.days), page.days[0].weekday) == ("April 2025", 30, "Tue")
    assert "month=2025-05" in page.next

    def cells(day: int) -> list[str]:
        return [row.cells[day - 1] for row in page.lines]

    assert cells(1) == ["w0", "w0", "w0"]
    await fire(page, "paint", ada, "2025-04-01", "1", "")
    assert cells(1) == ["w0", "w1", "w0"]
    await fire(page, "paint", ada, "2025-04-01", "3", "")
    await fire(page, "paint", "0", "2025-04-02", "2", "Offsite")
    assert (cells(1), cells(2)) == (["w0", "w3", "w0"], ["w2", "o0", "o0"])
    assert page.lines[1].notes[1] == "Offsite"
    await fire(page, "paint", ada, "2025-04-01", "0", "")
    await fire(page, "paint", "0", "2025-04-02", "0", "")
    assert (cells(1), cells(2)) == (["w0"] * 3, ["w0"] * 3)
    await fire(page, "paint", ada, "some day", "3", "")
    assert page.complaint.startswith("This is no day of the month.")
    await fire(page, "be_away", {"person": ada, "first": "2025-04-07", "last": "2025-04-09", "part": "2"})
    assert [row.cells[6:9] for row in page.lines[1:]] == [["w2"] * 3, ["w0"] * 3]
    await fire(page, "be_away", {"person": ada, "first": "2025-04-09", "last": "2025-04-07"})
    assert "ends before it begins" in page.complaint
    await mia.open(TeamMonth, f"/team?team={ids[QA]}&tab=month&month=1066-10")
    assert page.status == "ready"


async def test_a_file_of_absences_is_looked_at_and_then_taken_in(mia: Tab, site: PlanningSite) -> None:
    ids = await planned(mia, site)
    at = f"/team?team={ids[QA]}&tab=month"
    await mia.open(TeamMonth, at)
    await mia.open(AbsenceImport, at)
    page = mia.of(AbsenceImport)
    ada = next(line.name for line in mia.of(TeamMonth).lines if line.name.endswith("ada"))
    text = f"Name;From;To\n{ada};2090-01-02;2090-01-03\nStranger;2090-01-04;\n{ada};soon;\n"
    await fire(page, "take", "away.csv", text[:20], 0, False)
    assert not page.looked
    await fire(page, "take", "away.csv", text[20:], 1, True)
    assert (page.looked, page.complaint) == (True, "")
    assert page.reading.startswith("1 absence to enter, 0 there already.")
    assert [(one.name, one.when, one.known) for one in page.lines] == [
        (ada, "Mon 2 Jan 2090 to Tue 3 Jan 2090", False)
    ]
    assert [one.who for one in page.names] == ["Stranger"]
    assert page.problems[0].startswith("Line 4: 'soon' is no day.")
    assert await rows(mia.db, "SELECT count(*) FROM absence") == [(0,)]
    bela = str((await people_of(mia, ids[QA]))["bela"])
    told = await fire(page, "apply", {page.names[0].field: bela})
    assert "2 absences entered, 0 there already, 0 replaced." in words(told)
    assert not page.looked
    await fire(page, "take", "away.csv", "piece", 3, True)
    assert page.complaint.startswith("A piece of the file is missing.")
    await fire(page, "take", "away.ics", "no calendar", 0, True)
    assert page.complaint != ""


async def test_a_team_has_its_calendar_and_becomes_a_part_of_another(mia: Tab, site: PlanningSite) -> None:
    ids = await planned(mia, site)
    await mia.open(TeamForm, f"/team?team={ids[QA]}&tab=settings")
    page = mia.of(TeamForm)
    await fire(page, "pick_country", "DE")
    assert "BE" in page.subdivisions
    form: Mapping[str, str] = {
        "name": "QA Berlin", "parent": str(ids[WEB]), "unit": "hours", "zone": "Europe/Berlin", "country": "DE", "subdivision": "BE",
        "focus": "75", "hours": "7.5", "day-0": "on", "day-2": "on",
    }  # fmt: skip
    await fire(page, "keep", dict(form))
    assert (page.complaint, page.name, page.subdivision, page.weekdays[:3]) == (
        "",
        "QA Berlin",
        "BE",
        [True, False, True],
    )
    await fire(page, "keep", form | {"zone": "Berlin"})
    assert "There is no such time zone." in page.complaint
    value = {f"value-{site.values[QA]}": "on", f"value-{site.values['Ops']}": "on"}
    await fire(page, "keep_values", value)
    assert [one.chosen for one in page.values] == [True, True, False]
    await fire(page, "merge", {"into": ""})
    assert page.complaint.startswith("Choose the team")
    assert f"/team?team={ids[WEB]}" in words(await fire(page, "merge", {"into": str(ids[WEB])}))
    (left,) = await teams.listing(mia.db, ADMIN)
    assert (left.settings.name, left.members, len(left.disciplines)) == (WEB, 2, 3)
