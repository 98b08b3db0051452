"""From a Velocity to what the page shows: pure."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sprintreports.metrics.velocity import Velocity, VelocityBar
from sprintreports.ui.components.figures import Kpi
from sprintreports.ui.dates import day
from sprintreports.ui.links import address
from sprintreports.ui.numbers import UNIT_NAMES, UNIT_SHORT, UNKNOWN, counted, percent, plain, whole


@dataclass
class SprintLine:
    """One closed sprint as text."""

    name: str
    link: str
    closed: str
    committed: str
    completed: str
    say_do: str
    churn: str
    note: str


def tiles(velocity: Velocity, *, doubts: str = "") -> dict[str, Kpi]:
    """The figures on top, each with what it rests on; too few sprints leave dashes that say so.

    doubts: the address of the page that names the issues without an estimate.
    """
    if velocity.none_estimated:
        names = ("velocity", "median", "spread", "limits", "say_do", "churn")
        return dict.fromkeys(names, Kpi(note=f"Nobody estimates in {UNIT_NAMES[velocity.unit]} here."))
    unit = UNIT_SHORT[velocity.unit]
    used = len(velocity.sprints)
    found = {
        "velocity": _tile(velocity.mean, unit, f"mean of {counted(used, 'sprint')}", "No closed sprint yet."),
        "median": _tile(velocity.median, unit, "half of them did more", "No closed sprint yet."),
        "spread": _tile(velocity.spread, unit, _relative(velocity), "Needs two closed sprints.", prefix="± "),
        "limits": _limits(velocity),
        "say_do": Kpi(
            percent(velocity.say_do_median),
            "",
            "No sprint had a commitment." if velocity.say_do_median is None else _say_do_note(velocity),
        ),
        "churn": Kpi(
            percent(velocity.churn_median),
            "",
            "No sprint had a commitment."
            if velocity.churn_median is None
            else "of the commitment moved (median)",
        ),
    }
    return {name: _resting(name, tile, velocity, doubts) for name, tile in found.items()}


def _resting(name: str, tile: Kpi, velocity: Velocity, doubts: str) -> Kpi:
    """The tile with what it rests on. Ratios rest on sprints, amounts on the issues completed in them."""
    if tile.value == UNKNOWN:
        return tile
    if name in {"say_do", "churn"}:
        known = sum(bar.say_do is not None for bar in velocity.sprints)
        without = len(velocity.sprints) - known
        return replace(
            tile, rests=counted(known, "sprint"), doubt=f"{without} without a commitment" if without else ""
        )
    missing = sum(bar.without_estimate for bar in velocity.sprints)
    left_out = sum(bar.left_out for bar in velocity.sprints)
    said = [f"{whole(missing)} without estimate"] * bool(missing) + [f"{whole(left_out)} left out"] * bool(
        left_out
    )
    return replace(
        tile,
        rests=counted(sum(bar.issues for bar in velocity.sprints), "completed issue"),
        doubt=", ".join(said),
        doubt_link=doubts if said else "",
    )


def lines(velocity: Velocity, *, board: str, zone: ZoneInfo) -> list[SprintLine]:
    """The sprints, newest first."""
    return [_line(bar, velocity, board=board, zone=zone) for bar in reversed(velocity.sprints)]


def caution(velocity: Velocity) -> str:
    """What to know before trusting these numbers; empty when there is nothing."""
    used = len(velocity.sprints)
    if velocity.none_estimated:
        return f"No issue of these sprints is estimated in {UNIT_NAMES[velocity.unit]}. Choose another unit above."
    if 0 < used < 3:
        return f"Only {counted(used, 'closed sprint')}: too few for a spread that means something."
    if 0 < used < velocity.asked:
        return f"This board has {counted(used, 'closed sprint')}, fewer than the {velocity.asked} asked for."
    return ""


def _line(bar: VelocityBar, velocity: Velocity, *, board: str, zone: ZoneInfo) -> SprintLine:
    return SprintLine(
        name=bar.name,
        link=address("/sprint", board=board, sprint=bar.sprint_id, unit=velocity.unit),
        closed=day(bar.close, zone),
        committed=UNKNOWN if velocity.none_estimated else plain(bar.committed),
        completed=UNKNOWN if velocity.none_estimated else plain(bar.completed),
        say_do=percent(bar.say_do),
        churn=percent(bar.churn),
        note=_rests_on(bar),
    )


def _rests_on(bar: VelocityBar) -> str:
    """What the completed amount rests on, and what of the scope adds nothing to the rest of the line."""
    said = [counted(bar.issues, "completed issue")]
    if bar.without_estimate:
        said[0] += f", {bar.without_estimate:,} without estimate"
    open_ones = bar.unestimated - bar.without_estimate
    if open_ones > 0:
        said.append(f"{open_ones:,} not completed without estimate")
    return "; ".join(said)


def _tile(value: float | None, unit: str, note: str, missing: str, *, prefix: str = "") -> Kpi:
    if value is None:
        return Kpi(note=missing)
    return Kpi(prefix + plain(value), unit, note)


def _relative(velocity: Velocity) -> str:
    if not velocity.mean or velocity.spread is None:
        return "around the mean"
    return f"{percent(velocity.spread / velocity.mean)} of the mean"


def _limits(velocity: Velocity) -> Kpi:
    if velocity.low is None or velocity.high is None:
        return Kpi(note="Needs three closed sprints.")
    outside = sum(not velocity.low <= bar.completed <= velocity.high for bar in velocity.sprints)
    note = f"{counted(outside, 'sprint')} outside" if outside else "no sprint outside"
    return Kpi(
        f"{velocity.low:.0f}–{velocity.high:.0f}", UNIT_SHORT[velocity.unit], note, "warn" if outside else ""
    )


def _say_do_note(velocity: Velocity) -> str:
    if velocity.say_do_spread is None:
        return "median"
    return f"median, spread ± {velocity.say_do_spread * 100:.0f} points"
