"""Requests to one Jira: signed in, paced, retried within bounds, and every failure turned into a sentence."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from sprintreports.jira.client import answers, pace
from sprintreports.jira.client.credentials import Credentials
from sprintreports.jira.client.gate import Gate
from sprintreports.jira.errors import JiraError, JiraNotAllowed, JiraRateLimited, JiraUnreachable
from sprintreports.jira.payloads import decode
from sprintreports.kit import clock
from sprintreports.kit.http import AddressRefused
from sprintreports.observability import counters, logs

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

ATTEMPTS = 5
PATIENCE_SECONDS = 120.0
_MAX_REDIRECTS = 3
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_TOO_MANY = 429
_NO_GAPS = pace.Gaps()
_NUMBER = re.compile(r"(?<!/api)/\d+(?=/|$)")
_JSON = (b"Content-Type", b"application/json")
_KEY = re.compile(r"(?<=/issue/)[^/?]+")

log = logs.get("jira.client")


def endpoint_of(path: str) -> str:
    """The path with ids replaced: what errors, logs and counters name a request by."""
    return _NUMBER.sub("/{id}", path) if "/issue/" not in path else _KEY.sub(_name_key, path)


def _name_key(match: re.Match[str]) -> str:
    return match.group() if match.group() in ("bulkfetch", "picker") else "{key}"


class Transport:
    """Sends requests to one Jira, at most `concurrency` at once. All requests read, so all may be repeated."""

    def __init__(
        self,
        http: httpx.AsyncClient,  # noqa: TID251  # a type here; kit.http.client made it
        *,
        base_url: str,
        credentials: Credentials,
        concurrency: int = 4,
        sleep: Sleep = asyncio.sleep,
        patience: float = PATIENCE_SECONDS,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.base_url: str = base_url.rstrip("/")
        self._http = http
        self._headers = _signed(http, credentials)
        self._timeout = {"timeout": http.timeout.as_dict()}
        self._gate = Gate(concurrency)
        self._sleep = sleep
        self._patience = patience
        self._attempts = attempts
        self._pace = pace.Pace()
        self.requests: int = 0
        self.waited: float = 0.0
        self.seconds_ahead: float | None = None

    async def get(self, path: str, type_: type[T], params: Mapping[str, Any] | None = None) -> T:
        """GET and parse. Raises a JiraError."""
        return decode(await self._send("GET", path, params=dict(params or {})), type_, endpoint_of(path))

    async def post(self, path: str, type_: type[T], body: Mapping[str, Any], *, strict: bool = True) -> T:
        """POST a question (never a change) and parse the answer (`strict`: see decode). Raises a JiraError."""
        content = msgspec.json.encode(body)
        answer = await self._send("POST", path, content=content)
        return decode(answer, type_, endpoint_of(path), strict=strict)

    @property
    def traffic(self) -> pace.Traffic:
        """What was asked so far, and how the pace is."""
        return pace.Traffic(self.requests, round(self.waited, 1), self._gate.width, self._gate.ceiling)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _send(
        self, method: str, path: str, *, params: dict[str, Any] | None = None, content: bytes | None = None
    ) -> bytes:
        endpoint = endpoint_of(path)
        waited = 0.0
        for attempt in range(1, self._attempts + 1):
            async with self._gate as epoch:
                waited += await self._hold_back(endpoint)
                outcome = await self._try(method, path, endpoint, epoch, params=params, content=content)
            if isinstance(outcome, bytes):
                return outcome
            failure, wait = outcome
            wait = max(pace.back_off(attempt), wait or 0.0)  # Data Center says "0" where it asks for nothing
            if isinstance(failure, JiraRateLimited):
                failure.retry_after = wait
            if attempt == self._attempts or waited + wait > self._patience:
                log.warning("jira_request_failed", endpoint=endpoint, attempts=attempt, error=failure.message)
                raise failure
            log.info("jira_request_retried", endpoint=endpoint, attempt=attempt, wait_seconds=round(wait, 2))
            await self._rest(wait)
            waited += wait
        raise AssertionError("the loop returns or raises")  # pragma: no cover

    async def _hold_back(self, endpoint: str) -> float:
        held = self._pace.wait(endpoint, now=clock.monotonic())
        if held > self._patience:
            raise JiraRateLimited(answers.rate_limited_sentence(self.base_url, held), retry_after=held)
        wait = self._pace.reserve(endpoint, now=clock.monotonic())
        if wait:
            await self._rest(wait)
        return wait

    async def _rest(self, seconds: float) -> None:
        self.waited += seconds
        await self._sleep(seconds)

    async def _try(
        self,
        method: str,
        path: str,
        endpoint: str,
        epoch: int,
        *,
        params: dict[str, Any] | None,
        content: bytes | None,
    ) -> bytes | tuple[JiraError, float | None]:
        """The body, or a failure that may be tried again and the seconds that Jira asks for. Raises other failures."""
        self.requests += 1
        try:
            response = await self._request(method, self.base_url + path, params=params, content=content)
        except AddressRefused as error:
            counters.JIRA_REQUESTS.labels(endpoint, type(error).__name__).inc()
            raise JiraNotAllowed(error.message) from None
        except httpx.TransportError as error:
            counters.JIRA_REQUESTS.labels(endpoint, type(error).__name__).inc()
            return JiraUnreachable(answers.unreachable_sentence(self.base_url, endpoint, error)), None
        counters.JIRA_REQUESTS.labels(endpoint, response.status_code).inc()
        self.seconds_ahead = pace.seconds_ahead(response.headers, now=clock.now())
        self._pace.space(endpoint, _gaps(response), now=clock.monotonic())
        if response.status_code in _RETRIED:
            failure = answers.failure_of(response, base_url=self.base_url, endpoint=endpoint)
            return failure, self._note_limit(response, endpoint, epoch)
        self._gate.grow()
        return answers.body_of(response, base_url=self.base_url, endpoint=endpoint)

    def _note_limit(self, response: httpx.Response, endpoint: str, epoch: int) -> float | None:
        wait = pace.asked_wait(response.headers, now=clock.now())
        if response.status_code == _TOO_MANY:
            self._gate.shrink(epoch)
            if wait:
                everything = pace.concerns_all(response.headers.get("RateLimit-Reason"))
                everything = everything or pace.is_bucket(response.headers)
                self._pace.hold(endpoint, until=clock.monotonic() + wait, everything=everything)
        return wait

    async def _request(
        self, method: str, url: str, *, params: dict[str, Any] | None, content: bytes | None
    ) -> httpx.Response:
        """One exchange. A redirect is followed within the same origin only: credentials stay where they belong."""
        asked = httpx.URL(f"{url}?{httpx.QueryParams(params)}" if params else url)
        response = await self._exchange(method, asked, content)
        for _ in range(_MAX_REDIRECTS):
            if not response.is_redirect:
                break
            target = response.url.join(response.headers.get("Location", ""))
            if not _same_origin(str(target), url) or answers.looks_like_sign_in(str(target)):
                break
            response = await self._exchange(method, target, content)
        return response

    async def _exchange(self, method: str, url: httpx.URL, content: bytes | None) -> httpx.Response:
        """The request is made here: all that the client would look up for each one is the same for all."""
        request = httpx.Request(
            method,
            url,
            headers=self._headers if content is None else [*self._headers, _JSON],
            cookies=self._http.cookies,
            content=content,
            extensions=self._timeout,
        )
        return await self._http.send(request)


def _signed(
    http: httpx.AsyncClient,  # noqa: TID251  # a type here
    credentials: Credentials,
) -> list[tuple[bytes, bytes]]:
    own = {"Accept": "application/json", "Authorization": credentials.header()}
    headers = httpx.Headers(http.headers)
    headers.update(own)
    return headers.raw


def _gaps(response: httpx.Response) -> pace.Gaps:
    """Most answers say nothing of limits. To look for each header by its name would take longer than to see that."""
    if pace.says_limits(name.lower() for name, _ in response.headers.raw):
        return pace.gaps(response.headers, now=clock.now())
    return _NO_GAPS


def _same_origin(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.hostname, first.port) == (second.scheme, second.hostname, second.port)
