"""Which version of which queue a file holds, as its reader should know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class About:
    """number: of the version; made: when it was kept; zone: the one that the file's times are told in."""

    queue_id: int
    number: int
    name: str
    made: datetime
    sprint: str = ""
    author: str = ""
    note: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    @property
    def title(self) -> str:
        """The queue and its sprint: "Plan of Sprint 12"."""
        return f"{self.name}, {self.sprint}" if self.sprint and self.sprint not in self.name else self.name

    def told(self, at: datetime) -> str:
        """A moment as it is read in the file's zone."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")
