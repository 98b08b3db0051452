"""Who has a queue open, in this process and in others, and what their tabs hear."""

from contextlib import aclosing

import pytest

from sprintreports.kit import clock
from sprintreports.ui import live_queues
from sprintreports.ui.live_queues import Rooms


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a process has told the others."""
    sayings: list[str] = []

    async def tell(some: list[str]) -> None:
        sayings.extend(some)

    monkeypatch.setattr(live_queues, "_tell", tell)
    return sayings


async def test_a_tab_is_there_while_it_listens(told: list[str]):
    rooms = Rooms()
    async with aclosing(rooms.stream(7, user_id=1, session_id=11)) as first:
        assert b"retry" in await anext(first)
        said = await anext(first)
        assert said == f"data: {rooms.version(7)}\n\n".encode()
        assert (rooms.people(7), rooms.people(8), rooms.sessions()) == ({1}, frozenset(), {11})
        async with aclosing(rooms.stream(7, user_id=2, session_id=12)) as second:
            await anext(second)
            assert rooms.people(7) == {1, 2}
            assert await anext(first) == f"data: {rooms.version(7)}\n\n".encode() != said
        rooms.changed(7)
        assert await anext(first) == f"data: {rooms.version(7)}\n\n".encode()
        rooms.end({11})
        assert await anext(first) == b"event: over\ndata: over\n\n"
    assert (rooms.people(7), rooms.watching, rooms.version(7)) == (frozenset(), 0, "")
    assert told[:2] == [f"{rooms.process} 7 1", f"{rooms.process} 7 1 2"]


async def test_processes_tell_each_other_who_is_there(told: list[str], monkeypatch: pytest.MonkeyPatch):
    here, there = Rooms(), Rooms()
    async with aclosing(there.stream(7, user_id=2, session_id=12)) as tab:
        await anext(tab)
        here.said(there.saying(7))
        here.said(here.saying(8))  # its own words come back
        for odd in ("", "x", "x y z", "x 7", "x 7 0 -1 a"):
            here.said(odd)
        assert here.people(7) == {2}
        later = clock.monotonic() + 60
        monkeypatch.setattr(clock, "monotonic", lambda: later)
        assert here.people(7) == frozenset(), "what is not said again is over"
        here.said(there.saying(7))
        assert here.people(7) == {2}
        here.said(f"{there.process} 7")
        assert here.people(7) == frozenset()
