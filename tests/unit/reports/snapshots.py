"""Any snapshots: issues in every standing, with every field, some without estimate."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from sprintreports.metrics.scope import NOT_ON_BOARD, REMOVED_FROM_SPRINT, Outcome
from sprintreports.metrics.sprint_report import Excluded, sprint_report
from sprintreports.metrics.values import Bucket, Estimate, SprintState, State
from sprintreports.reports.snapshot import Snapshot, SnapshotIssue
from tests.reports_samples import TEAMS, rows_of
from tests.reports_samples import snapshot as sample

POINTS = st.none() | st.integers(0, 8).map(lambda halves: halves * 500)
ESTIMATES = st.builds(Estimate, POINTS, st.none() | st.sampled_from([0, 1800, 7200]))
PEOPLE = st.sampled_from([None, 11, 12])


@st.composite
def outcomes(draw: st.DrawFn, number: int, team: int) -> Outcome | None:
    """None: the issue is left out."""
    bucket = draw(st.none() | st.sampled_from(Bucket))
    if bucket is None:
        return None
    counts = bucket is not Bucket.OUTSIDE
    committed = counts and draw(st.booleans())
    initial = draw(ESTIMATES)
    final = draw(ESTIMATES) if counts else initial
    reason = REMOVED_FROM_SPRINT if bucket is Bucket.REMOVED else ""
    start_team = draw(st.sampled_from(sorted(TEAMS))) if counts else team
    added = counts and not committed
    return Outcome(
        number, bucket, committed, added, initial, final, None, None, None, reason, start_team, team, "To Do", added
    )  # fmt: skip


@st.composite
def issues(draw: st.DrawFn, number: int) -> SnapshotIssue:
    team = draw(st.sampled_from(sorted(TEAMS)))
    outcome = draw(outcomes(number, team))
    return SnapshotIssue(
        issue=number,
        key=draw(st.sampled_from([f"PAY-{number}", f"OPS-{number}"])),
        summary=draw(st.sampled_from(["One", "Other"])),
        type=draw(st.sampled_from(["Bug", "Story"])),
        status=draw(st.sampled_from(["To Do", "Done"])),
        state=draw(st.sampled_from(State)),
        priority=draw(st.sampled_from(["High", "Low"])),
        discipline=team,
        assignee=draw(PEOPLE),
        stakeholder=draw(PEOPLE),
        stakeholder_is_owner=draw(st.booleans()),
        parent=draw(st.sampled_from(["", "PAY-99"])),
        outcome=outcome,
        excluded="" if outcome else NOT_ON_BOARD,
    )


@st.composite
def snapshots(draw: st.DrawFn, most: int = 6) -> Snapshot:
    numbers = sorted(draw(st.sets(st.integers(1, most))))
    return of_issues(sample(), tuple(draw(issues(number)) for number in numbers))


def of_issues(base: Snapshot, found: tuple[SnapshotIssue, ...]) -> Snapshot:
    """The snapshot with these issues, and the report that the metrics make of them."""
    excluded = [Excluded(one.issue, one.discipline, one.excluded) for one in found if one.outcome is None]
    report = sprint_report(
        rows_of(found), board_id=7, sprint_id=41, sprint_name="Payments 14", state=SprintState.ACTIVE,
        window=base.report.window, zone="Europe/Berlin", excluded=excluded,
    )  # fmt: skip
    return replace(base, issues=found, report=report)
