"""Schedules with a moved clock: the change of the clock, missed runs, events, failures, rights withdrawn, two workers at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.jira.reads.board_sprints import BoardSprint
from sprintreports.kit import clock, db
from sprintreports.reports.schedules import due, running
from sprintreports.reports.schedules.triggers import BeforeEnd, Closed, ForecastBelow, ScopeChange, Started
from tests.integration.planning_support import Api, asking, person
from tests.integration.publishing_site import chat, scalars
from tests.integration.queue_site import QueueSite, queue_site

MAIL = {
    "name": "Mail",
    "settings": {
        "kind": "email",
        "host": "127.0.0.1",
        "port": 2525,
        "security": "none",
        "sender": "r@example.org",
    },
}


@dataclass
class Ground:
    client: httpx.AsyncClient
    site: QueueSite

    def body(self, **more: Any) -> dict[str, Any]:
        """A baseline of the sprint that runs, each day at half past two in Berlin."""
        return {
            "name": "Nightly",
            "trigger": {"on": "clock", "cron": "30 2 * * *"},
            "zone": "Europe/Berlin",
            "content": {"kind": "sprint"},
            "board_id": self.site.boards[7],
            "baseline": True,
        } | more


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await queue_site(session)
    async with asking() as client:
        yield Ground(client, site)


async def made(api: Api, body: dict[str, Any]) -> int:
    return (await api("POST", "/schedules", body, status=201))["id"]


async def execute(sql: str, **values: object) -> None:
    async with db.transaction() as session:
        await session.execute(text(sql), values)


async def tick(now: datetime) -> int:
    async with db.transaction() as session:
        return await due.tick(session, now=now)


async def work(now: datetime) -> list[str | None]:
    """All runs that wait, each in its own transaction as its job does it."""
    found = await scalars("SELECT id FROM schedule_run WHERE state = 'waiting' ORDER BY id")
    states = list[str | None]()
    for run_id in found:
        async with db.transaction() as session:
            states.append(await running.run(session, run_id, now=now))
    return states


async def runs(api: Api, schedule: int) -> list[dict[str, Any]]:
    return await api("GET", f"/schedules/{schedule}/runs")


async def due_from(schedule: int, at: datetime) -> None:
    """As though the schedule had been made so that it is due first at this time."""
    await execute("UPDATE schedule SET next_at = :at WHERE id = :id", at=at, id=schedule)


async def test_a_night_whose_hour_is_left_out_and_what_was_missed_run_once(ground: Ground) -> None:
    """Berlin goes from 02:00 to 03:00 on 29 March 2026: half past two runs at 01:00 UTC."""
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(api, ground.body())
    await due_from(schedule, datetime(2026, 3, 28, 1, 30, tzinfo=UTC))
    assert await tick(datetime(2026, 3, 28, 1, 29, tzinfo=UTC)) == 0
    assert await tick(datetime(2026, 3, 28, 1, 30, tzinfo=UTC)) == 1
    shown = await api("GET", f"/schedules/{schedule}")
    assert shown["next_at"] == "2026-03-29T01:00:00Z"
    assert await tick(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == 1
    assert (await api("GET", f"/schedules/{schedule}"))["next_at"] == "2026-03-30T00:30:00Z"
    # Down until 2 April at noon: the nights to 30 and 31 March, 1 and 2 April are one run.
    assert await tick(datetime(2026, 4, 2, 12, tzinfo=UTC)) == 1
    assert await tick(datetime(2026, 4, 2, 12, tzinfo=UTC)) == 0
    (last, *_) = await runs(api, schedule)
    assert (last["due_at"], last["missed"]) == ("2026-03-30T00:30:00Z", 3)
    assert await work(clock.now()) == ["done"] * 3
    (last, *others) = await runs(api, schedule)
    assert last["sentence"] == "A baseline was taken. It stands for 3 more times that were missed."
    assert {one["sentence"] for one in others} == {"A baseline was taken."}
    kept = await api("GET", "/baselines")
    assert {one["id"] for one in kept} == {one["baseline_id"] for one in [last, *others]}
    assert {one["created_by"] for one in kept} == {shown["owner_id"]}
    assert {one["note"] for one in kept} == {"By the schedule “Nightly”."}


async def test_two_workers_never_run_one_twice(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    clocks = [await made(api, ground.body(name=f"Clock {number}")) for number in range(3)]
    await made(api, ground.body(name="Event", trigger={"on": "scope_change", "percent": 1}))
    await execute(
        "UPDATE sprint_summary SET final_points = initial_points * 2 + 5000 WHERE dimension = 'sprint'"
    )
    for one in clocks:
        await due_from(one, datetime(2026, 3, 28, 1, 30, tzinfo=UTC))
    now = clock.now() + timedelta(minutes=1)
    counts = await asyncio.gather(*(tick(now) for _ in range(4)))
    running_sprints = await scalars(
        "SELECT count(*) FROM board_sprint JOIN board USING (site_id, jira_board_id) JOIN sprint USING (site_id, jira_sprint_id) "
        "WHERE board.id = :id AND state = 'active'", id=ground.site.boards[7]
    )  # fmt: skip
    assert running_sprints[0] > 0
    assert sum(counts) == len(clocks) + running_sprints[0]
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'reports.schedule'"
    assert await scalars(jobs) == [sum(counts)]
    (run_id, *_) = await scalars("SELECT id FROM schedule_run ORDER BY id")

    async def once() -> str | None:
        async with db.transaction() as session:
            return await running.run(session, run_id, now=now)

    states = await asyncio.gather(once(), once(), once())
    assert sorted(states, key=str) == [None, None, "done"]
    assert await scalars("SELECT count(*) FROM baseline") == [1]


async def test_a_message_goes_out_once_as_its_owner(ground: Ground) -> None:
    with chat() as (_messages, _place, wanted):
        admin = await person(ground.client, Role.ADMIN)
        connection = (await admin("POST", "/connections", wanted, status=201))["id"]
        api = await person(ground.client, Role.MANAGER)
        body = ground.body(baseline=False, recipients=[{"connection_id": connection}])
        schedule = await made(api, body)
        first = await api("POST", f"/schedules/{schedule}/runs", status=201)
        assert (await api("POST", f"/schedules/{schedule}/runs", status=201))["id"] == first["id"]
        assert await work(clock.now()) == ["done"]
        assert await work(clock.now()) == []
        (run,) = await runs(api, schedule)
        (delivery,) = await api("GET", "/deliveries")
        assert run["delivery_ids"] == [delivery["id"]]
        assert (run["sentence"], run["baseline_id"]) == ("1 delivery was put in line.", None)
        assert delivery["user_id"] == (await api("GET", f"/schedules/{schedule}"))["owner_id"]
        # A job that comes again, its run set back, finds its delivery there.
        await execute("UPDATE schedule_run SET state = 'waiting', ended_at = NULL")
        assert await work(clock.now()) == ["done"]
        assert len(await api("GET", "/deliveries")) == 1
        # Deliveries that do not arrive count as failures, too.
        await execute(
            "UPDATE delivery SET state = 'failed', sentence = 'The webhook was revoked.', ended_at = now()"
        )
        for number in range(4):
            await api("POST", f"/schedules/{schedule}/runs", status=201)
            await work(clock.now() + timedelta(seconds=number))
            await execute(
                "UPDATE delivery SET state = 'failed', sentence = 'The webhook was revoked.', ended_at = now()"
            )
            assert (await api("GET", f"/schedules/{schedule}"))["paused_at"] is None
        await tick(clock.now())
        shown = await api("GET", f"/schedules/{schedule}")
        assert shown["paused_reason"].endswith("The last time: The webhook was revoked.")


async def test_five_failures_pause_it_and_its_owner_is_told(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(api, ground.body())

    async def broken(*_: object, **__: object) -> None:
        raise ValueError("kaput")

    monkeypatch.setattr(running.keeping, "freeze", broken)
    for number in range(5):
        assert (await api("GET", f"/schedules/{schedule}"))["paused_at"] is None, number
        await api("POST", f"/schedules/{schedule}/runs", status=201)
        assert await work(clock.now()) == ["failed"]
    shown = await api("GET", f"/schedules/{schedule}")
    assert shown["paused_reason"].startswith(
        "It failed 5 times in a row. The last time: Something went wrong on our side."
    )
    assert "kaput" not in shown["paused_reason"]
    (notice,) = [one for one in await api("GET", "/users/me/notices") if one["kind"] == "schedule_paused"]
    assert "Nightly" in notice["title"]
    assert [one["id"] for one in await api("GET", "/schedules?paused=true")] == [schedule]
    await due_from(schedule, clock.now() - timedelta(days=2))
    assert await tick(clock.now()) == 0
    monkeypatch.undo()
    resumed = await api("PATCH", f"/schedules/{schedule}", {"paused": False})
    assert resumed["paused_at"] is None
    assert datetime.fromisoformat(resumed["next_at"]) > clock.now()
    # What failed before it was resumed counts no more.
    await tick(clock.now())
    await api("POST", f"/schedules/{schedule}/runs", status=201)
    assert await work(clock.now()) == ["done"]
    assert (await api("GET", f"/schedules/{schedule}"))["paused_at"] is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE user_account SET role = 'viewer' WHERE id = :owner", "does not allow this"),
        ("UPDATE user_account SET is_active = false WHERE id = :owner", "deactivated"),
        ("UPDATE board SET deleted_at = now() WHERE id = :board", "no such board"),
    ],
    ids=["another role", "deactivated", "a board that is gone"],
)
async def test_who_lost_the_right_has_it_done_no_more(ground: Ground, change: str, why: str) -> None:
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(api, ground.body())
    (owner,) = await scalars("SELECT owner_id FROM schedule")
    await due_from(schedule, clock.now() - timedelta(minutes=1))
    assert await tick(clock.now()) == 1
    names = {"owner": owner, "board": ground.site.boards[7]}
    await execute(change, **{name: value for name, value in names.items() if f":{name}" in change})
    assert await work(clock.now()) == ["failed"]
    admin = await person(ground.client, Role.ADMIN)
    shown = await admin("GET", f"/schedules/{schedule}")
    assert shown["paused_at"] is not None
    assert why in shown["paused_reason"]
    assert await scalars("SELECT count(*) FROM baseline") == [0]
    # Who was deactivated is told nothing more; everybody else is.
    told = await scalars(
        "SELECT count(*) FROM notice WHERE kind = 'schedule_paused' AND user_id = :id", id=owner
    )
    assert told == [0 if why == "deactivated" else 1]


async def test_a_user_may_mail_to_themselves_alone(ground: Ground) -> None:
    admin = await person(ground.client, Role.ADMIN)
    connection = (await admin("POST", "/connections", MAIL, status=201))["id"]
    api = await person(ground.client, Role.USER)
    mine = {"connection_id": connection, "target": {"to": ["user@example.org"]}}
    others = {"connection_id": connection, "target": {"to": ["user@example.org", "team@example.org"]}}
    body = ground.body(baseline=False, content={"kind": "sprint", "report": "trend"}, recipients=[mine])
    schedule = await made(api, body)
    await api("POST", "/schedules", body | {"recipients": [others]}, status=403)
    await api("POST", "/schedules", body | {"baseline": True}, status=403)
    await api("PATCH", f"/schedules/{schedule}", {"recipients": [mine, others]}, status=403)
    await api("POST", f"/schedules/{schedule}/runs", status=201)
    assert await work(clock.now()) == ["done"]
    # An admin sees and may pause it, and does not run it as somebody else.
    assert [one["id"] for one in await admin("GET", "/schedules")] == [schedule]
    await admin("PATCH", f"/schedules/{schedule}", {"name": "Mine"}, status=403)
    await admin("POST", f"/schedules/{schedule}/runs", status=403)
    assert (await admin("PATCH", f"/schedules/{schedule}", {"paused": True}))[
        "paused_reason"
    ] == "Paused by hand."
    other = await person(ground.client, Role.MANAGER)
    await other("GET", f"/schedules/{schedule}", status=404)
    await other("DELETE", f"/schedules/{schedule}", status=404)
    await api("DELETE", f"/schedules/{schedule}", status=204)
    assert await api("GET", "/schedules") == []
    actions = await scalars("SELECT action FROM audit_entry WHERE subject_kind = 'schedule' ORDER BY id")
    assert actions == ["schedule.created", "schedule.run", "schedule.paused", "schedule.deleted"]
    assert await scalars(
        "SELECT count(*) FROM audit_entry WHERE after::text LIKE '%user@example.org%' AND subject_kind = 'schedule'"
    ) == [0]


async def test_without_a_sprint_nothing_is_sent_and_nothing_fails(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(api, ground.body())
    await execute("UPDATE sprint SET state = 'future' WHERE state = 'active'")
    for _ in range(6):
        await api("POST", f"/schedules/{schedule}/runs", status=201)
        assert await work(clock.now()) == ["nothing"]
    shown = await api("GET", f"/schedules/{schedule}")
    assert (shown["paused_at"], shown["last_sentence"]) == (
        None,
        "No sprint of this board runs at the moment.",
    )


async def test_a_run_whose_job_is_gone_gets_another(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(api, ground.body())
    await api("POST", f"/schedules/{schedule}/runs", status=201)
    await execute("DELETE FROM procrastinate_jobs")
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'reports.schedule'"
    await tick(clock.now())
    assert await scalars(jobs) == [0]
    await tick(clock.now() + timedelta(minutes=6))
    await tick(clock.now() + timedelta(minutes=7))
    assert await scalars(jobs) == [1]


async def test_what_is_old_is_forgotten(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    first, second = await made(api, ground.body()), await made(api, ground.body(name="Other"))
    await api("POST", f"/schedules/{first}/runs", status=201)
    await work(clock.now())
    await api("DELETE", f"/schedules/{second}", status=204)
    for days, left in ((29, (1, 2)), (31, (1, 1)), (181, (0, 1))):
        async with db.transaction() as session:
            await due.purge(session, now=clock.now() + timedelta(days=days))
        assert await scalars("SELECT count(*) FROM schedule_run") == [left[0]]
        assert await scalars("SELECT count(*) FROM schedule") == [left[1]]


async def test_what_cannot_be_meant_is_refused(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    for change, field in (
        ({"trigger": {"on": "clock", "cron": "0 25 * * *"}}, "trigger.cron"),
        ({"trigger": {"on": "clock", "cron": "0 0 30 2 *"}}, "trigger.cron"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"name": "   "}, "name"),
        ({"board_id": None}, "board_id"),
        ({"baseline": False}, "recipients"),
    ):
        assert await api.refused("POST", "/schedules", ground.body(**change)) == {field}, change
    await api("POST", "/schedules", ground.body(board_id=10**9), status=404)
    await api("POST", "/schedules", ground.body(content={"kind": "report", "report_id": 10**9}), status=404)
    await api("POST", "/schedules", ground.body(recipients=[{"connection_id": 10**9}]), status=404)
    limited = await person(ground.client, Role.MANAGER, teams=[next(iter(ground.site.values.values()))])
    await limited("POST", "/schedules", ground.body(), status=403)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def sprint(**more: Any) -> BoardSprint:
    usual: dict[str, Any] = {
        "board_id": 1, "sprint_id": 5, "started": at(2), "closed": None, "planned_end": at(16), "zone": "UTC",
        "known_until": at(31), "commitment": 20_000, "scope": 20_000,
    }  # fmt: skip
    return BoardSprint(**usual | more)


@pytest.mark.parametrize(
    ("trigger", "given", "now", "wanted"),
    [
        (Started(), sprint(), at(3), ("sprint_started:5", at(2))),
        (Started(), sprint(), at(1), None),
        (Started(), sprint(known_until=at(1)), at(3), None),
        (Started(), sprint(known_until=None), at(3), None),
        (Closed(), sprint(), at(17), None),
        (Closed(), sprint(closed=at(16, 12)), at(17), ("sprint_closed:5", at(16, 12))),
        (Closed(), sprint(closed=at(16, 12), known_until=at(16, 11)), at(17), None),
        (BeforeEnd(2), sprint(), at(14, 8), None),
        (BeforeEnd(2), sprint(), at(14), ("before_end:2:5", at(14))),
        (BeforeEnd(2), sprint(), at(17), None),
        (BeforeEnd(2), sprint(closed=at(10)), at(14), None),
        (BeforeEnd(2), sprint(planned_end=None), at(14), None),
        (BeforeEnd(20), sprint(), at(14), None),
        (ScopeChange(10), sprint(scope=22_000), at(5), None),
        (ScopeChange(10), sprint(scope=22_001), at(5), ("scope_change:10:5", at(5))),
        (ScopeChange(10), sprint(scope=17_999), at(5), ("scope_change:10:5", at(5))),
        (ScopeChange(10), sprint(scope=None), at(5), None),
        (ScopeChange(10), sprint(scope=90_000, closed=at(4)), at(5), None),
    ],
)  # fmt: skip
def test_what_happens_to_a_sprint(trigger: Any, given: BoardSprint, now: datetime, wanted: Any) -> None:
    found = [(one.key, one.at) for one in due.occasions(trigger, "UTC", [given], since=at(1, 0), now=now)]
    assert found == ([] if wanted is None else [wanted])
    assert [*due.occasions(trigger, "UTC", [given], since=now, now=now)] == []


@pytest.mark.parametrize(
    ("chance", "given", "wanted"),
    [
        (0.29, sprint(), "forecast_below:30:5"),
        (0.3, sprint(), None),
        (None, sprint(), None),
        (0.29, sprint(closed=at(4)), None),
        (0.29, sprint(board_id=2), None),
        (0.29, sprint(sprint_id=6), None),
    ],
)
def test_a_chance_is_that_of_its_sprint_on_its_board(
    chance: float | None, given: BoardSprint, wanted: str | None
) -> None:
    found = due.occasions(
        ForecastBelow(30), "UTC", [given], since=at(1, 0), now=at(5), likely={(1, 5): chance}
    )
    assert [one.key for one in found] == ([] if wanted is None else [wanted])
    assert [*due.occasions(ForecastBelow(30), "UTC", [given], since=at(1, 0), now=at(5))] == []


async def test_a_close_is_reported_once_and_what_was_before_is_not(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(
        api, ground.body(trigger={"on": "sprint_closed"}, content={"kind": "sprint", "report": "review"})
    )
    now = clock.now()
    # A sprint that was closed before the schedule was made is there; it is not run.
    assert await scalars("SELECT count(*) > 0 FROM sprint WHERE state = 'closed'") == [True]
    assert await tick(now) == 0
    three = ground.site.sprints[3]
    close = now + timedelta(hours=1)
    await execute(
        "UPDATE sprint SET state = 'closed', complete_date = :at WHERE id = :id", at=close, id=three
    )
    await execute("UPDATE site SET last_synced_at = :at", at=close + timedelta(minutes=5))
    later = close + timedelta(minutes=6)
    assert [await tick(later), await tick(later)] == [1, 0]
    assert await work(later) == ["done"]
    (run,) = await runs(api, schedule)
    assert (run["sprint_id"], datetime.fromisoformat(run["due_at"])) == (three, close)
