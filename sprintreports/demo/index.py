"""What the search knows of the issues: all of them as they are, or as they were a while ago."""

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sprintreports.demo.faults import Trouble
from sprintreports.demo.site import Row, Site

_KEPT = 512


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows at one moment. `version`: the site's then."""

    taken: float
    version: int
    rows: Sequence[Row]


class Index:
    """One site's. Looks at the site whenever it is asked or told, and remembers while the faults say so."""

    def __init__(self, site: Site, trouble: Trouble, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._site = site
        self._trouble = trouble
        self._clock = clock
        self._past: deque[Snapshot] = deque(maxlen=_KEPT)
        self._standing: Snapshot | None = None
        trouble.watchers.append(self.look)

    def look(self) -> None:
        """Remember what there is now, if anybody is to be shown it later."""
        faults = self._trouble.faults
        if not faults.stale:
            self._standing = None
        elif self._standing is None:
            self._standing = self._fresh()
        if faults.lag <= 0:
            self._past.clear()
        elif not self._past or self._past[-1].version != self._site.version:
            self._past.append(self._fresh())

    def now(self) -> Snapshot:
        """What a search finds: with `stale` what it found when that began, with `lag` the newest that is old enough."""
        self.look()
        if self._standing is not None:
            return self._standing
        if not self._past:
            return self._fresh()
        old_enough = self._clock() - self._trouble.faults.lag
        return next((past for past in reversed(self._past) if past.taken <= old_enough), self._past[0])

    def reconciled(self, ids: Collection[int]) -> Sequence[Row]:
        """The same, but for these issues as they are at this moment."""
        others = [row for row in self.now().rows if row.id not in ids]
        fresh = [row for issue in ids if (row := self._site.find(str(issue))) is not None]
        return [*others, *fresh]

    def _fresh(self) -> Snapshot:
        return Snapshot(self._clock(), self._site.version, self._site.rows())
