"""Windows in memory: what of the last minute still counts, and that nobody is remembered for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from sprintreports.kit import clock
from sprintreports.kit.limit_memory import Windows

START = datetime(2025, 3, 3, 9, tzinfo=UTC)


class Time:
    """A clock that a test turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(clock, "now", lambda: START + timedelta(seconds=self.seconds))


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


async def _taken(windows: Windows, limit: int, tries: int) -> int:
    return sum([await windows.acquire_sliding_window_entry("a", limit, 60) for _ in range(tries)])


async def test_a_limit_is_reached_and_comes_back_as_the_minute_slides_on(time: Time) -> None:
    windows = Windows()
    assert await _taken(windows, 10, 12) == 10
    time.seconds = 59
    assert await _taken(windows, 10, 5) == 0
    time.seconds = 90  # half of the ten still count
    assert await _taken(windows, 10, 12) == 5
    time.seconds = 120
    assert await _taken(windows, 10, 12) == 5
    time.seconds = 300
    assert await _taken(windows, 10, 12) == 10


async def test_what_is_told_of_the_windows(time: Time) -> None:
    windows = Windows()
    await _taken(windows, 10, 4)
    assert await windows.get_sliding_window("a", 60) == (0, 0.0, 4, 120.0)
    time.seconds = 75
    assert await windows.get_sliding_window("a", 60) == (4, 45.0, 0, 105.0)
    await windows.clear_sliding_window("a", 60)
    assert await windows.get_sliding_window("a", 60) == (0, 0.0, 0, 105.0)


async def test_callers_who_went_are_forgotten(time: Time) -> None:
    windows = Windows()
    for number in range(1000):
        await windows.acquire_sliding_window_entry(str(number), 10, 60)
    assert len(windows) == 1000
    time.seconds = 130
    await windows.acquire_sliding_window_entry("new", 10, 60)
    assert len(windows) == 1
    assert await windows.reset() == 1
