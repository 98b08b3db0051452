"""The velocity as REST shows it."""

from datetime import datetime

from pydantic import BaseModel, Field

from sprintreports.metrics.values import Unit
from sprintreports.metrics.velocity import Velocity, VelocityBar


class VelocitySprintOut(BaseModel):
    """One closed sprint in the unit of the answer. say_do and churn: 1.0 is 100 %, null without a commitment.

    The amounts are null where nothing was estimated in the unit.
    """

    sprint_id: int
    name: str
    start: datetime | None
    close: datetime
    committed: float | None
    completed: float | None
    completed_initial: float | None
    issues: int = Field(description="completed issues")
    without_estimate: int = Field(description="those of them that add 0 for want of an estimate")
    unestimated: int = Field(description="issues of the final scope that count as 0 for want of an estimate")
    left_out: int = Field(description="members of the sprint that its report leaves out")
    say_do: float | None
    churn: float | None

    @classmethod
    def of(cls, bar: VelocityBar) -> "VelocitySprintOut":
        values = {name: getattr(bar, name) for name in cls.model_fields}
        if not _is_known(bar):
            values |= dict.fromkeys(("committed", "completed", "completed_initial"))
        return cls(**values)


class VelocityOut(BaseModel):
    """Velocity over the last closed sprints, oldest first. Null where there are too few sprints for a number, or
    where nothing was estimated in the unit.
    """

    board_id: int
    unit: Unit
    asked: int
    sprints: list[VelocitySprintOut]
    mean: float | None
    median: float | None
    spread: float | None = Field(description="standard deviation")
    low: float | None = Field(description="lower natural process limit")
    high: float | None = Field(description="upper natural process limit")
    say_do_median: float | None
    say_do_spread: float | None
    churn_median: float | None

    @classmethod
    def of(cls, velocity: Velocity, *, board_id: int) -> "VelocityOut":
        figures = (
            "mean",
            "median",
            "spread",
            "low",
            "high",
            "say_do_median",
            "say_do_spread",
            "churn_median",
        )
        known = any(_is_known(bar) for bar in velocity.sprints)
        return cls(
            board_id=board_id,
            unit=velocity.unit,
            asked=velocity.asked,
            sprints=[VelocitySprintOut.of(bar) for bar in velocity.sprints],
            **{name: getattr(velocity, name) if known else None for name in figures},
        )


def _is_known(bar: VelocityBar) -> bool:
    return bar.unestimated == 0 or any((bar.committed, bar.completed, bar.completed_initial))
