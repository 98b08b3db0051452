"""What an answer may be written in: JSON nearly everywhere. Who says that it can read nothing of it is told so."""

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import SprintReportsError

JSON = "application/json"


class NotAcceptable(SprintReportsError):
    """This address answers with something else than the header Accept asks for."""

    status = 406
    code = Code.NOT_ACCEPTABLE


async def acceptable(request: Request) -> None:
    """Raises NotAcceptable where the header Accept leaves out all that the address answers with."""
    accept = request.headers.get("accept", "*/*")
    if accept in {"*/*", JSON}:
        return
    offered = offers(request.scope.get("route"))
    if offered and not any(_quality(kind, accept) > 0 for kind in offered):
        raise NotAcceptable(f"This address answers with {' or '.join(offered)}. Ask for that in Accept.")


def offers(route: object) -> tuple[str, ...]:
    """The media types of a route's success; none where it answers without a body."""
    if not isinstance(route, APIRoute) or route.status_code == 204:
        return ()
    declared = route.responses.get(200, {}).get("content")
    if declared:
        return tuple(declared)
    return ("text/html",) if route.response_class is HTMLResponse else (JSON,)


def _quality(kind: str, accept: str) -> float:
    """How welcome a media type is (RFC 9110, 12.5.1): the most exact range decides."""
    whole = f"{kind.partition('/')[0]}/*"
    exactness, welcome = -1, 0.0
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        found = {"*/*": 0, whole: 1, kind: 2}.get(name, -1)
        if found > exactness:
            exactness, welcome = found, _weight(parameters)
    return welcome


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 1.0
    return 1.0
