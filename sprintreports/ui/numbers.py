"""Numbers as people read them. What is not known is an em dash, never a zero."""

from sprintreports.charts.writing import figures
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Unit

UNKNOWN = "—"
UNIT_NAMES = {Unit.POINTS: "points", Unit.HOURS: "hours", Unit.COUNT: "issues"}
UNIT_SHORT = {Unit.POINTS: "pts", Unit.HOURS: "h", Unit.COUNT: "issues"}


def unit_named(name: str | None, *, default: Unit = Unit.POINTS) -> Unit:
    """The unit of a name from the URL."""
    return Unit(name) if name in set(Unit) else default


def plain(value: float | None) -> str:
    """ "1,234", "12.5": at most one decimal, thousands grouped."""
    if value is None:
        return UNKNOWN
    rounded = round(value, 1)
    text = f"{rounded:,.1f}".removesuffix(".0")
    return "0" if text == "-0" else figures(text).replace("-", "−")


def whole(number: int) -> str:
    """ "2,140"."""
    return figures(f"{number:,}")


def signed(value: float | None) -> str:
    """ "+8", "−3", "0"."""
    if value is None:
        return UNKNOWN
    text = plain(value)
    return f"+{text}" if value > 0 and text != "0" else text


def percent(ratio: float | None) -> str:
    """ "86 %"."""
    return UNKNOWN if ratio is None else f"{ratio * 100:.0f} %"


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 issue", "2,140 issues"."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def with_unit(value: float | None, unit: Unit) -> str:
    """ "13 points"; "1 hour"."""
    if value is None:
        return UNKNOWN
    name = UNIT_NAMES[unit]
    return f"{plain(value)} {name.removesuffix('s') if plain(value) in {'1', '−1'} else name}"


def short_unit(value: float | None, unit: Unit) -> str:
    """The unit behind a figure: "1 pt", "2 pts", "1 issue"."""
    name = UNIT_SHORT[unit]
    return name.removesuffix("s") if plain(value) in {"1", "−1"} else name


def none_estimated(totals: Totals, unit: Unit) -> bool:
    """Whether the sums are zeros only because not one issue in scope has an estimate in this unit."""
    count = totals.final.count
    sums = (totals.initial, totals.added, totals.removed, totals.final, totals.completed)
    return 0 < count <= totals.unestimated_in(unit) and not any(amount.value(unit) for amount in sums)
