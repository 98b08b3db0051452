"""Routes as every resource has them: what the door does for all of them is in the document of each."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from sprintreports.api import conditional, repeating

_TAG = '"5f1d7a0c9b3e4d2f8a6c1b0e7d9f3a52"'
_UNLESS = {
    "name": "If-None-Match",
    "in": "header",
    "description": "the `ETag` of an answer that you have: 304 where it is still the answer",
    "schema": {"type": "string"},
    "example": _TAG,
}
_ONLY = {
    "name": "If-Match",
    "in": "header",
    "description": "the `ETag` that a GET of this address gave: 412 where it would give another one now",
    "schema": {"type": "string"},
    "example": _TAG,
}
_KEY = {
    "name": repeating.HEADER,
    "in": "header",
    "description": "a name of your own for this request: sent again within 24 hours it is answered alike and done once",
    "schema": {"type": "string", "minLength": 1, "maxLength": repeating.LONGEST, "pattern": "^[!-~]+$"},
    "example": "0b9c6a52-7a0e-4c5a-9a61-3f0f6d1d2c11",
}
_TAGGED = {"ETag": {"description": "the tag of this answer", "schema": {"type": "string"}, "example": _TAG}}
_REPLAYED = {
    "Idempotent-Replayed": {
        "description": "`true` where this is the answer of an earlier request with the same key",
        "schema": {"type": "string"},
    }
}


class Route(APIRoute):
    """A route whose reads have tags, whose writes can insist on one, and whose POSTs can be repeated."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = set(options.get("methods") or {"GET"})
        status = options.get("status_code") or 200
        parameters: list[dict[str, Any]] = []
        answers: dict[int | str, dict[str, Any]] = {}
        if "GET" in methods and status == 200 and options.get("include_in_schema", True):
            parameters.append(_UNLESS)
            answers[200] = {"headers": _TAGGED}
            answers[304] = {"description": "It is still as your tag says"}
        if methods & conditional.WRITES:
            parameters.append(_ONLY)
        if "POST" in methods and path not in repeating.EXCLUDED:
            parameters.append(_KEY)
            answers[status] = {"headers": _REPLAYED}
        extra: dict[str, Any] = dict(options.get("openapi_extra") or {})
        if parameters:
            extra["parameters"] = [*extra.get("parameters", ()), *parameters]
        given: dict[int | str, dict[str, Any]] = options.get("responses") or {}
        options["responses"] = {
            status: {**answers.get(status, {}), **given.get(status, {})} for status in {**answers, **given}
        }
        options["openapi_extra"] = extra or None
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handler

        async def once(request: Request) -> Response:
            try:
                answer = await handler(request)
            except repeating.Repeated as repeated:
                return repeated.response()
            await repeating.keep(request, answer)
            return answer

        return once


class Router(APIRouter):
    """The router of a resource."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, **options)
