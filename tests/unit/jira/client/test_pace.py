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


DATA_CENTER = {"X-RateLimit-Limit": "100", "X-RateLimit-Interval-Seconds": "10", "X-RateLimit-FillRate": "5"}
POLICY = {"Beta-RateLimit-Policy": '"tenant-app-quota";q=1000;w=3600'}


@pytest.mark.parametrize(
    ("headers", "endpoint", "everything"),
    [
        ({}, 0, 0),
        # Cloud's burst limit, by the second: a fifth is left, less is left, nothing is left.
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "20"}, 0, 0),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "9"}, 0.1, 0),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0"}, 1, 0),
        (
            {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "2026-03-01T12:00:05Z"},
            0.5,
            0,
        ),
        ({"X-RateLimit-NearLimit": "true"}, pace.NEAR_GAP, 0),
        ({"X-RateLimit-NearLimit": "false"}, 0, 0),
        # Data Center's bucket: 5 more every 10 s. It slows down to that pace as it empties.
        (DATA_CENTER | {"X-RateLimit-Remaining": "60", "Retry-After": "0"}, 0, 0),
        (DATA_CENTER | {"X-RateLimit-Remaining": "10"}, 0, 1),
        (DATA_CENTER | {"X-RateLimit-Remaining": "0"}, 0, 2),
        # An app's points by the hour.
        (POLICY | {"Beta-RateLimit": '"tenant-app-quota";r=900;t=1800'}, 0, 0),
        (POLICY | {"Beta-RateLimit": '"tenant-app-quota";r=99;t=200'}, 0, 2),
        ({"Beta-RateLimit": '"tenant-app-quota";r=0;t=2788'}, 0, pace.LONGEST_GAP),
        ({"Beta-RateLimit": "soon", "X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "few"}, 0, 0),
    ],
)  # fmt: skip
def test_requests_keep_a_distance_that_grows_as_less_is_left(headers, endpoint, everything):
    found = pace.gaps(headers, now=NOW)
    assert (found.endpoint, found.everything) == (pytest.approx(endpoint), pytest.approx(everything))


@given(left=st.integers(0, 100), less=st.integers(0, 100))
def test_less_left_never_means_faster(left, less):
    low, high = sorted((left, less))

    def gap(remaining, more):
        headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": str(remaining), **more}
        found = pace.gaps(headers, now=NOW)
        return found.endpoint + found.everything

    for more in ({}, DATA_CENTER):
        assert gap(low, more) >= gap(high, more) >= 0


def test_an_answer_without_such_headers_says_nothing_of_limits():
    assert pace.says_limits([b"date", b"x-ratelimit-limit"])
    assert pace.says_limits([b"beta-ratelimit"])
    assert not pace.says_limits([b"content-type", b"retry-after"])


def test_requests_take_their_places_one_after_the_other():
    held = pace.Pace()
    held.space("/a", pace.Gaps(endpoint=2.0), now=10.0)
    assert [held.reserve("/a", now=10.0) for _ in range(3)] == [2.0, 4.0, 6.0]
    assert held.reserve("/b", now=10.0) == 0.0
    held.space("/b", pace.Gaps(everything=1.0), now=10.0)
    assert held.reserve("/c", now=10.0) == 1.0
    assert held.reserve("/a", now=10.0) == 8.0
    held.space("/a", pace.Gaps(), now=20.0)  # there is enough again
    assert [held.reserve("/a", now=20.0) for _ in range(2)] == [0.0, 0.0]


def test_a_hold_outlasts_a_distance():
    held = pace.Pace()
    held.space("/a", pace.Gaps(endpoint=2.0), now=0.0)
    held.hold("/a", until=30.0, everything=False)
    assert [held.reserve("/a", now=0.0) for _ in range(2)] == [30.0, 32.0]
