"""The palette stays readable and distinguishable, also for readers who do not see red or green."""

from __future__ import annotations

from itertools import combinations

import pytest

from sprintreports.charts.theme import DARK, LIGHT, palette, translucent

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour: str) -> list[float]:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def seen(colour: str, vision: str) -> list[float]:
    rgb = linear(colour)
    rows = VISION[vision]
    return [min(1.0, max(0.0, sum(a * b for a, b in zip(row, rgb, strict=True)))) for row in rows]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    red, green, blue = rgb
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: str, other: str, vision: str) -> float:
    pairs = zip(lab(seen(one, vision)), lab(seen(other, vision)), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        red, green, blue = linear(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@THEMES
@pytest.mark.parametrize("vision", VISION)
def test_series_can_be_told_apart(theme, vision):
    for one, other in combinations(theme.series, 2):
        assert distance(one, other, vision) >= 30, (one, other)


@THEMES
def test_series_and_lines_stand_out_from_the_page(theme):
    for colour in (*theme.series, theme.guide):
        assert contrast(colour, theme.background) >= 3, colour


@THEMES
def test_text_is_readable(theme):
    assert contrast(theme.text, theme.background) >= 7
    assert contrast(theme.guide, theme.background) >= 4.5


def test_the_measure_finds_colours_that_look_alike():
    assert distance("#c0392b", "#6b7a1f", "deuteranopia") < 30 < distance("#c0392b", "#6b7a1f", "normal")


def test_the_theme_follows_the_page():
    assert (palette(dark=False), palette(dark=True)) == (LIGHT, DARK)


def test_translucent_colours():
    assert translucent("#0d5eef", 0.5) == "rgba(13, 94, 239, 0.5)"
