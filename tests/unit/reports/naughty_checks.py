"""What holds of every file and message of a report whatever anybody has called anything: nothing is raised, it is read by another
library, nothing of it runs, links or mentions, and the text is still there where the format can hold it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from icalendar import Calendar
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.export.csv import as_csv
from sprintreports.reports.export.files import LARGEST
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.ical import as_ical
from sprintreports.reports.export.json import as_json
from sprintreports.reports.export.xlsx import as_xlsx
from tests import reports_samples
from tests.unit.reports.export.export_checks import FORMULAS, Page
from tests.unit.reports.naughty import Naughty, documents
from tests.unit.reports.publishing.rendering_checks import (
    check_confluence,
    check_mail,
    check_slack,
    check_teams,
)

_OURS = ("https://payments.example.com/", "https://reports.example.com/")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CELL = 32_767
_MARKUP = re.compile(r"<(?!br>)[^>]*>")


def words(text: str) -> str:
    """As a reader sees it: without what no file can hold, blanks as one."""
    return " ".join(clean(text).split())


def check(strings: Sequence[str]) -> None:
    """All of them in one report of each kind, and each as the name of everything."""
    made = documents(strings)
    for document in made.all:
        check_files(document)
        check_channels(document)
    the_texts_are_there(made, strings)
    for text in strings:
        alone = documents([text])
        check_channels(alone.baseline)
        check_channels(alone.comparison)
        the_title_is_there(alone, text)


def check_files(document: Document) -> None:
    _page(document)
    _workbook(document)
    _csv(document)
    _calendar(document)
    _figures(document)
    json.loads(as_json(document))


def check_channels(document: Document) -> None:
    links = [one.get("href", "") for one in check_confluence(document).iter("a")]
    check_slack(document)
    card = check_teams(document)
    letter = check_mail(document)
    links += re.findall(r'href="([^"]*)"', letter.html)
    links += [one["url"] for one in card.get("actions", ())]
    assert all(html.unescape(link).startswith(_OURS) for link in links), links
    assert letter.subject == words(letter.subject)
    assert len(letter.subject) <= 200


def the_texts_are_there(made: Naughty, strings: Sequence[str]) -> None:
    """In all that has every issue: the page, the workbook, the tables, JSON, Confluence."""
    wanted = {words(text) for text in strings} - {""}
    page = words("".join(Page(as_html(made.baseline)).text))
    wiki = words("".join(check_confluence(made.baseline).itertext()))
    assert [text for text in wanted if text not in page] == []
    assert [text for text in wanted if text not in wiki] == []
    assert wanted <= {words(cell)[:_CELL] for cell in _cells(as_xlsx(made.baseline))} | _long(wanted)
    cells = _rows(as_csv(made.baseline))
    assert [text for text in wanted if text not in {words(cell) for cell in (*cells, *(cell.removeprefix("'") for cell in cells))}] == []  # fmt: skip
    told = _strings(json.loads(as_json(made.baseline)))
    assert {text.encode("utf-8", "replace").decode() for text in strings} <= told


def the_title_is_there(alone: Naughty, text: str) -> None:
    """Where there is little room, the beginning of it."""
    wanted = words(text)[:20].rstrip()
    document = alone.baseline
    letter = check_mail(document)
    blocks = check_slack(document)
    card = check_teams(document)
    assert wanted in words(letter.subject)
    assert wanted in words(letter.text.replace("\n", " ")) or " " not in wanted
    assert (
        wanted in words(" ".join(re.sub(r"<[^>]*>", "", html.unescape(letter.html)).split())) or "<" in wanted
    )
    assert wanted in blocks[0]["text"]["text"]
    assert wanted in card["body"][0]["inlines"][0]["text"]


def _page(document: Document) -> None:
    plain, page = Page(as_html(reports_samples.document())), Page(as_html(document))
    assert page.scripts == plain.scripts
    assert page.tags <= plain.tags, page.tags - plain.tags
    assert page.attributes <= plain.attributes
    assert all(link.startswith((*_OURS, "#s", "#report")) for link in page.links), page.links


def _workbook(document: Document) -> None:
    body = as_xlsx(document)
    assert len(body) < LARGEST
    book = load_workbook(io.BytesIO(body))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    links = [cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target]
    assert all(link.startswith(_OURS) for link in links)
    assert len({sheet.title.casefold() for sheet in book.worksheets}) == len(book.worksheets)
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        for name in parts.namelist():
            root = ET.fromstring(parts.read(name))  # noqa: S314  # ours
            if name.startswith("xl/charts/chart"):
                tags = [element.tag.rpartition("}")[2] for element in root.iter()]
                assert tags.count("f") == 2 * tags.count("ser"), "a name became an address"


def _csv(document: Document) -> None:
    for cell in _rows(as_csv(document)):
        assert not cell.lstrip(" ").startswith(FORMULAS) or _NUMBER.fullmatch(cell), cell[:50]
    with zipfile.ZipFile(io.BytesIO(as_csv(document))) as packed:
        assert all(name.isascii() and "/" not in name and ".." not in name for name in packed.namelist())


def _calendar(document: Document) -> None:
    body = as_ical(document)
    events = Calendar.from_ical(body).walk("VEVENT")
    assert len(events) == len(document.calendar)
    known = {"UID", "DTSTAMP", "SUMMARY", "DTSTART", "DTEND", "TRANSP", "DESCRIPTION", "URL"}
    assert all(set(event) <= known for event in events)
    assert all(str(event["URL"]).startswith(_OURS) for event in events if "URL" in event)


def _figures(document: Document) -> None:
    """Plotly reads a little markup in texts: nobody's text is markup, and line breaks are ours."""
    for chart in document.charts:
        for figure in (chart.light, chart.dark):
            for text in _strings(
                {name: value for name, value in figure.items() if name in {"data", "layout"}}
            ):
                assert not _MARKUP.search(text.replace("<extra></extra>", "")), text[:80]


def _cells(body: bytes) -> set[str]:
    book = load_workbook(io.BytesIO(body))
    return {unescape(str(cell.value)) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None}  # fmt: skip


def _long(wanted: Iterable[str]) -> set[str]:
    """What no cell holds."""
    return {text for text in wanted if len(text) > _CELL // 2}


def _rows(body: bytes) -> list[str]:
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        for name in packed.namelist():
            for row in csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"), newline="")):
                found += row
    return found


def _strings(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return {text for one in value.values() for text in _strings(one)}
    if isinstance(value, list | tuple):
        return {text for one in value for text in _strings(one)}
    return set()
