"""A schedule that waits until a sprint is unlikely to finish: with a moved clock, once a sprint, and only where a number can be told."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.kit import clock, db
from sprintreports.reports.schedules import chances, due
from tests.integration.counting import asked
from tests.integration.planning_support import Api, asking, person
from tests.integration.publishing_site import scalars
from tests.integration.queue_site import queue_site
from tests.integration.steady_site import SPRINT, at, synced
from tests.integration.test_schedules import Ground, execute, made, runs, tick, work

BELOW = {"on": "forecast_below", "percent": 70}


@dataclass
class Told:
    """What stands for the forecasts. calls: the boards that were asked for, and when."""

    chance: float | None = None
    calls: list[tuple[list[int], datetime]] = field(default_factory=list[tuple[list[int], datetime]])

    async def of_running(
        self, session: AsyncSession, boards: Collection[int], *, now: datetime
    ) -> dict[tuple[int, int], float | None]:
        self.calls.append((sorted(boards), now))
        found = await chances.board_sprints.of_boards(session, boards, since=now)
        return {(one.board_id, one.sprint_id): self.chance for one in found}


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await queue_site(session)
    async with asking() as client:
        yield Ground(client, site)


@pytest_asyncio.fixture
async def manager(ground: Ground) -> Api:
    return await person(ground.client, Role.MANAGER)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    monkeypatch.setattr(chances.forecasts, "of_running", made.of_running)
    return made


async def test_it_runs_once_as_soon_as_the_chance_is_below(ground: Ground, manager: Api, told: Told) -> None:
    content = {"kind": "sprint", "report": "comparison"}
    schedule = await made(manager, ground.body(trigger=BELOW, content=content))
    shown = await manager("GET", f"/schedules/{schedule}")
    assert (shown["trigger"], shown["next_at"]) == (BELOW, None)
    now, found = clock.now(), list[int]()
    # No number, more than the limit, the limit itself, less, less again, more again, less.
    for told.chance in (None, 0.95, 0.7, 0.699, 0.1, 0.9, 0.3):
        now += timedelta(hours=1)
        found.append(await tick(now))
    assert found == [0, 0, 0, 1, 0, 0, 0]
    (run,) = await runs(manager, schedule)
    assert run["sprint_id"] == ground.site.sprints[3]
    assert await work(now) == ["done"]
    (run,) = await runs(manager, schedule)
    assert run["sentence"] == "A baseline was taken."
    # What has been told is asked for no more.
    asked_for = len(told.calls)
    assert asked_for == 4
    assert await tick(now + timedelta(hours=1)) == 0
    assert len(told.calls) == asked_for
    # Another limit is another occasion, from now on.
    await manager("PATCH", f"/schedules/{schedule}", {"trigger": BELOW | {"percent": 20}})
    assert await tick(now + timedelta(hours=2)) == 0
    told.chance = 0.15
    assert [await tick(now + timedelta(hours=hours)) for hours in (3, 4)] == [1, 0]


async def test_with_forecasts_of_a_board_it_runs_on_the_day_that_makes_it_unlikely(pg_url: str) -> None:
    """Until Wednesday the sprint does what all did before; on Thursday nothing is finished, and on Friday morning six points are more
    than any day has ever brought (tests/integration/steady_site.py)."""
    now = at(SPRINT, 0, 8)
    async with db.transaction() as session:
        site = await synced(session, now)
    async with asking() as client:
        manager = await person(client, Role.MANAGER)
        (board,) = await scalars("SELECT id FROM board")
        (sprint,) = await scalars("SELECT id FROM sprint WHERE jira_sprint_id = :number", number=10 + SPRINT)
        body = {
            "name": "Unlikely",
            "trigger": BELOW,
            "content": {"kind": "sprint"},
            "board_id": board,
            "baseline": True,
        }
        schedule = await made(manager, body)
        await execute("UPDATE schedule SET since = :at", at=now)
        due_at: list[datetime] = []
        for weekday, hour in ((0, 8), (0, 10), (1, 10), (2, 20), (3, 9), (4, 10), (4, 11)):
            now = at(SPRINT, weekday, hour)
            async with db.transaction() as session:
                await synced(session, now, site)
            due_at += [now] * await tick(now)
            # A Jira that cannot be read since makes nothing less likely.
            assert await tick(now + timedelta(hours=25)) == 0
        assert due_at == [at(SPRINT, 4, 10)]
        (run,) = await runs(manager, schedule)
        assert (run["sprint_id"], datetime.fromisoformat(run["due_at"])) == (sprint, due_at[0])


async def test_too_little_is_known_of_a_board_to_wait_for_anything(ground: Ground, manager: Api) -> None:
    """Two closed sprints, which is one too few."""
    await made(manager, ground.body(trigger=BELOW | {"percent": 95}))
    assert await tick(clock.now()) == 0
    async with db.transaction() as session:
        assert set((await chances.asked(session, now=clock.now())).values()) == {None}


async def test_a_sprint_that_is_closed_is_no_news(ground: Ground, manager: Api, told: Told) -> None:
    await made(manager, ground.body(trigger=BELOW))
    told.chance = 0.1
    now = clock.now()
    await execute(
        "UPDATE sprint SET state = 'closed', complete_date = :at WHERE id = :id",
        at=now - timedelta(minutes=1), id=ground.site.sprints[3],
    )  # fmt: skip
    assert await tick(now) == 0
    assert told.calls == []


async def test_forecasts_are_read_for_schedules_that_wait_for_them_alone(
    ground: Ground, manager: Api, told: Told
) -> None:
    other = await made(manager, ground.body(trigger={"on": "scope_change", "percent": 900}))
    schedule = await made(manager, ground.body(trigger=BELOW))
    now = clock.now()
    await manager("PATCH", f"/schedules/{schedule}", {"paused": True})
    assert await tick(now) == 0
    assert told.calls == []
    await manager("PATCH", f"/schedules/{schedule}", {"paused": False})
    await tick(now)
    assert told.calls == [([ground.site.boards[7]], now)]
    await manager("DELETE", f"/schedules/{schedule}", status=204)
    await tick(now)
    assert len(told.calls) == 1
    async with db.transaction() as session:
        with asked() as seen:
            assert await chances.asked(session, now=now) == {}
    assert len(seen) == 1
    assert [one["id"] for one in await manager("GET", "/schedules")] == [other]


async def test_a_forecast_that_fails_stops_nothing_else(
    ground: Ground, manager: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(manager, ground.body(trigger=BELOW))
    other = await made(manager, ground.body(name="Other", trigger={"on": "scope_change", "percent": 1}))
    await execute(
        "UPDATE sprint_summary SET final_points = initial_points * 2 + 5000 WHERE dimension = 'sprint'"
    )

    async def broken(*_: object, **__: object) -> None:
        raise ValueError("kaput")

    monkeypatch.setattr(chances.forecasts, "of_running", broken)
    assert await tick(clock.now()) == 1
    assert await scalars("SELECT schedule_id FROM schedule_run") == [other]


async def test_two_workers_tell_of_it_once(ground: Ground, manager: Api, told: Told) -> None:
    for name in ("One", "Two"):
        await made(manager, ground.body(name=name, trigger=BELOW))
    told.chance = 0.2
    now = clock.now() + timedelta(minutes=1)
    async with db.transaction() as first, db.transaction() as second:
        # The second looks while the first holds both.
        counts = [await due.tick(first, now=now), await due.tick(second, now=now)]
    assert (counts, await tick(now)) == ([2, 0], 0)
    assert await scalars("SELECT count(*) FROM schedule_run") == [2]


async def test_who_sees_some_teams_cannot_wait_for_all_of_them(ground: Ground) -> None:
    limited = await person(ground.client, Role.MANAGER, teams=[next(iter(ground.site.values.values()))])
    body = ground.body(trigger=BELOW, baseline=False, recipients=[{"connection_id": 1}])
    assert "the work of all teams" in (await limited("POST", "/schedules", body, status=403))["message"]


@pytest.mark.parametrize("percent", [0, 96, 70.5, "often", None])
async def test_a_limit_that_is_none_is_refused(ground: Ground, manager: Api, percent: Any) -> None:
    body = ground.body(trigger={"on": "forecast_below", "percent": percent})
    fields = await manager.refused("POST", "/schedules", body)
    assert {one.rpartition(".")[2] for one in fields} == {"percent"}
