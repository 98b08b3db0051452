"""What a reader of the files sees: nothing cut off, nothing torn apart, nothing said in machine words."""

import io
import re
from dataclasses import replace

from openpyxl import load_workbook

from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import (
    Column,
    Document,
    Fact,
    Facts,
    Kind,
    Paragraph,
    Row,
    Section,
    Table,
)
from sprintreports.reports.document.text import written as as_text
from sprintreports.reports.export.files import written
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.options import Format
from sprintreports.reports.export.words import file_name
from sprintreports.reports.export.xlsx import as_xlsx
from tests import reports_samples

SAMPLE = reports_samples.document()
COLUMNS = (Column("issue", "Issue"), Column("what", "What changed", wide=True))
CHILDREN = (Column("field", "Field"), Column("after", "After"))


def only(*blocks: Paragraph | Facts | Table) -> Document:
    return replace(SAMPLE, sections=(Section("one", "One", blocks),))


def table(*texts: str, **more: object) -> Table:
    rows = tuple(Row((f"PAY-{number}", text)) for number, text in enumerate(texts))
    return replace(Table("t", "Some", COLUMNS, rows, "None."), **more)


def test_a_long_word_breaks_and_others_do_not():
    long = "W" * 500
    page = as_html(only(table("Paginate the authentication endpoint", long)))
    assert "Paginate the authentication endpoint" in page  # columns are as wide as these words
    (cell,) = re.findall(r"<td[^>]*>(W[^/]*)</td>", page)
    pieces = cell.split("<wbr>")
    assert "".join(pieces) == long
    assert max(map(len, pieces)) <= 12
    assert "<b>" * 20 not in as_html(only(table("<b>" * 20)))  # pieces are escaped like anything else


def test_short_tables_stay_on_one_page_and_long_ones_do_not():
    assert 'class="wide short"' in as_html(only(table(*["a"] * 7)))
    assert 'class="wide short"' not in as_html(only(table(*["a"] * 8)))  # of two lines each
    narrow = Table("t", "T", CHILDREN, (Row(("a", "b")),) * 14, "None.")
    assert 'class="wide short"' in as_html(only(narrow))


def test_paper_leaves_out_what_a_cell_of_the_row_has_said():
    row = Row(("PAY-1", "Status: To Do → Done"), children=(Row(("Status", "Zebra")),))
    said = Table("t", "Some", COLUMNS, (row,), "None.", child_columns=CHILDREN, echoed=True)
    assert "Zebra" not in as_html(only(said), printed=True)
    assert "Zebra" in as_html(only(said))
    assert "Zebra" in as_html(only(replace(said, echoed=False)), printed=True)


def test_figures_say_their_unit_and_when_nothing_changed():
    facts = Facts("f", (
        Fact("a", "Re-estimated", 0.0, Kind.CHANGE, Unit.POINTS),
        Fact("b", "Committed", 37.0, unit=Unit.POINTS, change=0.0),
        Fact("c", "Goal", "Move forward: Partner self-service", Kind.TEXT),
    ))  # fmt: skip
    page = as_html(only(facts))
    assert "<strong>0 points</strong>" in page
    assert ">unchanged</span>" in page
    assert page.count('class="long"') == 1
    assert as_text(-1.0, Kind.CHANGE, zone="UTC", unit=Unit.POINTS) == "-1 point"
    assert as_text(2.5, Kind.CHANGE, zone="UTC", unit=Unit.HOURS) == "+2.5 hours"
    assert as_text(2.5, Kind.CHANGE, zone="UTC") == "+2.5"


def test_percent_signs_stay_with_their_numbers():
    assert "86\u00a0% of it" in as_html(only(Paragraph("86 % of it.")))


def test_a_chart_of_a_workbook_stands_above_its_numbers():
    sheet = load_workbook(io.BytesIO(as_xlsx(SAMPLE)))["Charts"]
    heads = [row[0].row for row in sheet.iter_rows() if row[0].value in ("Team", "Time")]
    tops = [chart.anchor._from.row + 1 for chart in sheet._charts]
    assert len(heads) == len(tops) == 5
    for top, head, following in zip(tops, heads, [*tops[1:], 10_000], strict=True):
        assert top < head < following
    assert {chart.anchor._from.col for chart in sheet._charts} == {0}


def test_figures_in_a_workbook_have_no_empty_columns_and_room_for_their_names():
    name = "Issues completed outside the sprint"
    book = load_workbook(io.BytesIO(as_xlsx(only(Facts("f", (Fact("a", name, 3, Kind.COUNT),))))))
    sheet = book["One"]
    assert [cell.value for cell in sheet[2]] == ["Figure", "Value", "Unit"]
    assert sheet.column_dimensions["A"].width > len(name)
    told = replace(SAMPLE, sections=(Section("one", "One", (Facts("f", (Fact("a", name, 3, Kind.COUNT, detail="So it is."),)),)),))  # fmt: skip
    assert [cell.value for cell in load_workbook(io.BytesIO(as_xlsx(told)))["One"][2]][-1] == "Detail"


def test_rows_of_a_workbook_are_as_high_as_their_text():
    sheet = load_workbook(io.BytesIO(as_xlsx(only(table("short", "long " * 40)))))["One"]
    high = {row[0].value: sheet.row_dimensions[row[0].row].height for row in sheet.iter_rows()}
    assert high["PAY-0"] is None
    assert high["PAY-1"] == 4 * 15  # 200 letters in a column of 60
    about = load_workbook(io.BytesIO(as_xlsx(SAMPLE)))["About"]
    assert [row[0].value for row in about.iter_rows()].count("Rests on") == 1


async def test_files_of_one_report_have_names_of_their_own():
    title = "Überblick über " + "Sprint " * 20
    names = {(await written(replace(SAMPLE, title=title), form)).name for form in (Format.CSV, Format.JSON)}
    assert len(names) == 2
    (packed,) = [name for name in names if name.endswith("-tables.zip")]
    assert packed.startswith("uberblick-uber-sprint-sprint")
    assert (
        file_name("Review of Sprint 1", "csv", part="scope_changes") == "review-of-sprint-1-scope-changes.csv"
    )
