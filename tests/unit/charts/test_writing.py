"""Numbers and dates in the reader's style, on pages and in charts; each event sets its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sprintreports.charts import figures, words, writing
from sprintreports.identity.profile import Locale
from sprintreports.ui import dates, numbers

AT = datetime(2025, 10, 14, 7, 30, tzinfo=UTC)
LATER = datetime(2025, 10, 28, 7, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    writing.write_as(None)
    yield
    writing.write_as(None)


def test_every_locale_of_the_profile_has_a_style() -> None:
    assert set(writing.STYLES) == set(Locale)


@pytest.mark.parametrize(
    ("locale", "number", "count", "day", "period"),
    [
        (None, "1,234.5", "2,140 issues", "Tue 14 Oct 2025", "14 Oct – 28 Oct 2025"),
        ("en-US", "1,234.5", "2,140 issues", "Tue Oct 14, 2025", "Oct 14 – Oct 28, 2025"),
        ("de-DE", "1.234,5", "2.140 issues", "Tue 14 Oct 2025", "14 Oct – 28 Oct 2025"),
        ("de-CH", "1’234.5", "2’140 issues", "Tue 14 Oct 2025", "14 Oct – 28 Oct 2025"),
        ("fr-FR", "1\u202f234,5", "2\u202f140 issues", "Tue 14 Oct 2025", "14 Oct – 28 Oct 2025"),
        ("sv-SE", "1\u202f234,5", "2\u202f140 issues", "Tue 2025-10-14", "2025-10-14 – 2025-10-28"),
    ],
)
def test_pages_and_charts_write_alike(
    locale: str | None, number: str, count: str, day: str, period: str
) -> None:
    writing.write_as(locale)
    assert numbers.plain(1234.5) == words.number(1234.5) == words.rounded(1234.5) == number
    assert numbers.signed(-1234.5) == "−" + number
    assert numbers.counted(2140, "issue") == count
    assert dates.instant(AT, BERLIN) == f"{day}, 09:30"
    assert dates.period(AT, LATER, BERLIN) == period
    drawn = figures.figure([], dark=False)["layout"]
    assert drawn.get("separators", ".,") == {
        "fr-FR": ",\u202f",
        "sv-SE": ",\u202f",
        "de-DE": ",.",
        "de-CH": ".’",
    }.get(locale or "", ".,")


def test_an_unknown_locale_is_the_usual_one() -> None:
    writing.write_as("xx-XX")
    assert writing.style() == writing.USUAL
