"""What schedules rest on: a report that one sends is not deleted, whoever is first; templates fit; words find schedules."""

import asyncio
from typing import Any

import pytest

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.kit.errors import NotFound, SprintReportsError
from sprintreports.reports.library import reports
from sprintreports.reports.library.resting import ReportInUse
from sprintreports.reports.schedules import store
from sprintreports.reports.schedules.triggers import Clock
from sprintreports.reports.schedules.values import Recipient, StoredReport, Wanted
from tests.integration.planning_support import Api, person
from tests.integration.publishing_site import chat, scalars
from tests.integration.test_schedules import MAIL, Ground, execute, ground, made, work

__all__ = ["ground"]


async def a_report(ground: Ground, api: Api) -> int:
    spec = {"kind": "review", "sprint_id": ground.site.sprints[3]}
    return (await api("POST", "/reports", {"name": "Review", "spec": spec, "shared": True}, status=201))["id"]


def sending(report: int, connection: int, **more: Any) -> dict[str, Any]:
    return {
        "name": "Weekly",
        "trigger": {"on": "clock", "cron": "0 9 * * 1"},
        "content": {"kind": "report", "report_id": report},
        "recipients": [{"connection_id": connection}],
    } | more


async def refused(api: Api, path: str) -> str:
    answer = await api.client.delete(f"/api/v1{path}", headers=api.headers)
    assert answer.status_code == 409, answer.text
    assert answer.json()["error"]["code"] == "CONFLICT"
    return answer.json()["error"]["message"]


async def test_a_report_that_schedules_send_is_kept_and_they_are_named(ground: Ground) -> None:
    with chat() as (_messages, _place, wanted):
        admin = await person(ground.client, Role.ADMIN)
        connection = (await admin("POST", "/connections", wanted, status=201))["id"]
        api = await person(ground.client, Role.MANAGER)
        report = await a_report(ground, api)
        first = await made(api, sending(report, connection))
        assert await refused(api, f"/reports/{report}") == (
            "This report is sent by your schedule “Weekly”. Delete that first, or have it send another report."
        )
        # Paused, it rests on the report all the same.
        await api("PATCH", f"/schedules/{first}", {"paused": True})
        owner = (await api("GET", f"/schedules/{first}"))["owner"]
        others = [await made(admin, sending(report, connection, name=f"Daily {n}")) for n in range(6)]
        boss = (await admin("GET", f"/schedules/{others[0]}"))["owner"]
        # Whose schedules one does not see are named by their owners alone.
        assert await refused(api, f"/reports/{report}") == (
            f"This report is sent by your schedule “Weekly”{f', a schedule of {boss}' * 4} and 2 more. Delete these first, or have "
            "them send another report."
        )
        told = await refused(admin, f"/reports/{report}")
        assert told.startswith("This report is sent by your schedule “Daily 0”, your schedule “Daily 1”,")
        for one in others[1:]:
            await admin("DELETE", f"/schedules/{one}", status=204)
        told = await refused(admin, f"/reports/{report}")
        assert told.startswith(
            f"This report is sent by your schedule “Daily 0” and the schedule “Weekly” of {owner}. Delete these"
        )
        await admin("DELETE", f"/schedules/{others[0]}", status=204)
        # It sends something else from now on.
        sprint = {"content": {"kind": "sprint"}, "board_id": ground.site.boards[7]}
        await api("PATCH", f"/schedules/{first}", sprint)
        await api("DELETE", f"/reports/{report}", status=204)


@pytest.mark.parametrize("schedule_first", [True, False])
async def test_who_is_first_wins(ground: Ground, schedule_first: bool) -> None:  # a parameter
    """Somebody deletes the report while somebody has it sent: never both."""
    with chat() as (_messages, _place, body):
        admin = await person(ground.client, Role.ADMIN)
        connection = (await admin("POST", "/connections", body, status=201))["id"]
        report = await a_report(ground, admin)
    (owner,) = await scalars("SELECT owner_id FROM report")
    viewer = Viewer(user_id=owner, name="A", email="a@example.org", role=Role.ADMIN)
    content, to = StoredReport(report), (Recipient(connection),)
    wanted = Wanted("Weekly", Clock("0 9 * * 1"), "UTC", content, recipients=to)
    begun, outcome = asyncio.Event(), dict[str, str]()

    async def make(*, first: bool) -> None:
        async with db.transaction() as session:
            await store.create(session, viewer, wanted, now=clock.now())
            await _pause(first=first)

    async def delete(*, first: bool) -> None:
        async with db.transaction() as session:
            await reports.delete(session, viewer, report, now=clock.now())
            await _pause(first=first)

    async def _pause(*, first: bool) -> None:
        if first:
            begun.set()
            await asyncio.sleep(0.3)  # the other one has come to the lock by then

    async def attempt(name: str, *, first: bool) -> None:
        if not first:
            await begun.wait()
        try:
            await (make if name == "make" else delete)(first=first)
        except SprintReportsError as error:
            outcome[name] = type(error).__name__

    await asyncio.gather(attempt("make", first=schedule_first), attempt("delete", first=not schedule_first))
    assert outcome == ({"delete": ReportInUse.__name__} if schedule_first else {"make": NotFound.__name__})
    living = await scalars(
        "SELECT (SELECT count(*) FROM schedule) + (SELECT count(*) FROM report WHERE deleted_at IS NOT NULL)"
    )
    assert living == [1]


async def test_a_template_is_kept_checked_and_lays_out_what_is_sent(ground: Ground) -> None:
    with chat() as (_messages, _place, wanted):
        admin = await person(ground.client, Role.ADMIN)
        connection = (await admin("POST", "/connections", wanted, status=201))["id"]
        api = await person(ground.client, Role.MANAGER)
        template = {"system": "baseline-executive"}
        content = {"kind": "sprint", "report": "baseline", "template": template}
        body = ground.body(content=content, baseline=False, recipients=[{"connection_id": connection}])
        schedule = await made(api, body)
        shown = (await api("GET", f"/schedules/{schedule}"))["content"]
        assert shown["template"] == template | {"template_id": None, "version": None}
        plain = await made(api, body | {"content": content | {"template": None}, "name": "Plain"})
        assert (await api("GET", f"/schedules/{plain}"))["content"]["template"] is None
        for one in (schedule, plain):
            await api("POST", f"/schedules/{one}/runs", status=201)
        assert await work(clock.now()) == ["done", "done"]
        layouts = await scalars("SELECT source -> 'layout' -> 'pieces' FROM delivery ORDER BY id")
        assert layouts[0]
        assert layouts[1] is None
        other = {"content": content | {"report": "review"}}
        assert await api.refused("PATCH", f"/schedules/{schedule}", other) == {"content.template"}
        gone = {"content": content | {"template": {"system": "no-such"}}}
        await api("PATCH", f"/schedules/{schedule}", gone, status=404)
        unknown = {"content": content | {"template": {"template_id": 10**9, "version": 1}}}
        await api("PATCH", f"/schedules/{schedule}", unknown, status=404)


async def test_which_recipient_is_wrong_is_told(ground: Ground) -> None:
    admin = await person(ground.client, Role.ADMIN)
    connection = (await admin("POST", "/connections", MAIL, status=201))["id"]
    good = {"connection_id": connection, "target": {"to": ["a@example.org"]}}
    wrong = {"connection_id": connection, "target": {"to": ["nobody"]}}
    body = ground.body(recipients=[good, wrong])
    assert await admin.refused("POST", "/schedules", body) == {"recipients.1.target.to"}


async def test_words_find_schedules_by_their_names_and_owners(ground: Ground) -> None:
    admin, api = await person(ground.client, Role.ADMIN), await person(ground.client, Role.MANAGER)
    mine = await made(api, ground.body(name="50 % of the week_end"))
    theirs = await made(admin, ground.body(name="Nightly"))
    owner = (await api("GET", f"/schedules/{mine}"))["owner"]
    await execute("UPDATE user_account SET name = 'Zoë Quill' WHERE name = :name", name=owner)
    for words, found in (
        ("WEEK_END", [mine]),
        ("weekend", []),
        ("50 %25", [mine]),
        ("%25", [mine]),
        ("quill", [mine]),
        ("nightly", [theirs]),
        ("", [mine, theirs]),
    ):
        listed = await admin("GET", f"/schedules?search={words}")
        assert [one["id"] for one in listed] == found, words
    assert [one["id"] for one in await api("GET", "/schedules?search=nightly")] == []
    assert [one["id"] for one in await admin("GET", "/schedules?sort=-owner")] == sorted(
        (mine, theirs), key=lambda one: one != mine
    )
