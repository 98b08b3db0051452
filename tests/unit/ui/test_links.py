"""Addresses: what a URL may say, and where signing in may lead."""

import pytest

from sprintreports.ui.links import address, identifier, local_path, number


def test_an_address_keeps_what_is_set_and_drops_what_is_empty():
    before = {"board": "3", "page": "4", "search": "pay now"}
    assert address("/sprint", before, page=None, unit="hours") == "/sprint?board=3&search=pay+now&unit=hours"
    assert address("/", {}) == "/"


@pytest.mark.parametrize("text", ["", None, "0", "-1", "1.5", "abc", "٣", "9" * 20, str(2**63)])
def test_what_is_no_id_is_none(text: str | None):
    assert identifier(text) is None


def test_numbers_are_held_within_their_bounds():
    assert identifier(str(2**63 - 1)) == 2**63 - 1
    assert number("99", default=7, lowest=3, highest=26) == 26
    assert number("1", default=7, lowest=3, highest=26) == 3
    assert number("many", default=7, lowest=3, highest=26) == 7


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", None, "sprint", "/a\nb",
     "/session/sign-out", "/sign-in?next=/", "/api/v1/sites", "///evil.example", "\\\\evil.example", "/" + "a" * 2000],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_alone(target: str | None):
    assert local_path(target) == "/"


def test_a_page_of_ours_stays_with_its_filters():
    assert local_path("/sprint?board=1&unit=hours") == "/sprint?board=1&unit=hours"
