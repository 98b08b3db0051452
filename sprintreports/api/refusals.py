"""Which refusals each address can answer with, declared once for the OpenAPI document: most follow from the route itself."""

from collections.abc import Collection, Iterable
from typing import Any

from fastapi.routing import APIRoute

from sprintreports.api.answers import problem
from sprintreports.api.door import Needs, known_query_only, rule_of
from sprintreports.api.negotiation import acceptable
from sprintreports.kit.error_codes import Code

Document = dict[str, Any]

JSON = "application/json"
_REQUEST = "req_3f2a9c0d1e4b5a67"
_MODEL = "#/components/schemas/ErrorAnswer"
_SIGNED_IN = {
    Code.UNAUTHENTICATED,
    Code.FORBIDDEN,
    Code.NOT_FOUND,
    Code.VALIDATION_ERROR,
    Code.TOO_MANY_REQUESTS,
}
_WITH_BODY = {Code.BAD_REQUEST, Code.UNSUPPORTED_MEDIA_TYPE, Code.TOO_LARGE, Code.VALIDATION_ERROR}
_ALWAYS = {Code.INTERNAL_ERROR, Code.UNAVAILABLE}
_HEADERS = {
    Code.UNAUTHENTICATED: ("WWW-Authenticate",),
    Code.TOO_MANY_REQUESTS: ("Retry-After",),
}
_HEADER = {
    "WWW-Authenticate": "the way to show who one is (RFC 6750)",
    "Retry-After": "seconds to wait",
}


def refuses(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """What a route says of refusals that do not follow from it: `responses=refuses(Code.UPSTREAM_FAILED)`."""
    return {code.status: {"description": code.meaning} for code in codes}


def complete(operation: Document, route: APIRoute, *, checks: Collection[object]) -> None:
    """Every refusal that the operation can answer with, as references; what it describes by itself stays."""
    answers = operation["responses"]
    declared = {code for code in Code if _is_ours(answers.get(str(code.status)))}
    for code in sorted(_following(route, checks) | declared, key=lambda code: code.status):
        found = answers.get(str(code.status))
        if found is None or _is_ours(found):
            answers[str(code.status)] = {"$ref": f"#/components/responses/{name_of(code)}"}
    operation["responses"] = dict(sorted(answers.items()))


def components() -> Document:
    """The refusals themselves, by name. Codes that share a status share an answer."""
    by_status: dict[int, list[Code]] = {}
    for code in Code:
        by_status.setdefault(code.status, []).append(code)
    return {name_of(codes[0]): _answer(codes) for codes in by_status.values()}


def name_of(code: Code) -> str:
    """The name in the document of the answers with a code's status."""
    first = next(one for one in Code if one.status == code.status)
    return "".join(word.capitalize() for word in first.value.split("_"))


def _answer(codes: Iterable[Code]) -> Document:
    listed = list(codes)
    said = "; or ".join(f"`{code}`: {code.meaning}" for code in listed)
    shown = {
        code.value: {
            "value": problem(
                code=code, message=f"{code.meaning[:1].upper()}{code.meaning[1:]}.", request_id=_REQUEST
            )
        }
        for code in listed
    }
    found: Document = {
        "description": said,
        "content": {JSON: {"schema": {"$ref": _MODEL}, "examples": shown}},
    }
    headers = {name: _header(name) for code in listed for name in _HEADERS.get(code, ())}
    return found | ({"headers": headers} if headers else {})


def _header(name: str) -> Document:
    kind = "integer" if name == "Retry-After" else "string"
    return {"description": _HEADER[name], "schema": {"type": kind}}


def _following(route: APIRoute, checks: Collection[object]) -> set[Code]:
    rule = rule_of(route)
    codes = set(_ALWAYS)
    if isinstance(rule, Needs):
        codes |= _SIGNED_IN
        if route.methods != {"GET"}:
            codes |= {Code.CONFLICT}
    elif rule is not None and rule.counted:
        codes.add(Code.TOO_MANY_REQUESTS)
    if set(route.methods or ()) & {"PUT", "PATCH", "DELETE"}:
        codes.add(Code.PRECONDITION_FAILED)
    if route.body_field is not None:
        codes |= _WITH_BODY
    if known_query_only in checks:
        codes.add(Code.VALIDATION_ERROR)
    if acceptable in checks:
        codes.add(Code.NOT_ACCEPTABLE)
    return codes


def _is_ours(found: Document | None) -> bool:
    """Whether an answer is described by nothing but its status, or as FastAPI describes refusals of its own."""
    if found is None or "$ref" in found:
        return False
    schema = found.get("content", {}).get(JSON, {}).get("schema")
    return schema is None or schema.get("$ref", "").endswith(("/HTTPValidationError", "/ErrorAnswer"))
