"""Capacity, team by sprint: the whole table of a large company, and how long everybody else waits for it."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground, run
from sprintreports.api.schemas.capacity import CapacityTableOut
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import store
from sprintreports.jira.reads import disciplines
from sprintreports.kit import db
from sprintreports.planning import absences, discovering, members, people, sprint_plan
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.members import Membership
from sprintreports.planning.sprint_plan import CapacityTable
from sprintreports.planning.teams import TeamSettings
from tests.integration.jira_site import BOARD, NOW, fill, make_site, rows, sprint
from tests.unit.jira.samples import change, day, issue, moved

_TEAMS, _PEOPLE = 100, 600
_QUICK_TEAMS, _QUICK_PEOPLE = 10, 60
_CLOSED, _COMING, _ISSUES = 5, 3, 2  # sprints before and after the one asked for; issues of a team in each
_ASKED = 101 + _CLOSED
_RUNS = 7
_BEAT = 0.002
_SYSTEM = Viewer.system()
_LIMIT = Target(must=200, aim=50)
_STALL = Target(must=50, aim=25)


def measure(ground: Ground) -> Result:
    """Members with absences, each in two teams, with the holidays of Berlin."""
    teams = _QUICK_TEAMS if ground.quick else _TEAMS
    people_in_all = _QUICK_PEOPLE if ground.quick else _PEOPLE
    ground.migrated("bench_capacity")
    samples, table = run(lambda: _measured(teams, people_in_all))
    size = f"{len(table.lines)} teams, {people_in_all} people, {len(table.columns)} sprints"
    return Result(
        "capacity",
        "Capacity, team by sprint",
        [
            Row(f"{size}: the table", samples["wall"], "ms", _LIMIT),
            Row("CPU of ours for it", samples["cpu"], "ms"),
            Row("the longest that the event loop was kept from others", samples["stall"], "ms", _STALL),
            Row("the table as JSON", samples["json"], "ms"),
            Row("one team with its members", samples["one"], "ms", _LIMIT),
        ],
    )


async def _measured(teams: int, count: int) -> tuple[dict[str, list[float]], CapacityTable]:
    async with db.transaction() as session:
        sprint_id, team_id = await _filled(session, teams, count)
    samples: dict[str, list[float]] = {"wall": [], "cpu": [], "stall": [], "one": [], "json": []}
    async with db.transaction() as session:
        table = await sprint_plan.table(
            session, _SYSTEM, sprint_id=sprint_id
        )  # holidays are known afterwards
        gc.collect()
        gc.freeze()  # as a web process does when it has started (ui/web.py)
        for _ in range(_RUNS):
            worked = time.process_time()
            took, stall = await _watched(lambda: sprint_plan.table(session, _SYSTEM, sprint_id=sprint_id))
            samples["cpu"].append(1000 * (time.process_time() - worked))
            samples["wall"].append(took)
            samples["stall"].append(stall)
            took, _ = await _watched(
                lambda: sprint_plan.basis(session, _SYSTEM, sprint_id=sprint_id, team_id=team_id)
            )
            samples["one"].append(took)
            began = time.perf_counter()
            CapacityTableOut.of(table, {}).model_dump_json()
            samples["json"].append(1000 * (time.perf_counter() - began))
    return samples, table


async def _watched(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """How long it takes, and the longest that something else had to wait meanwhile beyond its time; milliseconds."""
    gaps: list[float] = []

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_BEAT)
            gaps.append(time.perf_counter() - before - _BEAT)

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0)
    began = time.perf_counter()
    await work()
    took = time.perf_counter() - began
    await asyncio.sleep(2 * _BEAT)
    beating.cancel()
    return 1000 * took, 1000 * max(gaps)


async def _filled(session: AsyncSession, teams: int, count: int) -> tuple[int, int]:
    """The sprint that is asked for, and a team."""
    site = await make_site(session)
    spans = [
        sprint(101 + n, _state(n), 14 * n, 14 * n + 14, _closed(n)) for n in range(_CLOSED + _COMING + 1)
    ]
    await store.store_sprints(session, site, BOARD, spans, now=NOW)
    issues = [_issue(number, teams) for number in range(teams * _ISSUES * len(spans))]
    await fill(session, site, issues)
    values = [row.id for row in await disciplines.listing(session, _SYSTEM)]
    like = TeamSettings("Team", country="DE", subdivision="BE")
    made = await discovering.make_teams(session, _SYSTEM, values, like=like)
    ids = [await people.named(session, f"Person {number:04}") for number in range(count)]
    for place, team in enumerate(made):
        # Each is in two teams, half in each.
        own = {*ids[place :: len(made)], *ids[(place + 1) % len(made) :: len(made)]}
        wanted = [Membership(one, Decimal(50)) for one in sorted(own)]
        await members.put(session, _SYSTEM, team.id, wanted, version=None)
    first = NOW.date() - timedelta(days=60)
    for number, person in enumerate(ids):
        for away in range(3):
            await absences.add(
                session, _SYSTEM, _absence(person, first + timedelta(days=7 * away + number % 50))
            )
    ((sprint_id,),) = await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = %s", _ASKED)
    return sprint_id, made[0].id


def _issue(number: int, teams: int) -> bytes:
    """Every team has some in each sprint; those of closed sprints were completed, so that there are rates."""
    at = number // teams // _ISSUES
    done = [change(number, day(14 * at + 2 + number % 9), moved("1", "3"))] if at < _CLOSED else []
    status, team = "3" if done else "1", f"Team {number % teams:03}"
    return issue(number, *done, status=status, points=1 + number % 8, team=team, sprints=[101 + at])


def _state(number: int) -> str:
    if number < _CLOSED:
        return "closed"
    return "active" if number == _CLOSED else "future"


def _closed(number: int) -> float | None:
    return 14 * number + 14.2 if number < _CLOSED else None


def _absence(person: int, day: date) -> Absence:
    return Absence(person, day, day + timedelta(days=1), DayPart.WHOLE if person % 3 else DayPart.MORNING)
