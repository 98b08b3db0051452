"""docs/asvs.md says of each requirement what holds; what it names must be there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
_ID = r"\d{1,2}\.\d{1,2}\.\d{1,2}"
_UNTESTED = "read in code, no test"


def _section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def _rows(title: str) -> list[list[str]]:
    lines = [line for line in _section(title).splitlines() if re.match(rf"\| {_ID} \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def not_applicable() -> list[str]:
    """The ids of the short list."""
    lines = [line for line in _section("Not applicable").splitlines() if line.startswith("- ")]
    return [one for line in lines for one in re.findall(_ID, line.partition(":")[0])]


def states() -> dict[str, list[str]]:
    """Each state's ids, as often as they stand there."""
    return {
        "met": [row[0] for row in _rows("Met")],
        "not met": [row[0] for row in _rows("Not met")],
        "not applicable": not_applicable(),
    }


def test_each_requirement_stands_there_once() -> None:
    found = Counter(one for ids in states().values() for one in ids)
    assert [one for one, times in found.items() if times > 1] == []


def test_the_sums_are_right() -> None:
    told = " ".join(TEXT.split())
    for state, ids in states().items():
        assert f"{len(ids)} {state}" in told


def test_each_row_is_whole() -> None:
    assert [row for row in _rows("Met") if len(row) != 4 or not all(row)] == []
    assert [row for row in _rows("Not met") if len(row) != 3 or not all(row)] == []
    reasons = [line for line in _section("Not applicable").splitlines() if line.startswith("- ")]
    assert all(re.fullmatch(rf"- {_ID}(, {_ID})*: .+\.", line) for line in reasons)


@pytest.mark.parametrize("row", _rows("Met"), ids=lambda row: row[0])
def test_the_named_tests_exist(row: list[str]) -> None:
    shown = row[3]
    if shown == _UNTESTED:
        return
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", shown)
    assert "<br>".join(f"`{path}::{name}`" for path, name in named) == shown, "each in the form file::test"
    for path, name in named:
        text = (ROOT / "tests" / path).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{path} has no {name}"
