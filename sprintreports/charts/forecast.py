"""Forecasts of a sprint's end as they were told, moment by moment: what is completed at the planned end, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sprintreports.charts.figures import (
    Figure,
    Table,
    Trace,
    axis,
    dates,
    empty_figure,
    figure,
    line,
    upright,
)
from sprintreports.charts.theme import Palette, palette, translucent
from sprintreports.charts.words import (
    UNKNOWN,
    clock_text,
    day_name,
    noun,
    number,
    percent,
    plotted,
    unit_title,
)
from sprintreports.metrics.calendar import local_day
from sprintreports.metrics.forecast import (
    MOST_CERTAIN,
    PERCENTILES,
    DayForecast,
    HitRate,
    SprintForecast,
    SprintOutcome,
)
from sprintreports.metrics.values import BASE_UNITS, Unit

#: The certainty that readings speak of.
TOLD = 85
NO_NUMBER = "Too little was known for a forecast."
_LEAST = 0.01


def forecast_figure(found: SprintForecast, *, dark: bool = False) -> Figure:
    """Scope, work done, and what was told to be completed at the planned end: between 95 % and 50 % certainty as a band."""
    told = [one for one in found.given if one.finish is not None]
    if not told:
        return empty_figure(found.missing or NO_NUMBER, dark=dark)
    colours, unit = palette(dark=dark), found.unit
    shapes, notes = _planned_end(found, colours)
    return figure(
        [
            *_band(told, found, colours),
            _course("Scope", found.given, [one.scope for one in found.given], colours.scope, found),
            _course("Done", found.given, [one.completed for one in found.given], colours.done, found),
            *_ahead(found, colours),
            *_outcome(found, colours),
        ],
        dark=dark,
        xaxis=dates(dark=dark, range=_time_range(found)),
        yaxis=axis(unit_title(unit), dark=dark, rangemode="tozero"),
        shapes=shapes,
        annotations=notes,
    )


def forecast_table(found: SprintForecast) -> Table:
    """One row for each moment, oldest first."""
    name = unit_title(found.unit).lower()
    columns = (
        f"Told ({found.zone})", "Working days left", f"Completed ({name})", f"Scope ({name})", "Likely to finish",
        *(f"{share} % certain at the end ({name})" for share in PERCENTILES),
    )  # fmt: skip
    rows = tuple(
        (
            _when(one, found),
            str(one.days_left),
            number(shown(one.completed, found.unit)),
            number(shown(one.scope, found.unit)),
            UNKNOWN if one.finish is None else likelihood(one.finish),
            *(_reached(one, share, found.unit) for share in PERCENTILES),
        )
        for one in found.given
    )
    return Table(columns, rows)


def forecast_reading(found: SprintForecast) -> str:
    """What the forecast says, and how earlier ones came out."""
    told = found.latest
    if told is None:
        return found.missing or NO_NUMBER
    sentence = _closed_sentence(found) if found.closed else _running_sentence(found, told)
    return f"{sentence} {hit_sentence(found.hit_rate)}"


def hit_sentence(judged: HitRate | None, *, certainty: int = TOLD) -> str:
    """How earlier forecasts at this certainty came out."""
    if judged is None:
        return "No earlier forecast of this board can be judged yet."
    hits = judged.hits(certainty)
    if judged.forecasts == 1:
        return (
            f"The only earlier such forecast at {certainty} % {'came true' if hits else 'did not come true'}."
        )
    return f"Of {judged.forecasts} earlier such forecasts at {certainty} %, {hits or 'none'} came true."


def hits_reading(judged: HitRate | None) -> str:
    """How earlier forecasts came out at every certainty; empty where none can be judged."""
    if judged is None:
        return ""
    sprints = f"{judged.sprints} closed {'sprint' if judged.sprints == 1 else 'sprints'}"
    told = f"{judged.forecasts} {'forecast' if judged.forecasts == 1 else 'forecasts'}"
    hits = ", ".join(f"{judged.hits(share)} at {share} %" for share, _ in judged.coverage)
    score = (
        ""
        if judged.brier is None
        else (
            f" Brier score of the likelihood to finish: {judged.brier:.2f} (0 is perfect, 0.25 is what guessing fifty-fifty gets)."
        )
    )
    return f"Judged by {told} in {sprints} before; came true: {hits}.{score}"


def likelihood(finish: float) -> str:
    """ "82 %", "more than 95 %", "less than 1 %"."""
    if finish >= MOST_CERTAIN:
        return f"more than {percent(MOST_CERTAIN)}"
    return f"less than {percent(_LEAST)}" if finish < _LEAST else percent(finish)


def shown(base: float, unit: Unit) -> float:
    """An amount in base units as points, hours or issues."""
    return base / BASE_UNITS[unit]


def _running_sentence(found: SprintForecast, told: DayForecast) -> str:
    scope = shown(told.scope, found.unit)
    if told.remaining <= 0:
        return f"All that is in scope is completed: {number(scope)} {noun(scope, found.unit)}."
    chance = likelihood(told.finish or 0)
    least = number(shown(dict(told.percentiles)[TOLD], found.unit))
    return (
        f"{chance[:1].upper()}{chance[1:]} likely to finish by {_end_day(found)}; with {TOLD} % certainty at least {least} of "
        f"{number(scope)} {noun(scope, found.unit)} are completed then."
    )


def _closed_sentence(found: SprintForecast) -> str:
    first = next(one for one in found.given if one.finish is not None)
    when = "At its start" if first is found.given[0] else f"After {day_name(first.day)}"
    scope, unit = shown(first.scope, found.unit), found.unit
    least = number(shown(dict(first.percentiles)[TOLD], unit))
    told = (
        f"{when} it was {likelihood(first.finish or 0)} likely to finish by {_end_day(found)}, with {TOLD} % certainty of at "
        f"least {least} of {number(scope)} {noun(scope, unit)}"
    )
    return f"{told}; {_came(found.outcome, unit)}." if found.outcome is not None else f"{told}."


def _came(outcome: SprintOutcome, unit: Unit) -> str:
    scope = shown(outcome.scope, unit)
    if outcome.finished:
        return f"all {number(scope)} {noun(scope, unit)} in scope were completed by then"
    return f"{number(shown(outcome.completed, unit))} of {number(scope)} {noun(scope, unit)} were completed by then"


def _end_day(found: SprintForecast) -> str:
    end = found.planned_end
    # An end at midnight is the end of the day before.
    return "its end" if end is None else day_name(local_day(end - timedelta(microseconds=1), zone=found.zone))


def _reached(one: DayForecast, share: int, unit: Unit) -> str:
    reached = dict(one.percentiles).get(share)
    return UNKNOWN if reached is None else number(shown(reached, unit))


def _band(told: Sequence[DayForecast], found: SprintForecast, colours: Palette) -> list[Trace]:
    x = [plotted(one.at, zone=found.zone) for one in told]
    texts = [_hover(one, found) for one in told]

    def at(share: int) -> list[float]:
        return [shown(dict(one.percentiles)[share], found.unit) for one in told]

    thin = {"width": 0.5}
    return [
        line(
            "95 % certain", x, at(95), colour=colours.remaining, line=thin, hoverinfo="skip", showlegend=False
        ),
        line(
            "Told for the end: 95 % to 50 % certain",
            x,
            at(50),
            colour=colours.remaining,
            line=thin,
            fill="tonexty",
            fillcolor=translucent(colours.remaining, 0.18),
            hoverinfo="skip",
        ),
        line(
            f"Told for the end: {TOLD} % certain",
            x,
            at(TOLD),
            colour=colours.remaining,
            mode="lines+markers",
            marker={"size": 6},
            text=texts,
            hovertemplate="%{text}<extra></extra>",
        ),
    ]


def _when(one: DayForecast, found: SprintForecast) -> str:
    """The moment; of a whole day, that it was its end."""
    ended = local_day(one.at, zone=found.zone) > one.day
    return f"End of {one.day.isoformat()}" if ended else clock_text(one.at, zone=found.zone)


def _hover(one: DayForecast, found: SprintForecast) -> str:
    amounts = ", ".join(f"{share} %: {_reached(one, share, found.unit)}" for share, _ in one.percentiles)
    scope = shown(one.scope, found.unit)
    days = f"{one.days_left} working {'day' if one.days_left == 1 else 'days'} left"
    return (
        f"{_when(one, found)}, {days}<br>{likelihood(one.finish or 0)} likely to finish "
        f"{number(scope)} {noun(scope, found.unit)}<br>Completed at the end by certainty: {amounts}"
    )


def _course(
    name: str, given: Sequence[DayForecast], amounts: Sequence[int], colour: str, found: SprintForecast
) -> Trace:
    return line(
        name,
        [plotted(one.at, zone=found.zone) for one in given],
        [shown(amount, found.unit) for amount in amounts],
        colour=colour,
        shape="hv",
        hovertemplate=f"{name}: %{{y}}<extra></extra>",
    )


def _ahead(found: SprintForecast, colours: Palette) -> list[Trace]:
    """Of a sprint that runs: from what is completed now to what is at the planned end."""
    now = found.latest
    if now is None or found.closed or found.planned_end is None:
        return []
    x = [plotted(at, zone=found.zone) for at in (now.at, found.planned_end)]
    ends = dict(now.percentiles)

    def to(name: str, share: int, **more: Any) -> Trace:
        y = [shown(amount, found.unit) for amount in (now.completed, ends[share])]
        style = {"width": 1, "dash": "dot"}
        return line(name, x, y, colour=colours.done, line=style, hoverinfo="skip", **more)

    fill = {"fill": "tonexty", "fillcolor": translucent(colours.done, 0.14)}
    return [
        to("Ahead, 95 % certain", 95, showlegend=False),
        to("Ahead: 95 % to 50 % certain", 50, **fill),
    ]


def _outcome(found: SprintForecast, colours: Palette) -> list[Trace]:
    if found.outcome is None or found.planned_end is None:
        return []
    came = shown(found.outcome.completed, found.unit)
    text = f"Completed by the planned end: {number(came)} {noun(came, found.unit)}"
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Completed by the planned end",
            "x": [plotted(_until(found), zone=found.zone)],
            "y": [came],
            "hovertemplate": f"{text}<extra></extra>",
            "marker": {"symbol": "diamond", "size": 11, "color": colours.done},
        }
    ]


def _planned_end(
    found: SprintForecast, colours: Palette
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    if found.planned_end is None:
        return [], []
    at = plotted(found.planned_end, zone=found.zone)
    shape, note = upright(at, "planned end", colour=colours.guide, anchor="right")
    return [shape], [note]


def _until(found: SprintForecast) -> datetime:
    return max(one for one in (found.planned_end, found.given[-1].at) if one is not None)


def _time_range(found: SprintForecast) -> list[str]:
    since, until = found.given[0].at, _until(found)
    margin = (until - since) / 40
    return [plotted(since - margin, zone=found.zone), plotted(until + margin, zone=found.zone)]
