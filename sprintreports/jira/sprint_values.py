"""What an issue's Sprint field, or a changelog entry about it, can look like, turned into sprints and sprint ids.

Cloud and new servers: a list of objects. Older servers: a list of strings such as
`com.atlassian.greenhopper.service.sprint.Sprint@1f39[id=7,rapidViewId=2,state=CLOSED,name=A, b=c,goal=<null>]`, in which
names and goals may contain commas, equals signs and brackets. Changelogs: "7, 9".
"""

import re
from collections.abc import Iterator
from typing import cast

import msgspec

from sprintreports.jira.payloads import SprintPayload, decode

_KEYS = (
    "id|rapidViewId|state|name|goal|startDate|endDate|completeDate|activatedDate|sequence|closed|"
    "autoStartStop|synced|incompleteIssuesDestinationId"
)
_KEY = re.compile(rf"(?:(?<=\[)|,)({_KEYS})=")
_LEGACY = re.compile(r"^[\w.$]+@[0-9a-fA-F]+\[")


def sprint_values(
    raw: bytes | msgspec.Raw | None, *, endpoint: str = "the Sprint field"
) -> list[SprintPayload]:
    """The sprints of a Sprint field's raw JSON, in Jira's order, each once. Raises JiraAnswerInvalid."""
    if raw is None:
        return []
    value = decode(raw, object, endpoint)
    found = {sprint.id: sprint for sprint in _sprints(value, endpoint)}
    return list(found.values())


def sprint_ids(raw: bytes | msgspec.Raw | None, *, endpoint: str = "the Sprint field") -> list[int]:
    """The ids of a Sprint field's raw JSON."""
    return [sprint.id for sprint in sprint_values(raw, endpoint=endpoint)]


def ids_of_list(text: str | None) -> frozenset[int] | None:
    """The ids of a changelog value like "7, 9" (empty: none). None when it holds anything but ids."""
    parts = [part.strip() for part in (text or "").split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return frozenset(int(part) for part in parts)


def legacy_sprint(text: str) -> SprintPayload | None:
    """A sprint out of its Java string form; None when the text is none."""
    if not _LEGACY.match(text):
        return None
    body = text[text.index("[") : text.rindex("]")] if "]" in text else text[text.index("[") :]
    values = _legacy_values(body)
    if not values.get("id", "").isdigit():
        return None
    return SprintPayload(
        id=int(values["id"]),
        name=values.get("name", ""),
        state=values.get("state", "").lower(),
        goal=values.get("goal"),
        start_date=values.get("startDate"),
        end_date=values.get("endDate"),
        complete_date=values.get("completeDate"),
        activated_date=values.get("activatedDate"),
        origin_board_id=_number(values.get("rapidViewId")),
    )


def _legacy_values(body: str) -> dict[str, str]:
    """Key by key; where a name or goal holds text that looks like a key, the text is left in it."""
    marks = _real_marks(body)
    values: dict[str, str] = {}
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(body)
        value = body[mark.end() : end]
        if value not in ("", "<null>", "null"):
            values[mark.group(1)] = value
    return values


def _real_marks(body: str) -> list[re.Match[str]]:
    # Each key is there once. Servers write id first; the oldest wrote it last: then its last mark is the real one.
    marks = list(_KEY.finditer(body))
    if not body.startswith("[id="):
        ids = [mark for mark in marks if mark.group(1) == "id"]
        marks = [mark for mark in marks if mark.group(1) != "id" or mark is ids[-1]]
    seen: set[str] = set()
    real: list[re.Match[str]] = []
    for mark in marks:
        if mark.group(1) not in seen:
            seen.add(mark.group(1))
            real.append(mark)
    return real


def _sprints(value: object, endpoint: str) -> Iterator[SprintPayload]:
    if value is None or value == "":
        return
    if isinstance(value, list):
        for entry in cast("list[object]", value):
            yield from _sprints(entry, endpoint)
    elif isinstance(value, dict):
        yield decode(msgspec.json.encode(value), SprintPayload, endpoint)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield SprintPayload(id=value)
    elif isinstance(value, str):
        yield from _of_text(value)


def _of_text(text: str) -> Iterator[SprintPayload]:
    sprint = legacy_sprint(text)
    if sprint is not None:
        yield sprint
        return
    for sprint_id in sorted(ids_of_list(text) or ()):
        yield SprintPayload(id=sprint_id)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
