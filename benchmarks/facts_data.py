"""A synthetic history straight into the product's tables, in the proportions of a large Jira of ten years.

29 changes an issue, of which one in five is analytic (sprint, status, estimate); boards with sprints of 30 issues, and one
giant board whose sprints hold 12,000. Written in slices that are a transaction each, so a broken call can be gone on with.
Facts are computed by the product itself, not made up.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from benchmarks import facts_sql as sql
from sprintreports.jira import facts
from sprintreports.jira.timelines import Timelines, pack
from sprintreports.kit import clock, db

CHANGES_AN_ISSUE = 29
SITE = 1
_GIANT, _GIANT_SPRINTS, _SMALL, _SPRINTS_A_BOARD = 12_000, 26, 30, 260
_SLICE = 20_000  # issues a transaction
_FACTS_A_TRANSACTION = 50
_VARIANTS = 240


@dataclass(frozen=True, slots=True)
class Layout:
    """How many of what."""

    giant_sprints: int
    giant: int
    boards: int
    sprints: int  # of each board but the giant one

    @property
    def issues(self) -> int:
        return self.giant_sprints * self.giant + self.boards * self.sprints * _SMALL


def layout(changes: int) -> Layout:
    """The layout of about so many changes."""
    issues = changes // CHANGES_AN_ISSUE
    giant = min(_GIANT, issues // 3)
    giant_sprints = max(1, min(_GIANT_SPRINTS, issues // 17_000))
    small = max(6, (issues - giant_sprints * giant) // _SMALL)
    boards = max(3, small // _SPRINTS_A_BOARD)
    return Layout(giant_sprints, giant, boards, max(2, small // boards))


def today() -> datetime:
    """The morning that the history ends on."""
    return clock.now().astimezone(UTC).replace(hour=6, minute=0, second=0, microsecond=0)


def fill(url: str, plan: Layout) -> float:
    """Write what is not written yet; seconds that it took."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET timezone = 'UTC'")
        connection.execute(sql.PROGRESS)
        if _done(connection) < 0:
            _frame(connection, plan)
        for low in range(_done(connection), plan.issues, _SLICE):
            high = min(low + _SLICE, plan.issues)
            with connection.transaction():
                for statement in sql.SLICE:
                    connection.execute(statement, {"low": low, "high": high})
                connection.execute("UPDATE bench_progress SET upto = %s", (high,))
            _say(f"{high * CHANGES_AN_ISSUE:,} changes", began, high / plan.issues)
    return time.monotonic() - began


async def compute(plan: Layout) -> float:
    """The facts of every sprint by the product's own functions; seconds that it took."""
    began = time.monotonic()
    total = plan.boards * plan.sprints + plan.giant_sprints
    left = total
    while left:
        async with db.transaction() as session:
            left = await facts.rebuild_touched(session, SITE, now=today(), limit=_FACTS_A_TRANSACTION)
        _say(f"facts of {total - left:,} sprints", began, (total - left) / total)
    return time.monotonic() - began


def settle(url: str) -> None:
    """What autovacuum would have done by the next day."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _done(connection: psycopg.Connection) -> int:
    """How many issues are written; -1: not even the frame."""
    row = connection.execute("SELECT upto FROM bench_progress").fetchone()
    return -1 if row is None else int(row[0])


def _frame(connection: psycopg.Connection, plan: Layout) -> None:
    values = {
        "giant_sprints": plan.giant_sprints, "giant": plan.giant, "boards": plan.boards, "sprints": plan.sprints,
        "small": _SMALL, "today": today(),
    }  # fmt: skip
    with connection.transaction():
        for statement in sql.FRAME:
            connection.execute(statement, values)
        connection.cursor().executemany(
            "INSERT INTO bench_body VALUES (%s, %s)", [(number, _body(number)) for number in range(_VARIANTS)]
        )
        connection.execute("INSERT INTO bench_progress VALUES (0)")


def _body(number: int) -> bytes:
    """An issue's packed timelines with a change in each of those that a report looks up."""
    created = datetime(2016, 1, 1, tzinfo=UTC)
    later = created + timedelta(days=3)
    return pack(
        Timelines(
            created=created,
            is_subtask=False,
            sprints=((created, ()), (later, (number,))),
            statuses=((created, "1"), (later, "2")),
            points_field="customfield_10016",
            points={"customfield_10016": ((created, None), (later, 1000 * (number % 8)))},
            seconds=((created, None),),
            disciplines=((created, number % 120 + 1),),
            types=((created, ("Story", "Bug", "Task", "Spike")[number % 4]),),
            priorities=((created, "Medium"), (later, ("High", "Medium", "Low")[number % 3])),
            assignees=((created, None), (later, number % 600 + 1)),
            reporters=((created, number % 50 + 1),),
            owners=((created, number % 30 + 1 if number % 3 else None),),
            parents=((created, None),),
        )
    )


_said = [0.0]


def _say(what: str, began: float, share: float) -> None:
    """A line every ten seconds, with what is still to come."""
    now = time.monotonic()
    if now - _said[0] < 10:
        return
    _said[0] = now
    passed = now - began
    print(f"  {what} ({100 * share:.0f} %) after {passed:.0f} s", flush=True)
