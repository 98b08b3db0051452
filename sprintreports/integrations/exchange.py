"""One request to a service, through the guard of `kit.http`: bounded, without redirects, every failure a sentence of ours."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote, unquote, urlsplit

import httpx
import msgspec

from sprintreports.integrations.channel import (
    AdminNeeded,
    ChannelError,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from sprintreports.kit import clock, http
from sprintreports.observability import logs

# Nobody sees them, and without them emoji and words of some scripts fall apart.
_JOINERS = "\u200c\u200d"
# For each piece, and for all of an answer: one that drips would hold a place of the worker's for ever.
TIMEOUT = 30.0
UPLOAD_TIMEOUT = 120.0
WHOLE, WHOLE_UPLOAD = 60.0, 300.0
_LARGEST = 10_000_000
_TOLD = 300
_REDIRECT, _UNAUTHENTICATED, _TOO_LARGE, _TIMED_OUT, _TOO_MANY, _SERVER = 300, 401, 413, 408, 429, 500
# Answers of whoever stands in front of the service: behind it, the request may have been carried out.
_IN_FRONT = frozenset({408, 502, 504})
_LONGEST_WAIT = 24 * 3600.0
# It says of itself that it has not begun. Any other failure of a server may have come after the message was taken.
_NOT_BEGUN = 503
_SHORTEST_SECRET = 6
_LONG_PIECE = 12  # shorter pieces of a path are words
_HIDDEN = "(hidden)"
# Before these nothing has left us.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

log = logs.get("integrations")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return self.status < _REDIRECT

    @property
    def text(self) -> str:
        """The beginning of the answer on one line, for sentences."""
        return told(self.body.decode("utf-8", "replace"))

    def json(self) -> dict[str, Any]:
        """The object in the answer; an empty one where there is none."""
        try:
            found = msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return {}
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


class _Endless(Exception):
    """An answer is longer than any that means something."""


class Wire:
    """Requests to one service. asked: it can be asked what became of a request, so that all of them may be repeated."""

    def __init__(
        self, service: str, *, headers: Mapping[str, str] | None = None, asked: bool, timeout: float = TIMEOUT
    ) -> None:
        self.service = service
        self._asked = asked
        self._http = http.client(headers=dict(headers or {}), timeout=timeout, connections=2)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Answer:
        """The answer, whatever its status. Raises AdminNeeded, TryLater, OutcomeUnknown."""
        writes = method not in {"GET", "HEAD"} and not self._asked
        large = bool(files) or len(content or b"") > 1_000_000
        place = "an address that cannot be read"
        try:
            place = urlsplit(url).netloc.rpartition("@")[2]
            request = self._http.build_request(
                method,
                url,
                content=content,
                headers=dict(headers or {}),
                params=dict(params) if params else None,
                data=dict(data) if data else None,
                files=dict(files) if files else None,
                timeout=UPLOAD_TIMEOUT if large else httpx.USE_CLIENT_DEFAULT,
            )
            async with asyncio.timeout(WHOLE_UPLOAD if large else WHOLE):
                answer = await self._received(request)
        except http.AddressRefused as error:
            raise AdminNeeded(error.message) from None
        except (httpx.InvalidURL, ValueError):
            raise AdminNeeded(
                f"The address of {self.service} cannot be read. Enter it again, beginning with https://."
            ) from None
        except _NOT_SENT as error:
            raise TryLater(f"{self.service} cannot be reached at {place} ({_why(error)}).") from None
        except (httpx.TransportError, httpx.DecodingError, _Endless, TimeoutError) as error:
            if writes:
                raise OutcomeUnknown(
                    f"{self.service} broke off before it answered ({_why(error)}), so it may have taken the message. Look "
                    "there, and send it again only if it has not arrived."
                ) from None
            raise TryLater(f"{self.service} broke off before it answered ({_why(error)}).") from None
        log.info("asked", service=self.service, method=method, host=place, status=answer.status)
        self._judge(answer, writes=writes)
        return answer

    async def _received(self, request: httpx.Request) -> Answer:
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _LARGEST:
                    raise _Endless
            return Answer(response.status_code, response.headers, bytes(body))
        finally:
            await response.aclose()

    def _judge(self, answer: Answer, *, writes: bool) -> None:
        """Raises for what means the same at every service; the rest is for who has asked."""
        status = answer.status
        if _REDIRECT <= status < 400:
            raise AdminNeeded(
                f"{self.service} sends us on to {_elsewhere(answer.headers)}. If that is right, enter that address for the connection."
            )
        if status == _UNAUTHENTICATED:
            raise AdminNeeded(
                f"{self.service} does not accept our credentials. Enter new ones for the connection."
            )
        if status == _TOO_LARGE:
            raise Refused(
                f"{self.service} says that this is too large (413). Leave out attachments, or choose a template with fewer "
                "sections."
            )
        if status == _TOO_MANY:
            raise TryLater(
                f"{self.service} asks us to send less at the moment (429).", wait=waited(answer.headers)
            )
        if writes and (status in _IN_FRONT or (status >= _SERVER and status != _NOT_BEGUN)):
            how = "was cut off by a server in front of it" if status in _IN_FRONT else "failed in the middle"
            raise OutcomeUnknown(
                f"{self.service} {how} ({status}), so it may have taken the message. Look there, and send it again only if it has "
                "not arrived."
            )
        if status >= _SERVER or status == _TIMED_OUT:
            raise TryLater(f"{self.service} failed ({status}).", wait=waited(answer.headers))


def refused(service: str, answer: Answer, said: str = "") -> ChannelError:
    """For a 4xx that has no meaning of its own."""
    return Refused(
        f"{service} does not take this ({answer.status}): {said or answer.text or 'it does not say why'}."
    )


def waited(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` asks for, as a number or a date; None where it does not."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return min(float(text), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(0.0, (at - clock.now()).total_seconds()), _LONGEST_WAIT)
    except (ValueError, OverflowError):
        return None


def without(text: str, secret: str) -> str:
    """What a stranger said, without the secret: some servers repeat the address or the password that they were given."""
    for part in sorted(_parts(secret), key=len, reverse=True):
        text = text.replace(part, _HIDDEN)
    return text


def _parts(secret: str) -> Iterator[str]:
    """The secret; of an address that is one, also its path and what stands after the `?`, whole and piece by piece."""
    if len(secret) >= _SHORTEST_SECRET:
        yield secret
    if not secret.startswith(("https://", "http://")):
        return
    parts = urlsplit(secret)
    for whole in (f"{parts.path}?{parts.query}" if parts.query else parts.path, parts.path, parts.query):
        if len(whole) >= _SHORTEST_SECRET:
            yield from {whole, unquote(whole), quote(whole, safe="")}
    yield from (one for one in re.split(r"[/?&=]", f"{parts.path}?{parts.query}") if len(one) >= _LONG_PIECE)


def _elsewhere(headers: Mapping[str, str]) -> str:
    """The place alone of an address that we are sent to: the rest may repeat ours, which may be a secret."""
    try:
        parts = urlsplit(headers.get("location", ""))
    except ValueError:
        return "another address"
    place = parts.netloc.rpartition("@")[2]
    return told(f"{parts.scheme or 'https'}://{place}", 120) if place else "another address"


def told(text: str, most: int = _TOLD) -> str:
    """What a stranger said, on one line and not too long."""
    shown = (letter if letter.isprintable() or letter in _JOINERS else " " for letter in text)
    line = " ".join("".join(shown).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _why(error: Exception) -> str:
    return {
        "ConnectError": "no connection",
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "no answer in time",
        "WriteTimeout": "it stopped reading",
        "TimeoutError": "no whole answer in time",
        "_Endless": "its answer does not end",
    }.get(type(error).__name__, type(error).__name__)
