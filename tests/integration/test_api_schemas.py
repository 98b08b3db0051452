"""What REST makes of values: units that are not known, closed sets, decimals."""

from datetime import UTC, datetime

from sprintreports.api.schemas.amounts import AmountOut, EstimateOut, Known
from sprintreports.api.schemas.burndown import BurndownOut
from sprintreports.api.schemas.sprints import IssueBucket
from sprintreports.api.schemas.velocity import VelocityOut
from sprintreports.jira.reads import sprint_issues
from sprintreports.metrics.burndown import burndown
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.scope import EventKind, ScopeEvent
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount, Bucket, Estimate, Unit, Window
from sprintreports.metrics.velocity import SprintTotals, velocity
from sprintreports.planning.guidelines import by_working_days

START, END = datetime(2025, 3, 3, 9, tzinfo=UTC), datetime(2025, 3, 14, 17, tzinfo=UTC)
ONE_UNESTIMATED = Amount(0, 0, 1)


def test_closed_sets_are_those_of_the_reads() -> None:
    assert [bucket.value for bucket in IssueBucket] == [*Bucket, sprint_issues.EXCLUDED]


def test_thousandths_of_points_are_exact_decimals() -> None:
    shown = AmountOut.of(Amount(2_125, 5_400, 3), Known())
    assert shown.model_dump_json() == '{"points":2.125,"hours":1.5,"count":3}'


def test_a_missing_estimate_is_null_and_zero_is_zero() -> None:
    assert EstimateOut.of(Estimate(None, 0)).model_dump() == {"points": None, "hours": 0.0}


def test_a_unit_without_any_estimate_is_not_known() -> None:
    assert Known.of(Totals(final=ONE_UNESTIMATED, unestimated=1, untimed=1)) == Known(
        points=False, hours=False
    )
    assert Known.of(Totals(final=Amount(0, 0, 2), unestimated=1, untimed=2)) == Known(
        points=True, hours=False
    )
    removed = Totals(final=ONE_UNESTIMATED, removed=Amount(0, 60, 1), unestimated=1, untimed=1)
    assert Known.of(removed) == Known(points=False, hours=True)
    assert Known.of(Totals()) == Known(points=True, hours=True)


def _burndown(initial: Amount, *events: ScopeEvent) -> BurndownOut:
    calendar = WorkCalendar("UTC", frozenset(range(5)), frozenset())
    window = Window(START, END, closed=True)
    course = burndown(events, initial=initial, window=window, planned_end=END, calendar=calendar)
    return BurndownOut.of(by_working_days(course), names={})


def test_a_burndown_of_unestimated_issues_counts_them_alone() -> None:
    shown = _burndown(ONE_UNESTIMATED)
    assert shown.initial.model_dump() == {"points": None, "hours": None, "count": 1}
    assert {corner.points for corner in shown.guideline} == {None}
    estimate = Estimate(0, None)
    event = ScopeEvent(END, 7, EventKind.DONE, "", 0, estimate, estimate)
    named = _burndown(ONE_UNESTIMATED, event)
    assert named.initial.model_dump() == {"points": 0.0, "hours": None, "count": 1}
    assert named.steps[-1].event is not None
    assert (named.steps[-1].event.jira_issue_id, named.steps[-1].event.key) == (7, None)
    assert _burndown(NOTHING).initial.points == 0.0


def test_velocity_in_a_unit_that_nobody_estimates_in_is_not_known() -> None:
    totals = Totals(
        initial=Amount(3_000, 0, 1), completed=Amount(3_000, 0, 1), final=Amount(3_000, 0, 1), untimed=1
    )
    sprint = SprintTotals(1, "One", START, END, totals)
    hours = VelocityOut.of(velocity([sprint], last=3, unit=Unit.HOURS), board_id=1)
    assert (hours.mean, hours.sprints[0].completed, hours.sprints[0].unestimated) == (None, None, 1)
    points = VelocityOut.of(velocity([sprint], last=3, unit=Unit.POINTS), board_id=1)
    assert (points.mean, points.sprints[0].completed, points.spread) == (3.0, 3.0, None)
    assert VelocityOut.of(velocity([], last=3, unit=Unit.POINTS), board_id=1).mean is None
