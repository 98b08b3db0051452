"""Which requests count as sent by our own pages."""

import pytest

from sprintreports.identity.origin import is_asked_for, is_same_origin

PUBLIC = "https://reports.example.org"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"origin": "https://reports.example.org"}, True),
        ({"origin": "https://reports.example.org:443"}, True),
        ({"origin": "http://localhost:8000", "host": "localhost:8000"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null", "host": "reports.example.org"}, False),
        ({"origin": "https://evil.example", "host": "reports.example.org"}, False),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "https://reports.example.org.evil.example"}, False),
        ({"origin": "https://reports.example.org:8443"}, False),
        ({"origin": "http://reports.example.org"}, False),
        ({"origin": "http://localhost:99999", "host": "localhost:99999"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
    ],
)
def test_own_pages_only(headers: dict[str, str], expected: bool) -> None:
    assert is_same_origin(headers, public_url=PUBLIC) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-user": "?1"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-user": "?0"}, False),
    ],
)
def test_what_another_site_does_by_itself_nobody_asked_for(headers: dict[str, str], expected: bool) -> None:
    assert is_asked_for(headers) is expected
