"""Jira Cloud's own endpoints: bounded searches with page tokens, bulk fetches, changelogs."""

import base64
import binascii
from itertools import islice

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sprintreports.demo.answers import (
    Refusal,
    body_of,
    json,
    number,
    page,
    query_of,
    raw,
    wanted_fields,
    words,
)
from sprintreports.demo.auth import Viewer
from sprintreports.demo.desk import Desk
from sprintreports.demo.site import Json, Row

_LARGE_PAGE = 5000
_PAGE = 100
_BULK_ISSUES = 100
_BULK_CHANGELOG_ISSUES = 1000
_BULK_CHANGES = 10_000
_BULK_FIELDS = 10
_RECONCILED = 50
# Searches show no more than this many entries of a changelog, the newest.
_EXPANDED_CHANGES = 100


class Cloud:
    """Handlers of /rest/api/3 that Data Center does not have."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("/rest/api/3/search/jql", self.search, methods=["GET", "POST"]),
            Route("/rest/api/3/search/approximate-count", self.count, methods=["POST"]),
            Route("/rest/api/3/search", self.gone, methods=["GET", "POST"]),
            Route("/rest/api/3/project/search", self.projects),
            Route("/rest/api/3/project/{project}", self.project),
            Route("/rest/api/3/issue/bulkfetch", self.bulk_issues, methods=["POST"]),
            Route("/rest/api/3/changelog/bulkfetch", self.bulk_changes, methods=["POST"]),
            Route("/rest/api/3/issue/{issue}/changelog", self.changelog),
            Route("/rest/api/3/issue/{issue}", self.issue),
        ]

    async def search(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        asked = await body_of(request) if request.method == "POST" else query_of(request)
        wanted = wanted_fields(words(asked.get("fields")), default=frozenset({"id"}))
        small = wanted is not None and wanted <= {"id", "key"}
        expand = "changelog" in words(asked.get("expand"))
        most = _LARGE_PAGE if small and not expand else _PAGE
        size = max(1, number(asked.get("maxResults"), "maxResults", default=50, most=most))
        rows = self._desk.select(
            viewer, str(asked.get("jql") or ""), bounded=True, reconcile=_reconciled(asked)
        )
        leaf = self._desk.leaf(request.url.path, rows, _read_token(asked.get("nextPageToken")), size)
        if small and not expand:
            texts = [self._small(row, wanted) for row in leaf.rows]
        else:
            texts = [self._full(row, wanted, expand=expand) for row in leaf.rows if self._desk.is_there(row)]
        last = leaf.following >= len(rows)
        token = "" if last else f',"nextPageToken":"{_write_token(leaf.following, again=leaf.again)}"'
        return raw(f'{{"issues":[{",".join(texts)}],"isLast":{"true" if last else "false"}{token}}}')

    async def count(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        asked = await body_of(request)
        return json({"count": len(self._desk.select(viewer, str(asked.get("jql") or ""), bounded=True))})

    async def gone(self, request: Request) -> Response:
        self._desk.viewer(request)
        raise Refusal(
            410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
        )

    async def projects(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        start = number(request.query_params.get("startAt"), "startAt", default=0, most=10**9)
        size = number(request.query_params.get("maxResults"), "maxResults", default=50, most=100)
        return json(page(self._desk.projects(viewer), start, size))

    async def project(self, request: Request) -> Response:
        return json(self._desk.project(self._desk.viewer(request), request.path_params["project"]))

    async def bulk_issues(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        asked = await body_of(request)
        names = _names(asked.get("issueIdsOrKeys"), most=_BULK_ISSUES)
        wanted = wanted_fields(words(asked.get("fields")), default=None)
        expand = "changelog" in words(asked.get("expand"))
        texts = [self._full(row, wanted, expand=expand) for row in self._find(viewer, names)]
        # Issues that do not exist, or that the account may not see, are in neither list.
        return raw(f'{{"issues":[{",".join(texts)}],"issueErrors":[]}}')

    async def bulk_changes(self, request: Request) -> Response:
        """Ordered by issue, then by time. A page may end in the middle of an issue."""
        viewer = self._desk.viewer(request)
        asked = await body_of(request)
        names = _names(asked.get("issueIdsOrKeys"), most=_BULK_CHANGELOG_ISSUES)
        fields = words(asked.get("fieldIds"))
        if len(fields) > _BULK_FIELDS:
            raise Refusal(400, f"No more than {_BULK_FIELDS} field IDs can be requested.")
        size = max(1, number(asked.get("maxResults"), "maxResults", default=1000, most=_BULK_CHANGES))
        rows = self._find(viewer, names)
        rows.sort(key=lambda row: row.id)
        start = _read_token(asked.get("nextPageToken"))
        return raw(self._changes_page(rows, frozenset(fields) or None, start, size))

    async def changelog(self, request: Request) -> Response:
        row = self._desk.issue(self._desk.viewer(request), request.path_params["issue"])
        start = number(request.query_params.get("startAt"), "startAt", default=0, most=10**9)
        size = max(1, number(request.query_params.get("maxResults"), "maxResults", default=_PAGE, most=_PAGE))
        entries = self._desk.site.histories(row)
        shown = [text for entry in entries[start : start + size] if (text := entry.json()) is not None]
        last = "true" if start + size >= len(entries) else "false"
        return raw(
            f'{{"self":"{self._desk.site.base_url}/rest/api/3/issue/{row.id}/changelog","maxResults":{size},'
            f'"startAt":{start},"total":{len(entries)},"isLast":{last},"values":[{",".join(shown)}]}}'
        )

    async def issue(self, request: Request) -> Response:
        row = self._desk.issue(self._desk.viewer(request), request.path_params["issue"])
        wanted = wanted_fields(words(request.query_params.getlist("fields")), default=None)
        expand = "changelog" in words(request.query_params.get("expand"))
        return raw(self._full(row, wanted, expand=expand))

    def _find(self, viewer: Viewer, names: list[str]) -> list[Row]:
        found = [self._desk.site.find(name) for name in names]
        return list(
            {row.id: row for row in found if row is not None and self._desk.may_see(viewer, row)}.values()
        )

    def _small(self, row: Row, wanted: frozenset[str] | None) -> str:
        """Only `id` unless the key is asked for."""
        if wanted is not None and "key" in wanted:
            return f'{{"id":"{row.id}","key":"{row.key}"}}'
        return f'{{"id":"{row.id}"}}'

    def _full(self, row: Row, wanted: frozenset[str] | None, *, expand: bool) -> str:
        issue = self._desk.site.issue(row, wanted)
        return issue + self._expanded(row) + "}" if expand else issue + "}"

    def _expanded(self, row: Row) -> str:
        """The newest first, and never all of a long history."""
        entries = self._desk.site.histories(row)
        shown = [
            text
            for entry in islice(reversed(entries), _EXPANDED_CHANGES)
            if (text := entry.json()) is not None
        ]
        return (
            f',"changelog":{{"startAt":0,"maxResults":{len(shown)},"total":{len(entries)},'
            f'"histories":[{",".join(shown)}]}}'
        )

    def _changes_page(self, rows: list[Row], fields: frozenset[str] | None, start: int, size: int) -> str:
        groups: list[str] = []
        position, end, more = 0, start + size, False
        for row in rows:
            texts: list[str] = []
            for text in self._texts(row, fields):
                if start <= position < end:
                    texts.append(text)
                position += 1
            if texts:
                groups.append(f'{{"issueId":"{row.id}","changeHistories":[{",".join(texts)}]}}')
            if position > end:
                more = True
                break
        token = f',"nextPageToken":"{_write_token(end)}"' if more else ""
        return f'{{"issueChangeLogs":[{",".join(groups)}]{token}}}'

    def _texts(self, row: Row, fields: frozenset[str] | None) -> list[str]:
        return [
            text
            for entry in self._desk.site.histories(row)
            if (text := entry.json(epoch=True, only=fields)) is not None
        ]


def _names(value: object, *, most: int) -> list[str]:
    names = words(value)
    if not names:
        raise Refusal(400, "Issue IDs or keys must be provided.")
    if len(names) > most:
        raise Refusal(400, f"The number of issue IDs or keys exceeds the maximum of {most}.")
    return names


def _reconciled(asked: Json) -> frozenset[int]:
    """Issues that a search shall know the latest of."""
    ids = words(asked.get("reconcileIssues"))
    if len(ids) > _RECONCILED or not all(text.isdigit() for text in ids):
        raise Refusal(400, f"reconcileIssues takes up to {_RECONCILED} ids of issues.")
    return frozenset(map(int, ids))


def _write_token(position: int, *, again: bool = False) -> str:
    """No token is given out twice, even where a page is."""
    return base64.urlsafe_b64encode(f"{'again' if again else 'from'}:{position}".encode()).decode()


def _read_token(value: object) -> int:
    if value is None or value == "":
        return 0
    try:
        kind, _, position = base64.urlsafe_b64decode(str(value)).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        kind, position = "", ""
    if kind not in ("from", "again") or not position.isdigit():
        raise Refusal(400, "The provided next page token is invalid or expired.")
    return int(position)
