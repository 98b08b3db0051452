"""What the figures of a sprint rest on: counted over its stored issues, few rows whatever their number."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access, sprint_reports
from sprintreports.jira.reads.access import AT
from sprintreports.metrics.basis import Alike, SprintBasis, sprint_basis
from sprintreports.metrics.values import Bucket, Estimate

# Only whether there is an estimate, and whether it is another one than before: the amounts are in the sums already.
_QUERY = text(
    f"""
SELECT count(*), bucket, committed, added, initial_points IS NULL, initial_seconds IS NULL, final_points IS NULL,
       final_seconds IS NULL, coalesce(initial_points, 0) <> coalesce(final_points, 0),
       coalesce(initial_seconds, 0) <> coalesce(final_seconds, 0),
       :teams IS NULL OR discipline_initial = ANY(CAST(:teams AS bigint[])),
       :teams IS NULL OR discipline_id = ANY(CAST(:teams AS bigint[]))
FROM sprint_issue_fact WHERE {AT} GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
""".replace(":teams IS NULL", "CAST(:teams AS bigint[]) IS NULL")
)


async def read(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None, now: datetime
) -> SprintBasis:
    """Of the report that `sprint_reports.read` gives for the same, of the viewer's teams. Raises NotFound."""
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    teams = None if viewer.team_ids is None else sorted(viewer.team_ids)
    if place.computed:
        found = await session.execute(_QUERY, place.keys | {"teams": teams})
        return sprint_basis(_alike(row) for row in found)
    fresh = await sprint_reports.fresh(session, place, now=now)
    return sprint_basis(
        Alike(1, None, ended=teams is None or issue.last.discipline in teams)
        if issue.outcome is None
        else Alike(
            1,
            issue.outcome.bucket,
            issue.outcome.committed,
            issue.outcome.added,
            issue.outcome.initial,
            issue.outcome.final,
            entered=teams is None or issue.outcome.discipline_initial in teams,
            ended=teams is None or issue.outcome.discipline in teams,
        )
        for issue in fresh.issues
    )


def _alike(row: Any) -> Alike:
    (
        number,
        bucket,
        committed,
        added,
        no_points,
        no_time,
        no_points_now,
        no_time_now,
        points,
        time,
        entered,
        ended,
    ) = row
    return Alike(
        number,
        None if bucket is None else Bucket(bucket),
        committed,
        added,
        # In place of the amounts: 1 and 0 where they differ.
        initial=Estimate(None if no_points else int(points), None if no_time else int(time)),
        final=Estimate(
            None if no_points_now else int(points and no_points),
            None if no_time_now else int(time and no_time),
        ),
        entered=entered,
        ended=ended,
    )
