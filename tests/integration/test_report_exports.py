"""Files of reports: asked for over REST, made at once or by the worker as the person who asked, fetched, expired, deleted."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from openpyxl import load_workbook

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jobs import chores, worker
from sprintreports.jobs.payloads import EXPORT_JOB
from sprintreports.kit import clock, db, queue
from sprintreports.metrics.values import Unit
from sprintreports.reports.export import files
from sprintreports.reports.export.browser import BrowserFailed
from sprintreports.reports.export.files import FileTooLarge
from sprintreports.reports.export.options import Format
from sprintreports.reports.exporting import asking as exports
from sprintreports.reports.exporting import running
from sprintreports.reports.exporting.asking import About, NoSuchExport, TooManyExports, Wanted
from sprintreports.reports.exporting.states import State
from sprintreports.reports.spec import BaselineSpec, Live
from tests.integration.jira_site import fill, make_site
from tests.integration.planning_support import Api, asking, person
from tests.unit.jira.samples import change, day, issue, moved

TITLES = ("=cmd|' /C calc'!A0", "<b>Pay</b> by card")


@dataclass(frozen=True, slots=True)
class Ground:
    """A sprint of two issues, and two people who ask."""

    url: str
    sprint: int
    reader: Api
    other: Api

    def asked(self, form: str, **more: Any) -> dict[str, Any]:
        return {
            "spec": {"kind": "baseline", "of": {"state": "sprint", "sprint_id": self.sprint}},
            "format": form,
            **more,
        }


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await make_site(session)
        await fill(session, site, [
            issue(1, change(12, day(9), moved("1", "3")), status="3", sprints=[1], points=5, summary=TITLES[0]),
            issue(2, status="2", sprints=[1], points=8, summary=TITLES[1]),
        ])  # fmt: skip
    ((sprint,),) = rows(pg_url, "SELECT id FROM sprint WHERE jira_sprint_id = 1")
    async with asking() as client:
        yield Ground(pg_url, sprint, await person(client, Role.VIEWER), await person(client, Role.USER))


def rows(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as database:
        found = database.execute(query, values)  # type: ignore[arg-type]  # of this file alone
        return found.fetchall() if found.description else []


async def drain() -> None:
    await worker.run(wait=False)
    queue.app.cache_clear()


async def viewer_of(url: str, role: Role) -> Viewer:
    ((user_id,),) = rows(url, "SELECT id FROM user_account WHERE role = %s", role.value)
    return Viewer(user_id, "N", "n@x.test", role)


def wanted(ground: Ground, form: Format = Format.XLSX) -> Wanted:
    return Wanted(About(spec=BaselineSpec(Live(ground.sprint), unit=Unit.POINTS)), form)


async def begun(ground: Ground, form: Format = Format.XLSX) -> int:
    viewer = await viewer_of(ground.url, Role.VIEWER)
    async with db.transaction() as session:
        return (await exports.request(session, viewer, wanted(ground, form), now=clock.now())).id


async def test_a_small_file_is_there_at_once(ground: Ground):
    made = await ground.reader("POST", "/exports", ground.asked("json", zone="Europe/Berlin"), status=201)
    assert (made["state"], made["progress"], made["problem"]) == ("done", 100, "")
    answer = await ground.reader.answer("GET", f"/exports/{made['id']}/file")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == f'attachment; filename="{made["file_name"]}"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) == made["size"]
    assert json.loads(answer.content)["zone"] == "Europe/Berlin"
    assert rows(ground.url, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", EXPORT_JOB) == [
        (0,)
    ]


async def test_a_workbook_is_made_by_the_worker_and_fetched(ground: Ground):
    made = await ground.reader("POST", "/exports", ground.asked("xlsx", locale="de-DE"), status=201)
    assert (made["state"], made["progress"], made["size"]) == ("waiting", 0, None)
    assert (await ground.reader("GET", f"/exports/{made['id']}/file", status=409))["message"].startswith(
        "This file is not"
    )
    await drain()
    done = await ground.reader("GET", f"/exports/{made['id']}")
    assert (done["state"], done["progress"], done["problem"]) == ("done", 100, "")
    assert done["file_name"].endswith(".xlsx")
    file = await ground.reader.answer("GET", f"/exports/{made['id']}/file")
    book = load_workbook(io.BytesIO(file.content))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {TITLES[0], TITLES[1]} <= {cell.value for cell in cells}
    assert not any(cell.data_type == "f" for cell in cells)
    ((entry,),) = rows(ground.url, "SELECT after FROM audit_entry WHERE action = 'report.exported'")
    assert (entry["format"], entry["size"]) == ("xlsx", len(file.content))
    assert entry["about"]["spec"]["of"]["sprint_id"] == ground.sprint


async def test_nobody_sees_the_files_of_others(ground: Ground):
    made = await ground.reader("POST", "/exports", ground.asked("csv"), status=201)
    for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
        await ground.other(method, f"/exports/{made['id']}{path}", status=404)
    assert await ground.other("GET", "/exports") == []
    assert [one["id"] for one in await ground.reader("GET", "/exports")] == [made["id"]]


async def test_what_cannot_be_meant_is_refused(ground: Ground):
    await ground.reader("POST", "/exports", {"format": "csv"}, status=422)
    await ground.reader("POST", "/exports", ground.asked("csv") | {"report_id": 1}, status=422)
    assert await ground.reader.refused(
        "POST", "/exports", ground.asked("csv", options={"part": "nothing"})
    ) == {"part"}
    await ground.reader("POST", "/exports", ground.asked("docx"), status=422)
    await ground.reader("POST", "/exports", ground.asked("csv", locale="xx"), status=422)
    none = {"spec": {"kind": "baseline", "of": {"state": "sprint", "sprint_id": 999_999}}, "format": "csv"}
    await ground.reader("POST", "/exports", none, status=404)
    assert await ground.reader("GET", "/exports") == []


async def test_what_goes_wrong_is_told_on_the_file(ground: Ground):
    none = {"spec": {"kind": "baseline", "of": {"state": "sprint", "sprint_id": 999_999}}, "format": "pdf"}
    made = await ground.reader("POST", "/exports", none, status=201)
    await drain()
    found = await ground.reader("GET", f"/exports/{made['id']}")
    assert found["state"] == "failed"
    assert len(found["problem"]) > 20
    assert rows(ground.url, "SELECT status FROM procrastinate_jobs WHERE task_name = %s", EXPORT_JOB) == [
        ("succeeded",)
    ]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FileTooLarge(), "64 MB"),
        (RuntimeError("secret"), "error on our side"),
        (TimeoutError(), "longer than five minutes"),
    ],
)
async def test_every_failure_is_a_sentence(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
):
    export_id = await begun(ground)

    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(running, "written", fail)
    await running.run(db.transaction, export_id, now=clock.now)
    ((state, problem, body),) = rows(ground.url, "SELECT state, problem, body FROM report_export")
    assert (state, body) == ("failed", None)
    assert told in problem
    assert "secret" not in problem


async def test_a_browser_that_died_gets_a_second_chance(ground: Ground, monkeypatch: pytest.MonkeyPatch):
    export_id = await begun(ground)
    tries: list[int] = []

    async def once(*given: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise BrowserFailed
        return await files.written(*given)

    monkeypatch.setattr(running, "written", once)
    await running.run(db.transaction, export_id, now=clock.now)
    assert rows(ground.url, "SELECT state FROM report_export") == [("done",)]


async def test_rights_are_those_of_when_it_is_made(ground: Ground):
    export_id = await begun(ground)
    viewer = await viewer_of(ground.url, Role.VIEWER)
    rows(ground.url, "UPDATE user_account SET is_active = false WHERE id = %s", viewer.user_id)
    await running.run(db.transaction, export_id, now=clock.now)
    ((state, problem),) = rows(ground.url, "SELECT state, problem FROM report_export")
    assert state == "failed"
    assert "deactivated" in problem


async def test_running_twice_makes_one_file(ground: Ground):
    export_id = await begun(ground, Format.CSV)
    await running.run(db.transaction, export_id, now=clock.now)
    before = rows(ground.url, "SELECT state, finished_at, size FROM report_export")
    await running.run(db.transaction, export_id, now=clock.now)
    assert rows(ground.url, "SELECT state, finished_at, size FROM report_export") == before
    assert before[0][0] == "done"
    assert rows(ground.url, "SELECT count(*) FROM audit_entry WHERE action = 'report.exported'") == [(1,)]


async def test_one_whose_worker_died_is_begun_again(ground: Ground):
    export_id = await begun(ground, Format.CSV)
    rows(ground.url, "UPDATE report_export SET state = 'running', progress = 40")
    await running.run(db.transaction, export_id, now=clock.now)
    assert rows(ground.url, "SELECT state, progress FROM report_export") == [("done", 100)]


async def test_what_is_deleted_is_not_made(ground: Ground, monkeypatch: pytest.MonkeyPatch):
    made = await ground.reader("POST", "/exports", ground.asked("xlsx"), status=201)
    await ground.reader("DELETE", f"/exports/{made['id']}", status=204)
    await ground.reader("GET", f"/exports/{made['id']}", status=404)
    assert rows(ground.url, "SELECT status FROM procrastinate_jobs WHERE task_name = %s", EXPORT_JOB) == [
        ("cancelled",)
    ]
    export_id = await begun(ground)

    async def deleted_meanwhile(*given: Any) -> Any:
        rows(ground.url, "DELETE FROM report_export WHERE id = %s", export_id)
        return await files.written(*given)

    monkeypatch.setattr(running, "written", deleted_meanwhile)
    await running.run(db.transaction, export_id, now=clock.now)
    assert rows(ground.url, "SELECT count(*) FROM report_export") == [(0,)]
    assert rows(ground.url, "SELECT count(*) FROM audit_entry WHERE action = 'report.exported'") == [(0,)]


async def test_files_expire_and_lost_ones_are_told(ground: Ground):
    now = clock.now()
    kept, lost = await begun(ground, Format.CSV), await begun(ground)
    await running.run(db.transaction, kept, now=clock.now)
    rows(ground.url, "DELETE FROM procrastinate_jobs")
    async with db.transaction() as session:
        await exports.purge(session, now=now + timedelta(minutes=11))
    ((state, problem),) = rows(ground.url, "SELECT state, problem FROM report_export WHERE id = %s", lost)
    assert state == "failed"
    assert "lost" in problem
    viewer = await viewer_of(ground.url, Role.VIEWER)
    async with db.transaction() as session:
        with pytest.raises(NoSuchExport):
            await exports.fetch(session, viewer, kept, now=now + timedelta(hours=25))
        await exports.purge(session, now=now + timedelta(hours=23))
    assert rows(ground.url, "SELECT count(*) FROM report_export") == [(2,)]
    async with db.transaction() as session:
        await exports.purge(session, now=now + timedelta(hours=25))
    assert rows(ground.url, "SELECT count(*) FROM report_export") == [(0,)]


async def test_housekeeping_knows_them(ground: Ground):
    await begun(ground)
    rows(ground.url, "UPDATE report_export SET expires_at = now() - interval '1 minute'")
    await chores.tidy()
    assert rows(ground.url, "SELECT count(*) FROM report_export") == [(0,)]


async def test_one_person_has_so_many_under_way_and_so_much_kept(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    for _ in range(exports.MOST_WAITING):
        await begun(ground)
    with pytest.raises(TooManyExports):
        await begun(ground)
    await ground.other("POST", "/exports", ground.asked("csv"), status=201)
    rows(ground.url, "DELETE FROM report_export")
    first, second = await begun(ground, Format.CSV), await begun(ground, Format.CSV)
    await running.run(db.transaction, first, now=clock.now)
    monkeypatch.setattr(exports, "MOST_KEPT_BYTES", 100)
    await running.run(db.transaction, second, now=clock.now)
    assert rows(ground.url, "SELECT id FROM report_export") == [(second,)]


async def test_twenty_at_once_are_all_made(ground: Ground):
    asked = [
        ground.reader("POST", "/exports", ground.asked(form), status=201) for form in ("xlsx", "csv") * 10
    ]
    made = await asyncio.gather(*asked)
    for _ in range(10):  # one at a time: a worker that finds the others locked ends
        await drain()
    states = {one["state"] for one in await ground.reader("GET", "/exports?per_page=100")}
    assert states == {"done"}
    assert len({one["id"] for one in made}) == 20


async def test_a_key_without_the_scope_makes_nothing(ground: Ground):
    viewer = replace(await viewer_of(ground.url, Role.VIEWER), scopes=frozenset())
    async with db.transaction() as session:
        with pytest.raises(Exception, match="does not allow"):
            await exports.request(session, viewer, wanted(ground), now=clock.now())


async def test_the_states_are_those_of_the_table(ground: Ground):
    for state in State:
        body = b"x" if state is State.DONE else None
        rows(
            ground.url,
            "INSERT INTO report_export (user_id, about, format, options, state, body, size, expires_at) "
            "SELECT id, '{}', 'csv', '{}', %s, %s, %s, now() FROM user_account LIMIT 1",
            state.value, body, body and 1,
        )  # fmt: skip
    with pytest.raises(psycopg.errors.CheckViolation):
        rows(ground.url, "UPDATE report_export SET state = 'done', body = NULL")
