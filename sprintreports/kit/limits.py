"""How many requests a minute one caller may make: a sliding window, in memory, or in Redis for several processes.

Redis that does not answer stops nobody: this process counts for itself until it does.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from sprintreports.kit import clock
from sprintreports.kit.errors import TooManyRequests
from sprintreports.kit.limit_memory import Windows
from sprintreports.observability import logs
from sprintreports.settings import settings

log = logs.get("kit.limits")

WINDOW_SECONDS = 60
_REDIS_SECONDS = 0.5
_REST_SECONDS = 10.0  # how long Redis is left alone after it did not answer


class TooFast(TooManyRequests):
    """Too many requests in a minute. Wait for as many seconds as Retry-After says, then go on more slowly."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after a request: the headers say so."""

    limit: int
    remaining: int
    reset: int  # seconds until there is more
    passed: bool = True

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit-*` as in the IETF draft's versions that clients know (draft-ietf-httpapi-ratelimit-headers-06)."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={WINDOW_SECONDS}",
        }

    def require(self) -> None:
        """Raises TooFast when the limit has been passed."""
        if not self.passed:
            raise TooFast(retry_after=self.reset)


async def hit(kind: str, caller: str, *, per_minute: int) -> Standing:
    """Count one request of a caller, such as ("user", "7")."""
    item = _item(per_minute)
    shared = _shared()
    if shared is not None and clock.monotonic() >= _Rest.until:
        try:
            return await _hit(shared, item, kind, caller)
        except (StorageError, OSError) as error:
            _Rest.until = clock.monotonic() + _REST_SECONDS
            log.warning("rate_limits_without_redis", error=type(error).__name__)
    return await _hit(_own(), item, kind, caller)


async def dispose() -> None:
    """Close the connections to Redis and begin anew, with the settings of now."""
    pool = _pool() if _pool.cache_info().currsize else None
    for kept in (_own, _shared, _pool):
        kept.cache_clear()
    _Rest.until = 0.0
    if pool is not None:
        await pool.aclose()


class _Rest:
    until = 0.0


async def _hit(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, kind: str, caller: str
) -> Standing:
    passed = await limiter.hit(item, kind, caller)
    stats = await limiter.get_window_stats(item, kind, caller)
    reset = max(1, ceil(stats.reset_time - clock.now().timestamp()))
    return Standing(item.amount, stats.remaining, min(reset, WINDOW_SECONDS), passed)


@cache
def _item(per_minute: int) -> RateLimitItem:
    return RateLimitItemPerMinute(per_minute)


@cache
def _own() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(Windows())


@cache
def _shared() -> SlidingWindowCounterRateLimiter | None:
    pool = _pool()
    if pool is None:
        return None
    options: dict[str, Any] = {"connection_pool": pool}
    storage = RedisStorage(
        f"async+{settings().redis_url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="sprintreports:limits",
        **options,
    )
    return SlidingWindowCounterRateLimiter(storage)


@cache
def _pool() -> ConnectionPool | None:
    url = settings().redis_url
    if not url:
        return None
    options: dict[str, Any] = {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS}
    return ConnectionPool.from_url(url, **options)  # pyright: ignore[reportUnknownMemberType]  # half typed
