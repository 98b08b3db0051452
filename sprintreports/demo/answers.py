"""How the stand-in answers: JSON bytes, Jira's error bodies, pages."""

from collections.abc import Iterable
from typing import cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sprintreports.demo.site import Json


class Refusal(Exception):
    """An answer that is not a success; raised anywhere below a handler."""

    def __init__(self, status: int, *messages: str, body: Json | None = None) -> None:
        super().__init__(*messages)
        self.status = status
        self.body: Json = body if body is not None else _errors(messages)


def _errors(messages: Iterable[str]) -> Json:
    return {"errorMessages": list(messages), "errors": {}}


def error_body(message: str) -> bytes:
    """The body of a refusal, for what answers below the handlers."""
    return msgspec.json.encode(_errors([message]))


def json(value: object, *, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def raw(text: str) -> Response:
    return Response(text.encode(), media_type="application/json")


async def body_of(request: Request) -> Json:
    try:
        return msgspec.json.decode(await request.body(), type=Json)
    except msgspec.ValidationError:
        raise Refusal(
            400, "Invalid request payload. Refer to the REST API documentation and try again."
        ) from None
    except msgspec.DecodeError:
        raise Refusal(
            400, "There was an error parsing JSON. Check that your request body is valid."
        ) from None


def query_of(request: Request) -> Json:
    """The same values as a body would hold; fields may be given several times."""
    asked: Json = dict(request.query_params)
    if "fields" in asked:
        asked["fields"] = request.query_params.getlist("fields")
    return asked


def number(value: object, name: str, *, default: int, most: int) -> int:
    """A page size or offset; more than the most is quietly cut down, as Jira does."""
    if value is None:
        return default
    try:
        parsed = int(str(value))
    except ValueError:
        raise Refusal(400, f"The value '{value}' of '{name}' is not a number.") from None
    if parsed < 0:
        raise Refusal(400, f"The value of '{name}' must not be negative.")
    return min(parsed, most)


def words(value: object) -> list[str]:
    """Field lists come as one comma-separated string, as repeated ones, or as a JSON list."""
    if value is None:
        return []
    if isinstance(value, int):
        return [str(value)]
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    if isinstance(value, list):
        return [word for part in cast("list[object]", value) for word in words(part)]
    raise Refusal(400, "Invalid request payload. Refer to the REST API documentation and try again.")


def wanted_fields(names: list[str], *, default: frozenset[str] | None) -> frozenset[str] | None:
    """None means every field."""
    if not names:
        return default
    if "*all" in names or "*navigable" in names:
        return None
    return frozenset(names)


def page(values: list[Json], start: int, size: int, *, total: bool = True) -> Json:
    shown = values[start : start + size]
    answer: Json = {"maxResults": size, "startAt": start}
    if total:
        answer["total"] = len(values)
    return answer | {"isLast": start + len(shown) >= len(values), "values": shown}
