"""Sprint names below the velocity chart: what all share is said once."""

import pytest

from sprintreports.charts.words import common_words


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (["Data Platform Sprint 20", "Data Platform Sprint 21"], "Data Platform Sprint "),
        (["Sprint 9", "Sprint 10"], "Sprint "),
        (["Alpha", "Beta"], ""),
        (["Sprint 1"], ""),
        (["S1", "S2"], ""),
        ([], ""),
    ],
)
def test_common_words(names: list[str], shared: str):
    assert common_words(names) == shared
