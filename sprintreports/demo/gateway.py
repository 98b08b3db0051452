"""api.atlassian.com in front of the stand-in: an access token, the right scope, and the site's own paths behind it."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from sprintreports.demo.answers import json
from sprintreports.demo.oauth import CLIENT_SECRET, Atlassian

# What the gateway tells those behind it: the secret that the app's webhooks are signed with.
APP = "standin.app"
_PREFIX = "/ex/jira/"
# The first that matches. What stands in none of them has no scope at all, and no app gets there.
_SCOPES: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(pattern), frozenset(scopes))
    for pattern, scopes in (
        (r"/rest/api/[23]/serverInfo$", ()),
        (r"/rest/api/[23]/myself$", ("read:jira-user",)),
        (r"/rest/api/[23]/priority/search$", ("read:priority:jira",)),
        (r"/rest/api/[23]/webhook(/|$)", ("read:jira-work", "manage:jira-webhook")),
        (r"/rest/api/[23]/", ("read:jira-work",)),
        (r"/rest/agile/1\.0/board/\d+/configuration$", ("read:board-scope.admin:jira-software", "read:project:jira")),
        (r"/rest/agile/1\.0/(board/\d+/)?sprint", ("read:sprint:jira-software",)),
        (r"/rest/agile/1\.0/board", ("read:board-scope:jira-software", "read:project:jira")),
    )
)  # fmt: skip


class Gateway:
    """Middleware outside of all faults: behind it a request looks as if it had been sent to the site."""

    def __init__(self, app: ASGIApp, atlassian: Atlassian) -> None:
        self._app = app
        self._atlassian = atlassian

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        cloud, _, rest = scope["path"][len(_PREFIX) :].partition("/")
        path = f"/{rest}"
        problem = self._problem(cloud, path, _token(scope))
        if problem is not None:
            status, message = problem
            await json({"code": status, "message": message}, status=status)(scope, receive, send)
            return
        inner = {**scope, "path": path, "raw_path": path.encode(), APP: CLIENT_SECRET}
        await self._app(inner, receive, send)

    def _problem(self, cloud: str, path: str, token: str) -> tuple[int, str] | None:
        grant = self._atlassian.grant_of(token)
        if grant is None:
            return 401, "Unauthorized"
        if cloud not in self._atlassian.cloud_ids():
            return 404, "Not found"
        needed = next((scopes for pattern, scopes in _SCOPES if pattern.match(path)), None)
        if needed is None or not needed <= grant.scopes:
            return 401, "Unauthorized; scope does not match"
        return None


def _token(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token if scheme.lower() == "bearer" else ""
    return ""
