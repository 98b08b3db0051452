"""One that is broken stops none of the others: schedules, files and chores whose rows nobody can read or whose work ends the worker."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.jobs import chores
from sprintreports.kit import clock, db
from sprintreports.reports.exporting import running as exporting
from sprintreports.reports.schedules import due, running
from tests.integration.planning_support import asking, person
from tests.integration.publishing_site import scalars
from tests.integration.queue_site import queue_site
from tests.integration.test_schedules import Ground, due_from, execute, made, runs, tick, work

AT = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await queue_site(session)
    async with asking() as client:
        yield Ground(client, site)


@pytest.mark.parametrize(
    "broken",
    [
        "zone = 'Mars/Olympus'",
        'trigger = \'{"on": "clock", "cron": "no time"}\'',
        'trigger = \'{"on": "comet"}\'',
    ],
    ids=["zone", "cron", "trigger"],
)
async def test_a_schedule_that_cannot_be_read_is_paused_alone(ground: Ground, broken: str) -> None:
    api = await person(ground.client, Role.MANAGER)
    bad, good = await made(api, ground.body(name="Bad")), await made(api, ground.body(name="Good"))
    event = await made(api, ground.body(name="Event", trigger={"on": "scope_change", "percent": 1}))
    for one in (bad, good):
        await due_from(one, AT)
    await execute(
        f"UPDATE schedule SET {broken} WHERE id IN (:bad, :event)", bad=bad, event=event
    )  # of this file
    assert await tick(AT) == 1
    paused = await scalars("SELECT paused_reason FROM schedule WHERE paused_at IS NOT NULL ORDER BY id")
    assert paused
    assert all("can no longer be read" in reason for reason in paused)
    assert (await scalars("SELECT paused_at IS NULL FROM schedule WHERE id = :id", id=good)) == [True]
    assert [one["kind"] for one in await api("GET", "/users/me/notices")] == ["schedule_paused"] * len(paused)
    assert await tick(AT) == 0


async def test_a_forecast_that_breaks_does_not_stop_the_clock(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object, **_more: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(due, "_by_event", broken)
    api = await person(ground.client, Role.MANAGER)
    await due_from(await made(api, ground.body()), AT)
    assert await tick(AT) == 1


async def test_a_deleted_schedules_run_gets_no_more_jobs(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(api, ground.body())
    await due_from(schedule, AT)
    await tick(AT)
    await api("DELETE", f"/schedules/{schedule}", status=204)
    assert await work(clock.now()) == [None]
    await execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
    await tick(clock.now() + timedelta(minutes=10))
    assert await scalars("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'") == [0]


async def test_a_run_that_is_at_work_gets_no_second_job(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    await api("POST", f"/schedules/{await made(api, ground.body())}/runs", status=201)
    await execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'reports.schedule'")
    await tick(clock.now() + timedelta(minutes=10))
    assert await scalars("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'reports.schedule'") == [
        1
    ]
    await execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'reports.schedule'")
    await tick(clock.now() + timedelta(minutes=10))
    assert await scalars("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'") == [1]


async def test_a_run_that_always_ends_the_worker_is_given_up(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    schedule = await made(api, ground.body())
    await due_from(schedule, AT)
    await tick(AT)
    (run_id,) = await scalars("SELECT id FROM schedule_run")
    async with db.transaction() as session:
        assert await running.run(session, run_id, now=clock.now(), attempts=running.MOST_TRIES) == "failed"
    (run,) = await runs(api, schedule)
    assert (run["state"], run["baseline_id"]) == ("failed", None)
    assert "died" in run["sentence"]


async def test_a_file_that_always_ends_the_worker_is_given_up(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    spec = {"kind": "baseline", "of": {"state": "sprint", "sprint_id": ground.site.sprints[3]}}
    one = await api("POST", "/exports", {"spec": spec, "format": "xlsx"}, status=201)
    await execute("UPDATE report_export SET state = 'running', progress = 40")
    await exporting.run(db.transaction, one["id"], now=clock.now, attempts=exporting.MOST_TRIES)
    told = await api("GET", f"/exports/{one['id']}")
    assert told["state"] == "failed"
    assert "died" in told["problem"]


async def test_chores_go_on_where_one_of_them_fails(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[str]()

    async def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError

    async def noted() -> None:
        done.append("tidied")

    async def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    for name in ("once", "seal", "take_baselines", "run_schedules"):
        monkeypatch.setattr(chores, name, broken)
    monkeypatch.setattr(chores, "tidy", noted)
    monkeypatch.setattr(chores.asyncio, "sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        await chores.every_so_often(None)  # type: ignore[arg-type]  # nothing asks for it here
    assert done == ["tidied"]


async def test_what_was_deleted_leaves_after_a_month_and_one_failure_keeps_nothing_else(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await person(ground.client, Role.MANAGER)
    sprint, kinds = ground.site.sprints[3], ("queue", "report", "report_template", "share_link")
    queue = await api("POST", f"/sprints/{sprint}/queues", {"name": "Gone"}, status=201)
    layout = {"pieces": [{"part": "text", "title": "T", "text": "Hello"}]}
    templates = [
        (
            await api(
                "POST", "/report-templates", {"name": name, "kind": "baseline", "layout": layout}, status=201
            )
        )["id"]
        for name in ("Used", "Free")
    ]
    spec = {"kind": "baseline", "of": {"state": "sprint", "sprint_id": sprint}}
    used = {"template": {"template_id": templates[0], "version": 1}}
    kept = await api("POST", "/reports", {"name": "Stays", "spec": spec} | used, status=201)
    gone = await api("POST", "/reports", {"name": "Gone", "spec": spec} | used, status=201)
    await api("POST", f"/reports/{gone['id']}/shares", {"name": "Client"}, status=201)
    await api("DELETE", f"/reports/{gone['id']}", status=204)
    await api("DELETE", f"/queues/{queue['id']}", status=204)
    for one in templates:
        await api("DELETE", f"/report-templates/{one}", status=204)

    async def broken(_session: AsyncSession, **_more: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(chores, "_TIDYING", (broken, *chores._TIDYING))
    now = clock.now()
    for later, left in (
        (MONTH - timedelta(hours=1), [1, 2, 2, 1]),
        (MONTH + timedelta(hours=1), [0, 1, 1, 0]),
    ):
        monkeypatch.setattr(chores.clock, "now", lambda later=later: now + later)
        with pytest.raises(ZeroDivisionError):
            await chores.tidy()
        monkeypatch.setattr(chores.clock, "now", lambda: now)
        found = [(await scalars(f"SELECT count(*) FROM {kind}"))[0] for kind in kinds]  # of this file
        assert found == left, later
    assert await scalars("SELECT id FROM report") == [kept["id"]]
    assert await scalars("SELECT id FROM report_template") == [templates[0]]
    assert await scalars("SELECT count(*) FROM queue_edit WHERE queue_id = :id", id=queue["id"]) == [0]
    assert (await api("GET", f"/reports/{kept['id']}/document"))["title"]
