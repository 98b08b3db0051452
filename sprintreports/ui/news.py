"""What a page that loaded itself again shows differently: beside the figures, and in a sentence for who cannot see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_MOST = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that is another one now. `key`: its place on the page."""

    key: str
    name: str
    before: str
    after: str


def was(changes: Sequence[Change]) -> dict[str, str]:
    """What stands beside each changed figure for a moment."""
    return {change.key: f"was {change.before}" for change in changes}


def sentence(changes: Sequence[Change], *, now: datetime, zone: ZoneInfo) -> str:
    """ "Numbers updated at 10:42: Completed from 31 pts to 34 pts." Empty when nothing changed."""
    if not changes:
        return ""
    told = [f"{change.name} from {change.before} to {change.after}" for change in changes[:_MOST]]
    if len(changes) > _MOST:
        told.append(f"{len(changes) - _MOST} more")
    return f"Numbers updated at {now.astimezone(zone):%H:%M}: {'; '.join(told)}."
