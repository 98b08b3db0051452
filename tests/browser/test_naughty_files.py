"""Odd names in what a browser draws: paper, pictures of charts, and the page itself. All else is in tests/unit/reports/test_naughty.py."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
from playwright.sync_api import Browser

from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export import browser as printer
from sprintreports.reports.export.files import File, written
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.options import Format, Options
from tests.browser.harness import apart
from tests.browser.test_report_files import opened
from tests.unit.planning.queues.odd_strings import ODD
from tests.unit.reports.naughty import MORE, documents

_SVG = "{http://www.w3.org/2000/svg}"
LINK, MARKUP = '<a href="https://evil.example">Backend</a>', "<b>bold</b><br>two<sup>3</sup>"
STRINGS = [text[:500] for text in (*ODD, *MORE)]
MADE = documents(STRINGS)
KINDS = {str(document.kind): document for document in MADE.all}


def made(document: Document, *forms: Format) -> list[File]:
    async def all_of_them() -> list[File]:
        try:
            return [await written(document, form, Options()) for form in forms]
        finally:
            await printer.close()

    return apart(all_of_them)


@pytest.mark.parametrize("document", KINDS.values(), ids=KINDS.keys())
def test_odd_names_are_printed_and_drawn(document: Document) -> None:
    pdf, svg, png = made(document, Format.PDF, Format.SVG, Format.PNG)
    pages = pypdfium2.PdfDocument(pdf.body)
    told = re.sub(r"\s+", "", "".join(page.get_textpage().get_text_range() for page in pages))
    for text in (LINK, MARKUP, "=cmd|' /C calc'!A0", "'; DROP TABLE issue; --"):
        assert re.sub(r"\s+", "", text) in told
    assert b"evil.example" not in re.sub(rb"stream.*?endstream", b"", pdf.body, flags=re.DOTALL), "a link"
    for body in (one for packed in (svg, png) for one in files(packed)):
        if body.startswith(b"\x89PNG"):
            continue
        tags = {element.tag for element in ET.fromstring(body).iter()}  # noqa: S314  # ours
        assert not tags & {f"{_SVG}{tag}" for tag in ("a", "script", "foreignObject", "image")}


def files(packed: File) -> list[bytes]:
    """A picture alone, or all in a zip."""
    if not packed.body.startswith(b"PK"):
        return [packed.body]
    with zipfile.ZipFile(io.BytesIO(packed.body)) as found:
        return [found.read(name) for name in found.namelist()]


def test_names_with_markup_are_labels_and_no_links(browser: Browser, tmp_path: Path) -> None:
    document = documents([LINK, MARKUP, "Frontend & Co"]).baseline
    with opened(browser, tmp_path, as_html(document)) as (page, complaints):
        assert page.locator(".chart svg a").count() == 0
        labels = page.locator(".chart .ytick text").all_text_contents()
        assert {LINK, MARKUP, "Frontend & Co"} <= set(labels)
    assert complaints == []
