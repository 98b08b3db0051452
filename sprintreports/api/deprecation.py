"""Addresses that will go: declared once, on the route; said in each of its answers (RFC 9745, RFC 8594) and in the document.

`@router.get("/old", dependencies=[deprecated(since=date(…), ends=date(…), instead="/api/v1/new")])`
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.types import Scope

POLICY = "/api/v1/docs#deprecation"
NOTICE = timedelta(days=182)  # half a year at least, as docs/api.md promises


@dataclass(frozen=True, slots=True)
class Deprecated:
    """Since when an address should not be used any more, on which day it ends, and what takes its place."""

    since: date
    ends: date
    instead: str

    async def __call__(self) -> None:
        """Marks the route; nothing is done for a request."""

    def headers(self) -> Iterator[tuple[str, str]]:
        yield "Deprecation", f"@{int(_midnight(self.since).timestamp())}"
        yield "Sunset", format_datetime(_midnight(self.ends), usegmt=True)
        yield "Link", f'<{self.instead}>; rel="successor-version"'
        yield "Link", f'<{POLICY}>; rel="deprecation"; type="text/html"'

    def sentence(self) -> str:
        return f"It ends on {self.ends.isoformat()}: use `{self.instead}` instead."


def deprecated(*, since: date, ends: date, instead: str) -> Any:
    """The mark of a route that will go. Raises ValueError where its callers get less time than they were promised."""
    if ends - since < NOTICE:
        raise ValueError(
            f"An address is announced {NOTICE.days} days before its end: {since} is too late for {ends}."
        )
    return Depends(Deprecated(since, ends, instead))


def notice_of(route: Any) -> Deprecated | None:
    """What a route says of its end; None: it stays."""
    if not isinstance(route, APIRoute):
        return None
    found = (part.call for part in route.dependant.dependencies)
    return next((call for call in found if isinstance(call, Deprecated)), None)


def headers(scope: Scope) -> Iterator[tuple[str, str]]:
    """What an answer says of its address's end; nothing where the address stays."""
    notice = notice_of(scope.get("route"))
    if notice is not None:
        yield from notice.headers()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
