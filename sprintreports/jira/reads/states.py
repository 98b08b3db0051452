"""A sprint on a board with all its issues and events at one moment: from stored facts as it is now, from history as it was.

An issue's attributes are those of the moment; of one that has left the sprint, its team and status are those just before it
left, as the report counts it. Whoever asks says what an issue is made into, so that ten thousand are made once.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira import context, facts
from sprintreports.jira.facts_compute import AHEAD, IssueFact, SprintFacts
from sprintreports.jira.reads import sprint_reports
from sprintreports.jira.reads.access import AT, Place
from sprintreports.jira.reads.names import NO_TEAM
from sprintreports.jira.timelines import Timelines, unpack, value_at
from sprintreports.jira.uncollected import uncollected
from sprintreports.kit import db
from sprintreports.metrics.scope import EventKind, Outcome, ScopeEvent
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.values import BoardRules, Bucket, Estimate, State

Made = TypeVar("Made")
# Given: issue, key, summary, type, status, state, priority, discipline, assignee, stakeholder, stakeholder_is_owner, parent
# (a key, of a sub-task alone), outcome (None: the report leaves it out), excluded (why it does).
Make = Callable[
    [int, str, str, str, str, State, str, int, int | None, int | None, bool, str, Outcome | None, str], Made
]


@dataclass(frozen=True, slots=True)
class SprintThen(Generic[Made]):
    """The state. start: None where the sprint had not started then; moment: of a closed sprint its close."""

    place: Place
    goal: str
    mapping: str
    start: datetime | None
    completed: datetime | None
    moment: datetime
    report: SprintReport
    issues: tuple[Made, ...]
    events: tuple[ScopeEvent, ...]
    disciplines: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Words:
    """How everything was called: issues at the moment, parents and statuses as they are now; what statuses mean on the board."""

    goal: str
    mapping: str
    statuses: Mapping[str, str]
    rules: BoardRules
    keys: Mapping[int, str]
    summaries: Mapping[int, str]
    parents: Mapping[int, str]


_HERE = AT.replace(":site", "%(site)s").replace(":board", "%(board)s").replace(":sprint", "%(sprint)s")
_FACTS = f"""
SELECT jira_issue_id, type, status_id, priority, discipline_id, assignee_id, stakeholder_id, stakeholder_is_owner, excluded,
       bucket, committed, added, initial_points, initial_seconds, final_points, final_seconds, entered_at, left_at, done_at,
       reason, discipline_initial, added_during
FROM sprint_issue_fact WHERE {_HERE} ORDER BY jira_issue_id
"""
_EVENTS = f"""
SELECT at, jira_issue_id, kind, reason, discipline_id, had_before, before_points, before_seconds, has_after, after_points,
       after_seconds, done FROM sprint_event WHERE {_HERE} ORDER BY position
"""
_CALLED = """
SELECT i.jira_issue_id, i.key, i.summary, CASE WHEN i.is_subtask THEN i.parent_issue_id END
FROM issue i WHERE i.site_id = %(site)s AND i.jira_issue_id = ANY(CAST(%(ids)s AS bigint[]))
"""
_KEYS = "SELECT jira_issue_id, key FROM issue WHERE site_id = %(site)s AND jira_issue_id = ANY(CAST(%(ids)s AS bigint[]))"
# What the first change since then says was there before it. Joined with the list and not compared with it: a condition on ten
# thousand ids is weighed for each partition, which takes longer than to look the issues up.
_RENAMED = """
SELECT DISTINCT ON (c.jira_issue_id, c.field) c.jira_issue_id, lower(c.field), c.from_text
FROM unnest(CAST(%(ids)s AS bigint[])) AS wanted(issue)
JOIN issue i ON i.site_id = %(site)s AND i.jira_issue_id = wanted.issue AND i.jira_updated > %(moment)s
JOIN change_item c ON c.site_id = %(site)s AND c.jira_issue_id = wanted.issue
WHERE c.at > %(moment)s AND c.field IN ('summary', 'Key')
ORDER BY c.jira_issue_id, c.field, c.at, c.change_id, c.position
"""
_SUBTASKS = """
SELECT jira_issue_id, body FROM issue_timeline WHERE site_id = %(site)s AND jira_issue_id = ANY(CAST(%(ids)s AS bigint[]))
"""
_WORDS = """
SELECT coalesce(s.goal, ''), coalesce(site.read_with, ''),
       (SELECT jsonb_object_agg(st.status_id, st.name) FROM status st WHERE st.site_id = s.site_id)
FROM sprint s JOIN site ON site.id = s.site_id WHERE s.id = %(sprint_id)s
"""
_TEAMS = "SELECT id, name FROM discipline WHERE id = ANY(CAST(%(ids)s AS bigint[]))"


async def now(
    session: AsyncSession, viewer: Viewer, place: Place, *, make: Make[Made], now: datetime
) -> SprintThen[Made]:
    """The sprint as `sprint_reports.read` tells it: now, or at its close. `viewer` sees the whole board."""
    if not place.computed:
        return await _from_history(session, place, make=make, moment=now, ahead=AHEAD)
    report = await sprint_reports.read(
        session, viewer, sprint_id=place.sprint_id, board_id=place.board_id, now=now
    )
    connection = await db.raw(session)
    rows = await _rows(connection, _FACTS, _binds(place))
    events = await _rows(connection, _EVENTS, _binds(place))
    since = report.window.stop if report.window.closed else None
    words = await _words(connection, place, [row[0] for row in rows], since=since)
    # Beside the event loop: of ten thousand issues it is arithmetic that everybody else would wait for.
    issues, happened = await asyncio.to_thread(_stored, rows, events, words, make)
    return SprintThen(
        place=place,
        goal=words.goal,
        mapping=words.mapping,
        start=report.window.start or place.dates.start_date,
        completed=since,
        moment=since or now,
        report=report,
        issues=issues,
        events=happened,
        disciplines=await _teams(
            connection, report, (team for row in rows for team in (row[4], row[20])), happened
        ),
    )


async def at(
    session: AsyncSession, viewer: Viewer, place: Place, *, make: Make[Made], moment: datetime
) -> SprintThen[Made]:
    """The sprint as it was at a moment that has passed; of one that was closed by then, as it was at its close."""
    window = place.window(moment)
    if window.closed and moment >= window.stop:
        return await now(session, viewer, place, make=make, now=moment)
    return await _from_history(session, place, make=make, moment=moment, ahead=timedelta(0))


async def _from_history(
    session: AsyncSession, place: Place, *, make: Make[Made], moment: datetime, ahead: timedelta
) -> SprintThen[Made]:
    connection = await db.raw(session)
    found = await facts.computed_at(
        connection, place.site_id, place.jira_board_id, place.jira_sprint_id, moment=moment, ahead=ahead
    )
    if found is None:
        raise LookupError("access.place found a sprint that its board does not list")
    told, timelines = found
    window = told.window
    since = None if ahead and not window.closed else window.stop
    words = await _words(connection, place, [fact.issue for fact in told.issues], since=since)
    words = replace(words, parents=await _parents(connection, place, told, timelines))
    issues = await asyncio.to_thread(_computed, told.issues, words, make)
    teams = (team for fact in told.issues for team in _teams_of(fact))
    return SprintThen(
        # A sprint to come may have a planned start; one that has started since had another than its start.
        place=replace(place, dates=told.place.dates),
        goal=words.goal,
        mapping=words.mapping,
        start=window.start or told.place.dates.start_date,
        completed=window.stop if window.closed else None,
        moment=window.stop if window.closed else moment,
        report=told.report,
        issues=issues,
        events=told.events,
        disciplines=await _teams(connection, told.report, teams, told.events),
    )


def _binds(place: Place, **more: Any) -> dict[str, Any]:
    return {**place.keys, "sprint_id": place.sprint_id, **more}


async def _rows(
    connection: AsyncConnection[Any], query: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    # In binary: times of ten thousand rows are read in half the time.
    cursor = connection.cursor(binary=True)
    return await (await cursor.execute(query.encode(), values)).fetchall()


async def _words(
    connection: AsyncConnection[Any], place: Place, ids: Collection[int], *, since: datetime | None
) -> _Words:
    """Keys and summaries are those of the moment `since`; None: of now."""
    boards = await context.boards(connection, place.site_id, [place.jira_board_id])
    ((goal, mapping, statuses),) = await _rows(connection, _WORDS, _binds(place))
    called = await _rows(connection, _CALLED, _binds(place, ids=list(ids)))
    keys = {row[0]: row[1] for row in called}
    summaries = {row[0]: row[2] for row in called}
    above = {row[0]: row[3] for row in called if row[3] is not None}
    if since is not None:
        renamed = await _rows(connection, _RENAMED, _binds(place, ids=list(ids), moment=since))
        for issue, field, before in renamed:
            if before:
                (keys if field == "key" else summaries)[issue] = before
        own = await _rows(connection, _SUBTASKS, _binds(place, ids=list(above))) if above else ()
        then = {issue: value_at(unpack(body).parents, since) for issue, body in own}
        above = {issue: parent for issue, parent in then.items() if parent is not None}
    parents = await _keys_of(connection, place, above)
    rules = boards[place.jira_board_id].rules
    return _Words(goal, mapping, statuses or {}, rules, keys, summaries, parents)


async def _parents(
    connection: AsyncConnection[Any], place: Place, told: SprintFacts, timelines: Mapping[int, Timelines]
) -> dict[int, str]:
    above: dict[int, int] = {}
    for fact in told.issues:
        own = timelines.get(fact.issue)
        parent = value_at(own.parents, told.window.stop) if own is not None and own.is_subtask else None
        if parent is not None:
            above[fact.issue] = parent
    return await _keys_of(connection, place, above)


async def _keys_of(
    connection: AsyncConnection[Any], place: Place, above: Mapping[int, int]
) -> dict[int, str]:
    if not above:
        return {}
    wanted = sorted(set(above.values()))
    keys = dict(await _rows(connection, _KEYS, _binds(place, ids=wanted)))
    return {issue: keys[parent] for issue, parent in above.items() if parent in keys}


async def _teams(
    connection: AsyncConnection[Any],
    report: SprintReport,
    of_issues: Iterable[int],
    events: Iterable[ScopeEvent],
) -> dict[int, str]:
    wanted = {team.discipline for team in report.teams}
    wanted |= {*of_issues}
    wanted |= {event.discipline for event in events}
    names = dict(await _rows(connection, _TEAMS, {"ids": sorted(wanted)}))
    return {0: NO_TEAM, **names} if 0 in wanted else names


def _teams_of(fact: IssueFact) -> tuple[int, ...]:
    if fact.outcome is None:
        return (fact.last.discipline,)
    return fact.outcome.discipline, fact.outcome.discipline_initial


class _States(dict[str, tuple[str, State]]):
    """A status's name and what it means on the board, each found once."""

    def __init__(self, words: _Words) -> None:
        self._words = words

    def __missing__(self, status: str) -> tuple[str, State]:
        self[status] = self._words.statuses.get(status, status), self._words.rules.state(status)
        return self[status]


def _stored(
    rows: Sequence[Any], events: Sequence[Any], words: _Words, make: Make[Made]
) -> tuple[tuple[Made, ...], tuple[ScopeEvent, ...]]:
    with uncollected():
        return _made(rows, words, make), tuple(map(_event, events))


def _made(rows: Sequence[Any], words: _Words, make: Make[Made]) -> tuple[Made, ...]:
    states = _States(words)
    keys, summaries, parents = words.keys, words.summaries, words.parents
    made: list[Made] = []
    for (
        issue, type_, status, priority, team, assignee, stakeholder, is_owner, excluded, bucket, committed, added,
        points, seconds, final_points, final_seconds, entered, left, done, reason, first, during,
    ) in rows:  # fmt: skip
        outcome = None
        if bucket is not None:
            outcome = Outcome(
                issue, _BUCKETS[bucket], committed, added, Estimate(points, seconds),
                Estimate(final_points, final_seconds), entered, left, done, reason, first, team, status, during,
            )  # fmt: skip
        name, state = states[status]
        made.append(make(
            issue, keys.get(issue) or str(issue), summaries.get(issue, ""), type_, name, state, priority, team, assignee,
            stakeholder, is_owner, parents.get(issue, ""), outcome, excluded or "",
        ))  # fmt: skip
    return tuple(made)


def _computed(found: Iterable[IssueFact], words: _Words, make: Make[Made]) -> tuple[Made, ...]:
    states = _States(words)
    made: list[Made] = []
    for fact in found:
        issue, outcome, own = fact.issue, fact.outcome, fact.attributes
        name, state = states[fact.last.status if outcome is None else outcome.status]
        team = fact.last.discipline if outcome is None else outcome.discipline
        made.append(make(
            issue, words.keys.get(issue) or str(issue), words.summaries.get(issue, ""), own.type, name, state, own.priority,
            team, own.assignee, own.stakeholder, own.stakeholder_is_owner, words.parents.get(issue, ""), outcome,
            fact.excluded or "",
        ))  # fmt: skip
    return tuple(made)


def _event(row: Any) -> ScopeEvent:
    at_, issue, kind, reason, team, had, points, seconds, has, points_after, seconds_after, done = row
    before = Estimate(points, seconds) if had else None
    after = Estimate(points_after, seconds_after) if has else None
    return ScopeEvent(at_, issue, _KINDS[kind], reason, team, before, after, done)


_BUCKETS = {bucket.value: bucket for bucket in Bucket}
_KINDS = {kind.value: kind for kind in EventKind}
