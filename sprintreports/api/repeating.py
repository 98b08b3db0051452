"""`Idempotency-Key`: a POST that is sent again, because its answer got lost, does nothing twice."""

import re
from typing import Protocol, cast

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import repeats
from sprintreports.identity.repeats import Answer, Claim
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock
from sprintreports.kit.errors import FieldProblem, Invalid

HEADER = "Idempotency-Key"
LONGEST = 255
# A key belongs to whoever sends it: these know nobody when they begin, and have their own way of being sent twice.
EXCLUDED = {
    "/api/v1/auth/token": "OAuth 2.0 (RFC 6749) knows no such header; codes and refresh tokens are good once",
    "/api/v1/auth/revoke": "RFC 7009: a token that has ended already is answered alike",
    "/api/v1/auth/introspect": "RFC 7662: it changes nothing",
    "/api/v1/invitations/acceptance": "the link in it is good once",
    "/api/v1/mail-opt-outs/{token}": "RFC 8058: mails that have ended already are answered alike",
    "/api/v1/webhooks/jira/{site_id}": "a delivery is known by its own identifier, or by its body",
    "/api/v1/webhooks/jira/{site_id}/{token}": "a delivery is known by its own identifier, or by its body",
}
_FORM = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")
_CLAIM = "sprintreports.claim"
_KEPT_HEADERS = ("content-type", "location", "cache-control")


class Asked(Protocol):
    """What a door gives its routes."""

    @property
    def session(self) -> AsyncSession: ...

    @property
    def viewer(self) -> Viewer: ...


class Repeated(Exception):  # no error: it leads past the route to its first answer
    """The request was answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    def response(self) -> Response:
        headers = {**self.answer.headers, "Idempotent-Replayed": "true"}
        return Response(self.answer.body, status_code=self.answer.status, headers=headers)


async def first_time(request: Request, asked: Asked) -> None:
    """Claim the request's key, if it has one. Raises Repeated, StillRunning, KeyReused, Invalid."""
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return
    if not _FORM.fullmatch(key):
        problem = FieldProblem(HEADER, f"Send 1 to {LONGEST} letters, digits or signs, without spaces.")
        raise Invalid("This is no key for a request: see the details.", details=(problem,))
    query = request.scope["query_string"]
    content = b"\0".join((request.url.path.encode(), query, await request.body()))
    found = await repeats.claim(asked.session, asked.viewer, key=key, request=content, now=clock.now())
    if isinstance(found, Answer):
        raise Repeated(found)
    request.scope[_CLAIM] = asked.session, found


def let_go(request: Request) -> None:
    """The transaction that the key was claimed in ends before the answer is made: whoever makes that claims it again."""
    request.scope.pop(_CLAIM, None)


async def keep(request: Request, response: Response) -> None:
    """Keep the answer of a request that came with a key, in its own transaction. Refusals are not kept."""
    claimed: tuple[AsyncSession, Claim] | None = request.scope.get(_CLAIM)
    if claimed is None or response.status_code >= 300:
        return
    session, found = claimed
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answer = Answer(response.status_code, headers, bytes(cast("bytes", response.body)))
    await repeats.keep(session, found, answer, now=clock.now())
