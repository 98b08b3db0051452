"""Sliding windows in this process's memory, as a storage of the `limits` library.

Its own looks through all callers at every request. Here that happens once a window, so a request costs the same however many
callers there are.
"""

from limits.aio.storage import SlidingWindowCounterSupport, Storage

from sprintreports.kit import clock

_Count = list[int]  # the window that it is of, how many came in it, how many in the one before


class Windows(Storage, SlidingWindowCounterSupport):
    """How many came in the window of now and in the one before, by caller."""

    STORAGE_SCHEME = ["async+sprintreports-windows"]  # noqa: RUF012  # a constant by the library's convention

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, _Count] = {}
        self._swept = 0

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ValueError

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a request unless that would be more than `limit` within the window that ends now."""
        count, left = self._count(key, expiry)
        if int(count[2] * left + count[1]) + amount > limit:
            return False
        count[1] += amount
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Count and remaining seconds of the window before, and of this one."""
        count, left = self._count(key, expiry)
        return count[2], left * expiry if count[2] else 0.0, count[1], (left + 1) * expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002  # the library's signature
        await self.clear(key)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        count, _ = self._count(key, expiry)
        count[1] += amount
        return count[1]

    async def get(self, key: str) -> int:
        return self._counts.get(key, [0, 0, 0])[1]

    async def get_expiry(self, key: str) -> float:  # noqa: ARG002  # the library's signature
        return clock.now().timestamp()

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        known = len(self._counts)
        self._counts.clear()
        return known

    async def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def __len__(self) -> int:
        return len(self._counts)

    def _count(self, key: str, expiry: int) -> tuple[_Count, float]:
        """The caller's count as of now, and which share of the window before still counts."""
        passed = clock.now().timestamp() / expiry
        window = int(passed)
        if window != self._swept:
            self._swept = window
            self._counts = {name: count for name, count in self._counts.items() if count[0] >= window - 1}
        count = self._counts.setdefault(key, [window, 0, 0])
        if count[0] != window:
            count[:] = [window, 0, count[1] if count[0] == window - 1 else 0]
        return count, 1 - (passed - window)
