"""Which entry of a changelog belongs to which of the fields that we read, by field id or, without one, by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from sprintreports.jira import mapping_values
from sprintreports.jira.mapping_values import Exceptions, FieldMapping
from sprintreports.jira.payloads import ChangeItem, ChangePayload, parse_time

_Meaning = mapping_values.Slot
OrderedChange = tuple[datetime, ChangePayload]
Changes = Mapping[str, Sequence[tuple[datetime, ChangeItem]]]


class Slot:
    """The names of what a changelog entry can be about."""

    STATUS = "status"
    SPRINT = "sprint"
    SECONDS = "seconds"
    ASSIGNEE = "assignee"
    REPORTER = "reporter"
    TYPE = "type"
    PRIORITY = "priority"
    PARENT = "parent"
    KEY = "key"

    @staticmethod
    def points(field_id: str) -> str:
        return f"points:{field_id}"

    @staticmethod
    def discipline(field_id: str | None) -> str:
        return f"discipline:{field_id}"

    @staticmethod
    def owner(field_id: str | None) -> str:
        return f"owner:{field_id}"


# Jira's own fields, by id where the changelog has one and by lower-case name where it has none.
_SYSTEM = {
    "status": Slot.STATUS,
    "assignee": Slot.ASSIGNEE,
    "reporter": Slot.REPORTER,
    "issuetype": Slot.TYPE,
    "priority": Slot.PRIORITY,
    "parent": Slot.PARENT,
}
_SYSTEM_NAMES = {
    **_SYSTEM,
    "issue type": Slot.TYPE,
    "issueparentassociation": Slot.PARENT,
    "key": Slot.KEY,
    "sprint": Slot.SPRINT,
    "original estimate": Slot.SECONDS,
}
# Fields whose changes bear another name than the field.
_NAMES_IN_CHANGES = {"components": "Component"}
_PEOPLE = frozenset({Slot.ASSIGNEE, Slot.REPORTER})
_OWNERS = Slot.owner("")
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class FieldIndex:
    """A mapping, prepared for looking entries up. `points_fields`: those of issues that no exception holds for."""

    mapping: FieldMapping
    points_fields: tuple[str, ...]
    exceptions: Exceptions
    by_id: Mapping[str, tuple[str, ...]]
    by_name: Mapping[str, tuple[str, ...]]
    # What entries of the same name were about: a site has few fields, and a million entries.
    known: dict[tuple[str | None, str], tuple[str, ...]] = field(
        default_factory=dict[tuple[str | None, str], tuple[str, ...]], compare=False, repr=False
    )

    @classmethod
    def of(cls, mapping: FieldMapping, extra_points: Iterable[str] = ()) -> "FieldIndex":
        """`extra_points`: estimation fields of boards that the mapping does not name."""
        candidates = (mapping.points, *mapping.points_by_project.values(), *extra_points)
        points_fields = tuple(
            dict.fromkeys(field for field in candidates if field and field != mapping.seconds)
        )
        mapped = [
            (mapping.sprint, Slot.SPRINT),
            (mapping.seconds, Slot.SECONDS),
            *((field, Slot.discipline(field)) for field in mapping.fields_of(_Meaning.DISCIPLINE)),
            *((field, Slot.owner(field)) for field in mapping.fields_of(_Meaning.OWNER)),
            *(
                (field, Slot.points(field))
                for field in dict.fromkeys((*points_fields, *mapping.fields_of(_Meaning.POINTS)))
                if field != mapping.seconds
            ),
        ]
        by_id: dict[str, tuple[str, ...]] = {field: (slot,) for field, slot in _SYSTEM.items()}
        by_name: dict[str, tuple[str, ...]] = {name: (slot,) for name, slot in _SYSTEM_NAMES.items()}
        for field_id, slot in mapped:
            by_id[field_id] = (*by_id.get(field_id, ()), slot)
            named = (
                field_id,
                mapping.name_of(field_id) or field_id,
                _NAMES_IN_CHANGES.get(field_id, field_id),
            )
            for name in {one.casefold() for one in named}:
                if slot not in by_name.get(name, ()):
                    by_name[name] = (*by_name.get(name, ()), slot)
        return cls(mapping, points_fields, Exceptions.of(mapping.overrides), by_id, by_name)

    def slots(self, item: ChangeItem) -> tuple[str, ...]:
        """What the entry is about; nothing for fields that are only archived."""
        found = self.by_id.get(item.field_id) if item.field_id else None
        if found is None and (not item.field_id or not item.field_id.startswith("customfield_")):
            found = self.by_name.get(item.field.casefold())
        return found or ()

    def sort(self, changes: Iterable[OrderedChange]) -> Changes:
        """The entries by slot, in the order of the changes."""
        found: dict[str, list[tuple[datetime, ChangeItem]]] = {}
        known = self.known
        for at, change in changes:
            for item in change.items:
                named = (item.field_id, item.field)
                slots = known.get(named)
                if slots is None:
                    if len(known) >= _MOST_KNOWN:
                        known.clear()
                    slots = known[named] = self.slots(item)
                for slot in slots:
                    found.setdefault(slot, []).append((at, item))
        return found


def of_people(slot: str) -> bool:
    """Whether the values of such entries are people."""
    return slot in _PEOPLE or slot.startswith(_OWNERS)


def sorted_changes(changes: Iterable[ChangePayload]) -> list[OrderedChange]:
    """By time, then by id; one that came twice is taken once."""
    unique = {str(change.id): change for change in changes}
    numbered = [(parse_time(change.created), int(change.id), change) for change in unique.values()]
    numbered.sort(key=_order)
    return [(at, change) for at, _, change in numbered]


def change_number(change: ChangePayload) -> int:
    """Jira's id of a change as a number. Raises ValueError for anything else."""
    return int(change.id)


_order = itemgetter(0, 1)
