"""What stands over a block: nothing that the section's heading has just said, in no file, message or page."""

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    Document,
    Kind,
    Paragraph,
    Row,
    Section,
    Table,
)
from sprintreports.reports.document.headings import behind, headed
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.xlsx import as_xlsx
from sprintreports.reports.publishing.rendering import confluence, mail, slack, teams
from sprintreports.ui.reporting import shown
from tests.reports_samples import document

COLUMNS = (Column("name", "Zebra", Kind.TEXT),)
TOLD = Paragraph("A sentence before it.")


def table(title: str, *, reading: str = "") -> Table:
    return Table(title, title, COLUMNS, (Row(("Striped",)),), "None.", reading)


def chart(title: str) -> Chart:
    figure = {"data": [], "layout": {}}
    return Chart(title, title, "A sentence.", figure, figure, table(f"{title} in numbers"))


def alone(*blocks: Paragraph | Table | Chart, title: str = "Herds") -> Document:
    return replace(document(), sections=(Section("herds", title, blocks),))


@pytest.mark.parametrize(
    ("title", "over"),
    [
        ("Herds", ""),
        ("herds ", ""),
        ("Herds before and after", ""),
        ("Herds side by side", ""),
        ("Herds outside the scope", "Herds outside the scope"),
        ("Herdsmen", "Herdsmen"),
        ("", ""),
    ],
)
def test_a_title_says_more_than_the_heading_above_it_or_is_not_written(title: str, over: str) -> None:
    for block in (table(title), chart(title)):
        section = Section("herds", "Herds", (TOLD, block, table("Herds")))
        assert [found for _, found in headed(section)] == ["", over, "Herds"]  # the second one is told apart


def test_a_lone_blocks_title_is_not_said_twice_anywhere() -> None:
    twice = alone(TOLD, table("Herds", reading="One is striped."))
    once = alone(TOLD, table("Wild herds", reading="One is striped."))
    for write in (
        as_html,
        lambda made: confluence.storage(made, {}),
        lambda made: mail.letter(made, {}).html,
        lambda made: mail.letter(made, {}).text,
        lambda made: str(slack.blocks(made)),
        lambda made: str(teams.card(made)),
    ):
        told = write(twice), write(once)
        assert "Wild herds" not in told[0]
        assert "Wild herds" in told[1]
        assert told[0].count("<h3") + told[1].count("<h3") in (0, 1)
    assert mail.letter(twice, {}).text.count("Herds") == 1
    assert str(slack.blocks(twice)).count("Herds") == 1
    ((part,),) = [[one for one in group.parts if one.rows] for group in shown.groups(twice)]
    assert (part.title, part.over) == ("Herds", "")  # screen readers know the table by its name


def test_a_sheet_with_one_table_keeps_its_headings_in_sight_whatever_is_above_them() -> None:
    for made, frozen in (
        (alone(table("Herds")), "A3"),
        (alone(table("Herds", reading="One is striped.")), "A4"),
        (alone(table("Wild herds", reading="One is striped.")), "A5"),
        (alone(TOLD, table("Herds")), "A2"),
    ):
        sheet = load_workbook(io.BytesIO(as_xlsx(made)))["Herds"]
        assert sheet.freeze_panes == frozen
        if frozen != "A2":
            assert sheet.cell(int(frozen[1:]) - 1, 1).value == "Zebra"


def test_rows_behind_a_row_are_called_what_they_are() -> None:
    one = replace(table("Herds"), child_columns=(Column("issue", "Issue"),))
    assert [behind(one, count) for count in (1, 2, 1200)] == ["1 issue", "2 issues", "1,200 issues"]
    assert behind(replace(one, child_columns=(Column("field", "Field"),)), 3) == "3 fields"
