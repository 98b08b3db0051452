"""The demo company with a sprint whose figures Jira itself has told, and every place that shows them, read back."""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text

from sprintreports.demo.testing import RunningDemo
from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.integrations.channel import File
from sprintreports.kit import clock, db
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.exporting import running
from sprintreports.reports.publishing.delivering import deliver
from sprintreports.reports.publishing.values import FileFormat
from sprintreports.ui import routes
from tests.figures_shown import Shown, bars, drawn, of_report, parts
from tests.integration.planning_support import SYSTEM, Api
from tests.integration.publishing_site import chat, wiki, workflow
from tests.integration.test_channels_mail import Box, serving
from tests.integration.test_page_events import Tab
from tests.jira_truth import Figures, Jira, Truth
from tests.read_back import (
    Seen,
    drawn_in,
    of_blocks,
    of_card,
    of_csv,
    of_json,
    of_page,
    of_plain,
    of_storage,
    of_workbook,
)

_SPRINTS = """
SELECT s.id, s.name, b.id, s.jira_sprint_id, b.jira_board_id, b.unit FROM sprint s JOIN board_sprint l USING (site_id, jira_sprint_id)
JOIN board b ON b.site_id = l.site_id AND b.jira_board_id = l.jira_board_id
WHERE b.jira_board_id = s.origin_board_id AND b.selected AND s.state = :state AND b.unit = :unit ORDER BY s.jira_sprint_id DESC
"""
_FIELDS = {
    "committed": "initial", "added": "added", "removed": "removed", "reestimated": "reestimated", "scope": "final",
    "completed": "completed", "not_completed": "not_completed",
}  # fmt: skip
_OF_PARTS = {name: _FIELDS[name] for name in ("scope", "completed", "not_completed")}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sprint on its board by our ids, and what Jira says of it."""

    id: int
    name: str
    board: int
    truth: Truth

    @property
    def started(self) -> str:
        """The moment of its start."""
        assert self.truth.start is not None
        return self.truth.start.isoformat()

    @property
    def unit(self) -> str:
        return self.truth.unit

    @property
    def figures(self) -> Figures:
        return self.truth.figures()


async def chosen(jira: RunningDemo, *, state: str, unit: str, cloud: bool = True) -> Chosen:
    """Of the sprints of this kind one whose figures are all something else than nothing; of running ones that with most of these."""
    async with db.transaction() as session:
        found = [tuple(row) for row in await session.execute(text(_SPRINTS), {"state": state, "unit": unit})]
    asked = Jira(jira, cloud=cloud)
    best: list[tuple[int, Chosen]] = []
    for own, name, board, sprint, jira_board, _ in found:
        one = Chosen(own, name, board, await asked.report(jira_board, sprint, unit))
        if one.truth.rich:
            return one
        known = {value for place, value in one.figures.items() if len(place) == 1 and value}
        best.append((len(known), one))
    assert state == "active", f"no sprint in {unit} has all figures: try another seed"
    return max(best, key=lambda one: one[0])[1]


# REST


async def rest(api: Api, one: Chosen) -> list[Shown]:
    """The sprint report, the burndown, the list of issues and, of a closed sprint, the velocity and the analysis by team."""
    report = await api("GET", f"/sprints/{one.id}/report?board={one.board}&unit={one.unit}")
    shown = Shown("REST report")
    for name, its in _FIELDS.items():
        shown.put(name, value=report["totals"][its][one.unit])
    shown.put("issues", value=report["totals"]["final"]["count"])
    shown.put("say_do", value=report["say_do"])
    shown.put("churn", value=report["churn"])
    for dimension in ("types", "teams", "stakeholders"):
        for part in report[dimension]:
            for name, its in _OF_PARTS.items():
                shown.put(dimension, part["label"], name, value=part["totals"][its][one.unit])
            shown.put(dimension, part["label"], "issues", value=part["totals"]["final"]["count"])
            if dimension == "teams":
                shown.put("teams", part["label"], "committed", value=part["totals"]["initial"][one.unit])
    course = await api("GET", f"/sprints/{one.id}/burndown?board={one.board}")
    down, last = Shown("REST burndown"), course["steps"][-1]
    down.put("committed", value=course["initial"][one.unit])
    for name, its in {"scope": "scope", "completed": "done", "not_completed": "remaining"}.items():
        down.put(name, value=last[its][one.unit])
    down.put("issues", value=last["scope"]["count"])
    # An issue in the list says what it is estimated at.
    return [shown, down] if one.unit == "count" else [shown, down, await _listed(api, one)]


async def _listed(api: Api, one: Chosen) -> Shown:
    """The sums of the issues that REST lists."""
    rows = await api("GET", f"/sprints/{one.id}/issues?board={one.board}&per_page=100")
    shown = Shown("REST issues")
    sums: dict[tuple[str, ...], float | None] = {}

    def add(*place: str, value: float | None) -> None:
        """Estimates that nobody made add nothing, and where a part has no others, its sum is not known."""
        before = sums.get(place, 0 if len(place) == 1 else None)
        sums[place] = before if value is None else (before or 0) + value

    for row in rows:
        initial, final, bucket = row["initial"][one.unit], row["final"][one.unit], row["bucket"]
        if bucket in {None, "outside"}:
            continue
        add("committed" if row["committed"] else "added", value=initial)
        add("reestimated", value=(final or 0) - (initial or 0))
        add(bucket, value=final)
        if bucket == "removed":
            continue
        add("scope", value=final)
        add("issues", value=1)
        for dimension, label in (
            ("types", row["type"]), ("teams", row["team"] or "No team"), ("stakeholders", row["stakeholder"] or "No stakeholder"),
        ):  # fmt: skip
            add(dimension, label, "scope", value=final)
            add(dimension, label, "issues", value=1)
            for name in ("completed", "not_completed"):
                add(dimension, label, name, value=final if bucket == name else final and 0)
    for place, value in sums.items():
        shown.put(*place, value=value)
    return shown


async def velocity(api: Api, one: Chosen) -> Shown:
    found = await api("GET", f"/boards/{one.board}/velocity?last=26&unit={one.unit}")
    (row,) = [row for row in found["sprints"] if row["sprint_id"] == one.id]
    shown = Shown("REST velocity")
    for name in ("committed", "completed", "say_do", "churn"):
        shown.put(name, value=row[name])
    return shown


async def analysis(api: Api, one: Chosen) -> Shown:
    (found,) = await api("GET", f"/sprints/{one.id}/analyses?board={one.board}")
    shown = Shown("REST analysis")
    for label, part in found["discipline_breakdown"].items():
        shown.put("teams", label, "issues", value=part["total_issues"])
        shown.put("teams", label, "scope", value=part["total_story_points"])
        shown.put("teams", label, "completed", value=part["completed_story_points"])
    shown.put("scope", value=found["total_story_points"])
    shown.put("issues", value=found["total_issues"])
    return shown


def frozen(body: bytes, baseline: Mapping[str, Any], unit: str) -> list[Shown]:
    """A baseline as the ledger has it, its own report, and the sums of the issues in its raw bytes, which name no people."""
    ledger = Shown("ledger of baselines")
    for name, its in {"committed": "commitment", "scope": "scope", "completed": "completed"}.items():
        ledger.put(name, value=baseline["figures"][its][unit])
    ledger.put("issues", value=baseline["figures"]["scope"]["count"])
    snapshot = json.loads(body)["snapshot"]
    field, factor = ("points", 1000) if unit == "points" else ("seconds", 3600)
    report = Shown("raw snapshot, report")
    for name, its in _FIELDS.items():
        report.put(name, value=snapshot["report"]["totals"][its][field] / factor)
    report.put("issues", value=snapshot["report"]["totals"]["final"]["count"])
    issues = Shown("raw snapshot, issues")
    sums: dict[tuple[str, ...], float] = {}
    for issue in snapshot["issues"]:
        outcome = issue["outcome"]
        if outcome is None or outcome["bucket"] == "outside":
            continue
        initial, final = ((outcome[name][field] or 0) / factor for name in ("initial", "final"))
        team = snapshot["disciplines"].get(str(outcome["discipline"]), "No team")
        start = snapshot["disciplines"].get(str(outcome["discipline_initial"]), "No team")
        places: list[tuple[tuple[str, ...], float]] = [((outcome["bucket"],), final), (("reestimated",), final - initial)]  # fmt: skip
        places += [(("committed" if outcome["committed"] else "added",), initial)]
        places += [(("teams", start, "committed"), initial)] if outcome["committed"] else []
        if outcome["bucket"] != "removed":
            places += [(("scope",), final), (("issues",), 1)]
            for place in (("types", issue["type"]), ("teams", team)):
                places += [((*place, "scope"), final), ((*place, "issues"), 1)]
                places += [((*place, name), final if name == outcome["bucket"] else 0.0) for name in ("completed", "not_completed")]  # fmt: skip
        for place, value in places:
            sums[place] = sums.get(place, 0.0) + value
    for place, value in sums.items():
        issues.put(*place, value=value)
    return [ledger, report, issues]


# Pages


@asynccontextmanager
async def tab_of_somebody(email: str) -> AsyncIterator[Tab]:
    """A tab of somebody who has just signed in."""
    assert routes.register  # importing the routes registers every state
    async with db.transaction() as session:
        made = await users.create(session, SYSTEM, email=email, password="tall green yak 7", role=Role.ADMIN)
        new = await sessions.create(session, user_id=made.id, user_agent="", address="192.0.2.1", now=clock.now())  # fmt: skip
    async with db.transaction() as session:
        yield Tab(session, new.token)


_BREAKDOWN = {
    "Committed": "committed", "Completed": "completed", "Not completed": "not_completed",
}  # fmt: skip


def sprint_page(page: Any) -> Shown:
    """Tiles and charts of the sprint page."""
    shown = Shown("page of the sprint", about=0.051)
    tiles = {"committed": "commitment", "not_completed": "remaining"} | {
        name: name for name in ("added", "removed", "reestimated", "completed", "say_do")
    }
    for name, tile in tiles.items():
        value = page.kpis[tile].value
        shown.put(name, value=value.lstrip("−+") if name == "removed" else value)
    drawn(shown, {"Burndown": bars(page.burndown.light)})
    assert page.burndown.light["data"][0]["y"] == page.burndown.dark["data"][0]["y"]
    last = _chart(page.burndown).tables[""][-1]
    for heading, name in {"Scope": "scope", "Done": "completed", "Remaining": "not_completed"}.items():
        shown.put(name, value=last[heading])
    up = bars(page.burnup.light)
    shown.put("scope", value=up["Scope"][-1])
    shown.put("completed", value=up["Done"][-1])
    return shown


def breakdown_page(page: Any, dimension: str) -> Shown:
    """The breakdown on the sprint page: its table, and its bars."""
    shown = Shown(f"breakdown of the sprint page by {dimension}", about=0.0051)
    names = {name: its for name, its in _BREAKDOWN.items() if dimension == "teams" or its != "committed"}
    parts(shown, _chart(page.breakdown).tables[""], dimension, "Label", names)
    drawn(shown, {"Issue types": bars(page.breakdown.light)})
    drawn(shown, {"Issue types": bars(page.breakdown.dark)})
    return shown


def _chart(chart: Any) -> Seen:
    seen = Seen()
    seen.table("", chart.columns, chart.rows)
    return seen


def velocity_page(page: Any, one: Chosen) -> Shown:
    """The sprint's line, its row below the chart, and its bars."""
    shown = Shown("page of the velocity", about=0.051)
    place = [row["Sprint"] for row in _chart(page.chart).tables[""]].index(one.name)
    row = _chart(page.chart).tables[""][place]
    (line,) = [line for line in page.lines if line.name == one.name]
    for heading, name in {"Committed": "committed", "Completed": "completed", "Say/do": "say_do", "Churn": "churn"}.items():  # fmt: skip
        shown.put(name, value=row[heading])
        shown.put(name, value=getattr(line, name))
    for figure in (page.chart.light, page.chart.dark):
        for heading in ("Committed", "Completed"):
            shown.put(heading.lower(), value=bars(figure)[heading][place])
    return shown


def overview_card(page: Any, one: Chosen) -> Shown:
    (card,) = [card for card in page.cards if card.name == one.name]
    shown = Shown("page of the overview", about=0.051)
    done, _, scope = card.done.partition(" of ")
    shown.put("completed", value=done)
    shown.put("scope", value=scope)
    shown.put("not_completed", value=card.remaining)
    shown.put("issues", value=card.rests)
    return shown


# Files and messages


async def files(api: Api, report: int, titles: Collection[str]) -> list[Shown]:
    """A report of the library in every format that has figures in text, by the way that people take: asked for, made, fetched."""
    found: list[Shown] = []
    for form in ("json", "csv", "html", "xlsx"):
        made = await api("POST", "/exports", {"report_id": report, "format": form}, status=201)
        await running.run(db.transaction, made["id"], now=clock.now)
        answer = await api.answer("GET", f"/exports/{made['id']}/file")
        assert answer.status_code == 200, answer.text[:300]
        body = answer.content
        exact = 1e-6 if form != "html" else 0.0051
        match form:
            case "json":
                seen = of_json(body)
                found.append(_charts(body))
            case "csv":
                seen = of_csv(body, titles)
            case "html":
                seen = of_page(body.decode())
            case _:
                seen = of_workbook(body)
                native = Shown("charts of the workbook")
                drawn(native, drawn_in(body))
                found.append(native)
        found.append(of_report(f"file of {form}", seen, about=exact))
    return found


def _charts(body: bytes) -> Shown:
    """What the document's charts draw, in both themes."""
    shown = Shown("charts of the document")
    for section in json.loads(body)["sections"]:
        for block in section["blocks"]:
            if block["block"] == "chart":
                for theme in ("light", "dark"):
                    drawn(shown, {block["title"]: bars(block[theme])})
    return shown


def bare(answer: bytes) -> bytes:
    """What is in REST's envelope."""
    return json.dumps(json.loads(answer)["data"]).encode()


class NoPictures:
    """Messages without pictures have every chart as a table."""

    async def pictures(self, document: Document) -> Mapping[str, bytes]:
        del document
        return {}

    async def files(self, document: Document, formats: Sequence[FileFormat]) -> tuple[File, ...]:
        del document, formats
        return ()


async def messages(api: Api, report: int, name: str, titles: Collection[str]) -> list[Shown]:
    """The report sent by every channel to stand-ins of their services, read as it arrived."""
    found: list[Shown] = []

    async def sent(body: dict[str, Any], **target: Any) -> None:
        body = body | {"name": f"{body['name']} of the {name}"}
        connection = await api("POST", "/connections", body, status=201)
        order = {"connection_id": connection["id"], "target": target, "report_id": report}
        made = await api("POST", "/deliveries", order, status=201)
        await deliver(db.transaction, made["id"], now=clock.now, making=NoPictures())
        told = await api("GET", f"/deliveries/{made['id']}")
        assert told["state"] == "delivered", told["sentence"]

    for cloud in (True, False):
        with wiki(cloud=cloud) as (pages, _, body):
            parent = pages.seed("Reports")
            await sent(body | {"name": f"Wiki {cloud}"}, space="TEAM", parent=parent)
            (page,) = [versions[-1]["body"] for number, versions in pages.pages.items() if number != parent]
            found.append(of_report(f"Confluence, {'Cloud' if cloud else 'Data Center'}", of_storage(page)))
    with chat() as (slack, place, body):
        await sent(body)
        bot = {"kind": "slack", "by": "bot", "channel": "#delivery", "api": f"{place.url}/api"}
        await sent({"name": "Bot", "settings": bot, "secret": "xoxb-1"})
        for by, post in zip(("webhook", "bot"), slack.posted, strict=True):
            found.append(of_report(f"Slack, {by}", of_blocks(post["blocks"], titles), short=True))
    with workflow() as (teams, _, body):
        await sent(body)
        found.append(of_report("Teams", of_card(teams.cards[0], titles), short=True))
    box = Box()
    async with serving(box) as port:
        settings = {"kind": "email", "host": "127.0.0.1", "port": port, "security": "none", "sender": "r@example.org"}  # fmt: skip
        await sent({"name": "Mail", "settings": settings}, to=["ada@example.org"])
    ((_, _, message),) = box.taken
    plain, page = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert page is not None
    found.append(of_report("mail, plain", of_plain(plain.get_content(), titles), short=True))
    found.append(of_report("mail, html", of_page(page.get_content()), short=True))
    return found


async def shared_page(client: httpx.AsyncClient, api: Api, report: int) -> Shown:
    """The report as somebody without an account sees it."""
    made = await api("POST", f"/reports/{report}/shares", {"name": "Client"}, status=201)
    answer = await client.get(str(httpx.URL(made["url"]).path))
    assert answer.status_code == 200
    return of_report("shared link", of_page(answer.text))
