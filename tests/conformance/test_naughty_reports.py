"""The big list of naughty strings through every file and every channel of a report. tests/unit and tests/integration have strings of
our own of the same kinds."""

import json
from pathlib import Path

import pytest

from tests.naughty_sending import everything_arrives_as_text
from tests.unit.reports import naughty_checks
from tests.unit.reports.export.export_checks import check

LONGEST = 500  # Jira takes 255 letters


@pytest.fixture(scope="module")
def strings(shared_data: Path) -> list[str]:
    file = shared_data / "attack" / "naughty-strings" / "blns.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    assert len(found) > 400
    return found


def test_naughty_strings_stay_what_they_are(strings: list[str]) -> None:
    check(strings)


def test_naughty_names_of_everything_stay_text_in_every_file_and_message(strings: list[str]) -> None:
    naughty_checks.check([text[:LONGEST] for text in strings])


async def test_naughty_names_arrive_as_text_everywhere(strings: list[str]) -> None:
    # One in six is sent: each by six channels, over real connections. What is written was looked at for all of them above.
    await everything_arrives_as_text([text[:LONGEST] for text in strings[::6]])
