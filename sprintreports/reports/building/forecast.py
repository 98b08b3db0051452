"""What was forecast of a sprint, day by day, against what happened; and how often forecasts of the sprints before came true."""

from __future__ import annotations

from collections.abc import Iterator

from sprintreports.charts.forecast import (
    TOLD,
    forecast_figure,
    forecast_reading,
    hit_sentence,
    likelihood,
    shown,
)
from sprintreports.charts.theme import palette
from sprintreports.charts.words import amount, number, percent
from sprintreports.charts.writing import figures
from sprintreports.metrics.forecast import MOST_CERTAIN, DayForecast, HitRate, SprintForecast
from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import (
    Block,
    Chart,
    Column,
    Fact,
    Facts,
    Kind,
    Native,
    Notice,
    Paragraph,
    Row,
    Section,
    Series,
    Shape,
    Table,
    Tone,
)

NO_FORECAST = "Nothing was forecast."
NO_HIT_RATE = "No earlier forecast of this board can be judged yet."
FINISHED = "All of it was finished."
_FEW, _SURE = 50, TOLD  # the certainties that are told
HELD = f"Not all of it was finished; as much as told with {_SURE} % was."
MISSED = f"Less was finished than told with {_SURE} %."


def forecast(found: SprintForecast) -> Section:
    """The part of the review; with no number ever told, the sentence why."""
    blocks: list[Block] = []
    if found.missing:
        blocks.append(Notice(found.missing, Tone.NEUTRAL))
    if any(one.finish is not None for one in found.given):
        sentences = "\n".join(_sentences(found))
        blocks += [
            Facts("forecast_figures", _figures(found)),
            *([Paragraph(sentences)] if sentences else []),
            _chart(found),
            _hits(found.hit_rate, found.unit),
        ]
    return Section("forecast", "What was forecast", tuple(blocks))


def chance(found: SprintForecast) -> str:
    """Of a sprint that runs, as its page says it; empty where no number can be told."""
    return "" if found.latest is None or found.closed else forecast_reading(found)


def _chart(found: SprintForecast) -> Chart:
    light, dark = (forecast_figure(found, dark=dark) for dark in (False, True))
    colours = palette(dark=False)
    series = (
        Series("completed", "Completed then", colours.done),
        Series("at_least_50", f"Told for the end: {_FEW} % certain", colours.guide),
        Series("at_least_85", f"Told for the end: {_SURE} % certain", colours.remaining),
    )
    return Chart(
        "forecast_chart",
        "Forecast against what happened",
        forecast_reading(found),
        light,
        dark,
        _days(found),
        Native(Shape.LINES, "when", series),
    )


def _sentences(found: SprintForecast) -> Iterator[str]:
    """What the chart's own sentence leaves out: the middle of the sprint, and what was left over."""
    first, *others = [one for one in found.given if one.finish is not None]
    for later in others:
        if later.days_left * 2 <= first.days_left:
            likely = likelihood(later.finish or 0.0)
            yield f"{_after(later, found)} the chance was told as {likely}, with {_SURE} % certainty of at least {_at_least(later, found)}."
            break
    yield from _left_over(found)
    if any(one.finish is not None and one.finish >= MOST_CERTAIN for one in found.given):
        yield f"{percent(MOST_CERTAIN)} stands for anything above it: no chance is told as more certain."


def _left_over(found: SprintForecast) -> Iterator[str]:
    came, unit = found.outcome, found.unit
    if came is None:
        return
    done, scope, close = (shown(base, unit) for base in (came.completed, came.scope, came.at_close))
    left = max(0, scope - done)
    was = "was" if number(left) == "1" else "were"
    yield (
        "Nothing was left over."
        if came.finished
        else f"{amount(left, unit)} {was} left over at the planned end."
    )
    if close != done:
        yield f"At the close, after the planned end, {amount(close, unit)} of the sprint {'was' if number(close) == '1' else 'were'} completed."


def _figures(found: SprintForecast) -> tuple[Fact, ...]:
    first, unit, came = next(one for one in found.given if one.finish is not None), found.unit, found.outcome
    hit_rate = found.hit_rate
    told = [
        Fact("forecast_chance", "Chance to finish, first told", first.finish, Kind.SHARE),
        Fact("forecast_sure", f"At least, first told with {_SURE} %", _sure(first, _SURE, unit), unit=unit),
    ]
    if came is not None:
        told.append(
            Fact("forecast_completed", "Completed by the planned end", shown(came.completed, unit), unit=unit)
        )
    if hit_rate is not None:
        share = dict(hit_rate.coverage).get(_SURE)
        told.append(
            Fact("forecast_hits", f"Earlier forecasts with {_SURE} % that came true", share, Kind.SHARE)
        )
    return tuple(told)


def _days(found: SprintForecast) -> Table:
    unit = found.unit
    columns = (
        Column("when", "Told"),
        Column("day", "Day", Kind.DAY),
        Column("completed", "Completed then", Kind.NUMBER, unit),
        Column("remaining", "Remaining then", Kind.NUMBER, unit),
        Column("days_left", "Working days left", Kind.COUNT),
        Column("chance", "Chance to finish", Kind.SHARE),
        Column("at_least_50", f"At least, with {_FEW} %", Kind.NUMBER, unit),
        Column("at_least_85", f"At least, with {_SURE} %", Kind.NUMBER, unit),
        *(() if found.outcome is None else (Column("happened", "What happened", wide=True),)),
    )
    rows = tuple(
        Row(
            (
                _when(one, found),
                one.day,
                shown(one.completed, unit),
                shown(one.remaining, unit),
                one.days_left,
                one.finish,
                _sure(one, _FEW, unit),
                _sure(one, _SURE, unit),
                *(() if found.outcome is None else (_came_true(one, found),)),
            )
        )
        for one in found.given
    )
    return Table("forecast_table", "Forecasts by day", columns, rows, NO_FORECAST)


def _came_true(one: DayForecast, found: SprintForecast) -> str | None:
    if found.outcome is None or one.finish is None:
        return None
    if found.outcome.completed >= one.scope:
        return FINISHED
    return HELD if found.outcome.completed >= dict(one.percentiles)[_SURE] else MISSED


def _hits(rate: HitRate | None, unit: Unit) -> Table:
    columns = (
        Column("certainty", "Told with", Kind.SHARE),
        Column("forecasts", "Forecasts", Kind.COUNT),
        Column("hits", "Came true", Kind.COUNT),
        Column("share", "Share that came true", Kind.SHARE),
        Column("loss", "Mean pinball loss", Kind.NUMBER, unit),
    )
    title = "How earlier forecasts came out"
    if rate is None:
        return Table("hit_rate", title, columns, (), NO_HIT_RATE)
    losses = dict(rate.pinball)
    rows = tuple(
        Row((certainty / 100, rate.forecasts, rate.hits(certainty), share, shown(losses[certainty], unit)))
        for certainty, share in rate.coverage
    )
    return Table("hit_rate", title, columns, rows, NO_HIT_RATE, _reading(rate))


def _reading(rate: HitRate) -> str:
    if rate.brier is None:
        return hit_sentence(rate)
    score = figures(f"{rate.brier:.3f}")
    return (
        f"{hit_sentence(rate)} Brier score of the chances: {score} (0 is perfect, 0.25 is as good as a coin)."
    )


def _when(one: DayForecast, found: SprintForecast) -> str:
    if one is found.given[0]:
        return "At the start"
    if not found.closed and one is found.given[-1]:
        return "At the moment"
    return _after(one, found)


def _after(one: DayForecast, found: SprintForecast) -> str:
    """Of how many working days the sprint was planned with: its first forecast is that of the start."""
    whole = found.given[0].days_left
    return (
        f"After {number(whole - one.days_left)} of {number(whole)} working {'day' if whole == 1 else 'days'}"
    )


def _at_least(one: DayForecast, found: SprintForecast) -> str:
    return amount(_sure(one, _SURE, found.unit) or 0.0, found.unit)


def _sure(one: DayForecast, certainty: int, unit: Unit) -> float | None:
    found = dict(one.percentiles).get(certainty)
    return None if found is None else shown(found, unit)
