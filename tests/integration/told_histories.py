"""Issues out of what a collector noted: for each field its events, with names where Jira has ids.

That is all that is left of some old Jiras. A field's first entry is made up by the collector: the moment of creation, with
the same value before and after it. Entries come field by field, not in the order of time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sprintreports.jira.payloads import parse_time
from tests.integration.small_jira import SERVER, SERVER_INFO, Json

POINTS, SPRINT = "customfield_10002", "customfield_10007"
TODO, DOING = ("Open", "Reopened"), ("Coding In Progress", "Pull Request Sent")
DONE = ("Dev Complete", "Ready for QA", "QA In Progress", "Verified", "Closed")
STATUSES = {
    name: (str(number), category)
    for number, (name, category) in enumerate(
        [
            *((name, "new") for name in TODO),
            *((name, "indeterminate") for name in DOING),
            *((name, "done") for name in DONE),
        ],
        start=1,
    )
}
FIELDS: list[Json] = [
    {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}},
    {"id": POINTS, "name": "Story Points", "custom": True,
     "schema": {"type": "number", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"}},
    {"id": SPRINT, "name": "Sprint", "custom": True,
     "schema": {"type": "array", "items": "string", "custom": "com.pyxis.greenhopper.jira:gh-sprint"}},
]  # fmt: skip

Event = Mapping[str, Any]
Events = Mapping[str, Sequence[Event]]


@dataclass(frozen=True, slots=True)
class ToldSprint:
    """A sprint as the board lists it. `before`: the names that it had once."""

    id: int
    name: str
    state: str = "closed"
    start: str | None = None
    end: str | None = None
    complete: str | None = None
    before: tuple[str, ...] = ()

    def listed(self, board: int) -> Json:
        dates = {"startDate": self.start, "endDate": self.end, "completeDate": self.complete}
        known = {name: at for name, at in dates.items() if at}
        return {"id": self.id, "name": self.name, "state": self.state, "originBoardId": board, **known}

    def legacy(self, board: int) -> str:
        """How old servers write it into an issue's Sprint field."""
        dates = f"startDate={self.start or '<null>'},endDate={self.end or '<null>'},completeDate={self.complete or '<null>'}"
        return (
            f"com.atlassian.greenhopper.service.sprint.Sprint@{self.id:x}[id={self.id},rapidViewId={board},"
            f"state={self.state.upper()},name={self.name},{dates},sequence={self.id}]"
        )


@dataclass(frozen=True, slots=True)
class Teller:
    """Turns noted events into Jira's JSON. `ids`: name to id of sprints, given where changelogs shall have ids.

    `made_up`: whether the collector's own entries are told too. `unsaid`: values of issues in whose events a field is not.
    """

    sprints: Sequence[ToldSprint]
    board: int = 1
    ids: Mapping[str, int] = field(default_factory=dict[str, int])
    made_up: bool = False
    unsaid: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def issue(self, number: int, key: str, events: Events) -> Json:
        """As a Data Center's search with expand=changelog delivers it."""
        created = min(parse_time(noted[0]["change"]) for noted in events.values() if noted)
        status = self._now(key, events, "Status")
        resolution = self._now(key, events, "Resolution")
        points = self._now(key, events, "Story Points")
        by_name = {name: sprint for sprint in self.sprints for name in (sprint.name, *sprint.before)}
        held = [by_name[name].legacy(self.board) for name in self._now(key, events, "Sprint") or ()]
        histories = list(self._histories(events))
        latest = max((parse_time(history["created"]) for history in histories), default=created)
        return {
            "id": str(number),
            "key": key,
            "fields": {
                "summary": key, "created": created.isoformat(), "updated": latest.isoformat(),
                "status": status_json(status), "resolution": {"id": "1", "name": resolution} if resolution else None,
                "issuetype": {"id": "1", "name": "Task", "subtask": False},
                "project": {"id": "10", "key": key.partition("-")[0], "name": "Told"},
                POINTS: None if points is None else float(points), SPRINT: held or None,
            },
            "changelog": {
                "startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories
            },
        }  # fmt: skip

    def _now(self, key: str, events: Events, name: str) -> Any:
        noted = events.get(name)
        if not noted:
            return self.unsaid.get(key, {}).get(name)
        return max(noted, key=lambda event: (not is_made_up(event), parse_time(event["change"])))["to"]

    def _histories(self, events: Events) -> Iterator[Json]:
        """One for each entry, numbered by time and told as they were noted."""
        told = [
            (name, event)
            for name, noted in events.items()
            for event in noted
            if (self.made_up or not is_made_up(event))
            and name in ("Sprint", "Status", "Story Points", "Resolution")
        ]
        order = sorted(range(len(told)), key=lambda at: parse_time(told[at][1]["change"]))
        numbers = {position: 1000 + number for number, position in enumerate(order)}
        for position, (name, event) in enumerate(told):
            author = {"name": event.get("author") or "somebody"}
            yield {
                "id": str(numbers[position]), "created": event["change"], "author": author,
                "items": [self._item(name, event)],
            }  # fmt: skip

    def _item(self, name: str, event: Event) -> Json:
        sides: Json = {}
        for side in ("from", "to"):
            value = event[side]
            names = ", ".join(value) if isinstance(value, list) else value
            known = [self.ids[one] for one in value if one in self.ids] if isinstance(value, list) else []
            sides[side] = ", ".join(map(str, known)) or None
            sides[f"{side}String"] = names
        field_name = name if name in ("Sprint", "Story Points") else name.lower()
        return {"field": field_name, "fieldtype": "jira" if field_name.islower() else "custom", **sides}


def is_made_up(event: Event) -> bool:
    """The collector's own entry: nothing changes in it."""
    return event["from"] == event["to"]


def status_json(name: str) -> Json:
    number, category = STATUSES[name]
    return {"id": number, "name": name, "statusCategory": {"id": 1, "key": category, "name": category}}


def site_answers(sprints: Iterable[ToldSprint], *, board: int = 1, name: str = "Board") -> dict[str, Any]:
    """What a Data Center with one board of these sprints answers besides its issues. The last column is done."""
    columns = [("To do", TODO), ("Doing", DOING), ("Done", DONE)]
    configuration = {
        "id": board, "name": name, "filter": {"id": "77"},
        "columnConfig": {"columns": [
            {"name": title, "statuses": [{"id": STATUSES[status][0]} for status in held]} for title, held in columns
        ]},
        "estimation": {"type": "field", "field": {"fieldId": POINTS, "displayName": "Story Points"}},
    }  # fmt: skip
    return {
        SERVER_INFO: SERVER,
        "/rest/api/2/myself": {"name": "reader", "key": "reader", "displayName": "Reader", "timeZone": "America/New_York"},
        "/rest/api/2/field": FIELDS,
        "/rest/api/2/status": [status_json(status) for status in STATUSES],
        "/rest/api/2/priority": [],
        "/rest/api/2/filter/77": {"id": "77", "name": "All", "jql": "project = TOLD"},
        "/rest/agile/1.0/board": {
            "maxResults": 50, "startAt": 0, "isLast": True, "values": [{"id": board, "name": name, "type": "scrum"}]
        },
        f"/rest/agile/1.0/board/{board}/configuration": configuration,
        f"/rest/agile/1.0/board/{board}/sprint": {
            "maxResults": 50, "startAt": 0, "isLast": True, "values": [sprint.listed(board) for sprint in sprints]
        },
    }  # fmt: skip
