"""Reports of the library, templates and links that share a report, as REST shows them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from sprintreports.api.schemas.planning import Strict
from sprintreports.api.schemas.report_specs import LayoutIO, SpecIO, TemplateIO, about_of, spec_of
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library.ledger import TagCount
from sprintreports.reports.library.reports import MOST_TAGS, USUAL, ReportInfo, Wanted
from sprintreports.reports.library.shares import (
    DEFAULT_DAYS,
    LONGEST_PASSWORD,
    MOST_DAYS,
    SHORTEST_PASSWORD,
    ShareLink,
)
from sprintreports.reports.library.sizes import LONGEST_LINK_NAME, LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG
from sprintreports.reports.library.system_templates import SystemTemplate
from sprintreports.reports.library.templates import TemplateInfo, TemplateVersion

_LINE = r"^[^\x00-\x1f]*$"
Name = Annotated[
    str, Field(min_length=1, max_length=LONGEST_NAME, pattern=_LINE, examples=["Sprint 21 at its close"])
]
Tag = Annotated[str, Field(min_length=1, max_length=LONGEST_TAG, pattern=r"^[^\x00-\x1f,]*$")]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS)]
Note = Annotated[str, Field(max_length=LONGEST_NOTE)]


class LibraryReportOut(BaseModel):
    """A report of the library, without what it shows: `/reports/{id}/document` has that."""

    id: int
    name: Name
    kind: DocumentKind
    tags: list[str]
    spec: SpecIO
    board_ids: list[int] = Field(
        description="all that it speaks of: whoever may not see one of them does not see the report"
    )
    boards: list[str] = Field(description="their names")
    template: TemplateIO | None = Field(description="null: every section in the usual order")
    owner_id: int
    owner: str
    shared: bool = Field(description="seen by all who may see its boards; else by its owner alone")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, info: ReportInfo) -> "LibraryReportOut":
        return cls(
            id=info.id,
            name=info.name,
            kind=info.kind,
            tags=list(info.tags),
            spec=about_of(info.spec),
            board_ids=list(info.board_ids),
            boards=list(info.boards),
            template=TemplateIO.of(info.template),
            owner_id=info.owner_id,
            owner=info.owner,
            shared=info.shared,
            created_at=info.created_at,
            updated_at=info.updated_at,
        )


class LibraryReportIn(Strict):
    """A report to be put into the library."""

    name: Name
    spec: SpecIO
    tags: Tags = Field(default=[])
    template: TemplateIO | None = None
    shared: bool = Field(default=False, description="takes the right to write reports on all of its boards")

    def wanted(self) -> Wanted:
        template = USUAL if self.template is None else self.template.value()
        return Wanted(self.name, spec_of(self.spec), tuple(self.tags), template, self.shared)


class LibraryReportChange(Strict):
    """What is left out stays. A null template: every section in the usual order."""

    name: Name | None = None
    spec: SpecIO | None = None
    tags: Tags | None = None
    template: TemplateIO | None = None
    shared: bool | None = None

    def wanted(self, before: Wanted) -> Wanted:
        template = before.template
        if "template" in self.model_fields_set:
            template = USUAL if self.template is None else self.template.value()
        return Wanted(
            name=before.name if self.name is None else self.name,
            spec=before.spec if self.spec is None else spec_of(self.spec),
            tags=before.tags if self.tags is None else tuple(self.tags),
            template=template,
            shared=before.shared if self.shared is None else self.shared,
        )


class ReportTagOut(BaseModel):
    """A tag, with how many of the reports that you see have it."""

    tag: str = Field(examples=["review"])
    reports: int

    @classmethod
    def of(cls, found: TagCount) -> "ReportTagOut":
        return cls(tag=found.tag, reports=found.reports)


class DocumentIn(Strict):
    """A report that is not kept: what it is about, and how it is laid out. This is how a template is tried on real data."""

    spec: SpecIO
    layout: LayoutIO | None = Field(
        default=None, description="null: every section in the usual order, or `template`"
    )
    template: TemplateIO | None = None


class ReportTemplateOut(BaseModel):
    """A template, without its content."""

    id: int
    name: Name
    kind: DocumentKind
    owner_id: int
    owner: str
    shared: bool
    versions: int = Field(description="the number of the last one")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, info: TemplateInfo) -> "ReportTemplateOut":
        return cls(**{name: getattr(info, name) for name in cls.model_fields})


class ReportTemplateIn(Strict):
    """A template with its first version."""

    name: Name
    kind: DocumentKind
    layout: LayoutIO
    note: Note = ""
    shared: bool = Field(default=False, description="for all who read reports; takes the right to write them")


class ReportTemplateChange(Strict):
    """What is left out stays."""

    name: Name | None = None
    shared: bool | None = None


class TemplateVersionOut(BaseModel):
    """What a template said at one time."""

    number: int
    note: str
    created_by: int
    created_at: datetime
    layout: LayoutIO

    @classmethod
    def of(cls, version: TemplateVersion) -> "TemplateVersionOut":
        return cls(
            number=version.number,
            note=version.note,
            created_by=version.created_by,
            created_at=version.created_at,
            layout=LayoutIO.of(version.layout),
        )


class TemplateVersionIn(Strict):
    """A new version of a template; reports that use an older one keep it."""

    layout: LayoutIO
    note: Note = Field(default="", examples=["With the text for the review."])
    based_on: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None,
        description="the last version that you have seen: refused if there is a newer one; null: on top of whatever is there",
    )


class SystemTemplateOut(BaseModel):
    """A template that comes with the product."""

    system: str = Field(examples=["baseline-executive"], description="by this name reports choose it")
    kind: DocumentKind
    name: str = Field(examples=["Executive summary"])
    description: str = Field(examples=["The figures and the burndown on a page or two."])
    layout: LayoutIO

    @classmethod
    def of(cls, found: SystemTemplate) -> "SystemTemplateOut":
        return cls(
            system=found.key,
            kind=found.kind,
            name=found.name,
            description=found.description,
            layout=LayoutIO.of(found.layout),
        )


class ShareIn(Strict):
    """A link to be made."""

    name: str = Field(
        min_length=1,
        max_length=LONGEST_LINK_NAME,
        pattern=_LINE,
        description="for whom it is",
        examples=["The client"],
    )
    days: int = Field(default=DEFAULT_DAYS, ge=1, le=MOST_DAYS, description="how long it is good for")
    password: str | None = Field(
        default=None,
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        description="what whoever opens the link is asked for; null: nothing",
        examples=["four plain old words"],
    )


class ShareOut(BaseModel):
    """A link, without its address."""

    id: int
    report_id: int
    user_id: int
    owner: str = Field(description="who made it: it shows what that person may see")
    name: str = Field(examples=["The client"])
    with_password: bool
    state: Literal["active", "expired", "revoked", "ended"] = Field(
        description="ended: by a change of its maker's account or password"
    )
    opens: int = Field(description="how often it was opened")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="null: never")

    @classmethod
    def of(cls, link: ShareLink) -> "ShareOut":
        return cls(**{name: getattr(link, name) for name in ShareOut.model_fields})


class NewShareOut(ShareOut):
    """A link that was just made."""

    url: str = Field(
        description="whoever has it sees the report. It is never shown again",
        examples=["https://reports.example.org/shared/srl_…"],
    )
