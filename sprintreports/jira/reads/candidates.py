"""What may be planned in a sprint, as Jira has it now: its open issues, the board's backlog, what blocks what, and where blockers are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import context
from sprintreports.jira.mapping_values import FieldMapping
from sprintreports.jira.reads.access import Place, place
from sprintreports.kit import db
from sprintreports.metrics.values import BoardRules, Estimate, SprintState, State, SubtaskRule

MOST_BACKLOG = 10_000


@dataclass(frozen=True, slots=True)
class Times:
    """What Jira's fields say of an issue's time: a class in Jira's words, days and moments as `ingest_dates` keeps them."""

    scheduling: str = ""
    deadline: str | None = None
    planned_start: str | None = None
    planned_end: str | None = None


_NO_TIMES = Times()


@dataclass(frozen=True, slots=True)
class IssueNow:
    """An issue as it is now, judged by the board's rules. stakeholder: the owner when set, else the reporter; discipline
    0: none. place: where it stands in the order of Jira's board, 1 the first, None: not known. backlog: it is in no open
    sprint."""

    issue: int
    key: str
    done: bool
    priority: str
    assignee: int | None
    stakeholder: int | None
    discipline: int
    estimate: Estimate
    is_subtask: bool
    parent: int | None
    created: datetime
    place: int | None = None
    backlog: bool = False
    times: Times = _NO_TIMES


@dataclass(frozen=True, slots=True)
class SprintHolding:
    """Another sprint that holds an issue, or held it when it was closed."""

    name: str
    state: SprintState
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Block:
    """`blocker` is to be done before `blocked`. known False: the blocker is not among what is synchronised."""

    blocker: int
    blocked: int
    key: str
    known: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """The issues with all that connects them. sprints: further ones by issue, of candidates and their blockers.
    people: names by id. subtasks: whether the board counts by sub-tasks. mapping: what the site's fields mean.
    """

    place: Place
    issues: tuple[IssueNow, ...]
    blocks: tuple[Block, ...]
    sprints: Mapping[int, tuple[SprintHolding, ...]]
    people: Mapping[int, str]
    subtasks: bool
    mapping: FieldMapping


_HELD = """coalesce(h.discipline_id, i.discipline_id), CASE WHEN h.jira_issue_id IS NULL THEN i.points ELSE h.points END,
    CASE WHEN h.jira_issue_id IS NULL THEN i.seconds ELSE h.seconds END"""
_SLICE = "(CAST(:teams AS bigint[]) IS NULL OR {discipline} = ANY(CAST(:teams AS bigint[])))"
_COLUMNS = """i.jira_issue_id, i.key, i.status_id, i.priority, i.assignee_id, coalesce(i.owner_id, i.reporter_id), {0},
    i.is_subtask, i.parent_issue_id, i.jira_created, shown.place, i.scheduling, i.deadline, i.planned_start, i.planned_end"""
# Who is a member, with what the board counts of it; and those above and below it, of which only one side counts.
_MEMBERS = f"""
WITH held AS (
    SELECT jira_issue_id, discipline_id, points, seconds FROM sprint_segment
    WHERE site_id = :site AND jira_board_id = :board AND jira_sprint_id = :sprint AND valid_to IS NULL
), wanted AS (
    SELECT jira_issue_id FROM held
    UNION SELECT c.jira_issue_id FROM held h
        JOIN issue c ON c.site_id = :site AND c.parent_issue_id = h.jira_issue_id AND c.is_subtask
    UNION SELECT c.parent_issue_id FROM held h
        JOIN issue c ON c.site_id = :site AND c.jira_issue_id = h.jira_issue_id AND c.is_subtask
        WHERE c.parent_issue_id IS NOT NULL
)
SELECT {_COLUMNS.format(_HELD)}
FROM wanted w JOIN issue i ON i.site_id = :site AND i.jira_issue_id = w.jira_issue_id
LEFT JOIN held h ON h.jira_issue_id = w.jira_issue_id
LEFT JOIN board_issue shown ON shown.site_id = :site AND shown.jira_board_id = :board AND shown.jira_issue_id = w.jira_issue_id
WHERE {_SLICE.format(discipline="coalesce(h.discipline_id, i.discipline_id)")} AND i.deleted_at IS NULL
ORDER BY i.jira_issue_id
"""
# Where a board counts by sub-tasks, a parent is where these are. Lists are made once and looked up, so that the question is
# quick right after the first sync too, when the database has not yet counted what is in its tables.
_BACKLOG = f"""
WITH taken AS MATERIALIZED (
    SELECT g.jira_issue_id FROM sprint_segment g JOIN sprint s USING (site_id, jira_sprint_id)
    WHERE g.site_id = :site AND g.valid_to IS NULL AND (s.state IN ('active', 'future') OR g.jira_sprint_id = :sprint)
), above AS MATERIALIZED (
    SELECT DISTINCT c.parent_issue_id FROM issue c WHERE c.site_id = :site AND c.parent_issue_id IS NOT NULL
      AND (NOT c.is_subtask OR c.jira_issue_id IN (SELECT jira_issue_id FROM taken))
)
SELECT {_COLUMNS.format("i.discipline_id, i.points, i.seconds")}
FROM board_issue shown JOIN issue i USING (site_id, jira_issue_id)
WHERE {_SLICE.format(discipline="i.discipline_id")} AND shown.site_id = :site AND shown.jira_board_id = :board
  AND i.status_id = ANY(CAST(:open AS text[])) AND shown.seen_to IS NULL AND i.deleted_at IS NULL AND i.hidden_at IS NULL
  AND NOT i.is_subtask
  AND i.jira_issue_id NOT IN (SELECT jira_issue_id FROM taken) AND i.jira_issue_id NOT IN (SELECT parent_issue_id FROM above)
ORDER BY shown.place, i.jira_created, i.jira_issue_id LIMIT :most
"""
_BLOCKS = """
SELECT l.jira_issue_id, l.other_issue_id, b.key, b.status_id, coalesce(s.category, '')
FROM issue_link l LEFT JOIN issue b ON b.site_id = l.site_id AND b.jira_issue_id = l.jira_issue_id
LEFT JOIN status s ON s.site_id = b.site_id AND s.status_id = b.status_id
WHERE l.site_id = :site AND l.other_issue_id = ANY(CAST(:ids AS bigint[])) AND lower(l.kind) = ANY(CAST(:kinds AS text[]))
  AND b.deleted_at IS NULL AND l.jira_issue_id <> l.other_issue_id
ORDER BY l.other_issue_id, l.jira_issue_id
"""
_SPRINTS = """
SELECT DISTINCT g.jira_issue_id, s.jira_sprint_id, s.name, s.state, s.end_date
FROM sprint_segment g JOIN sprint s USING (site_id, jira_sprint_id)
WHERE g.site_id = :site AND g.jira_issue_id = ANY(CAST(:ids AS bigint[])) AND g.valid_to IS NULL
  AND g.jira_sprint_id <> :sprint AND s.deleted_at IS NULL
ORDER BY 1, 2
"""
_PEOPLE = "SELECT id, name FROM jira_person WHERE id = ANY(CAST(:ids AS bigint[]))"
_MAPPING = "SELECT mapping FROM site WHERE id = :site"
_KINDS = """
SELECT kind, count(*) FROM issue_link WHERE site_id = :site GROUP BY kind ORDER BY count(*) DESC, kind LIMIT 100
"""


async def read(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    backlog: bool = False,
    blocking: Collection[str] = ("Blocks",),
) -> Candidates:
    """The sprint's issues on the board, with sub-tasks and parents, done ones too; backlog: and the board's backlog, in
    its order, what has no place there last. blocking: names of the link types that say what must come first, however they are written.

    Raises Forbidden, NotFound.
    """
    viewer.require(Permission.SPRINTS_READ)
    here = await place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    rules = (await context.boards(await db.raw(session), here.site_id, [here.jira_board_id]))[
        here.jira_board_id
    ].rules
    asked: dict[str, Any] = here.keys | {
        "teams": None if viewer.team_ids is None else sorted(viewer.team_ids)
    }
    issues = [_issue(row, rules) for row in await session.execute(text(_MEMBERS), asked)]
    if backlog:
        # What is in none of the board's columns is not in its backlog either.
        open_ = [one for one in rules.categories if rules.state(one) in (State.TODO, State.DOING)]
        rows = await session.execute(text(_BACKLOG), asked | {"open": open_, "most": MOST_BACKLOG})
        members = {one.issue for one in issues}
        found = (_issue(row, rules, backlog=True) for row in rows)
        issues += [one for one in found if one.issue not in members]
    ids = [one.issue for one in issues]
    kinds = sorted({kind.casefold() for kind in blocking})
    rows = await session.execute(text(_BLOCKS), {"site": here.site_id, "ids": ids, "kinds": kinds})
    blocks = tuple(_block(row, rules) for row in rows)
    near = sorted({*ids, *(block.blocker for block in blocks)})
    sprints: dict[int, tuple[SprintHolding, ...]] = {}
    for issue, _, name, state, end in await session.execute(text(_SPRINTS), here.keys | {"ids": near}):
        sprints[issue] = (*sprints.get(issue, ()), SprintHolding(name, SprintState(state), end))
    return Candidates(
        here,
        tuple(issues),
        blocks,
        sprints,
        await people_of(
            session, {who for one in issues for who in (one.stakeholder, one.assignee) if who is not None}
        ),
        subtasks=rules.subtasks is SubtaskRule.SUBTASKS,
        mapping=msgspec.convert(
            await session.scalar(text(_MAPPING), {"site": here.site_id}) or {}, FieldMapping
        ),
    )


async def people_of(session: AsyncSession, ids: Collection[int]) -> dict[int, str]:
    """Names of people in Jira, whom the caller has found for the viewer."""
    if not ids:
        return {}
    return {row[0]: row[1] for row in await session.execute(text(_PEOPLE), {"ids": sorted(ids)})}


async def link_kinds(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None
) -> tuple[tuple[str, int], ...]:
    """The link types of the sprint's site with the number of their links, the most used first. Raises Forbidden, NotFound."""
    viewer.require(Permission.SPRINTS_READ)
    here = await place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    return tuple((row[0], row[1]) for row in await session.execute(text(_KINDS), {"site": here.site_id}))


def _issue(row: Any, rules: BoardRules, *, backlog: bool = False) -> IssueNow:
    issue, key, status, priority, assignee, stakeholder, discipline, points, seconds, *rest = row
    is_subtask, parent, created, place, *times = rest
    return IssueNow(
        issue=issue,
        key=key,
        done=rules.state(status) is State.DONE,
        priority=priority,
        assignee=assignee,
        stakeholder=stakeholder,
        discipline=discipline,
        estimate=Estimate(points, seconds),
        is_subtask=is_subtask,
        parent=parent,
        created=created,
        place=place,
        backlog=backlog,
        times=Times(*times) if any(times) else _NO_TIMES,
    )


def _block(row: Any, rules: BoardRules) -> Block:
    """A blocker of another board is done by its status's category, since that board's columns are not this one's."""
    blocker, blocked, key, status, category = row
    known = key is not None
    done = known and (category == "done" or rules.state(status) is State.DONE)
    return Block(blocker, blocked, key or "", known, done)
