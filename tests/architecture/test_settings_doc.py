"""docs/settings.md names every setting, its default and what it does, and nothing else."""

import re
from pathlib import Path

from pydantic import SecretStr

from sprintreports.settings import PROJECT_ROOT, Settings

DOC = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        value = value.relative_to(PROJECT_ROOT)
    if value is None or value == "":
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)


def expected_rows() -> list[str]:
    return [
        f"| `SPRINTREPORTS_{name.upper()}` | {_shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def test_every_setting_is_described():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_document_is_up_to_date():
    rows = re.findall(r"^\| `SPRINTREPORTS_.*$", DOC.read_text(), re.MULTILINE)
    assert rows == expected_rows()


def test_browsers_come_from_the_public_address_and_on_one_machine_from_both_its_names():
    assert Settings(port=8011).browser_origins == ["http://localhost:8011", "http://127.0.0.1:8011"]
    assert Settings(public_url="https://sprints.example.com/").browser_origins == [
        "https://sprints.example.com"
    ]
