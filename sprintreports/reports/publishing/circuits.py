"""The circuit breaker of a connection: a service that does not answer, or no longer accepts us, is left alone.

closed → open after three failures in a row, for a minute, then twice as long each time, an hour at most; open without an end
where the service refuses the connection as such, until somebody changes or tests it. A limit of the service's own opens it for as
long as that asks. What is wrong with one target or one report says nothing of the connection.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from sprintreports.integrations.channel import AdminNeeded, ChannelError, TryLater

THRESHOLD = 3
FIRST_OPENING = timedelta(minutes=1)
LONGEST_OPENING = timedelta(hours=1)


class Circuit(msgspec.Struct, frozen=True):
    """failures: in a row; openings: since the last good delivery. until None while open: until somebody acts."""

    open: bool = False
    reason: str = ""
    until: datetime | None = None
    failures: int = 0
    openings: int = 0

    def shut(self, now: datetime) -> bool:
        """Whether nothing may be sent now. When its time has come one delivery tries, and decides by how it ends."""
        return self.open and (self.until is None or now < self.until)

    def failed(self, error: ChannelError, now: datetime) -> Circuit:
        """After a failure."""
        if isinstance(error, AdminNeeded) and error.connection:
            return Circuit(True, error.message, None, self.failures + 1, self.openings + 1)
        if not isinstance(error, TryLater):
            return self
        if error.wait:
            until = now + timedelta(seconds=error.wait)
            return msgspec.structs.replace(self, open=True, reason=error.message, until=until)
        failures = self.failures + 1
        if failures < THRESHOLD:
            return msgspec.structs.replace(self, failures=failures, reason=error.message)
        opening = min(LONGEST_OPENING, FIRST_OPENING * 2 ** min(self.openings, 10))
        return Circuit(True, error.message, now + opening, failures, self.openings + 1)


def read(stored: Any) -> Circuit:
    """The circuit from its stored form."""
    return msgspec.convert(stored, Circuit, strict=False)


def stored(circuit: Circuit) -> dict[str, Any]:
    return msgspec.to_builtins(circuit)
