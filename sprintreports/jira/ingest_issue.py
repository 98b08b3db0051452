"""An issue's current values out of its JSON fields."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, get_type_hints

import msgspec

from sprintreports.jira import ingest_values as read
from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.ingest_dates import moment
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.ingest_values import NotReadable, Person
from sprintreports.jira.mapping_classes import LONGEST_VALUE
from sprintreports.jira.mapping_values import FieldMapping
from sprintreports.jira.mapping_values import Slot as Meaning
from sprintreports.jira.payloads import (
    IssuePayload,
    Named,
    PersonPayload,
    SprintPayload,
    StatusPayload,
    parse_time,
)
from sprintreports.jira.sprint_values import sprint_values


class Link(msgspec.Struct, frozen=True, gc=False):
    """`source` (blocks, clones …) `target`, as the outward side says it."""

    source: int
    kind: str
    target: int


class Current(msgspec.Struct, frozen=True):
    """The issue as it is now. `points_by_field` has each points field that can hold for it; `notes` are sentences.

    The fields are those that hold for this project and type; `discipline_all` are labels, before any pattern.
    """

    issue_id: int
    key: str
    project_id: int | None
    project_key: str
    project_name: str
    summary: str
    type: str
    is_subtask: bool
    subtask_count: int
    status_id: str
    status_name: str
    status_category: str
    priority: str
    assignee: Person | None
    reporter: Person | None
    owner: Person | None
    owner_field: str | None
    discipline: str
    discipline_field: str | None
    discipline_pattern: str
    discipline_all: tuple[str, ...]
    discipline_listed: bool
    parent_id: int | None
    epic_key: str | None
    points_field: str
    points_by_field: dict[str, int | None]
    points: int | None
    seconds: int | None
    resolution: str | None
    sprints: tuple[SprintPayload, ...]
    links: tuple[Link, ...]
    created: datetime
    updated: datetime
    notes: tuple[str, ...]
    # What a plan is timed by: the class in Jira's words, days and moments as `ingest_dates` keeps them.
    scheduling: str = ""
    deadline: str | None = None
    planned_start: str | None = None
    planned_end: str | None = None


class _TypeValue(msgspec.Struct, frozen=True):
    name: str = ""
    subtask: bool = False


class _Reference(msgspec.Struct, frozen=True):
    id: str | int = ""
    key: str = ""


class _LinkType(msgspec.Struct, frozen=True):
    name: str = ""


class _LinkValue(msgspec.Struct, frozen=True):
    type: _LinkType = _LinkType()
    outward: _Reference | None = msgspec.field(name="outwardIssue", default=None)
    inward: _Reference | None = msgspec.field(name="inwardIssue", default=None)


class _Fields(msgspec.Struct, frozen=True):
    """Jira's own fields, in one decoding."""

    created: str
    updated: str
    status: StatusPayload
    summary: str | None = None
    issuetype: _TypeValue | None = None
    priority: Named | None = None
    resolution: Named | None = None
    project: Named | None = None
    assignee: PersonPayload | None = None
    reporter: PersonPayload | None = None
    parent: _Reference | None = None
    subtasks: tuple[_Reference, ...] | None = None
    issuelinks: tuple[_LinkValue, ...] | None = None


_ANY: "msgspec.json.Decoder[Any]" = msgspec.json.Decoder()


def current_values(payload: IssuePayload, fields: FieldIndex) -> Current:
    """Raises JiraAnswerInvalid, naming the issue, when created, updated or status is missing or misshapen."""
    system = _system(payload)
    mapping = fields.mapping
    notes: list[str] = []
    project_key = (system.project.key if system.project else "") or payload.key.rpartition("-")[0]
    kind = system.issuetype or _TypeValue()
    points_field, points_fields = _points_fields(fields, project_key, kind.name)
    points = {
        field: _points(_raw(payload, field), notes)
        for field in points_fields
        if field in payload.fields or field == points_field
    }
    seconds = read.seconds(_raw(payload, mapping.seconds))
    owner_field, _ = _field(fields, Meaning.OWNER, project_key, kind.name)
    discipline_field, pattern = _field(fields, Meaning.DISCIPLINE, project_key, kind.name)
    discipline = _raw(payload, discipline_field)
    parent_id = _id(system.parent.id) if system.parent else None
    deadline, start, end = (
        _moment(payload, field, mapping, notes)
        for field in (mapping.deadline, mapping.planned_start, mapping.planned_end)
    )
    where = f"issue {payload.key}"
    return Current(
        issue_id=_required_id(payload),
        key=payload.key,
        project_id=_id(system.project.id) if system.project else None,
        project_key=project_key,
        project_name=system.project.name if system.project else project_key,
        summary=system.summary or "",
        type=kind.name,
        is_subtask=kind.subtask,
        subtask_count=len(system.subtasks or ()),
        status_id=system.status.status_id,
        status_name=system.status.name or system.status.status_id,
        status_category=system.status.category.key if system.status.category else "indeterminate",
        priority=system.priority.name if system.priority else "",
        assignee=read.person_of(system.assignee),
        reporter=read.person_of(system.reporter),
        owner=read.person(_raw(payload, owner_field)),
        owner_field=owner_field,
        discipline=read.team(discipline, pattern),
        discipline_field=discipline_field,
        discipline_pattern=pattern,
        discipline_all=read.labels(discipline),
        discipline_listed=isinstance(discipline, list),
        parent_id=parent_id,
        epic_key=_epic(payload, system, kind, mapping.epic),
        points_field=points_field,
        points_by_field=points,
        points=points.get(points_field),
        seconds=None if isinstance(seconds, NotReadable) else seconds,
        resolution=system.resolution.name if system.resolution else None,
        sprints=tuple(
            sprint_values(payload.fields.get(mapping.sprint), endpoint=f"{where}, field {mapping.sprint}")
        ),
        links=tuple(_links(_required_id(payload), system)),
        created=parse_time(system.created, endpoint=f"{where}, created"),
        updated=parse_time(system.updated, endpoint=f"{where}, updated"),
        notes=tuple(notes),
        scheduling=read.label(_raw(payload, mapping.scheduling))[:LONGEST_VALUE],
        deadline=deadline,
        planned_start=start,
        planned_end=end,
    )


def _points_fields(fields: FieldIndex, project: str, type_name: str) -> tuple[str, tuple[str, ...]]:
    """The issue's points field, and all that may hold for it: where there is an exception, nothing but that."""
    rule = fields.exceptions.find(Meaning.POINTS, project, type_name)
    if rule is None:
        return fields.mapping.points_of(project) or "", fields.points_fields
    return rule.field or "", (rule.field,) if rule.field else ()


def _field(
    fields: FieldIndex, meaning: Literal[Meaning.OWNER, Meaning.DISCIPLINE], project: str, type_name: str
) -> tuple[str | None, str]:
    """The field, and the pattern of its values."""
    rule = fields.exceptions.find(meaning, project, type_name)
    if rule is not None:
        return rule.field, rule.pattern
    mapping = fields.mapping
    if meaning is Meaning.OWNER:
        return mapping.owner, ""
    return mapping.discipline, mapping.discipline_pattern


def _system(payload: IssuePayload) -> _Fields:
    try:
        present = {
            name: decoder.decode(raw)
            for name, decoder in _DECODERS.items()
            if (raw := payload.fields.get(name)) is not None
        }
        return _Fields(**present)
    except (msgspec.DecodeError, TypeError) as error:
        where = f"issue {payload.key or payload.id}"
        raise JiraAnswerInvalid(where, f"its own fields have an unexpected shape ({error})") from error


# One typed decoder a field: an issue holds many fields, and most are never looked at.
_DECODERS: "dict[str, msgspec.json.Decoder[Any]]" = {
    name: msgspec.json.Decoder(hint) for name, hint in get_type_hints(_Fields).items()
}


def _raw(payload: IssuePayload, field_id: str | None) -> Any:
    raw = payload.fields.get(field_id) if field_id else None
    return None if raw is None else _ANY.decode(raw)


def _points(value: object, notes: list[str]) -> int | None:
    found = read.points(value)
    if isinstance(found, NotReadable):
        notes.append(f"The estimate “{value}” is not a number that an issue can have; it counts as none.")
        return None
    return found


def _moment(payload: IssuePayload, field: str | None, mapping: FieldMapping, notes: list[str]) -> str | None:
    value = _raw(payload, field)
    found = moment(value)
    if isinstance(found, NotReadable):
        named = mapping.name_of(field) or field
        said = f"“{str(value)[:40]}”"
        notes.append(f"The field “{named}” holds {said}, which is no time to plan by; it counts as empty.")
        return None
    return found


def _epic(payload: IssuePayload, system: _Fields, kind: _TypeValue, epic_field: str | None) -> str | None:
    named = _raw(payload, epic_field)
    if isinstance(named, str) and named:
        return named
    return (system.parent.key or None) if system.parent and not kind.subtask else None


def _links(issue_id: int, system: _Fields) -> Iterator[Link]:
    for link in system.issuelinks or ():
        if link.outward and (target := _id(link.outward.id)) is not None:
            yield Link(issue_id, link.type.name, target)
        if link.inward and (source := _id(link.inward.id)) is not None:
            yield Link(source, link.type.name, issue_id)


def _required_id(payload: IssuePayload) -> int:
    found = _id(payload.id)
    if found is None:
        raise JiraAnswerInvalid(f"issue {payload.key}", f"its id {payload.id!r} is not a number")
    return found


def _id(value: str | int | None) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
