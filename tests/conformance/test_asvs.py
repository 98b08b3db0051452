"""docs/asvs.md against the standard itself: every requirement of levels 1 and 2, and no other."""

import json
from pathlib import Path

from tests.unit.test_asvs_doc import states


def test_no_requirement_is_missing_or_made_up(shared_data: Path) -> None:
    file = shared_data / "attack" / "owasp-asvs-5.0" / "asvs-5.0.0-en.flat.json"
    standard = json.loads(file.read_text(encoding="utf-8"))["requirements"]
    wanted = {one["req_id"].removeprefix("V") for one in standard if one["L"] in {"1", "2"}}
    assert len(wanted) == 253
    ours = [one for ids in states().values() for one in ids]
    assert set(ours) == wanted
    assert len(ours) == len(wanted)
