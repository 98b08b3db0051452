"""How a reader wants numbers grouped and dates ordered. Set once at the door, for one event; what is kept is kept per style."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class DateOrder(StrEnum):
    DAY_FIRST = "day first"  # 14 Oct 2025
    MONTH_FIRST = "month first"  # Oct 14, 2025
    ISO = "iso"  # 2025-10-14


@dataclass(frozen=True, slots=True)
class Style:
    """What stands between thousands, before decimals, and how days are written."""

    group: str = ","
    point: str = "."
    dates: DateOrder = DateOrder.DAY_FIRST


USUAL = Style()
_NARROW_SPACE = "\u202f"  # French and Swedish group by it; it does not break lines
STYLES = MappingProxyType(
    {
        "en-GB": USUAL,
        "en-US": Style(dates=DateOrder.MONTH_FIRST),
        "de-DE": Style(group=".", point=","),
        "de-CH": Style(group="\u2019"),
        "fr-FR": Style(group=_NARROW_SPACE, point=","),
        "sv-SE": Style(group=_NARROW_SPACE, point=",", dates=DateOrder.ISO),
    }
)

_current: ContextVar[Style] = ContextVar("style", default=USUAL)


def write_as(locale: str | None) -> None:
    """Use the style of this locale in this task from now on; the usual one for those that have none."""
    _current.set(STYLES.get(locale or "", USUAL))


def style() -> Style:
    """The style of the event at hand."""
    return _current.get()


def figures(text: str) -> str:
    """A number as Python formats it ("1,234.5"), in the reader's style."""
    chosen = _current.get()
    if (chosen.group, chosen.point) == (USUAL.group, USUAL.point):
        return text
    return text.translate({ord(","): chosen.group, ord("."): chosen.point})
