"""The document of a report as REST shows it: the shape of `reports/export/json.py`, field by field. docs/decisions/0021."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import Document, DocumentKind, Kind, Mark, Tone
from sprintreports.reports.export.json import SCHEMA, tree


class IssueRefOut(BaseModel):
    """An issue; an empty url: it is not known any more where it is."""

    key: str = Field(examples=["SHOP-12"])
    url: str


class StatusRefOut(BaseModel):
    """A status with what it means on the board."""

    name: str = Field(examples=["In Progress"])
    tone: Tone


Cell = IssueRefOut | StatusRefOut | int | float | str | None


class ColumnOut(BaseModel):
    key: str
    label: str
    kind: Kind
    unit: Unit | None


class RowOut(BaseModel):
    """Values in the order of the columns; the issues behind the row in the order of the table's `child_columns`."""

    cells: list[Cell] = Field(
        description="days as YYYY-MM-DD, instants with their offset, shares as 1.0 for 100 %",
        examples=[["Backend", 21.0]],
    )
    mark: Mark = Mark.NONE
    children: list["RowOut"] = []


class FactOut(BaseModel):
    """A figure with its name."""

    key: str
    label: str
    value: Cell
    kind: Kind
    unit: Unit | None
    change: float | None
    good: bool | None = Field(description="whether the change is welcome; null: neither")
    detail: str


class ParagraphOut(BaseModel):
    block: Literal["paragraph"] = "paragraph"
    text: str


class NoticeOut(BaseModel):
    """A sentence that must not be overlooked."""

    block: Literal["notice"] = "notice"
    text: str
    tone: Tone


class FactsOut(BaseModel):
    block: Literal["facts"] = "facts"
    key: str
    facts: list[FactOut]


class TableOut(BaseModel):
    block: Literal["table"] = "table"
    key: str
    title: str
    columns: list[ColumnOut]
    rows: list[RowOut]
    child_columns: list[ColumnOut]
    reading: str
    empty: str = Field(description="the sentence in place of no rows")


class ChartOut(BaseModel):
    """A picture by what it says and by its numbers."""

    block: Literal["chart"] = "chart"
    key: str
    title: str
    reading: str
    light: dict[str, Any] = Field(description="a Plotly figure for a light page")
    dark: dict[str, Any]
    table: TableOut


BlockOut = Annotated[ParagraphOut | NoticeOut | FactsOut | TableOut | ChartOut, Field(discriminator="block")]


class SectionOut(BaseModel):
    key: str
    title: str
    blocks: list[BlockOut]


class CalendarEntryOut(BaseModel):
    """A sprint or a deadline."""

    uid: str
    title: str
    start: str = Field(
        description="a day, or an instant with its offset", examples=["2026-03-02T09:00:00+01:00"]
    )
    until: str | None
    text: str
    url: str


class DocumentOut(BaseModel):
    """A report: sections of paragraphs, figures, tables and charts. It is what an export as JSON holds, too."""

    version: int = Field(alias="schema", description=f"of this shape: {SCHEMA}", examples=[SCHEMA])
    kind: DocumentKind
    title: str
    subtitle: str
    made_at: AwareDatetime
    moment: AwareDatetime = Field(description="the latest state that it speaks of")
    zone: str
    locale: str
    sections: list[SectionOut]
    basis: list[str] = Field(description="what the numbers rest on")
    calendar: list[CalendarEntryOut]
    link: str = Field(description="where the report is; empty: it is not kept")

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        return cls.model_validate(tree(document))
