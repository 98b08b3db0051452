"""What is going to happen, in the order of time; and when a tribe works."""

import heapq
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000
_FIRST_HOUR = 9
_HOURS_A_DAY = 8


class Agenda:
    """A queue of happenings. At one instant issues change first, then sprints start or close."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, bool, int, Callable[..., None], tuple[object, ...]]] = []
        self._count = 0
        self._now = 0

    def at(self, when: int, action: Callable[..., None], *arguments: object, last: bool = False) -> None:
        if when < self._now:
            raise ValueError("the past cannot be planned")
        self._count += 1
        heapq.heappush(self._heap, (when, last, self._count, action, arguments))

    def run(self, until: int) -> None:
        """Live through everything up to and including `until`. Each action is given its time first."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            when, _, _, action, arguments = heapq.heappop(heap)
            self._now = when
            action(when, *arguments)


class WorkDays:
    """Monday to Friday, nine to five, in the zone of the tribe."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._openings: dict[date, int] = {}

    def date_of(self, at: int) -> date:
        return datetime.fromtimestamp(at / 1000, self._zone).date()

    def moment(self, day: date, hour: int, minute: int = 0) -> int:
        return int(datetime.combine(day, time(hour, minute), self._zone).timestamp()) * 1000

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The working time between the two instants, one span a day."""
        day, last = self.date_of(start), self.date_of(end)
        found: list[tuple[int, int]] = []
        while day <= last:
            if day.weekday() < 5:
                opening = self._openings.get(day)
                if opening is None:
                    opening = self._openings[day] = self.moment(day, _FIRST_HOUR)
                begin, finish = max(opening, start), min(opening + _HOURS_A_DAY * HOUR, end)
                if finish - begin >= HOUR:
                    found.append((begin, finish))
            day += timedelta(days=1)
        return found


def within(spans: Sequence[tuple[int, int]], share: float) -> int:
    """The instant after `share` (0 to 1) of the working time, every day counting alike."""
    position = min(max(share, 0.0), 0.9999) * len(spans)
    whole = int(position)
    begin, finish = spans[whole]
    return begin + int((position - whole) * (finish - begin))


def share_of(spans: Sequence[tuple[int, int]], at: int) -> float:
    """The working time that is over at an instant, as a share of all."""
    done = sum(min(max(at - begin, 0), finish - begin) / (finish - begin) for begin, finish in spans)
    return done / len(spans)
