"""Where a process's time goes: its own work, or waiting for Jira, for the database, for both.

The event loop sleeps in its selector only when nothing can go on, so the seconds spent there are split by what was
outstanding: an HTTP exchange, a query, or one of each.
"""

import asyncio
import resource
import selectors
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import httpx
import psycopg

T = TypeVar("T")


@dataclass(slots=True)
class Waiting:
    """Seconds asleep, by what was waited for."""

    jira: int = 0
    database: int = 0
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("jira", "database", "both", "other"), 0.0)
    )

    def asleep(self, seconds: float) -> None:
        names = {
            (True, True): "both",
            (True, False): "jira",
            (False, True): "database",
            (False, False): "other",
        }
        self.seconds[names[self.jira > 0, self.database > 0]] += seconds


class _Selector(selectors.DefaultSelector):
    def __init__(self, waiting: Waiting) -> None:
        super().__init__()
        self._waiting = waiting

    def select(self, timeout: float | None = None) -> Any:
        began = time.perf_counter()
        try:
            return super().select(timeout)
        finally:
            self._waiting.asleep(time.perf_counter() - began)


def watched(work: Callable[[Waiting], Awaitable[T]]) -> T:
    """Run work with every wait of its loop accounted for."""
    waiting = Waiting()
    _count(httpx.AsyncClient, "send", waiting, "jira")
    _count(psycopg.AsyncConnection, "wait", waiting, "database")

    def loop() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(_Selector(waiting))

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(_as_coroutine(work(waiting)))


async def _as_coroutine(work: Awaitable[T]) -> T:
    return await work


def _count(owner: type, name: str, waiting: Waiting, what: str) -> None:
    original = getattr(owner, name)

    @wraps(original)
    async def counted(*args: Any, **kwargs: Any) -> Any:
        setattr(waiting, what, getattr(waiting, what) + 1)
        try:
            return await original(*args, **kwargs)
        finally:
            setattr(waiting, what, getattr(waiting, what) - 1)

    setattr(owner, name, counted)


def peak_megabytes() -> float:
    """The most memory that this process has held, and with it the largest of its children that have ended."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(who).ru_maxrss for who in whose) / 1024
