"""Files of the sample report, read back by other programs' libraries: what they show is what the document says."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from sprintreports.charts.writing import USUAL, style
from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    Fact,
    Facts,
    Kind,
    Native,
    Row,
    Section,
    Series,
    Shape,
    Table,
)
from sprintreports.reports.export.csv import NoSuchTable, as_csv
from sprintreports.reports.export.files import written
from sprintreports.reports.export.html import as_html, json_in_script
from sprintreports.reports.export.ical import as_ical
from sprintreports.reports.export.json import as_json
from sprintreports.reports.export.options import Format, Options, Paper
from sprintreports.reports.export.words import file_name, heading, web_address
from sprintreports.reports.export.xlsx import as_xlsx
from tests import reports_samples
from tests.unit.reports.export.export_checks import Page
from tests.unit.reports.export.large_documents import large

SAMPLE = reports_samples.document()


def test_the_page_runs_its_own_scripts_and_nothing_else():
    page = as_html(SAMPLE)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    directives = dict(one.split(" ", 1) for one in policy.group(1).replace("&#39;", "'").split("; "))
    assert directives["default-src"] == "'none'"
    assert "unsafe" not in policy.group(1)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts
    }
    assert set(directives["script-src"].split()) == hashes
    assert len(scripts) == 2
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert (
        f"'sha256-{base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()}'"
        in directives["style-src"]
    )


def test_the_page_refers_to_nothing_outside_but_by_links_that_people_follow():
    page = Page(as_html(SAMPLE))
    assert not page.tags & {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}
    assert "src" not in page.attributes
    assert '<meta name="referrer" content="no-referrer">' in as_html(SAMPLE)
    assert '<meta name="robots" content="noindex, nofollow">' in as_html(SAMPLE)


def test_figures_in_a_script_cannot_end_it():
    text = str(json_in_script(["</script><!--", "\u2028\u2029", "&amp;"]))
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == ["</script><!--", "\u2028\u2029", "&amp;"]


def test_a_title_cannot_leave_the_style_sheet_that_it_stands_in():
    page = as_html(replace(SAMPLE, title='"; } body { display: none } </style><script>alert(1)</script>\\'))
    sheet = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)[0]
    edge = re.search(r'@top-left { content: "([^"]*)"', sheet)
    assert edge is not None
    told = re.sub(r"\\([0-9a-f]{6})", lambda code: chr(int(code.group(1), 16)), edge.group(1))
    assert told == '"; } body { display: none } </style><script>alert(1)</script>\\'
    assert page.count("<script") == as_html(SAMPLE).count("<script")


def test_paper_is_as_chosen():
    assert "size: Letter landscape" in as_html(SAMPLE, Options(paper=Paper.LETTER, landscape=True))
    assert "size: A4 portrait" in as_html(SAMPLE)


def test_writing_in_another_locale_changes_nothing_for_others():
    page = as_html(replace(SAMPLE, locale="de-DE"))
    assert "1.234,5 points" in page
    assert "1,234.5 points" in as_html(SAMPLE)
    assert "Mar 3, 2026" in as_html(replace(SAMPLE, locale="en-US"))
    assert style() == USUAL


def test_a_document_of_nothing_known_is_written_in_every_format_that_needs_no_browser():
    columns = tuple(Column(kind.value, kind.value, kind, Unit.POINTS) for kind in Kind)
    empty = Row((None,) * len(columns))
    table = Table("t", "", columns, (empty, replace(empty, children=(empty,))), "", child_columns=columns)
    native = Native(Shape.STEPS, Kind.INSTANT.value, (Series(Kind.NUMBER.value, "", "#000000"),))
    chart = Chart("c", "", "", {"data": [], "layout": {}}, {"data": [], "layout": {}}, table, native)
    facts = Facts("f", tuple(Fact(kind.value, "", None, kind) for kind in Kind))
    document = replace(
        SAMPLE,
        title="",
        subtitle="",
        link="",
        basis=(),
        calendar=(),
        sections=(Section("", "", (facts, table, chart)),),
    )
    assert as_html(document)
    assert load_workbook(io.BytesIO(as_xlsx(document))).sheetnames[:2] == ["About", "Section"]
    assert json.loads(as_json(document))["sections"][0]["blocks"][0]["facts"][0]["value"] is None
    assert Calendar.from_ical(as_ical(document)).walk("VEVENT") == []
    assert as_csv(document, Options(part="t", mark=False)).decode().splitlines()[1:] == ["," * 8] * 2


def test_the_workbook_has_a_sheet_for_each_section_with_typed_cells_and_charts():
    book = load_workbook(io.BytesIO(as_xlsx(SAMPLE)))
    assert [name for name in book.sheetnames if name in {one.title for one in SAMPLE.sections}] == [
        "Overview", "Issues by stakeholder", "Removed", "Charts",
    ]  # fmt: skip
    assert len(book["Charts"]._charts) == 5
    assert {type(chart).__name__ for chart in book["Charts"]._charts} == {
        "BarChart",
        "ScatterChart",
        "AreaChart",
    }
    rows = {row[0].value: row for row in book["Issues by stakeholder"].iter_rows() if row[0].value}
    issue = rows["PAY-2"]
    assert issue[0].hyperlink.target == "https://payments.example.com/browse/PAY-2"
    assert (issue[1].value, issue[1].data_type) == ("=cmd|' /C calc'!A0", "s")
    assert (issue[3].value, issue[4].value) == (8, 5)
    assert issue[5].value == datetime(2026, 3, 2)  # noqa: DTZ001  # cells know no zones
    assert issue[5].number_format == "d mmm yyyy"
    assert issue[6].value == datetime(2026, 3, 2, 11)  # noqa: DTZ001  # in Berlin
    assert issue[7].value == "Changed"
    assert rows["PAY-99"][0].hyperlink is None
    assert rows["Mary Shop"][3].value == 0.5
    assert rows["Mary Shop"][3].number_format == "0%"
    behind = book["Stakeholders, by issue"]
    assert [row[0].value for row in behind.iter_rows(min_row=2)] == ["Mary Shop"] * 2 + ["João Legal"] * 3
    assert (behind.freeze_panes, behind.auto_filter.ref) == ("A2", "A1:I6")
    steps = book["Chart data"]
    assert steps.sheet_state == "hidden"
    assert [row[1].value for row in steps.iter_rows(min_row=2, max_row=6)] == [20, 20, 26, 26, 31]


def test_a_long_table_has_a_sheet_whose_headings_stay_in_sight():
    book = load_workbook(io.BytesIO(as_xlsx(large(60))))
    sheet = book["All issues"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.max_row) == ("A2", "A1:H61", 61)
    assert sum(row[7].value for row in sheet.iter_rows(min_row=2)) == sum(
        1 + number % 8 for number in range(1, 61)
    )
    assert book["Issues"]["A3"].hyperlink.location == "'All issues'!A1"


def test_the_same_document_is_the_same_bytes():
    for write in (as_xlsx, as_json, as_ical, as_csv, as_html):
        assert write(SAMPLE) == write(SAMPLE)


def test_csv_is_of_the_locale_and_spreadsheets_know_it():
    plain = as_csv(SAMPLE, Options(part="issues", mark=False))
    assert not plain.startswith(b"\xef\xbb\xbf")
    assert as_csv(SAMPLE, Options(part="issues")) == b"\xef\xbb\xbf" + plain
    rows = list(csv.reader(io.StringIO(plain.decode(), newline="")))
    assert rows[0] == [
        "Issue",
        "Summary",
        "Status",
        "Points",
        "Change (story points)",
        "Due",
        "Changed",
        "Change",
    ]
    assert rows[3][3:] == ["2.5", "-0.5", "2026-03-04", "2026-03-04 11:00", "Removed"]
    assert rows[2][1] == "'=cmd|' /C calc'!A0"
    german = as_csv(replace(SAMPLE, locale="de-DE"), Options(part="issues", mark=False)).decode()
    row = list(csv.reader(io.StringIO(german, newline=""), delimiter=";"))[3]
    assert row[3:5] == ["2,5", "-0,5"]


def test_csv_of_everything_has_every_table_figures_and_rows_behind_rows():
    with zipfile.ZipFile(io.BytesIO(as_csv(SAMPLE))) as packed:
        names = packed.namelist()
        figures = packed.read(names[0]).decode("utf-8-sig")
    tables = 3 + 5  # of the sections, and of the charts
    assert len(names) == tables + 1 + 1  # figures, and the issues behind the stakeholders
    rows = {row[0]: row for row in csv.reader(io.StringIO(figures, newline=""))}
    assert rows["Committed"] == ["Committed", "1234.5", "story points", "", ""]
    assert rows["Planned end"][1] == "2026-03-13 17:00"
    with pytest.raises(NoSuchTable):
        as_csv(SAMPLE, Options(part="nothing"))


def test_json_is_the_whole_document():
    found = json.loads(as_json(SAMPLE))
    assert found["schema"] == 1
    assert [one["key"] for one in found["sections"]] == [one.key for one in SAMPLE.sections]
    facts = {one["key"]: one for one in found["sections"][0]["blocks"][5]["facts"]}
    assert facts["ends"]["value"] == "2026-03-13T17:00:00+01:00"
    assert (facts["committed"]["value"], facts["committed"]["unit"]) == (1234.5, "points")
    table = found["sections"][1]["blocks"][1]
    assert [len(row.get("children", ())) for row in table["rows"]] == [2, 3, 0]
    assert table["rows"][2]["mark"] == "total"


def test_the_calendar_has_the_sprint_as_times_and_the_deadline_as_a_day():
    sprint, deadline = Calendar.from_ical(as_ical(SAMPLE)).walk("VEVENT")
    assert (sprint["dtstart"].dt, sprint["dtend"].dt) == (reports_samples.START, reports_samples.PLANNED_END)
    assert deadline["dtstart"].dt == date(2026, 3, 11)
    assert "dtend" not in deadline


def test_headings_name_the_unit_once():
    assert heading(Column("a", "Points", Kind.NUMBER, Unit.POINTS)) == "Points"
    assert heading(Column("a", "Scope", Kind.NUMBER, Unit.POINTS)) == "Scope (story points)"
    assert heading(Column("a", "Hours left", Kind.NUMBER, Unit.HOURS)) == "Hours left"
    assert heading(Column("a", "Team")) == "Team"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.test",
        "https://",
        "ftp://x.test/",
        "https://x.test/ a",
        "http://[x",
        "",
    ],
)
def test_only_what_leads_to_a_page_is_a_link(url: str):
    assert not web_address(url)


def test_names_of_files_are_plain_letters():
    assert file_name('../../"Ünïcode"\r\nX: y', "pdf") == "unicode-x-y.pdf"
    assert file_name("تقرير", "csv") == "report.csv"


async def test_files_know_their_name_and_media_type():
    one = await written(SAMPLE, Format.CSV, Options(part="issues"))
    assert (one.name, one.media) == (
        "baseline-of-script-alert-x-script-b-bold-b-issues.csv",
        "text/csv; charset=utf-8",
    )
    everything = await written(SAMPLE, Format.CSV)
    assert everything.name.endswith(".zip")
    assert everything.media == "application/zip"
    calendar = await written(SAMPLE, Format.ICAL)
    assert calendar.name.endswith(".ics")
