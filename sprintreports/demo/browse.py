"""What a person sees who follows a link into the stand-in Jira: the issue and its history, as a plain page.

A browser has no token, so these pages ask for none; the stand-in listens on this machine only.
"""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sprintreports.demo.site import Site

_SHOWN = frozenset({"summary", "status", "issuetype", "priority", "assignee", "created", "updated"})
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem }} td, th {{ text-align: left; padding: .25rem 1rem .25rem 0;
vertical-align: top }} .note {{ opacity: .75 }}</style></head><body><p class="note">Stand-in Jira of the demo company</p>
{body}</body></html>"""


class Browse:
    """The pages of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/browse/{key}", self.issue),
            Route("/secure/RapidBoard.jspa", self.board),
        ]

    async def home(self, _: Request) -> Response:
        boards = "".join(f"<li>{_text(board['name'])}</li>" for board in self._site.boards())
        return _page("Stand-in Jira", f"<h1>Stand-in Jira</h1><p>Its boards:</p><ul>{boards}</ul>")

    async def board(self, request: Request) -> Response:
        wanted = request.query_params.get("rapidView", "")
        for board in self._site.boards():
            if str(board["id"]) == wanted:
                sprints = "".join(
                    f"<tr><td>{_text(sprint['name'])}</td><td>{_text(sprint['state'])}</td></tr>"
                    for sprint in self._site.sprints(board["id"])
                )
                return _page(
                    board["name"], f"<h1>{_text(board['name'])}</h1><h2>Sprints</h2><table>{sprints}</table>"
                )
        return _page("No such board", "<h1>No such board</h1>", status=404)

    async def issue(self, request: Request) -> Response:
        row = self._site.find(request.path_params["key"])
        if row is None:
            return _page("No such issue", "<h1>No such issue</h1>", status=404)
        fields: dict[str, Any] = msgspec.json.decode(f"{self._site.issue(row, _SHOWN)}}}")["fields"]
        facts = "".join(
            f"<tr><th>{_text(name)}</th><td>{_text(_plain(fields[name]))}</td></tr>"
            for name in sorted(fields)
            if name != "summary"
        )
        changes = "".join(
            f"<tr><td>{_text(at)}</td><td>{_text(item.get('field'))}</td><td>{_text(item.get('fromString'))}</td>"
            f"<td>{_text(item.get('toString'))}</td></tr>"
            for at, item in self._changes(row)
        )
        title = f"{row.key} {fields.get('summary') or ''}"
        heads = "<tr><th>When</th><th>Field</th><th>From</th><th>To</th></tr>"
        return _page(
            title,
            f"<h1>{_text(title)}</h1><table>{facts}</table><h2>History</h2><table>{heads}{changes}</table>",
        )

    def _changes(self, row: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for entry in self._site.histories(row):
            written = entry.json()
            if written is not None:
                history = msgspec.json.decode(written)
                for item in history["items"]:
                    yield history["created"], item


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    named = cast("dict[str, Any]", value)
    return named.get("displayName") or named.get("name")


def _text(value: Any) -> str:
    return "–" if value is None else escape(str(value))


def _page(title: str, body: str, *, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status_code=status)
