"""The sections beside the numbers: data quality, the queue, and what a calendar gets to know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sprintreports.charts.words import number
from sprintreports.planning.queues.exports import words
from sprintreports.reports.building.told import UNKNOWN, Told
from sprintreports.reports.document.blocks import (
    CalendarEntry,
    Column,
    Fact,
    Facts,
    Kind,
    Row,
    Section,
    Table,
)
from sprintreports.reports.snapshot import QueueLine, SnapshotQueue

# Empty, too, for who sees some teams alone, and for a past moment: that is no claim that all is well.
NO_FINDING = "No finding about data quality is part of this state."
NO_LINE = "The queue has no issues here."
_SCHEDULING = {one.value: said for one, said in words.SCHEDULING.items()}
# The reasons of a queue are kept with numbers for people, as all of a snapshot.
_PERSON = re.compile(r"\bperson (\d{1,18})\b")


def quality(told: Told) -> Section:
    """What the checks found, and what it means for the numbers."""
    lines = told.snapshot.quality
    columns = (
        Column("check", "Check"),
        Column("count", "Issues", Kind.COUNT),
        Column("meaning", "What it means for the numbers", wide=True),
    )
    rows = tuple(Row((line.title, line.count, line.sentence)) for line in lines)
    return Section("quality", "Data quality", (Table("quality", "Data quality", columns, rows, NO_FINDING),))


def queue(told: Told) -> tuple[Section, ...]:
    """The queue that was active at the moment, as a section; none where none was."""
    found = told.snapshot.queue
    if found is None:
        return ()
    facts = (
        Fact("queue_name", "Queue", found.name, Kind.TEXT),
        Fact("queue_version", "Version", found.version, Kind.COUNT),
        Fact("queue_algorithm", "Algorithm", words.algorithm(found.algorithm), Kind.TEXT),
        Fact("fairness", "Fairness", found.fairness, Kind.NUMBER, detail="Of 100, by Jain's index."),
        Fact("queued", "Issues in the queue", sum(1 for line in found.lines if line.position), Kind.COUNT),
    )
    return (Section("queue", "Sprint queue", (Facts("queue", facts), _lines(found, told))),)


def sprint_entries(told: Told) -> tuple[CalendarEntry, ...]:
    """The sprint itself, from its start to its close or planned end, and what has a time of its own in the active queue."""
    snapshot = told.snapshot
    start, end = snapshot.start or snapshot.planned_end, snapshot.completed or snapshot.planned_end
    name = f"sprint-{snapshot.site_id}-{snapshot.jira_sprint_id}-{snapshot.board_id}"
    timed = tuple(_timed(told, name))
    if start is None:
        return timed
    until = end if end is not None and end > start else None
    return (CalendarEntry(f"{name}@sprintreports", snapshot.sprint_name, start, until, snapshot.goal), *timed)


def _timed(told: Told, sprint: str) -> Iterator[CalendarEntry]:
    """What happens at exact times, and deadlines, the earliest first; an issue keeps its identity whichever queue is the plan."""
    queue = told.snapshot.queue
    lines = () if queue is None else queue.lines
    found = [(line.start or line.end, line) for line in lines]
    timed = [(at, line) for at, line in found if at is not None]
    summaries = {issue.issue: issue.summary for issue in told.snapshot.issues} if timed else {}
    for at, line in sorted(timed, key=lambda one: (one[0], one[1].key)):
        title = f"{line.key} {summaries.get(line.issue, '')}".strip()
        below = "" if line.position is not None else " It is below the cut-line of the plan."
        yield CalendarEntry(
            f"{sprint}-issue-{line.issue}@sprintreports",
            f"Due: {title}" if line.start is None else title,
            at,
            None if line.start is None else line.end,
            f"Planned for {line.team or UNKNOWN}.{below}",
            told.ref(line.key).url,
        )


def _lines(found: SnapshotQueue, told: Told) -> Table:
    summaries = {issue.issue: issue.summary for issue in told.snapshot.issues}
    columns = (
        Column("team", "Team"),
        Column("position", "Position", Kind.COUNT),
        Column("place", "Place in all", Kind.COUNT),
        Column("round", "Round", Kind.COUNT),
        Column("issue", "Issue", Kind.ISSUE),
        Column("summary", "Summary", wide=True),
        Column("scheduling", "Scheduling"),
        Column("reason", "Why it is there", wide=True),
    )
    rows = tuple(
        Row(
            (
                line.team or UNKNOWN,
                line.position,
                line.place,
                line.round,
                told.ref(line.key),
                summaries.get(line.issue, ""),
                _SCHEDULING.get(line.scheduling, line.scheduling),
                _PERSON.sub(lambda found: told.people.get(int(found[1]), found[0]), line.reason),
            )
        )
        for line in sorted(found.lines, key=_order)
    )
    inside = sum(1 for line in found.lines if line.position is not None)
    reading = f"{number(inside)} of {number(len(found.lines))} issues fit in." if rows else ""
    return Table("queue_lines", "Queue by team", columns, rows, NO_LINE, reading)


def _order(line: QueueLine) -> tuple[str, bool, int, str]:
    return line.team, line.position is None, line.position or 0, line.key
