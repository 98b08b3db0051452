from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.jira.sync.forecasting import WINDOW, Speed

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def told(pages, *, total=10_000, speed=None):
    """What is said after the last of some pages: (seconds since the beginning, done)."""
    speed = speed or Speed()
    said = None
    for seconds, done in pages:
        said = speed.seconds_left(done, total, BEGAN + timedelta(seconds=seconds))
    return said


def test_no_estimate_without_evidence():
    assert told([(0, 0), (10, 500), (20, 1000)]) is None  # two pages
    assert told([(0, 0), (1, 500), (2, 1000), (3, 1500)]) is None  # three seconds
    assert told([(0, 0), (10, 500), (20, 1000), (30, 1500)], total=None) is None


def test_the_pace_of_the_recent_pages_counts():
    assert told([(0, 0), (10, 500), (20, 1000), (30, 1500)]) == pytest.approx(170)
    slow = [(100 * page, 100 * page) for page in range(WINDOW)]
    quick = [(100 * WINDOW + page, 100 * (WINDOW + page)) for page in range(1, WINDOW + 2)]
    assert told([*slow, *quick]) == pytest.approx((10_000 - quick[-1][1]) / 100)


def test_a_resumed_count_begins_anew_and_what_is_done_needs_no_time():
    speed = Speed()
    assert told([(0, 0), (10, 5000), (20, 9000), (30, 10_000)], speed=speed) == 0
    assert told([(40, 100), (50, 200)], speed=speed) is None


@given(
    st.lists(st.tuples(st.floats(0.1, 100), st.integers(0, 500)), max_size=60),
    st.integers(0, 50_000) | st.none(),
)
def test_an_estimate_is_never_negative_and_never_fails(steps, total):
    speed, at, done = Speed(), 0.0, 0
    for seconds, issues in steps:
        at, done = at + seconds, done + issues
        said = speed.seconds_left(done, total, BEGAN + timedelta(seconds=at))
        assert said is None or said >= 0
