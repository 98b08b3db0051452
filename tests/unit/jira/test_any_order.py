"""However a Jira tells an issue's history, in whatever order, pages and zones, its segments are the same."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.jira import ingest
from sprintreports.jira.client import Auth, Credentials, IssueRef, JiraClient
from sprintreports.jira.client.connecting import client_for
from sprintreports.jira.client.transport import Transport
from sprintreports.jira.ingest import IngestedIssue, ingest_issue
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.payloads import ChangePayload, IssuePayload, RawIssue, ServerInfo, decode
from sprintreports.jira.timelines import Timelines, history
from sprintreports.kit import http
from sprintreports.metrics.segments import segments_of
from sprintreports.metrics.values import BoardRules, Segment
from tests.unit.jira.lives import SPRINTS, Life, lives, pages, scrambled
from tests.unit.jira.samples import MAPPING, POINTS

FIELDS = FieldIndex.of(MAPPING)
RULES = BoardRules(
    frozenset("3"), frozenset("123"), {"1": "new", "2": "indeterminate", "3": "done", "4": "new"}
)
PEOPLE = {name: number for number, name in enumerate(("ann", "bob", "eve", "kim", "rita"), start=1)}
TEAMS = {"Backend": 1, "Web": 2, "QA": 3}
seeds = st.integers(0, 2**32)


def read(raw: RawIssue) -> IngestedIssue:
    changes = [decode(piece, ChangePayload, "a change") for piece in raw.changes]
    return ingest_issue(decode(raw.issue, IssuePayload, "an issue"), changes, fields=FIELDS)


def numbers(found: IngestedIssue) -> tuple[Timelines, dict[int, tuple[Segment, ...]]]:
    """The timelines and what the sprints count."""
    lines = found.timelines(PEOPLE, TEAMS)
    seen = history(lines, 1, points_field=POINTS, counts=True, parents={}, removed_at=None)
    return lines, {sprint: segments_of(seen, sprint=sprint, rules=RULES) for sprint in SPRINTS}


def rest(found: IngestedIssue) -> tuple[Any, ...]:
    return found.archive, found.gaps, found.notes, found.former_keys, sorted(found.people), found.statuses


def check(life: Life, raw: RawIssue) -> None:
    plain, told = read(life.plainly()), read(raw)
    assert numbers(told) == numbers(plain)
    assert rest(told) == rest(plain)


@settings(max_examples=150, deadline=None)
@given(lives(), seeds)
def test_any_order_any_number_and_any_zone(life: Life, seed: int):
    check(life, life.told(scrambled(life, seed)))


@settings(max_examples=60, deadline=None)
@given(lives())
def test_the_segments_end_in_what_the_issue_is_now(life: Life):
    """The plain telling itself is right where that can be seen without computing it anew."""
    found = read(life.plainly())
    assert found.gaps == 0
    now = life.states[-1]
    for sprint, segments in numbers(found)[1].items():
        open_ends = [segment for segment in segments if segment.valid_to is None]
        assert bool(open_ends) == (sprint in now["sprints"])
        for segment in open_ends:
            points = now["points"]
            assert (segment.status, segment.points) == (
                now["status"],
                None if points is None else round(points * 1000),
            )
            assert segment.discipline == TEAMS.get(now["team"], 0)


# -- the same through the client, which puts the pages together


def answering(life: Life, changes: list[list[bytes]], *, cloud: bool) -> JiraClient:
    """A Jira that tells this one issue page by page."""
    raw = life.told([])

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/issue/bulkfetch"):
            return _json(b'{"issues":[%b]}' % raw.issue)
        if path.endswith("/changelog/bulkfetch"):
            number = int(json.loads(request.content).get("nextPageToken") or 0)
            more = number + 1 < len(changes)
            token = b',"nextPageToken":"%d"' % (number + 1) if more else b""
            of_issue = b'{"issueId":"1","changeHistories":[%b]}' % b",".join(changes[number])
            return _json(b'{"issueChangeLogs":[%b]%b}' % (of_issue if changes[number] else b"", token))
        entries = [change for page in changes for change in page]
        changelog = b'{"startAt":0,"maxResults":%d,"total":%d,"histories":[%b]}' % (
            len(entries), len(entries), b",".join(entries)
        )  # fmt: skip
        issue = raw.issue[:-1] + b',"changelog":' + changelog + b"}"
        return _json(b'{"startAt":0,"total":1,"issues":[%b]}' % issue)

    transport = Transport(
        http.client(transport=httpx.MockTransport(answer)),
        base_url="https://jira.example",
        credentials=Credentials(Auth.BASIC, "mia@example.com", "s3cret-token"),
    )
    return client_for(transport, ServerInfo(version="1", deployment_type="Cloud" if cloud else "Server"))


def _json(body: bytes) -> httpx.Response:
    return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})


@settings(max_examples=40, deadline=None)
@given(lives(), seeds, st.booleans())
def test_any_pages(life: Life, seed: int, cloud: bool):
    async def fetched() -> list[RawIssue]:
        client = answering(life, pages(scrambled(life, seed), seed), cloud=cloud)
        try:
            return await client.issues([IssueRef(1, "APP-1")], fields=("status",))
        finally:
            await client.aclose()

    (raw,) = asyncio.run(fetched())
    check(life, raw)


# -- it can fail


@pytest.mark.parametrize("broken", ["order", "twice"])
def test_a_reader_that_does_not_sort_or_counts_twice_is_caught(monkeypatch, broken):
    def unsorted(changes):
        unique = {str(change.id): change for change in changes}
        return [(change.at, change) for change in unique.values()]

    def repeated(changes):
        return sorted(
            ((change.at, change) for change in changes), key=lambda entry: (entry[0], int(entry[1].id))
        )

    @settings(max_examples=100, deadline=None, derandomize=True, database=None, report_multiple_bugs=False)
    @given(lives(), seeds)
    def same(life: Life, seed: int) -> None:
        check(life, life.told(scrambled(life, seed)))

    monkeypatch.setattr(ingest, "sorted_changes", unsorted if broken == "order" else repeated)
    with pytest.raises(AssertionError):
        same()
