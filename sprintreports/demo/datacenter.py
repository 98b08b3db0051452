"""Jira Data Center's own endpoints: searches by offset, changelogs only by expand."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sprintreports.demo.answers import body_of, json, number, query_of, raw, wanted_fields, words
from sprintreports.demo.desk import Desk
from sprintreports.demo.site import Row

_PAGE = 1000
_DEFAULT = 50
_KEYS = frozenset({"key"})


class DataCenter:
    """Handlers of /rest/api/2 that Cloud answers differently."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("/rest/api/2/search", self.search, methods=["GET", "POST"]),
            Route("/rest/api/2/project", self.projects),
            Route("/rest/api/2/project/{project}", self.project),
            Route("/rest/api/2/issue/{issue}", self.issue),
        ]

    async def search(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        asked = await body_of(request) if request.method == "POST" else query_of(request)
        start = number(asked.get("startAt"), "startAt", default=0, most=10**9)
        size = number(asked.get("maxResults"), "maxResults", default=_DEFAULT, most=_PAGE)
        wanted = wanted_fields(words(asked.get("fields")), default=None)
        expand = "changelog" in words(asked.get("expand"))
        rows = self._desk.select(viewer, str(asked.get("jql") or ""), bounded=False)
        leaf = self._desk.leaf(request.url.path, rows, start, size)
        texts = [
            self._full(row, wanted, expand=expand) if self._desk.is_there(row) else _shell(row)
            for row in leaf.rows
            if wanted == _KEYS or self._desk.is_there(row)
        ]
        return raw(
            f'{{"expand":"schema,names","startAt":{start},"maxResults":{size},"total":{len(rows)},'
            f'"issues":[{",".join(texts)}]}}'
        )

    async def projects(self, request: Request) -> Response:
        return json(self._desk.projects(self._desk.viewer(request)))

    async def project(self, request: Request) -> Response:
        return json(self._desk.project(self._desk.viewer(request), request.path_params["project"]))

    async def issue(self, request: Request) -> Response:
        row = self._desk.issue(self._desk.viewer(request), request.path_params["issue"])
        wanted = wanted_fields(words(request.query_params.getlist("fields")), default=None)
        return raw(self._full(row, wanted, expand="changelog" in words(request.query_params.get("expand"))))

    def _full(self, row: Row, wanted: frozenset[str] | None, *, expand: bool) -> str:
        issue = self._desk.site.issue(row, wanted)
        if not expand:
            return issue + "}"
        texts = [text for entry in self._desk.site.histories(row) if (text := entry.json()) is not None]
        total = len(texts)
        return f'{issue},"changelog":{{"startAt":0,"maxResults":{total},"total":{total},"histories":[{",".join(texts)}]}}}}'


def _shell(row: Row) -> str:
    """What the search still knows of an issue that has been deleted."""
    return f'{{"id":"{row.id}","key":"{row.key}","fields":{{}}}}'
