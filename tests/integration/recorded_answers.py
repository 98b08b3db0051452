"""Single answers of a Jira, asked for by the product's own client under the paths that they have there."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sprintreports.jira.client import Auth, Credentials, JiraClient, connect
from sprintreports.jira.ingest import IngestedIssue, ingest_issue
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.mapping import FieldMapping
from sprintreports.jira.payloads import ChangePayload, IssuePayload, RawIssue, decode, parse_time
from tests.integration.small_jira import SERVER, SERVER_INFO, Json, SmallJira, serving

AGILE, PLATFORM = "/rest/agile/1.0", "/rest/api/2"
FIELDS = FieldIndex.of(FieldMapping(points="customfield_10105", sprint="customfield_10020"))


class Kind(StrEnum):
    SERVER = "server"
    MYSELF = "myself"
    BOARDS = "boards"
    CONFIGURATION = "configuration"
    SPRINTS = "sprints"
    SPRINT = "sprint"
    FIELDS = "fields"
    STATUSES = "statuses"
    PRIORITIES = "priorities"
    FILTER = "filter"
    FOUND = "found"  # a page of a search


PATHS = {
    Kind.SERVER: SERVER_INFO,
    Kind.MYSELF: f"{PLATFORM}/myself",
    Kind.BOARDS: f"{AGILE}/board",
    Kind.CONFIGURATION: f"{AGILE}/board/1/configuration",
    Kind.SPRINTS: f"{AGILE}/board/1/sprint",
    Kind.SPRINT: f"{AGILE}/sprint/1",
    Kind.FIELDS: f"{PLATFORM}/field",
    Kind.STATUSES: f"{PLATFORM}/status",
    Kind.PRIORITIES: f"{PLATFORM}/priority",
    Kind.FILTER: f"{PLATFORM}/filter/1",
    Kind.FOUND: f"{PLATFORM}/search",
}


async def asked(kind: Kind, *bodies: bytes) -> Any:
    """What the client makes of these bytes, which are the answer; several are the pages of a list, in their order."""
    pages = {int(json.loads(body).get("startAt", 0)): body for body in bodies} if len(bodies) > 1 else {}

    def page(query: Mapping[str, str]) -> bytes | None:
        return pages.get(int(query.get("startAt", 0))) if pages else bodies[0]

    answers = {SERVER_INFO: SERVER, PATHS[kind]: page}
    with serving(SmallJira(answers)) as address:
        client = await connect(address, Credentials(Auth.BEARER, "", "a token"))
        try:
            return await _ask(client, kind)
        finally:
            await client.aclose()


async def _ask(client: JiraClient, kind: Kind) -> Any:
    match kind:
        case Kind.SERVER:
            return client.server
        case Kind.CONFIGURATION:
            return await client.board_configuration(1)
        case Kind.SPRINTS:
            return await client.sprints(1)
        case Kind.SPRINT:
            return await client.sprint(1)
        case Kind.FILTER:
            return await client.filter("1")
        case Kind.FOUND:
            return [ref async for page in client.search("project = SAMPLE") for ref in page]
        case _:
            return await getattr(client, kind.value)()


async def fetched(issues: list[Json]) -> list[RawIssue]:
    """Whole issues with their changelogs, found by a search and then fetched, as a sync does."""
    with serving(SmallJira({SERVER_INFO: SERVER}, issues)) as address:
        client = await connect(address, Credentials(Auth.BEARER, "", "a token"))
        try:
            refs = [ref async for page in client.search("project = SAMPLE") for ref in page]
            return await client.issues(refs, fields=("*all",))
        finally:
            await client.aclose()


def ingested(raw: RawIssue) -> IngestedIssue:
    changes = [decode(piece, ChangePayload, "a change") for piece in raw.changes]
    return ingest_issue(decode(raw.issue, IssuePayload, "an issue"), changes, fields=FIELDS)


def says_the_same(found: IngestedIssue, told: Json, *, gaps: bool = False) -> None:
    """What was read is what the JSON says, and its history leads without a gap to what it is now (`gaps`: or with some)."""
    fields, current = told["fields"], found.current
    assert (str(current.issue_id), current.key, current.summary) == (
        told["id"],
        told["key"],
        fields.get("summary", ""),
    )
    assert current.status_name == fields["status"]["name"]
    assert (current.created, current.updated) == (
        parse_time(fields["created"]),
        parse_time(fields["updated"]),
    )
    for name, value in (("type", "issuetype"), ("priority", "priority"), ("resolution", "resolution")):
        assert (getattr(current, name) or "") == ((fields.get(value) or {}).get("name") or "")
    for name in ("assignee", "reporter"):
        person, given = getattr(current, name), fields.get(name) or {}
        assert (person.name if person else None) == given.get("displayName")
    items = [
        (parse_time(history["created"]), item)
        for history in told.get("changelog", {"histories": ()})["histories"]
        for item in history["items"]
    ]
    moves = sorted((at, item["to"]) for at, item in items if item["field"] == "status")
    assert found.tracks.statuses[1:] == tuple(move for move in moves if move[0] > current.created)
    assert found.tracks.statuses[-1][1] == current.status_id
    assert len(found.archive) == len(items)
    assert gaps or found.gaps == 0
