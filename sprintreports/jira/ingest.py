"""One issue of Jira's JSON with its changelog, turned into rows and timelines. Pure: what it needs to know, it is given.

People and disciplines are still Jira's keys and labels here; the store puts our ids in their place.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from sprintreports.jira import ingest_values as read
from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.ingest_archive import ArchiveRow, archive
from sprintreports.jira.ingest_fields import Changes, FieldIndex, Slot, sorted_changes
from sprintreports.jira.ingest_issue import Current, Link, current_values
from sprintreports.jira.ingest_tracks import FieldChange, Rebuilt, rebuild
from sprintreports.jira.ingest_values import NOT_READABLE, NotReadable, Person
from sprintreports.jira.payloads import ChangeItem, ChangePayload, IssuePayload, SprintPayload
from sprintreports.jira.timelines import Timelines, Track, V


class IngestedIssue(msgspec.Struct, frozen=True):
    """What an issue's JSON says. `statuses`: id to (name, category; "" where only the past knows it)."""

    current: Current
    tracks: "Tracks"
    archive: tuple[ArchiveRow, ...]
    people: Mapping[str, Person]
    disciplines: frozenset[str]
    statuses: Mapping[str, tuple[str, str]]
    sprints: Mapping[int, SprintPayload]
    former_keys: tuple[str, ...]
    gaps: int
    notes: tuple[str, ...]
    unknown_sprint_names: frozenset[str]

    @property
    def links(self) -> tuple[Link, ...]:
        return self.current.links

    def timelines(self, people: Mapping[str, int], disciplines: Mapping[str, int]) -> Timelines:
        """The packed form, with our ids of people and disciplines."""
        tracks = self.tracks
        return Timelines(
            created=self.current.created,
            is_subtask=self.current.is_subtask,
            sprints=tuple((at, tuple(sorted(ids))) for at, ids in tracks.sprints),
            statuses=tracks.statuses,
            points_field=tracks.points_field,
            points=tracks.points,
            seconds=tracks.seconds,
            disciplines=tuple((at, disciplines[label] if label else 0) for at, label in tracks.disciplines),
            types=tracks.types,
            priorities=tracks.priorities,
            assignees=_ids(tracks.assignees, people),
            reporters=_ids(tracks.reporters, people),
            owners=_ids(tracks.owners, people),
            parents=tracks.parents,
        )


class Tracks(msgspec.Struct, frozen=True):
    """The tracks in Jira's own words."""

    sprints: Track[frozenset[int]]
    statuses: Track[str]
    points_field: str
    points: dict[str, Track[int | None]]
    seconds: Track[int | None]
    disciplines: Track[str]
    types: Track[str]
    priorities: Track[str]
    assignees: Track[str | None]
    reporters: Track[str | None]
    owners: Track[str | None]
    parents: Track[int | None]


def ingest_issue(
    payload: IssuePayload,
    changes: Sequence[ChangePayload],
    *,
    fields: FieldIndex,
    status_names: Mapping[str, str] | None = None,
    sprint_names: Mapping[str, int] | None = None,
    archived: bool = False,
) -> IngestedIssue:
    """Read an issue and its whole changelog. `status_names` and `sprint_names` map names to ids where ids are missing.

    `archived`: the rows of its archive are there already, and are not made again.
    Raises JiraAnswerInvalid when the issue lacks what no issue can lack.
    """
    current = current_values(payload, fields)
    try:
        ordered = sorted_changes(changes)
    except ValueError as error:
        raise JiraAnswerInvalid(f"the changelog of {current.key}", str(error)) from error
    by_slot = fields.sort(ordered)
    walk = _Walk(current, by_slot, fields, status_names or {}, sprint_names or {})
    tracks = walk.tracks()
    early = 0
    if ordered and ordered[0][0] < current.created:
        early = sum(1 for at, _ in ordered if at < current.created)
        walk.notes.append(
            f"{early} changes are dated before the issue was created; they count from its creation."
        )
    return IngestedIssue(
        current=current,
        tracks=tracks,
        archive=() if archived else archive(ordered, by_slot, walk.people),
        people=walk.people,
        disciplines=frozenset(label for _, label in tracks.disciplines if label),
        statuses=walk.statuses,
        sprints=walk.sprints,
        former_keys=_former_keys(by_slot, current.key),
        gaps=walk.gaps,
        notes=tuple(walk.notes),
        unknown_sprint_names=frozenset(walk.unknown_sprint_names),
    )


class _Walk:
    """One pass over an issue's slots, gathering what it meets on the way."""

    def __init__(
        self,
        current: Current,
        by_slot: Changes,
        fields: FieldIndex,
        status_names: Mapping[str, str],
        sprint_names: Mapping[str, int],
    ) -> None:
        self.current = current
        self.by_slot = by_slot
        self.fields = fields
        self.status_names = status_names
        self.sprint_names = {
            **sprint_names,
            **{sprint.name: sprint.id for sprint in current.sprints if sprint.name},
        }
        self.people: dict[str, Person] = {
            person.account_key: person
            for person in (current.assignee, current.reporter, current.owner)
            if person
        }
        self.statuses: dict[str, tuple[str, str]] = {
            current.status_id: (current.status_name, current.status_category)
        }
        self.sprints: dict[int, SprintPayload] = {sprint.id: sprint for sprint in current.sprints}
        self.gaps = 0
        self.notes: list[str] = list(current.notes)
        self.unknown_sprint_names: set[str] = set()

    def tracks(self) -> Tracks:
        current = self.current
        return Tracks(
            sprints=self._sprints(),
            statuses=self._statuses(),
            points_field=current.points_field,
            points={
                field_id: self._numbers(Slot.points(field_id), value, read.points)
                for field_id, value in current.points_by_field.items()
            },
            seconds=self._numbers(Slot.SECONDS, current.seconds, read.seconds),
            disciplines=self._labels(),
            types=self._texts(Slot.TYPE, current.type),
            priorities=self._texts(Slot.PRIORITY, current.priority),
            assignees=self._people(Slot.ASSIGNEE, current.assignee),
            reporters=self._people(Slot.REPORTER, current.reporter),
            owners=self._people(Slot.owner(current.owner_field), current.owner),
            parents=self._parents(),
        )

    def _take(self, rebuilt: Rebuilt[V]) -> Track[V]:
        self.gaps += rebuilt.gaps
        return rebuilt.track

    def _always(self, value: V) -> Track[V]:
        """The track of what never changed: most of them."""
        return ((self.current.created, value),)

    def _sprints(self) -> Track[frozenset[int]]:
        changes: list[FieldChange[frozenset[int]]] = []
        for at, item in self.by_slot.get(Slot.SPRINT, ()):
            before, missing_before = read.sprints(item.before, item.before_text, self.sprint_names)
            after, missing_after = read.sprints(item.after, item.after_text, self.sprint_names)
            self._refer(before, item.before_text)
            self._refer(after, item.after_text)
            self.unknown_sprint_names.update(missing_before, missing_after)
            changes.append(FieldChange(at, before, after))
        for name in sorted(self.unknown_sprint_names):
            self.notes.append(f"The changelog names a sprint “{name}” that this site does not have.")
        now = frozenset(sprint.id for sprint in self.current.sprints)
        return self._take(rebuild(self.current.created, changes, now, unknown=frozenset()))

    def _refer(self, ids: frozenset[int] | NotReadable, names: str | None) -> None:
        if isinstance(ids, NotReadable):
            return
        parts = [part.strip() for part in (names or "").split(",")]
        certain = len(parts) == len(ids) == 1
        for sprint_id in ids:
            if sprint_id not in self.sprints:
                self.sprints[sprint_id] = SprintPayload(id=sprint_id, name=parts[0] if certain else "")

    def _statuses(self) -> Track[str]:
        changes = [
            FieldChange(
                at, self._status(item.before, item.before_text), self._status(item.after, item.after_text)
            )
            for at, item in self.by_slot.get(Slot.STATUS, ())
        ]
        return self._take(
            rebuild(self.current.created, changes, self.current.status_id, unknown=self.current.status_id)
        )

    def _status(self, status_id: str | None, name: str | None) -> str | NotReadable:
        name = (name or "").strip()
        found = (status_id or "").strip()
        if not found and name:
            same = name == self.current.status_name
            found = self.current.status_id if same else self.status_names.get(name, f"name:{name}")
        if not found:
            return NOT_READABLE
        if found not in self.statuses:
            self.statuses[found] = (name or found, "")
        return found

    def _numbers(self, slot: str, current: int | None, parse: read.NumberReader) -> Track[int | None]:
        if slot not in self.by_slot:
            return self._always(current)
        changes: list[FieldChange[int | None]] = []
        for at, item in self.by_slot[slot]:
            before = parse(item.before_text or item.before)
            after = parse(item.after_text or item.after)
            for value, text in ((before, item.before_text), (after, item.after_text)):
                if isinstance(value, NotReadable):
                    self.notes.append(
                        f"The estimate “{text}” is not a number that an issue can have; it counts as none."
                    )
            changes.append(FieldChange(at, _none_for(before), _none_for(after)))
        return self._take(rebuild(self.current.created, changes, current, unknown=None))

    def _labels(self) -> Track[str]:
        field, pattern = self.current.discipline_field, self.current.discipline_pattern
        entries = self.by_slot.get(Slot.discipline(field), ())
        if field is None or not entries:
            return self._always(self.current.discipline)
        if field == "components":
            return self._components(entries, pattern)
        separator = self._separator(field)
        changes = [
            FieldChange(
                at,
                read.team_of_change(item.before_text or item.before, separator=separator, pattern=pattern),
                read.team_of_change(item.after_text or item.after, separator=separator, pattern=pattern),
            )
            for at, item in entries
        ]
        return self._take(rebuild(self.current.created, changes, self.current.discipline, unknown=""))

    def _separator(self, field: str) -> str:
        """What parts the field's values in a changelog; a mapping of old does not say it."""
        told = self.fields.mapping.separators.get(field)
        if told is not None or not self.current.discipline_listed:
            return told or ""
        return " " if field == "labels" else ","

    def _components(self, entries: Sequence[tuple[datetime, ChangeItem]], pattern: str) -> Track[str]:
        """Components change one at a time, so the whole set is walked backwards from the current one."""
        members = set(self.current.discipline_all)
        changes: list[FieldChange[str]] = []
        for at, item in reversed(entries):
            after = read.first_team(members, pattern)
            members.discard((item.after_text or "").strip())
            if item.before_text:
                members.add(item.before_text.strip())
            changes.append(FieldChange(at, read.first_team(members, pattern), after))
        changes.reverse()
        return self._take(rebuild(self.current.created, changes, self.current.discipline, unknown=""))

    def _texts(self, slot: str, current: str) -> Track[str]:
        if slot not in self.by_slot:
            return self._always(current)
        changes = [
            FieldChange(at, (item.before_text or "").strip(), (item.after_text or "").strip())
            for at, item in self.by_slot[slot]
        ]
        return self._take(rebuild(self.current.created, changes, current, unknown=""))

    def _people(self, slot: str, current: Person | None) -> Track[str | None]:
        if slot not in self.by_slot:
            return self._always(current.account_key if current else None)
        changes: list[FieldChange[str | None]] = []
        for at, item in self.by_slot[slot]:
            sides = (
                read.person_of_change(item.before, item.before_text),
                read.person_of_change(item.after, item.after_text),
            )
            for person in sides:
                read.meet(self.people, person)
            changes.append(FieldChange(at, *(person.account_key if person else None for person in sides)))
        now = current.account_key if current else None
        return self._take(rebuild(self.current.created, changes, now, unknown=None))

    def _parents(self) -> Track[int | None]:
        if Slot.PARENT not in self.by_slot:
            return self._always(self.current.parent_id)
        changes = [
            FieldChange(at, _issue_id(item.before), _issue_id(item.after))
            for at, item in self.by_slot[Slot.PARENT]
        ]
        return self._take(rebuild(self.current.created, changes, self.current.parent_id, unknown=None))


def _none_for(value: int | NotReadable | None) -> int | None:
    return None if isinstance(value, NotReadable) else value


def _issue_id(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _ids(track: Track[str | None], people: Mapping[str, int]) -> Track[int | None]:
    return tuple((at, people[key] if key else None) for at, key in track)


def _former_keys(by_slot: Changes, key: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for _, item in by_slot.get(Slot.KEY, ()):
        for text in (item.before_text, item.after_text):
            if text and text != key:
                found[text] = None
    return tuple(found)
