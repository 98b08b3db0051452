"""As what a document can be had, and how: the choices that somebody makes for a file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Format(StrEnum):
    """HTML: one page that opens offline. PNG and SVG: the charts. CSV: the tables. ICAL: sprints and deadlines."""

    HTML = "html"
    PDF = "pdf"
    PNG = "png"
    SVG = "svg"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    ICAL = "ical"


class Paper(StrEnum):
    A4 = "A4"
    LETTER = "Letter"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file is to be like. part: the key of the one table (CSV) or chart (PNG, SVG) that is wanted; empty: all of them, in
    a zip. mark: CSV begins with a byte order mark, by which spreadsheets know UTF-8. dark: pictures for a dark page.
    """

    paper: Paper = Paper.A4
    landscape: bool = False
    part: str = ""
    mark: bool = True
    dark: bool = False


USUAL = Options()

#: Formats that are written in a browser.
DRAWN = frozenset({Format.PDF, Format.PNG, Format.SVG})
ZIP = "application/zip"
MEDIA: Mapping[Format, str] = {
    Format.HTML: "text/html; charset=utf-8",
    Format.PDF: "application/pdf",
    Format.PNG: "image/png",
    Format.SVG: "image/svg+xml",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/json",
    Format.ICAL: "text/calendar; charset=utf-8",
}
ENDINGS: Mapping[Format, str] = {one: "ics" if one is Format.ICAL else one.value for one in Format}
