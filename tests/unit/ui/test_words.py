"""Numbers and dates as people read them; what is not known is never a zero."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sprintreports.metrics.values import Unit
from sprintreports.ui import dates, numbers

BERLIN = ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), (0.0, "0"), (-0.01, "0"), (12.5, "12.5"), (1234.0, "1,234"), (-3.0, "−3"), (0.25, "0.2")],
)
def test_plain(value: float | None, text: str):
    assert numbers.plain(value) == text


def test_signs_and_units():
    assert [numbers.signed(value) for value in (8.0, -3.0, 0.0, None)] == ["+8", "−3", "0", "—"]
    assert numbers.with_unit(1.0, Unit.HOURS) == "1 hour"
    assert numbers.with_unit(13.0, Unit.POINTS) == "13 points"
    assert numbers.percent(None) == "—"
    assert numbers.percent(0.856) == "86 %"
    assert numbers.counted(1, "issue") == "1 issue"
    assert numbers.unit_named("furlongs", default=Unit.HOURS) is Unit.HOURS


def test_days_are_the_viewers():
    assert dates.day(LATE, BERLIN) == "Mon 2 Mar 2026"
    assert dates.instant(LATE, ZoneInfo("UTC")) == "Sun 1 Mar 2026, 23:30"
    assert dates.day(None, BERLIN) == "—"


def test_a_zone_that_nobody_knows_is_utc():
    for name in ("", "Mars/Olympus", "../../etc/passwd", "Europe"):
        assert dates.zone_named(name).key == "UTC"
    assert dates.zone_named("Europe/Berlin").key == "Europe/Berlin"


def test_periods_say_what_is_missing():
    assert dates.period(None, None, BERLIN) == "no dates in Jira"
    assert dates.period(LATE, None, BERLIN) == "since Mon 2 Mar 2026"
    assert dates.period(LATE, LATE + timedelta(days=14), BERLIN) == "2 Mar – 16 Mar 2026"


def test_spans():
    assert dates.span(timedelta(seconds=47.6)) == "48 s"
    assert dates.span(timedelta(minutes=3)) == "3 min"
    assert dates.span(timedelta(hours=2, minutes=5)) == "2 h 5 min"
