"""An address that will go: what its mark says, and that nobody is given less time than was promised."""

from datetime import date

import pytest

from sprintreports.api.deprecation import Deprecated, deprecated


def test_the_headers_name_both_days_and_both_places():
    headers = list(Deprecated(date(2026, 3, 1), date(2026, 12, 1), "/api/v1/new").headers())
    assert headers[:2] == [("Deprecation", "@1772323200"), ("Sunset", "Tue, 01 Dec 2026 00:00:00 GMT")]
    assert [value.partition(";")[0] for _, value in headers[2:]] == [
        "</api/v1/new>",
        "</api/v1/docs#deprecation>",
    ]


def test_half_a_year_lies_between_the_two():
    assert deprecated(since=date(2026, 1, 1), ends=date(2026, 7, 2), instead="/api/v1/new").dependency
    with pytest.raises(ValueError, match="182 days"):
        deprecated(since=date(2026, 1, 1), ends=date(2026, 7, 1), instead="/api/v1/new")
