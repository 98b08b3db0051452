"""docs/metrics.md names every public function of metrics and only tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
METRICS = ROOT / "sprintreports" / "metrics"
TESTS = Path(__file__).parent

#: Attributes that only repeat a field in another form; the page has nothing to say of them.
SELF_EVIDENT = {"values.Window.stop", "values.Segment.estimate"}


def public_functions() -> set[str]:
    found: set[str] = set()
    for source in METRICS.glob("*.py"):
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                found.add(f"{source.stem}.{node.name}")
            elif isinstance(node, ast.ClassDef):
                found |= {
                    f"{source.stem}.{node.name}.{inner.name}"
                    for inner in node.body
                    if isinstance(inner, ast.FunctionDef)
                }
    return {name for name in found if not name.split(".")[-1].startswith("_")}


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def listed(text: str, item: str) -> list[str]:
    """The names in back quotes of the list item that begins with this word."""
    match = re.search(rf"^- {item}: (.*?)(?=^- |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`]+)`", match.group(1)) if match else []


def numbers() -> dict[str, str]:
    return {title: text for title, text in sections().items() if title != "The ground"}


def test_every_public_function_is_on_the_page():
    named = {name for text in numbers().values() for name in listed(text, "Functions")}
    assert public_functions() - SELF_EVIDENT - named == set()


def test_every_function_on_the_page_exists():
    named = {name for text in numbers().values() for name in listed(text, "Functions")}
    assert named - public_functions() == set()


def test_every_test_on_the_page_exists():
    for text in numbers().values():
        for name in listed(text, "Tests"):
            file, _, test = name.partition("::")
            assert re.search(rf"^def {test}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE), (
                name
            )


def test_every_number_has_a_formula_edge_cases_functions_and_tests():
    assert len(numbers()) >= 15
    for title, text in numbers().items():
        assert "- Formula: " in text, title
        assert "- Edge cases: " in text, title
        assert listed(text, "Functions"), title
        assert listed(text, "Tests"), title


def test_every_sum_of_a_totals_is_explained():
    tree = ast.parse((METRICS / "totals.py").read_text(encoding="utf-8"))
    totals = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Totals")
    fields = {
        n.target.id for n in totals.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    }
    explained = set(re.findall(r"`Totals\.(\w+)`", PAGE))
    assert fields - explained == {"issues", "excluded"}
    assert explained <= fields
