"""A second process beside the run's own: it does pages of stored work in transactions of its own, while the first goes on.

What it does not do, for whatever reason, the first one does: a run needs no helper, and is only quicker with one.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs

log = logs.get("jira.sync")


class HelperGone(SprintReportsError):
    """The second process of this work has ended. The work goes on without it."""


class ReadPage(msgspec.Struct, frozen=True, tag="read"):
    """Read the stored issues after one id up to another (None: the last) again. Answered with 0."""

    site_id: int
    after: str
    upto: str | None
    now: datetime


class ComputeFacts(msgspec.Struct, frozen=True, tag="facts"):
    """Compute some touched sprints' numbers. Answered with how many are left."""

    site_id: int
    limit: int
    now: datetime


Order: TypeAlias = ReadPage | ComputeFacts


class Helper(Protocol):
    """The second process, as the first one sees it."""

    async def do(self, order: Order) -> int:
        """Have an order carried out. Raises HelperGone when that cannot be."""
        ...

    async def close(self) -> None:
        """Let it finish what it does, and end."""
        ...


OpenHelper: TypeAlias = Callable[[], Awaitable[Helper | None]]


class Beside:
    """A run's helper, started when there is enough to do for two. A third process on two cores was slower."""

    def __init__(self, open_helper: OpenHelper | None = None) -> None:
        self._open = open_helper
        self._helper: Helper | None = None

    async def helper(self, *, enough: bool) -> Helper | None:
        """The helper; None where there is too little to do, or none to be had."""
        if self._helper is None and enough and self._open is not None:
            try:
                self._helper = await self._open()
            except OSError as error:
                log.warning("sync_without_helper", error=str(error))
            self._open = None
        return self._helper

    def lose(self) -> None:
        """It does not answer any more: go on without it."""
        log.warning("sync_helper_gone")
        self._helper = None

    async def close(self) -> None:
        """Let it end, before somebody else works on the site."""
        if self._helper is not None:
            await self._helper.close()
            self._helper = None
