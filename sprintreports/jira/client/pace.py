"""How long to wait: what Jira asks for in its headers, and back-off with jitter where it asks for nothing.

Cloud's `RateLimit-Reason` tells a burst on one endpoint (only that endpoint waits) from a used-up quota (all wait). Before
a limit is hit, requests keep a distance that grows as less is left: what is left is spread over the time that is left.
Sources: Atlassian, "Rate limiting" (Jira Cloud platform; `Beta-RateLimit` as seen in its answers, a draft of the IETF's
RateLimit fields) and "Adjusting your code for rate limiting" (Data Center: a bucket of tokens for each account).
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

BACK_OFF_START = 0.5
BACK_OFF_LIMIT = 30.0
SCARCE = 0.2  # of a budget: where Cloud begins to warn, too
NEAR_GAP = 0.5
LONGEST_GAP = 10.0
EVERYTHING = ""  # the name of what concerns all endpoints


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


def seconds_ahead(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """How far the server's clock is ahead, by its `Date`; None where it does not say."""
    said = _date(headers.get("Date", ""))
    return None if said is None else (said - now).total_seconds()


def concerns_all(reason: str | None) -> bool:
    """Whether a `RateLimit-Reason` is about the whole account (quota) and not one endpoint (burst)."""
    return reason is not None and "burst" not in reason and "per-issue" not in reason


def is_bucket(headers: Mapping[str, str]) -> bool:
    """Whether these are Data Center's headers: one bucket for all that the account asks."""
    return "X-RateLimit-Interval-Seconds" in headers


@dataclass(frozen=True, slots=True)
class Gaps:
    """Seconds to keep between two requests: of the same endpoint, and of any."""

    endpoint: float = 0.0
    everything: float = 0.0


def says_limits(names: Iterable[bytes]) -> bool:
    """Whether any of these headers, by their names in small letters, is about a limit that is not reached yet."""
    return any(name.startswith((b"x-ratelimit", b"beta-ratelimit")) for name in names)


def gaps(headers: Mapping[str, str], *, now: datetime) -> Gaps:
    """The distance that an answer's headers call for; none while more than a fifth of each budget is left."""
    return Gaps(_burst_gap(headers, now), max(_bucket_gap(headers), _quota_gap(headers)))


def _bucket_gap(headers: Mapping[str, str]) -> float:
    """Data Center: up to the pace at which the bucket is filled again."""
    limit, left = _number(headers, "X-RateLimit-Limit"), _number(headers, "X-RateLimit-Remaining")
    interval = _number(headers, "X-RateLimit-Interval-Seconds")
    filled = _number(headers, "X-RateLimit-FillRate")
    if not limit or left is None or not interval or not filled:
        return 0.0
    return _capped(interval / filled * max(0.0, 1 - left / (SCARCE * limit)))


def _burst_gap(headers: Mapping[str, str], now: datetime) -> float:
    """Cloud: the limit of one endpoint, counted by the second where it does not say until when."""
    if is_bucket(headers):
        return 0.0
    limit, left = _number(headers, "X-RateLimit-Limit"), _number(headers, "X-RateLimit-Remaining")
    if limit and left is not None:
        if left >= SCARCE * limit:
            return 0.0
        reset = _instant(headers.get("X-RateLimit-Reset", ""))
        window = 1.0 if reset is None else max(0.0, (reset - now).total_seconds())
        return _capped(window / (left + 1))
    return NEAR_GAP if headers.get("X-RateLimit-NearLimit", "").lower() == "true" else 0.0


def _quota_gap(headers: Mapping[str, str]) -> float:
    """Cloud's hourly points of an app: `Beta-RateLimit: "name";r=left;t=seconds`, of q in `Beta-RateLimit-Policy`."""
    state = _structured(headers.get("Beta-RateLimit", ""))
    whole = _structured(headers.get("Beta-RateLimit-Policy", "")).get("q")
    left, seconds = state.get("r"), state.get("t")
    if left is None or seconds is None or (left > 0 and (not whole or left >= SCARCE * whole)):
        return 0.0
    return _capped(seconds / (left + 1))


def _capped(gap: float) -> float:
    return min(LONGEST_GAP, gap)


def _number(headers: Mapping[str, str], name: str) -> float | None:
    text = headers.get(name, "").strip()
    return float(text) if text.isdigit() else None


def _structured(text: str) -> dict[str, float]:
    """The numbers of a field such as `"tenant-app-quota";r=17842;t=2107`."""
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name: float(value) for name, _, value in pairs if value.isdigit()}


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one client asked: requests, seconds that it held itself back in all, requests at once now and at most."""

    requests: int
    waited_seconds: float
    at_once: int
    ceiling: int


@dataclass(slots=True)
class Pace:
    """Until when (on the monotonic clock) to hold requests back: of one endpoint, or all of them."""

    all_until: float = 0.0
    endpoint_until: dict[str, float] = field(default_factory=dict[str, float])
    distances: dict[str, float] = field(default_factory=dict[str, float])
    slots: dict[str, float] = field(default_factory=dict[str, float])

    def space(self, endpoint: str, found: Gaps, *, now: float) -> None:
        """Keep the distances that the last answer called for, from now on."""
        for name, gap in ((endpoint, found.endpoint), (EVERYTHING, found.everything)):
            if gap:
                self.distances[name] = gap
                self.slots[name] = max(self.slots.get(name, 0.0), now + gap)
            else:
                self.distances.pop(name, None)
                self.slots.pop(name, None)

    def reserve(self, endpoint: str, *, now: float) -> float:
        """Seconds until a request may go, whose place in the line is taken by this."""
        at = now + self.wait(endpoint, now=now)
        names = [name for name in (endpoint, EVERYTHING) if name in self.distances]
        at = max([at, *[self.slots[name] for name in names]])
        for name in names:
            self.slots[name] = at + self.distances[name]
        return at - now

    def hold(self, endpoint: str, *, until: float, everything: bool) -> None:
        if everything:
            self.all_until = max(self.all_until, until)
        else:
            self.endpoint_until[endpoint] = max(self.endpoint_until.get(endpoint, 0.0), until)

    def wait(self, endpoint: str, *, now: float) -> float:
        """Seconds until `endpoint` may be asked again."""
        return max(0.0, self.all_until - now, self.endpoint_until.get(endpoint, 0.0) - now)


@lru_cache(maxsize=16)  # answers come by the dozen a second
def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError):
        return None


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
