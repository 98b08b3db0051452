"""A Jira on loopback that answers every question of the client with little, and keeps what it was asked."""

import json
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sprintreports.jira.client import IssueRef, JiraClient
from tests.unit.jira.client.published import Recorded

BOARD = {"id": 1, "name": "Shop", "type": "scrum"}
SPRINT = {"id": 7, "name": "Sprint 7", "state": "closed"}
ISSUES = [{"id": str(number), "key": f"SHOP-{number}", "fields": {}} for number in (1, 2, 3)]
HISTORY = {"id": "10", "created": "2026-03-01T10:00:00.000+0000", "items": []}
UPDATED = {"updated": "2026-03-01T10:00:00.000+0000"}


async def searched(client: JiraClient, **options: Any) -> None:
    async for _ in client.search("filter = 10001", **options):
        pass


async def every_search(client: JiraClient) -> None:
    await searched(client)
    await searched(client, stamps=True)
    await searched(client, latest_of=[1, 2])


# Every method of the clients, by name: a new one has to be added here.
DRIVEN: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "myself": lambda client: client.myself(),
    "fields": lambda client: client.fields(),
    "statuses": lambda client: client.statuses(),
    "priorities": lambda client: client.priorities(),
    "filter": lambda client: client.filter("10001"),
    "filters": lambda client: client.filters(["10001", "10002"]),
    "boards": lambda client: client.boards(),
    "board_configuration": lambda client: client.board_configuration(1),
    "sprints": lambda client: client.sprints(1),
    "sprint": lambda client: client.sprint(7),
    "sprint_report": lambda client: client.sprint_report(1, 7),
    "approximate_count": lambda client: client.approximate_count("filter = 10001"),
    "find_issue": lambda client: client.find_issue(1),
    "project_visible": lambda client: client.project_visible("SHOP"),
    "search": every_search,
    "ranked": lambda client: client.ranked("filter = 10001 AND status IN (1, 3)"),
    "issues": lambda client: client.issues(
        [IssueRef(number, f"SHOP-{number}") for number in (1, 2, 3)],
        fields=("summary", "customfield_10016"),
    ),
}


@dataclass(frozen=True)
class Instead:
    """An answer of another kind. A `str` is sent as HTML."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class LoopbackJira:
    """`cloud`: which dialect it speaks. `gone`: paths that it has turned off. `instead`: other answers, by path.

    `below`: its context path. `ahead`: seconds by which its clock is ahead.
    """

    cloud: bool
    url: str = ""
    gone: tuple[str, ...] = ()
    instead: dict[str, "Instead"] = field(default_factory=dict)
    below: str = ""
    ahead: float = 0.0
    tls: ssl.SSLContext | None = None
    requests: list[Recorded] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        del method
        plain = {
            "/rest/api/2/serverInfo": {
                "version": "1001.0.0" if self.cloud else "10.3.0",
                "deploymentType": "Cloud" if self.cloud else "Server",
            },
            "/myself": {"accountId": "a", "displayName": "Ada"} if self.cloud else {"name": "ada", "key": "ada"},
            "/field": [],
            "/status": [],
            "/priority": [],
            "/priority/search": {"values": [{"id": "1", "name": "High"}], "isLast": True},
            "/filter/10001": {"id": "10001", "jql": "project = SHOP"},
            "/filter/search": {"values": [{"id": "10001", "jql": "project = SHOP"}], "isLast": True},
            "/board": {"values": [BOARD], "isLast": True},
            "/board/1/configuration": {
                "id": 1, "name": "Shop", "filter": {"id": "10001"}, "columnConfig": {"columns": []}
            },
            "/sprint/7": SPRINT,
            "/rapid/charts/sprintreport": {"contents": {}},
            "/search/approximate-count": {"count": 3},
            "/issue/1": ISSUES[0] | {"fields": UPDATED, "changelog": {"histories": [HISTORY], "total": 1}},
            "/issue/SHOP-1": ISSUES[0] | {"changelog": {"histories": [HISTORY], "total": 1}},
            "/project/SHOP": {"id": "1", "key": "SHOP"},
        }  # fmt: skip
        ending = path.removeprefix("/rest/api/3").removeprefix("/rest/api/2").removeprefix("/rest/agile/1.0")
        ending = ending.removeprefix("/rest/greenhopper/1.0")
        if path in plain or ending in plain:
            return plain.get(path, plain.get(ending))
        match ending:
            case "/board/1/sprint":
                start = int(query["startAt"])
                return {"values": [SPRINT | {"id": 7 + start}], "isLast": start > 0}
            case "/search/jql":
                first = "nextPageToken" not in body
                return (
                    {"issues": ISSUES[:2], "nextPageToken": "t"}
                    if first
                    else {"issues": ISSUES[2:], "isLast": True}
                )
            case "/issue/bulkfetch":
                asked = set(body["issueIdsOrKeys"])
                troubled = [{"id": "3", "errorMessage": "later"}] if {"2", "3"} <= asked else []
                found = [one for one in ISSUES if one["id"] in asked - {error["id"] for error in troubled}]
                return {"issues": found, "issueErrors": troubled}
            case "/changelog/bulkfetch":
                page = [
                    {
                        "issueId": "1",
                        "changeHistories": [HISTORY | {"id": "11" if "nextPageToken" in body else "10"}],
                    }
                ]
                return {
                    "issueChangeLogs": page,
                    **({} if "nextPageToken" in body else {"nextPageToken": "t"}),
                }
            case "/search":
                start, size = int(query["startAt"]), int(query["maxResults"])
                log = {"changelog": {"histories": [HISTORY], "total": 1}} if "expand" in query else {}
                found = [issue | log for issue in ISSUES][
                    start : start + min(size, 2) if "expand" not in query else None
                ]
                if found and log:
                    found[0] = found[0] | {"changelog": {"histories": [], "total": 1, "maxResults": 0}}
                return {"issues": found, "total": len(ISSUES), "startAt": start}
        return None  # fmt: skip


@contextmanager
def loopback_jira(*, cloud: bool, **options: Any) -> Generator[LoopbackJira]:
    """`options`: see LoopbackJira."""
    jira = LoopbackJira(cloud, **options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            jira.requests.append(
                Recorded(self.command, parts.path, parts.query, self.headers.get("Content-Type", ""), body)
            )
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            path = parts.path.removeprefix(jira.below)
            if jira.below and path == parts.path:
                self._send(404, "<html>Nothing here.</html>")
            elif path in jira.gone:
                self._send(410, {"errorMessages": ["Turned off."]})
            elif path in jira.instead:
                self._send(jira.instead[path].status, jira.instead[path].body, jira.instead[path].headers)
            else:
                answer = jira.answer(self.command, path, query, json.loads(body) if body else None)
                self._send(404 if answer is None else 200, answer)

        do_POST = do_GET  # noqa: N815  # http.server's name

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + jira.ahead)

        def _send(self, status: int, answer: Any, headers: Mapping[str, str] = MappingProxyType({})) -> None:
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html" if isinstance(answer, str) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    jira.url = f"{'https' if jira.tls else 'http'}://127.0.0.1:{server.server_port}"
    if jira.tls is not None:
        server.socket = jira.tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield jira
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
