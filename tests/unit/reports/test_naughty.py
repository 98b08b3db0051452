"""Odd names of everything through every file and message of the four kinds of report. tests/conformance has a list that others wrote."""

from __future__ import annotations

from sprintreports.reports.export.files import LARGEST
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.xlsx import as_xlsx
from sprintreports.reports.publishing.rendering import confluence, mail, slack, teams
from tests.unit.planning.queues.odd_strings import ODD
from tests.unit.reports.naughty import MORE, baseline, documents
from tests.unit.reports.naughty_checks import check, check_channels, check_files

LONGEST = 500  # Jira takes 255 letters


def test_odd_names_stay_text_everywhere():
    check([text[:LONGEST] for text in (*ODD, *MORE)])


def test_nothing_known_is_written_everywhere():
    for document in documents(["", " ", "\x00"], nothing=True).all:
        check_files(document)
        check_channels(document)


def test_ten_thousand_odd_issues_have_bounds():
    document = baseline([text[:LONGEST] for text in (*ODD, *MORE)], issues=10_000)
    assert len(as_html(document).encode("utf-8", "replace")) < LARGEST
    assert len(as_xlsx(document)) < LARGEST
    body = confluence.storage(document, {})
    assert len(body.encode()) < 5_000_000
    assert "more rows are in the report itself" in body
    assert "<h2>What the numbers rest on</h2>" in body, "what comes last is there"
    assert len(slack.blocks(document)) <= 50
    assert teams.size(teams.card(document)) <= teams.MOST_BYTES
    letter = mail.letter(document, {})
    assert len(letter.html.encode()) + len(letter.text.encode()) < 1_000_000
