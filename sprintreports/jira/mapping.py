"""Which of a site's fields mean what, guessed from its boards and field list, with a reason for each guess.

Story points differ by site, project and board: the boards' own estimation field is believed first, names come last.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sprintreports.jira.mapping_checks import problems_of
from sprintreports.jira.mapping_classes import normalised
from sprintreports.jira.mapping_values import SECONDS, FieldMapping, Override, Slot, wanted_fields
from sprintreports.jira.payloads import BoardConfiguration, FieldPayload
from sprintreports.kit.errors import FieldProblem, Invalid

SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
EPIC_LINK_TYPE = "com.pyxis.greenhopper.jira:gh-epic-link"
TEAM_POINTS_TYPE = "com.pyxis.greenhopper.jira:jsw-story-points"
NUMBER_TYPE = "com.atlassian.jira.plugin.system.customfieldtypes:float"
ATLASSIAN_TEAM_TYPE = "com.atlassian.teams:rm-teams-custom-field-team"

POINTS_NAMES = ("story points", "story point estimate", "points", "estimate (points)")
OWNER_NAMES = (
    "owner",
    "stakeholder",
    "business owner",
    "issue owner",
    "requester",
    "requested by",
    "sponsor",
)
DISCIPLINE_NAMES = (
    "discipline team", "discipline", "delivery team", "team", "dev team", "development team", "squad", "scrum team",
)  # fmt: skip

SCHEDULING_NAMES = (
    "scheduling",
    "scheduling class",
    "scheduling type",
    "schedule type",
    "scheduling category",
)
START_NAMES = (
    "planned start", "planned start date", "change start date", "scheduled start", "window start", "maintenance start",
)  # fmt: skip
END_NAMES = (
    "planned end", "planned end date", "change completion date", "change end date", "scheduled end", "window end", "maintenance end",
)  # fmt: skip
DUE_DATE = "duedate"

CANDIDATES = 60

# System fields that can name a discipline team where no custom field does.
DISCIPLINE_SYSTEM_FIELDS = ("components", "labels", "project")


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field that an admin may pick for a slot, best fitting ones marked."""

    field_id: str
    name: str
    kind: str
    fits: bool


def fields_to_read(
    mapping: FieldMapping, fields: Sequence[FieldPayload], estimation_fields: Iterable[str] = ()
) -> tuple[str, ...]:
    """What a sync asks for: the mapped fields, the boards' own estimation fields, and the likeliest other candidates.

    Candidates are read so that a later choice among them only needs a replay of what is stored.
    """
    known = {field.id for field in fields}
    boards = sorted(field for field in estimation_fields if field in known)
    return tuple(dict.fromkeys((*wanted_fields(mapping), *boards, *candidates(fields))))


_CANDIDATE_NAMES = frozenset(
    {*POINTS_NAMES, *OWNER_NAMES, *DISCIPLINE_NAMES, *SCHEDULING_NAMES, *START_NAMES, *END_NAMES}
)


def candidates(fields: Sequence[FieldPayload]) -> tuple[str, ...]:
    """Custom fields that could hold points, an owner, a team or a class: numbers, people, options; texts and dates by name only."""
    found = [field.id for field in fields if field.custom and _is_candidate(field)]
    return tuple(sorted(found, key=_field_number)[:CANDIDATES])


def _is_candidate(field: FieldPayload) -> bool:
    if field.name.strip().casefold() in _CANDIDATE_NAMES:
        return True
    is_text = field.schema is not None and "string" in (field.schema.type, field.schema.items)
    return not is_text and any(_fits(field, slot) for slot in (Slot.POINTS, Slot.OWNER, Slot.DISCIPLINE))


def _field_number(field_id: str) -> tuple[int, str]:
    digits = field_id.removeprefix("customfield_")
    return (int(digits) if digits.isdigit() else 0, field_id)


def guess(
    fields: Sequence[FieldPayload], configurations: Sequence[tuple[str | None, BoardConfiguration]]
) -> FieldMapping:
    """The likeliest mapping. `configurations` are pairs of a board's project key (None: unknown) and configuration."""
    by_id = {field.id: field for field in fields}
    points, by_project, points_reason = _points(fields, by_id, configurations)
    owner, owner_reason = _by_name(fields, OWNER_NAMES, Slot.OWNER)
    discipline, discipline_reason = _discipline(fields)
    sprint, sprint_reason = _sprint(fields)
    epic, epic_reason = _by_type(fields, EPIC_LINK_TYPE, "epic link")
    scheduling, scheduling_reason = _scheduling(fields)
    start, start_reason = _by_name(_fitting(fields, Slot.PLANNED_START), START_NAMES, Slot.PLANNED_START)
    end, end_reason = _by_name(_fitting(fields, Slot.PLANNED_END), END_NAMES, Slot.PLANNED_END)
    deadline, deadline_reason = _deadline(by_id)
    mapping = FieldMapping(
        points=points,
        owner=owner,
        discipline=discipline,
        sprint=sprint,
        epic=epic,
        scheduling=scheduling,
        deadline=deadline,
        planned_start=start,
        planned_end=end,
        points_by_project=by_project,
    )
    reasons = {
        Slot.POINTS: points_reason,
        Slot.OWNER: owner_reason,
        Slot.DISCIPLINE: discipline_reason,
        Slot.SPRINT: sprint_reason,
        Slot.EPIC: epic_reason,
        Slot.SCHEDULING: scheduling_reason,
        Slot.DEADLINE: deadline_reason,
        Slot.PLANNED_START: start_reason,
        Slot.PLANNED_END: end_reason,
    }
    return described(msgspec.structs.replace(mapping, reasons=reasons), fields)


def confirm(
    fields: Sequence[FieldPayload], current: FieldMapping, changes: Mapping[str, str | None],
    points_by_project: Mapping[str, str] | None = None,
    *, overrides: Sequence[Override] | None = None, pattern: str | None = None, projects: Collection[str] | None = None,
    values: Mapping[str, str] | None = None,
) -> FieldMapping:  # fmt: skip
    """`current` with an admin's choices (slot → field id or None). None leaves the rest as it is.

    `values`: what values of the scheduling field mean. `projects`: the keys that exceptions may name; None: any. Raises Invalid for fields that the site lacks and for
    exceptions that cannot be.
    """
    after = drafted(current, changes, points_by_project, overrides=overrides, pattern=pattern, values=values)
    known = {field.id: field.name for field in fields}
    problems = problems_of(
        known,
        current,
        changes,
        by_project=points_by_project or {},
        overrides=after.overrides,
        pattern=after.discipline_pattern,
        projects=projects,
        values=after.scheduling_values,
    )
    sprint = changes.get(Slot.SPRINT)
    if any(field.id == sprint and not _holds_sprints(field) for field in fields):
        problems.append(
            FieldProblem(
                Slot.SPRINT,
                f"The field “{known[sprint or '']}” holds no sprints. Choose Jira's own Sprint field.",
            )
        )
    if problems:
        raise Invalid("This mapping cannot be kept as it is.", details=tuple(problems))
    reasons = {**after.reasons, **dict.fromkeys(changes, "Chosen by an admin.")}
    return described(msgspec.structs.replace(after, reasons=reasons, confirmed=True), fields)


def drafted(
    current: FieldMapping, changes: Mapping[str, str | None], points_by_project: Mapping[str, str] | None = None,
    *, overrides: Sequence[Override] | None = None, pattern: str | None = None, values: Mapping[str, str] | None = None,
) -> FieldMapping:  # fmt: skip
    """`current` with these choices, whether they can be or not. Slots that there are not are left out."""
    return msgspec.structs.replace(
        current,
        **{slot: field for slot, field in changes.items() if slot in set(Slot) and (field or slot != Slot.SPRINT)},
        points_by_project=dict(current.points_by_project if points_by_project is None else points_by_project),
        overrides=current.overrides if overrides is None else tuple(overrides),
        discipline_pattern=current.discipline_pattern if pattern is None else pattern.strip(),
        scheduling_values=dict(current.scheduling_values) if values is None else normalised(values),
    )  # fmt: skip


def described(mapping: FieldMapping, fields: Sequence[FieldPayload]) -> FieldMapping:
    """With the names of its fields, and with what parts their values in changelogs."""
    by_id = {field.id: field for field in fields}
    used = [field for field in wanted_fields(mapping) if field in by_id]
    return msgspec.structs.replace(
        mapping,
        names={field: by_id[field].name for field in used},
        separators={
            field: separator
            for field in mapping.fields_of(Slot.DISCIPLINE)
            if field in by_id and (separator := _separator(by_id[field]))
        },
    )


def _holds_sprints(field: FieldPayload) -> bool:
    return _fits(field, Slot.SPRINT) or field.name.strip().casefold() == "sprint"


def _separator(field: FieldPayload) -> str:
    """Labels are parted by blanks in a changelog, all else by commas."""
    if field.schema is None or field.schema.type != "array":
        return ""
    return " " if field.schema.items == "string" else ","


_SYSTEM_CHOICES: Mapping[Slot, Collection[str]] = {
    Slot.DISCIPLINE: DISCIPLINE_SYSTEM_FIELDS,
    Slot.DEADLINE: (DUE_DATE,),
}


def choices(fields: Sequence[FieldPayload], slot: Slot) -> list[FieldChoice]:
    """The fields that can fill a slot: the fitting ones first, then by name."""
    found = [
        FieldChoice(field_id=field.id, name=field.name, kind=_kind(field), fits=_fits(field, slot))
        for field in fields
        if field.custom or field.id in _SYSTEM_CHOICES.get(slot, ())
    ]
    return sorted(found, key=lambda choice: (not choice.fits, choice.name.casefold(), choice.field_id))


def _points(
    fields: Sequence[FieldPayload],
    by_id: Mapping[str, FieldPayload],
    configurations: Sequence[tuple[str | None, BoardConfiguration]],
) -> tuple[str | None, dict[str, str], str]:
    used = [
        (project, field_id)
        for project, configuration in configurations
        if (field_id := _estimation_field(configuration)) and field_id != SECONDS
    ]
    if not used:
        field_id, reason = _by_name([f for f in fields if _fits(f, Slot.POINTS)], POINTS_NAMES, Slot.POINTS)
        return field_id, {}, reason
    counts = Counter(field_id for _, field_id in used)
    main = min(counts, key=lambda field_id: (-counts[field_id], field_id))
    others = _unlike(main, used)
    name = by_id[main].name if main in by_id else main
    reason = f"{counts[main]} of {len(configurations)} boards estimate with the field “{name}”."
    if others:
        reason += f" Projects with a field of their own: {', '.join(sorted(others))}."
    return main, others, reason


def _unlike(main: str, used: Sequence[tuple[str | None, str]]) -> dict[str, str]:
    votes: dict[str, Counter[str]] = {}
    for project, field_id in used:
        if project:
            votes.setdefault(project, Counter())[field_id] += 1
    chosen = {
        project: min(count, key=lambda field: (-count[field], field)) for project, count in votes.items()
    }
    return {project: field_id for project, field_id in chosen.items() if field_id != main}


def _estimation_field(configuration: BoardConfiguration) -> str | None:
    estimation = configuration.estimation
    return (
        estimation.field.field_id if estimation and estimation.type == "field" and estimation.field else None
    )


def _sprint(fields: Sequence[FieldPayload]) -> tuple[str, str]:
    field_id, reason = _by_type(fields, SPRINT_TYPE, "sprint")
    if field_id:
        return field_id, reason
    field_id, reason = _by_name([field for field in fields if field.custom], ("sprint",), Slot.SPRINT)
    if field_id:
        return field_id, reason
    return (
        "sprint",
        "This Jira lists no Sprint field; the agile interface's “sprint” is used. Check Jira Software is on.",
    )


def _discipline(fields: Sequence[FieldPayload]) -> tuple[str | None, str]:
    field_id, reason = _by_name(
        [f for f in fields if _fits(f, Slot.DISCIPLINE)], DISCIPLINE_NAMES, Slot.DISCIPLINE
    )
    if field_id:
        return field_id, reason
    field_id, reason = _by_type(fields, ATLASSIAN_TEAM_TYPE, "Atlassian team")
    if field_id:
        return field_id, reason
    return None, (
        f"No field is named {', '.join(DISCIPLINE_NAMES[:4])} or the like, so all issues are without a discipline team. "
        "Pick a field, the components, the labels or the project."
    )


def _fitting(fields: Sequence[FieldPayload], slot: Slot) -> list[FieldPayload]:
    return [field for field in fields if field.custom and _fits(field, slot)]


def _scheduling(fields: Sequence[FieldPayload]) -> tuple[str | None, str]:
    field_id, reason = _by_name(_fitting(fields, Slot.SCHEDULING), SCHEDULING_NAMES, Slot.SCHEDULING)
    if field_id is None:
        reason += " Without one, an issue with a due date has a soft deadline and all others are flexible."
    return field_id, reason


def _deadline(by_id: Mapping[str, FieldPayload]) -> tuple[str | None, str]:
    if DUE_DATE in by_id:
        return DUE_DATE, f"“{by_id[DUE_DATE].name}” is Jira's own field for it."
    return None, "This Jira lists no due date. Pick a field that holds dates, if it has one."


def _by_type(fields: Sequence[FieldPayload], custom: str, what: str) -> tuple[str | None, str]:
    found = [field for field in fields if field.schema and field.schema.custom == custom]
    if not found:
        return None, f"This Jira has no field of the type {what}."
    return found[0].id, f"“{found[0].name}” is this Jira's field of the type {what}." + _ambiguity(found)


def _by_name(fields: Sequence[FieldPayload], names: Sequence[str], slot: Slot) -> tuple[str | None, str]:
    for name in names:
        found = [
            field
            for field in fields
            if field.name.strip().casefold() == name and (field.custom or _fits(field, slot))
        ]
        found.sort(key=lambda field: not _fits(field, slot))
        if found:
            return found[0].id, f"The field is named “{found[0].name}”." + _ambiguity(found)
    return (
        None,
        f"No field is named {', '.join(names[:4])} or the like. Pick one if this Jira has it under another name.",
    )


def _ambiguity(found: Sequence[FieldPayload]) -> str:
    return (
        ""
        if len(found) == 1
        else f" {len(found)} fields look like this ({', '.join(f.id for f in found)}): check it."
    )


def _fits(field: FieldPayload, slot: Slot) -> bool:
    schema = field.schema
    if schema is None:
        return False
    match slot:
        case Slot.POINTS:
            return schema.type == "number" and (
                schema.custom in (TEAM_POINTS_TYPE, NUMBER_TYPE) or field.custom
            )
        case Slot.OWNER:
            return schema.type == "user" or (schema.type == "array" and schema.items == "user")
        case Slot.DISCIPLINE:
            kinds = {"option", "string", "team", "group"}
            listed = schema.type == "array" and schema.items in kinds
            return (
                schema.type in kinds
                or listed
                or schema.custom == ATLASSIAN_TEAM_TYPE
                or field.id in DISCIPLINE_SYSTEM_FIELDS
            )
        case Slot.SPRINT:
            return schema.custom == SPRINT_TYPE
        case Slot.EPIC:
            return schema.custom == EPIC_LINK_TYPE
        case Slot.SCHEDULING:
            return schema.type in ("option", "string") and field.custom
        case Slot.DEADLINE | Slot.PLANNED_START | Slot.PLANNED_END:
            return schema.type in ("date", "datetime")


def _kind(field: FieldPayload) -> str:
    if field.schema is None:
        return "system"
    return f"list of {field.schema.items}" if field.schema.type == "array" else field.schema.type or "unknown"
