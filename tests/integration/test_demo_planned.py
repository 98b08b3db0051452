"""The demo company's plan: made once and never over another one, and its next sprint as docs/capacity.md works it out by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.cli import demo_planning
from sprintreports.demo.planning import TEAMS
from sprintreports.demo.testing import running_demo
from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.kit import clock, db
from sprintreports.planning import teams
from sprintreports.planning.queue.results import Side
from sprintreports.planning.queues import store, versions
from sprintreports.planning.teams import TeamSettings
from sprintreports.ui import routes
from sprintreports.ui.pages.capacity.state import CapacityPage
from tests.integration.planning_support import SYSTEM, Api, asking, person
from tests.integration.sync_support import connected, connection, one, rows, synced
from tests.integration.test_page_events import Tab

TEAM, SPRINT = "Quality Assurance", "Storefront Sprint 28"
DAY = int(datetime(2026, 4, 28, 8, tzinfo=UTC).timestamp() * 1000)
DOC = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()


_MEMBERS = """
SELECT t.name, j.name, m.share, m.since, m.until, p.part_time, p.hours_per_day, p.skills, p.country
FROM team_member m JOIN team t ON t.id = m.team_id JOIN planning_person p ON p.id = m.person_id
JOIN jira_person j ON j.id = p.jira_person_id ORDER BY 1, 2, p.id
"""
_AWAY = """
SELECT j.name, a.first, a.last, a.part FROM absence a JOIN planning_person p ON p.id = a.person_id
JOIN jira_person j ON j.id = p.jira_person_id ORDER BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Company:
    """A synced demo company that nobody has planned yet."""

    url: str
    site: int

    def sprint(self, name: str) -> int:
        return one(self.url, "SELECT id FROM sprint WHERE name = %s", name)

    def plan(self) -> tuple[Any, ...]:
        """All of planning that people see, by names."""
        queries = (
            "SELECT name, zone, country, subdivision, unit, focus, version FROM team ORDER BY 1",
            _MEMBERS,
            _AWAY,
            "SELECT first, last, part, name FROM team_day_off ORDER BY 1, 4",
            "SELECT measure, value, reason FROM capacity_override ORDER BY 1",
            "SELECT s.name, q.name, q.state, q.head, q.versions FROM queue q JOIN sprint s ON s.id = q.sprint_id ORDER BY 1, 2",
        )
        return tuple(rows(self.url, query) for query in queries)


@pytest_asyncio.fixture
async def company(pg_url: str) -> AsyncIterator[Company]:
    with running_demo(scale=0.2, now=DAY) as jira:
        site = await connected(connection(jira))
        assert (await synced(site)).end == "done"
    yield Company(pg_url, site)


async def test_it_is_planned_once_and_as_the_page_works_it_out_by_hand(company: Company) -> None:
    await somebody_elses_plan_is_left_alone(company)
    assert await demo_planning.ensure(company.site)
    planned = company.plan()
    assert not await demo_planning.ensure(company.site)
    assert company.plan() == planned, "a second start changes nothing"
    look_at_the_plan(planned)
    await look_at_the_queues(company)
    async with asking() as client:
        ask = await person(client, Role.VIEWER)
        await rest_says_what_the_doc_says(ask, company)
    await the_page_says_what_the_doc_says(company)


async def somebody_elses_plan_is_left_alone(company: Company) -> None:
    """Not even when they have deleted it again; what is deleted here for good, nobody can."""
    async with db.transaction() as session:
        mine = await teams.create(session, SYSTEM, TeamSettings("Mine"))
    before = company.plan()
    assert not await demo_planning.ensure(company.site)
    assert company.plan() == before
    async with db.transaction() as session:
        await teams.delete(session, SYSTEM, mine.id, version=None)
    assert not await demo_planning.ensure(company.site)
    async with db.transaction() as session:
        await session.execute(text("DELETE FROM team"))


def look_at_the_plan(planned: tuple[Any, ...]) -> None:
    made, joined, away, off, by_hand, queues = planned
    assert {plan.name for plan in TEAMS} < {team[0] for team in made}
    assert len({team[1] for team in made}) >= 4, "zones"
    shares = Counter[str]()
    for _, name, share, *_ in joined:
        shares[name] += share
    shared = [name for name, count in Counter(row[1] for row in joined).items() if count > 1]
    assert any(shares[name] == 100 for name in shared)
    assert any(row[3] for row in joined)
    assert any(row[4] for row in joined)
    assert {row[5] for row in joined} > {100}
    assert any(row[6] for row in joined)
    assert any(row[8] for row in joined)
    assert {row[3] for row in away} >= {1, 3}
    assert {row[2] for row in off} >= {2, 3}
    assert len(by_hand) == 1
    assert by_hand[0][2].endswith(".")
    assert Counter(row[2] for row in queues) == {"active": 4, "draft": 4}
    assert all(row[4] == 1 for row in queues)


async def look_at_the_queues(company: Company) -> None:
    """Each lists every issue once; somewhere something is in, and one draft shows each kind of edit."""
    found: list[versions.Stored] = []
    async with db.transaction() as session:
        for (sprint,) in rows(company.url, "SELECT DISTINCT sprint_id FROM queue"):
            listed = await store.listing(session, SYSTEM, sprint_id=sprint)
            found += [await versions.read(session, SYSTEM, queue.id) for queue in listed]
    for stored in found:
        placed = [placement.issue for team in stored.queue.teams for placement in team.placements]
        assert len(placed) == len(set(placed))
    sides = Counter(p.side for stored in found for team in stored.queue.teams for p in team.placements)
    assert set(sides) == set(Side)
    edited = [stored.queue.options for stored in found if stored.version.head]
    assert edited
    for options in edited:
        assert (len(options.pins), len(options.exclusions), len(options.timings)) == (1, 1, 2)


def written() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The two tables of the section, by their first cells."""
    section = DOC.split("## The demo company's next sprint by hand")[1].split("\n## ")[0]
    members: dict[str, list[str]] = {}
    past: dict[str, list[str]] = {}
    for line in section.splitlines():
        cells = [cell.strip(" *") for cell in line.strip("|").split("|")]
        if line.startswith("| Storefront"):
            past[cells[0]] = cells
        elif line.startswith("| ") and not line.startswith("| Member") and not line.startswith("| Sprint"):
            members[cells[0]] = cells
    return members, past


def shown(value: float, digits: int = 3) -> str:
    return f"{round(value, digits):g}"


async def rest_says_what_the_doc_says(ask: Api, company: Company) -> None:
    sprint = company.sprint(SPRINT)
    table = await ask("GET", f"/sprints/{sprint}/capacity")
    ids = {line["team_name"]: line["team_id"] for line in table["teams"]}
    team = await ask("GET", f"/sprints/{sprint}/teams/{ids[TEAM]}/capacity")
    members, past = written()
    total = members.pop(TEAM)
    told = {
        one["name"]: (shown(one["possible"]), shown(one["days"]), shown(one["hours_per_day"]), shown(one["hours"]))
        for one in team["members"]
    }  # fmt: skip
    assert told == {name: (row[3], row[4], row[5], row[6]) for name, row in members.items()}
    assert (total[4], total[6]) == (shown(team["days"]), shown(team["hours"]))
    assert total[3] == shown(sum(one["possible"] for one in team["members"]))
    assert f"= **{shown(team['working_days'])}**" in DOC
    assert f"**{shown(team['amount'])} points**" in DOC
    assert team["rate"] == pytest.approx(7 / 30, abs=1e-6)
    used = team["rests_on"]
    assert {one["name"]: (shown(one["days"]), shown(one["completed"])) for one in used} == {
        name: (row[6], row[7]) for name, row in past.items()
    }
    for row in past.values():
        assert row[8] == shown(float(row[7]) / float(row[6]))
        mine, kenji = (re.split(r" = ", cell)[1] for cell in (row[3], row[5]))
        assert float(mine) + float(kenji) == pytest.approx(float(row[6]))
    other = await ask("GET", f"/sprints/{sprint}/teams/{ids['Technical Writing']}/capacity")
    (half,) = [one for one in other["members"] if one["name"] == "Kenji Sato"]
    assert shown(half["days"]) == members["Kenji Sato"][4]


async def the_page_says_what_the_doc_says(company: Company) -> None:
    assert routes.register  # importing the routes registers every state
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email="v@x.test", password="tall green yak 7", role=Role.VIEWER
        )
        new = await sessions.create(
            session, user_id=made.id, user_agent="", address="192.0.2.1", now=clock.now()
        )
    async with db.transaction() as session:
        tab = Tab(session, new.token)
        await tab.open(CapacityPage, f"/capacity?sprint={company.sprint(SPRINT)}")
        page = tab.of(CapacityPage)
    assert (page.status, page.name) == ("ready", f"Capacity of {SPRINT}")
    (line,) = [line for line in page.lines if line.name == TEAM]
    members, _ = written()
    total = members.pop(TEAM)
    assert line.days.split()[0] == total[4]
    assert line.hours.split()[0] == total[6]
    assert line.amount.startswith("4.9")
    people = {one.name: (one.days.split()[0], one.hours.split()[0]) for one in line.people}
    assert people == {name: (row[4], row[6]) for name, row in members.items()}
