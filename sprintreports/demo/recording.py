"""Recorded raw JSON: CSV tables whose `data` column is one object as Jira's API sent it."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from sprintreports.demo.site import Json

_FIELD_LIMIT = 64 * 1024 * 1024
_ISSUES = "_raw_jira_api_issues.csv"
_CHANGELOGS = "_raw_jira_api_issue_changelogs.csv"
_SPRINTS = "_raw_jira_api_sprints.csv"
_STATUSES = "_raw_jira_api_status.csv"
_TYPES = "_raw_jira_api_issue_types.csv"
_ISSUE_URL = re.compile(r"/issue/([^/?]+)/changelog")


class NoRecording(Exception):
    """The folder holds nothing that can be replayed."""


class RawHistory(msgspec.Struct):
    id: str
    created: str
    items: list[msgspec.Raw]


class _RawItem(msgspec.Struct):
    field: str
    field_id: str | None = msgspec.field(name="fieldId", default=None)
    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None


class _RawChangelog(msgspec.Struct):
    histories: list[msgspec.Raw] = []


class RawIssue(msgspec.Struct):
    id: str
    key: str
    fields: dict[str, msgspec.Raw]
    self: str = ""
    expand: str = ""
    changelog: _RawChangelog | None = None


@dataclass(frozen=True, slots=True)
class RecordedHistory:
    """An entry exactly as it was recorded."""

    id: str
    at: int
    text: str
    field_ids: frozenset[str]
    # Field name, field id, from, to: what the made-up answers (columns, fields) are guessed from.
    items: tuple[tuple[str, str | None, str | None, str | None], ...]

    def json(self, *, epoch: bool = False, only: frozenset[str] | None = None) -> str | None:
        """Unchanged, but for what the bulk endpoint itself changes: a date as a number, only some of the items."""
        if only is not None and self.field_ids.isdisjoint(only):
            return None
        if not epoch and only is None:
            return self.text
        whole: Json = msgspec.json.decode(self.text)
        if epoch:
            whole["created"] = self.at
        if only is not None:
            whole["items"] = [item for item in whole["items"] if item.get("fieldId") in only]
        return msgspec.json.encode(whole).decode()


@dataclass(slots=True)
class Recording:
    """One recorded site (a connection of the recorder) and the board that was read."""

    connection: str
    board_id: int
    issues: dict[str, RawIssue] = field(default_factory=dict)
    histories: dict[str, list[RecordedHistory]] = field(default_factory=dict)
    sprints: list[Json] = field(default_factory=list)
    statuses: list[Json] = field(default_factory=list)
    types: list[Json] = field(default_factory=list)


def read(folder: Path) -> dict[str, Recording]:
    """Connection -> what was recorded of it. Raises NoRecording."""
    if not (folder / _ISSUES).is_file():
        raise NoRecording(f"There is nothing to replay in {folder}: it holds no {_ISSUES}.")
    found: dict[str, Recording] = {}
    for connection, board, row in _rows(folder / _ISSUES):
        recording = found.setdefault(connection, Recording(connection, board))
        issue = msgspec.json.decode(row["data"], type=RawIssue)
        recording.issues[issue.id] = issue
        entries = issue.changelog.histories if issue.changelog is not None else []
        recording.histories[issue.id] = [_history(bytes(entry).decode()) for entry in entries]
    _read_changelogs(folder, found)
    for name, attribute in ((_SPRINTS, "sprints"), (_STATUSES, "statuses"), (_TYPES, "types")):
        for connection, board, row in _rows(folder / name):
            recording = found.get(connection)
            # Sprints belong to the board that they were read from.
            if recording is not None and (attribute != "sprints" or recording.board_id == board):
                getattr(recording, attribute).append(msgspec.json.decode(row["data"]))
    return found


def instant(text: str) -> int:
    """2020-06-12T08:13:13.360+0800 in milliseconds since 1970."""
    return int(
        datetime.strptime(text.replace("Z", "+0000"), "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000 + 0.5
    )


def _read_changelogs(folder: Path, found: dict[str, Recording]) -> None:
    """The separate table repeats, completes, and mostly speaks of issues that were not recorded."""
    for connection, _, row in _rows(folder / _CHANGELOGS):
        match = _ISSUE_URL.search(row.get("url") or "")
        recording = found.get(connection)
        if match is None or recording is None or match.group(1) not in recording.issues:
            continue
        entries = recording.histories[match.group(1)]
        entry = _history(row["data"])
        if all(entry.id != known.id for known in entries):
            entries.append(entry)


def _rows(path: Path) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Rows that say which connection and board they are of; tables without such a column have none."""
    if not path.is_file():
        return
    csv.field_size_limit(_FIELD_LIMIT)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            parameters = row.get("params")
            if not parameters or not row.get("data"):
                continue
            known = msgspec.json.decode(parameters)
            if "ConnectionId" in known:
                yield str(known["ConnectionId"]), int(known.get("BoardId", 0)), row


def _history(text: str) -> RecordedHistory:
    entry = msgspec.json.decode(text, type=RawHistory)
    items = [msgspec.json.decode(item, type=_RawItem) for item in entry.items]
    return RecordedHistory(
        id=entry.id,
        at=instant(entry.created),
        text=text,
        field_ids=frozenset(item.field_id for item in items if item.field_id is not None),
        items=tuple((item.field, item.field_id, item.from_, item.to) for item in items),
    )
