"""Boards as REST shows them."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from sprintreports.jira.board_done import BoardStatus
from sprintreports.jira.reads.boards import BoardRow
from sprintreports.metrics.values import SubtaskRule, Unit


class BoardStatusOut(BaseModel):
    """A status of a board's columns, or one that its issues have or had besides."""

    id: str
    name: str
    category: str
    column: str | None = Field(description="null: it is in none of the board's columns")
    rightmost: bool
    deleted: bool = Field(description="Jira has it no more; only the past knows it")

    @classmethod
    def of(cls, status: BoardStatus) -> "BoardStatusOut":
        return cls(
            id=status.status_id,
            name=status.name,
            category=status.category,
            column=status.column,
            rightmost=status.rightmost,
            deleted=status.deleted,
        )


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
    done: list[str] = Field(
        description="names of the statuses that count as done; none: their category decides"
    )
    done_statuses: list[str] | None = Field(
        description="ids of the statuses chosen to count as done; null: those of the right-most column do"
    )
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
