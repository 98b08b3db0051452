"""Every pair of colours that carries text holds 4.5:1, and edges of controls 3:1, in both themes."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[3] / "assets" / "tokens.css").read_text()
THEMES = dict(re.findall(r"(:root(?:\.dark)?) \{(.*?)\n\}", CSS, re.DOTALL))
PAIRS = [
    ("ink", "ground"), ("ink", "surface"), ("ink", "raised"), ("ink-2", "ground"), ("ink-2", "surface"), ("ink-2", "raised"),
    ("accent", "surface"), ("accent", "ground"), ("accent", "raised"), ("accent", "accent-soft"), ("accent-ink", "accent"),
    ("good", "good-soft"), ("warn", "warn-soft"), ("bad", "bad-soft"), ("info", "info-soft"),
    ("good", "surface"), ("warn", "surface"), ("bad", "surface"), ("info", "surface"), ("warn", "raised"), ("info", "raised"),
]  # fmt: skip


def _colours(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", THEMES[theme]))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [":root", ":root.dark"])
def test_text_can_be_read(theme: str):
    colours = _colours(theme)
    weak = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
    assert _contrast(colours["line-strong"], colours["surface"]) >= 3
    assert _contrast(colours["focus"], colours["ground"]) >= 3
