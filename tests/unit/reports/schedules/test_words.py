"""When a schedule runs, in words that are true of what the clock does; weekdays and a time to an expression and back."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.kit.errors import Invalid
from sprintreports.reports.schedules import weekly, words
from sprintreports.reports.schedules.triggers import (
    BeforeEnd,
    Clock,
    Closed,
    ForecastBelow,
    ScopeChange,
    Started,
    Trigger,
    upcoming,
)
from sprintreports.reports.schedules.weekly import Weekly

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 9 * * 1-5", "every weekday at 09:00"),
        ("0 9 * * MON-FRI", "every weekday at 09:00"),
        ("0 9 * * *", "every day at 09:00"),
        ("0 9 * * 0-6", "every day at 09:00"),
        ("30 7,12 * * 1", "every Monday at 07:30 and 12:30"),
        ("0 9 * * 0,6", "every Saturday and Sunday at 09:00"),
        ("0 9 * * 7", "every Sunday at 09:00"),
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("*/15 9-17 * * 1-5", "every 15 minutes from 09:00 to 17:45, every weekday"),
        ("* 9,12,15 * * *", "every minute of the hours 9, 12 and 15"),
        ("0 * * * *", "every hour"),
        ("5 * * * *", "every hour at 5 minutes past"),
        ("7-59/15 * * * *", "every hour at 7, 22, 37 and 52 minutes past"),
        ("0 */2 * * *", "every 2 hours from 00:00 to 22:00"),
        ("5,35 9-17 * * *", "every day at 5 and 35 minutes past the hours 9 to 17"),
        (
            "0 1,2,3,5,8,13,21 * * *",
            "every day at 01:00, 02:00, 03:00, 05:00, 08:00, 13:00 and 21:00",
        ),
        ("0 9 1 * *", "on the 1st of every month at 09:00"),
        ("0 9 1,2,3,11,22,23 * *", "on the 1st to 3rd, 11th, 22nd and 23rd of every month at 09:00"),
        ("0 9 1,15 1,7 *", "on the 1st and 15th of January and July at 09:00"),
        ("0 9 * 3-5 1", "every Monday in March to May at 09:00"),
        # Where both kinds of days are named, either will do; all of one kind are all days.
        ("0 0 13 * 5", "on the 13th and every Friday of every month at 00:00"),
        ("0 9 1 * 0-6", "every day at 09:00"),
        ("0 9 1-31 * 1", "every day at 09:00"),
        ("0 0 29 2 *", "on the 29th of February at 00:00"),
    ],
)
def test_an_expression_in_words(cron: str, told: str) -> None:
    assert words.clock(cron) == told
    assert words.when(Clock(cron), "Europe/Berlin") == f"{told}, Europe/Berlin"


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        (Started(), "when a sprint of the board starts"),
        (Closed(), "when a sprint of the board is closed"),
        (BeforeEnd(1), "a day before the planned end of each sprint, UTC"),
        (BeforeEnd(3), "3 days before the planned end of each sprint, UTC"),
        (ScopeChange(10), "when the scope of a sprint is more than 10 % away from its commitment"),
        (ForecastBelow(60), "when the chance that a sprint finishes its scope is below 60 %"),
    ],
)
def test_what_happens_to_sprints_in_words(trigger: Trigger, told: str) -> None:
    assert words.when(trigger, "UTC") == told


@given(
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=60),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=24),
)
def test_the_times_that_are_told_are_those_of_the_clock(minutes: set[int], hours: set[int]) -> None:
    """Where single times are named, they are all times of a day and no others."""
    cron = f"{','.join(map(str, sorted(minutes)))} {','.join(map(str, sorted(hours)))} * * *"
    told = words.clock(cron)
    assert told == told.strip()
    if told.startswith("every day at ") and "past" not in told:
        named = told.removeprefix("every day at ").replace(" and ", ", ").split(", ")
        times = upcoming(Clock(cron), MONDAY - timedelta(minutes=1), "UTC", len(minutes) * len(hours))
        assert named == [f"{one:%H:%M}" for one in times]


@given(
    days=st.sets(st.integers(1, 7), min_size=1),
    at=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
)
def test_weekdays_and_a_time_come_back_and_are_when_it_runs(days: set[int], at: time) -> None:
    wanted = Weekly(tuple(sorted(days)), at)
    cron = weekly.as_cron(wanted)
    assert weekly.from_cron(cron) == wanted
    assert weekly.entered(tuple(days), f"{at:%H:%M}") == wanted
    runs = upcoming(Clock(cron), MONDAY - timedelta(minutes=1), "UTC", len(days))
    expected = [MONDAY + timedelta(days=day - 1, hours=at.hour, minutes=at.minute) for day in sorted(days)]
    assert runs == expected


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("0 9 * * 0", (7,)),
        ("0 9 * * 0-2", (1, 2, 7)),
        ("0 9 * * 5-7", (5, 6, 7)),
        ("0  9 * *  1,3", (1, 3)),
        ("0 9 1 * *", None),
        ("0 9 * 2 1", None),
        ("0,30 9 * * 1", None),
        ("*/5 9 * * 1", None),
        ("0 9 * * MON", None),
        ("0 9 * * 5-1", None),
        ("0 9 * * 8", None),
        ("60 9 * * 1", None),
        ("0 24 * * 1", None),
        ("0 9 * * 1,,2", None),
        ("", None),
    ],
)
def test_which_expressions_are_weekdays_and_a_time(cron: str, days: tuple[int, ...] | None) -> None:
    found = weekly.from_cron(cron)
    assert found == (None if days is None else Weekly(days, time(9)))


def test_what_is_no_weekday_or_time_is_told_at_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        weekly.entered((), "25:00")
    assert {one.field for one in refused.value.details} == {"trigger.weekdays", "trigger.at"}
    assert weekly.entered((1,), " 7:05 ").at == time(7, 5)


def test_a_look_ahead_ends_where_the_clock_does() -> None:
    times = upcoming(Clock("0 9 29 2 *"), MONDAY, "UTC", 2)
    assert [f"{one:%Y-%m-%d}" for one in times] == ["2028-02-29", "2032-02-29"]
    assert upcoming(Started(), MONDAY, "UTC", 5) == []
