"""Values that are kept in this process for as long as their version is the current one.

The version is part of the key and read from the database first, so that a value is never older than the row that
names it, in however many processes it is kept.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """The values used last, up to a total weight."""

    def __init__(self, *, most: int, weigh: Callable[[V], int]) -> None:
        self._most = most
        self._weigh = weigh
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._weight = 0

    async def get(self, key: Hashable, make: Callable[[], Awaitable[V]]) -> V:
        """The value kept under the key, else a new one. A value heavier than a quarter of all is not kept."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
            return found[0]
        value = await make()
        weight = 1 + self._weigh(value)
        if weight * 4 <= self._most and key not in self._values:
            self._values[key] = (value, weight)
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._values.popitem(last=False)[1][1]
        return value

    def __len__(self) -> int:
        return len(self._values)

    def clear(self) -> None:
        self._values.clear()
        self._weight = 0
