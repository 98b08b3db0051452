"""Files of reports: how long each format takes, twenty at once beside page requests, and how much memory they need."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import text

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground, run
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import store
from sprintreports.jira.payloads import RawIssue, SprintPayload
from sprintreports.jira.reads import sprint_reports
from sprintreports.kit import clock, db
from sprintreports.reports import making
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export import browser, files
from sprintreports.reports.export.options import Format
from sprintreports.reports.spec import BaselineSpec, Live, Spec, TrendSpec
from tests.integration.jira_site import BOARD, NOW, fill, make_site, rows, sprint
from tests.unit.jira.samples import change, day, issue, moved

_SMALL, _LARGE, _QUICK_LARGE = 200, 10_000, 1_000
_RUNS, _LARGE_RUNS = 5, 3
_AT_ONCE, _PAUSE = 20, 0.02
_SPRINTS, _TEAMS, _QUICK_TEAMS, _OF_A_TEAM = 26, 100, 10, 4
_FIRST_SPRINT, _WEEK = 201, 7
_SYSTEM = Viewer.system()
_LARGE_LIMITS: dict[str, Target] = {
    "value": Target(must=500),
    Format.HTML: Target(must=1000),
    Format.XLSX: Target(must=5000),
    Format.PDF: Target(must=15_000),
}
_SMALL_LIMITS: dict[str, Target] = {Format.PDF: Target(must=3000)}
_TREND_LIMITS: dict[str, Target] = {
    "value": Target(must=1000),
    **dict.fromkeys((Format.HTML, Format.CSV, Format.JSON, Format.XLSX, Format.PDF), Target(must=10_000)),
}
_OTHERS = (Format.CSV, Format.JSON)


def measure(ground: Ground) -> Result:
    """Baseline reports of two sprints of one board, and a trend over others of it: as values and as files."""
    large, teams = (_QUICK_LARGE, _QUICK_TEAMS) if ground.quick else (_LARGE, _TEAMS)
    ground.migrated("bench_reports")
    return Result("reports", "Reports and their files", run(lambda: _measured(large, teams)))


async def _measured(large: int, teams: int) -> list[Row]:
    async with db.transaction() as session:
        site = await make_site(session)
        spans = [sprint(101, "closed", 0, 14, 14.2), sprint(102, "closed", 14, 28, 28.2)]
        await store.store_sprints(session, site, BOARD, spans, now=NOW)
        small = [_issue(number, 101) for number in range(1, _SMALL + 1)]
        await fill(session, site, [*small, *(_issue(_SMALL + number, 102) for number in range(1, large + 1))])
        await store.store_sprints(session, site, BOARD, [*spans, *_weeks()], now=NOW)
        first = _SMALL + large + 1
        await fill(session, site, _of_teams(first, teams), now=day(_WEEK * (_SPRINTS + 8)))
        # As the database does by itself within a minute: a plan for empty tables is none for full ones.
        await session.execute(text("ANALYZE"))
        ids = dict(await rows(session, "SELECT jira_sprint_id, id FROM sprint"))
    closed = tuple(ids[number] for number in range(_FIRST_SPRINT, _FIRST_SPRINT + _SPRINTS))
    try:
        return [
            *await _report(_now(ids[101]), f"{_SMALL} issues", _RUNS, _SMALL_LIMITS),
            *await _report(_now(ids[102]), f"{large:,} issues", _LARGE_RUNS, _LARGE_LIMITS),
            *await _report(
                TrendSpec(sprints=closed), f"{_SPRINTS} sprints, {teams} teams", _LARGE_RUNS, _TREND_LIMITS
            ),
            *await _beside(ids[101]),
        ]
    finally:
        await browser.close()


def _now(sprint_id: int) -> BaselineSpec:
    return BaselineSpec(Live(sprint_id))


async def _report(spec: Spec, size: str, runs: int, limits: dict[str, Target]) -> list[Row]:
    document = await _document(spec)  # what the process keeps is kept from here on
    found = [
        Row(
            f"{size}: the value",
            await _timed(lambda: _document(spec), runs),
            "ms",
            limits.get("value", Target()),
        )
    ]
    for form in (Format.HTML, *_OTHERS, Format.XLSX, Format.PDF):
        await files.written(document, form)
        taken = await _timed(lambda form=form: files.written(document, form), runs)
        found.append(Row(f"{size}: {form.name}", taken, "ms", limits.get(form, Target())))
    return found


async def _beside(sprint_id: int) -> list[Row]:
    """Twenty files at once, and somebody who reads a sprint's report meanwhile in the process that writes them."""
    document = await _document(_now(sprint_id))
    waits: list[float] = []

    async def read() -> None:
        while True:
            began = time.perf_counter()
            async with db.transaction() as session:
                await sprint_reports.read(session, _SYSTEM, sprint_id=sprint_id, now=clock.now())
            waits.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(_PAUSE)

    reading = asyncio.create_task(read())
    forms = (Format.PDF, Format.XLSX, Format.HTML, Format.CSV)
    began = time.perf_counter()
    made = await asyncio.gather(
        *(files.written(document, forms[number % len(forms)]) for number in range(_AT_ONCE)),
        return_exceptions=True,
    )
    took = 1000 * (time.perf_counter() - began)
    reading.cancel()
    failed = sum(isinstance(one, BaseException) for one in made)
    return [
        Row(f"{_AT_ONCE} files at once: all of them", [took], "ms"),
        Row("of them failed", [float(failed)], "", Target(must=0)),
        Row("a read beside them, p95", [statistics.quantiles(waits, n=20)[-1]], "ms", Target(must=100)),
        Row("most memory of this process", [_peak()], "MB"),
        Row("memory of the browser and its driver afterwards", [_children()], "MB"),
    ]


async def _document(spec: Spec) -> Document:
    async with db.transaction() as session:
        return await making.document(session, _SYSTEM, spec, now=clock.now())


async def _timed(work: Callable[[], Awaitable[object]], runs: int) -> list[float]:
    found: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        await work()
        found.append(1000 * (time.perf_counter() - began))
    return found


def _peak() -> float:
    return _status(Path("/proc/self/status"), "VmHWM")


def _children() -> float:
    """What all processes below this one hold for themselves: shared pages are counted once, in parts (Pss)."""
    own = Path("/proc/self").resolve().name
    below, found = {own}, 0.0
    known = {path.name: _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    grown = True
    while grown:
        more = {name for name, parent in known.items() if parent in below} - below
        below |= more
        grown = bool(more)
    for name in below - {own}:
        found += _status(Path(f"/proc/{name}/smaps_rollup"), "Pss")
    return found


def _parent(path: Path) -> str:
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()[1]
    except (OSError, IndexError):
        return ""


def _status(path: Path, name: str) -> float:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)


def _weeks() -> list[SprintPayload]:
    """A sprint a week, closed."""
    return [
        sprint(_FIRST_SPRINT + number, "closed", at, at + _WEEK - 1, at + _WEEK - 0.5)
        for number, at in enumerate(range(28 + _WEEK, 28 + _WEEK * (_SPRINTS + 1), _WEEK))
    ]


def _of_teams(first: int, teams: int) -> list[RawIssue]:
    """Some issues of each team in each of these sprints, two thirds of them done."""
    a_sprint = teams * _OF_A_TEAM
    return [_of_team(first + place, place // a_sprint, place % teams) for place in range(_SPRINTS * a_sprint)]


def _of_team(number: int, week: int, team: int) -> RawIssue:
    done = number % 3 != 0
    since = day(28 + _WEEK * (week + 1) + 1 + number % 4)
    changes = [change(number, since, moved("1", "3"))] if done else []
    return issue(
        number, *changes, status="3" if done else "1", points=1 + number % 8, team=f"Squad {team}",
        sprints=[_FIRST_SPRINT + week], owner=f"owner{number % 40}", summary=f"Settle case {number}",
    )  # fmt: skip


def _issue(number: int, sprint_number: int) -> RawIssue:
    done = number % 3 != 0
    since = day((sprint_number - 101) * 14 + 2 + number % 9)
    changes = [change(number, since, moved("1", "3"))] if done else []
    return issue(
        number, *changes, status="3" if done else "1", points=1 + number % 8, team=f"Team {number % 10}", sprints=[sprint_number],
        owner=f"owner{number % 40}", summary=f"Settle case {number} of what customers were promised",
    )  # fmt: skip
