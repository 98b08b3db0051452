"""What a report is about, and how it is laid out, as REST takes and shows it."""

from typing import Annotated, Any, Literal

import msgspec
from pydantic import AwareDatetime, Field

from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.metrics.values import Unit
from sprintreports.reports.library import specs
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.library.specs import LONGEST_TREND, MOST_BOARDS, MOST_SPRINTS, MOST_TEAMS
from sprintreports.reports.library.templates import LONGEST_TEXT, MOST_PIECES
from sprintreports.reports.spec import Spec
from sprintreports.reports.templates.layout import Layout, OwnText, Part

_UNIT = "what to add up; null: as the board counts"
_BOARD = "null: the sprint's own board"
Key = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class KeptStateIO(Strict):
    """A state that was kept."""

    state: Literal["baseline"]
    baseline_id: ID


class SprintStateIO(Strict):
    """A sprint as it is now, or as it was at a past moment."""

    state: Literal["sprint"]
    sprint_id: ID
    board_id: ID | None = Field(default=None, description=_BOARD)
    moment: AwareDatetime | None = Field(default=None, description="null: now")


StateIO = Annotated[KeptStateIO | SprintStateIO, Field(discriminator="state")]


class BaselineAbout(Strict):
    """The report of one state."""

    kind: Literal["baseline"]
    of: StateIO
    unit: Unit | None = Field(default=None, description=_UNIT)


class ComparisonAbout(Strict):
    """What changed from one state to another; of one sprint, or of two."""

    kind: Literal["comparison"]
    before: StateIO
    after: StateIO
    unit: Unit | None = Field(default=None, description=_UNIT)


class TrendAbout(Strict):
    """Several sprints side by side: those named, or the last ones of each board."""

    kind: Literal["trend"]
    boards: list[ID] = Field(default=[], max_length=MOST_BOARDS)
    sprints: list[ID] = Field(default=[], max_length=MOST_SPRINTS)
    last: int = Field(
        default=12, ge=1, le=LONGEST_TREND, description="how many of each board, where none is named"
    )
    teams: list[ID] = Field(default=[], max_length=MOST_TEAMS, description="ids of `/disciplines`; none: all")
    unit: Unit | None = Field(default=None, description=_UNIT)


class ReviewAbout(Strict):
    """A sprint at its close: commitment against delivery."""

    kind: Literal["review"]
    sprint_id: ID
    board_id: ID | None = Field(default=None, description=_BOARD)
    unit: Unit | None = Field(default=None, description=_UNIT)


About = BaselineAbout | ComparisonAbout | TrendAbout | ReviewAbout
SpecIO = Annotated[About, Field(discriminator="kind")]
_ABOUTS: dict[str, type[About]] = {
    "baseline": BaselineAbout,
    "comparison": ComparisonAbout,
    "trend": TrendAbout,
    "review": ReviewAbout,
}


def spec_of(about: About) -> Spec:
    """What a body says a report is about. Raises Invalid."""
    return specs.parsed(about.model_dump(mode="json"))


def about_of(spec: Spec) -> About:
    """A spec as answers show it."""
    return _ABOUTS[specs.kind_of(spec)].model_validate(msgspec.to_builtins(spec))


class TemplateIO(Strict):
    """How a report is laid out: `system` names a template that comes with the product; else a version of somebody's template."""

    system: Key | None = Field(default=None, examples=["baseline-executive"])
    template_id: ID | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    def value(self) -> TemplateChoice:
        return TemplateChoice(self.system, self.template_id, self.version)

    @classmethod
    def of(cls, choice: TemplateChoice) -> "TemplateIO | None":
        if choice == TemplateChoice():
            return None
        return cls(system=choice.system, template_id=choice.template_id, version=choice.number)


class SectionPart(Strict):
    """A section of the document by its key; `hidden` are keys of figures, tables and charts in it that are left out."""

    part: Literal["section"]
    key: Key
    title: Line = Field(default="", description="empty: its own")
    hidden: list[Key] = Field(default=[], max_length=100)


class TextPart(Strict):
    """A section of one's own words, with placeholders."""

    part: Literal["text"]
    title: Line
    text: str = Field(
        max_length=LONGEST_TEXT, examples=["{{ sprint.name }} ended with {{ facts.completed }}."]
    )


class LayoutIO(Strict):
    """A template's content."""

    pieces: list[Annotated[SectionPart | TextPart, Field(discriminator="part")]] = Field(
        default=[], max_length=MOST_PIECES, description="in this order; none: every section as usual"
    )
    title: Line = Field(default="", description="with placeholders; empty: as usual")

    def value(self) -> Layout:
        pieces = tuple(
            OwnText(piece.title, piece.text)
            if isinstance(piece, TextPart)
            else Part(piece.key, piece.title, tuple(piece.hidden))
            for piece in self.pieces
        )
        return Layout(pieces, self.title)

    @classmethod
    def of(cls, layout: Layout) -> "LayoutIO":
        found: dict[str, Any] = msgspec.to_builtins(layout)
        return cls.model_validate(found)
