"""A document as a file of any format: its name, its media type, its bytes. Written beside the event loop, two at a time."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sprintreports.kit.errors import Invalid
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export.csv import as_csv
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.ical import as_ical
from sprintreports.reports.export.images import chosen, pictures
from sprintreports.reports.export.json import as_json
from sprintreports.reports.export.options import ENDINGS, MEDIA, USUAL, ZIP, Format, Options
from sprintreports.reports.export.pdf import as_pdf
from sprintreports.reports.export.words import file_name, file_names
from sprintreports.reports.export.xlsx import as_xlsx

LARGEST = 64 * 1024 * 1024
#: What the zip of a format holds, so that the zips of one report have names of their own.
_PACKED: Mapping[Format, str] = {Format.CSV: "tables", Format.PNG: "charts png", Format.SVG: "charts svg"}
_EARLY = (1980, 1, 1, 0, 0, 0)  # zip's first day
# Writing a large workbook takes seconds: two at a time, and whoever comes next waits without holding anything up.
_writers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="report-files")


class FileTooLarge(Invalid):
    """This file would be larger than 64 MB. Choose fewer sprints or sections, one table or chart alone, or another format."""


@dataclass(frozen=True, slots=True)
class File:
    """What somebody gets. name: plain letters alone."""

    name: str
    media: str
    body: bytes


_WRITTEN: Mapping[Format, Callable[[Document, Options], bytes]] = {
    Format.HTML: lambda document, options: as_html(document, options).encode("utf-8", "replace"),
    Format.XLSX: lambda document, _: as_xlsx(document),
    Format.CSV: as_csv,
    Format.JSON: lambda document, _: as_json(document),
    Format.ICAL: lambda document, _: as_ical(document),
}


async def written(document: Document, form: Format, options: Options = USUAL) -> File:
    """The file. Nobody needs a transaction meanwhile.

    Raises FileTooLarge, NoSuchTable, NoSuchChart, and for what is drawn NoBrowser, BrowserFailed, PrintingTookTooLong, NoPlotly.
    """
    if form is Format.PDF:
        body = await as_pdf(document, options)
    elif form in (Format.PNG, Format.SVG):
        body = await _pictures(document, form, options)
    else:
        body = await asyncio.get_running_loop().run_in_executor(_writers, _WRITTEN[form], document, options)
    if len(body) > LARGEST:
        raise FileTooLarge
    packed = form in _PACKED and not options.part
    ending, media = ("zip", ZIP) if packed else (ENDINGS[form], MEDIA[form])
    part = (options.part or _PACKED[form]) if form in _PACKED else ""
    return File(file_name(document.title, ending, part=part), media, body)


async def _pictures(document: Document, form: Format, options: Options) -> bytes:
    made = await pictures(document, form, options)
    if options.part:
        return made[0]
    names = file_names((chart.title for chart in chosen(document, options)), ENDINGS[form])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, picture in zip(names, made, strict=True):
            packed.writestr(zipfile.ZipInfo(name, _EARLY), picture, zipfile.ZIP_DEFLATED)
    return out.getvalue()
