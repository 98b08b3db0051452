"""Two sites of one database, read from the same Jira, held against each other row by row.

Every table with a site in its key is compared, or named here with the reason why it is not; so is every column.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from sprintreports.jira import facts, facts_packed, store_segments
from sprintreports.jira.payloads import parse_time
from sprintreports.jira.timelines import Timelines, unpack
from sprintreports.kit import db

Row = dict[str, Any]
MOST_SHOWN = 12

# Tables that say what was done, by whom and when, and nothing of what is known of Jira.
NOT_COMPARED = {
    "sync_run": "one row a run, and the soaked site has had many",
    "webhook": "the soaked site takes webhooks, the fresh one does not",
    "webhook_delivery": "the fresh site gets no webhooks",
    "sprint_reconciliation": "nobody has asked for Jira's own reports",
    "baseline": "kept by people and by rules, not by syncs",
}
# Columns that two readers of the same Jira have different values in. "*": of all tables.
NOT_EQUAL = {
    "*": {
        "site_id": "the two sites",
        "created_at": "when we first kept the row",
        "updated_at": "when we last kept the row",
    },
    "board": {
        "id": "our own number",
        "configured_at": "when it was last read",
        "ordered_at": "when its order was last asked for",
    },
    "board_issue": {"seen_from": "when we first saw the issue there"},
    "discipline": {"id": "our own number"},
    "jira_person": {"id": "our own number"},
    "sprint": {"id": "our own number"},
    "stored_payload": {
        "received_at": "when it came",
        "sync_run_id": "the run that brought it",
        "digest": "follows from the body, which is compared without its neighbours",
    },
    "sprint_fact": {"rebuilt_at": "when the numbers were computed"},
}
# Our own numbers of people and teams, which stand for the names that are compared in their place.
PEOPLE = frozenset({"assignee_id", "reporter_id", "owner_id", "author_id", "stakeholder_id"})
TEAMS = frozenset({"discipline_id", "discipline_initial"})
PEOPLE_FIELDS = frozenset({"assignee", "reporter", "Owner"})
# What only the past of a site explains, and so only one that has been there knows.
PAST = {
    "jira_person": "people whom only deleted issues or older answers name",
    "discipline": "teams that only deleted issues or older answers name",
    "project": "projects whose last issue was deleted or moved",
    "status": "statuses that only deleted issues have had",
    "sprint": "sprints that only deleted issues refer to",
}
# An issue shows its neighbours and sprints as they are; they change without it, and its own stamp stays.
NEIGHBOURS = ("parent", "subtasks", "issuelinks")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a fresh reader cannot know, and how many sprints were computed again without it."""

    issues: frozenset[int]
    left_a_board: int
    sprints: int


@dataclass(frozen=True, slots=True)
class Names:
    """What our own numbers stand for in one site. `gone`: issues that neither site is to speak of."""

    people: Mapping[int, str]
    teams: Mapping[int, str]
    gone: frozenset[str]

    def person(self, number: int | None) -> str | None:
        return None if number is None else self.people.get(number, f"nobody ({number})")

    def team(self, number: int | None) -> str | None:
        """Numbers below one are all teams, and none."""
        return None if number is None else self.teams.get(number, f"team {number}")


async def forget_what_only_we_know(url: str, site_id: int, *, now: datetime) -> Forgotten:
    """Take out what a fresh reader cannot know: deleted issues, and issues that a board showed once.

    Only the sprints that such an issue was in are computed again: all others have to be right as they are.
    """
    with psycopg.connect(url) as database:
        gone = _ids(
            database, "SELECT jira_issue_id FROM issue WHERE site_id = %s AND deleted_at IS NOT NULL", site_id
        )
        left = _ids(
            database, "SELECT count(*) FROM board_issue WHERE site_id = %s AND seen_to IS NOT NULL", site_id
        )
        query = (
            "SELECT DISTINCT s.jira_board_id, s.jira_sprint_id FROM sprint_segment s WHERE s.site_id = %(site)s AND ("
            "s.jira_issue_id = ANY(%(gone)s) OR EXISTS (SELECT 1 FROM board_issue b WHERE b.site_id = s.site_id "
            "AND b.jira_board_id = s.jira_board_id AND b.jira_issue_id = s.jira_issue_id AND b.seen_to IS NOT NULL))"
        )
        places = database.execute(query, {"site": site_id, "gone": gone}).fetchall()
        database.execute(
            "DELETE FROM sprint_segment s USING board_issue b WHERE b.site_id = %s AND s.site_id = b.site_id "
            "AND s.jira_board_id = b.jira_board_id AND s.jira_issue_id = b.jira_issue_id AND b.seen_to IS NOT NULL",
            (site_id,),
        )
        database.execute("DELETE FROM board_issue WHERE site_id = %s AND seen_to IS NOT NULL", (site_id,))
        for table in tables_of(database):
            if "jira_issue_id" in columns_of(database, table) and not table.startswith("sprint_"):
                _delete(database, table, "jira_issue_id", site_id, gone)
        _delete(database, "sprint_segment", "jira_issue_id", site_id, gone)
        _delete(database, "issue_link", "other_issue_id", site_id, gone)
        _delete(database, "stored_payload", "external_id", site_id, [str(issue) for issue in gone])
    async with db.transaction() as session:
        await store_segments.touch(await db.raw(session), site_id, places, now=now)
    left_to_do = 1
    while left_to_do:
        async with db.transaction() as session:
            left_to_do = await facts.rebuild_touched(session, site_id, now=now, limit=50)
    return Forgotten(frozenset(gone), left[0], len(places))


def differences(url: str, soaked: int, fresh: int, *, gone: Collection[int] = ()) -> list[str]:
    """What is not equal, a sentence each, the first few of every table. Empty: nothing was lost."""
    with psycopg.connect(url) as database:
        return differences_in(database, soaked, fresh, gone=gone)


def differences_in(
    database: psycopg.Connection[Any], soaked: int, fresh: int, *, gone: Collection[int] = ()
) -> list[str]:
    """The same as a transaction sees it."""
    found: list[str] = []
    database.execute("SET LOCAL timezone = 'UTC'")
    names = {site: _names(database, site, gone) for site in (soaked, fresh)}
    for table in tables_of(database):
        if table in NOT_COMPARED:
            continue
        ours, theirs = (_rows(database, table, site, names[site]) for site in (soaked, fresh))
        lost, extra = list((theirs - ours).elements()), list((ours - theirs).elements())
        if table in PAST:
            extra = [row for row in extra if _says_otherwise(table, row, theirs)]
        found += [f"{table}: not as in a fresh sync: {dict(row)}" for row in extra[:MOST_SHOWN]]
        found += [f"{table}: a fresh sync has {dict(row)}" for row in lost[:MOST_SHOWN]]
        if len(lost) + len(extra) > 2 * MOST_SHOWN:
            found.append(f"{table}: {len(extra)} rows too many and {len(lost)} missing in all")
    return found


def counted(url: str, site_id: int) -> dict[str, int]:
    """How many rows of each table were compared."""
    with psycopg.connect(url) as database:
        return {
            table: _ids(database, f"SELECT count(*) FROM {table} WHERE site_id = %s", site_id)[0]
            for table in tables_of(database)
            if table not in NOT_COMPARED
        }


def tables_of(database: psycopg.Connection[Any]) -> list[str]:
    """All tables that hold something of a site. Partitions are part of theirs."""
    query = (
        "SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id' "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [row[0] for row in database.execute(query).fetchall()]


def columns_of(database: psycopg.Connection[Any], table: str) -> list[str]:
    query = (
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "ORDER BY attnum"
    )
    return [row[0] for row in database.execute(query, (table,)).fetchall()]


def _rows(
    database: psycopg.Connection[Any], table: str, site_id: int, names: Names
) -> "Counter[tuple[tuple[str, Any], ...]]":
    unequal = {**NOT_EQUAL["*"], **NOT_EQUAL.get(table, {})}
    columns = [column for column in columns_of(database, table) if column not in unequal]
    query = sql.SQL("SELECT {} FROM {} WHERE site_id = %s").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
    )
    found: Counter[tuple[tuple[str, Any], ...]] = Counter()
    for row in database.cursor(row_factory=dict_row).execute(query, (site_id,)).fetchall():
        plain = _SHAPES.get(table, _as_it_is)(row, names)
        found[tuple((name, _hashable(_named(name, value, names))) for name, value in plain.items())] += 1
    return found


def _named(column: str, value: Any, names: Names) -> Any:
    if column in PEOPLE:
        return names.person(value)
    return names.team(value) if column in TEAMS else value


def _as_it_is(row: Row, _: Names) -> Row:
    return row


def _change(row: Row, names: Names) -> Row:
    if row["field"] in PEOPLE_FIELDS:
        for side in ("from_value", "to_value"):
            row[side] = names.person(int(row[side])) if row[side] else None
    return row


def _timeline(row: Row, names: Names) -> Row:
    lines = unpack(bytes(row.pop("body")))
    people = ("assignees", "reporters", "owners")
    values: dict[str, Any] = {name: getattr(lines, name) for name in Timelines.__struct_fields__}
    for name in people:
        values[name] = [(at, names.person(number)) for at, number in values[name]]
    values["disciplines"] = [(at, names.team(number)) for at, number in values["disciplines"]]
    return row | values


def _payload(row: Row, names: Names) -> Row:
    """The issue without its neighbours, and its changes, each once, in the order of their numbers, all in UTC."""
    issue, *told = msgspec.json.decode(zlib.decompress(bytes(row["body"])))
    changes = [
        change | {"created": str(parse_time(change["created"]))}
        for _, change in sorted({int(change["id"]): change for change in told}.items())
    ]
    fields = issue["fields"]
    stubs: dict[str, Any] = {name: fields.pop(name) for name in NEIGHBOURS if name in fields}
    parent = stubs.get("parent")
    fields["parent"] = parent and parent["id"]
    fields["subtasks"] = sorted(stub["id"] for stub in stubs.get("subtasks") or ())
    # A link goes with the issue at its other end, and the issue at this end does not change over that.
    fields["issuelinks"] = sorted(
        link["id"]
        for link in stubs.get("issuelinks") or ()
        if (link.get("inwardIssue") or link.get("outwardIssue"))["id"] not in names.gone
    )
    for name, value in fields.items():
        if name.startswith("customfield_") and isinstance(value, list):
            fields[name] = sorted(filter(None, map(_sprint_id, value))) or value
    return row | {"body": msgspec.json.encode([issue, *changes], order="deterministic").decode()}


def _sprint_id(value: Any) -> int | None:
    """Sprints change their state and name without the issues that are in them."""
    if isinstance(value, dict) and "boardId" in value:
        return value["id"]
    if isinstance(value, str) and "greenhopper" in value:
        return int(value.split("[id=")[1].split(",")[0])
    return None


def _summary(row: Row, names: Names) -> Row:
    if row["dimension"] in ("assignee", "stakeholder") and row["label"]:
        row["label"] = _label(row["label"], names)
    elif row["dimension"] in ("transfer", "team") and row["label"].isdigit():
        row["label"] = names.team(int(row["label"]))
    return row


def _label(label: str, names: Names) -> str:
    head, colon, number = label.rpartition(":")
    return f"{head}{colon}{names.people.get(int(number), number)}" if number.isdigit() else label


def _status(row: Row, _: Names) -> Row:
    """Who has seen a status before it was deleted knows more of it than the changelogs tell."""
    return row | {"category": None} if row["deleted"] else row


def _window(row: Row, _: Names) -> Row:
    """A sprint that is not over ends at the moment of asking."""
    return row if row["closed"] else row | {"window_end": None}


def _packed(row: Row, names: Names) -> Row:
    """The report's totals; its parts are those of the summaries, in other bytes."""
    parts = facts_packed.unpack(bytes(row.pop("report")))
    hours = row.pop("hours")
    return row | {
        "totals": repr(parts.totals),
        "teams": sorted((names.team(team.discipline) or "", repr(team.totals)) for team in parts.teams),
        "excluded": sorted(parts.excluded.items()),
        "hours": None if hours is None else facts_packed.unpack_hours(bytes(hours)),
    }


_SHAPES: dict[str, Callable[[Row, Names], Row]] = {
    "change_item": _change,
    "issue_timeline": _timeline,
    "stored_payload": _payload,
    "status": _status,
    "sprint_fact": _window,
    "sprint_summary": _summary,
    "sprint_packed": _packed,
}
_KEYS = {
    "jira_person": "account_key",
    "discipline": "name",
    "project": "jira_project_id",
    "status": "status_id",
    "sprint": "jira_sprint_id",
}


def _says_otherwise(
    table: str, row: tuple[tuple[str, Any], ...], theirs: Collection[tuple[tuple[str, Any], ...]]
) -> bool:
    """Whether the fresh site has a row about the same, which then has to be equal."""
    key = _KEYS[table]
    return dict(row)[key] in {dict(other)[key] for other in theirs}


def _names(database: psycopg.Connection[Any], site_id: int, gone: Collection[int]) -> Names:
    people = database.execute("SELECT id, account_key FROM jira_person WHERE site_id = %s", (site_id,))
    teams = database.execute("SELECT id, name FROM discipline WHERE site_id = %s", (site_id,))
    return Names(dict(people.fetchall()), dict(teams.fetchall()), frozenset(map(str, gone)))


def _ids(database: psycopg.Connection[Any], query: Any, site_id: int) -> list[int]:
    return [row[0] for row in database.execute(query, (site_id,)).fetchall()]


def _delete(
    database: psycopg.Connection[Any], table: str, column: str, site_id: int, values: list[Any]
) -> None:
    query = sql.SQL("DELETE FROM {} WHERE site_id = %s AND {} = ANY(%s)")
    database.execute(query.format(sql.Identifier(table), sql.Identifier(column)), (site_id, values))


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict | tuple) else value
