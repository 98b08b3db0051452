"""A small Jira on a loopback port, made of fixed answers and a handful of issues: for recordings and for what imitates them.

Real HTTP, so that the product's own client asks. A search lists all issues, or those whose keys or ids it names.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

SERVER_INFO = "/rest/api/2/serverInfo"
SERVER: Json = {"version": "7.3.3", "versionNumbers": [7, 3, 3], "deploymentType": "Server"}
CLOUD: Json = {"version": "1001.0.0", "versionNumbers": [1001, 0, 0], "deploymentType": "Cloud"}
_NAMED = re.compile(r"[\w-]+")


@dataclass(slots=True)
class SmallJira:
    """`answers` by path: bytes as they are, other values as JSON, functions of the query. `issues`: by search and by key.

    `asked` remembers the paths.
    """

    answers: Mapping[str, Any]
    issues: Sequence[Json] = ()
    asked: list[str] = field(default_factory=list[str])

    def answer(self, path: str, query: Mapping[str, str]) -> Any:
        """The JSON value for a path; None where there is nothing."""
        if path in self.answers:
            found = self.answers[path]
            return found(query) if callable(found) else found
        if path == "/rest/api/2/search":
            return self._search(query)
        key = path.removeprefix("/rest/api/2/issue/")
        return next((issue for issue in self.issues if issue["key"] == key), None)

    def _search(self, query: Mapping[str, str]) -> Json:
        named = re.search(r"(key|id) in \(([^)]*)\)", query.get("jql", ""))
        wanted = set(_NAMED.findall(named.group(2))) if named else set[str]()
        found = [issue for issue in self.issues if named is None or issue[named.group(1)] in wanted]
        start, size = int(query.get("startAt", 0)), int(query.get("maxResults", 50))
        shown = found[start : start + size]
        if "changelog" not in query.get("expand", ""):
            shown = [{name: value for name, value in one.items() if name != "changelog"} for one in shown]
        return {"startAt": start, "maxResults": size, "total": len(found), "issues": shown}


@contextmanager
def serving(jira: SmallJira) -> Iterator[str]:
    """Its address while it answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            jira.asked.append(parts.path)
            found = jira.answer(
                parts.path, {name: ",".join(given) for name, given in parse_qs(parts.query).items()}
            )
            body = found if isinstance(found, bytes) else json.dumps({} if found is None else found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not in the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
