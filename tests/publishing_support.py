"""Outside services on loopback, over real HTTP: a Confluence of either dialect that keeps pages, a Slack, a workflow of Teams.

None of them knows anything of ours: they check what they are sent as the real ones do, as far as their documentation says.
"""

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

from tests.unit.jira.client.published import Recorded

ME, SOMEBODY = "5b10ac8d82e05b22cc7d4ef5", "6c21bd9e93f16c33dd8e5fa6"
NAMESPACES = 'xmlns:ac="urn:ac" xmlns:ri="urn:ri"'


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    raw_query: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def recorded(self) -> Recorded:
        return Recorded(
            self.method, self.path, self.raw_query, self.headers.get("content-type", ""), self.body
        )


@dataclass
class Said:
    """An answer. cut: the connection is closed in place of it, after the request was carried out."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Place:
    """Where a stand-in listens, what it was asked, and what it answers instead, once each: by method and end of the path."""

    answer: Callable[[Asked], Said]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    instead: list[tuple[str, str, Said]] = field(default_factory=list)

    def next(self, asked: Asked) -> Said:
        self.asked.append(asked)
        for place, (method, ending, said) in enumerate(self.instead):
            if method == asked.method and asked.path.endswith(ending):
                del self.instead[place]
                if said.cut:
                    self.answer(asked)
                return said
        return self.answer(asked)

    def count(self, method: str, ending: str = "") -> int:
        return sum(one.method == method and one.path.endswith(ending) for one in self.asked)


@contextmanager
def standing(answer: Callable[[Asked], Said]) -> Generator[Place]:
    """A server on a free port of loopback."""
    place = Place(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            parts = urlsplit(self.path)
            query = {
                name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()
            }
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            said = place.next(Asked(self.command, parts.path, query, headers, body, parts.query))
            if said.cut:
                self.close_connection = True
                return
            content = said.body.encode() if isinstance(said.body, str) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _do  # noqa: N815

        def log_message(self, *_args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    place.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def form(asked: Asked) -> dict[str, tuple[str, bytes]]:
    """The parts of form data by name: the name of the file, and the content."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    parsed = BytesParser(policy=HTTP).parsebytes(head + asked.body)
    found: dict[str, tuple[str, bytes]] = {}
    for part in parsed.iter_parts():
        name = part.get_param("name", header="content-disposition")
        found[str(name)] = (part.get_filename() or "", part.get_payload(decode=True) or b"")
    return found


@dataclass
class Wiki:
    """A Confluence with the space TEAM. Every version of a page is kept."""

    cloud: bool
    pages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    attachments: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    spaces: dict[str, str] = field(default_factory=lambda: {"TEAM": "111"})
    forbidden: bool = False
    me: str = ME

    def seed(self, title: str, body: str = "<p>Ours</p>", by: str = SOMEBODY) -> str:
        page_id = str(1000 + len(self.pages))
        self.pages[page_id] = []
        self._version(page_id, title, body, by, "")
        return page_id

    def edit(self, page_id: str, body: str, by: str = SOMEBODY) -> None:
        self._version(page_id, self.pages[page_id][-1]["title"], body, by, "")

    def __call__(self, asked: Asked) -> Said:
        if not asked.headers.get("authorization", "").startswith(("Basic ", "Bearer ")):
            return Said(401, {"message": "No"})
        root = "/wiki" if self.cloud else ""
        path = asked.path.removeprefix(root)
        if path == "/rest/api/user/current":
            return Said(
                200, {"accountId": self.me, "userKey": self.me, "displayName": "Reports", "type": "known"}
            )
        if "/child/attachment" in path:
            return self._attachment(asked, path)
        return self._cloud(asked, path) if self.cloud else self._data_center(asked, path)

    def _cloud(self, asked: Asked, path: str) -> Said:
        if path == "/api/v2/spaces":
            key = asked.query["keys"]
            return Said(
                200, {"results": [{"id": self.spaces[key], "key": key}] if key in self.spaces else []}
            )
        if path == "/api/v2/pages" and asked.method == "GET":
            assert asked.query["space-id"] == self.spaces["TEAM"]
            found = [one for one in self.pages if self.pages[one][-1]["title"] == asked.query["title"]]
            return Said(200, {"results": [self._shown(one) for one in found]})
        if path == "/api/v2/pages":
            body = asked.json
            assert body["spaceId"] == self.spaces["TEAM"]
            return self._make(body["title"], body["body"]["value"], body.get("parentId"))
        page_id = path.removeprefix("/api/v2/pages/").partition("/")[0]
        if page_id not in self.pages:
            return Said(404, {"errors": [{"status": 404, "title": "Not Found"}]})
        if path.endswith("/attachments"):
            shown = [
                {"id": f"att{n}", "title": name, **one}
                for n, (name, one) in enumerate(self.attachments[page_id].items())
            ]
            return Said(200, {"results": shown, "_links": {}})
        if asked.method == "GET":
            return Said(200, self._shown(page_id))
        body = asked.json
        return self._update(page_id, body["title"], body["body"]["value"], body["version"])

    def _data_center(self, asked: Asked, path: str) -> Said:
        if path.startswith("/rest/api/space/"):
            key = path.rpartition("/")[2]
            return (
                Said(200, {"key": key}) if key in self.spaces else Said(404, {"message": "No space with key"})
            )
        if path == "/rest/api/content" and asked.method == "GET":
            found = [one for one in self.pages if self.pages[one][-1]["title"] == asked.query["title"]]
            return Said(200, {"results": [self._shown(one) for one in found], "size": len(found)})
        if path == "/rest/api/content":
            body = asked.json
            assert body["type"] == "page"
            assert body["space"] == {"key": "TEAM"}
            parent = body["ancestors"][0]["id"] if "ancestors" in body else None
            return self._make(body["title"], body["body"]["storage"]["value"], parent)
        page_id = path.removeprefix("/rest/api/content/")
        if page_id not in self.pages:
            return Said(404, {"message": "No content found with id"})
        if asked.method == "GET":
            return Said(200, self._shown(page_id))
        body = asked.json
        return self._update(page_id, body["title"], body["body"]["storage"]["value"], body["version"])

    def _attachment(self, asked: Asked, path: str) -> Said:
        page_id, _, rest = path.removeprefix("/rest/api/content/").partition("/child/attachment")
        there = self.attachments.get(page_id)
        if there is None:
            return Said(404, {"message": "No content"})
        if asked.method == "GET":
            shown = [
                {"id": f"att{n}", "title": name, "metadata": {"comment": one["comment"]}}
                for n, (name, one) in enumerate(there.items())
            ]
            return Said(200, {"results": shown, "size": len(shown)})
        if asked.headers.get("x-atlassian-token") not in {"nocheck", "no-check"}:
            return Said(403, {"message": "XSRF check failed"})
        fields = form(asked)
        name, content = fields["file"]
        if not self.cloud:
            assert asked.method == "POST"
            if (name in there) != rest.endswith("/data"):
                return Said(
                    400,
                    {"message": "Cannot add a new attachment with same file name as an existing attachment"},
                )
        times = there.get(name, {}).get("times", 0) + 1
        comment = fields["comment"][1].decode()
        there[name] = {"comment": comment, "size": len(content), "times": times}
        return Said(200, {"results": [{"id": "att0", "title": name}]})

    def _make(self, title: str, body: str, parent: str | None) -> Said:
        if self.forbidden:
            return Said(404 if self.cloud else 403, {"message": "User is not permitted to create content"})
        if any(versions[-1]["title"] == title for versions in self.pages.values()):
            message = "A page with this title already exists: A page already exists with the same TITLE in this space"
            return Said(400, {"message": message, "errors": [{"title": message}]})
        if parent is not None and parent not in self.pages:
            return Said(404, {"message": "The parent page does not exist"})
        page_id = self.seed(title, body, self.me)
        self.pages[page_id][-1]["parent"] = parent
        return Said(200, self._shown(page_id))

    def _update(self, page_id: str, title: str, body: str, version: dict[str, Any]) -> Said:
        if version["number"] != len(self.pages[page_id]) + 1:
            return Said(409, {"message": "Version must be incremented on update"})
        self._version(page_id, title, body, self.me, version.get("message", ""))
        return Said(200, self._shown(page_id))

    def _version(self, page_id: str, title: str, body: str, by: str, message: str) -> None:
        assert title
        assert len(title) <= 255
        ET.fromstring(f"<page {NAMESPACES}>{body}</page>")  # noqa: S314  # ours; Confluence refuses what is no XML
        self.attachments.setdefault(page_id, {})
        self.pages[page_id].append({"title": title, "body": body, "by": by, "message": message})

    def _shown(self, page_id: str) -> dict[str, Any]:
        last, number = self.pages[page_id][-1], len(self.pages[page_id])
        version: dict[str, Any] = {"number": number, "message": last["message"]}
        version |= (
            {"authorId": last["by"]} if self.cloud else {"by": {"userKey": last["by"], "displayName": "X"}}
        )
        return {
            "id": page_id,
            "status": "current",
            "title": last["title"],
            "version": version,
            "body": {"storage": {"value": last["body"], "representation": "storage"}},
            "_links": {"webui": f"/spaces/TEAM/pages/{page_id}"},
        }


@dataclass
class Chat:
    """A Slack: an incoming webhook at /services/T/B/x and the Web API at /api."""

    posted: list[dict[str, Any]] = field(default_factory=list)
    shared: list[dict[str, Any]] = field(default_factory=list)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    own: str = ""

    def __call__(self, asked: Asked) -> Said:
        plain = {"Content-Type": "text/html"}
        if asked.path.startswith("/services/"):
            if not asked.json.get("text") and not asked.json.get("blocks"):
                return Said(400, "no_text", plain)
            self.posted.append(asked.json)
            return Said(200, "ok", plain)
        if asked.path.startswith("/upload/"):
            assert "authorization" not in asked.headers
            self.uploaded[asked.path.rpartition("/")[2]] = form(asked)["file"][1]
            return Said(200, "OK", plain)
        assert asked.headers["authorization"] == "Bearer xoxb-1"
        return self._api(asked, asked.path.removeprefix("/api/"))

    def _api(self, asked: Asked, method: str) -> Said:
        match method:
            case "auth.test":
                return Said(
                    200,
                    {"ok": True, "user": "reports", "team": "Acme"},
                    {"x-oauth-scopes": "chat:write,files:write"},
                )
            case "chat.postMessage":
                self.posted.append(asked.json)
                return Said(200, {"ok": True, "channel": "C1", "ts": "1700000000.000100"})
            case "files.getUploadURLExternal":
                given = parse_qs(asked.body.decode())
                name = f"F{len(self.uploaded)}"
                self.uploaded[name] = b"?" * int(given["length"][0])
                return Said(200, {"ok": True, "upload_url": f"{self.own}/upload/{name}", "file_id": name})
            case "files.completeUploadExternal":
                self.shared.append(asked.json)
                return Said(200, {"ok": True, "files": []})
            case _:
                return Said(404, {"ok": False, "error": "unknown_method"})


@dataclass
class Workflow:
    """A workflow of Teams."""

    cards: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Said:
        assert len(asked.body) <= 28 * 1024
        assert asked.json["type"] == "message"
        (attachment,) = asked.json["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        self.cards.append(attachment["content"])
        return Said(202, "")
