"""Webhooks as Jira sends them: signed, tried again, each delivery with an identifier that its retries share.

On demand also as the network brings them: twice, out of order, many at once.
"""

import asyncio
import hashlib
import hmac
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import httpx
import msgspec

from sprintreports.demo.app_tokens import bearer
from sprintreports.kit import addresses, http

_RETRIES = 5
_PASSING = frozenset({408, 409, 425, 429})
_SERVER_ERRORS = 500
_TIMEOUT = 20.0
_ON_THIS_MACHINE = addresses.parse(("127.0.0.0/8", "::1", "localhost"))
LIFETIME_DAYS = 30
_DAY = 86_400.0


class _Client(Protocol):
    async def post(self, url: str, *, content: bytes, headers: dict[str, str]) -> httpx.Response: ...


class Delivery(msgspec.Struct, forbid_unknown_fields=True):
    """How to deliver. `duplicates`: the share that comes twice; `lost`: the share that never comes.

    `hold`: keep the letters until somebody lets them go.
    """

    duplicates: float = 0.0
    lost: float = 0.0
    disorder: bool = False
    concurrency: int = 8
    retry_seconds: float = 0.2
    hold: bool = False
    seed: int = 1


@dataclass(slots=True)
class Hook:
    """Who wants to hear of what. No events: of all. `expires`: dynamic ones end unless they are refreshed."""

    id: int
    url: str
    secret: str = ""
    events: frozenset[str] = frozenset()
    identifier: bool = True
    jql: str = ""
    expires: float | None = None
    app_secret: str = ""  # whose app registered it: its letters carry a token signed with this

    def wants(self, event: str) -> bool:
        alive = self.expires is None or self.expires > time.time()
        return alive and (not self.events or event in self.events)


@dataclass(frozen=True, slots=True)
class Letter:
    hook: Hook
    identifier: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """A letter that never arrived, and when that was given up, in milliseconds."""

    at: int
    letter: Letter


@dataclass(slots=True)
class Tally:
    """`letters`: different deliveries; `sent`: requests made; `accepted`, `refused`, `lost`: how sendings ended."""

    letters: int = 0
    sent: int = 0
    accepted: int = 0
    refused: int = 0
    lost: int = 0
    pending: int = 0


@dataclass(slots=True)
class Postman:
    """Knows the hooks, holds the letters, brings them."""

    seed: str
    hooks: dict[int, Hook] = field(default_factory=dict[int, Hook])
    tally: Tally = field(default_factory=Tally)
    failures: list[Failure] = field(default_factory=list[Failure])
    _held: list[Letter] = field(default_factory=list[Letter])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _number: int = 0

    def add(self, url: str, **options: object) -> Hook:
        number = max(self.hooks, default=1000) + 1
        hook = self.hooks[number] = Hook(number, url)
        for name, value in options.items():
            setattr(hook, name, value)
        return hook

    def refresh(self, hook: Hook) -> None:
        hook.expires = time.time() + LIFETIME_DAYS * _DAY

    def age(self, days: float) -> None:
        """As if so many days had passed for the hooks that expire."""
        for hook in self.hooks.values():
            if hook.expires is not None:
                hook.expires -= days * _DAY

    def wanted(self, event: str) -> bool:
        return any(hook.wants(event) for hook in self.hooks.values())

    def write(self, event: str, body: str, matches: Callable[[str], bool]) -> None:
        """A letter to everybody who wants to hear of it, with the rest that is held."""
        for hook in self.hooks.values():
            if hook.wants(event) and (not hook.jql or matches(hook.jql)):
                self._number += 1
                name = hashlib.sha256(f"{self.seed}/{hook.id}/{self._number}".encode()).hexdigest()[:32]
                matched = f',"matchedWebhookIds":[{hook.id}]}}' if hook.jql else "}"
                self._held.append(Letter(hook, name, (body[:-1] + matched).encode()))
                self.tally.letters += 1

    def bring(self, how: Delivery) -> None:
        """Send what is held, in the background."""
        letters, self._held = self._held, []
        rng = random.Random(f"{how.seed}/delivery")
        if how.lost:
            kept = [letter for letter in letters if rng.random() >= how.lost]
            self.tally.lost += len(letters) - len(kept)
            arriving = set(map(id, kept))
            for letter in letters:
                if id(letter) not in arriving:
                    self._fail(letter)
            letters = kept
        letters += [letter for letter in letters if rng.random() < how.duplicates]
        if how.disorder:
            rng.shuffle(letters)
        if not letters:
            return
        self.tally.pending += len(letters)
        task = asyncio.get_running_loop().create_task(self._deliver(letters, how))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, letters: list[Letter], how: Delivery) -> None:
        lanes = asyncio.Semaphore(max(1, how.concurrency))
        most = max(1, how.concurrency)
        async with http.client(timeout=_TIMEOUT, connections=most, allowed=_ON_THIS_MACHINE) as client:

            async def one(letter: Letter) -> None:
                async with lanes:
                    await self._send(client, letter, how)

            if how.concurrency <= 1:
                for letter in letters:
                    await one(letter)
            else:
                await asyncio.gather(*(one(letter) for letter in letters))

    async def _send(self, client: _Client, letter: Letter, how: Delivery) -> None:
        tally = self.tally
        for attempt in range(_RETRIES + 1):
            if attempt:
                await asyncio.sleep(how.retry_seconds * 2 ** (attempt - 1))
            tally.sent += 1
            try:
                answer = await client.post(
                    letter.hook.url, content=letter.body, headers=_headers(letter, attempt)
                )
            except httpx.TransportError:
                continue
            if answer.status_code < httpx.codes.BAD_REQUEST:
                tally.accepted += 1
                break
            if answer.status_code not in _PASSING and answer.status_code < _SERVER_ERRORS:
                tally.refused += 1
                self._fail(letter)
                break
        else:
            tally.lost += 1
            self._fail(letter)
        tally.pending -= 1

    def _fail(self, letter: Letter) -> None:
        self.failures.append(Failure(time.time_ns() // 1_000_000, letter))


def _headers(letter: Letter, attempt: int) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "User-Agent": "Atlassian Webhook HTTP Client",
    }
    if letter.hook.identifier:
        headers["X-Atlassian-Webhook-Identifier"] = letter.identifier
    if attempt:
        headers["X-Atlassian-Webhook-Retry"] = str(attempt)
    if letter.hook.secret:
        headers["X-Hub-Signature"] = signature(letter.hook.secret, letter.body)
    if letter.hook.app_secret:
        headers["Authorization"] = bearer(letter.hook.app_secret)
    return headers


def signature(secret: str, body: bytes) -> str:
    """What Jira puts into X-Hub-Signature."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
