"""The pages of the stand-in that links from the reports lead to."""

import dataclasses

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.company import Company
from sprintreports.demo.server import create_app


def test_an_issue_is_a_page_with_its_history_in_both_dialects(company: Company, asker):
    issue = max(company.issues.values(), key=lambda issue: len(issue.sprints))
    for dialect in Dialect:
        answer = asker(create_app(company, dialect=dialect)).get(f"/browse/{issue.key}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert f"<h1>{issue.key} " in answer.text
        assert "<td>Sprint</td>" in answer.text


def test_boards_are_pages_too(company: Company, asker):
    browser = asker(create_app(company))
    number, name = next((board.id, board.name) for board in company.boards.values())
    assert f"<li>{name}</li>" in browser.get("/").text
    assert f"<h1>{name}</h1>" in browser.get(f"/secure/RapidBoard.jspa?rapidView={number}").text


def test_what_is_not_there_says_so(company: Company, asker):
    browser = asker(create_app(company))
    assert browser.get("/browse/NO-1").status_code == 404
    assert browser.get("/secure/RapidBoard.jspa?rapidView=<script>").status_code == 404


def test_texts_are_escaped(company: Company, asker):
    number, issue = next(iter(company.issues.items()))
    odd = dataclasses.replace(issue, summary="<script>alert(1)</script>")
    changed = dataclasses.replace(company, issues={**company.issues, number: odd})
    page = asker(create_app(changed)).get(f"/browse/{odd.key}").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
