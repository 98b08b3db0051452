"""Estimates and sums, in all units at once. Points are kept in thousandths, so these decimals are exact."""

from dataclasses import dataclass, fields
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Estimate

Points = Annotated[float, Field(description="story points, exact to the thousandth", examples=[12.5])]


@dataclass(frozen=True, slots=True)
class Known:
    """Which units an answer can be given in. A unit that not one issue was estimated in is not known, rather than 0."""

    points: bool = True
    hours: bool = True

    @classmethod
    def of(cls, totals: Totals) -> "Known":
        def known(name: Literal["points", "seconds"], missing: int) -> bool:
            return missing < totals.final.count or any(getattr(amount, name) for amount in _amounts(totals))

        empty = totals.final.count == 0
        return cls(
            points=empty or known("points", totals.unestimated),
            hours=empty or known("seconds", totals.untimed),
        )


def _amounts(totals: Totals) -> list[Amount]:
    values = [getattr(totals, field.name) for field in fields(totals)]
    return [value for value in values if isinstance(value, Amount)]


class AmountOut(BaseModel):
    """A sum over issues; null in a unit that not one of the sprint's issues was estimated in."""

    points: Points | None
    hours: float | None
    count: int

    @classmethod
    def of(cls, amount: Amount, known: Known) -> "AmountOut":
        return cls(
            points=amount.points / 1000 if known.points else None,
            hours=amount.seconds / 3600 if known.hours else None,
            count=amount.count,
        )


class EstimateOut(BaseModel):
    """One issue's estimate; null where nobody estimated it, which is not 0."""

    points: Points | None
    hours: float | None

    @classmethod
    def of(cls, estimate: Estimate) -> "EstimateOut":
        points, seconds = estimate.points, estimate.seconds
        return cls(
            points=None if points is None else points / 1000,
            hours=None if seconds is None else seconds / 3600,
        )
