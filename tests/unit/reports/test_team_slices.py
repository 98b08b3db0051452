"""What somebody who sees some teams alone gets of a snapshot."""

from dataclasses import replace

from sprintreports.reports.snapshot import SnapshotCapacity
from tests.reports_samples import CLOSE, snapshot


def test_a_planning_team_that_stands_for_no_value_of_jira_is_shown_to_nobody_who_is_limited() -> None:
    whole = snapshot(CLOSE)
    seen = min(whole.disciplines)
    other = max(whole.disciplines)
    assert seen != other
    teams = [
        SnapshotCapacity(name, disciplines, 10_000, 80_000, 5_000, "By hand.")
        for name, disciplines in (
            ("Theirs", (seen,)),
            ("Mixed", (seen, other)),
            ("Another", (other,)),
            ("Contractors", ()),
        )
    ]
    part = replace(whole, capacity=tuple(teams)).for_teams({seen})
    assert [team.name for team in part.capacity] == ["Theirs"]
