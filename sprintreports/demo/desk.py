"""The part that all families of endpoints share: who asks, which issues they may see, what a query selects."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from sprintreports.demo.answers import Refusal
from sprintreports.demo.auth import Gate, Viewer
from sprintreports.demo.faults import Trouble
from sprintreports.demo.index import Index
from sprintreports.demo.jql import JqlError, Query, parse
from sprintreports.demo.shelves import Shelves
from sprintreports.demo.site import Json, Row, Site

_KEPT_QUERIES = 16


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a search. `following`: where the next one begins; `again`: this one has been brought before."""

    rows: Sequence[Row]
    following: int
    again: bool = False


class Desk:
    """One site with its gate. `hidden_board`: what a restricted viewer gets a 403 for."""

    def __init__(
        self, site: Site, gate: Gate, *, hidden_board: int | None, trouble: Trouble | None = None
    ) -> None:
        self.site = site
        self.gate = gate
        self._hidden_board = hidden_board
        self._trouble = trouble or Trouble()
        self._index = Index(site, self._trouble)
        self._shelves = Shelves()
        self._found: OrderedDict[tuple[str, bool, int, int], Sequence[Row]] = OrderedDict()

    def viewer(self, request: Request) -> Viewer:
        return self.gate.viewer(request)

    def myself(self) -> Json:
        """The token's owner, with the zone that JQL dates are read in; a fault can make it say another one."""
        faults = self._trouble.faults
        told = faults.told_zone or faults.zone
        return self.site.myself() | ({"timeZone": told} if told else {})

    def board(self, viewer: Viewer, board_id: int) -> Json:
        """Raises 404 for an unknown board, 403 for a hidden one."""
        board = self.site.board(board_id)
        if board is None:
            raise Refusal(
                404,
                "The requested board cannot be viewed because it either does not exist or you do not have permission to view it.",
            )
        if board_id in self._hidden_boards(viewer):
            raise Refusal(403, "You do not have permission to view this board.")
        return board

    def boards(self, viewer: Viewer) -> list[Json]:
        hidden = self._hidden_boards(viewer)
        return [board for board in self.site.boards() if board["id"] not in hidden]

    def projects(self, viewer: Viewer) -> list[Json]:
        hidden = self._hidden_projects(viewer)
        lost = self._trouble.faults.hidden_projects
        return [
            project
            for project in self.site.projects()
            if project["id"] not in hidden and project["key"] not in lost
        ]

    def project(self, viewer: Viewer, id_or_key: str) -> Json:
        """Raises 404 for one that there is not, or that is hidden."""
        for project in self.projects(viewer):
            if id_or_key in (project["id"], project["key"]):
                return project
        raise Refusal(404, f"No project could be found with key '{id_or_key}'.")

    def may_use_filter(self, viewer: Viewer, saved: Json) -> bool:
        if not viewer.restricted or self._hidden_board is None:
            return True
        return self.site.configuration(self._hidden_board)["filter"]["id"] != saved["id"]

    def may_see(self, viewer: Viewer, row: Row) -> bool:
        return self._shown(row, self._hidden_projects(viewer))

    def is_there(self, row: Row) -> bool:
        """A search that is behind can find what has been deleted."""
        return self.site.find(str(row.id)) is not None

    def issue(self, viewer: Viewer, id_or_key: str) -> Row:
        row = self.site.find(id_or_key)
        if row is None or not self.may_see(viewer, row):
            raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
        return row

    def parse(self, jql: str) -> Query:
        zone = self._trouble.faults.zone or self.site.time_zone()
        try:
            query = parse(jql, filters=self._filter_jql, zone=zone)
        except JqlError as problem:
            raise Refusal(400, str(problem)) from None
        for order in query.order:
            if order.field in self._trouble.faults.unsortable:
                raise Refusal(400, f"Not able to sort using field '{order.field}'.")
        return query

    def select(
        self, viewer: Viewer, jql: str, *, bounded: bool, reconcile: Collection[int] = ()
    ) -> Sequence[Row]:
        """All issues of the query in its order; `reconcile`: these as they are now, however far behind the search is.

        Raises 400.
        """
        if reconcile:
            return self._select(viewer, jql, self._index.reconciled(reconcile), bounded=bounded)
        seen = self._index.now()
        key = (jql, viewer.restricted, seen.version, self._trouble.version)
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
            return found
        found = self._found[key] = self._select(viewer, jql, seen.rows, bounded=bounded)
        if len(self._found) > _KEPT_QUERIES:
            self._found.popitem(last=False)
        return found

    def leaf(self, path: str, rows: Sequence[Row], start: int, size: int) -> Leaf:
        """The page that begins at `start`, or the one that a fault puts in its place."""
        rule = self._trouble.page(path)
        again = rule is not None and rule.twice and start > 0
        if rule is not None:
            start = max(0, start + rule.shift + (size if rule.lose else 0) - (size if again else 0))
        shown = rows[start : start + size]
        return Leaf(shown, min(start, len(rows)) + len(shown), again)

    def _select(self, viewer: Viewer, jql: str, rows: Sequence[Row], *, bounded: bool) -> Sequence[Row]:
        query = self.parse(jql)
        if bounded and query.where is None:
            raise Refusal(
                400,
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
            )
        hidden = self._hidden_projects(viewer)
        ids = query.ids
        asked = self._shelves.of(rows, query.projects) if ids is None else self._shelves.named(rows, ids)
        faults = self._trouble.faults
        if hidden or faults.hidden_projects or faults.hidden_issues:
            asked = [row for row in asked if self._shown(row, hidden)]
        return query.select(asked)

    def _filter_jql(self, filter_id: str) -> str | None:
        known = self.site.filter(filter_id)
        return None if known is None else known["jql"]

    def _shown(self, row: Row, hidden_projects: frozenset[str]) -> bool:
        faults = self._trouble.faults
        return not (
            row.project_id in hidden_projects
            or row.project_key in faults.hidden_projects
            or row.id in faults.hidden_issues
        )

    def _hidden_boards(self, viewer: Viewer) -> frozenset[int]:
        hidden = self._trouble.faults.hidden_boards
        if viewer.restricted and self._hidden_board is not None:
            return hidden | {self._hidden_board}
        return hidden

    def _hidden_projects(self, viewer: Viewer) -> frozenset[str]:
        if not viewer.restricted or self._hidden_board is None:
            return frozenset()
        return self.site.board_projects(self._hidden_board)
