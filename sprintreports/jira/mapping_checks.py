"""What is wrong with a mapping that an admin wants, each problem named by its place."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sprintreports.jira.mapping_classes import LONGEST_VALUE, MOST_VALUES, Said
from sprintreports.jira.mapping_values import EXCEPTED, SECONDS, FieldMapping, Override, Slot
from sprintreports.kit.errors import FieldProblem

MOST_OVERRIDES = 300
LONGEST_PATTERN = 100

WORDS = {
    Slot.POINTS: "story points",
    Slot.OWNER: "the stakeholder",
    Slot.DISCIPLINE: "the discipline team",
    Slot.SPRINT: "the sprint",
    Slot.EPIC: "the epic",
    Slot.SCHEDULING: "the scheduling class",
    Slot.DEADLINE: "the deadline",
    Slot.PLANNED_START: "the planned start",
    Slot.PLANNED_END: "the planned end",
}


def problems_of(
    known: Mapping[str, str],
    current: FieldMapping,
    changes: Mapping[str, str | None],
    *,
    by_project: Mapping[str, str],
    overrides: Sequence[Override],
    pattern: str,
    projects: Collection[str] | None,
    values: Mapping[str, str] | None = None,
) -> list[FieldProblem]:
    """`known`: Jira's fields, id to name. `projects`: the keys that are known; None: they cannot be told yet."""
    found = list(_of_slots(known, current, changes))
    for project, field in by_project.items():
        if field not in known:
            found.append(FieldProblem(f"points_by_project.{project}", f"This Jira has no field {field}."))
    found.extend(FieldProblem("discipline_pattern", text) for text in _of_pattern(pattern))
    found.extend(_of_overrides(known, current, overrides, projects))
    found.extend(FieldProblem("scheduling_values", text) for text in _of_values(values or {}))
    return found


def _of_slots(
    known: Mapping[str, str], current: FieldMapping, changes: Mapping[str, str | None]
) -> Iterator[FieldProblem]:
    slots = {slot.value for slot in Slot}
    for name, field in changes.items():
        if name not in slots:
            yield FieldProblem(name, f"There is no such slot. Use one of {', '.join(sorted(slots))}.")
        elif field is None and name == Slot.SPRINT:
            yield FieldProblem(name, "The Sprint field cannot be left out: all numbers rest on it.")
        elif field is not None:
            yield from _of_field(name, Slot(name), field, known, current)


def _of_field(
    place: str, slot: Slot, field: str, known: Mapping[str, str], current: FieldMapping
) -> Iterator[FieldProblem]:
    if field not in known and not (slot is Slot.SPRINT and field == "sprint"):
        named = current.name_of(field)
        text = (
            f"The field “{named}” ({field}) for {WORDS[slot]} is no longer in this Jira, or this account may not see it "
            "any more. Choose another one."
            if named
            else f"This Jira has no field {field}. Load the field list again."
        )
        yield FieldProblem(place, text)
    elif slot is Slot.POINTS and field == SECONDS:
        yield FieldProblem(
            place,
            "The original estimate is time, not story points. Leave points as they are and set the board's unit to hours.",
        )


def _of_pattern(pattern: str) -> Iterator[str]:
    if pattern and pattern.count("*") != 1:
        yield f"Write one * where the team's name stands, such as team:*. “{pattern}” has {pattern.count('*')}."
    if len(pattern) > LONGEST_PATTERN:
        yield f"A pattern can have at most {LONGEST_PATTERN} characters."


def _of_values(values: Mapping[str, str]) -> Iterator[str]:
    if len(values) > MOST_VALUES:
        yield f"At most {MOST_VALUES} values can be told apart; these are {len(values)}."
    if any(len(value) > LONGEST_VALUE for value in values):
        yield f"A value has at most {LONGEST_VALUE} characters."
    for value, said in values.items():
        if said not in set(Said):
            yield f"“{value[:40]}” cannot mean “{said[:40]}”. Use one of {', '.join(Said)}."


def _of_overrides(
    known: Mapping[str, str],
    current: FieldMapping,
    overrides: Sequence[Override],
    projects: Collection[str] | None,
) -> Iterable[FieldProblem]:
    if len(overrides) > MOST_OVERRIDES:
        yield FieldProblem(
            "overrides", f"There can be at most {MOST_OVERRIDES} exceptions; these are {len(overrides)}."
        )
        return
    times = Counter(override.place for override in overrides)
    for number, override in enumerate(overrides):
        place = f"overrides.{number}"
        # One that is kept already may name a project that has been closed since.
        accepted = projects is None or override in current.overrides
        yield from (
            FieldProblem(place, text)
            for text in _of_place(override, times[override.place], () if projects is None else projects, accepted=accepted)
        )  # fmt: skip
        yield from (FieldProblem(place, text) for text in _of_pattern(override.pattern))
        if override.field is not None:
            yield from _of_field(place, override.slot, override.field, known, current)


def _of_place(override: Override, times: int, projects: Collection[str], *, accepted: bool) -> Iterator[str]:
    where = " and ".join(
        filter(
            None,
            (
                f"project {override.project}" if override.project else "",
                f"type {override.type}" if override.type else "",
            ),
        )
    )
    if override.slot not in EXCEPTED:
        yield "Only story points, the discipline team and the stakeholder can differ by project or type."
    if not where:
        yield "An exception needs a project, an issue type, or both. For all issues, change the field itself."
    elif times > 1:
        yield f"There are {times} exceptions for {WORDS[override.slot]} of {where}. Keep one of them."
    if override.pattern and override.slot is not Slot.DISCIPLINE:
        yield "Only a discipline team can have a pattern."
    if override.project and override.project not in projects and not accepted:
        yield (
            f"No project {override.project} is known here. Use the key of a project whose issues are synced, "
            "or sync its board first."
        )
