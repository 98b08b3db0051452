"""What the tests of the sync share: a connected site, its runs, and what the database holds afterwards."""

from typing import Any

import psycopg

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards, sites, sync
from sprintreports.jira.client import Auth
from sprintreports.jira.sites import Connection
from sprintreports.kit import clock, db

SYSTEM = Viewer.system()
# Tables whose rows a sync makes, without the columns that only say when or by which run.
TABLES = {
    "issue": "jira_issue_id, key, summary, type, status_id, priority, points, seconds, parent_issue_id, scheduling, "
    "deadline, planned_start, planned_end, jira_updated",
    "change_item": "jira_issue_id, change_id, position, at, field, from_value, to_value",
    "issue_sprint": "jira_issue_id, jira_sprint_id",
    "board_issue": "jira_board_id, jira_issue_id, seen_to IS NULL, place",
    "sprint": "jira_sprint_id, name, state, start_date, complete_date, delivered, note",
    "board_sprint": "jira_board_id, jira_sprint_id",
    "sprint_segment": "jira_board_id, jira_sprint_id, jira_issue_id, valid_from, valid_to, points, seconds, state",
    "sprint_issue_fact": "jira_board_id, jira_sprint_id, jira_issue_id, bucket, committed, added, initial_points, final_points",
    "sprint_event": "jira_board_id, jira_sprint_id, position, at, jira_issue_id, kind",
    "stored_payload": "kind, external_id, digest",
}


def connection(
    demo: RunningDemo, *, dialect: Dialect = Dialect.CLOUD, token: str | None = None
) -> Connection:
    if dialect is Dialect.CLOUD:
        return Connection(demo.base_url, Auth.BASIC, demo.email, token or demo.token)
    return Connection(demo.base_url, Auth.BEARER, "", token or demo.token)


async def connected(chosen: Connection, *, boards_wanted: set[int] | None = None) -> int:
    """A site with its boards discovered and chosen (None: all)."""
    async with db.transaction() as session:
        site_id = await sites.create(session, SYSTEM, chosen)
    async with db.transaction() as session:
        found = await boards.discover(session, SYSTEM, site_id, now=clock.now())
        wanted = [
            one.board_id for one in found if boards_wanted is None or one.jira_board_id in boards_wanted
        ]
        await boards.choose(session, SYSTEM, site_id, board_ids=wanted, now=clock.now())
    return site_id


async def synced(site_id: int, mode: sync.Mode = sync.Mode.FULL, **options: Any) -> sync.Outcome:
    return await sync.sync_here(db.transaction, SYSTEM, site_id=site_id, mode=mode, now=clock.now, **options)


def contents(url: str) -> dict[str, tuple[int, str]]:
    """Of each table how many rows and a hash of them in order: equal contents, equal answer."""
    found: dict[str, tuple[int, str]] = {}
    with psycopg.connect(url) as database:
        database.execute("SET timezone = 'UTC'")
        for table, columns in TABLES.items():
            row = database.execute(
                f"SELECT count(*), coalesce(md5(string_agg(line, E'\\n' ORDER BY line)), '') "
                f"FROM (SELECT ROW({columns})::text AS line FROM {table}) AS lines"
            ).fetchone()
            assert row is not None
            found[table] = (row[0], row[1])
    return found


def rows(url: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as database:
        return database.execute(query, parameters).fetchall()


def one(url: str, query: str, *parameters: Any) -> Any:
    (row,) = rows(url, query, *parameters)
    return row if len(row) > 1 else row[0]


def break_it(demo: RunningDemo, **faults: Any) -> None:
    """One rule from now on, or none."""
    demo.faults(*([faults] if faults else []))
