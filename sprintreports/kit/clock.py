"""The one place that knows what time it is."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """This instant, in UTC, aware."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only grow: for measuring, never for storing."""
    return time.monotonic()
