"""The OpenAPI document: what FastAPI derives from the routes, made ready for people and for programs that make clients of it."""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from sprintreports.api import credentials, examples, naming, refusals
from sprintreports.api.deprecation import notice_of

Document = dict[str, Any]

VERSION: Final = "3.1.0"
DESCRIPTION = """
Sprints, their numbers and their plans, read from Jira. Everything that the pages can do.

Answers are `{"data", "meta", "links"}`, refusals `{"error": {"code", "message", "details", "request_id"}}`. Only
`/api/v1/auth/*` answers at the top level, as OAuth 2.0 wants it. A value that is not known is null, never 0.
Amounts come in story points, hours and issues at once. Times are ISO 8601 in UTC.
"""
TAGS = {
    "sprints": "Sprints with their reports, burndowns, scope changes and issues.",
    "boards": "Boards, what counts as done there, and their velocity.",
    "teams": "Discipline teams, their calendars, and who is in them.",
    "absences": "When people are away.",
    "capacity": "What each team can do in a sprint.",
    "baselines": "States of sprints that are kept unchanged, and when they are taken.",
    "schedules": "Reports sent and baselines taken by themselves, as the person whose schedule it is.",
    "queues": "Sprint queues: what each team does in a sprint, in which order, and why.",
    "data quality": "What makes the numbers doubtful, issue by issue.",
    "reconciliation": "Our numbers beside Jira's own sprint report, each difference with its reason.",
    "sites": "Connected Jiras: their boards, field mapping and syncs.",
    "sync runs": "How far syncs are, and how they went.",
    "webhooks": "What Jira sends by itself.",
    "oauth": "Connecting Jira Cloud by signing in with Atlassian.",
    "users": "Accounts, their roles, and one's own account.",
    "privacy": "What is stored about people; erasing it.",
    "clients": "API keys and registered programs.",
    "auth": "Tokens by OAuth 2.0.",
    "sign-in providers": "Identity providers that people sign in with.",
    "outgoing requests": "Which private addresses may be asked.",
    "audit": "Who did what, to what, from where.",
    "operations": "Health and metrics.",
}
_SENTENCE = re.compile(r"(.+?[.:!?])(?=\s|$)", re.DOTALL)


def document_of(app: FastAPI) -> Document:
    """The document of an application whose routes have been added."""
    routes = {
        (found.path, method.lower()): found
        for found in iter_route_contexts(app.routes)
        for method in found.methods or ()
    }
    found: Document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version=VERSION,
        description=DESCRIPTION,
        routes=app.routes,
    )
    found["servers"] = [{"url": "/", "description": "the installation that this document comes from"}]
    naming.rename_envelopes(found)
    parts = found.setdefault("components", {})
    parts["securitySchemes"] = credentials.schemes()
    for path, method, operation in operations(found):
        _complete(operation, path, method, routes[path, method], found)
    parts["responses"] = refusals.components()
    _without_unused(found)
    used = {operation["tags"][0] for _, _, operation in operations(found)}
    found["tags"] = [{"name": name, "description": said} for name, said in TAGS.items() if name in used]
    return found


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Each with its path and method."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _complete(operation: Document, path: str, method: str, context: RouteContext, document: Document) -> None:
    route = cast("APIRoute", context.original_route)
    operation["operationId"] = naming.operation_id(method, path, operation)
    said = " ".join(operation.get("description", "").split())
    first = _SENTENCE.match(said)
    if first:
        operation["summary"] = first.group(1).rstrip(".:")
    operation["security"] = credentials.accepted(route)
    refusals.complete(operation, route, checks={part.call for part in context.dependant.dependencies})
    if "fields" in {found["name"] for found in operation.get("parameters", ())}:
        naming.allow_parts(operation, document)
    examples.complete(operation, path, document)
    notice = notice_of(route)
    if notice is not None:
        operation["deprecated"] = True
        operation["description"] = f"{operation.get('description', '')}\n\n{notice.sentence()}".strip()


def _without_unused(document: Document) -> None:
    """What FastAPI adds for its own refusals, which ours replace."""
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
