"""Open planners learn at once that somebody edited their queue, and who else has it open.

A tab listens to one queue. What it hears names a state and nothing more: what changed is asked for as an ordinary event,
which decides what the tab may see. Each process tells the others which accounts its tabs belong to.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from sprintreports.identity import sessions
from sprintreports.identity.permissions import Permission
from sprintreports.kit import clock, listening
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import NotFound
from sprintreports.observability import logs
from sprintreports.planning.queues import store
from sprintreports.ui.links import identifier
from sprintreports.ui.live import Numbers, words

log = logs.get("ui.live_queues")

PATH = "/live/queue"
PRESENCE = "sprintreports_planners"  # said of which queue a process has open for whom
_GAP = 0.05  # between two words to one tab
_MOST = 1000
_TELL = 20.0  # how often a process says again who is there
_GONE = 50.0  # what was not said again for so long is over
_LOOK = 1.0


class Rooms:
    """The tabs of this process by queue, and the accounts that have a queue open in all processes."""

    def __init__(self) -> None:
        self.process = secrets.token_hex(4)
        self._rooms: dict[int, Numbers] = {}
        self._here: dict[int, Counter[int]] = {}
        self._elsewhere: dict[tuple[int, str], tuple[frozenset[int], float]] = {}

    @property
    def watching(self) -> int:
        return sum(room.watching for room in self._rooms.values())

    def version(self, queue_id: int) -> str:
        """The state of a queue as far as this process has heard."""
        room = self._rooms.get(queue_id)
        return room.version if room else ""

    def changed(self, queue_id: int) -> None:
        """Somebody changed this queue, or came or went."""
        room = self._rooms.get(queue_id)
        if room is not None:
            room.changed()

    def all_changed(self) -> None:
        """Something may have been missed."""
        for queue_id in list(self._rooms):
            self.changed(queue_id)

    def people(self, queue_id: int) -> frozenset[int]:
        """The accounts that have the queue open."""
        now = clock.monotonic()
        found = set(self._here.get(queue_id, ()))
        for (queue, _), (who, at) in self._elsewhere.items():
            if queue == queue_id and now - at < _GONE:
                found |= who
        return frozenset(found)

    def said(self, payload: str) -> None:
        """What a process told about who has a queue open there."""
        process, _, rest = payload.partition(" ")
        queue, *who = rest.split(" ")
        queue_id = identifier(queue)
        if process == self.process or queue_id is None:
            return
        before = self.people(queue_id)
        users = frozenset(found for one in who if (found := identifier(one)) is not None)
        if users:
            self._elsewhere[queue_id, process] = users, clock.monotonic()
        else:
            self._elsewhere.pop((queue_id, process), None)
        if self.people(queue_id) != before:
            self.changed(queue_id)

    def sayings(self) -> list[str]:
        """What this process tells the others."""
        return [self.saying(queue_id) for queue_id in self._here]

    def saying(self, queue_id: int) -> str:
        who = sorted(self._here.get(queue_id, ()))
        return " ".join([self.process, str(queue_id), *map(str, who)])

    def sessions(self) -> set[int]:
        return {session_id for room in self._rooms.values() for session_id in room.sessions()}

    def end(self, session_ids: set[int]) -> None:
        for room in self._rooms.values():
            room.end(session_ids)

    async def stream(self, queue_id: int, *, user_id: int, session_id: int) -> AsyncGenerator[bytes]:
        """What a tab hears while it has the queue open."""
        room = self._rooms.setdefault(queue_id, Numbers())
        self._here.setdefault(queue_id, Counter())[user_id] += 1
        await self._arrived(queue_id)
        try:
            async with aclosing(words(room, session_id=session_id, gap=_GAP)) as heard:
                async for word in heard:
                    yield word
        finally:
            self._leave(queue_id, user_id)

    async def _arrived(self, queue_id: int) -> None:
        self.changed(queue_id)
        await _tell([self.saying(queue_id)])

    def _leave(self, queue_id: int, user_id: int) -> None:
        here = self._here[queue_id]
        here[user_id] -= 1
        if not here[user_id]:
            del here[user_id]
        self.changed(queue_id)
        saying = self.saying(queue_id)
        if not here:
            del self._here[queue_id]
            del self._rooms[queue_id]
        task = asyncio.get_running_loop().create_task(_tell([saying]))
        _telling.add(task)
        task.add_done_callback(_telling.discard)


rooms = Rooms()
router = APIRouter(include_in_schema=False)
_telling: set[asyncio.Task[None]] = set()


@router.get(PATH)
async def live(request: Request, queue: str = "") -> Response:
    """The stream of a planner's tab. Who may not see the queue gets nothing."""
    async with transaction() as session:
        found = await sessions.resolve(
            session, sessions.cookie_of(request.cookies), now=clock.now(), notes=False
        )
        queue_id = identifier(queue)
        may = found is not None and found.viewer.can(Permission.QUEUES_READ) and queue_id is not None
        if found is None or queue_id is None or not may or rooms.watching >= _MOST:
            return Response(status_code=204)
        try:
            await store.one(session, found.viewer, queue_id)
        except NotFound:
            return Response(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = rooms.stream(queue_id, user_id=found.viewer.user_id, session_id=found.id)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


@asynccontextmanager
async def listening_to_queues() -> AsyncIterator[None]:
    """Around the web process's life: hear of edits, of who is there, and of sessions that are over."""
    tasks = (
        asyncio.create_task(listening.listen(store.CHANNEL, _heard)),
        asyncio.create_task(listening.listen(PRESENCE, rooms.said)),
        asyncio.create_task(_keep_up()),
    )
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _heard(payload: str) -> None:
    queue_id = identifier(payload)
    if queue_id is None:
        rooms.all_changed()
    else:
        rooms.changed(queue_id)


async def _keep_up() -> None:
    told = clock.monotonic()
    while True:
        await asyncio.sleep(_LOOK)
        if clock.monotonic() - told >= _TELL:
            told = clock.monotonic()
            await _tell(rooms.sayings())
        open_now = rooms.sessions()
        if not open_now:
            continue
        try:
            async with transaction() as session:
                rooms.end(open_now - await sessions.holding(session, open_now, now=clock.now()))
        except (SQLAlchemyError, OSError) as error:
            log.warning("sessions_not_looked_at", error=str(error))


async def _tell(sayings: list[str]) -> None:
    """Presence is a kindness: what cannot be told is told again soon."""
    if not sayings:
        return
    try:
        async with transaction() as session:
            for saying in sayings:
                await listening.announce(session, PRESENCE, saying)
    except (SQLAlchemyError, OSError) as error:
        log.warning("presence_not_told", error=str(error))
