"""The REST application: routes, envelope, OpenAPI document. Reflex is mounted into it by the web process."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from sprintreports import __version__
from sprintreports.api import failures
from sprintreports.api.answers import ErrorAnswer
from sprintreports.api.door import known_query_only
from sprintreports.api.middleware import Around
from sprintreports.api.routes import (
    absences,
    api_keys,
    audit,
    auth,
    boards,
    clients,
    discovery,
    docs,
    invitations,
    me,
    oauth,
    operations,
    privacy,
    providers,
    quality,
    reconciliations,
    runs,
    sites,
    sprints,
    users,
    webhooks,
)

# What is asked most stands first: an address is compared with one router after another.
ROUTERS: tuple[APIRouter, ...] = (
    sprints.router,
    boards.router,
    auth.router,
    me.router,
    privacy.users,  # its `/me/…` stands before `/{user_id}`
    users.router,
    users.around,
    invitations.router,
    sites.router,
    absences.router,
    quality.router,
    reconciliations.router,
    runs.router,
    webhooks.router,
    webhooks.inbox,
    oauth.router,
    oauth.callback,
    audit.router,
    privacy.router,
    api_keys.router,
    clients.router,
    providers.router,
    discovery.router,
    docs.router,
    operations.router,
)

_DESCRIPTION = """
Sprints, their numbers and their plans, read from Jira. Everything that the pages can do.

Answers are `{"data", "meta", "links"}`, refusals `{"error": {"code", "message", "details", "request_id"}}`. Only
`/api/v1/auth/*` answers at the top level, as OAuth 2.0 wants it. A value that is not known is null, never 0.
Amounts come in story points, hours and issues at once. Times are ISO 8601 in UTC.
"""
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": description}
    for status, description in {
        401: "No or no longer valid sign-in",
        403: "The role does not allow it",
        404: "Does not exist, or may not be seen",
        422: "Something in the input is not valid",
        429: "Too many requests in a minute",
    }.items()
}


def create_api() -> FastAPI:
    """A new REST application. Its handlers answer for /api, /health and /metrics; other paths stay the pages'."""
    app = FastAPI(
        title="Sprint Reports",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    failures.register(app)
    app.add_middleware(Around)
    for router in ROUTERS:
        plain = router in (operations.router, auth.router, docs.router)
        app.include_router(
            router,
            dependencies=[] if router in (webhooks.inbox, oauth.callback) else [Depends(known_query_only)],
            responses=None if plain else _REFUSALS,
        )
    for prefix in failures.OURS:
        app.router.routes += [Route(prefix, _Unknown()), Route(f"{prefix}/{{rest:path}}", _Unknown())]
    return app


class _Unknown:
    """Whatever no route of ours takes: 405 where another method would do, else 404. Stands before the pages."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = sorted(_methods_of(scope))
        if methods:
            message = f"This address knows only {', '.join(methods)}."
            answer = failures.refusal(
                405, "METHOD_NOT_ALLOWED", message, headers={"Allow": ", ".join(methods)}
            )
        else:
            message = f"There is nothing at {scope['path']}. /api/v1/docs lists what there is."
            answer = failures.refusal(404, "NOT_FOUND", message)
        await answer(scope, receive, send)


def _methods_of(scope: Scope) -> set[str]:
    found: set[str] = set()
    for router in ROUTERS:
        for route in router.routes:
            match, _ = route.matches(scope)
            if match is Match.PARTIAL and isinstance(route, Route):
                found |= route.methods or set()
    return found
