"""What a failure looks like from outside: the envelope, a status, a request id, never a stack."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from sprintreports.api.answers import problem
from sprintreports.identity.audit.refusals import told
from sprintreports.identity.scopes import ScopeMissing
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import (
    Forbidden,
    SprintReportsError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from sprintreports.observability import logs
from sprintreports.reports.baselines import alarms
from sprintreports.reports.baselines.canonical import NotAsItWas

log = logs.get("api")

WELL_KNOWN = ("/.well-known/jwks.json", "/.well-known/oauth-authorization-server")
OURS = ("/api", "/health", "/metrics", *WELL_KNOWN)
# What the framework refuses by itself, in our words.
_FRAMEWORK = {
    HTTPStatus.BAD_REQUEST: (Code.BAD_REQUEST, "The request cannot be read. Check its body and headers."),
    HTTPStatus.NOT_FOUND: (
        Code.NOT_FOUND,
        "There is nothing at this address. See /api/v1/docs for what there is.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (Code.METHOD_NOT_ALLOWED, "This address does not know this method."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (Code.TOO_LARGE, "The request's body is too large."),
}
_JSON = re.compile(r"application/([\w.+-]+\+)?json", re.IGNORECASE)


class DatabaseUnreachable(Unavailable):
    """The database does not answer. Try again in a moment."""


def is_ours(path: str) -> bool:
    """Whether a path belongs to REST; everything else is the pages'."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in OURS)


def refusal(
    code: Code,
    message: str,
    *,
    details: Sequence[tuple[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """The answer to a request that is refused or failed; its status is the code's."""
    body = problem(code=code, message=message, request_id=logs.request_id(), details=details)
    return JSONResponse(
        body, status_code=code.status, headers={"Cache-Control": "no-store", **(headers or {})}
    )


def of_error(error: SprintReportsError) -> JSONResponse:
    """The answer to an error of ours: its own status, code and sentence."""
    headers: dict[str, str] = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="Sprint Reports"'
    if isinstance(error, ScopeMissing):  # RFC 6750, 3.1
        headers["WWW-Authenticate"] = (
            f'Bearer realm="Sprint Reports", error="insufficient_scope", scope="{error.scope}"'
        )
    details = [(detail.field, detail.message) for detail in error.details]
    return refusal(error.code, error.message, details=details, headers=headers)


def of_anything(error: Exception) -> JSONResponse:
    """The answer to what nobody expected; the log has the rest."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        log.error("database_unreachable", error=str(error.__cause__ or error))
        return of_error(DatabaseUnreachable())
    log.error("request_failed", exc_info=error)
    return of_error(SprintReportsError())


def register(app: FastAPI) -> None:
    """Answer errors under our own paths; those of the pages keep their own way."""
    app.add_exception_handler(SprintReportsError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_error(request: Request, error: Exception) -> Response:
    if isinstance(error, Forbidden):
        route = getattr(request.scope.get("route"), "path", "unmatched")
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        what = f"{request.method} {route}"
        await told(transaction, viewer, what=what, reason=error.message, now=clock.now())
    if isinstance(error, NotAsItWas):
        await alarms.told(transaction, getattr(request.state, "viewer", None), error, now=clock.now())
    return of_error(cast("SprintReportsError", error))


async def _on_invalid(request: Request, error: Exception) -> Response:
    invalid = cast("RequestValidationError", error)
    if not is_ours(request.url.path):
        return await request_validation_exception_handler(request, invalid)
    found = cast("Sequence[dict[str, Any]]", invalid.errors())
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(kind) and any(
        one["loc"][:1] == ("body",) and one["type"] != "missing" for one in found
    ):
        return refusal(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "Send the body as JSON, with the header Content-Type: application/json.",
        )
    return refusal(
        Code.VALIDATION_ERROR,
        "Some of the input is not valid: see the details.",
        details=list(dict.fromkeys(map(_detail, found))),
    )


async def _on_http(request: Request, error: Exception) -> Response:
    http = cast("HTTPException", error)
    if not is_ours(request.url.path):
        return await http_exception_handler(request, http)
    if http.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return of_anything(http)
    known = HTTPStatus(http.status_code) if http.status_code in _FRAMEWORK else HTTPStatus.BAD_REQUEST
    code, message = _FRAMEWORK[known]
    return refusal(code, message, headers=dict(http.headers or {}))


def _detail(found: dict[str, Any]) -> tuple[str, str]:
    place = [str(part) for part in found["loc"]]
    names = place[1:] if place and place[0] in {"body", "query", "path", "header", "cookie"} else place
    if found["type"] == "json_invalid":
        return "body", "The body is not valid JSON."
    if found["type"] == "extra_forbidden":
        return ".".join(names), "This field does not exist here."
    return ".".join(names) or "body", str(found["msg"]).removeprefix("Value error, ")
