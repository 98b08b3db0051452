"""Connections by OAuth 2.0: the scopes are those that the specifications name for our calls, and the register's requests
are published ones. The twin without ../shared/data is the stand-in's gateway, which refuses what a scope does not cover
(tests/integration/test_oauth.py, test_dynamic_webhooks.py).
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sprintreports.jira.oauth.scopes import SCOPES
from sprintreports.jira.webhooks.registry import Registry
from tests.unit.jira.client.published import Published, Recorded

pytestmark = pytest.mark.conformance

PLATFORM = "jira-cloud-platform-v3.2025-12.json"
AGILE = "jira-cloud-software-agile.2023-08.json"
# Every call of the Cloud client and of the register; test_openapi checks that these are all that are sent.
CALLS = {
    PLATFORM: (
        "GET /rest/api/3/myself", "GET /rest/api/3/field", "GET /rest/api/3/status", "GET /rest/api/3/priority",
        "GET /rest/api/3/priority/search", "GET /rest/api/3/filter/{id}", "GET /rest/api/3/filter/search",
        "POST /rest/api/3/search/jql",
        "POST /rest/api/3/search/approximate-count", "POST /rest/api/3/issue/bulkfetch",
        "POST /rest/api/3/changelog/bulkfetch", "GET /rest/api/3/webhook", "POST /rest/api/3/webhook",
        "DELETE /rest/api/3/webhook", "PUT /rest/api/3/webhook/refresh", "GET /rest/api/3/webhook/failed",
    ),
    AGILE: (
        "GET /rest/agile/1.0/board", "GET /rest/agile/1.0/board/{boardId}/configuration",
        "GET /rest/agile/1.0/board/{boardId}/sprint", "GET /rest/agile/1.0/sprint/{sprintId}",
    ),
}  # fmt: skip
# The classic scope would let us change a Jira's configuration; this granular one reads priorities (GET /priority has it).
INSTEAD = {"manage:jira-configuration": "read:priority:jira"}
# Named by Atlassian's guides and not by the specifications: to stay connected, and what the list of boards asks for.
BY_THE_GUIDES = {"offline_access", "read:board-scope:jira-software"}


def document(folder: Path, name: str) -> dict[str, Any]:
    return msgspec.json.decode((folder / "openapi" / name).read_bytes())


def test_the_scopes_are_those_of_our_calls_and_no_more(shared_data: Path):
    needed: set[str] = set()
    for name, calls in CALLS.items():
        paths = document(shared_data, name)["paths"]
        for call in calls:
            method, path = call.split()
            for requirement in paths[path][method.lower()]["security"]:
                needed.update(INSTEAD.get(scope, scope) for scope in requirement.get("OAuth2", ()))
    assert needed | BY_THE_GUIDES == {scope.name for scope in SCOPES}
    assert not [scope for scope in needed if re.match(r"write:|delete:", scope)]


async def test_the_register_sends_what_is_published(shared_data: Path):
    sent: list[Recorded] = []

    def answer(request: httpx.Request) -> httpx.Response:
        content_type = request.headers.get("Content-Type", "")
        query = request.url.query.decode()
        sent.append(Recorded(request.method, request.url.path, query, content_type, request.content))
        body = {
            "values": [],
            "maxResults": 100,
            "webhookRegistrationResult": [{"createdWebhookId": 1}],
            "expirationDate": 1_780_000_000_000,
        }
        return httpx.Response(200, json=body)

    registry = Registry("https://jira.test", httpx.MockTransport(answer))
    await registry.listing()
    assert await registry.register(url="https://reports.test/x", jql='project in ("A")') == 1
    assert await registry.refresh(1) == datetime.fromtimestamp(1_780_000_000, UTC)
    await registry.delete([1, 2])
    await registry.failures(after=datetime(2026, 1, 1, tzinfo=UTC))
    await registry.aclose()
    published = Published(document(shared_data, PLATFORM))
    assert [request.method for request in sent] == ["GET", "POST", "PUT", "DELETE", "GET"]
    for request in sent:
        assert published.problems(request) == [], request
