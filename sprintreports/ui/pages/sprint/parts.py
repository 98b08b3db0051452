"""The parts of the sprint page: each is made once for all who look at the same, and kept under the version of what it shows.

The version comes from the transaction of the event itself (`jira/reads/choices.py`), beside the boards and teams that the
viewer may see. A sprint that has not ended moves with the clock: its parts hold for a minute.
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from sprintreports.charts import forecast as forecast_words
from sprintreports.charts import writing
from sprintreports.jira.reads import (
    access,
    basis,
    boards,
    burndowns,
    earlier,
    forecasts,
    names,
    sprint_issues,
    sprint_reports,
    sprints,
)
from sprintreports.jira.reads.choices import Choices
from sprintreports.jira.reads.sprint_issues import SprintIssueRow
from sprintreports.kit.cache import Kept
from sprintreports.kit.paging import Page
from sprintreports.metrics.sprint_report import Dimension, SprintReport
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.planning import guidelines
from sprintreports.planning.guidelines import GuidelineBasis
from sprintreports.ui import charting
from sprintreports.ui.components.figures import Chart, Kpi
from sprintreports.ui.links import address
from sprintreports.ui.numbers import unit_named
from sprintreports.ui.pages.sprint import rows
from sprintreports.ui.pages.sprint.rows import ChangeLine, IssueLine
from sprintreports.ui.pages.sprint.tiles import tiles
from sprintreports.ui.session import visit

V = TypeVar("V")
_PER_PAGE = 25
_CHANGES_PER_PAGE = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for, checked. `version` None: nothing names what is shown, so nothing is kept."""

    sprint_id: int
    board_id: int
    board_name: str
    unit: Unit
    dimension: Dimension
    version: Hashable


@dataclass(frozen=True, slots=True)
class Head:
    """Title, figures and what they rest on."""

    name: str
    goal: str
    period: str
    state: SprintState
    kpis: dict[str, Kpi]
    notes: list[str]
    done: str
    changes_reading: str
    no_changes: str


@dataclass(frozen=True, slots=True)
class Course:
    """Burndown and burnup, or why there is none; what the guideline goes by, in words."""

    missing: str
    guideline: str
    burndown: Chart
    burnup: Chart


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was told of the sprint's end, or why nothing was; how earlier such forecasts came out."""

    missing: str
    hits: str
    chart: Chart


# In rows of some 1 kB; each step of a chart is a row of its table and twice a point.
_heads = Kept[Head](most=4_000, weigh=lambda _: 4)
_courses = Kept[Course](most=30_000, weigh=lambda part: len(part.burndown.rows) + len(part.burnup.rows))
_forecasts = Kept[Forecast](most=10_000, weigh=lambda part: 1 + len(part.chart.rows))
_breakdowns = Kept[Chart](most=10_000, weigh=lambda part: len(part.rows))
_changes = Kept[Page[ChangeLine]](most=5_000, weigh=lambda page: len(page.items))
_issues = Kept[Page[IssueLine]](most=10_000, weigh=lambda page: len(page.items))


async def choose(
    found: Choices, *, sprint_id: int, board_id: int | None, unit: str | None, dimension: str | None
) -> Choice:
    """The sprint on the board asked for, else on the one that the frame has picked. Raises NotFound with the reason."""
    here = visit()
    parts = Dimension(dimension) if dimension in set(Dimension) else Dimension.TEAM
    board = found.board
    if board and found.version and sprint_id == found.sprint_id and board_id in (None, board.id):
        clock = None if found.settled else here.now.replace(second=0, microsecond=0)
        version = (found.version, here.viewer.board_ids, here.viewer.team_ids, clock)
        return Choice(sprint_id, board.id, board.name, unit_named(unit, default=board.unit), parts, version)
    place = await access.place(here.session, here.viewer, sprint_id=sprint_id, board_id=board_id)
    return Choice(
        sprint_id, place.board_id, place.board_name, unit_named(unit, default=place.unit), parts, None
    )


async def head(choice: Choice) -> Head:
    here = visit()

    async def make() -> Head:
        row = await sprints.one(here.session, here.viewer, choice.sprint_id)
        board = await boards.one(here.session, here.viewer, choice.board_id)
        before = await earlier.read(
            here.session, here.viewer, sprint_id=choice.sprint_id, board_id=choice.board_id
        )
        report = await _report(choice)
        rests = await basis.read(
            here.session, here.viewer, sprint_id=choice.sprint_id, board_id=choice.board_id, now=here.now
        )
        doubts = address("/quality", board=choice.board_id, sprint=choice.sprint_id)
        return Head(
            name=row.name,
            goal=row.goal or "",
            period=rows.period_text(row, board_name=choice.board_name, report=report, zone=here.zone),
            state=report.state,
            kpis=tiles(report, choice.unit, rests, before=before, doubts=doubts),
            notes=rows.notes(report, choice.unit, note=row.note),
            done=rows.done_text(board.done, chosen=board.done_statuses is not None),
            changes_reading=rows.changes_reading(report, choice.unit),
            no_changes=rows.no_changes(report),
        )

    return await _once(_heads, choice, (choice.unit, here.zone.key), make)


async def course(choice: Choice, *, guideline: GuidelineBasis = GuidelineBasis.WORKING_DAYS) -> Course:
    here = visit()
    at = {"sprint_id": choice.sprint_id, "board_id": choice.board_id}

    async def make() -> Course:
        found = await burndowns.read(here.session, here.viewer, **at, now=here.now)
        missing = rows.course_missing(found, await _report(choice), choice.unit)
        if missing:
            return Course(missing, "", Chart(), Chart())
        guided = guidelines.by_working_days(found)
        if guideline is GuidelineBasis.CAPACITY:
            guided = await guidelines.by_capacity(here.session, here.viewer, found, **at)
        issues = {step.event.issue for step in found.steps if step.event is not None}
        named = await names.of_issues(here.session, here.viewer, **at, issue_ids=issues)
        keys = {issue: name.key for issue, name in named.items()}
        return Course(
            "",
            guided.note,
            charting.burndown(guided.course, unit=choice.unit, keys=keys),
            charting.burnup(found, unit=choice.unit, keys=keys),
        )

    if guideline is GuidelineBasis.CAPACITY:
        return await make()  # what teams can do changes without the sprint's facts
    return await _once(_courses, choice, (choice.unit,), make)


async def forecast(choice: Choice) -> Forecast:
    here = visit()

    async def make() -> Forecast:
        found = await forecasts.read(
            here.session,
            here.viewer,
            sprint_id=choice.sprint_id,
            board_id=choice.board_id,
            unit=choice.unit,
            now=here.now,
        )
        if all(told.finish is None for told in found.given):
            return Forecast(forecast_words.forecast_reading(found), "", Chart())
        return Forecast("", forecast_words.hits_reading(found.hit_rate), charting.forecast(found))

    return await _once(_forecasts, choice, (choice.unit,), make)


async def breakdown(choice: Choice) -> Chart:
    here = visit()

    async def make() -> Chart:
        report = await _report(choice)
        shares = report.of(choice.dimension)
        known = await names.of_report(here.session, here.viewer, report)
        return charting.breakdown(shares, unit=choice.unit, names=known.labels(shares))

    return await _once(_breakdowns, choice, (choice.unit, choice.dimension), make)


async def changes(choice: Choice, page: int | None) -> Page[ChangeLine]:
    """A page of the scope changes; None: the last one, for the latest changes are the news."""
    here = visit()

    async def make() -> Page[ChangeLine]:
        async def read(number: int) -> Page[burndowns.ScopeChangeRow]:
            return await burndowns.scope_changes(
                here.session,
                here.viewer,
                sprint_id=choice.sprint_id,
                board_id=choice.board_id,
                now=here.now,
                page=number,
                per_page=_CHANGES_PER_PAGE,
            )

        found = await read(page or 1)
        if found.pages > 1 and (page is None or page > found.pages):
            found = await read(found.pages)
        lines = [rows.change_line(row, choice.unit, here.zone) for row in found.items]
        return Page(lines, found.total, found.page, found.per_page)

    return await _once(_changes, choice, (choice.unit, here.zone.key, page), make)


async def issues(
    choice: Choice, *, search: str, sort: str, descending: bool, page: int, planned: bool
) -> Page[IssueLine]:
    """A page of the issues, the last one where there are fewer. What one person searches for is not kept."""

    async def make() -> Page[IssueLine]:
        found = await _page(choice, search=search, sort=sort, descending=descending, page=page)
        if found.total and not found.items:
            found = await _page(choice, search=search, sort=sort, descending=descending, page=found.pages)
        lines = [rows.issue_line(row, choice.unit, planned=planned) for row in found.items]
        return Page(lines, found.total, found.page, found.per_page)

    if search:
        return await make()
    return await _once(_issues, choice, (choice.unit, sort, descending, page), make)


async def _page(choice: Choice, **asked: Any) -> Page[SprintIssueRow]:
    here = visit()
    at = {"sprint_id": choice.sprint_id, "board_id": choice.board_id, "per_page": _PER_PAGE}
    asked["sort"] = rows.SORTS[asked["sort"]]
    return await sprint_issues.page(here.session, here.viewer, **at, **asked)


async def _once(
    kept: Kept[V], choice: Choice, asked: tuple[Hashable, ...], make: Callable[[], Awaitable[V]]
) -> V:
    if choice.version is None:
        return await make()
    return await kept.get((choice.version, writing.style(), *asked), make)


async def _report(choice: Choice) -> SprintReport:
    here = visit()
    return await sprint_reports.read(
        here.session, here.viewer, sprint_id=choice.sprint_id, board_id=choice.board_id, now=here.now
    )
