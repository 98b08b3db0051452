"""Small pieces of Jira's JSON for tests of ingest and store: an issue, its changes, a site's mapping."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sprintreports.jira.mapping import FieldMapping
from sprintreports.jira.payloads import RawIssue

POINTS, OTHER_POINTS, SPRINT, TEAM, OWNER = (
    f"customfield_{number}" for number in (10016, 10099, 10020, 10050, 10060)
)
MAPPING = FieldMapping(
    points=POINTS,
    sprint=SPRINT,
    discipline=TEAM,
    owner=OWNER,
    names={POINTS: "Story Points", SPRINT: "Sprint", TEAM: "Discipline", OWNER: "Owner"},
)
SCHEDULING, START, END = (f"customfield_{number}" for number in (10070, 10071, 10072))
# With what a plan is timed by, besides.
TIMED = msgspec.structs.replace(
    MAPPING,
    scheduling=SCHEDULING,
    deadline="duedate",
    planned_start=START,
    planned_end=END,
    names={
        **MAPPING.names,
        SCHEDULING: "Scheduling",
        START: "Planned start",
        END: "Planned end",
        "duedate": "Due date",
    },
)
DAY_ONE = datetime(2025, 3, 3, 9, tzinfo=UTC)
STATUSES = {
    "1": ("To Do", "new"),
    "2": ("In Progress", "indeterminate"),
    "3": ("Done", "done"),
    "4": ("Parked", "new"),
}


def day(number: float) -> datetime:
    """Nine in the morning (UTC) of the n-th day; day 0 is DAY_ONE."""
    return DAY_ONE + timedelta(days=number)


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}+0000"


def person(key: str) -> dict[str, Any]:
    return {"accountId": key, "displayName": f"Name of {key}", "active": True}


def item(
    field: str,
    field_id: str | None,
    before: tuple[str | None, str | None],
    after: tuple[str | None, str | None],
) -> dict[str, Any]:
    """One changed field; each side is (value, text)."""
    found: dict[str, Any] = {
        "field": field, "from": before[0], "fromString": before[1], "to": after[0], "toString": after[1]
    }  # fmt: skip
    return found if field_id is None else {**found, "fieldId": field_id}


def moved(before: str, after: str) -> dict[str, Any]:
    """A change of status between ids of STATUSES."""
    return item("status", "status", (before, STATUSES[before][0]), (after, STATUSES[after][0]))


def sprinted(before: Sequence[int], after: Sequence[int], *, ids: bool = True) -> dict[str, Any]:
    """A change of the Sprint field; without `ids` only names tell which sprints."""
    sides = [
        (", ".join(map(str, side)) if ids else None, ", ".join(f"Sprint {sprint}" for sprint in side))
        for side in (before, after)
    ]
    return item("Sprint", SPRINT, *sides)


def estimated(before: str | None, after: str | None, *, field_id: str = POINTS) -> dict[str, Any]:
    return item("Story Points", field_id, (None, before), (None, after))


def teamed(before: str, after: str) -> dict[str, Any]:
    return item("Discipline", TEAM, ("1", before), ("2", after))


def parented(before: int | None, after: int | None) -> dict[str, Any]:
    return item("Parent", None, *((str(side) if side else None, None) for side in (before, after)))


def change(number: int, at: datetime, *items: dict[str, Any], author: str = "ann") -> bytes:
    return msgspec.json.encode(
        {"id": str(number), "created": stamp(at), "author": person(author), "items": list(items)}
    )


def issue(
    number: int,
    *changes: bytes,
    project: str = "APP",
    created: datetime = DAY_ONE,
    updated: datetime | None = None,
    status: str = "1",
    sprints: Sequence[int] = (),
    points: object = None,
    team: str | None = None,
    owner: str | None = None,
    assignee: str | None = None,
    type_: str = "Story",
    subtask_of: int | None = None,
    **fields: Any,
) -> RawIssue:
    """An issue as search delivers it, with its histories."""
    values: dict[str, Any] = {
        "summary": f"Issue {number}",
        "created": stamp(created),
        "updated": stamp(updated or created + timedelta(days=60)),
        "status": {
            "id": status, "name": STATUSES[status][0], "statusCategory": {"key": STATUSES[status][1]}
        },
        "issuetype": {"name": type_, "subtask": subtask_of is not None},
        "priority": {"id": "3", "name": "Medium"},
        "project": {"id": "100", "key": project, "name": project},
        "reporter": person("rita"),
        "assignee": person(assignee) if assignee else None,
        SPRINT: [{"id": sprint, "name": f"Sprint {sprint}", "state": "active"} for sprint in sprints] or None,
        POINTS: points,
        TEAM: {"id": "1", "value": team} if team else None,
        OWNER: person(owner) if owner else None,
        "parent": {"id": str(subtask_of), "key": f"{project}-{subtask_of}"} if subtask_of else None,
        **fields,
    }  # fmt: skip
    body = msgspec.json.encode({"id": str(number), "key": f"{project}-{number}", "fields": values})
    return RawIssue(number, body, changes)
