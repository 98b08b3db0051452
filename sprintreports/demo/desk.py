"""The part that all families of endpoints share: who asks, which issues they may see, what a query selects."""

from collections import OrderedDict
from collections.abc import Sequence

from starlette.requests import Request

from sprintreports.demo.answers import Refusal
from sprintreports.demo.auth import Gate, Viewer
from sprintreports.demo.jql import JqlError, Query, parse
from sprintreports.demo.site import Json, Row, Site

_KEPT_QUERIES = 16


class Desk:
    """One site with its gate. `hidden_board`: what a restricted viewer gets a 403 for."""

    def __init__(self, site: Site, gate: Gate, *, hidden_board: int | None) -> None:
        self.site = site
        self.gate = gate
        self._hidden_board = hidden_board
        self._found: OrderedDict[tuple[str, bool, int], list[Row]] = OrderedDict()

    def viewer(self, request: Request) -> Viewer:
        return self.gate.viewer(request)

    def board(self, viewer: Viewer, board_id: int) -> Json:
        """Raises 404 for an unknown board, 403 for a hidden one."""
        for board in self.site.boards():
            if board["id"] == board_id:
                if viewer.restricted and board_id == self._hidden_board:
                    raise Refusal(403, "You do not have permission to view this board.")
                return board
        raise Refusal(
            404,
            "The requested board cannot be viewed because it either does not exist or you do not have permission to view it.",
        )

    def boards(self, viewer: Viewer) -> list[Json]:
        return [
            board
            for board in self.site.boards()
            if not (viewer.restricted and board["id"] == self._hidden_board)
        ]

    def projects(self, viewer: Viewer) -> list[Json]:
        hidden = self._hidden_projects(viewer)
        return [project for project in self.site.projects() if project["id"] not in hidden]

    def may_use_filter(self, viewer: Viewer, saved: Json) -> bool:
        if not viewer.restricted or self._hidden_board is None:
            return True
        return self.site.configuration(self._hidden_board)["filter"]["id"] != saved["id"]

    def may_see(self, viewer: Viewer, row: Row) -> bool:
        return row.project_id not in self._hidden_projects(viewer)

    def issue(self, viewer: Viewer, id_or_key: str) -> Row:
        row = self.site.find(id_or_key)
        if row is None or not self.may_see(viewer, row):
            raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
        return row

    def parse(self, jql: str) -> Query:
        try:
            return parse(jql, filters=self._filter_jql, zone=self.site.time_zone())
        except JqlError as problem:
            raise Refusal(400, str(problem)) from None

    def select(self, viewer: Viewer, jql: str, *, bounded: bool) -> Sequence[Row]:
        """All issues of the query in its order. Raises 400."""
        key = (jql, viewer.restricted, self.site.version)
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
            return found
        query = self.parse(jql)
        if bounded and query.where is None:
            raise Refusal(
                400,
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
            )
        hidden = self._hidden_projects(viewer)
        found = query.select([row for row in self.site.rows() if row.project_id not in hidden])
        self._found[key] = found
        if len(self._found) > _KEPT_QUERIES:
            self._found.popitem(last=False)
        return found

    def _filter_jql(self, filter_id: str) -> str | None:
        known = self.site.filter(filter_id)
        return None if known is None else known["jql"]

    def _hidden_projects(self, viewer: Viewer) -> frozenset[str]:
        if not viewer.restricted or self._hidden_board is None:
            return frozenset()
        return self.site.board_projects(self._hidden_board)
