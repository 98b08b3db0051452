"""What both dialects share: the platform's small lists, agile boards and sprints, the sprint report."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sprintreports.demo.answers import Refusal, json, number, page, raw, wanted_fields, words
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.desk import Desk
from sprintreports.demo.site import Row

_SPRINT_PAGE = 50
_BOARD_PAGE = 50
_ISSUE_PAGE = 100
_FILTER_PAGE = 100
_FILTERS_NAMED = 200
_FAR = 10**9


class Shared:
    """Handlers that are alike in Cloud and Data Center."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        version = 3 if self._desk.site.dialect is Dialect.CLOUD else 2
        lists = [
            Route(f"/rest/api/{version}/{name}", handler)
            for name, handler in (
                ("serverInfo", self.server_info),
                ("myself", self.myself),
                ("field", self.fields),
                ("status", self.statuses),
                ("priority", self.priorities),
                ("issuetype", self.issue_types),
                ("filter/{filter}", self.filter),
            )
        ]
        if version == 3:
            lists.insert(0, Route("/rest/api/3/filter/search", self.filters))
            # Cloud keeps the older paths of the small lists alive, and finding out the dialect needs this one.
            lists.append(Route("/rest/api/2/serverInfo", self.server_info))
        return [
            *lists,
            Route("/rest/agile/1.0/board", self.boards),
            Route("/rest/agile/1.0/board/{board:int}", self.board),
            Route("/rest/agile/1.0/board/{board:int}/configuration", self.configuration),
            Route("/rest/agile/1.0/board/{board:int}/sprint", self.sprints),
            Route("/rest/agile/1.0/board/{board:int}/issue", self.board_issues),
            Route("/rest/agile/1.0/sprint/{sprint:int}", self.sprint),
            Route("/rest/agile/1.0/sprint/{sprint:int}/issue", self.sprint_issues),
            Route("/rest/greenhopper/1.0/rapid/charts/sprintreport", self.sprint_report),
        ]

    async def server_info(self, _: Request) -> Response:
        """Jira answers this one without credentials."""
        return json(self._desk.site.server_info())

    async def myself(self, request: Request) -> Response:
        self._desk.viewer(request)
        return json(self._desk.myself())

    async def fields(self, request: Request) -> Response:
        self._desk.viewer(request)
        return json(self._desk.site.fields())

    async def statuses(self, request: Request) -> Response:
        self._desk.viewer(request)
        return json(self._desk.site.statuses())

    async def priorities(self, request: Request) -> Response:
        self._desk.viewer(request)
        return json(self._desk.site.priorities())

    async def issue_types(self, request: Request) -> Response:
        self._desk.viewer(request)
        return json(self._desk.site.issue_types())

    async def filter(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        known = self._desk.site.filter(request.path_params["filter"])
        if known is None or not self._desk.may_use_filter(viewer, known):
            raise Refusal(
                400,
                "The selected filter is not available to you, perhaps it has been deleted or had its permissions changed.",
            )
        return json(known)

    async def filters(self, request: Request) -> Response:
        """Of the filters that are asked for by their ids those that the account may use."""
        viewer, asked = self._desk.viewer(request), request.query_params
        ids = words(asked.getlist("id"))
        if not ids or len(ids) > _FILTERS_NAMED or not all(text.isdigit() for text in ids):
            raise Refusal(
                400, f"The stand-in finds filters by their ids alone, up to {_FILTERS_NAMED} of them."
            )
        named = [self._desk.site.filter(filter_id) for filter_id in dict.fromkeys(ids)]
        found = [one for one in named if one is not None and self._desk.may_use_filter(viewer, one)]
        if "jql" not in words(asked.get("expand")):
            found = [{name: value for name, value in one.items() if name != "jql"} for one in found]
        start = number(asked.get("startAt"), "startAt", default=0, most=_FAR)
        size = number(asked.get("maxResults"), "maxResults", default=50, most=_FILTER_PAGE)
        return json(page(found, start, size))

    async def boards(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        asked = request.query_params
        kind, project, name = asked.get("type"), asked.get("projectKeyOrId"), asked.get("name")
        found = self._desk.boards(viewer)
        if kind is not None:
            found = [board for board in found if board["type"] in kind.split(",")]
        if project is not None:
            found = [
                board
                for board in found
                if project in (board["location"]["projectKey"], str(board["location"]["projectId"]))
            ]
        if name is not None:
            found = [board for board in found if name.lower() in board["name"].lower()]
        start = number(asked.get("startAt"), "startAt", default=0, most=_FAR)
        size = number(asked.get("maxResults"), "maxResults", default=_BOARD_PAGE, most=_BOARD_PAGE)
        return json(page(found, start, size))

    async def board(self, request: Request) -> Response:
        return json(self._desk.board(self._desk.viewer(request), request.path_params["board"]))

    async def configuration(self, request: Request) -> Response:
        board = self._desk.board(self._desk.viewer(request), request.path_params["board"])
        return json(self._desk.site.configuration(board["id"]))

    async def sprints(self, request: Request) -> Response:
        """Fifty a page whatever is asked for."""
        board = self._desk.board(self._desk.viewer(request), request.path_params["board"])
        if board["type"] != "scrum":
            raise Refusal(400, "The board does not support sprints")
        found = self._desk.site.sprints(board["id"])
        states = words(request.query_params.get("state"))
        if states:
            found = [sprint for sprint in found if sprint["state"] in states]
        start = number(request.query_params.get("startAt"), "startAt", default=0, most=_FAR)
        size = number(
            request.query_params.get("maxResults"), "maxResults", default=_SPRINT_PAGE, most=_SPRINT_PAGE
        )
        return json(page(found, start, max(1, size), total=False))

    async def sprint(self, request: Request) -> Response:
        self._desk.viewer(request)
        return json(self._sprint(request))

    async def board_issues(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        board = self._desk.board(viewer, request.path_params["board"])
        projects = self._desk.site.board_projects(board["id"])
        rows = self._desk.select(viewer, request.query_params.get("jql") or "ORDER BY rank", bounded=False)
        return self._issues(request, [row for row in rows if row.project_id in projects])

    async def sprint_issues(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        sprint = self._sprint(request)
        rows = self._desk.select(viewer, request.query_params.get("jql") or "ORDER BY rank", bounded=False)
        return self._issues(request, [row for row in rows if sprint["id"] in row.sprints])

    async def sprint_report(self, request: Request) -> Response:
        viewer = self._desk.viewer(request)
        board = self._desk.board(
            viewer, number(request.query_params.get("rapidViewId"), "rapidViewId", default=0, most=_FAR)
        )
        sprint = number(request.query_params.get("sprintId"), "sprintId", default=0, most=_FAR)
        report = self._desk.site.sprint_report(board["id"], sprint)
        if report is None:
            raise Refusal(404, "No sprint report is available for this sprint on this board.")
        return json(report)

    def _sprint(self, request: Request) -> dict[str, object]:
        sprint = self._desk.site.sprint(request.path_params["sprint"])
        if sprint is None:
            raise Refusal(404, "Sprint does not exist")
        return sprint

    def _issues(self, request: Request, rows: list[Row]) -> Response:
        asked = request.query_params
        start = number(asked.get("startAt"), "startAt", default=0, most=_FAR)
        size = number(asked.get("maxResults"), "maxResults", default=50, most=_ISSUE_PAGE)
        wanted = wanted_fields(words(asked.getlist("fields")), default=None)
        expand = "changelog" in words(asked.get("expand"))
        texts = [self._issue(row, wanted, expand=expand) for row in rows[start : start + size]]
        return raw(
            f'{{"expand":"schema,names","startAt":{start},"maxResults":{size},"total":{len(rows)},'
            f'"issues":[{",".join(texts)}]}}'
        )

    def _issue(self, row: Row, wanted: frozenset[str] | None, *, expand: bool) -> str:
        issue = self._desk.site.issue(row, wanted)
        if not expand:
            return issue + "}"
        texts = [
            text for entry in reversed(self._desk.site.histories(row)) if (text := entry.json()) is not None
        ]
        total = len(texts)
        return f'{issue},"changelog":{{"startAt":0,"maxResults":{total},"total":{total},"histories":[{",".join(texts)}]}}}}'
