"""A document as PDF: bookmarks, tags, page numbers, text that can be selected, charts as vectors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export import browser
from sprintreports.reports.export.html import as_html, is_long
from sprintreports.reports.export.options import USUAL, Options, Paper

# Paper within its margins, in CSS pixels (96 an inch): charts are drawn as wide as they are printed.
_MARGIN = 28 / 25.4
_INCHES: Mapping[Paper, tuple[float, float]] = {
    Paper.A4: (210 / 25.4, 297 / 25.4),
    Paper.LETTER: (8.5, 11.0),
}


async def as_pdf(
    document: Document, options: Options = USUAL, *, seconds: float = browser.LONGEST_SECONDS
) -> bytes:
    """The whole document. Raises NoBrowser, BrowserFailed, PrintingTookTooLong, NoPlotly."""
    page = await asyncio.to_thread(as_html, document, options, printed=True)
    width, height = _window(options)
    async with browser.sheet(page, width=width, height=height, seconds=seconds) as sheet:
        await sheet.ready("html[data-drawn]")
        return await sheet.printed(tagged=not is_long(document))


def _window(options: Options) -> tuple[int, int]:
    short, long = _INCHES[options.paper]
    wide, high = (long, short) if options.landscape else (short, long)
    return int((wide - _MARGIN) * 96), int(high * 96)
