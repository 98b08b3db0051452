"""Routes that work for seconds without the database: transactions before and after, none meanwhile.

Whoever asks is let in as at every route. What is written in the last step is written by who they are then, once for each
`Idempotency-Key`, and together with the answer that is kept under it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from fastapi import Depends, Request

from sprintreports.api import repeating
from sprintreports.api.door import ApiKey, Asked, Bearer, Cookie, Needs
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import Unavailable

T = TypeVar("T")


class NobodyWaits(Unavailable):
    """Whoever asked for this has hung up, so the work on it was ended. Ask again."""


class NeedsInSteps(Needs):
    """A route's permission, where the route opens its transactions itself."""

    async def __call__(
        self, request: Request, bearer: Bearer, api_key: ApiKey, cookie: Cookie
    ) -> AsyncIterator[Any]:
        async with self.admitted(request, bearer=bearer, api_key=api_key, cookie=cookie) as asked:
            viewer, now = asked.viewer, asked.now
        repeating.let_go(request)
        yield Steps(self, request, viewer, now, _Shown(bearer, api_key, cookie))


@dataclass(frozen=True, slots=True)
class _Shown:
    """What somebody has shown to be let in."""

    bearer: str | None
    api_key: str | None
    cookie: str | None


@dataclass(frozen=True, slots=True)
class Steps:
    """Who asks, when, and the steps of their request."""

    rule: Needs
    request: Request
    viewer: Viewer
    now: datetime
    shown: _Shown

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Asked]:
        """A transaction of its own."""
        async with transaction() as session:
            yield Asked(session, self.viewer, self.now)

    async def last(self) -> Asked:
        """The transaction that lasts until the answer is made. Raises what the door raises."""
        stack: AsyncExitStack = self.request.scope["fastapi_function_astack"]
        shown = self.shown
        return await stack.enter_async_context(
            self.rule.admitted(
                self.request, bearer=shown.bearer, api_key=shown.api_key, cookie=shown.cookie, again=True
            )
        )

    async def beside(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work comes to, while somebody waits for it. Raises NobodyWaits, and what the work raises."""
        running = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(_gone(self.request))
        try:
            await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                raise NobodyWaits
            return running.result()
        finally:
            for one in (running, gone):
                one.cancel()


def in_steps(permission: Permission) -> Any:
    """The dependency of a route: `steps: Annotated[Steps, in_steps(Permission.QUEUES_WRITE)]`."""
    return Depends(NeedsInSteps(permission, programs=False), scope="function")


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
