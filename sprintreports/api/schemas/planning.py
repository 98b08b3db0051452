"""What the bodies and answers of planning share: strict bodies, figures as they are stored, parts of a day."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sprintreports.planning.capacity.days import DayPart

ID = Annotated[int, Field(ge=1, le=2**63 - 1)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
HoursOfDay = Annotated[float, Field(gt=0, le=24, allow_inf_nan=False)]
Country = Annotated[str, Field(max_length=10, examples=["DE"])]
Subdivision = Annotated[str, Field(max_length=20, examples=["BE"])]
Day = Annotated[date, Field(examples=["2026-05-04"])]

_CENTS = Decimal("0.01")
_SHOWN = 6  # decimals: figures are exact fractions until here


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PartOfDay(StrEnum):
    """Which half of each of the days, or all of it."""

    WHOLE = "whole"
    MORNING = "morning"
    AFTERNOON = "afternoon"

    @classmethod
    def of(cls, part: DayPart) -> "PartOfDay":
        return cls[part.name]

    @property
    def halves(self) -> DayPart:
        return DayPart[self.name]


def stored(value: float) -> Decimal:
    """A figure with the two decimals that are stored."""
    return Decimal(str(value)).quantize(_CENTS)


def shown(value: Fraction | Decimal) -> float:
    """A figure for programs."""
    return round(float(value), _SHOWN)


def shown_or_null(value: Fraction | Decimal | None) -> float | None:
    return None if value is None else shown(value)
