"""How many requests go to one Jira at once: halved when it says that it is too much, back again bit by bit.

Additive increase, multiplicative decrease, as TCP does it: the width settles just below what the other side bears.
"""

import asyncio
from collections import deque


class Gate:
    """Lets at most `width` in at once, which lies between 1 and `ceiling`."""

    def __init__(self, ceiling: int) -> None:
        self.ceiling: int = ceiling
        self._limit = float(ceiling)
        self._inside = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self.epoch: int = 0

    @property
    def width(self) -> int:
        return max(1, int(self._limit))

    async def __aenter__(self) -> int:
        """Wait for a place. Gives the epoch, for `shrink`."""
        while self._inside >= self.width:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queue.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake()  # the turn may have come just now: it is another's
                raise
            finally:
                if turn in self._queue:
                    self._queue.remove(turn)
        self._inside += 1
        return self.epoch

    async def __aexit__(self, *_: object) -> None:
        self._inside -= 1
        self._wake()

    def shrink(self, epoch: int) -> None:
        """Halve the width. Refusals of requests that had begun before the last halving say nothing new."""
        if epoch == self.epoch:
            self._limit = max(1.0, self._limit / 2)
            self.epoch += 1

    def grow(self) -> None:
        """A request went well: about `width` of them widen the gate by one."""
        self._limit = min(float(self.ceiling), self._limit + 1 / self._limit)

    def _wake(self) -> None:
        free = self.width - self._inside
        for turn in self._queue:
            if free <= 0:
                return
            if not turn.done():
                turn.set_result(None)
                free -= 1
