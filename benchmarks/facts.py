"""Dashboard queries on a long history: the product's own reads, each in a transaction as a page or a request opens it."""

import gc
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import facts_data, facts_sql
from benchmarks.figures import Result, Row, Target, number
from benchmarks.ground import Ground, run
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import burndowns, overview, sprint_issues, sprint_reports, sprints, velocities
from sprintreports.kit import db
from sprintreports.kit.cache import Kept

_CHANGES, _QUICK_CHANGES = 1_000_000, 60_000
_CALLS, _QUICK_CALLS, _WARM_UP = 200, 20, 20
_CHANGELOG_CALLS = 20
_TABLES = [
    "change_item",
    "issue",
    "issue_timeline",
    "issue_status_interval",
    "issue_sprint",
    "board_issue",
    "sprint_segment",
    "sprint_issue_fact",
    "sprint_event",
    "sprint_daily_fact",
    "sprint_summary",
    "sprint_packed",
]
_LIMIT = Target(must=200, aim=50, judged="p95")

Read = Callable[[AsyncSession], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Places:
    """What may be asked for, by our ids."""

    small: list[int]
    giant: list[int]
    boards: list[int]
    giant_board: int
    giant_sprint: int  # Jira's id of the one that the changelog is asked for


def measure(ground: Ground) -> Result:
    """At a million changes (few with --quick)."""
    return measured(ground, changes=_QUICK_CHANGES if ground.quick else _CHANGES)


def measured(ground: Ground, *, changes: int, kept: bool = False) -> Result:
    """Fill, compute, ask. With `kept`, go on with what the database holds already."""
    plan = facts_data.layout(changes)
    url = ground.migrated("bench_facts", renew=not kept)
    filled = facts_data.fill(url, plan)
    computed = run(lambda: facts_data.compute(plan))
    facts_data.settle(url)
    places = _places(url)
    rows, stored = run(lambda: _ask(places, calls=_QUICK_CALLS if ground.quick else _CALLS))
    changelog = _from_changelog(url, places, stored)
    sprints_ = plan.boards * plan.sprints + plan.giant_sprints
    written = (
        f"{plan.issues:,} issues, {plan.boards + 1:,} boards, {sprints_:,} sprints. "
        f"This call wrote rows for {filled:.0f} s and computed facts for {computed:.0f} s."
    )
    notes = [
        written,
        _sizes(url),
    ]
    return Result(
        "facts", f"Dashboard queries over {number(changes / 1e6)} million changes", [*rows, changelog], notes
    )


def _places(url: str) -> Places:
    with psycopg.connect(url) as connection:
        listed = connection.execute(
            "SELECT s.id, s.jira_sprint_id, l.jira_board_id FROM sprint s JOIN board_sprint l USING (site_id, jira_sprint_id)"
            " ORDER BY s.jira_sprint_id"
        ).fetchall()
        boards = connection.execute("SELECT id, jira_board_id FROM board ORDER BY jira_board_id").fetchall()
    giant = [row for row in listed if row[2] == 1]
    return Places(
        small=[row[0] for row in listed if row[2] != 1],
        giant=[row[0] for row in giant],
        boards=[row[0] for row in boards if row[1] != 1],
        giant_board=boards[0][0],
        giant_sprint=giant[0][1],
    )


def _reads(places: Places) -> dict[str, Callable[[random.Random], Read]]:
    """Each question with a subject drawn at random at every call. Giant sprints are few, so theirs repeat."""
    viewer, now = Viewer.system(), facts_data.today()

    def of_sprint(read: Any, ids: list[int], **options: Any) -> Callable[[random.Random], Read]:
        return lambda chance: lambda session: read(session, viewer, sprint_id=chance.choice(ids), **options)

    def issues(ids: list[int]) -> Callable[[random.Random], Read]:
        def ask(chance: random.Random) -> Read:
            options = {
                "sort": chance.choice(("key", "final", "status", "assignee")),
                "page": chance.randint(1, 4),
            }
            return lambda session: sprint_issues.page(
                session, viewer, sprint_id=chance.choice(ids), **options
            )

        return ask

    def velocity(ids: list[int]) -> Callable[[random.Random], Read]:
        return lambda chance: (
            lambda session: velocities.read(session, viewer, board_id=chance.choice(ids), last=12)
        )

    return {
        "overview of all active sprints": lambda _: lambda session: overview.read(session, viewer, now=now),
        "list of sprints, a page": lambda c: lambda s: sprints.page(s, viewer, page=c.randint(1, 5)),
        "list of a board's sprints": lambda c: (
            lambda s: sprints.page(s, viewer, board_id=c.choice(places.boards))
        ),
        "sprint report, 30 issues": of_sprint(sprint_reports.read, places.small, now=now),
        "burndown, 30 issues": of_sprint(burndowns.read, places.small, now=now),
        "issues of a sprint of 30": issues(places.small),
        "velocity of 12 sprints": velocity(places.boards),
        "sprint report, 12,000 issues, 120 teams": of_sprint(sprint_reports.read, places.giant, now=now),
        _GIANT_BURNDOWN: of_sprint(burndowns.read, places.giant, now=now),
        "scope changes of 12,000 issues, a page": of_sprint(burndowns.scope_changes, places.giant, now=now),
        "issues of a sprint of 12,000, a page": issues(places.giant),
        "velocity of the giant board": velocity([places.giant_board]),
    }


_GIANT_BURNDOWN = "burndown, 12,000 issues"


async def _ask(places: Places, *, calls: int) -> tuple[list[Row], Row]:
    """The targets are for a question's first answer; what this process has kept from before is shown beside it."""
    kept = [one for one in gc.get_objects() if isinstance(one, Kept)]
    first: dict[str, Row] = {}
    again: list[Row] = []
    for what, question in _reads(places).items():
        first[what] = Row(what, await _samples(question, what, calls=calls, forget=kept), "ms", _LIMIT)
        for one in kept:
            one.clear()
        repeated = await _samples(question, what, calls=calls, forget=[])
        if any(kept):  # this read keeps something
            again.append(Row(f"{what}; asked before, so partly from this process's memory", repeated, "ms"))
    return [*first.values(), *again], first[_GIANT_BURNDOWN]


async def _samples(
    question: Callable[[random.Random], Read], what: str, *, calls: int, forget: list[Kept[Any]]
) -> list[float]:
    chance = random.Random(what)  # noqa: S311  # a choice of subjects, the same each time
    samples: list[float] = []
    for number_ in range(_WARM_UP + calls):
        for one in forget:
            one.clear()
        read = question(chance)
        began = time.perf_counter()
        async with db.transaction() as session:
            await read(session)
        if number_ >= _WARM_UP:
            samples.append(1000 * (time.perf_counter() - began))
    return samples


def _from_changelog(url: str, places: Places, stored: Row) -> Row:
    samples: list[float] = []
    values = {"sprint": places.giant_sprint, "name": str(places.giant_sprint)}
    with psycopg.connect(url) as connection:
        for _ in range(_CHANGELOG_CALLS):
            began = time.perf_counter()
            connection.execute(facts_sql.FROM_CHANGELOG, values).fetchall()
            samples.append(1000 * (time.perf_counter() - began))
    row = Row("for comparison: that burndown from the changelog, in SQL", samples, "ms")
    return Row(
        row.what, samples, "ms", remark=f"{row.median / stored.median:.1f} times the stored one's median"
    )


def _sizes(url: str) -> str:
    with psycopg.connect(url) as connection:
        sizes = connection.execute(facts_sql.SIZES, {"tables": _TABLES}).fetchall()
        whole = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchall()[
            0
        ][0]
    parts = ", ".join(f"{name} {rows:,} rows {size}" for name, size, rows, _ in sizes)
    return f"Sizes with indexes: {parts}. The whole database: {whole}."
