"""A Jira whose clock is ahead of ours: what it says has happened counts at once, since nothing may touch the sprint again."""

from datetime import datetime, timedelta

from sprintreports.jira.facts_compute import AHEAD, SprintDates, SprintFacts, SprintOnBoard, compute
from sprintreports.jira.timelines import Timelines
from sprintreports.metrics.values import Segment, SprintState, State
from tests.unit.jira.samples import DAY_ONE, day

NOW = day(5)
SOON = NOW + timedelta(minutes=3)


def segment(state: State, since: datetime, until: datetime | None, done: datetime | None = None) -> Segment:
    return Segment(1, 0, 3000, None, state, "3" if done else "2", done, False, since, until)


def lines(changed: datetime) -> Timelines:
    return Timelines(
        created=DAY_ONE, is_subtask=False, sprints=((DAY_ONE, (1,)),), statuses=((DAY_ONE, "2"),), points_field="",
        points={}, seconds=((DAY_ONE, None),), disciplines=((DAY_ONE, 0),), types=((DAY_ONE, "Bug"),),
        priorities=((DAY_ONE, "Low"), (changed, "High")), assignees=((DAY_ONE, None),),
        reporters=((DAY_ONE, None),), owners=((DAY_ONE, None),), parents=((DAY_ONE, None),),
    )  # fmt: skip


def facts(moment: datetime, *, closed: datetime | None = None) -> SprintFacts:
    """A sprint with one issue that is done at the moment, computed at NOW."""
    dates = SprintDates(SprintState.CLOSED if closed else SprintState.ACTIVE, day(1), day(15), None, closed)
    place = SprintOnBoard(1, 1, 1, 1, 1, "Sprint 1", dates, "UTC")
    own = [segment(State.DOING, DAY_ONE, moment), segment(State.DONE, moment, None, moment)]
    return compute(place, [own], {1: lines(moment)}, key_order={}, status_names={}, now=NOW)


def test_what_happened_by_jiras_clock_counts_before_ours_gets_there():
    found = facts(SOON)
    assert found.window.end == SOON
    assert found.report.totals.completed.points == 3000
    assert found.issues[0].attributes.priority == "High"


def test_what_happened_before_now_leaves_the_window_at_now():
    found = facts(day(4))
    assert found.window.end == NOW
    assert found.report.totals.completed.points == 3000


def test_a_date_that_no_clock_explains_is_not_believed():
    found = facts(NOW + AHEAD + timedelta(minutes=1))
    assert found.window.end == NOW
    assert found.report.totals.completed.points == 0


def test_a_closed_sprint_ends_where_it_was_closed():
    found = facts(SOON, closed=day(4))
    assert found.window.end == day(4)
    assert found.report.totals.completed.points == 0
    assert found.issues[0].attributes.priority == "Low"
