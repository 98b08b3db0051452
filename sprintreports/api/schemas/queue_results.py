"""What REST shows of a queue that was made: teams with their cut-lines, issues with their reasons, conflicts, what moved, progress."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.queue_changes import AnyChange
from sprintreports.api.schemas.queue_changes import shown as change_shown
from sprintreports.api.schemas.queue_options import OptionsOut
from sprintreports.api.schemas.queues import QueueVersionOut
from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.reasons import reason_in_words
from sprintreports.planning.queue.replan import Change as Moved
from sprintreports.planning.queue.replan import Move, change_in_words
from sprintreports.planning.queue.results import (
    Conflict,
    ConflictKind,
    Fairness,
    Placement,
    Queue,
    Severity,
    Side,
    TeamQueue,
    Why,
)
from sprintreports.planning.queue.values import Scheduling
from sprintreports.planning.queues.exports.lines import Names, Text, shown, source_of
from sprintreports.planning.queues.progress import ItemProgress, Progress, Standing, TeamProgress
from sprintreports.planning.queues.versions import Version


class FairnessOut(BaseModel):
    index: float | None = Field(description="Jain's, 0 to 100; null: nothing was dealt", examples=[96.4])
    wait: int = Field(description="the longest wait of a stakeholder, in rounds")

    @classmethod
    def of(cls, fairness: Fairness) -> Self:
        return cls(index=fairness.index, wait=fairness.wait)


class BoundOut(BaseModel):
    """How good the plan of `optimal` is."""

    proven: bool = Field(description="nothing better is possible")
    stopped: bool = Field(description="it was ended before it was through")
    gap: float = Field(description="how far below the best it is at most, as a share of that", examples=[0.0])


class TeamQueueOut(BaseModel):
    """One team in figures. Amounts are in its own unit; its issues are listed by `/issues`."""

    team_id: int | None
    team_name: str = Field(examples=["QA Berlin"])
    unit: Unit
    capacity: float = Field(
        description="where the cut-line stands, after buffer and changes", examples=[20.5]
    )
    load: float = Field(description="of what is in", examples=[19.0])
    below_load: float = Field(description="of what waits below the cut-line", examples=[8.0])
    cut_line: int = Field(description="the position of the last issue that is in, 0: none is")
    below: int = Field(description="issues below the cut-line")
    aside: int = Field(description="issues that take no part")
    stakeholders: int
    fairness: FairnessOut

    @classmethod
    def of(cls, team: TeamQueue) -> Self:
        sides = Counter(one.side for one in team.placements)
        return cls(
            team_id=team.team,
            team_name=team.name,
            unit=team.unit,
            capacity=shown(team.capacity, team.unit),
            load=shown(team.load, team.unit),
            below_load=shown(team.below, team.unit),
            cut_line=sides[Side.IN],
            below=sides[Side.BELOW],
            aside=sides[Side.ASIDE],
            stakeholders=team.stakeholders,
            fairness=FairnessOut.of(team.fairness),
        )


class QueueResultOut(BaseModel):
    """A queue that was made: per team in figures, fairness, how many conflicts."""

    options: OptionsOut
    teams: list[TeamQueueOut]
    fairness: FairnessOut = Field(description="over all teams")
    bound: BoundOut | None = Field(description="of `optimal` alone")
    conflicts: dict[Severity, int] = Field(description="how many, by severity; `/conflicts` lists them")

    @classmethod
    def of(cls, queue: Queue) -> Self:
        found = Counter(one.severity for one in queue.conflicts)
        bound = queue.bound
        return cls(
            options=OptionsOut.of(queue.options),
            teams=[TeamQueueOut.of(team) for team in queue.teams],
            fairness=FairnessOut.of(queue.fairness),
            bound=None
            if bound is None
            else BoundOut(proven=bound.proven, stopped=bound.stopped, gap=bound.gap),
            conflicts={severity: found[severity] for severity in Severity},
        )


class QueueVersionResultOut(QueueVersionOut):
    """A version with what it says."""

    result: QueueResultOut

    @classmethod
    def with_result(cls, version: Version, queue: Queue) -> Self:
        return cls(**dict(QueueVersionOut.of(version)), result=QueueResultOut.of(queue))


class QueuePreviewOut(BaseModel):
    """What would be kept just now."""

    head: int = Field(description="the last edit that is in it")
    fingerprint: str
    notes: list[str] = Field(description="what the inputs lack, in sentences")
    result: QueueResultOut


class PersonOut(BaseModel):
    """Somebody in Jira."""

    id: int
    name: str = Field(examples=["Grace Hopper"])

    @classmethod
    def of(cls, person: int | None, names: Names) -> "PersonOut | None":
        if person is None:
            return None
        return cls(id=person, name=names.people.get(person) or f"Person {person}")


@dataclass(frozen=True, slots=True)
class Row:
    """A placement with its team, as a list filters and sorts it."""

    team: TeamQueue
    one: Placement


class QueueIssueOut(BaseModel):
    """Where an issue ended, and why. Amounts are in the team's unit."""

    jira_issue_id: int
    key: str
    summary: str
    url: str
    team_id: int | None
    team_name: str = Field(examples=["QA Berlin"])
    unit: Unit
    side: Side = Field(description="`in`; `below` the cut-line; `aside`: it takes no part")
    position: int | None = Field(description="in its team; null: aside")
    place: int | None = Field(description="in the whole sprint; null unless in")
    round: int | None = Field(description="null: not dealt, but pinned, hard-scheduled or needed by such")
    load: float = Field(examples=[3.0])
    running: float = Field(description="the sum up to and including it", examples=[12.0])
    why: Why
    reason: str = Field(examples=["It was the turn of Ada Lovelace in round 2 of QA Berlin."])
    stakeholder: PersonOut | None
    assignee: PersonOut | None
    scheduling: Scheduling = Field(description="as set by hand, else as Jira's fields say, else `flexible`")
    scheduled_start: datetime | None = Field(description="of a `hard` one: when exactly it begins")
    scheduled_end: datetime | None = Field(
        description="of a `hard` one: when it ends; of a `soft` one: its deadline"
    )
    scheduling_source: str = Field(
        description="where that is from; empty: nobody says anything",
        examples=["From Jira: Scheduling = Maintenance window"],
    )
    start: datetime | None = Field(description="expected; null where that cannot be said")
    finish: datetime | None

    @classmethod
    def of(cls, row: Row, queue: Queue, names: Names) -> Self:
        team, one = row.team, row.one
        text = names.issues.get(one.issue, Text())
        timing = queue.timing_of(one.issue)
        return cls(
            jira_issue_id=one.issue,
            key=one.key,
            summary=text.summary,
            url=text.url,
            team_id=team.team,
            team_name=team.name,
            unit=team.unit,
            side=one.side,
            position=one.position or None,
            place=one.place or None,
            round=one.round or None,
            load=shown(one.load, team.unit),
            running=shown(one.running, team.unit),
            why=one.reason.why,
            reason=reason_in_words(one, queue, names=names.people),
            stakeholder=PersonOut.of(one.stakeholder, names),
            assignee=PersonOut.of(one.assignee, names),
            scheduling=timing.kind,
            scheduled_start=timing.start,
            scheduled_end=timing.end,
            scheduling_source=source_of(queue, one.issue),
            start=one.start,
            finish=one.finish,
        )


class QueueSuggestionOut(BaseModel):
    """What would settle a conflict: send `change` as an edit. Undo takes it back."""

    message: str = Field(examples=["Pin it."])
    change: AnyChange


class QueueConflictOut(BaseModel):
    """Something that does not go together, and what could be done about it."""

    kind: ConflictKind
    severity: Severity
    message: str
    jira_issue_ids: list[int]
    team_id: int | None
    person_id: int | None
    suggestions: list[QueueSuggestionOut]

    @classmethod
    def of(cls, conflict: Conflict) -> Self:
        return cls(
            kind=conflict.kind,
            severity=conflict.severity,
            message=conflict.words,
            jira_issue_ids=list(conflict.issues),
            team_id=conflict.team,
            person_id=conflict.person,
            suggestions=[
                QueueSuggestionOut(message=one.words, change=change_shown(one.edit))
                for one in conflict.suggestions
            ],
        )


class QueuePlaceOut(BaseModel):
    """Where an issue stood in one of two queues."""

    team_id: int | None
    side: Side
    position: int | None
    reason: str

    @classmethod
    def of(cls, one: Placement | None, queue: Queue, names: Mapping[int, str]) -> "QueuePlaceOut | None":
        if one is None:
            return None
        return cls(
            team_id=one.team,
            side=one.side,
            position=one.position or None,
            reason=reason_in_words(one, queue, names=names),
        )


class QueueMoveOut(BaseModel):
    """An issue that moved between two queues. null: it was no candidate there."""

    move: Move
    jira_issue_id: int
    key: str
    message: str = Field(examples=["APP-12 is in now. It was in the plan before and still fits."])
    before: QueuePlaceOut | None
    after: QueuePlaceOut | None

    @classmethod
    def of(cls, moved: Moved, before: Queue, after: Queue, names: Mapping[int, str]) -> Self:
        return cls(
            move=moved.move,
            jira_issue_id=moved.issue,
            key=moved.key,
            message=change_in_words(moved, after, names=names),
            before=QueuePlaceOut.of(moved.before, before, names),
            after=QueuePlaceOut.of(moved.after, after, names),
        )


class ReplannedOut(BaseModel):
    """What planning again came to. Of what moved the first; `/versions/{number}/changes` lists all, where it was kept."""

    version: QueueVersionOut | None = Field(description="null: it was a trial")
    against: int = Field(description="the version that as much as possible was kept of")
    result: QueueResultOut
    moved_total: int
    moved: list[QueueMoveOut]


class TeamProgressOut(BaseModel):
    """One team's plan against now. Amounts are in its own unit; issues by their keys."""

    team_id: int | None
    team_name: str = Field(examples=["QA Berlin"])
    unit: Unit
    load: float = Field(description="of what the plan has in", examples=[19.0])
    done: float = Field(description="of that, what is done", examples=[11.0])
    issues: dict[Standing, int] = Field(description="how many are how far")
    late: int = Field(description="issues that were to be finished by now and are not")
    next: list[str] = Field(description="the first that can be begun")
    slipped: list[str] = Field(description="late, or gone from the sprint undone")

    @classmethod
    def of(cls, team: TeamProgress, unit: Unit) -> Self:
        standings = Counter(one.standing for one in team.items)
        return cls(
            team_id=team.team,
            team_name=team.name,
            unit=unit,
            load=shown(team.load, unit),
            done=shown(team.done, unit),
            issues={standing: standings[standing] for standing in Standing},
            late=sum(one.late for one in team.items),
            next=[one.placement.key for one in team.next],
            slipped=[one.placement.key for one in team.slipped],
        )


class QueueProgressOut(BaseModel):
    """A version against now. `/progress/issues` lists the issues that it has in."""

    version: int
    teams: list[TeamProgressOut]
    extra: list[int] = Field(description="done though they were not in: Jira's ids")
    fresh: list[int] = Field(description="open issues that the version does not know: Jira's ids")

    @classmethod
    def of(cls, version: Version, queue: Queue, progress: Progress) -> Self:
        units = {team.team: team.unit for team in queue.teams}
        return cls(
            version=version.number,
            teams=[TeamProgressOut.of(team, units[team.team]) for team in progress.teams],
            extra=list(progress.extra),
            fresh=list(progress.fresh),
        )


class QueueProgressIssueOut(BaseModel):
    """An issue that the version has in, as it stands now."""

    jira_issue_id: int
    key: str
    team_id: int | None
    team_name: str = Field(examples=["QA Berlin"])
    position: int
    standing: Standing
    late: bool
    waits_for: list[str] = Field(description="keys of what is to be done first and is not")
    start: datetime | None
    finish: datetime | None

    @classmethod
    def of(cls, team: TeamProgress, one: ItemProgress) -> Self:
        placed = one.placement
        return cls(
            jira_issue_id=placed.issue,
            key=placed.key,
            team_id=team.team,
            team_name=team.name,
            position=placed.position,
            standing=one.standing,
            late=one.late,
            waits_for=list(one.waits_for),
            start=placed.start,
            finish=placed.finish,
        )
