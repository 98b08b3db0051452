"""Forecasts of sprints, from the stored days of the board's sprints; kept in the process by the version of those facts."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import calendar_of
from sprintreports.jira.facts_compute import SprintDates, SprintFacts
from sprintreports.jira.reads import access, forecast_days, sprint_reports
from sprintreports.jira.reads.forecast_days import MOST_EARLIER, Board, Stored
from sprintreports.kit.cache import Kept
from sprintreports.metrics import backtest, forecast
from sprintreports.metrics.burndown import daily
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.forecast import SPRINTS_USED, HitRate, SprintForecast
from sprintreports.metrics.scope import of_teams
from sprintreports.metrics.sprint_days import DayState, SprintDays, past
from sprintreports.metrics.values import SprintState, Unit

# In forecasts of a moment, of some 0.7 kB.
_kept = Kept[SprintForecast](most=20_000, weigh=lambda found: len(found.given))
_kept_hits = Kept[HitRate | None](most=2_000, weigh=lambda _: 1)
_kept_finish = Kept[float | None](most=20_000, weigh=lambda _: 1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of which sprint, in which unit, of which teams (None: whole)."""

    sprint: Stored
    unit: Unit
    teams: frozenset[int] | None
    calendar: WorkCalendar

    @property
    def what(self) -> tuple[Any, ...]:
        return self.sprint.board, self.unit, self.teams, self.calendar

    def key(self, earlier: Iterable[Stored]) -> tuple[Any, ...]:
        """What the forecasts are made from. Of a sprint that runs the day is, not the moment."""
        sprint = self.sprint
        dates = (sprint.start, sprint.planned_end, sprint.closed)
        overdue = sprint.planned_end is not None and sprint.stop > sprint.planned_end
        until = sprint.stop if sprint.closed else (self.calendar.day_of(sprint.stop), overdue)
        return (sprint.key, sprint.version, dates, until, self.what, tuple(one.version for one in earlier))


async def read(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    unit: Unit | None = None,
    now: datetime,
) -> SprintForecast:
    """The forecasts of a sprint on a board, of the viewer's teams; `unit` None: the board's. Raises NotFound, Forbidden.

    Of a sprint that runs the last one is as of what is known: the last sync, or what Jira's webhooks brought since.
    """
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    known = [at for at in (place.as_of, place.version) if at is not None]
    board = (place.site_id, place.jira_board_id)
    version = f"{place.version}/{place.row_version}"
    sprint = _stored(board, place.jira_sprint_id, place.dates, known=known, now=now, version=version)
    shown = unit or place.unit
    if sprint is None:
        return forecast.not_started(unit=shown, calendar=place.calendar, planned_end=place.dates.end_date)
    asked = _Asked(sprint, shown, viewer.team_ids, place.calendar)
    found = await forecast_days.earlier(session, [board], until=sprint.stop, last=MOST_EARLIER + 1)
    earlier = [one for one in found if one.key != sprint.key]
    if not place.computed:
        facts = await sprint_reports.fresh(session, place, now=now)
        return await _made(session, asked, earlier, own=_fresh(facts, asked))
    value = await _kept.get(asked.key(earlier), lambda: _made(session, asked, earlier))
    return value if sprint.closed else _as_of(value, sprint.stop)


async def of_running(
    session: AsyncSession, boards: Collection[int], *, now: datetime
) -> dict[tuple[int, int], float | None]:
    """(board, sprint) -> `finish` as of now, whole and in the board's unit, of every sprint of these boards that runs.

    None where too little is known, and of a sprint that is overdue. For the system itself, as `board_sprints`. Five queries at
    most, however many boards.
    """
    rows = (await session.execute(_RUNNING, {"boards": sorted(boards)})).all()
    found: dict[tuple[int, int], float | None] = {(row.board_id, row.sprint_id): None for row in rows}
    running: list[tuple[tuple[int, int], _Asked]] = []
    for row in rows:
        asked = _running(row, now=now)
        if asked is not None and row.rebuilt_at is not None:
            running.append(((row.board_id, row.sprint_id), asked))
    if not running:
        return found
    all_boards = sorted({asked.sprint.board for _, asked in running})
    earlier: defaultdict[Board, list[Stored]] = defaultdict(list)
    for one in await forecast_days.earlier(session, all_boards, until=now, last=SPRINTS_USED):
        earlier[one.board].append(one)
    days: dict[tuple[int, int, int], SprintDays] = {}
    for place, asked in running:
        before = earlier[asked.sprint.board]

        async def made(asked: _Asked = asked, before: Sequence[Stored] = before) -> float | None:
            if not days:
                # All at once for the first one that is not known: mostly a sync has changed many.
                days.update(await _all_days(session, [each for _, each in running], earlier))
            past_days = [days[one.key] for one in before]
            return await asyncio.to_thread(_finish, days[asked.sprint.key], past_days, asked)

        found[place] = await _kept_finish.get(asked.key(before), made)
    return found


async def _made(
    session: AsyncSession, asked: _Asked, earlier: Sequence[Stored], *, own: SprintDays | None = None
) -> SprintForecast:
    wanted = [*earlier, asked.sprint] if own is None else earlier
    found = await forecast_days.days(
        session, wanted, unit=asked.unit, teams=asked.teams, zone=asked.calendar.zone
    )
    before, sprint = (found[:-1], found[-1]) if own is None else (found, own)

    async def judged() -> HitRate | None:
        return await asyncio.to_thread(backtest.hit_rate, before, calendar=asked.calendar)

    key = (asked.what, tuple(one.version for one in earlier))
    hits = await _kept_hits.get(key, judged)
    made = await asyncio.to_thread(_forecast, sprint, before, asked)
    return replace(made, hit_rate=hits)


def _forecast(sprint: SprintDays, before: Sequence[SprintDays], asked: _Asked) -> SprintForecast:
    earlier = past(before, calendar=asked.calendar)
    return forecast.sprint_forecast(sprint, earlier, unit=asked.unit, calendar=asked.calendar)


def _finish(sprint: SprintDays, before: Sequence[SprintDays], asked: _Asked) -> float | None:
    told = forecast.current(sprint, past(before, calendar=asked.calendar), calendar=asked.calendar)
    return None if told is None else told.finish


def _as_of(found: SprintForecast, stop: datetime) -> SprintForecast:
    """The same as of a later moment of the same day, up to which nothing has changed."""
    if not found.given or found.known_until == stop or found.given[-1].at != found.known_until:
        return replace(found, known_until=stop)
    return replace(found, given=(*found.given[:-1], replace(found.given[-1], at=stop)), known_until=stop)


def _fresh(facts: SprintFacts, asked: _Asked) -> SprintDays:
    """Of a sprint whose facts are still to be stored."""
    report, events = facts.report, facts.events
    if asked.teams is not None:
        report, events = report.for_teams(asked.teams), tuple(of_teams(events, asked.teams))
    initial, unit = report.totals.initial, asked.unit
    found = daily(events, initial=initial, window=facts.window, zone=asked.calendar.zone)
    states = (DayState(one.day, one.scope.base(unit), one.done.base(unit)) for one in found)
    return asked.sprint.days((initial.base(unit), tuple(states)))


async def _all_days(
    session: AsyncSession, running: Sequence[_Asked], earlier: dict[Board, list[Stored]]
) -> dict[tuple[int, int, int], SprintDays]:
    """Every sprint that the forecasts of now are made from, in its board's unit, by its key."""
    wanted: defaultdict[Unit, dict[tuple[int, int, int], Stored]] = defaultdict(dict)
    for asked in running:
        for one in (asked.sprint, *earlier[asked.sprint.board]):
            wanted[asked.unit][one.key] = one
    found: dict[tuple[int, int, int], SprintDays] = {}
    for unit, sprints in wanted.items():
        days = await forecast_days.days(session, sprints.values(), unit=unit, teams=None, zone="UTC")
        found.update(zip(sprints, days, strict=True))
    return found


def _running(row: Any, *, now: datetime) -> _Asked | None:
    dates = SprintDates(SprintState.ACTIVE, row.start_date, row.end_date, row.activated_at, None)
    known = [at for at in (row.last_synced_at, row.rebuilt_at) if at is not None]
    board = (row.site_id, row.jira_board_id)
    sprint = _stored(board, row.jira_sprint_id, dates, known=known, now=now, version=row.version)
    if sprint is None:
        return None
    return _Asked(sprint, Unit(row.unit), None, calendar_of(row.zone, row.weekdays, row.days_off))


def _stored(
    board: Board,
    jira_sprint_id: int,
    dates: SprintDates,
    *,
    known: list[datetime],
    now: datetime,
    version: str,
) -> Stored | None:
    """The sprint as of now, or as of when its changes were known last where that is earlier; None before its start."""
    window = dates.window(now)
    if window.start is None:
        return None
    stop = window.stop if window.closed else max(window.start, min([now, max(known, default=now)]))
    return Stored(board, jira_sprint_id, window.start, stop, window.closed, dates.end_date, version)


_RUNNING = text("""
SELECT b.id AS board_id, s.id AS sprint_id, b.site_id, b.jira_board_id, s.jira_sprint_id, b.unit, b.zone, b.weekdays, b.days_off,
       s.start_date, s.end_date, s.activated_at, site.last_synced_at, f.rebuilt_at,
       f.rebuilt_at::text || '/' || f.ctid || '/' || f.xmin AS version
FROM board b JOIN site ON site.id = b.site_id JOIN board_sprint l USING (site_id, jira_board_id)
JOIN sprint s USING (site_id, jira_sprint_id)
LEFT JOIN sprint_fact f ON f.site_id = b.site_id AND f.jira_board_id = b.jira_board_id AND f.jira_sprint_id = s.jira_sprint_id
WHERE b.id = ANY(CAST(:boards AS bigint[])) AND b.deleted_at IS NULL AND site.deleted_at IS NULL AND s.deleted_at IS NULL
  AND s.state = 'active'
ORDER BY b.id, s.id
""")
