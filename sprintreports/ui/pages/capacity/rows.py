"""From the capacity of teams to what the page shows: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.planning.capacity.availability import MemberCapacity
from sprintreports.planning.capacity.computing import Outcome, TeamCapacity
from sprintreports.planning.capacity.overrides import Measure
from sprintreports.planning.capacity.rates import PastSprint, Rate
from sprintreports.planning.sprint_plan import NO_TEAM, Line
from sprintreports.ui.links import address
from sprintreports.ui.numbers import UNIT_NAMES, UNKNOWN, counted, with_unit
from sprintreports.ui.planning import figures

PATH = "/capacity"
_ONE = {Unit.POINTS: "points", Unit.HOURS: "hours", Unit.COUNT: "issues"}
MEASURES = {
    Measure.SHARE: "Share in %",
    Measure.HOURS: "Hours of a day",
    Measure.DAYS: "Available person-days",
    Measure.FOCUS: "Focus factor in %",
    Measure.RATE: "Completed per person-day",
    Measure.AMOUNT: "Capacity",
}


@dataclass
class PersonLine:
    """A member beneath their team. The `_hand` ones: whether it was set by hand."""

    id: str = ""
    name: str = ""
    days: str = ""
    away: str = ""
    share: str = ""
    hours_per_day: str = ""
    hours: str = ""
    days_hand: bool = False
    share_hand: bool = False
    hours_hand: bool = False


@dataclass
class CapacityLine:
    """A team of the sprint. used: utilisation; bar: the same as far as a bar shows it."""

    id: str = ""
    name: str = ""
    link: str = ""
    days: str = ""
    focus: str = ""
    hours: str = ""
    amount: str = ""
    committed: str = ""
    remaining: str = ""
    used: str = ""
    bar: int = 0
    over: bool = False
    note: str = ""
    doubt: str = ""
    days_hand: bool = False
    focus_hand: bool = False
    amount_hand: bool = False
    basis: list[str] = field(default_factory=list)
    people: list[PersonLine] = field(default_factory=list)
    people_label: str = ""
    by_rate: bool = False


def line(of: Line, cell: TeamCapacity) -> CapacityLine:
    unit, load, hand = cell.unit, cell.load, cell.overridden
    return CapacityLine(
        id=str(cell.team),
        name=cell.name,
        link=address("/team", team=of.team.id),
        days=figures.plain(cell.days),
        focus=figures.percent(cell.focus),
        hours=figures.plain(cell.hours),
        amount=figures.amount(cell.amount, unit),
        committed=figures.amount(None if load is None else load.committed, unit),
        remaining=figures.amount(cell.remaining, unit),
        used=figures.percent(cell.utilisation),
        bar=0 if cell.utilisation is None else min(100, round(float(cell.utilisation) * 100)),
        over=cell.too_much,
        note=cell.outcome.sentence,
        doubt=_doubt(cell),
        days_hand=Measure.DAYS in hand,
        focus_hand=Measure.FOCUS in hand,
        amount_hand=bool(hand & {Measure.AMOUNT, Measure.RATE}),
        basis=basis(cell),
        people=[_person(member) for member in cell.members],
        people_label=f"Members of {cell.name}: {len(cell.members)}",
        by_rate=unit is not Unit.HOURS,
    )


def basis(cell: TeamCapacity) -> list[str]:
    """What the capacity rests on, in sentences."""
    if Measure.AMOUNT in cell.overridden:
        return ["The capacity was set by hand, whatever the days amount to."]
    if cell.outcome is not Outcome.READY:
        seen = cell.outcome is Outcome.NOTHING_COMPLETED and cell.rate is not None
        return [cell.outcome.sentence, *(_rate(cell.rate, _ONE[cell.unit]) if seen else ())]
    days = figures.days(cell.days)
    if cell.unit is Unit.HOURS:
        focus = figures.percent(cell.focus)
        return [
            f"{days}, each with the hours of its member, × focus factor {focus} = {figures.plain(cell.hours)} hours."
        ]
    if cell.rate is None:
        return ["Nothing was completed yet that a rate could rest on."]
    unit = _ONE[cell.unit]
    said = [f"{days} × {figures.plain(cell.rate.per_day)} {unit} a day = {_amount(cell.amount, cell.unit)}."]
    return said + _rate(cell.rate, unit) + _check(cell)


def heat_cell(cell: TeamCapacity, state: SprintState) -> tuple[str, str, str, str]:
    """A cell of the heat map: the share, what it is of, its tone, and the tone in a word."""
    load, unit = cell.load, cell.unit
    if state is SprintState.CLOSED:
        if load is None or not load.committed:
            return UNKNOWN, "nothing planned", "", ""
        share = load.done / load.committed
        told = f"{figures.plain(load.done)} of {figures.amount(load.committed, unit)}"
        if share >= Fraction(9, 10):
            return figures.percent(share), told, "good", "kept"
        return (
            figures.percent(share),
            told,
            "warn" if share >= Fraction(7, 10) else "bad",
            "a part" if share >= Fraction(7, 10) else "far from it",
        )
    if load is None or cell.amount is None or cell.utilisation is None:
        return UNKNOWN, "no capacity known" if cell.amount is None else "no capacity", "", ""
    told = f"{figures.plain(load.committed)} of {figures.amount(cell.amount, unit)}"
    if cell.too_much:
        return figures.percent(cell.utilisation), told, "bad", "too much"
    if cell.utilisation < Fraction(1, 2):
        return figures.percent(cell.utilisation), told, "info", "much room"
    return figures.percent(cell.utilisation), told, "good", "fits"


def twin_row(cell: TeamCapacity, sprint: str, when: str) -> list[str]:
    """The same as a line of the table."""
    load = cell.load
    return [
        cell.name,
        sprint,
        when,
        figures.plain(cell.days),
        figures.amount(cell.amount, cell.unit),
        figures.amount(None if load is None else load.committed, cell.unit),
        figures.amount(None if load is None else load.done, cell.unit),
        figures.percent(cell.utilisation),
    ]


def homeless(totals: Mapping[int, Totals], names: Mapping[int, str]) -> list[str]:
    """What the sprint holds that belongs to no team, in sentences."""
    said: list[str] = []
    for value, sums in sorted(totals.items()):
        count = counted(sums.final.count, "issue")
        points = with_unit(sums.final.value(Unit.POINTS), Unit.POINTS)
        if not sums.final.count:
            continue
        if value == NO_TEAM:
            said.append(f"{count} without a value of the team field: {points}.")
        else:
            said.append(f"{count} of “{names.get(value, '?')}”, which no team stands for: {points}.")
    return said


def reading(cells: Sequence[TeamCapacity]) -> str:
    """How the teams fare, in a sentence."""
    over = sum(cell.too_much for cell in cells)
    unknown = sum(cell.amount is None for cell in cells)
    fits = len(cells) - over - unknown
    said = [f"{counted(len(cells), 'team')}: {fits} within their capacity"]
    if over:
        said.append(f"{over} with too much")
    if unknown:
        said.append(f"{unknown} whose capacity is not known")
    return ", ".join(said) + "."


def _person(member: MemberCapacity) -> PersonLine:
    hand = member.overridden
    return PersonLine(
        id=str(member.person),
        name=member.name,
        days=figures.plain(member.days),
        away=f"{figures.days(member.absent)} away" if member.absent else "",
        share=figures.percent(member.share),
        hours_per_day=figures.plain(member.hours_per_day),
        hours=figures.plain(member.hours),
        days_hand=Measure.DAYS in hand,
        share_hand=Measure.SHARE in hand,
        hours_hand=Measure.HOURS in hand,
    )


def _rate(rate: Rate, unit: str) -> list[str]:
    if rate.by_hand:
        return ["The rate was set by hand."]
    used = "; ".join(_sprint(one, unit) for one in rate.used)
    said = [f"The rate is the median of {counted(len(rate.used), 'closed sprint')}: {used}."]
    if rate.skipped:
        said.append(f"Left out, as nobody was available: {', '.join(one.name for one in rate.skipped)}.")
    return said


def _sprint(one: PastSprint, unit: str) -> str:
    return (
        f"{one.name} {figures.plain(one.completed)} {unit} in {figures.days(one.days)}, "
        f"{figures.plain(one.per_day)} a day"
    )


def _check(cell: TeamCapacity) -> list[str]:
    check = cell.check
    if check is None:
        return []
    usual = f"The same sprints completed {_amount(check.velocity, cell.unit)} in the middle"
    if figures.percent(abs(check.deviation)) == "0 %":
        return [f"{usual}, as much as this capacity."]
    way = "above" if check.deviation > 0 else "below"
    look = " That is far: look at who is in the team and away." if check.far else ""
    return [f"{usual}; this capacity is {figures.percent(abs(check.deviation))} {way} it.{look}"]


def _doubt(cell: TeamCapacity) -> str:
    if cell.load is None or not cell.load.unestimated:
        return ""
    return f"{counted(cell.load.unestimated, 'issue')} without an estimate in {UNIT_NAMES[cell.unit]}"


def _amount(value: Fraction | None, unit: Unit) -> str:
    return with_unit(None if value is None else float(value), unit)
