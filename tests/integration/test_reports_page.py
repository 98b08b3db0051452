"""The pages of reports and baselines as page events: what is kept, shown, compared, shared and refused."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, queue
from sprintreports.reports.exporting import asking
from sprintreports.reports.library import shares
from sprintreports.ui.pages.baselines.rules import BaselineRules
from sprintreports.ui.pages.baselines.state import Baselines
from sprintreports.ui.pages.report.exporting import ReportFiles
from sprintreports.ui.pages.report.sharing import ReportShares
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.pages.reports.beginning import NewReport
from sprintreports.ui.pages.reports.state import Reports
from sprintreports.ui.pages.sprint.state import Sprint
from sprintreports.ui.reporting.freezing import Freezing
from tests.integration.jira_site import rows
from tests.integration.queue_site import QueueSite, queue_site
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_users_page import become, fire, make

__all__ = ["tab"]


@pytest.fixture
async def site(db_session: AsyncSession) -> QueueSite:
    return await queue_site(db_session)


@pytest.fixture
async def mia(tab: Tab, site: QueueSite) -> Tab:
    """A manager of everything."""
    return await become(tab, await make(tab, "Mia", Role.MANAGER))


async def frozen(tab: Tab, sprint: int, **form: str) -> int:
    """A baseline that the form made; its id."""
    await tab.open(Sprint, f"/sprint?sprint={sprint}")
    panel = tab.of(Freezing)
    await fire(panel, "begin")
    assert panel.sprint == str(sprint)
    said = str(await fire(panel, "freeze", {"sprint": panel.sprint, "note": "", "moment": ""} | form))
    assert panel.complaint == ""
    ((made,),) = await rows(tab.db, "SELECT max(id) FROM baseline")
    assert f"baseline-{made}" in said
    return made


async def test_a_sprint_is_frozen_looked_at_and_compared_with_now(mia: Tab, site: QueueSite) -> None:
    first = await frozen(mia, site.sprints[3], note="Agreed")
    await mia.open(Baselines, "/baselines")
    page = mia.of(Baselines)
    (line,) = page.lines
    assert (page.status, line.name, line.note, line.reason, line.author) == (
        "ready",
        "Sprint 3",
        "Agreed",
        "By hand",
        "Mia",
    )
    assert line.link == f"/report?of=baseline-{first}"
    shown = mia.of(ReportPage)
    await mia.open(ReportPage, line.link)
    assert (shown.status, shown.report, shown.kind) == ("ready", "", "State of a sprint")
    assert "Sprint 3" in shown.title + shown.subtitle
    keys = {part.kind for group in shown.groups for part in group.parts}
    assert {"facts", "table", "chart"} <= keys
    issues = [
        child for group in shown.groups for part in group.parts for row in part.rows for child in row.children
    ]
    assert any("APP-" in cell.text for child in issues for cell in child.cells)
    assert shown.against_now
    await mia.open(ReportPage, shown.against_now)
    assert (shown.status, shown.kind) == ("ready", "Comparison")

    second = await frozen(mia, site.sprints[3])
    await mia.open(Baselines, "/baselines")
    await fire(page, "choose", str(second))
    assert page.chosen == str(second)
    said = str(await fire(page, "choose", str(first)))
    assert f"before=baseline-{first}" in said
    assert f"after=baseline-{second}" in said


async def test_a_report_is_kept_found_changed_and_deleted(mia: Tab, site: QueueSite) -> None:
    baseline = await frozen(mia, site.sprints[3])
    await mia.open(Reports, "/reports")
    assert mia.of(Reports).status == "empty"
    shown = mia.of(ReportPage)
    await mia.open(ReportPage, f"/report?of=baseline-{baseline}")
    await fire(shown, "edit")
    said = str(await fire(shown, "keep", {"name": "Frozen", "tags": "Client, review", "shared": "on"}))
    ((report,),) = await rows(mia.db, "SELECT max(id) FROM report")
    assert f"/report?id={report}" in said
    await mia.open(ReportPage, f"/report?id={report}")
    assert (shown.name, shown.tags, shown.shared, shown.may_change) == (
        "Frozen",
        ["client", "review"],
        True,
        True,
    )
    page = mia.of(Reports)
    for query, found in {
        "": 1,
        "?search=froz": 1,
        "?tag=client": 1,
        "?kind=trend": 0,
        "?whose=mine": 0,
    }.items():
        await mia.open(Reports, f"/reports{query}")
        assert (page.status, len(page.lines)) == ("ready", found), query
    assert [(one.tag, one.chosen) for one in page.tags] == [("client", False), ("review", False)]
    # What a report rests on stays.
    ledger = mia.of(Baselines)
    await mia.open(Baselines, "/baselines")
    assert ledger.lines[0].used
    await fire(ledger, "delete", str(baseline))
    assert len(ledger.lines) == 1

    await mia.open(ReportPage, f"/report?id={report}")
    await fire(shown, "edit")
    await fire(shown, "keep", {"name": "", "tags": ""})
    assert "name" in shown.complaint
    assert "/reports" in str(await fire(shown, "delete"))
    await mia.open(ReportPage, f"/report?id={report}")
    assert shown.status == "failed"
    await mia.open(Baselines, "/baselines")
    await fire(ledger, "delete", str(baseline))
    assert ledger.lines == []
    await mia.open(Baselines, "/baselines?deleted=yes")
    assert len(ledger.lines) == 1
    await fire(ledger, "restore", str(baseline))
    assert ledger.lines == []


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("baseline", {"of": "sprint-{3}"}),
        ("baseline", {"of": "sprint-{1}", "moment": "2025-05-01T12:00"}),
        ("comparison", {"before": "sprint-{2}", "after": "sprint-{3}"}),
        ("trend", {"last": "5"}),
        ("review", {"sprint": "{1}"}),
    ],
)
async def test_a_new_report_of_each_kind_can_be_looked_at(
    mia: Tab, site: QueueSite, kind: str, form: dict[str, str]
) -> None:
    await mia.open(Reports, f"/reports?board={site.boards[7]}")
    panel = mia.of(NewReport)
    await fire(panel, "begin")
    await fire(panel, "pick_board", str(site.boards[7]))
    await fire(panel, "pick_kind", kind)
    filled = {name: value.replace("{1}", str(site.sprints[1])).replace("{2}", str(site.sprints[2]))
              .replace("{3}", str(site.sprints[3])) for name, value in form.items()}  # fmt: skip
    said = str(await fire(panel, "create", {"name": "New", "tags": ""} | filled))
    ((report,),) = await rows(mia.db, "SELECT max(id) FROM report")
    assert panel.complaint == ""
    assert f"/report?id={report}" in said
    shown = mia.of(ReportPage)
    await mia.open(ReportPage, f"/report?id={report}")
    assert (shown.status, shown.problem) == ("ready", "")
    assert shown.groups


async def test_what_the_form_lacks_is_said(mia: Tab, site: QueueSite) -> None:
    await mia.open(Reports, f"/reports?board={site.boards[7]}")
    panel = mia.of(NewReport)
    await fire(panel, "begin")
    await fire(panel, "create", {"name": "New", "of": ""})
    assert "Choose" in panel.complaint
    await fire(
        panel, "create", {"name": "New", "of": f"sprint-{site.sprints[3]}", "moment": "2999-01-01T00:00"}
    )
    assert "still to come" in panel.complaint
    await fire(panel, "create", {"name": "New", "of": "moon-1"})
    assert panel.complaint


async def test_links_are_listed_and_revoked(mia: Tab, site: QueueSite) -> None:
    baseline = await frozen(mia, site.sprints[3])
    shown, panel = mia.of(ReportPage), mia.of(ReportShares)
    await mia.open(ReportPage, f"/report?of=baseline-{baseline}")
    await fire(shown, "keep", {"name": "Frozen", "tags": ""})
    ((report,),) = await rows(mia.db, "SELECT max(id) FROM report")
    await mia.open(ReportPage, f"/report?id={report}")
    await fire(panel, "show")
    assert (panel.lines, panel.at) == ([], f"/api/v1/reports/{report}/shares")
    assert panel.of == shown.at == f"/report?id={report}"
    await mia.open(ReportPage, f"/report?of=baseline-{baseline}")
    assert panel.of != shown.at  # shown over another report, it would make links to the one before
    await mia.open(ReportPage, f"/report?id={report}")
    assert panel.of == shown.at
    ((user,),) = await rows(mia.db, "SELECT id FROM user_account WHERE name = 'Mia'")
    viewer = Viewer(user, "Mia", "mia@x.test", Role.MANAGER)
    await shares.make(
        mia.db, viewer, report, name="Client", days=7, password="four plain words", now=clock.now()
    )
    await fire(panel, "made")
    (line,) = panel.lines
    assert (line.name, line.owner, line.password, line.used, line.active) == (
        "Client",
        "Mia",
        "yes",
        "never",
        True,
    )
    await fire(panel, "revoke", line.id)
    assert [(one.state, one.active) for one in panel.lines] == [("Revoked", False)]


async def test_a_file_is_asked_for_and_told_of(
    mia: Tab, site: QueueSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[dict[str, Any]] = []

    async def defer(_session: object, name: str, arguments: dict[str, Any], **_: Any) -> None:
        assert name == asking.EXPORT_JOB
        jobs.append(arguments)

    async def stop(*_: Any) -> bool:
        return True

    monkeypatch.setattr(queue, "defer", defer)
    monkeypatch.setattr(queue, "stop", stop)
    baseline = await frozen(mia, site.sprints[3])
    await mia.open(ReportPage, f"/report?of=baseline-{baseline}")
    panel = mia.of(ReportFiles)
    await fire(panel, "show")
    await fire(panel, "ask", {"format": "html"})
    assert panel.complaint == ""
    (one,) = panel.files
    assert (one.state, one.href, panel.waiting) == ("Waiting", "", True)
    assert [str(job["export_id"]) for job in jobs] == [one.id]
    await fire(panel, "ask", {"format": "docx"})
    assert "format" in panel.complaint
    await fire(panel, "remove", one.id)
    assert panel.files == []


async def test_rules_are_shown_and_kept(mia: Tab, site: QueueSite) -> None:
    await mia.open(Baselines, "/baselines")
    panel = mia.of(BaselineRules)
    await fire(panel, "begin")
    for_all = (panel.at_planning, panel.at_start, panel.at_close, panel.every, panel.kept)
    await fire(panel, "pick_board", str(site.boards[7]))
    assert not panel.own
    await fire(panel, "keep", {"at_planning": "on", "every": "2", "kept": "90"})
    kept = (panel.at_planning, panel.at_start, panel.at_close, panel.every, panel.kept)
    assert (panel.complaint, panel.own, kept) == ("", True, (True, False, False, "2", "90"))
    await fire(panel, "keep", {"every": "many"})
    assert "many" in panel.complaint
    await fire(panel, "as_all")
    assert not panel.own
    assert (panel.at_planning, panel.at_start, panel.at_close, panel.every, panel.kept) == for_all


async def test_a_reader_sees_and_cannot_write(tab: Tab, site: QueueSite) -> None:
    await become(tab, await make(tab, "Vera", Role.VIEWER))
    await tab.open(Baselines, "/baselines")
    assert tab.of(Baselines).status == "empty"
    assert not tab.of(Baselines).may
    await fire(tab.of(Freezing), "begin")
    assert "role" in tab.of(Freezing).complaint
    await tab.open(Sprint, f"/sprint?sprint={site.sprints[3]}")
    said = str(await fire(tab.of(Freezing), "compare_with_start"))
    assert "before=sprint-" in said
    shown = tab.of(ReportPage)
    await tab.open(ReportPage, f"/report?of=sprint-{site.sprints[3]}")
    assert shown.status == "ready"
    await fire(shown, "keep", {"name": "Mine", "tags": "", "shared": "on"})
    assert "role" in shown.complaint
    assert "id=" in str(await fire(shown, "keep", {"name": "Mine", "tags": ""}))
