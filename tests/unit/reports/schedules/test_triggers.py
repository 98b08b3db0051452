"""When a schedule is due, around the changes of the clock in several zones, and which triggers are refused."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.kit.errors import Invalid
from sprintreports.reports.schedules.triggers import (
    MOST_MISSED,
    BeforeEnd,
    Clock,
    Closed,
    ForecastBelow,
    ScopeChange,
    Trigger,
    before_end,
    checked,
    missed,
    next_due,
    scope_moved,
    unlikely,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def runs(cron: str, zone: str, after: str, count: int) -> list[str]:
    found, moment = list[str](), at(after)
    for _ in range(count):
        due = next_due(Clock(cron), moment, zone)
        assert due is not None
        assert due > moment
        found.append(f"{due:%m-%dT%H:%M}")
        moment = due
    return found


# The changes: Berlin 2026-03-29 02:00 and 2026-10-25 03:00; New York 2026-03-08 02:00 and 2026-11-01 02:00; Lord Howe (by half an
# hour) 2026-10-04 02:00 and 2026-04-05 02:00; all in local time.
@pytest.mark.parametrize(
    ("cron", "zone", "after", "wanted"),
    [
        # Nine o'clock stays nine o'clock on the wall.
        ("0 9 * * *", "Europe/Berlin", "2026-03-27T12:00", ["03-28T08:00", "03-29T07:00", "03-30T07:00"]),
        ("0 9 * * *", "Europe/Berlin", "2026-10-23T12:00", ["10-24T07:00", "10-25T08:00", "10-26T08:00"]),
        # Half past two does not exist: 03:00 summer time is 01:00 UTC.
        ("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00", ["03-28T01:30", "03-29T01:00", "03-30T00:30"]),
        ("30 2 * * *", "America/New_York", "2026-03-07T06:00", ["03-07T07:30", "03-08T07:00", "03-09T06:30"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", ["10-03T15:30", "10-04T15:15"]),
        # It comes twice: it runs the first time, in summer time.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", ["10-25T00:30", "10-26T01:30"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00", ["11-01T05:30", "11-02T06:30"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00", ["04-04T14:45", "04-05T15:15"]),
        # Several times within what is left out are one run.
        (
            "0,20,40 2,3 * * *",
            "Europe/Berlin",
            "2026-03-29T00:59",
            ["03-29T01:00", "03-29T01:20", "03-29T01:40"],
        ),
        # Both times of the hour that comes twice are behind us at 02:10 winter time.
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10", ["10-26T01:30"]),
        # A day that does not exist: Apia left out 30 December 2011.
        ("0 12 30 * *", "Pacific/Apia", "2011-12-01T00:00", ["12-30T10:00"]),
        # Sunday is 0 and 7; where both a day of the month and a weekday are named, either will do.
        ("0 0 * * 7", "UTC", "2026-03-02T00:00", ["03-08T00:00"]),
        ("0 0 13 * 5", "UTC", "2026-03-02T00:00", ["03-06T00:00", "03-13T00:00", "03-20T00:00"]),
    ],
)
def test_the_clock_on_the_wall_decides(cron: str, zone: str, after: str, wanted: list[str]) -> None:
    assert runs(cron, zone, after, len(wanted)) == wanted


ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata", "UTC"]
)


@given(
    zone=ZONES,
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    begin=st.dates(date(2005, 1, 1), date(2030, 1, 1)),
)
def test_each_day_has_one_run_at_its_time_or_just_after_a_gap(
    zone: str, hour: int, minute: int, begin: date
) -> None:
    place = ZoneInfo(zone)
    moment = datetime(begin.year, begin.month, begin.day, tzinfo=place).astimezone(UTC) - timedelta(minutes=1)
    for _ in range(4):
        due = next_due(Clock(f"{minute} {hour} * * *"), moment, zone)
        assert due is not None
        assert due > moment
        wall = due.astimezone(place)
        if (wall.hour, wall.minute) != (hour, minute):
            # The wall jumped in the minute before, over the time that was asked for.
            earlier = (due - timedelta(minutes=1)).astimezone(place)
            jump = wall.replace(tzinfo=None) - earlier.replace(tzinfo=None)
            assert jump > timedelta(minutes=1)
            asked = earlier.replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None)
            if asked <= earlier.replace(tzinfo=None):
                asked += timedelta(days=1)
            assert earlier.replace(tzinfo=None) < asked < wall.replace(tzinfo=None)
        else:
            assert wall.fold == 0
        assert due - moment <= timedelta(hours=49, minutes=1)
        moment = due


@settings(deadline=None)  # a zone that is read for the first time takes its time
@given(
    zone=ZONES,
    minutes=st.integers(0, 25 * 365 * 24 * 60),
    every=st.sampled_from(["*", "*/7", "*/30"]),
)
def test_no_run_comes_twice_and_none_is_before_its_turn(zone: str, minutes: int, every: str) -> None:
    moment = datetime(2005, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = list[datetime]()
    for _ in range(30):
        due = next_due(Clock(f"{every} * * * *"), moment, zone)
        assert due is not None
        found.append(due)
        moment = due
    assert found == sorted(set(found))
    # What is asked for from anywhere in between is the same run.
    for first, second in pairwise(found):
        assert next_due(Clock(f"{every} * * * *"), first + (second - first) / 2, zone) == second


def test_what_was_missed_is_counted() -> None:
    daily = Clock("0 9 * * *")
    due = at("2026-03-27T08:00")  # nine in Berlin
    assert missed(daily, due, zone="Europe/Berlin", now=due) == 0
    assert missed(daily, due, zone="Europe/Berlin", now=at("2026-03-29T06:59")) == 1
    assert missed(daily, due, zone="Europe/Berlin", now=at("2026-03-29T07:00")) == 2
    assert missed(Clock("* * * * *"), due, zone="UTC", now=at("2026-05-01T00:00")) == MOST_MISSED
    assert missed(Closed(), due, zone="UTC", now=at("2026-05-01T00:00")) == 0


def test_events_have_no_time() -> None:
    assert next_due(Closed(), at("2026-03-27T08:00"), "UTC") is None
    assert next_due(Clock("0 0 29 2 *"), at("2026-03-27T08:00"), "UTC") == at("2028-02-29T00:00")


def test_days_before_the_end_are_days_on_the_wall() -> None:
    """The end is Monday 30 March 2026 at 17:00 in Berlin, after the change of the clock."""
    end = at("2026-03-30T15:00")
    assert before_end(end, 1, "Europe/Berlin") == at("2026-03-29T15:00")
    assert before_end(end, 2, "Europe/Berlin") == at("2026-03-28T16:00")


def test_scope_moves_either_way() -> None:
    assert not scope_moved(20_000, 22_000, 10)
    assert scope_moved(20_000, 22_001, 10)
    assert scope_moved(20_000, 17_000, 10)
    assert scope_moved(0, 1, 900)
    assert not scope_moved(0, 0, 1)


def test_a_chance_is_below_a_limit_when_it_is_known_and_smaller() -> None:
    assert unlikely(0.699, 70)
    assert not any(unlikely(percent / 100, percent) for percent in range(1, 96))
    assert not unlikely(0.95, 95), "as certain as any forecast is told"
    assert unlikely(0.0, 1)
    assert not unlikely(None, 95)


@pytest.mark.parametrize(
    "cron",
    [
        "", "* * * *", "* * * * * *", "@daily", "0 24 * * *", "60 * * * *", "H * * * *", "R R * * *", "0 0 31 2 *", "0 0 L * *",
        "0 9 * * 8", "0 9 * * fri#2", "a b c d e", "\0 * * * *", "*/0 * * * *", "0 9 * * 1-", f"{'0,' * 60}0 * * * *", "؀ ١ * * *",
    ],
)  # fmt: skip
def test_a_time_that_is_none_is_refused(cron: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Clock(cron), "UTC")
    assert [one.field for one in refused.value.details] == ["trigger.cron"]


@pytest.mark.parametrize(
    ("trigger", "zone", "field"),
    [
        (Closed(), "Mars/Olympus", "zone"),
        (Closed(), "../../etc/passwd", "zone"),
        (Closed(), "", "zone"),
        (BeforeEnd(0), "UTC", "trigger.days"),
        (BeforeEnd(61), "UTC", "trigger.days"),
        (ScopeChange(0), "UTC", "trigger.percent"),
        (ScopeChange(1_001), "UTC", "trigger.percent"),
        (ForecastBelow(0), "UTC", "trigger.percent"),
        (ForecastBelow(96), "UTC", "trigger.percent"),
    ],
)
def test_other_triggers_that_are_none_are_refused(trigger: Trigger, zone: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(trigger, zone)
    assert [one.field for one in refused.value.details] == [field]


@pytest.mark.parametrize(
    "cron", ["* * * * *", "*/14 * * * *", "0-59 9 * * *", "1,2,3,4,5 0 1 1 *", "0-30/5 * * * *"]
)
def test_nothing_runs_more_than_four_times_an_hour(cron: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Clock(cron), "UTC")
    assert [one.field for one in refused.value.details] == ["trigger.cron"]
    assert "four" in refused.value.message or " 4 times" in refused.value.message


@pytest.mark.parametrize("cron", ["0 9 * * 1-5", "*/15 8-18 * * MON-FRI", "0 0 1 jan *", "0 9 1,15 * *"])
def test_usual_times_are_taken(cron: str) -> None:
    checked(Clock(cron), "Europe/Berlin")
