"""A site's field mapping as a value: which field means what, with exceptions for projects and issue types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

SECONDS = "timeoriginalestimate"

# What every sync reads besides the mapped fields.
SYSTEM_FIELDS = (
    "summary", "issuetype", "status", "priority", "assignee", "reporter", "parent", "subtasks", "project",
    "created", "updated", "resolution", "resolutiondate", "issuelinks", "components", "labels", SECONDS,
)  # fmt: skip


class Slot(StrEnum):
    """What a field of Jira can mean to us."""

    POINTS = "points"
    OWNER = "owner"
    DISCIPLINE = "discipline"
    SPRINT = "sprint"
    EPIC = "epic"
    SCHEDULING = "scheduling"
    DEADLINE = "deadline"
    PLANNED_START = "planned_start"
    PLANNED_END = "planned_end"


# What a plan goes by: no figure of a report rests on these.
TIMING = (Slot.SCHEDULING, Slot.DEADLINE, Slot.PLANNED_START, Slot.PLANNED_END)


# What another field may mean in some projects or for some types.
EXCEPTED = (Slot.POINTS, Slot.DISCIPLINE, Slot.OWNER)


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exception: another field for the issues of a project, of a type, or of both. "" is any; field None: none.

    `pattern`: see FieldMapping.discipline_pattern; only for the discipline.
    """

    slot: Slot
    field: str | None
    project: str = ""
    type: str = ""
    pattern: str = ""

    @property
    def place(self) -> tuple[Slot, str, str]:
        """Where it holds. Types are told apart by their names, whatever their case."""
        return self.slot, self.project, self.type.casefold()


class FieldMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site's mapping, as kept in `site.mapping`. Values are field ids; None: the site has no such field.

    An issue's points come from the exception that holds for it; else from its board's own estimation field; else from
    `points_by_project` (what projects' boards estimate with, as guessed); else from `points`.
    `discipline_pattern`: such as `team:*`, where `*` is the team's name; values that do not look so name no team.
    `separators`: what parts the values of a field in the changelog, for fields that hold several.
    `scheduling`, `deadline`, `planned_start`, `planned_end`: what a plan is timed by. `scheduling_values`: what an admin says
    that a value of the first one means (`mapping_classes`); of the others the words are guessed when they are read.
    """

    points: str | None = None
    seconds: str = SECONDS
    owner: str | None = None
    discipline: str | None = None
    discipline_pattern: str = ""
    sprint: str = "sprint"
    epic: str | None = None
    scheduling: str | None = None
    deadline: str | None = None
    planned_start: str | None = None
    planned_end: str | None = None
    scheduling_values: dict[str, str] = {}
    points_by_project: dict[str, str] = {}
    overrides: tuple[Override, ...] = ()
    names: dict[str, str] = {}
    separators: dict[str, str] = {}
    reasons: dict[str, str] = {}
    confirmed: bool = False

    def points_of(self, project_key: str) -> str | None:
        """The points field of a project's issues, exceptions aside."""
        return self.points_by_project.get(project_key, self.points)

    def name_of(self, field_id: str | None) -> str | None:
        """The field's display name: Data Center's changelog has no ids."""
        return self.names.get(field_id) if field_id else None

    def fields_of(self, slot: Slot) -> tuple[str, ...]:
        """All fields that mean this for some issue, exceptions aside first."""
        base: str | None = getattr(self, slot.value)
        own = (override.field for override in self.overrides if override.slot is slot)
        by_project = sorted(set(self.points_by_project.values())) if slot is Slot.POINTS else ()
        return tuple(dict.fromkeys(field for field in (base, *by_project, *own) if field))

    def meaning(self) -> "FieldMapping":
        """What rows are made with, without what is only told. What values mean for a plan is asked when one is made."""
        return msgspec.structs.replace(self, names={}, reasons={}, scheduling_values={}, confirmed=False)


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The overrides of a mapping, prepared for looking them up: the most specific one holds."""

    by_place: Mapping[tuple[Slot, str, str], Override]

    @classmethod
    def of(cls, overrides: Iterable[Override]) -> "Exceptions":
        return cls({override.place: override for override in overrides})

    def find(self, slot: Slot, project: str, type_name: str) -> Override | None:
        """Project and type before project alone before type alone."""
        if not self.by_place:
            return None
        kind = type_name.casefold()
        places = ((slot, project, kind), (slot, project, ""), (slot, "", kind))
        return next((found for place in places if (found := self.by_place.get(place))), None)


def wanted_fields(mapping: FieldMapping) -> tuple[str, ...]:
    """The fields to ask Jira for, each once, in a stable order."""
    mapped = (
        mapping.sprint,
        mapping.points,
        mapping.owner,
        mapping.discipline,
        mapping.epic,
        mapping.seconds,
        mapping.scheduling,
        mapping.deadline,
        mapping.planned_start,
        mapping.planned_end,
    )
    extra = sorted(set(mapping.points_by_project.values()))
    excepted = sorted({override.field for override in mapping.overrides if override.field})
    return tuple(dict.fromkeys(field for field in (*SYSTEM_FIELDS, *mapped, *extra, *excepted) if field))
