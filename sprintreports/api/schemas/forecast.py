"""A sprint's forecasts as REST shows them, in the unit of the answer."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from sprintreports.metrics.forecast import DayForecast, HitRate, SprintForecast, SprintOutcome
from sprintreports.metrics.values import BASE_UNITS, Unit


class CertainAmountOut(BaseModel):
    """What is completed by the planned end with at least this certainty."""

    certainty: int = Field(description="in percent", examples=[85])
    completed: float = Field(description="never more than the scope of the moment", examples=[31.0])


class DayForecastOut(BaseModel):
    """What could be told at one moment."""

    day: date = Field(description="the local day that ended then, on which the sprint started, or that runs")
    at: datetime
    remaining: float
    completed: float
    days_left: int = Field(
        description="working days to the planned end; one that still runs counts whole", examples=[4]
    )
    finish: float | None = Field(
        description="likelihood that all that then was in scope is completed by the planned end, at most 0.95; null where too "
        "little was known",
        examples=[0.82],
    )
    percentiles: list[CertainAmountOut]

    @classmethod
    def of(cls, told: DayForecast, unit: Unit) -> "DayForecastOut":
        return cls(
            day=told.day,
            at=told.at,
            remaining=_shown(told.remaining, unit),
            completed=_shown(told.completed, unit),
            days_left=told.days_left,
            finish=told.finish,
            percentiles=[
                CertainAmountOut(certainty=share, completed=_shown(amount, unit))
                for share, amount in told.percentiles
            ],
        )


class ForecastOutcomeOut(BaseModel):
    """What became of a closed sprint."""

    completed: float = Field(
        description="by the end of the day of the planned end, or by the close where that came before"
    )
    scope: float = Field(description="in scope then")
    finished: bool = Field(description="all of that scope was completed")
    at_close: float = Field(description="completed at the close")

    @classmethod
    def of(cls, came: SprintOutcome, unit: Unit) -> "ForecastOutcomeOut":
        return cls(
            completed=_shown(came.completed, unit),
            scope=_shown(came.scope, unit),
            finished=came.finished,
            at_close=_shown(came.at_close, unit),
        )


class CertaintyHitsOut(BaseModel):
    """How forecasts at one certainty came out."""

    certainty: int = Field(description="in percent", examples=[85])
    came_true: int = Field(
        description="forecasts in which at least the amount told was completed", examples=[21]
    )
    coverage: float = Field(description="the same as a share of the forecasts", examples=[0.875])
    pinball: float = Field(description="mean pinball loss of the amount told", examples=[1.5])


class HitRateOut(BaseModel):
    """How earlier forecasts of this board came out, each made from what was known then."""

    sprints: int = Field(description="closed sprints judged, at most the last 20")
    forecasts: int = Field(
        description="given in them: at the start and after each quarter of the working days"
    )
    certainties: list[CertaintyHitsOut]
    brier: float | None = Field(
        description="Brier score of `finish`: 0 is perfect, 0.25 is what always saying one half gets"
    )

    @classmethod
    def of(cls, judged: HitRate, unit: Unit) -> "HitRateOut":
        losses = dict(judged.pinball)
        return cls(
            sprints=judged.sprints,
            forecasts=judged.forecasts,
            certainties=[
                CertaintyHitsOut(
                    certainty=share,
                    came_true=judged.hits(share),
                    coverage=coverage,
                    pinball=_shown(losses[share], unit),
                )
                for share, coverage in judged.coverage
            ],
            brier=judged.brier,
        )


class ForecastOut(BaseModel):
    """The forecasts of a sprint, oldest first: at its start, at the end of each working day, and of one that runs, now."""

    unit: Unit
    zone: str = Field(description="whose days they are")
    planned_end: datetime | None
    closed: bool
    known_until: datetime | None = Field(
        description="the close, or up to when Jira's changes are here; null before the start"
    )
    missing: str = Field(
        description="why there is no number, empty where there is one",
        examples=[
            "This sprint has no planned end, so there is nothing to forecast. Set its end date in Jira."
        ],
    )
    sprints_used: int = Field(description="closed sprints that the last forecast draws its days from")
    given: list[DayForecastOut]
    outcome: ForecastOutcomeOut | None = Field(description="of a closed sprint with a planned end")
    hit_rate: HitRateOut | None = Field(description="null where no earlier forecast can be judged")

    @classmethod
    def of(cls, found: SprintForecast) -> "ForecastOut":
        unit = found.unit
        return cls(
            unit=unit,
            zone=found.zone,
            planned_end=found.planned_end,
            closed=found.closed,
            known_until=found.known_until,
            missing=found.missing,
            sprints_used=found.used,
            given=[DayForecastOut.of(told, unit) for told in found.given],
            outcome=None if found.outcome is None else ForecastOutcomeOut.of(found.outcome, unit),
            hit_rate=None if found.hit_rate is None else HitRateOut.of(found.hit_rate, unit),
        )


def _shown(base: float, unit: Unit) -> float:
    return base / BASE_UNITS[unit]
