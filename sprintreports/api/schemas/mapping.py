"""The field mapping of a site: what REST takes and gives, and what a mapping would do to real issues."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from sprintreports.api.schemas.sites import Body, Text, storable
from sprintreports.jira.mapping import FieldChoice, FieldMapping, Slot
from sprintreports.jira.mapping_checks import LONGEST_PATTERN, MOST_OVERRIDES
from sprintreports.jira.mapping_classes import LONGEST_VALUE, MOST_VALUES, Said
from sprintreports.jira.mapping_preview import Preview, Reading, Share, Tried
from sprintreports.jira.mapping_sample import Basis
from sprintreports.jira.mapping_setup import Effect, Places
from sprintreports.jira.mapping_values import Override

FieldId = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(storable)]
Value = Annotated[str, Field(min_length=1, max_length=LONGEST_VALUE), AfterValidator(storable)]
Pattern = Annotated[str, Field(max_length=LONGEST_PATTERN), AfterValidator(storable)]


class OverrideBody(Body):
    """An exception: another field for the issues of a project (its key), of a type (its name), or of both.

    `field` null: no such field there. The most specific exception holds: project and type, project, type.
    """

    slot: Slot
    field: FieldId | None
    project: Text = ""
    type: Text = ""
    pattern: Pattern = ""

    def override(self) -> Override:
        return Override(self.slot, self.field, self.project.strip(), self.type.strip(), self.pattern.strip())


class MappingIn(Body):
    """The mapping: the id of the field for each meaning, null where the site has none.

    What is left out stays as it is. `points_by_project`: with what projects' boards estimate, by key; `overrides`: your
    exceptions, which are stronger than that and than a board's own estimation field. `discipline_pattern`: what the name
    of a team looks like among labels, such as `team:*`; "" takes every value. Plans alone are timed by `scheduling` (a class in
    words), `deadline`, `planned_start` and `planned_end`. `scheduling_values`: what the words mean where they do not say it
    themselves, whatever their case; a value that is not named means what its words say.
    """

    points: FieldId | None = None
    owner: FieldId | None = None
    discipline: FieldId | None = None
    sprint: FieldId | None = None
    epic: FieldId | None = None
    scheduling: FieldId | None = None
    deadline: FieldId | None = None
    planned_start: FieldId | None = None
    planned_end: FieldId | None = None
    scheduling_values: dict[Value, Said] | None = Field(None, max_length=MOST_VALUES)
    discipline_pattern: Pattern | None = None
    points_by_project: dict[Text, FieldId] | None = Field(None, max_length=5000)
    overrides: list[OverrideBody] | None = Field(None, max_length=MOST_OVERRIDES)

    def changes(self) -> dict[str, str | None]:
        return {slot.value: getattr(self, slot.value) for slot in Slot if slot.value in self.model_fields_set}

    def exceptions(self) -> list[Override] | None:
        return None if self.overrides is None else [one.override() for one in self.overrides]


class MappingOut(BaseModel):
    """Which field means what, and why we think so."""

    points: str | None
    owner: str | None
    discipline: str | None
    discipline_pattern: str
    sprint: str
    epic: str | None
    scheduling: str | None
    deadline: str | None
    planned_start: str | None
    planned_end: str | None
    scheduling_values: dict[str, Said] = Field(description="what an admin said that values mean")
    points_by_project: dict[str, str]
    overrides: list[OverrideBody]
    names: dict[str, str] = Field(description="display names of the fields, by id")
    reasons: dict[str, str] = Field(description="why each field was guessed or chosen")
    confirmed: bool
    effect: Effect | None = Field(
        description="what follows from confirming: nothing, a replay of stored issues, or a full sync; else null"
    )

    @classmethod
    def of(cls, mapping: FieldMapping, effect: Effect | None = None) -> "MappingOut":
        plain = {
            name: getattr(mapping, name) for name in cls.model_fields if name not in ("overrides", "effect")
        }
        overrides = [
            OverrideBody(
                slot=one.slot, field=one.field, project=one.project, type=one.type, pattern=one.pattern
            )
            for one in mapping.overrides
        ]
        return cls(**plain, overrides=overrides, effect=effect)


class FieldChoiceOut(BaseModel):
    id: str
    name: str
    kind: str
    fits: bool

    @classmethod
    def of(cls, choice: FieldChoice) -> "FieldChoiceOut":
        return cls(id=choice.field_id, name=choice.name, kind=choice.kind, fits=choice.fits)


class ProjectOut(BaseModel):
    key: str
    name: str


class PlacesOut(BaseModel):
    """The projects and issue types that exceptions can name."""

    projects: list[ProjectOut]
    types: list[str]

    @classmethod
    def of(cls, places: Places) -> "PlacesOut":
        projects = [ProjectOut(key=one.key, name=one.name) for one in places.projects]
        return cls(projects=projects, types=list(places.types))


class ReadingOut(BaseModel):
    """What a mapping reads from an issue."""

    points: float | None
    discipline: str
    stakeholder: str
    stakeholder_is_owner: bool = Field(description="false: the reporter stands in")
    sprints: list[str]
    epic: str
    scheduling: str = Field(description="the class in Jira's words")
    scheduling_class: Said | None = Field(description="what they mean; null: nobody knows")
    deadline: str | None = Field(description="a day, or a moment")
    planned_start: str | None
    planned_end: str | None
    problem: str = Field(description="why it cannot be read at all; empty: it can")

    @classmethod
    def of(cls, reading: Reading) -> "ReadingOut":
        return cls(
            points=None if reading.points is None else reading.points / 1000,
            discipline=reading.team,
            stakeholder=reading.stakeholder,
            stakeholder_is_owner=reading.is_owner,
            sprints=list(reading.sprints),
            epic=reading.epic,
            scheduling=reading.scheduling,
            scheduling_class=reading.scheduling_class,
            deadline=reading.deadline or None,
            planned_start=reading.planned_start or None,
            planned_end=reading.planned_end or None,
            problem=reading.problem,
        )


class TriedOut(BaseModel):
    key: str
    project: str
    type: str
    before: ReadingOut
    after: ReadingOut

    @classmethod
    def of(cls, tried: Tried) -> "TriedOut":
        return cls(
            key=tried.key,
            project=tried.project,
            type=tried.type,
            before=ReadingOut.of(tried.before),
            after=ReadingOut.of(tried.after),
        )


class ValueOut(BaseModel):
    value: str
    issues: int


class ShareOut(BaseModel):
    """In how many of the issues looked at a field holds something that fits the meaning."""

    field: str
    filled: int
    distinct: int
    frequent: list[ValueOut]

    @classmethod
    def of(cls, share: Share) -> "ShareOut":
        frequent = [ValueOut(value=value, issues=count) for value, count in share.frequent]
        return cls(field=share.field_id, filled=share.filled, distinct=share.distinct, frequent=frequent)


class PreviewOut(BaseModel):
    """What a mapping would read from real issues, beside what the one of now reads. Nothing is kept."""

    basis: Basis = Field(
        description="issues of the latest sprints, the latest changed ones, or asked from Jira just now"
    )
    looked_at: int
    issues: list[TriedOut] = Field(description="a few of them, out of different projects and types")
    filled: dict[Slot, int] = Field(description="in how many the new mapping finds something")
    changed: dict[Slot, int] = Field(
        description="in how many it reads something else than the mapping of now"
    )
    shares: dict[Slot, list[ShareOut]] = Field(description="how filled each field is, the fullest first")
    reach: list[int] = Field(description="for each exception, how many stored issues it holds for")
    effect: Effect
    stored_issues: int = Field(description="how many issues a replay reads again, without a call to Jira")
    new_fields: list[str] = Field(description="fields that no sync has read yet: they need a full sync")

    @classmethod
    def of(cls, preview: Preview) -> "PreviewOut":
        return cls(
            basis=preview.basis,
            looked_at=preview.looked_at,
            issues=[TriedOut.of(one) for one in preview.issues],
            filled=dict(preview.filled),
            changed=dict(preview.changed),
            shares={slot: [ShareOut.of(one) for one in shares] for slot, shares in preview.shares.items()},
            reach=list(preview.reach),
            effect=preview.effect,
            stored_issues=preview.stored_issues,
            new_fields=list(preview.new_fields),
        )
