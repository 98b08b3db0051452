"""Boards or teams of a trend side by side: small multiples, and who changed most."""

from __future__ import annotations

from collections.abc import Sequence

from sprintreports.charts.small_multiples import (
    MOST_PANELS,
    NOTHING_THERE,
    Panel,
    chosen,
    small_multiples_figure,
)
from sprintreports.charts.theme import palette
from sprintreports.charts.words import amount, number
from sprintreports.reports.building.trend_values import Line, Sprints, counted
from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    Kind,
    Native,
    Row,
    Section,
    Series,
    Shape,
    Table,
)

NO_LINE = "No closed sprint is in this report."


def panels(key: str, title: str, label: str, lines: Sequence[Line], found: Sprints) -> Section:
    """Small multiples of those who completed most; the table has everybody."""
    unit = found.unit
    panels = {place: _panel(one, found) for place, one in enumerate(lines)}
    drawn = chosen([panel for panel, _ in panels.values()])
    names = {id(panel): sprints for panel, sprints in panels.values()}
    sprints = [names[id(panel)] for panel in drawn]
    light, dark = (
        small_multiples_figure(drawn, sprints=sprints, unit=unit, dark=dark) for dark in (False, True)
    )
    colours = palette(dark=False)
    native = Native(
        Shape.BARS,
        "name",
        (Series("committed", "Committed", colours.remaining), Series("completed", "Completed", colours.done)),
    )
    table = Table(
        f"{key}_table",
        title,
        _line_columns(label, found),
        tuple(_line_row(one, found) for one in lines),
        NO_LINE,
    )
    chart = Chart(
        f"{key}_chart",
        f"{title} side by side",
        _panel_reading(lines, len(drawn), found),
        light,
        dark,
        table,
        native,
    )
    return Section(key, title, (chart,))


def _panel(one: Line, found: Sprints) -> tuple[Panel, list[str]]:
    """A line with the names of its sprints. Where all are of one board, each sprint has the same place in every panel, and a gap in
    that of who had nothing in it.
    """
    bars = {bar.sprint_id: bar for bar in one.figures.sprints}
    shared = len({sprint.board_id for sprint in found.sprints}) == 1
    shown = found.sprints if shared else one.sprints
    places = [bars.get(sprint.sprint_id) for sprint in shown]
    return Panel(
        one.name,
        tuple(None if bar is None else bar.committed for bar in places),
        tuple(None if bar is None else bar.completed for bar in places),
    ), [sprint.name for sprint in shown]


def _panel_reading(lines: Sequence[Line], drawn: int, found: Sprints) -> str:
    if not lines:
        return NOTHING_THERE
    most = max(lines, key=lambda one: one.whole.completed.value(found.unit))
    told = f"{most.name} completed most, {amount(most.whole.completed.value(found.unit), found.unit)} in {counted(most.sprints)}."
    more = (
        f" Drawn are the {number(MOST_PANELS)} that completed most; the table has all {number(len(lines))}."
    )
    return told + (more if len(lines) > drawn else "")


def _line_columns(label: str, found: Sprints) -> tuple[Column, ...]:
    unit = found.unit
    return (
        Column("name", label),
        Column("sprints", "Sprints", Kind.COUNT),
        Column("committed", "Committed", Kind.NUMBER, unit),
        Column("completed", "Completed", Kind.NUMBER, unit),
        Column("mean", "Mean completed in a sprint", Kind.NUMBER, unit),
        Column("median", "Median", Kind.NUMBER, unit),
        Column("spread", "Spread", Kind.NUMBER, unit),
        Column("say_do", "Say/do, median", Kind.SHARE),
        Column("churn", "Churn, median", Kind.SHARE),
        Column("carried", "Carry-over, median", Kind.SHARE),
    )


def _line_row(one: Line, found: Sprints) -> Row:
    sums, figures = one.whole, one.figures
    known = sums.known_in(found.unit)
    amounts = (
        sums.initial.value(found.unit),
        sums.completed.value(found.unit),
        figures.mean,
        figures.median,
        figures.spread,
    )
    shares = (figures.say_do_median, figures.churn_median, one.carried)
    return Row((one.name, len(one.sprints), *(amounts if known else (None,) * len(amounts)), *shares))


def ranking(lines: Sequence[Line], found: Sprints, label: str) -> Section:
    """Who completes more or less than before, the largest change first."""
    unit = found.unit
    ranked = sorted(
        ((one, one.halves) for one in lines if one.halves is not None),
        key=lambda item: (-abs(item[1].change), item[0].name),
    )
    rows = tuple(
        Row(
            (
                place,
                one.name,
                len(one.sprints),
                halves.earlier,
                halves.later,
                round(halves.change, 6),
                halves.share,
            )
        )
        for place, (one, halves) in enumerate(ranked, start=1)
    )
    columns = (
        Column("place", "Place", Kind.COUNT),
        Column("name", label),
        Column("sprints", "Sprints", Kind.COUNT),
        Column("earlier", "Mean of the earlier half", Kind.NUMBER, unit),
        Column("later", "Mean of the later half", Kind.NUMBER, unit),
        Column("change", "Change", Kind.CHANGE, unit),
        Column("share", "Change in percent", Kind.SHARE),
    )
    empty = "A change needs two closed sprints, and nobody here has as many."
    reading = "What each completed in a sprint on average, in the later half of its sprints against the earlier half."
    return Section("ranking", "Largest changes", (Table("ranking", "Largest changes", columns, rows, empty, reading),))  # fmt: skip
