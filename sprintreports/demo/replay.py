"""Recorded sites served through the endpoints of Jira Cloud, each below /site/{connection}.

Issues, changelogs and sprints are given unchanged. What was not recorded is made up to fit: the board's
configuration, the list of fields, the account that asks.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from starlette.types import ASGIApp

from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.demo.faults import Faults
from sprintreports.demo.field_list import custom_field, system_fields
from sprintreports.demo.recording import RawIssue, RecordedHistory, Recording, instant, read
from sprintreports.demo.server import assemble
from sprintreports.demo.site import Json, Row

_SPRINT = "customfield_10020"
_RANK = "customfield_10019"
_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"
_SOFTWARE = "com.pyxis.greenhopper.jira"
_KNOWN_FIELDS: dict[str, tuple[str, str, str, str | None]] = {
    "customfield_10011": ("Epic Name", "string", f"{_SOFTWARE}:gh-epic-label", None),
    "customfield_10014": ("Epic Link", "any", f"{_SOFTWARE}:gh-epic-link", None),
    _RANK: ("Rank", "any", f"{_SOFTWARE}:gh-lexo-rank", None),
    _SPRINT: ("Sprint", "array", f"{_SOFTWARE}:gh-sprint", "json"),
    "customfield_10024": ("Story Points", "number", f"{_TYPES}:float", None),
}
_COLUMNS = (("To Do", "new"), ("In Progress", "indeterminate"), ("Done", "done"))
_ZONE = "Asia/Shanghai"


def create_replay(
    folder: Path, *, base_url: str = "http://127.0.0.1", token: str = DEMO_TOKEN, faults: Faults | None = None
) -> ASGIApp:
    """All recorded sites in one application. Raises NoRecording."""
    sites = {
        f"/site/{connection}": ReplaySite(recording, f"{base_url}/site/{connection}")
        for connection, recording in read(folder).items()
    }
    return assemble(sites, token=token, faults=faults)


class ReplaySite:
    """One recorded site."""

    dialect = Dialect.CLOUD

    def __init__(self, recording: Recording, base_url: str) -> None:
        self.base_url = base_url
        self._recording = recording
        self._rows = _rows(recording)
        self._by_name = {str(row.id): row for row in self._rows} | {row.key: row for row in self._rows}
        self._statuses = _statuses(recording)
        self._api = f"{base_url}/rest/api/3"

    def server_info(self) -> Json:
        return {
            "baseUrl": self.base_url,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100300,
            "serverTitle": "Recorded site",
        }

    def myself(self) -> Json:
        return {
            "accountId": "5f0000demo",
            "accountType": "atlassian",
            "emailAddress": DEMO_EMAIL,
            "displayName": "Demo Account",
            "active": True,
            "timeZone": _ZONE,
        }

    def time_zone(self) -> str:
        return _ZONE

    @property
    def version(self) -> int:
        return 0

    def fields(self) -> list[Json]:
        """Made up for every custom field that has a value in an issue or is named in a changelog."""
        names: dict[str, str] = {}
        for issue in self._recording.issues.values():
            used = (
                field
                for field, value in issue.fields.items()
                if field.startswith("customfield_") and bytes(value) != b"null"
            )
            names.update({field: f"Custom field {field[12:]}" for field in used})
        for entries in self._recording.histories.values():
            for entry in entries:
                names.update(
                    {
                        field: name
                        for name, field, _, _ in entry.items
                        if field and field.startswith("customfield_")
                    }
                )
        return [
            *system_fields(Dialect.CLOUD),
            *(_field(field, name) for field, name in sorted(names.items())),
        ]

    def statuses(self) -> list[Json]:
        return list(self._statuses.values())

    def priorities(self) -> list[Json]:
        return _distinct(_value(issue, "priority") for issue in self._recording.issues.values())

    def issue_types(self) -> list[Json]:
        seen = _distinct(_value(issue, "issuetype") for issue in self._recording.issues.values())
        known = {kind["id"]: kind for kind in (*seen, *self._recording.types)}
        return list(known.values())

    def projects(self) -> list[Json]:
        return _distinct(_value(issue, "project") for issue in self._recording.issues.values())

    def boards(self) -> list[Json]:
        board_id, project = self._recording.board_id, self.projects()[0]
        return [
            {
                "id": board_id,
                "self": f"{self.base_url}/rest/agile/1.0/board/{board_id}",
                "name": f"{project['key']} board",
                "type": "scrum",
                "location": {
                    "projectId": int(project["id"]),
                    "projectKey": project["key"],
                    "projectName": project["name"],
                    "displayName": f"{project['name']} ({project['key']})",
                },
            }
        ]

    def board(self, board_id: int) -> Json | None:
        return self.boards()[0] if board_id == self._recording.board_id else None

    def board_projects(self, board_id: int) -> frozenset[str]:  # noqa: ARG002 - there is one board only
        return frozenset(str(project["id"]) for project in self.projects())

    def configuration(self, board_id: int) -> Json:
        """Columns from the statuses seen; the right-most one takes those of the category "done"."""
        columns = [
            {
                "name": name,
                "statuses": [
                    {"id": status["id"], "self": status["self"]}
                    for status in self._seen_statuses()
                    if status["statusCategory"]["key"] == category
                ],
            }
            for name, category in _COLUMNS
        ]
        return {
            "id": board_id,
            "name": self.boards()[0]["name"],
            "type": "scrum",
            "self": f"{self.base_url}/rest/agile/1.0/board/{board_id}/configuration",
            "filter": {"id": str(board_id), "self": f"{self._api}/filter/{board_id}"},
            "columnConfig": {"columns": columns, "constraintType": "none"},
            "estimation": self._estimation(),
            "ranking": {"rankCustomFieldId": int(_RANK.removeprefix("customfield_"))},
        }

    def filter(self, filter_id: str) -> Json | None:
        if filter_id != str(self._recording.board_id):
            return None
        keys = ", ".join(project["key"] for project in self.projects())
        return {
            "self": f"{self._api}/filter/{filter_id}",
            "id": filter_id,
            "name": f"Filter for {self.boards()[0]['name']}",
            "jql": f"project in ({keys}) ORDER BY Rank ASC",
        }

    def sprints(self, board_id: int) -> list[Json]:  # noqa: ARG002 - there is one board only
        return self._recording.sprints

    def sprint(self, sprint_id: int) -> Json | None:
        return next((sprint for sprint in self._recording.sprints if sprint["id"] == sprint_id), None)

    def rows(self) -> Sequence[Row]:
        return self._rows

    def find(self, id_or_key: str) -> Row | None:
        return self._by_name.get(id_or_key.upper())

    def issue(self, row: Row, wanted: frozenset[str] | None) -> str:
        """The recorded object, byte for byte in every field; without its closing brace."""
        issue = self._recording.issues[str(row.id)]
        fields = ",".join(
            f'"{name}":{bytes(value).decode()}'
            for name, value in issue.fields.items()
            if wanted is None or name in wanted
        )
        head = ",".join(
            f'"{name}":{msgspec.json.encode(value).decode()}'
            for name, value in (
                ("expand", issue.expand),
                ("id", issue.id),
                ("self", issue.self),
                ("key", issue.key),
            )
        )
        return f'{{{head},"fields":{{{fields}}}'

    def histories(self, row: Row) -> list[RecordedHistory]:
        """The oldest first."""
        return sorted(self._recording.histories[str(row.id)], key=lambda entry: entry.at)

    def sprint_report(self, board_id: int, sprint_id: int) -> Json | None:  # noqa: ARG002 - never recorded
        """Nobody recorded one."""
        return None

    def _seen_statuses(self) -> list[Json]:
        seen = {
            str(status["id"])
            for issue in self._recording.issues.values()
            if (status := _value(issue, "status"))
        }
        for entries in self._recording.histories.values():
            for entry in entries:
                for name, _, before, after in entry.items:
                    if name == "status":
                        seen.update(value for value in (before, after) if value)
        return [status for number, status in self._statuses.items() if number in seen]

    def _estimation(self) -> Json:
        """The estimate whose changes were recorded; a site without any counts issues."""
        changes = Counter(
            field
            for entries in self._recording.histories.values()
            for entry in entries
            for _, field, _, _ in entry.items
            if field in ("customfield_10024", "timeoriginalestimate")
        )
        if not changes:
            return {"type": "issueCount"}
        field = changes.most_common(1)[0][0]
        name = "Story Points" if field.startswith("customfield_") else "Original estimate"
        return {"type": "field", "field": {"fieldId": field, "displayName": name}}


def _rows(recording: Recording) -> list[Row]:
    issues = sorted(recording.issues.values(), key=lambda issue: (str(_value(issue, _RANK)), int(issue.id)))
    return [_row(issue, rank) for rank, issue in enumerate(issues)]


def _row(issue: RawIssue, rank: int) -> Row:
    project, priority, status = (_value(issue, name) for name in ("project", "priority", "status"))
    sprints: list[Json] = _value(issue, _SPRINT) or []
    return Row(
        id=int(issue.id),
        key=issue.key,
        number=int(issue.key.rpartition("-")[2]),
        project_id=str(project["id"]),
        project_key=project["key"],
        sprints=frozenset(sprint["id"] for sprint in sprints),
        created=instant(str(_value(issue, "created"))),
        updated=instant(str(_value(issue, "updated"))),
        rank=rank,
        priority=str(priority["id"]) if priority else "",
        status=str(status["id"]) if status else "",
    )


def _statuses(recording: Recording) -> dict[str, Json]:
    """The recorded list first; what only issues show comes after it."""
    known: dict[str, Json] = {str(status["id"]): status for status in recording.statuses}
    for issue in recording.issues.values():
        status = _value(issue, "status")
        if status:
            known.setdefault(str(status["id"]), status)
    return known


def _value(issue: RawIssue, name: str) -> Any:
    """Whatever JSON was recorded."""
    raw = issue.fields.get(name)
    return None if raw is None else msgspec.json.decode(raw)


def _distinct(values: Iterable[Json | None]) -> list[Json]:
    return list({value["id"]: value for value in values if value}.values())


def _field(field_id: str, name: str) -> Json:
    known, kind, plugin, items = _KNOWN_FIELDS.get(field_id, (name, "string", f"{_TYPES}:textfield", None))
    return custom_field(field_id, known, kind, plugin, items=items)
