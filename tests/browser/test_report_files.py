"""Files of reports in a real Chromium: the page opened offline, and what is printed by one."""

from __future__ import annotations

import asyncio
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from sprintreports import settings as settings_module
from sprintreports.reports.export import browser as printer
from sprintreports.reports.export.files import File, written
from sprintreports.reports.export.html import as_html, is_long
from sprintreports.reports.export.images import NoSuchChart
from sprintreports.reports.export.options import Format, Options, Paper
from tests import reports_samples
from tests.browser.harness import MODES, WCAG, apart
from tests.unit.planning.queues.odd_strings import ODD
from tests.unit.reports.export.export_checks import odd_document
from tests.unit.reports.export.large_documents import large

SAMPLE = reports_samples.document()
CHARTS = 5


@contextmanager
def opened(
    browser: Browser, folder: Path, content: str, mode: str = "light"
) -> Iterator[tuple[Page, list[str]]]:
    """The page from a file, with no network; and what its console complained about, and what it asked for."""
    file = folder / "report.html"
    file.write_text(content, encoding="utf-8")
    context = browser.new_context(offline=True, **MODES[mode])
    page, complaints = context.new_page(), []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if asked.url.startswith("http") else None)
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-drawn]", state="attached")
    try:
        yield page, complaints
    finally:
        context.close()


@pytest.mark.parametrize("mode", MODES)
def test_the_page_opens_offline_with_its_charts(
    browser: Browser, tmp_path: Path, screenshots: Path, mode: str
):
    with opened(browser, tmp_path, as_html(SAMPLE), mode) as (page, complaints):
        assert page.locator(".chart .main-svg").first.is_visible()
        assert page.locator(".chart:has(.barlayer)").count() == CHARTS
        assert page.title() == SAMPLE.title
        found = Axe().run(page, options=WCAG).response["violations"]
        assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found] == []
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, "the page itself never scrolls sideways"
        page.screenshot(path=screenshots / f"report-{mode}.png", full_page=True)
    assert complaints == []


def test_rows_open_and_the_page_turns_dark(browser: Browser, tmp_path: Path):
    with opened(browser, tmp_path, as_html(SAMPLE)) as (page, complaints):
        behind = page.locator("tr.kids").first
        assert not behind.is_visible()
        fold = page.locator("button.fold").first
        assert fold.get_attribute("aria-label") == "Show what is in Mary Shop"
        fold.press("Enter")
        assert behind.is_visible()
        assert fold.get_attribute("aria-expanded") == "true"
        page.click("#unfold")
        assert page.locator("tr.kids.open").count() == 2
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("#shade")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        assert page.get_attribute("#shade", "aria-pressed") == "true"
        assert page.get_attribute("th[dir]", "dir") == "auto"
    assert complaints == []


def test_odd_strings_run_nothing(browser: Browser, tmp_path: Path):
    with opened(browser, tmp_path, as_html(odd_document(ODD))) as (page, complaints):
        assert page.locator("main .section").count() == len(ODD) + 1
        assert page.evaluate("document.querySelectorAll('main script, main img, main iframe').length") == 0
    assert complaints == []


def test_without_scripts_everything_is_there(browser: Browser, tmp_path: Path):
    file = tmp_path / "report.html"
    file.write_text(as_html(SAMPLE), encoding="utf-8")
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("tr.kids").first.is_visible()
    assert page.locator("details").count() == CHARTS
    context.close()


def made(*wanted: tuple[Format, Options], document=SAMPLE) -> list[File]:
    """Files, by a browser that is closed afterwards."""

    async def all_of_them() -> list[File]:
        try:
            return [await written(document, form, options) for form, options in wanted]
        finally:
            await printer.close()

    return apart(all_of_them)


def text_of(body: bytes) -> list[str]:
    """The text of each page of a PDF."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body)]


def test_the_pdf_has_pages_with_numbers_bookmarks_text_and_tags():
    (file,) = made((Format.PDF, Options()))
    document = pypdfium2.PdfDocument(file.body)
    pages = text_of(file.body)
    assert document[0].get_size() == pytest.approx((595, 842), abs=1.5)
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page
        assert "10 Mar 2026 13:00 (Europe/Berlin)" in page
    told = re.sub(r"\s+", " ", " ".join(pages))
    for wanted in (
        "1,234.5 points",
        "=cmd|' /C calc'!A0",
        "Mary Shop",
        "PAY-99",
        "No issue was removed.",
        "João Legal",
    ):
        assert wanted in told
    titles = [entry.get_title() for entry in document.get_toc()]
    assert [one.title for one in SAMPLE.sections] == [
        one for one in titles if one in {s.title for s in SAMPLE.sections}
    ]
    assert b"/StructTreeRoot" in file.body
    assert b"/Lang" in file.body


def test_charts_are_vectors_in_the_pdf():
    (file,) = made((Format.PDF, Options(paper=Paper.LETTER, landscape=True)))
    document = pypdfium2.PdfDocument(file.body)
    assert document[0].get_size() == pytest.approx((792, 612), abs=1.5)
    kinds = [found.type for page in document for found in page.get_objects()]
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds
    assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_PATH) > 50


def test_pages_show_what_they_say():
    """A page is a picture with more than one colour on it; the first one has the notices' colours."""
    (file,) = made((Format.PDF, Options()))
    for page in pypdfium2.PdfDocument(file.body):
        picture = page.render(scale=1)
        pixels = bytes(picture.buffer)
        assert len({zlib.compress(pixels[at : at + 4000]) for at in range(0, len(pixels), 4000)}) > 20


def test_pictures_of_charts():
    png, svg, dark = made(
        (Format.PNG, Options()),
        (Format.SVG, Options(part="bars")),
        (Format.PNG, Options(part="bars", dark=True)),
    )
    with zipfile.ZipFile(io.BytesIO(png.body)) as packed:
        names = packed.namelist()
        assert names[0] == "01-as-columns.png"
        assert len(names) == CHARTS
        first = packed.read(names[0])
    assert first.startswith(b"\x89PNG")
    assert (int.from_bytes(first[16:20]), int.from_bytes(first[20:24])) == (1920, 960)
    assert svg.body.startswith(b"<svg")
    assert b"As bars" in svg.body
    assert b"<script" not in svg.body
    assert dark.media == "image/png"
    assert dark.body != first


def test_a_title_with_markup_is_drawn_as_it_is():
    chart = replace(next(SAMPLE.charts), title=reports_samples.MARKUP_TITLE)
    section = replace(SAMPLE.sections[-1], blocks=(chart,))
    (svg,) = made((Format.SVG, Options(part=chart.key)), document=replace(SAMPLE, sections=(section,)))
    told = [text.text for text in ET.fromstring(svg.body).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314  # ours
    assert reports_samples.MARKUP_TITLE in told


def test_a_chart_that_is_not_there_is_said():
    with pytest.raises(NoSuchChart):
        made((Format.PNG, Options(part="nothing")))


def test_odd_strings_are_printed():
    (file,) = made((Format.PDF, Options()), document=odd_document([text for text in ODD if len(text) < 1000]))
    told = "".join(text_of(file.body))
    for wanted in ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; DROP TABLE issue; --"):
        assert wanted in re.sub(r"\r?\n", "", told)


def test_every_issue_of_a_large_report_is_printed():
    document = large(2_500)
    assert is_long(document)
    (file,) = made((Format.PDF, Options()), document=document)
    printed = re.findall(r"\bPAY-\d+\b", " ".join(text_of(file.body)))
    for number in (1, 1_250, 2_500):
        assert printed.count(f"PAY-{number}") == 2
    assert len({one for one in printed if int(one[4:]) <= 2_500}) == 2_500


def test_a_browser_that_is_missing_is_said_with_what_installs_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPRINTREPORTS_CHROMIUM", "/nowhere/chromium")
    settings_module.reload()
    try:
        with pytest.raises(printer.NoBrowser, match="apt-get install chromium"):
            made((Format.PDF, Options()))
    finally:
        monkeypatch.undo()
        settings_module.reload()


def test_a_program_that_is_no_browser_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPRINTREPORTS_CHROMIUM", "/bin/false")
    settings_module.reload()
    try:
        with pytest.raises(printer.BrowserFailed):
            made((Format.PDF, Options()))
    finally:
        monkeypatch.undo()
        settings_module.reload()


def test_pages_ask_nobody_for_anything_and_end_in_time():
    page = "<!doctype html><title>x</title><p id=done>1</p><img src='http://127.0.0.1:9/x.png'>"

    async def ask() -> tuple[object, object]:
        try:
            async with printer.sheet(page, width=300, height=300) as sheet:
                offline = await sheet.told("() => navigator.onLine")
                loaded = await sheet.told("() => document.images[0].naturalWidth")
            with pytest.raises(printer.PrintingTookTooLong):
                async with printer.sheet(page, width=300, height=300, seconds=3) as sheet:
                    await sheet.told("() => new Promise(() => {})")
            return offline, loaded
        finally:
            await printer.close()

    assert apart(ask) == (False, 0)


def test_a_browser_that_died_is_started_again_and_ends_when_nobody_needs_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printer, "IDLE_SECONDS", 0.2)

    async def ask() -> list[bool]:
        async with printer.sheet("<p>1</p>", width=300, height=300):
            pass
        running = printer._Here.running
        assert running is not None
        first = running.browser
        assert first is not None
        await first.close()
        async with printer.sheet("<p>2</p>", width=300, height=300) as sheet:
            again = await sheet.told("() => document.body.innerText") == "2"
        other = running.browser is not first
        await asyncio.sleep(2)
        return [again, other, running.browser is None]

    assert apart(ask) == [True, True, True]


@pytest.mark.parametrize(
    ("says", "user", "required", "sandboxed", "fails_with"),
    [
        ("Chromium sandboxing failed! …", 1000, False, [True, False], printer.BrowserFailed),
        ("… FATAL: No usable sandbox! …", 1000, False, [True, False], printer.BrowserFailed),
        ("Failed to move to new namespace: … Operation not permitted", 1000, False, [True, False], printer.BrowserFailed),
        ("error while loading shared libraries", 1000, False, [True], printer.BrowserFailed),
        ("enough", 0, False, [False], printer.BrowserFailed),
        ("… FATAL: No usable sandbox! …", 1000, True, [True], printer.NoSandbox),
        ("enough", 0, True, [], printer.NoSandbox),
    ],
)  # fmt: skip
def test_a_browser_is_sandboxed_unless_root_runs_it(
    says: str, user: int, required: bool, sandboxed: list[bool], fails_with: type[Exception]
):
    seen: list[dict[str, object]] = []

    class Chromium:
        async def launch(self, **given: object) -> None:
            seen.append(given)
            raise printer.Error(says)

    class Driver:
        chromium = Chromium()

        async def start(self) -> Driver:
            return self

        async def stop(self) -> None:
            return

    async def ask() -> None:
        with pytest.raises(fails_with):
            async with printer.sheet("", width=10, height=10):
                pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printer, "async_playwright", Driver)
        patch.setattr(os, "geteuid", lambda: user)
        patch.setenv("SPRINTREPORTS_CHROMIUM_SANDBOX_REQUIRED", str(required).lower())
        settings_module.reload()
        try:
            apart(ask)
        finally:
            patch.undo()
            settings_module.reload()
    assert [one["chromium_sandbox"] for one in seen] == sandboxed, "without only where it cannot be had"
    assert not any(
        "remote-debugging-port" in one or "no-sandbox" in one for launch in seen for one in launch["args"]
    )
    assert all(sorted(one["env"]) == ["HOME", "LANG", "PATH"] for one in seen), "secrets of ours stay with us"
