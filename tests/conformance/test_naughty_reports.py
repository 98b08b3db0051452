"""The big list of naughty strings through every file of a report. tests/unit has strings of our own of the same kinds."""

import json
from pathlib import Path

from tests.unit.reports.export.export_checks import check


def test_naughty_strings_stay_what_they_are(shared_data: Path) -> None:
    file = shared_data / "attack" / "naughty-strings" / "blns.json"
    strings = json.loads(file.read_text(encoding="utf-8"))
    assert len(strings) > 400
    check(strings)
