"""The page of schedules as page events: what it shows to whom, its form, its history, and what a report that one sends withstands."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.kit import clock, queue
from sprintreports.reports.library import reports
from sprintreports.reports.schedules import due, running
from sprintreports.reports.spec import ReviewSpec
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.pages.schedules.editing import ScheduleEditor
from sprintreports.ui.pages.schedules.state import Schedules
from tests.integration.jira_site import rows
from tests.integration.publishing_site import chat, wiki
from tests.integration.queue_site import QueueSite, queue_site
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_publishing_pages import MAIL, asker, connected, deliver_all
from tests.integration.test_users_page import become, fire, make

__all__ = ["tab"]
FORM = {"name": "Monday's state", "at": "09:00", "day-1": "on", "zone": "Europe/Berlin"}


@pytest.fixture
async def site(db_session: AsyncSession) -> QueueSite:
    return await queue_site(db_session)


@pytest.fixture
async def boss(tab: Tab, site: QueueSite, monkeypatch: pytest.MonkeyPatch) -> Tab:
    """An admin. Jobs go nowhere, `work` and `deliver_all` do theirs."""

    async def defer(*_: Any, **__: Any) -> int:
        return 1

    monkeypatch.setattr(queue, "defer", defer)
    return await become(tab, await make(tab, "Boss", Role.ADMIN))


async def work(tab: Tab) -> list[Any]:
    waiting = await rows(tab.db, "SELECT id FROM schedule_run WHERE state = 'waiting' ORDER BY id")
    return [await running.run(tab.db, run_id, now=clock.now()) for (run_id,) in waiting]


async def begun(tab: Tab, address: str = "/schedules") -> Any:
    await tab.open(Schedules, address)
    editor = tab.of(ScheduleEditor)
    if not editor.is_open:
        await fire(editor, "begin")
    return editor


async def kept(tab: Tab, editor: Any, form: dict[str, Any]) -> str:
    """Send the form, which has to do, and follow it; the id of the schedule."""
    said = await fire(editor, "keep", form)
    assert (editor.complaint, editor.problems, editor.is_open) == ("", {}, False), editor.problems
    ((newest,),) = await rows(tab.db, "SELECT max(id) FROM schedule")
    assert f"/schedules?schedule={newest}" in str(said)
    await tab.open(Schedules, f"/schedules?schedule={newest}")
    return str(newest)


async def a_report(tab: Tab, site: QueueSite, *, shared: bool = False) -> int:
    wanted = reports.Wanted("Review of three", ReviewSpec(site.sprints[3]), shared=shared)
    return (await reports.create(tab.db, await asker(tab), wanted, now=clock.now())).id


async def test_a_report_goes_out_each_monday_and_its_history_is_told(boss: Tab, site: QueueSite) -> None:
    page = boss.of(Schedules)
    with chat() as (slack, _place, body):
        made = await connected(boss, body)
        editor = await begun(boss)
        assert (page.status, page.sees_all, editor.title) == ("empty", True, "A new schedule")
        assert (editor.may_write, editor.may_freeze, editor.does) == (True, True, "send")
        assert [one.connection for one in editor.to] == [str(made.id)]
        assert [one.label for one in editor.boards] != []
        schedule = await kept(boss, editor, FORM | {"board": str(site.boards[7]), "which": "running"})
        assert (page.opened, page.one.name, page.may_steer, page.runs) == (
            schedule,
            "Monday's state",
            True,
            [],
        )
        assert page.one.when == "Every Monday at 09:00, Europe/Berlin"
        assert page.one.next.startswith("Mon ")
        assert (page.one.outcome, page.one.where, page.moving) == ("Never ran", "Chat", False)

        await fire(page, "run_now")
        await fire(page, "run_now")  # one that waits already is the same
        assert (page.complaint, [one.outcome for one in page.runs], page.moving) == ("", ["In line"], True)
        assert await work(boss) == ["done"]
        await fire(page, "tick")
        assert (page.runs[0].outcome, page.moving, page.one.outcome) == ("On its way", True, "On its way")
        assert slack.posted == []
        await deliver_all(boss)
        await fire(page, "tick")
        (run,) = page.runs
        assert (run.outcome, run.tone, page.moving, len(slack.posted)) == ("Done", "good", False, 1)
        assert run.told == "1 delivery was put in line. It arrived."
        assert (run.links[0].text, run.links[0].state) == ("Chat", "Delivered")
        assert run.links[-1].url.startswith("/report?of=sprint-")
        assert run.sprint.startswith("Sprint") or run.sprint

        await fire(page, "pause")
        assert (page.one.paused, page.one.next) == ("Paused by hand.", "")
        await boss.open(Schedules, "/schedules?state=paused")
        assert ([one.id for one in page.lines], page.opened) == ([schedule], "")
        await boss.open(Schedules, "/schedules?state=running")
        assert (page.status, page.lines, page.filtered) == ("ready", [], True)
        for search, found in (("monday", 1), ("%", 0), ("Boss", 1), ("else", 0)):
            await boss.open(Schedules, f"/schedules?search={search}")
            assert len(page.lines) == found, search
        await boss.open(Schedules, f"/schedules?schedule={schedule}")
        await fire(page, "resume")
        assert (page.one.paused, page.one.next.startswith("Mon ")) == ("", True)
        assert "schedule=" not in str(await fire(page, "close"))
        await boss.open(Schedules, f"/schedules?schedule={schedule}")
        assert "/schedules" in str(await fire(page, "delete"))
        await boss.open(Schedules, f"/schedules?schedule={schedule}")
        assert (page.opened, "no such schedule" in page.complaint) == ("", True)


async def test_runs_that_were_missed_are_told_and_cut_into_pages(boss: Tab, site: QueueSite) -> None:
    editor = await begun(boss)
    assert (editor.does, editor.connections) == ("freeze", [])  # nothing could be sent yet
    schedule = await kept(
        boss, editor, FORM | {"board": str(site.boards[7]), "which": "running", "name": "Frozen"}
    )
    page = boss.of(Schedules)
    assert page.one.what.startswith("Takes a baseline of the sprint that runs on ")
    await boss.db.execute(text("UPDATE schedule SET next_at = next_at - interval '21 days'"))
    assert await due.tick(boss.db, now=clock.now()) == 1
    assert await work(boss) == ["done"]
    await fire(page, "tick")
    (run,) = page.runs
    assert run.told == "A baseline was taken. It stands for 2 more times that were missed."
    assert [one.url.partition("-")[0] for one in run.links] == ["/report?of=baseline"]
    for number in range(10):
        moment = clock.now() + timedelta(seconds=number)
        await boss.db.execute(
            text(
                "INSERT INTO schedule_run (schedule_id, occasion, due_at, state, sentence, ended_at) "
                "VALUES (:id, :name, :at, 'nothing', 'No sprint of this board runs at the moment.', :at)"
            ),
            {"id": int(schedule), "name": f"x{number}", "at": moment},
        )
    await boss.open(Schedules, f"/schedules?schedule={schedule}")
    assert (len(page.runs), page.runs[0].outcome) == (10, "Nothing to report")
    assert page.runs_pager.next == f"/schedules?schedule={schedule}&runs=2"
    await boss.open(Schedules, page.runs_pager.next)
    assert [one.told for one in page.runs] == [run.told]


@pytest.mark.parametrize(
    ("on", "form", "told"),
    [
        ("cron", {"cron": "*/15 9-17 * * 1-5"}, "Every 15 minutes from 09:00 to 17:45, every weekday, UTC"),
        ("sprint_started", {}, "When a sprint of the board starts"),
        ("sprint_closed", {}, "When a sprint of the board is closed"),
        ("before_end", {"days": "2"}, "2 days before the planned end of each sprint, UTC"),
        ("scope_change", {"percent": "10"}, "When the scope of a sprint is more than 10 % away from its commitment"),
        ("forecast_below", {"chance": "50"}, "When the chance that a sprint finishes its scope is below 50 %"),
    ],
)  # fmt: skip
async def test_each_way_of_saying_when_is_made_and_comes_back(
    boss: Tab, site: QueueSite, on: str, form: dict[str, Any], told: str
) -> None:
    editor = await begun(boss)
    await fire(editor, "pick_when", on)
    whole = {"name": on, "board": str(site.boards[7]), "zone": "UTC"} | form
    schedule = await kept(boss, editor, whole)
    assert boss.of(Schedules).one.when == told
    await fire(editor, "edit", schedule)
    assert (editor.is_open, editor.on, editor.name, editor.zone) == (True, on, on, "UTC")
    back = {"cron": editor.cron, "days": editor.days, "percent": editor.percent, "chance": editor.chance}
    assert form.items() <= back.items()
    await fire(editor, "keep", whole | {"name": "Renamed"})
    assert (editor.complaint, editor.problems, editor.is_open) == ("", {}, False)
    assert await rows(boss.db, "SELECT name FROM schedule") == [("Renamed",)]


async def test_the_form_looks_ahead_and_says_what_is_wrong_beside_it(boss: Tab, site: QueueSite) -> None:
    with wiki() as (_pages, _place, body):
        made = await connected(boss, body)
        editor = await begun(boss)
        assert (editor.said, len(editor.ahead)) == (f"every weekday at 09:00, {editor.zone}", 5)
        await fire(editor, "pick_what", "review")
        assert editor.which == "closed"
        await fire(editor, "see_day", "1", False)
        assert editor.said.startswith("every Tuesday, Wednesday, Thursday and Friday at 09:00")
        await fire(editor, "see_at", "17:45")
        assert all(one.endswith("17:45") for one in editor.ahead)
        await fire(editor, "pick_when", "cron")
        assert editor.cron == "45 17 * * 2-5"
        for cron in ("61 * * * *", "0 0 30 2 *", "0 9 * *", "@daily", "x" * 500):
            await fire(editor, "see_cron", cron)
            assert (editor.ahead, editor.said, editor.ahead_problem != "") == ([], "", True), cron
        await fire(editor, "see_cron", "0 9 1 * *")
        assert (editor.ahead_problem, len(editor.ahead)) == ("", 5)
        await fire(editor, "see_zone", "Mars/Olympus")
        assert "no such time zone" in editor.ahead_problem
        await fire(editor, "see_zone", "Asia/Tokyo")
        assert editor.said == "on the 1st of every month at 09:00, Asia/Tokyo"

        key = editor.to[0].key
        form = {"name": " ", "board": str(site.boards[7]), "zone": "Mars/Olympus", "cron": "61 * * * *"}
        await fire(editor, "keep", form)
        assert {name for name, told in editor.problems.items() if told} == {"zone", "trigger.cron"}
        await fire(editor, "keep", form | {"zone": "UTC", "cron": "0 9 * * *"})
        assert {name for name, told in editor.problems.items() if told} == {"name"}
        await fire(
            editor,
            "keep",
            form | {"zone": "UTC", "cron": "0 9 * * *", "name": "N", f"r{key}-space": "no space"},
        )
        assert (editor.is_open, editor.to[0].problem) == (True, "Enter the key of the space, such as TEAM.")
        await fire(editor, "add")
        await fire(editor, "drop", key)
        assert [(one.connection, one.problem) for one in editor.to] == [(str(made.id), "")]
        await fire(editor, "drop", editor.to[0].key)
        await fire(editor, "keep", form | {"zone": "UTC", "cron": "0 9 * * *", "name": "N"})
        assert editor.problems["recipients"].startswith("Say where the report goes")
        assert await rows(boss.db, "SELECT count(*) FROM schedule") == [(0,)]
        for _ in range(12):
            await fire(editor, "add")
        assert len(editor.to) == 10


async def test_a_template_lays_out_what_is_sent(boss: Tab, site: QueueSite) -> None:
    with chat() as (_slack, _place, body):
        await connected(boss, body)
        editor = await begun(boss)
        await fire(editor, "pick_what", "review")
        template = next(one for one in editor.templates if one.value.startswith("system:"))
        form = FORM | {"board": str(site.boards[7]), "template": template.value, "which": "running"}
        await fire(editor, "keep", form | {"template": "system:baseline-full"})
        assert "another kind of report" in editor.problems["content.template"]
        schedule = await kept(boss, editor, form)
        await fire(editor, "edit", schedule)
        assert (editor.what, editor.template) == ("review", template.value)
        await fire(editor, "end")
        await fire(boss.of(Schedules), "run_now")
        assert await work(boss) == ["done"]
        ((source,),) = await rows(boss.db, "SELECT source FROM delivery")
        assert source["layout"]["pieces"]


async def test_a_report_of_the_library_is_scheduled_from_its_page_and_stays_while_it_is_sent(
    boss: Tab, site: QueueSite
) -> None:
    await connected(boss, {"name": "Mail", "settings": MAIL})
    report = await a_report(boss, site, shared=True)
    editor = await begun(boss, f"/schedules?new=yes&report={report}")
    assert (editor.what, editor.report, editor.to[0].mail.casefold()) == (
        "library",
        str(report),
        "boss@x.test",
    )
    # A page that loads itself again takes nothing from who types; another address is another form.
    await fire(editor, "pick_when", "sprint_closed")
    await boss.open(Schedules, f"/schedules?new=yes&report={report}")
    assert (editor.is_open, editor.on) == (True, "sprint_closed")
    await boss.open(Schedules, "/schedules?new=yes")
    assert (editor.is_open, editor.on, editor.what) == (True, "weekly", "baseline")
    await boss.open(Schedules, "/schedules")
    assert not editor.is_open
    await boss.open(Schedules, f"/schedules?new=yes&report={report}")
    assert "new=" not in str(await fire(editor, "end"))
    editor = await begun(boss, f"/schedules?new=yes&report={report}")
    form = FORM | {"report": str(report), f"r{editor.to[0].key}-to": "boss@x.test"}
    await kept(boss, editor, form)
    assert boss.of(Schedules).one.what == "Sends the report “Review of three”"
    page = boss.of(ReportPage)
    await boss.open(ReportPage, f"/report?id={report}")
    said = str(await fire(page, "delete"))
    assert "This report is sent by your schedule “Monday's state”. Delete that first" in said + page.complaint

    # A manager who does not see it is told whose it is, and no more.
    mia = await become(boss, await make(boss, "Mia", Role.MANAGER))
    await mia.open(ReportPage, f"/report?id={report}")
    said = str(await fire(page, "delete")) + page.complaint
    assert "This report is sent by a schedule of Boss." in said
    assert "Monday's state" not in said
    assert await rows(mia.db, "SELECT deleted_at FROM report") == [(None,)]
    await mia.db.execute(text("UPDATE schedule SET deleted_at = now()"))
    await fire(page, "delete")
    ((deleted,),) = await rows(mia.db, "SELECT deleted_at FROM report")
    assert deleted is not None


async def test_who_only_reads_has_it_mailed_to_themselves(boss: Tab, site: QueueSite) -> None:
    with wiki() as (_pages, _place, body):
        await connected(boss, body)
        editor = await begun(boss)
        await fire(editor, "pick_does", "freeze")
        theirs = await kept(boss, editor, FORM | {"board": str(site.boards[7]), "which": "running"})

        ulf = await become(boss, await make(boss, "Ulf", Role.VIEWER))
        page = ulf.of(Schedules)
        await ulf.open(Schedules, "/schedules")
        assert (page.status, page.sees_all, page.lines) == ("empty", False, [])
        await ulf.open(Schedules, f"/schedules?schedule={theirs}")
        assert (page.opened, "somebody else's" in page.complaint) == ("", True)
        page.opened = theirs
        for handler in ("run_now", "pause", "resume", "delete"):
            page.complaint = ""
            await fire(page, handler)
            assert "somebody else's" in page.complaint, handler
        editor = await begun(ulf)
        # No mail server yet: there is nothing to choose.
        assert (editor.may_write, editor.may_freeze, editor.connections, editor.to) == (False, False, [], [])
        await fire(editor, "keep", FORM)
        assert "no connection is set up" in editor.complaint
        await fire(editor, "edit", theirs)
        assert "somebody else's" in editor.complaint

        await become(boss, await make(boss, "Ada", Role.ADMIN))
        await connected(boss, {"name": "Mail", "settings": MAIL})
        # An admin steers what is another's, and does not run it as them.
        await boss.open(Schedules, f"/schedules?schedule={theirs}")
        assert (page.one.own, page.may_steer, page.one.owner) == (False, True, "Boss")
        await fire(page, "pause")
        assert page.one.paused == "Paused by hand."
        for handler in ("resume", "run_now"):
            page.complaint = ""
            await fire(page, handler)
            assert "runs as somebody else" in page.complaint, handler
        await fire(editor, "edit", theirs)
        assert "runs as somebody else" in editor.complaint
        await fire(editor, "end")

        await become(boss, await make(boss, "Vera", Role.VIEWER))
        editor = await begun(boss)
        assert [one.label for one in editor.connections] == ["Mail (E-mail)"]
        key = editor.to[0].key
        await fire(editor, "pick_does", "both")
        assert editor.does == "send"
        await kept(
            boss,
            editor,
            FORM | {"board": str(site.boards[7]), "which": "running", f"r{key}-to": "all@x.test"},
        )
        ((to,),) = await rows(
            boss.db, "SELECT recipients -> 0 -> 'target' -> 'to' FROM schedule ORDER BY id DESC LIMIT 1"
        )
        assert [one.casefold() for one in to] == ["vera@x.test"]
        assert page.one.own
