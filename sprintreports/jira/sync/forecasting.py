"""How long a run still takes, by how fast its last pages were. No estimate before there is evidence."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

WINDOW = 20  # pages: a run slows down and speeds up, so only the recent ones tell
LEAST_PAGES = 3
LEAST_SECONDS = 5.0


@dataclass(slots=True)
class Speed:
    """When the last pages ended, and how much was done by then."""

    marks: deque[tuple[datetime, int]] = field(
        default_factory=lambda: deque[tuple[datetime, int]](maxlen=WINDOW + 1)
    )

    def seconds_left(self, done: int, total: int | None, now: datetime) -> float | None:
        """Seconds until `total` is reached, at the pace of the last pages; None while that is not known.

        Three pages of at least five seconds together are evidence. A count that went back begins anew.
        """
        if self.marks and done < self.marks[-1][1]:
            self.marks.clear()
        if not self.marks or done > self.marks[-1][1]:
            self.marks.append((now, done))
        if total is None or len(self.marks) <= LEAST_PAGES:
            return None
        (begun, before), (ended, after) = self.marks[0], self.marks[-1]
        seconds = (ended - begun).total_seconds()
        if seconds < LEAST_SECONDS:
            return None
        return max(0, total - done) * seconds / (after - before)
