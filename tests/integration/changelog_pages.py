"""Histories that came in pages, without the issue that they are of."""

import json
import random
from collections.abc import Sequence

from sprintreports.jira.ingest import IngestedIssue
from sprintreports.jira.payloads import RawIssue, parse_time
from tests.integration.recorded_answers import ingested
from tests.integration.small_jira import Json

SPRINT = "customfield_10020"


def issue_after(number: int, histories: Sequence[Json]) -> Json:
    """The issue as it stands after these histories, in the fields that we follow; the rest is made up."""
    ordered = sorted(histories, key=lambda history: (parse_time(history["created"]), int(history["id"])))
    last = {item["field"]: (item["to"], item["toString"]) for history in ordered for item in history["items"]}
    status = last.get("status", ("1", "Open"))
    ids = [int(part) for part in (last.get("Sprint", ("", ""))[0] or "").split(",") if part.strip()]
    seconds = last.get("timeoriginalestimate", (None, None))[0]
    return {
        "id": str(number), "key": f"PAGES-{number}",
        "fields": {
            "created": "2020-01-01T00:00:00.000+0000", "updated": ordered[-1]["created"],
            "status": {"id": status[0], "name": status[1]}, "issuetype": {"name": "Story"},
            "priority": {"name": last["priority"][1]} if "priority" in last else None,
            "timeoriginalestimate": None if seconds is None else int(seconds),
            SPRINT: [{"id": sprint, "name": f"Sprint {sprint}", "state": "closed"} for sprint in ids],
        },
    }  # fmt: skip


def in_any_pages(issue: Json, histories: Sequence[Json]) -> IngestedIssue:
    """Read from pages of several sizes, in any order, with pages that came twice, and with dates as numbers; always the same."""
    body = json.dumps(issue).encode()
    first = ingested(RawIssue(int(issue["id"]), body, _pieces(histories)))
    rng = random.Random(len(histories))  # noqa: S311  # a shuffle that is the same each time
    for size in (1, 7, 50):
        pages = [list(histories[start : start + size]) for start in range(0, len(histories), size)]
        pages += rng.sample(pages, len(pages) // 2)
        rng.shuffle(pages)
        told = [history for page in pages for history in page]
        assert ingested(RawIssue(int(issue["id"]), body, _pieces(told))) == first
    bulk = [
        history | {"created": round(parse_time(history["created"]).timestamp() * 1000)}
        for history in histories
    ]
    assert ingested(RawIssue(int(issue["id"]), body, _pieces(bulk))) == first
    return first


def _pieces(histories: Sequence[Json]) -> tuple[bytes, ...]:
    return tuple(json.dumps(history).encode() for history in histories)
