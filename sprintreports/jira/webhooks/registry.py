"""Jira Cloud's register of dynamic webhooks, for apps that came in by OAuth 2.0: list, register, refresh, delete, failures.

Limits (Atlassian's specification and guide): five webhooks of an app and person in a site, all at one address; only events
of issues, comments and properties; a filter that knows few fields and `=`, `!=`, `IN`, `NOT IN`; 30 days.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import msgspec

from sprintreports.jira.client import answers
from sprintreports.jira.errors import (
    JiraAnswerInvalid,
    JiraNotAllowed,
    JiraRefused,
    JiraUnreachable,
    PagerNeverEnds,
)
from sprintreports.jira.payloads import decode
from sprintreports.kit import http
from sprintreports.settings import settings

T = TypeVar("T")

PATH = "/rest/api/3/webhook"
EVENTS = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted")
_PAGE = 100
_MOST_PAGES = 20


class Hook(msgspec.Struct, frozen=True):
    """A webhook as Jira lists it."""

    id: int
    jql: str = msgspec.field(name="jqlFilter", default="")
    url: str = ""
    events: tuple[str, ...] = ()
    expires: int | str | None = msgspec.field(name="expirationDate", default=None)

    @property
    def expires_at(self) -> datetime | None:
        return moment(self.expires)


class _Page(msgspec.Struct, frozen=True):
    values: tuple[Hook, ...] = ()
    is_last: bool = msgspec.field(name="isLast", default=True)


class _Registered(msgspec.Struct, frozen=True):
    id: int | None = msgspec.field(name="createdWebhookId", default=None)
    errors: tuple[str, ...] = ()


class _Results(msgspec.Struct, frozen=True):
    results: tuple[_Registered, ...] = msgspec.field(name="webhookRegistrationResult", default=())


class _Expiration(msgspec.Struct, frozen=True):
    expires: int | str | None = msgspec.field(name="expirationDate", default=None)


class Failure(msgspec.Struct, frozen=True):
    """A delivery that Jira gave up."""

    id: str
    url: str
    time: int = msgspec.field(name="failureTime")


class _Failures(msgspec.Struct, frozen=True):
    values: tuple[Failure, ...] = ()


class Registry:
    """One site's register, below Atlassian's gateway. Nothing is repeated here: registering twice makes two."""

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport) -> None:
        self._base_url = base_url
        self._http = http.client(timeout=settings().jira_timeout_seconds, transport=transport)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def listing(self) -> list[Hook]:
        """All webhooks that this app has registered in the site. Raises a JiraError."""
        found: list[Hook] = []
        for _ in range(_MOST_PAGES):
            query = {"startAt": len(found), "maxResults": _PAGE}
            page = await self._decoded("GET", PATH, _Page, params=query)
            found += page.values
            if page.is_last or not page.values:
                return found
        raise PagerNeverEnds(PATH, "it announces ever more webhooks")

    async def register(self, *, url: str, jql: str) -> int:
        """A new webhook's id. Raises JiraRefused with Jira's own reasons."""
        wanted = {"events": list(EVENTS), "jqlFilter": jql}
        answer = await self._decoded("POST", PATH, _Results, body={"url": url, "webhooks": [wanted]})
        result = answer.results[0] if answer.results else _Registered()
        if result.id is None:
            reasons = " ".join(result.errors) or "It gave no reason."
            raise JiraRefused(f"Jira did not register the webhook. It says: {reasons}")
        return result.id

    async def refresh(self, hook_id: int) -> datetime | None:
        """Thirty more days; until when. Raises a JiraError, JiraRefused if it is gone."""
        answer = await self._decoded("PUT", f"{PATH}/refresh", _Expiration, body={"webhookIds": [hook_id]})
        return moment(answer.expires)

    async def delete(self, hook_ids: Sequence[int]) -> None:
        """Take webhooks back; unknown ones are ignored by Jira. Raises a JiraError."""
        if hook_ids:
            response = await self._send("DELETE", PATH, body={"webhookIds": list(hook_ids)})
            if not response.is_success:
                raise answers.failure_of(response, base_url=self._base_url, endpoint=PATH)

    async def failures(self, *, after: datetime) -> list[Failure]:
        """Deliveries given up since then: one page, the oldest first. Raises a JiraError."""
        query = {"after": int(after.timestamp() * 1000), "maxResults": _PAGE}
        return list((await self._decoded("GET", f"{PATH}/failed", _Failures, params=query)).values)

    async def _decoded(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> T:
        response = await self._send(method, path, params=params, body=body)
        return decode(answers.body_of(response, base_url=self._base_url, endpoint=path), kind, path)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> httpx.Response:
        headers = {"Accept": "application/json"}
        content = None if body is None else msgspec.json.encode(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            return await self._http.request(
                method, self._base_url + path, params=params, content=content, headers=headers
            )
        except http.AddressRefused as error:
            raise JiraNotAllowed(error.message) from None
        except httpx.TransportError as error:
            sentence = answers.unreachable_sentence(self._base_url, path, error)
            raise JiraUnreachable(sentence) from None


def moment(value: int | str | None) -> datetime | None:
    """Milliseconds, as the specification says, or text, as its examples show. Raises JiraAnswerInvalid."""
    if value is None:
        return None
    try:
        if isinstance(value, int):
            return datetime.fromtimestamp(value / 1000, UTC)
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise JiraAnswerInvalid(PATH, "it names an expiry that is no moment") from None
