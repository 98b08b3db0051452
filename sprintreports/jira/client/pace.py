"""How long to wait: what Jira asks for in its headers, and back-off with jitter where it asks for nothing.

Cloud's `RateLimit-Reason` tells a burst on one endpoint (only that endpoint waits) from a used-up quota (all wait).
Source: Atlassian, "Rate limiting" for Jira Cloud and for Data Center.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BACK_OFF_START = 0.5
BACK_OFF_LIMIT = 30.0


def back_off(attempt: int, *, chance: Callable[[], float] = random.random) -> float:
    """Seconds before the try after `attempt` (1, 2, …): doubling, up to 30, of which the upper half is chance."""
    ceiling = min(BACK_OFF_LIMIT, BACK_OFF_START * 2 ** (attempt - 1))
    return ceiling * (0.5 + chance() / 2)


def asked_wait(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds that the server asks us to wait; None where it does not say.

    `Retry-After` (seconds or a date), else `X-RateLimit-Reset` (an instant), else Data Center's
    `X-RateLimit-Interval-Seconds`.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    moment = _date(text) or _instant(headers.get("X-RateLimit-Reset", ""))
    if moment is not None:
        return max(0.0, (moment - now).total_seconds())
    interval = headers.get("X-RateLimit-Interval-Seconds", "").strip()
    return float(interval) if interval.isdigit() else None


def concerns_all(reason: str | None) -> bool:
    """Whether a `RateLimit-Reason` is about the whole account (quota) and not one endpoint (burst)."""
    return reason is not None and "burst" not in reason and "per-issue" not in reason


def nearly_used_up(headers: Mapping[str, str]) -> bool:
    """Whether Cloud warns that the limit is near."""
    return (
        headers.get("X-RateLimit-NearLimit", "").lower() == "true"
        or headers.get("X-RateLimit-Remaining") == "0"
    )


@dataclass(slots=True)
class Pace:
    """Until when (on the monotonic clock) to hold requests back: of one endpoint, or all of them."""

    all_until: float = 0.0
    endpoint_until: dict[str, float] = field(default_factory=dict[str, float])

    def hold(self, endpoint: str, *, until: float, everything: bool) -> None:
        if everything:
            self.all_until = max(self.all_until, until)
        else:
            self.endpoint_until[endpoint] = max(self.endpoint_until.get(endpoint, 0.0), until)

    def wait(self, endpoint: str, *, now: float) -> float:
        """Seconds until `endpoint` may be asked again."""
        return max(0.0, self.all_until - now, self.endpoint_until.get(endpoint, 0.0) - now)


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
