"""What a mapping would read from real issues, beside what the one of now reads; how filled each field is; what follows."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest
from typing import cast

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import ingest_values as read
from sprintreports.jira import mapping, mapping_sample, mapping_setup, sites
from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.ingest_dates import moment
from sprintreports.jira.ingest_fields import FieldIndex
from sprintreports.jira.ingest_issue import current_values
from sprintreports.jira.mapping_classes import Said, meaning_of
from sprintreports.jira.mapping_sample import Basis
from sprintreports.jira.mapping_setup import Effect
from sprintreports.jira.mapping_values import Exceptions, FieldMapping, Override, Slot
from sprintreports.jira.payloads import IssuePayload, RawIssue, decode

SHOWN = 10
FREQUENT, VALUES = 5, 30  # of a class each value may be told what it means
SHARES = 25
_LONGEST = 100  # a longer text is prose, no team


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mapping reads from an issue; points in thousandths. `problem`: why it cannot be read at all.

    `scheduling`: in Jira's words; `scheduling_class`: what they name, None: nobody knows. Times as `ingest_dates` keeps them.
    """

    points: int | None = None
    team: str = ""
    stakeholder: str = ""
    is_owner: bool = False
    sprints: tuple[str, ...] = ()
    epic: str = ""
    scheduling: str = ""
    scheduling_class: Said | None = None
    deadline: str = ""
    planned_start: str = ""
    planned_end: str = ""
    problem: str = ""

    def said(self, slot: Slot) -> object:
        """What it says for a slot; None, "" or () for nothing."""
        match slot:
            case Slot.POINTS:
                return self.points
            case Slot.DISCIPLINE:
                return self.team
            case Slot.OWNER:
                return self.stakeholder if self.is_owner else ""
            case Slot.SPRINT:
                return self.sprints
            case Slot.EPIC:
                return self.epic
            case Slot.SCHEDULING:
                return (self.scheduling, self.scheduling_class) if self.scheduling else ""
            case Slot.DEADLINE:
                return self.deadline
            case Slot.PLANNED_START:
                return self.planned_start
            case Slot.PLANNED_END:
                return self.planned_end


@dataclass(frozen=True, slots=True)
class Tried:
    """A real issue under the mapping of now and under the one to be."""

    key: str
    project: str
    type: str
    before: Reading
    after: Reading


@dataclass(frozen=True, slots=True)
class Share:
    """In how many of the issues a field holds something for the slot. `frequent`: its commonest values."""

    field_id: str
    filled: int
    distinct: int
    frequent: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`filled` and `changed`: by slot, of the issues looked at. `reach`: stored issues for each exception, in order."""

    basis: Basis
    looked_at: int
    issues: tuple[Tried, ...]
    filled: Mapping[Slot, int]
    changed: Mapping[Slot, int]
    shares: Mapping[Slot, tuple[Share, ...]]
    reach: tuple[int, ...]
    effect: Effect
    stored_issues: int
    new_fields: tuple[str, ...]


async def preview(
    session: AsyncSession,
    viewer: Viewer,
    site_id: int,
    *,
    changes: Mapping[str, str | None],
    points_by_project: Mapping[str, str] | None = None,
    overrides: Sequence[Override] | None = None,
    pattern: str | None = None,
    values: Mapping[str, str] | None = None,
    now: datetime,
) -> Preview:
    """Try a mapping without keeping it. Asks Jira only while nothing is stored; raises a JiraError only then."""
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    before = msgspec.convert(site.mapping, FieldMapping)
    after = mapping.drafted(
        before, changes, points_by_project, overrides=overrides, pattern=pattern, values=values
    )
    sample = await mapping_sample.take(session, site, after, now=now)
    # Hundreds of issues are read: not on the event loop, where others wait.
    tried, shares = await asyncio.to_thread(_read_all, sample.issues, before, after)
    effect, new_fields = mapping_setup.effect_of(site, before, after)
    return Preview(
        basis=sample.basis,
        looked_at=len(tried),
        issues=tuple(_spread(tried)),
        filled={slot: sum(1 for one in tried if one.after.said(slot) not in (None, "", ())) for slot in Slot},
        changed={
            slot: sum(1 for one in tried if one.before.said(slot) != one.after.said(slot)) for slot in Slot
        },
        shares=shares,
        reach=await _reach(session, site_id, after.overrides),
        effect=effect,
        stored_issues=await mapping_setup.stored_issues(session, site_id),
        new_fields=new_fields,
    )


def _read_all(
    issues: Iterable[RawIssue], before: FieldMapping, after: FieldMapping
) -> tuple[list[Tried], dict[Slot, tuple[Share, ...]]]:
    old, new = FieldIndex.of(before), FieldIndex.of(after)
    tried: list[Tried] = []
    found: dict[Slot, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for raw in issues:
        payload = decode(raw.issue, IssuePayload, f"issue {raw.issue_id}")
        tried.append(_try(payload, old, new))
        for slot, field, value in chain(_values(payload, after.discipline_pattern), _times(payload)):
            found[slot][field][value] += 1
    shares = {
        slot: tuple(_shares(fields, VALUES if slot is Slot.SCHEDULING else FREQUENT))
        for slot, fields in found.items()
    }
    return tried, shares


def _try(payload: IssuePayload, old: FieldIndex, new: FieldIndex) -> Tried:
    project, kind, before = _reading(payload, old)
    same = (old.mapping.meaning(), old.mapping.scheduling_values) == (
        new.mapping.meaning(),
        new.mapping.scheduling_values,
    )
    after = before if same else _reading(payload, new)[2]
    return Tried(payload.key, project, kind, before, after)


def _reading(payload: IssuePayload, fields: FieldIndex) -> tuple[str, str, Reading]:
    try:
        current = current_values(payload, fields)
    except JiraAnswerInvalid as error:
        return payload.key.rpartition("-")[0], "", Reading(problem=error.message)
    stakeholder = current.owner or current.reporter
    reading = Reading(
        points=current.points,
        team=current.discipline,
        stakeholder=stakeholder.name if stakeholder else "",
        is_owner=current.owner is not None,
        sprints=tuple(sprint.name or str(sprint.id) for sprint in current.sprints),
        epic=current.epic_key or "",
        scheduling=current.scheduling,
        scheduling_class=meaning_of(current.scheduling, fields.mapping.scheduling_values)
        if current.scheduling
        else None,
        deadline=current.deadline or "",
        planned_start=current.planned_start or "",
        planned_end=current.planned_end or "",
    )
    return current.project_key, current.type, reading


def _values(payload: IssuePayload, pattern: str) -> Iterator[tuple[Slot, str, str]]:
    """What each field could say: (slot, field, value)."""
    for field, raw in payload.fields.items():
        custom = field.startswith("customfield_")
        if not custom and field not in mapping.DISCIPLINE_SYSTEM_FIELDS:
            continue
        value = msgspec.json.decode(raw)
        if value is None:
            continue
        team = "" if isinstance(value, int | float) else read.team(value, pattern)
        if team and len(team) <= _LONGEST:
            yield Slot.DISCIPLINE, field, team
        if not custom:
            continue
        number = read.points(value) if isinstance(value, int | float | str) else None
        if isinstance(number, int):
            yield Slot.POINTS, field, f"{number / 1000:g}"
        somebody = None if isinstance(value, str) else read.person(value)
        if somebody is not None:
            yield Slot.OWNER, field, somebody.name


def _times(payload: IssuePayload) -> Iterator[tuple[Slot, str, str]]:
    """The same of what a plan is timed by: classes are short texts and options, times are days and moments."""
    for field, raw in payload.fields.items():
        if not field.startswith("customfield_") and field != mapping.DUE_DATE:
            continue
        value = msgspec.json.decode(raw)
        at = moment(value)
        if isinstance(at, str):
            for slot in (Slot.DEADLINE, Slot.PLANNED_START, Slot.PLANNED_END):
                yield slot, field, at[:10]
        elif isinstance(value, str | dict) and field != mapping.DUE_DATE:
            said = read.label(cast("object", value))
            if said and len(said) <= _LONGEST:
                yield Slot.SCHEDULING, field, said


def _shares(fields: Mapping[str, Counter[str]], most: int) -> Iterator[Share]:
    """The most filled fields first."""
    totals = {field: counts.total() for field, counts in fields.items()}
    for field in sorted(totals, key=lambda one: (-totals[one], one))[:SHARES]:
        counts = fields[field]
        frequent = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:most]
        yield Share(field, totals[field], len(counts), tuple(frequent))


def _spread(tried: Sequence[Tried]) -> Iterator[Tried]:
    """A few, in turns out of each project and type; those that the new mapping reads otherwise come first."""
    groups: dict[tuple[str, str], list[Tried]] = defaultdict(list)
    for one in sorted(tried, key=lambda one: one.before == one.after):
        groups[one.project, one.type].append(one)
    turns = chain.from_iterable(zip_longest(*(groups[place] for place in sorted(groups))))
    few = [one for one in turns if one is not None][: SHOWN * 20]
    few.sort(key=lambda one: one.before == one.after)
    return iter(few[:SHOWN])


async def _reach(session: AsyncSession, site_id: int, overrides: Sequence[Override]) -> tuple[int, ...]:
    if not overrides:
        return ()
    exceptions = Exceptions.of(overrides)
    found = await session.execute(
        text(
            "SELECT project_key, type, count(*) FROM issue WHERE site_id = :site AND deleted_at IS NULL GROUP BY 1, 2"
        ),
        {"site": site_id},
    )
    reach: Counter[tuple[Slot, str, str]] = Counter()
    for project, kind, count in found:
        for slot in Slot:
            held = exceptions.find(slot, project, kind)
            if held is not None:
                reach[held.place] += count
    return tuple(reach[override.place] for override in overrides)
