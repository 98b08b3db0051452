"""One document as each channel takes it: the numbers are there, the limits hold, nobody's text is more than text."""

from dataclasses import replace

import pytest

from sprintreports.charts import writing
from sprintreports.reports.document.blocks import Column, Kind, Row, Section, Table
from sprintreports.reports.publishing.rendering import confluence, mail, slack, teams
from sprintreports.reports.publishing.rendering.parts import NO_PICTURES
from tests.reports_samples import BASE_URL, LONG_TITLE, MARKUP_TITLE, document
from tests.unit.reports.publishing.rendering_checks import (
    check,
    check_confluence,
    check_mail,
    check_slack,
    check_teams,
)

# Of the same kinds as the big list of naughty strings, which only tests/conformance may read.
NAUGHTY = (
    MARKUP_TITLE, "]]></ac:structured-macro>", '<ac:structured-macro ac:name="html"/>', "&nbsp; &amp; &lt;", "\x00\x07\x1b[31m", "\ud800",
    "\u202eright to left", "تقرير", "🧾👩‍👩‍👧", LONG_TITLE, "```\n<!channel> <@U1> <https://evil.example|here>", "[here](https://evil.example)",
    "javascript:alert(1)", "{{DATE(2026-01-01,SHORT)}}", "=cmd|' /C calc'!A0", "a\r\nBcc: x@example.org", "' \" ` \\", "", "  ", "%s%n", "null",
)  # fmt: skip


def test_strings_of_strangers_stay_text() -> None:
    check([*NAUGHTY])
    for text in NAUGHTY:
        check([text])


def test_confluence_has_native_tables_lozenges_and_expanded_issues() -> None:
    root = check_confluence(document())
    macros = [element.get("{urn:ac}name") for element in root.iter("{urn:ac}structured-macro")]
    assert {"status", "expand", "note", "tip", "warning", "info"} <= set(macros)
    lozenges = {
        tuple("".join(part.itertext()) for part in element)
        for element in root.iter("{urn:ac}structured-macro")
        if element.get("{urn:ac}name") == "status"
    }
    assert {("Green", "Done"), ("Blue", "In Progress"), ("Red", "Blocked"), ("Green", "Added")} <= lozenges
    links = [element.get("href") for element in root.iter("a")]
    assert f"{BASE_URL}/browse/PAY-1" in links
    text = " ".join("".join(root.itertext()).split())
    for figure in ("1,234.5 points", "31 points (+11, a deterioration)", "26 %", "No issue was removed."):
        assert figure in text


def test_charts_are_pictures_where_there_are_some_and_tables_where_not() -> None:
    found = document()
    keys = [chart.key for chart in found.charts]
    pictures = dict.fromkeys(keys[1:], b"png")
    body = confluence.storage(found, pictures)
    assert [key for key in keys if f'ri:filename="chart-{key}.png"' in body] == keys[1:]
    assert NO_PICTURES in body
    assert NO_PICTURES not in confluence.storage(found, dict.fromkeys(keys, b"png"))
    letter = mail.letter(found, pictures)
    assert list(letter.inline.values()) == keys[1:]
    assert all(f'src="cid:{cid}"' in letter.html for cid in letter.inline)


def test_all_channels_show_the_same_figures() -> None:
    found = document()
    card = str(teams.card(found))
    said = [
        confluence.storage(found, {}),
        str(slack.blocks(found)),
        card,
        mail.letter(found, {}).html,
        mail.letter(found, {}).text,
    ]
    for figure in (
        "1,234.5 points",
        "31 points (+11, a deterioration)",
        "8 points (+7, an improvement)",
        "26 %",
        "13 Mar 2026 17:00",
    ):
        assert [figure in text for text in said] == [True] * 5, figure


def test_numbers_are_written_in_the_documents_style_and_the_readers_own_stays() -> None:
    writing.write_as("en-US")
    german = replace(document(), locale="de-DE")
    for text in (
        confluence.storage(german, {}),
        str(slack.blocks(german)),
        str(teams.card(german)),
        mail.letter(german, {}).text,
    ):
        assert "1.234,5" in text
    assert writing.style() == writing.STYLES["en-US"]
    writing.write_as(None)


def _large(rows: int, sections: int = 1):
    columns = (Column("a", "Issue"), Column("b", "Summary", wide=True), Column("n", "Points", Kind.NUMBER))
    lines = tuple(Row((f"PAY-{n}", f"Something about number {n}" * 5, float(n))) for n in range(rows))
    tables = [Table(f"t{n}", f"Table {n}", columns, lines, "None.") for n in range(sections)]
    return replace(
        document(),
        sections=tuple(Section(f"s{n}", f"Section {n}", (table,)) for n, table in enumerate(tables)),
    )


@pytest.mark.parametrize(("rows", "sections"), [(10_000, 1), (30, 60), (10, 400)])
def test_what_is_too_large_is_shortened_and_says_so(rows: int, sections: int) -> None:
    found = _large(rows, sections)
    blocks = check_slack(found)
    assert "in the report itself" in str(blocks)
    assert blocks[-1]["text"]["text"].endswith("|Open the report in Sprint Reports>")
    card = check_teams(found)
    assert "The rest is in the report itself" in str(card)
    assert card["actions"][0]["url"] == found.link
    letter = check_mail(found)
    assert ("more rows are in the report itself" in letter.html) is (rows > 25)
    body = confluence.storage(found, {})
    assert len(body.encode()) < 5_000_000
    assert ("9,000 more rows" in body) is (rows == 10_000)


def test_a_document_without_anything_is_still_something() -> None:
    empty = replace(
        document(), title=" \x00 ", subtitle="", sections=(), basis=(), link="javascript:alert(1)"
    )
    assert check_mail(empty).subject == "Sprint report"
    assert check_slack(empty)[0]["text"]["text"] == "Sprint report"
    assert "actions" not in check_teams(empty)
    assert "javascript" not in confluence.storage(empty, {})
