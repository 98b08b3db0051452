"""What Jira tells the outside when something changes: the body of a webhook."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from sprintreports.demo.changelog import Scribe
from sprintreports.demo.model import Issue
from sprintreports.demo.people import Person
from sprintreports.demo.render import Renderer, encode
from sprintreports.demo.site import Json


class Event(StrEnum):
    ISSUE_CREATED = "jira:issue_created"
    ISSUE_UPDATED = "jira:issue_updated"
    ISSUE_DELETED = "jira:issue_deleted"
    SPRINT_CREATED = "sprint_created"
    SPRINT_UPDATED = "sprint_updated"
    SPRINT_STARTED = "sprint_started"
    SPRINT_CLOSED = "sprint_closed"
    BOARD_CHANGED = "board_configuration_changed"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event and what it is about: an issue, a sprint or a board."""

    event: Event
    at: int
    author: Person
    issue: Issue | None = None
    sprint_id: int = 0
    board_id: int = 0


@dataclass(frozen=True, slots=True)
class Lookup:
    """How the site shows what an event is about."""

    render: Renderer
    scribe: Scribe
    sprint: Callable[[int], Json]
    configuration: Callable[[int], Json]


_TYPE_NAMES = {Event.ISSUE_CREATED: "issue_created", Event.ISSUE_UPDATED: "issue_updated"}


def body_of(happening: Happening, look: Lookup) -> str:
    """The JSON text, as things are now: ask before the next change."""
    head = f'{{"timestamp":{happening.at},"webhookEvent":"{happening.event}"'
    if happening.issue is not None:
        return head + _about_issue(happening, happening.issue, look) + "}"
    if happening.sprint_id:
        return f'{head},"sprint":{encode(look.sprint(happening.sprint_id))}}}'
    return f'{head},"configuration":{encode(look.configuration(happening.board_id))}}}'


def _about_issue(happening: Happening, issue: Issue, look: Lookup) -> str:
    pieces: list[str] = []
    name = _TYPE_NAMES.get(happening.event)
    if name is not None:
        pieces.append(f'"issue_event_type_name":"{name}"')
    pieces += [
        f'"user":{look.render.person_json[happening.author.number]}',
        f'"issue":{look.render.issue(issue, None)}}}',
    ]
    if happening.event is Event.ISSUE_UPDATED:
        pieces.append(f'"changelog":{_last_entry(issue, look.scribe)}')
    return "," + ",".join(pieces)


def _last_entry(issue: Issue, scribe: Scribe) -> str:
    newest = max(scribe.write(issue), key=lambda entry: entry.at)
    entry: Json = msgspec.json.decode(newest.json() or "{}")
    return encode({"id": entry["id"], "items": entry["items"]})
