"""What all files call the parts of a document: kinds, tones, marks, headings with their unit, names of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from unicodedata import normalize
from urllib.parse import urlsplit

from sprintreports.charts.words import unit_title
from sprintreports.kit.files.cleaning import clean
from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import Column, DocumentKind, Fact, Mark, Tone

KINDS: Mapping[DocumentKind, str] = {
    DocumentKind.BASELINE: "Sprint report",
    DocumentKind.COMPARISON: "Comparison report",
    DocumentKind.TREND: "Trend report",
    DocumentKind.REVIEW: "Sprint review report",
}
TONES: Mapping[Tone, str] = {
    Tone.NEUTRAL: "Note",
    Tone.ACTIVE: "Note",
    Tone.GOOD: "Good",
    Tone.WARNING: "Warning",
    Tone.BAD: "Problem",
}
MARKS: Mapping[Mark, str] = {
    Mark.NONE: "",
    Mark.ADDED: "Added",
    Mark.REMOVED: "Removed",
    Mark.CHANGED: "Changed",
    Mark.TOTAL: "",
}
LONGEST_LINK = 2_000


def heading(column: Column) -> str:
    """A column's label, with its unit where the label does not name it."""
    return column.label if _says(column.label, column.unit) else f"{column.label} ({_unit(column.unit)})"


def fact_heading(fact: Fact) -> str:
    """The same for a figure."""
    return fact.label if _says(fact.label, fact.unit) else f"{fact.label} ({_unit(fact.unit)})"


def web_address(url: str) -> str:
    """The address if it leads to a page and to nothing else, else nothing."""
    if len(url) > LONGEST_LINK or not url.isprintable() or " " in url:
        return ""
    try:
        parts = urlsplit(url)
        plain = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    return url if plain else ""


def file_name(title: str, ending: str, *, part: str = "") -> str:
    """What a file is called: plain letters alone, so that it is the same name everywhere. part: what of it is in the file."""
    named = "-".join(filter(None, (_plain_letters(title)[:60].rstrip("-") or "report", _plain_letters(part))))
    return f"{named}.{ending}"


def file_names(titles: Iterable[str], ending: str) -> list[str]:
    """One for each title, numbered in their order, so that no two are alike."""
    return [f"{number:02}-{file_name(title, ending)}" for number, title in enumerate(titles, start=1)]


def _plain_letters(text: str) -> str:
    bare = normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")


def plain(text: str) -> str:
    """Text in one line, without what no file can hold."""
    return " ".join(clean(text).split())


def _says(label: str, unit: Unit | None) -> bool:
    return unit is None or any(word in label.lower() for word in (_unit(unit), _unit(unit).split()[-1]))


def _unit(unit: Unit | None) -> str:
    return "" if unit is None else unit_title(unit).lower()
