"""One sprint of the demo company: every page, chart, report, file and message shows the numbers that Jira itself tells.

The truth is Jira's own report with the histories of its issues, asked from the stand-in over HTTP (tests/jira_truth.py), which knows
nothing of our arithmetic. Each place says which figures it never shows; whatever it shows is read back with another library than wrote
it. PDF and the pictures of charts need a browser: tests/browser/test_same_numbers.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from icalendar import Calendar

from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.permissions import Role
from sprintreports.kit import http, limits
from sprintreports.ui import shared_routes
from sprintreports.ui.pages.overview.state import Overview
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.pages.sprint.state import Sprint
from sprintreports.ui.pages.velocity.state import VelocityPage
from tests.applications import rest_app
from tests.figures_shown import Shown, of_report
from tests.integration import same_numbers_site as places
from tests.integration.planning_support import HERE, Api, person
from tests.integration.same_numbers_site import Chosen, chosen, tab_of_somebody
from tests.integration.sync_support import connected, connection, synced
from tests.jira_truth import DIMENSIONS, OF_PARTS, WHOLE
from tests.read_back import of_groups, of_json

ALL = frozenset(
    {*WHOLE, *(f"{dimension}.{name}" for dimension in DIMENSIONS for name in OF_PARTS), "teams.committed"}
)


def but(*shown: str) -> frozenset[str]:
    """What a place lacks that shows these alone; "types.*": all of a dimension."""
    return ALL - {one for one in ALL for name in shown if one == name or (name.endswith("*") and one.startswith(name[:-1]))}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    jira: RunningDemo
    client: httpx.AsyncClient
    api: Api


@pytest_asyncio.fixture
async def company(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Company]:
    monkeypatch.setenv("SPRINTREPORTS_PUBLIC_URL", HERE)
    await limits.dispose()
    with running_demo(scale=0.1) as jira:
        outcome = await synced(await connected(connection(jira)))
        assert (outcome.end, outcome.error) == ("done", None)
        async with http.client(
            base_url=HERE, transport=httpx.ASGITransport(rest_app(shared_routes))
        ) as client:
            yield Company(jira, client, await person(client, Role.ADMIN))


OF_DISTRIBUTIONS = ("types.*", "teams.*", "stakeholders.*")
# What each place lacks besides; a report's are for whichever form it takes, and a form's own come on top.
LACKS = {
    "REST burndown": but("committed", "scope", "completed", "not_completed", "issues"),
    "REST issues": {"say_do", "churn", "teams.committed"},
    "REST velocity": but("committed", "completed", "say_do", "churn"),
    "REST analysis": but("scope", "issues", "teams.scope", "teams.issues", "teams.completed"),
    "ledger of baselines": but("committed", "scope", "completed", "issues"),
    "raw snapshot, report": but(*WHOLE) | {"say_do", "churn"},
    "raw snapshot, issues": {"say_do", "churn"} | (ALL - but("stakeholders.*")),
    "page of the sprint": but(*WHOLE) | {"churn", "issues"},
    "page of the velocity": but("committed", "completed", "say_do", "churn"),
    "page of the overview": but("scope", "completed", "not_completed", "issues"),
} | {
    f"breakdown of the sprint page by {one}": but("completed", "not_completed", "removed", f"{one}.completed", f"{one}.not_completed", f"{one}.committed")
    for one in DIMENSIONS
}  # fmt: skip
REPORTS = {
    "baseline": frozenset[str](),
    "comparison": frozenset(f"{one}.{name}" for one in DIMENSIONS for name in ("committed", "completed", "not_completed")) & ALL,
    "review": frozenset({"teams.issues", "teams.scope", "teams.not_completed"}),
    "trend": but("committed", "added", "removed", "completed", "not_completed", "say_do", "churn", "teams.committed", "teams.completed", "teams.not_completed"),
}  # fmt: skip
# Where issues are counted, there is nothing to estimate, and a column of amounts would say the number of issues again.
COUNTED = {
    "baseline": frozenset({"reestimated", "types.scope", "stakeholders.scope"}),
    "comparison": frozenset({"reestimated"}),
    "review": frozenset({"reestimated", "types.scope", "stakeholders.scope"}),
}
CHARTS = {
    "baseline": but("completed", "not_completed", "removed"),
    "comparison": but("scope"),
    "review": but("committed", "completed", "not_completed", "removed"),
    "trend": but("committed", "completed"),
}
# Six columns of a table fit into Slack, and as many rows into a card of Teams as there is room for, which may be none.
SIX = {f"{one}.{name}" for one in DIMENSIONS for name in ("completed", "not_completed")}
ROOM = {"Slack": SIX, "Teams": ALL - but(*OF_DISTRIBUTIONS)}
# What a trend says of its teams in each sprint stands behind the sprint's row, which flat files alone have as a table.
BEHIND = {"teams.not_completed"}


class Held:
    """Places beside the truth, and what differs."""

    def __init__(self, one: Chosen) -> None:
        self._truth, self._unit = one.figures, one.unit
        self.wrong, self.places = list[str](), list[str]()

    def __call__(self, shown: Shown, report: str = "") -> None:
        self.places.append(f"{report}: {shown.where}" if report else shown.where)
        lacks = LACKS.get(shown.where, frozenset())
        may: set[str] = set()
        if report:
            lacks = CHARTS[report] if shown.where.startswith("charts") else REPORTS[report]
            lacks |= COUNTED.get(report, frozenset()) if self._unit == "count" else frozenset()
            may = set(ROOM.get(shown.where.partition(",")[0], ())) | (BEHIND if report == "trend" else set())
        found = shown.differences(self._truth, lacks=lacks, may_lack=may)
        self.wrong += [f"{report}: {one}" if report else one for one in found]


@pytest.mark.parametrize("unit", ["points", "hours"])
async def test_a_closed_sprint_is_the_same_everywhere(company: Company, unit: str):
    api = company.api
    one = await chosen(company.jira, state="closed", unit=unit)
    held = Held(one)
    report, course, issues = await places.rest(api, one)
    held(report)
    for shown in (course, issues, await places.velocity(api, one)):
        held(shown)
    if unit == "points":
        held(await places.analysis(api, one))
    baseline = await api("POST", "/baselines", {"sprint_id": one.id, "board_id": one.board}, status=201)
    raw = await api.answer("GET", f"/baselines/{baseline['id']}/raw")
    for shown in places.frozen(raw.content, baseline, unit):
        held(shown)
    assert baseline["figures"]["issues"] == len(one.truth.lines), "all that Jira's report lists"
    await the_pages(held, one)
    for kind, spec in specs(one, baseline["id"]).items():
        await the_report(company, held, kind, spec)
    assert held.wrong == []
    assert len(held.places) >= 60, "a place was left out"


async def test_a_closed_sprint_counted_in_issues(company: Company):
    api = company.api
    one = await chosen(company.jira, state="closed", unit="points")
    one = replace(one, truth=one.truth.counted())
    held = Held(one)
    report, course = await places.rest(api, one)
    held(report)
    held(course)
    held(await places.velocity(api, one))
    await the_pages(held, one)
    baseline = await api("POST", "/baselines", {"sprint_id": one.id, "board_id": one.board}, status=201)
    for kind, spec in specs(one, baseline["id"]).items():
        body = {"name": kind, "spec": {**spec, "unit": "count"}}
        kept = await api("POST", "/reports", body, status=201)
        answer = await api.answer("GET", f"/reports/{kept['id']}/document")
        held(of_report("REST document", of_json(places.bare(answer.content)), about=1e-6), kind)
    assert held.wrong == []


async def test_a_running_sprint_is_the_same_everywhere(company: Company):
    api = company.api
    one = await chosen(company.jira, state="active", unit="hours")
    held = Held(one)
    for shown in await places.rest(api, one):
        held(shown)
    await the_pages(held, one)
    assert "page of the overview" in held.places
    baseline = await api("POST", "/baselines", {"sprint_id": one.id, "board_id": one.board}, status=201)
    raw = await api.answer("GET", f"/baselines/{baseline['id']}/raw")
    for shown in places.frozen(raw.content, baseline, one.unit):
        held(shown)
    found = specs(one, baseline["id"])
    del found["trend"]  # of closed sprints alone
    for kind, spec in found.items():
        await the_report(company, held, kind, spec)
    assert held.wrong == []


async def test_calendars_have_the_sprint_and_no_figure(company: Company):
    """What a calendar shows of a report is when the sprint is."""
    one = await chosen(company.jira, state="closed", unit="points")
    spec = specs(one, 0)["review"]
    made = await company.api("POST", "/exports", {"spec": spec, "format": "ical"}, status=201)
    answer = await company.api.answer("GET", f"/exports/{made['id']}/file")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == one.name
    whole = [at and at.replace(microsecond=0) for at in (one.truth.start, one.truth.end)]
    assert [event["dtstart"].dt, event["dtend"].dt] == whole


def specs(one: Chosen, baseline: int) -> dict[str, dict[str, Any]]:
    """A report of each kind about the sprint."""
    kept = {"state": "baseline", "baseline_id": baseline}
    start = {"state": "sprint", "sprint_id": one.id, "board_id": one.board, "moment": one.started}
    return {
        "baseline": {"kind": "baseline", "of": kept},
        "comparison": {"kind": "comparison", "before": start, "after": kept},
        "review": {"kind": "review", "sprint_id": one.id, "board_id": one.board},
        "trend": {"kind": "trend", "boards": [one.board], "sprints": [one.id]},
    }


async def the_report(company: Company, held: Held, kind: str, spec: dict[str, Any]) -> None:
    """As REST tells it, as the page shows it, in every file, by every channel and behind a link."""
    api = company.api
    kept = await api("POST", "/reports", {"name": kind, "spec": spec, "shared": True}, status=201)
    answer = await api.answer("GET", f"/reports/{kept['id']}/document")
    seen = of_json(places.bare(answer.content))
    held(of_report("REST document", seen, about=1e-6), kind)
    async with tab_of_somebody(f"{kind}@x.test") as tab:
        await tab.open(ReportPage, f"/report?id={kept['id']}")
        page = tab.of(ReportPage)
        assert page.status == "ready"
        held(of_report("page of the report", of_groups(page.groups)), kind)
    for shown in await places.files(api, kept["id"], list(seen.tables)):
        held(shown, kind)
    for shown in await places.messages(api, kept["id"], kind, seen.titles):
        held(shown, kind)
    held(await places.shared_page(company.client, api, kept["id"]), kind)


async def the_pages(held: Held, one: Chosen) -> None:
    base = f"/sprint?sprint={one.id}&board={one.board}&unit={one.unit}"
    async with tab_of_somebody("p@x.test") as tab:
        await tab.open(Sprint, base)
        assert tab.of(Sprint).status == "ready"
        held(places.sprint_page(tab.of(Sprint)))
        for parameter, dimension in {"team": "teams", "type": "types", "stakeholder": "stakeholders"}.items():
            await tab.open(Sprint, f"{base}&by={parameter}")
            held(places.breakdown_page(tab.of(Sprint), dimension))
        if one.truth.closed:
            await tab.open(VelocityPage, f"/velocity?board={one.board}&last=26&unit={one.unit}")
            held(places.velocity_page(tab.of(VelocityPage), one))
        else:
            await tab.open(Overview, "/")
            held(places.overview_card(tab.of(Overview), one))
