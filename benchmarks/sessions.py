"""Browser sessions: 200 tabs on the sprint page of one web process, each doing something again and again."""

import asyncio
import time

from benchmarks import browsers, memory, web
from benchmarks.figures import Result, Row, Target, number, percentile
from benchmarks.ground import Ground
from sprintreports.identity.sessions import COOKIE_NAME

_SESSIONS, _SECONDS = 200, 20.0
_QUICK_SESSIONS, _QUICK_SECONDS = 10, 4.0
_OPENING_AT_ONCE = 8
_PAUSES = (10.0, 2.0, 1.0)
_LIMIT = Target(aim=50, judged="p95")


def measure(ground: Ground) -> Result:
    """The event is a link of the page: another unit, another page of the issue table, so that all of its numbers change."""
    with web.serving(ground) as served:
        return asyncio.run(_measure(served, quick=ground.quick))


async def _measure(served: web.Web, *, quick: bool) -> Result:
    count = _QUICK_SESSIONS if quick else _SESSIONS
    seconds = _QUICK_SECONDS if quick else _SECONDS
    cookies = await asyncio.to_thread(web.cookies, count + 1)
    idle = memory.resident(served.pid)
    first, _ = await browsers.opened(served.port, cookies[0], _path(served, 0, 0))
    alone = [await first.load(_path(served, 0, beat)) for beat in range(20 if quick else 100)]
    characters = first.received / (len(alone) + 1)
    before = memory.resident(served.pid)
    gate = asyncio.Semaphore(_OPENING_AT_ONCE)

    async def open_one(number_: int) -> tuple[browsers.Browser, float]:
        async with gate:
            return await browsers.opened(served.port, cookies[number_ + 1], _path(served, number_, 0))

    tabs = await asyncio.gather(*(open_one(one) for one in range(count)))
    after = memory.resident(served.pid)
    rows = [
        Row("web process before the first session", [idle], "MB", Target(must=400, aim=200)),
        Row(f"each of {count} sessions", [(after - before) / count], "MB", Target(must=1.0, aim=0.4)),
        Row("an event, one session alone", alone, "ms"),
        Row(f"opening the page, {_OPENING_AT_ONCE} at a time", [took for _, took in tabs], "ms"),
    ]
    for pause in _PAUSES:
        samples = await _beats(served, [tab for tab, _ in tabs], seconds=max(seconds, 2 * pause), pause=pause)
        what = f"an event, {count} sessions, each every {number(pause)} s"
        rows.append(Row(what, samples, "ms", _LIMIT, remark=f"p99 {number(percentile(samples, 99))} ms"))
    await asyncio.gather(first.close(), *(tab.close() for tab, _ in tabs))
    notes = [f"An event brings {characters / 1000:.0f} kB. Every session has its own `{COOKIE_NAME}` cookie."]
    return Result("sessions", "Browser sessions on one web process", rows, notes)


async def _beats(
    served: web.Web, tabs: list[browsers.Browser], *, seconds: float, pause: float
) -> list[float]:
    """Everybody keeps to a beat of their own; a late answer makes its own tab late, as it does a person."""
    began = time.perf_counter()
    samples: list[float] = []

    async def one(number_: int, tab: browsers.Browser) -> None:
        turn, beat = began + pause * number_ / len(tabs), 1
        while turn < began + seconds:
            await asyncio.sleep(max(0.0, turn - time.perf_counter()))
            if time.perf_counter() > began + seconds:
                return
            samples.append(await tab.load(_path(served, number_, beat)))
            turn, beat = max(turn + pause, time.perf_counter()), beat + 1

    await asyncio.gather(*(one(number_, tab) for number_, tab in enumerate(tabs)))
    return samples


def _path(served: web.Web, number_: int, beat: int) -> str:
    sprints = served.active + served.closed
    unit = ("points", "count")[beat % 2]
    return f"/sprint?sprint={sprints[number_ % len(sprints)]}&unit={unit}&page={1 + beat % 3}"
