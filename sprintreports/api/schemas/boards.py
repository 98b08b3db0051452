"""Boards as REST shows them."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from sprintreports.jira.reads.boards import BoardRow
from sprintreports.metrics.values import SubtaskRule, Unit


class BoardOut(BaseModel):
    """A board, with what Jira says about it and what we decide. Weekdays: 0 is Monday."""

    id: int
    site_id: int
    site_name: str
    jira_board_id: int
    name: str
    type: str
    project_key: str | None
    estimation_kind: str
    estimation_field: str | None
    columns: list[str]
    unit: Unit
    subtasks: SubtaskRule
    zone: str
    weekdays: list[int]
    days_off: list[date]
    selected: bool
    problem: str | None = Field(description="why the board cannot be read; null: it can")
    url: str
    as_of: datetime | None = Field(description="end of the site's last complete sync; null: never")
    active_sprints: int
    closed_sprints: int
    future_sprints: int

    @classmethod
    def of(cls, row: BoardRow) -> "BoardOut":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
