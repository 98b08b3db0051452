"""Open pages learn at once that numbers changed: one listener a web process, one event stream a visible tab.

A stream says only which state of the numbers this process knows of. A tab that shows another one loads its page again as
an ordinary event (docs/decisions/0010), so what somebody may see is decided there and nowhere else. A stream ends with its
session, within a second, and says so: the tab then asks to sign in again instead of showing on what it showed.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from sprintreports.identity import sessions
from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock, listening
from sprintreports.kit.db import transaction
from sprintreports.observability import logs

log = logs.get("ui.live")

PATH = "/live"
# Tabs are told one after another: two hundred that load in one instant would make the same figures two hundred times.
_TABS_A_SECOND = 100
_LONGEST_SPREAD = 2.0
_GAP = 2.5  # between two words to one tab, however much is going on
_BEAT = 20.0  # a word that says nothing, before proxies take the silence for the end
_LONGEST = 1800.0  # then the browser comes again, and is asked who it is
_COME_AGAIN = 2000
_MOST = 2000
_LOOK = 0.5  # between two looks whether the sessions of the open streams still hold
_OVER = b"event: over\ndata: over\n\n"


@dataclass(eq=False, slots=True)
class Ear:
    """One tab's stream: rung at each change, and for good when its session is over."""

    session_id: int | None
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        self.over.set()
        self.bell.set()


class Numbers:
    """Names the state of the numbers as far as this process has heard, and wakes who waits for the next one."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(4)
        self._count = 0
        self._ears: dict[Ear, None] = {}

    @property
    def version(self) -> str:
        """The same for as long as nothing changed. Other processes name the same state differently."""
        return f"{self._process}-{self._count}"

    @property
    def watching(self) -> int:
        """How many tabs are told."""
        return len(self._ears)

    def changed(self) -> None:
        """From now on there is another state; those who watch are told one after another."""
        self._count += 1
        loop = asyncio.get_running_loop()
        for place, ear in enumerate(self._ears):
            if place:
                loop.call_later(min(place / _TABS_A_SECOND, _LONGEST_SPREAD), ear.bell.set)
            else:
                ear.bell.set()

    def sessions(self) -> set[int]:
        """The sessions that have a stream here."""
        return {ear.session_id for ear in self._ears if ear.session_id is not None}

    def end(self, session_ids: Collection[int]) -> None:
        """End the streams of these sessions at once."""
        for ear in list(self._ears):
            if ear.session_id in session_ids:
                ear.end()

    @contextmanager
    def watch(self, session_id: int | None = None) -> Iterator[Ear]:
        """An ear whose bell is set at each change, after its turn has come."""
        ear = Ear(session_id)
        self._ears[ear] = None
        try:
            yield ear
        finally:
            del self._ears[ear]


numbers = Numbers()
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def live(request: Request) -> Response:
    """The stream of a signed-in tab. Others get nothing, which also tells their browser not to come again at once."""
    async with transaction() as session:
        found = await sessions.resolve(
            session, sessions.cookie_of(request.cookies), now=clock.now(), notes=False
        )
    if found is None or not found.viewer.can(Permission.SPRINTS_READ) or numbers.watching >= _MOST:
        return Response(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        words(numbers, session_id=found.id), media_type="text/event-stream", headers=headers
    )


async def words(
    of: Numbers, *, session_id: int | None = None, gap: float = _GAP, beat: float = _BEAT
) -> AsyncGenerator[bytes]:
    """What a tab is told: the state that is known now, then each later one, never more often than once a `gap`."""
    ends = clock.monotonic() + _LONGEST
    yield b"retry: %d\n\n" % _COME_AGAIN
    with of.watch(session_id) as ear:
        while clock.monotonic() < ends and not ear.over.is_set():
            ear.bell.clear()
            yield b"data: %s\n\n" % of.version.encode()
            await _rung(ear.over, seconds=gap)
            while clock.monotonic() < ends and not ear.over.is_set():
                if await _rung(ear.bell, seconds=beat):
                    break
                yield b":\n\n"
        if ear.over.is_set():
            yield _OVER


async def _rung(bell: asyncio.Event, *, seconds: float) -> bool:
    """Wait for a bell, but no longer than this. Whether it rang."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await bell.wait()
    return False


@asynccontextmanager
async def listening_to_numbers() -> AsyncIterator[None]:
    """Around the web process's life: hear of what workers have computed."""
    tasks = (
        asyncio.create_task(listening.listen(listening.NUMBERS, lambda _: numbers.changed())),
        asyncio.create_task(_end_with_sessions(numbers)),
    )
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _end_with_sessions(of: Numbers) -> None:
    """Sessions end in other processes too, and by the clock alone: so it is looked, while there is a stream at all."""
    while True:
        await asyncio.sleep(_LOOK)
        open_now = of.sessions()
        if not open_now:
            continue
        try:
            async with transaction() as session:
                of.end(open_now - await sessions.holding(session, open_now, now=clock.now()))
        except (SQLAlchemyError, OSError) as error:
            log.warning("sessions_not_looked_at", error=str(error))
