"""From an active sprint's card to what the page shows: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sprintreports.jira.reads.overview import ActiveSprintCard
from sprintreports.metrics.burndown import DailyPoint
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Unit
from sprintreports.ui.dates import period
from sprintreports.ui.links import address
from sprintreports.ui.news import Change
from sprintreports.ui.numbers import UNKNOWN, counted, percent, plain, short_unit, signed, whole

WIDTH, HEIGHT = 100, 32
_BEHIND, _FAR_BEHIND = 0.10, 0.25
_ORDER = {"bad": 0, "warn": 1, "info": 2, "good": 3, "": 4}


@dataclass
class Elsewhere:
    """Another board that shows the sprint."""

    name: str
    link: str


@dataclass
class Card:
    """One active sprint as text, with its burndown as the path of a small drawing."""

    name: str
    link: str
    board: str
    goal: str
    dates: str
    health: str
    tone: str
    why: str
    done: str
    share: int
    left: str
    scope: str
    remaining: str
    line: str
    area: str
    ideal: str
    spoken: str
    rests: str
    doubt: str
    doubt_link: str
    others: list[Elsewhere]


def card(row: ActiveSprintCard, *, zone: ZoneInfo) -> Card:
    """One sprint. What is not known is a dash, and the health says why it is not known."""
    health, tone, why = health_of(row)
    totals, unit = row.totals, row.unit
    line, area, ideal = spark(row)
    done = scope = remaining = UNKNOWN
    share, rests, doubt = 0, "", ""
    if totals is not None:
        whole, rest = totals.final.value(unit), totals.not_completed.value(unit)
        change = whole - totals.initial.value(unit)
        done = f"{plain(totals.completed.value(unit))} of {plain(whole)} {short_unit(whole, unit)}"
        share = round(100 * (_done_share(totals, row) or 0))
        scope = f"{signed(change)} {short_unit(change, unit)}"
        remaining = f"{plain(rest)} {short_unit(rest, unit)}"
        rests, doubt = resting(totals, unit)
    return Card(
        name=row.sprint_name,
        link=address("/sprint", board=row.board_id, sprint=row.sprint_id),
        board=row.board_name if row.board_name == row.site_name else f"{row.board_name} · {row.site_name}",
        goal=row.goal or "",
        dates=period(row.start, row.planned_end, zone),
        health=health,
        tone=tone,
        why=why,
        done=done,
        share=min(share, 100),
        left=_days_left(row),
        scope=scope,
        remaining=remaining,
        line=line,
        area=area,
        ideal=ideal,
        others=[
            Elsewhere(name, address("/sprint", board=board, sprint=row.sprint_id))
            for board, name in row.other_boards
        ],
        rests=rests,
        doubt=doubt,
        doubt_link=address("/quality", board=row.board_id, sprint=row.sprint_id) if doubt else "",
        spoken=f"Burndown of {row.sprint_name}: {remaining} remain.",
    )


def resting(totals: Totals, unit: Unit) -> tuple[str, str]:
    """How many issues the figures rest on, and how many of them are doubtful."""
    missing, left_out = totals.unestimated_in(unit), totals.excluded
    doubts = [f"{whole(missing)} without estimate"] * bool(missing) + [f"{whole(left_out)} left out"] * bool(
        left_out
    )
    return f"{counted(totals.final.count, 'issue')} in scope", ", ".join(doubts)


def worst_first(cards: list[Card]) -> list[Card]:
    """What needs a look comes first."""
    return sorted(cards, key=lambda card: _ORDER.get(card.tone, 4))


def changed_cards(before: Sequence[Card], after: Sequence[Card]) -> list[Change]:
    """The sprints whose work done or scope is another; those that began or ended are no news."""
    old = {card.link: card for card in before}
    return [
        Change(card.link, f"{card.name}, done", old[card.link].done, card.done)
        for card in after
        if card.link in old and old[card.link].done != card.done
    ]


def health_of(row: ActiveSprintCard) -> tuple[str, str, str]:
    """Health in two words, its tone, and the reason. Compares work done with working time gone."""
    if row.totals is None:
        return "Not computed yet", "", "The numbers follow the next sync."
    done = _done_share(row.totals, row)
    if done is None:
        return "Nothing estimated", "", "Nothing in scope has an estimate, so progress cannot be measured."
    if row.overdue:
        return "Overdue", "bad", "Its planned end has passed and it is still open in Jira."
    if not row.working_days or row.working_days_left is None:
        return (
            "No end date",
            "",
            "Without a planned end in Jira there is no telling how far along it should be.",
        )
    # Today still counts as to come, so that nobody is late in the morning.
    gone = min(1.0, max(0.0, (row.working_days - row.working_days_left) / row.working_days))
    why = f"{percent(done)} done, {percent(gone)} of the working time gone."
    if gone - done > _FAR_BEHIND:
        return "Off track", "bad", why
    return ("At risk", "warn", why) if gone - done > _BEHIND else ("On track", "good", why)


def summary(cards: list[Card]) -> str:
    """One sentence over all cards."""
    bad = sum(card.tone == "bad" for card in cards)
    warn = sum(card.tone == "warn" for card in cards)
    running = f"{counted(len(cards), 'sprint')} running"
    if not bad and not warn:
        return f"{running}; none is known to be behind."
    parts = [f"{bad} off track or overdue"] * bool(bad) + [f"{warn} at risk"] * bool(warn)
    return f"{running}: {' and '.join(parts)}."


def spark(row: ActiveSprintCard) -> tuple[str, str, str]:
    """The remaining work by day as a line and an area, and the guideline that rests on days off, as SVG paths."""
    if len(row.days) < 2 or row.start is None:
        return "", "", ""
    zone = ZoneInfo(row.zone)
    first = row.days[0].day
    last = row.planned_end.astimezone(zone).date() if row.planned_end else row.days[-1].day
    spread = max((max(last, row.days[-1].day) - first).days, 1)
    top = (
        max(*(point.remaining.value(row.unit) for point in row.days), row.days[0].scope.value(row.unit))
        or 1.0
    )
    points = [_place(point, first, spread, top, row) for point in row.days]
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    area = f"{line}L{points[-1][0]:g} {HEIGHT}L{points[0][0]:g} {HEIGHT}Z"
    return line, area, _ideal(row, first=first, spread=spread, top=top)


def _ideal(row: ActiveSprintCard, *, first: date, spread: int, top: float) -> str:
    """The guideline. A day's point stands at its end, so the sprint's start stands a part of a day before the first."""
    zone = ZoneInfo(row.zone)
    midnight = datetime.combine(first, time.min, tzinfo=zone)
    corners = [
        (
            max(0.0, WIDTH * ((corner.at - midnight).total_seconds() / 86_400 - 1) / spread),
            HEIGHT - HEIGHT * min(1.0, corner.value(row.unit) / top),
        )
        for corner in row.guideline
    ]
    return "M" + "L".join(f"{round(x, 1):g} {round(y, 1):g}" for x, y in corners) if corners else ""


def _place(
    point: DailyPoint, first: date, spread: int, top: float, row: ActiveSprintCard
) -> tuple[float, float]:
    x = WIDTH * (point.day - first).days / spread
    return round(x, 1), round(HEIGHT - HEIGHT * point.remaining.value(row.unit) / top, 1)


def _done_share(totals: Totals, row: ActiveSprintCard) -> float | None:
    scope = totals.final.value(row.unit)
    return totals.completed.value(row.unit) / scope if scope > 0 else None


def _days_left(row: ActiveSprintCard) -> str:
    if row.working_days_left is None:
        return UNKNOWN
    return "none" if row.working_days_left == 0 else str(row.working_days_left)
