"""The REST application: routes, envelope, OpenAPI document. Reflex is mounted into it by the web process."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from sprintreports import __version__
from sprintreports.api import conditional, failures
from sprintreports.api.document import document_of
from sprintreports.api.door import known_query_only
from sprintreports.api.middleware import LARGEST_BODY, Around
from sprintreports.api.negotiation import acceptable
from sprintreports.api.routes import (
    absences,
    api_keys,
    audit,
    auth,
    baseline_rules,
    baselines,
    boards,
    calendars,
    capacity,
    clients,
    connections,
    deliveries,
    discovery,
    docs,
    exports,
    invitations,
    me,
    members,
    notices,
    oauth,
    operations,
    outgoing,
    privacy,
    providers,
    quality,
    queue_feeds,
    queues,
    queues_previews,
    queues_versions,
    reconciliations,
    report_shares,
    report_templates,
    reports,
    runs,
    schedules,
    sites,
    sprints,
    team_absences,
    teams,
    users,
    webhooks,
)
from sprintreports.kit.error_codes import Code

# What is asked most stands first: an address is compared with one router after another.
ROUTERS: tuple[APIRouter, ...] = (
    sprints.router,
    boards.router,
    capacity.router,
    queues.around,
    queues.router,
    queues_versions.router,
    queues_previews.router,
    queues_previews.known,
    queue_feeds.router,
    queue_feeds.subscribed,
    exports.router,
    connections.router,
    deliveries.router,
    deliveries.previews,
    deliveries.leaving,
    baselines.router,
    baseline_rules.router,
    schedules.router,
    report_shares.router,
    reports.router,
    reports.tags,
    reports.unkept,
    report_templates.router,
    report_templates.given,
    teams.router,
    teams.values,
    members.router,
    members.around,
    calendars.router,
    team_absences.router,
    auth.router,
    me.router,
    notices.router,
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
    outgoing.router,
    discovery.router,
    docs.router,
    operations.router,
)


def create_api() -> FastAPI:
    """A new REST application. Its handlers answer for /api, /health and /metrics; other paths stay the pages'."""
    app = _Documented(
        title="Sprint Reports",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    failures.register(app)
    app.add_middleware(Around)
    for router in ROUTERS:
        app.include_router(router, dependencies=_checks(router), max_body_size=LARGEST_BODY)
    app.state.reads = conditional.reads_of(
        [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    )
    for prefix in failures.OURS:
        app.router.routes += [Route(prefix, _Unknown()), Route(f"{prefix}/{{rest:path}}", _Unknown())]
    return app


class _Documented(FastAPI):
    """An application whose OpenAPI document is our own rendering of what it can do."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = document_of(self)
        return self.openapi_schema


def _checks(router: APIRouter) -> list[Any]:
    """What every request of a router passes before its route. Senders to the first two add parameters of their own."""
    if router in (webhooks.inbox, oauth.callback):
        return []
    if router is operations.router:
        return [Depends(known_query_only)]
    return [Depends(known_query_only), Depends(acceptable)]


class _Unknown:
    """Whatever no route of ours takes: 405 where another method would do, else 404. Stands before the pages."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = sorted(_methods_of(scope))
        if methods:
            message = f"This address knows only {', '.join(methods)}."
            allow = {"Allow": ", ".join(methods)}
            answer = failures.refusal(Code.METHOD_NOT_ALLOWED, message, headers=allow)
        else:
            message = f"There is nothing at {scope['path']}. /api/v1/docs lists what there is."
            answer = failures.refusal(Code.NOT_FOUND, message)
        await answer(scope, receive, send)


def _methods_of(scope: Scope) -> set[str]:
    found: set[str] = set()
    for router in ROUTERS:
        for route in router.routes:
            match, _ = route.matches(scope)
            if match is Match.PARTIAL and isinstance(route, Route):
                found |= route.methods or set()
    return found
