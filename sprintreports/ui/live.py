"""Open pages learn at once that numbers changed: one listener a web process, one event stream a visible tab.

A stream says only which state of the numbers this process knows of. A tab that shows another one loads its page again as
an ordinary event (docs/decisions/0010), so what somebody may see is decided there and nowhere else.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from sprintreports.identity import sessions
from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock, listening
from sprintreports.kit.db import transaction

PATH = "/live"
# Tabs are told one after another: two hundred that load in one instant would make the same figures two hundred times.
_TABS_A_SECOND = 100
_LONGEST_SPREAD = 2.0
_GAP = 2.5  # between two words to one tab, however much is going on
_BEAT = 20.0  # a word that says nothing, before proxies take the silence for the end
_LONGEST = 1800.0  # then the browser comes again, and is asked who it is
_COME_AGAIN = 2000
_MOST = 2000


class Numbers:
    """Names the state of the numbers as far as this process has heard, and wakes who waits for the next one."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(4)
        self._count = 0
        self._bells: dict[asyncio.Event, None] = {}

    @property
    def version(self) -> str:
        """The same for as long as nothing changed. Other processes name the same state differently."""
        return f"{self._process}-{self._count}"

    @property
    def watching(self) -> int:
        """How many tabs are told."""
        return len(self._bells)

    def changed(self) -> None:
        """From now on there is another state; those who watch are told one after another."""
        self._count += 1
        loop = asyncio.get_running_loop()
        for place, bell in enumerate(self._bells):
            if place:
                loop.call_later(min(place / _TABS_A_SECOND, _LONGEST_SPREAD), bell.set)
            else:
                bell.set()

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event that is set at each change, after its turn has come."""
        bell = asyncio.Event()
        self._bells[bell] = None
        try:
            yield bell
        finally:
            del self._bells[bell]


numbers = Numbers()
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def live(request: Request) -> Response:
    """The stream of a signed-in tab. Others get nothing, which also tells their browser not to come again at once."""
    async with transaction() as session:
        found = await sessions.resolve(session, request.cookies.get(sessions.COOKIE_NAME), now=clock.now())
    if found is None or not found.viewer.can(Permission.SPRINTS_READ) or numbers.watching >= _MOST:
        return Response(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(words(numbers), media_type="text/event-stream", headers=headers)


async def words(of: Numbers, *, gap: float = _GAP, beat: float = _BEAT) -> AsyncGenerator[bytes]:
    """What a tab is told: the state that is known now, then each later one, never more often than once a `gap`."""
    ends = clock.monotonic() + _LONGEST
    yield b"retry: %d\n\n" % _COME_AGAIN
    with of.watch() as bell:
        while clock.monotonic() < ends:
            bell.clear()
            yield b"data: %s\n\n" % of.version.encode()
            await asyncio.sleep(gap)
            while clock.monotonic() < ends:
                with suppress(TimeoutError):
                    async with asyncio.timeout(beat):
                        await bell.wait()
                    break
                yield b":\n\n"


@asynccontextmanager
async def listening_to_numbers() -> AsyncIterator[None]:
    """Around the web process's life: hear of what workers have computed."""
    task = asyncio.create_task(listening.listen(listening.NUMBERS, lambda _: numbers.changed()))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
