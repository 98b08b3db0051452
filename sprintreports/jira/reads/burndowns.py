"""A sprint's course and its scope changes, from stored events."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.facts_packed import MOST_STEPS, Hour
from sprintreports.jira.reads import access, sprint_reports, summaries
from sprintreports.jira.reads.access import AT, Place, issue_url
from sprintreports.kit.cache import Kept
from sprintreports.kit.errors import Invalid
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.metrics.burndown import Burndown, Step, burndown
from sprintreports.metrics.scope import EventKind, ScopeEvent, of_teams
from sprintreports.metrics.values import NOTHING, Amount, Estimate

MOST_PER_PAGE = 100
SCOPE_KINDS = (EventKind.ENTERED, EventKind.LEFT, EventKind.REESTIMATED)


@dataclass(frozen=True, slots=True)
class _Course:
    """From the commitment on: every event, or of a giant sprint the hours."""

    initial: Amount
    events: Sequence[ScopeEvent] = ()
    hours: Sequence[Hour] = ()

    @property
    def size(self) -> int:
        return len(self.events) + len(self.hours)


@dataclass(frozen=True, slots=True)
class ScopeChangeRow:
    """One change of scope, naming its issue. `delta`: what it adds to the scope (negative: takes from it)."""

    at: datetime
    issue_id: int
    issue_key: str
    summary: str
    url: str
    kind: EventKind
    reason: str
    team_id: int
    before: Estimate | None
    after: Estimate | None
    delta: Amount


_EVENT = """
e.at, e.jira_issue_id, e.kind, e.reason, e.discipline_id, e.had_before, e.before_points, e.before_seconds, e.has_after,
e.after_points, e.after_seconds, e.done
"""
_TEAMS = "(CAST(:teams AS bigint[]) IS NULL OR e.discipline_id = ANY(CAST(:teams AS bigint[])))"
_EVENTS = f"SELECT {_EVENT} FROM sprint_event e WHERE {AT} AND {_TEAMS} ORDER BY e.position LIMIT :most"
# For a viewer of some teams, and for facts without packed hours.
_HOURS = f"""
SELECT max(at), {
    ", ".join(
        f"coalesce(sum({moved}) FILTER (WHERE {changes}), 0)::bigint"
        for changes in ("changes_scope", "changes_done")
        for moved in ("moved_points", "moved_seconds", "moved_count")
    )
}
FROM sprint_event e WHERE {AT} AND {_TEAMS} GROUP BY date_trunc('hour', at) ORDER BY 1
"""
# In events of some 0.5 kB.
_kept = Kept[_Course](most=40_000, weigh=lambda course: course.size)
_kept_pages = Kept[Page[ScopeChangeRow]](most=10_000, weigh=lambda page: len(page.items))
_CHANGES = (
    f"FROM sprint_event e WHERE {AT} AND {_TEAMS} AND e.kind = ANY(CAST(:kinds AS text[])) AND e.at <= :now"
)
_CHANGE_ROWS = f"""
SELECT {_EVENT}, i.key, i.summary
FROM (SELECT * {_CHANGES} {{order}} LIMIT :limit OFFSET :offset) AS e
LEFT JOIN issue i ON i.site_id = e.site_id AND i.jira_issue_id = e.jira_issue_id {{order}}
"""
ORDERS = {
    "at": "e.position {way}",
    "kind": "e.kind {way}",
    "reason": "e.reason {way}",
    "jira_issue_id": "e.jira_issue_id {way}",
    "team_id": "e.discipline_id {way}",
}


async def read(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None, now: datetime
) -> Burndown:
    """The burndown of a sprint on a board, of the viewer's teams. Without a start there are no steps.

    A sprint of more than MOST_STEPS events has one step an hour, without naming issues.
    """
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    course = await _course(session, viewer, place, now=now)
    found = burndown(
        course.events,
        initial=course.initial,
        window=place.window(now),
        planned_end=place.dates.end_date,
        calendar=place.calendar,
    )
    return replace(found, steps=found.steps + tuple(_hourly(course.hours, initial=course.initial)))


async def scope_changes(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    now: datetime,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[ScopeChangeRow]:
    """What entered, left and was re-estimated, in the order in which it happened; moves between teams for team views.

    Of a sprint that waits for its facts, those known so far: none. `now`: what lies after it is left out. Raises Invalid.
    """
    if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
        raise Invalid(f"A page is 1 or more, and holds 1 to {MOST_PER_PAGE} changes.")
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    kinds = list(SCOPE_KINDS) if viewer.team_ids is None else [*SCOPE_KINDS, EventKind.TRANSFERRED]
    values = _binds(viewer, place) | {"kinds": [kind.value for kind in kinds], "now": now}
    limits = {"limit": per_page, "offset": (page - 1) * per_page}

    async def read() -> Page[ScopeChangeRow]:
        total = (await session.execute(text(f"SELECT count(*) {_CHANGES}"), values)).scalar_one()
        order = order_by(sort, ORDERS, usual="e.position", last="e.position")
        found = await session.execute(text(_CHANGE_ROWS.format(order=order)), values | limits)
        return Page([_change(row, place) for row in found], total, page, per_page)

    if place.version is None or now < place.version:
        return await read()
    # No stored event lies after the moment in which they were computed.
    return await _kept_pages.get((place.texts, viewer.team_ids, sort, page, per_page), read)


async def _course(session: AsyncSession, viewer: Viewer, place: Place, *, now: datetime) -> _Course:
    if place.computed:
        return await _kept.get((place.facts, viewer.team_ids), lambda: _stored(session, viewer, place))
    facts = await sprint_reports.fresh(session, place, now=now)
    if viewer.team_ids is None:
        return _Course(facts.report.totals.initial, facts.events)
    initial = facts.report.for_teams(viewer.team_ids).totals.initial
    return _Course(initial, list(of_teams(facts.events, viewer.team_ids)))


async def _stored(session: AsyncSession, viewer: Viewer, place: Place) -> _Course:
    initial, hours = await summaries.course(session, viewer, place)
    if hours is not None:
        return _Course(initial, hours=hours)
    found = await session.execute(text(_EVENTS), _binds(viewer, place) | {"most": MOST_STEPS + 1})
    rows = found.all()
    if len(rows) <= MOST_STEPS:
        return _Course(initial, [_event(row) for row in rows])
    found = await session.execute(text(_HOURS), _binds(viewer, place))
    return _Course(initial, hours=[tuple(row) for row in found])


def _hourly(rows: Iterable[Hour], *, initial: Amount) -> Iterator[Step]:
    scope, done = initial, NOTHING
    for row in rows:
        scope, done = scope + Amount(*row[1:4]), done + Amount(*row[4:7])
        yield Step(row[0], scope - done, scope, done, None)


def _binds(viewer: Viewer, place: Place) -> dict[str, Any]:
    return {**place.keys, "teams": None if viewer.team_ids is None else sorted(viewer.team_ids)}


def _event(row: Any) -> ScopeEvent:
    before = Estimate(row[6], row[7]) if row[5] else None
    after = Estimate(row[9], row[10]) if row[8] else None
    return ScopeEvent(row[0], row[1], EventKind(row[2]), row[3], row[4], before, after, row[11])


def _change(row: Any, place: Place) -> ScopeChangeRow:
    event = _event(row)
    key = row[12] or str(event.issue)
    return ScopeChangeRow(
        at=event.at,
        issue_id=event.issue,
        issue_key=key,
        summary=row[13] or "",
        url=issue_url(place.base_url, key),
        kind=event.kind,
        reason=event.reason,
        team_id=event.discipline,
        before=event.before,
        after=event.after,
        delta=event.scope_delta,
    )
