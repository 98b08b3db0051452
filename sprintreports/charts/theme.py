"""Colours of the charts, chosen to stay apart for colour-blind readers on a light and on a dark page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """The series' colours keep their meaning in all charts. The rest is what stands around them."""

    remaining: str
    scope: str
    done: str
    removed: str
    guide: str
    text: str
    grid: str
    rest: str
    background: str

    @property
    def series(self) -> tuple[str, ...]:
        """The colours that a reader must tell apart."""
        return self.remaining, self.scope, self.done, self.removed


LIGHT = Palette(
    remaining="#0d5eef",
    scope="#d96a02",
    done="#0c4a2c",
    removed="#b075b6",
    guide="#6b7280",
    text="#1f2430",
    grid="#e4e6eb",
    rest="rgba(107, 114, 128, 0.10)",
    background="#ffffff",
)

DARK = Palette(
    remaining="#2f74f5",
    scope="#f08a3e",
    done="#3df2c0",
    removed="#a3569d",
    guide="#9aa1ad",
    text="#e6e8ec",
    grid="#2c2f36",
    rest="rgba(154, 161, 173, 0.12)",
    background="#111113",
)


def palette(*, dark: bool) -> Palette:
    """The palette of a light or a dark page."""
    return DARK if dark else LIGHT


def translucent(colour: str, opacity: float) -> str:
    """A #rrggbb colour with an opacity, as Plotly writes it."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
