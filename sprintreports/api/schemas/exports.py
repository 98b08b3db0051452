"""Files of reports as REST takes and shows them."""

from datetime import datetime
from typing import Annotated

import msgspec
from pydantic import Field, model_validator

from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.api.schemas.report_specs import Key, LayoutIO, SpecIO, about_of, spec_of
from sprintreports.charts.writing import STYLES
from sprintreports.reports.export.options import Format, Options, Paper
from sprintreports.reports.exporting.asking import About, Export, Wanted
from sprintreports.reports.exporting.states import State

Zone = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")]
Locale = Annotated[str, Field(pattern=f"^({'|'.join(STYLES)})$")]


class ExportOptions(Strict):
    """What the file is to be like."""

    paper: Paper = Field(default=Paper.A4, description="of PDF, and of HTML when it is printed")
    landscape: bool = False
    part: Key | None = Field(
        default=None,
        examples=["teams"],
        description="key of the one table (csv) or chart (png, svg) that is wanted; null: all of them, in a zip",
    )
    mark: bool = Field(
        default=True, description="csv: begin with a byte order mark, by which spreadsheets know UTF-8"
    )
    dark: bool = Field(default=False, description="png, svg: for a dark page")

    def value(self) -> Options:
        return Options(self.paper, self.landscape, self.part or "", self.mark, self.dark)

    @classmethod
    def of(cls, options: Options) -> "ExportOptions":
        return cls.model_validate({**msgspec.to_builtins(options), "part": options.part or None})


class ExportIn(Strict):
    """A file to be made of a report of the library (`report_id`), or of what `spec` says."""

    report_id: ID | None = Field(default=None, description="a report of the library")
    spec: SpecIO | None = None
    layout: LayoutIO | None = Field(default=None, description="of `spec`; null: every section as usual")
    format: Format = Field(examples=["pdf"])
    options: ExportOptions = Field(default_factory=ExportOptions)
    zone: Zone | None = Field(
        default=None,
        description="that times are told in; null: yours, else the board's",
        examples=["Europe/Berlin"],
    )
    locale: Locale | None = Field(
        default=None,
        description="how numbers and days are written; null: as your profile says",
        examples=["de-DE"],
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "ExportIn":
        if (self.report_id is None) == (self.spec is None):
            raise ValueError(
                "Name a report of the library (report_id), or say what the report is about (spec)."
            )
        return self

    def value(self) -> Wanted:
        """Raises Invalid."""
        spec = None if self.spec is None else spec_of(self.spec)
        layout = None if self.layout is None else self.layout.value()
        about = About(self.report_id, spec, layout)
        return Wanted(about, self.format, self.options.value(), self.zone, self.locale)


class ExportOut(Strict):
    """A file, without its bytes."""

    id: int
    report_id: int | None
    spec: SpecIO | None
    layout: LayoutIO | None
    format: Format
    options: ExportOptions
    zone: str | None
    locale: str | None
    state: State = Field(description="done: `/exports/{id}/file` has it; failed: `problem` says why")
    progress: int = Field(ge=0, le=100, description="in percent", examples=[100])
    problem: str = Field(description="a sentence; empty: there is none", examples=[""])
    title: str = Field(
        description="of the report; empty until it is done", examples=["Baseline of Sprint 12"]
    )
    file_name: str = Field(examples=["baseline-of-sprint-12.pdf"])
    media: str = Field(description="media type", examples=["application/pdf"])
    size: int | None = Field(description="bytes", examples=[182_400])
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime = Field(description="then it is deleted")

    @classmethod
    def of(cls, export: Export) -> "ExportOut":
        wanted = export.wanted
        same = (
            "id",
            "state",
            "progress",
            "problem",
            "title",
            "file_name",
            "media",
            "size",
            "created_at",
            "finished_at",
            "expires_at",
        )
        return cls(
            report_id=wanted.about.report_id,
            spec=None if wanted.about.spec is None else about_of(wanted.about.spec),
            layout=None if wanted.about.layout is None else LayoutIO.of(wanted.about.layout),
            format=wanted.form,
            options=ExportOptions.of(wanted.options),
            zone=wanted.zone,
            locale=wanted.locale,
            **{name: getattr(export, name) for name in same},
        )
