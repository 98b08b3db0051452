"""Half days as bits of one number, so that those of a whole sprint are compared and counted at once.

Bit 2n is the morning of the n-th day from the first one, bit 2n + 1 its afternoon: the bits of `days.DayPart`, day after day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sprintreports.planning.capacity.days import DayPart, Halves

ALL = -1  # every half of every day


@dataclass(frozen=True, slots=True)
class Window:
    """The halves of a span of days. first, last: its days as ordinals; None where it holds no half day."""

    first: int | None
    last: int | None
    bits: int

    def from_day(self, first: int) -> int:
        """Its bits counted from an earlier day."""
        return 0 if self.first is None else self.bits << 2 * (self.first - first)


def window(halves: Halves, free: Halves) -> Window:
    """The free ones of a span's halves."""
    if not halves:
        return Window(None, None, 0)
    first, last = min(halves).toordinal(), max(halves).toordinal()
    bits = 0
    for day, part in free.items():
        bits |= part << 2 * (day.toordinal() - first)
    return Window(first, last, bits)


@dataclass(frozen=True, slots=True)
class Frame:
    """The days, as ordinals, that several windows lie in; all bits are counted from the first one."""

    first: int
    last: int

    @classmethod
    def around(cls, windows: Iterable[Window]) -> Frame:
        ends = [(one.first, one.last) for one in windows if one.first is not None and one.last is not None]
        if not ends:
            return cls(1, 0)
        return cls(min(first for first, _ in ends), max(last for _, last in ends))

    def ranges(self, found: Iterable[tuple[date, date, int]]) -> int:
        """The ranges' halves, within these days alone; what overlaps is there once."""
        bits = 0
        for first, last, part in found:
            since, until = first.toordinal(), last.toordinal()
            since = self.first if since < self.first else since  # noqa: FURB136  # max and min take thrice as long
            until = self.last if until > self.last else until  # noqa: FURB136
            if since <= until:
                # A third of a row of ones is the lowest bit of every pair.
                every = ((1 << 2 * (until - since + 1)) - 1) // 3
                bits |= every * part << 2 * (since - self.first)
        return bits

    def between(self, since: date | None, until: date | None) -> int:
        """All halves from `since` to `until`, both counted; None: without limit."""
        if since is None and until is None:
            return ALL
        return self.ranges(((since or date.min, until or date.max, DayPart.WHOLE.value),))
