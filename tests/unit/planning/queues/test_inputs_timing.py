"""When Jira's fields have an issue happen, by a board's clock: who wins, what is cut to the sprint, and odd days of the year."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sprintreports.jira.mapping import FieldMapping
from sprintreports.jira.reads.candidates import IssueNow, Times
from sprintreports.metrics.values import Estimate
from sprintreports.planning.queue.values import FLEXIBLE, Scheduling, Sprint, Timing
from sprintreports.planning.queue_inputs.timing import Clock, InJira, timing_of, unknown_classes

SPRINT = Sprint(datetime(2026, 3, 23, 8, tzinfo=UTC), datetime(2026, 4, 3, 15, tzinfo=UTC))
BERLIN = Clock.of("Europe/Berlin", SPRINT)
FIELDS = FieldMapping(
    scheduling="customfield_1", deadline="duedate", names={"customfield_1": "Class", "duedate": "Due"}
)


def issue(*, done: bool = False, **times: str | None) -> IssueNow:
    return IssueNow(
        1, "APP-1", done, "", None, None, 0, Estimate(None, None), is_subtask=False, parent=None,
        created=datetime(2026, 1, 1, tzinfo=UTC), times=Times(**times),  # type: ignore[arg-type]
    )  # fmt: skip


def read(clock: Clock = BERLIN, mapping: FieldMapping = FIELDS, **times: str | None) -> InJira:
    return timing_of(issue(**times), mapping, clock)


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def soft(*at: int) -> Timing:
    return Timing(Scheduling.SOFT, None, utc(*at))


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-03-24", utc(3, 24, 22, 59)),  # winter time
        ("2026-03-29", utc(3, 29, 21, 59)),  # the day on which the clocks go forward
        ("2026-04-03", utc(4, 3, 15)),  # the sprint's last day ends with it
        ("2026-04-04", utc(4, 4, 21, 59)),
        ("2026-03-20", utc(3, 20, 22, 59)),  # overdue stays overdue
        ("2026-03-24T09:30:00", utc(3, 24, 8, 30)),
        ("2026-03-24T09:30:00+00:00", utc(3, 24, 9, 30)),
    ],
)
def test_a_due_date_alone_is_a_soft_deadline_until_the_end_of_its_day(day: str, due: datetime):
    assert read(deadline=day) == InJira(Timing(Scheduling.SOFT, None, due), f"Due = {day}")


def test_the_same_day_ends_later_farther_west():
    there = read(Clock.of("America/New_York", SPRINT), deadline="2026-03-24")
    assert there.timing.end == utc(3, 25, 3, 59)
    east = read(Clock.of("Pacific/Kiritimati", SPRINT), deadline="2026-03-24")
    assert east.timing.end == utc(3, 24, 9, 59)


@pytest.mark.parametrize(
    ("said", "due", "expected"),
    [
        ("Flexible", "2026-03-24", InJira(FLEXIBLE, "Class = Flexible")),
        ("Target", "2026-03-24", InJira(soft(3, 24, 22, 59), "Class = Target")),
        ("Target", None, InJira(FLEXIBLE, "Class = Target", Scheduling.SOFT)),
        ("Fixed", None, InJira(FLEXIBLE, "Class = Fixed", Scheduling.HARD)),
        ("Fixed", "2026-03-24", InJira(soft(3, 24, 22, 59), "Class = Fixed", Scheduling.HARD)),
        ("Later", "2026-03-24", InJira(soft(3, 24, 22, 59), "Due = 2026-03-24")),
        ("Later", None, InJira()),
        ("", None, InJira()),
    ],
)
def test_the_class_that_is_named_wins_over_a_due_date(said: str, due: str | None, expected: InJira):
    assert read(scheduling=said, deadline=due) == expected


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        ("2026-03-24", "2026-03-25", (utc(3, 24, 8), utc(3, 25, 16))),
        ("2026-03-24", None, (utc(3, 24, 8), utc(3, 24, 16))),
        ("2026-03-23", "2026-03-23", (utc(3, 23, 8), utc(3, 23, 16))),
        ("2026-04-03", None, (utc(4, 3, 7), utc(4, 3, 15))),  # Berlin's 17:00 is the sprint's end by now
        ("2026-03-24T10:00:00", "2026-03-24T12:00:00", (utc(3, 24, 9), utc(3, 24, 11))),
        ("2026-03-24", "2026-03-24T12:00:00+00:00", (utc(3, 24, 8), utc(3, 24, 12))),
        ("2026-03-24T10:00:00", None, None),
        (None, "2026-03-24", None),
        ("2026-03-25", "2026-03-24", None),
        ("2026-03-24T10:00:00", "2026-03-24T10:00:00", None),
        ("2026-03-24T10:00:00+00:00", "2026-03-24T10:30:00", None),  # half past nine in UTC
    ],
)  # fmt: skip
def test_exact_times_are_a_stretch_or_missing(
    start: str | None, end: str | None, window: tuple[datetime, datetime] | None
):
    found = read(scheduling="Fixed", planned_start=start, planned_end=end)
    assert found.lacks is (Scheduling.HARD if window is None else None)
    assert found.timing == (FLEXIBLE if window is None else Timing(Scheduling.HARD, *window))


def test_the_sprints_first_day_begins_with_it_and_one_without_dates_cuts_nothing():
    late = Sprint(utc(3, 23, 11), utc(4, 3, 15))
    at = {"scheduling": "Fixed", "planned_start": "2026-03-23"}
    assert read(Clock.of("Europe/Berlin", late), **at).timing.start == utc(3, 23, 11)
    assert read(Clock.of("Europe/Berlin", Sprint()), **at).timing.start == utc(3, 23, 8)
    begun_after_hours = Sprint(utc(3, 23, 18), utc(4, 3, 15))
    assert read(Clock.of("Europe/Berlin", begun_after_hours), **at).lacks is Scheduling.HARD, (
        "the day is over by then"
    )


def test_planned_times_without_a_class_say_nothing():
    """A planned start alone is how many a team notes when it means to begin."""
    assert read(planned_start="2026-03-24", planned_end="2026-03-25") == InJira()


def test_values_that_nobody_knows_are_named_once_and_those_of_done_issues_are_not():
    issues = [issue(scheduling=value) for value in ("Q3", "Q3", "Fixed", "", "Zz", "A", "B", "C", "D")]
    said = unknown_classes([*issues, issue(scheduling="Old", done=True)], FIELDS)
    assert said.startswith(
        "7 issues have a value of Class whose class is not known: “A”, “B”, “C”, “D”, “Q3” and 1 more."
    )
    assert "they are planned as if nothing was said" in said
    assert unknown_classes(issues[2:4], FIELDS) == ""
