from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.jira.client import pace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12.0),
        ({"Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"X-RateLimit-Reset": "2026-03-01T12:01Z"}, 60.0),
        ({"X-RateLimit-Interval-Seconds": "5"}, 5.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
    ],
)
def test_what_the_server_asks_for(headers, seconds):
    assert pace.asked_wait(headers, now=NOW) == seconds


@given(attempt=st.integers(1, 40), chance=st.floats(0, 1))
def test_back_off_is_bounded_and_never_zero(attempt, chance):
    wait = pace.back_off(attempt, chance=lambda: chance)
    assert 0.25 <= wait <= pace.BACK_OFF_LIMIT


@pytest.mark.parametrize(
    ("reason", "all_endpoints"),
    [
        ("jira-quota-global-based", True),
        ("jira-burst-based", False),
        ("jira-per-issue-on-write", False),
        (None, False),
    ],
)
def test_quota_pauses_all_and_burst_one(reason, all_endpoints):
    assert pace.concerns_all(reason) is all_endpoints


def test_pace_holds_one_endpoint_or_all():
    held = pace.Pace()
    held.hold("/a", until=10.0, everything=False)
    assert (held.wait("/a", now=4.0), held.wait("/b", now=4.0)) == (6.0, 0.0)
    held.hold("/a", until=8.0, everything=True)
    assert (held.wait("/a", now=4.0), held.wait("/b", now=4.0)) == (6.0, 4.0)
