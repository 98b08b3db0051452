"""What holds for every file of a queue, whatever people, teams, issues and the queue itself are called."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

from icalendar import Calendar
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from sprintreports.kit.files.cleaning import clean
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options, SetTiming
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue.values import Inputs
from sprintreports.planning.queues.exports.about import About
from sprintreports.planning.queues.exports.calendar import Source, as_ical
from sprintreports.planning.queues.exports.lines import Names, Text
from sprintreports.planning.queues.exports.printed import as_html
from sprintreports.planning.queues.exports.tables import as_csv, as_json
from sprintreports.planning.queues.exports.workbook import CONFLICTS, SUMMARY, as_xlsx
from tests.unit.planning.queue import samples
from tests.unit.planning.queue.samples import HOURS, hard, issue, limit

MADE = datetime(2026, 11, 23, 9, tzinfo=UTC)
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "p",
        "dl",
        "div",
        "dt",
        "dd",
        "section",
        "table",
        "thead",
        "tr",
        "th",
        "tbody",
        "td",
        "small",
        "a",
        "span",
        "ul",
        "li",
    ]
)
ATTRIBUTES = frozenset(
    [
        "lang",
        "charset",
        "name",
        "content",
        "class",
        "scope",
        "colspan",
        "tabindex",
        "role",
        "aria-labelledby",
        "id",
        "href",
        "rel",
    ]
)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def check(strings: Sequence[str]) -> None:
    """One issue, person and team for each string, in every format."""
    queue, names = _plan(strings)
    keys = sorted(f"ABC-{number}" for number in range(len(strings)))
    _check_tables(queue, names, strings, keys)
    _check_book(queue, names, strings, keys)
    _check_page(queue, names, strings)
    _check_calendars(queue, names, strings)


def _plan(strings: Sequence[str]) -> tuple[Queue, Names]:
    numbers = range(len(strings))
    inputs = Inputs(
        [issue(number, by=number, team=number, assignee=number) for number in numbers],
        [limit(number, 5, strings[number]) for number in numbers],
        samples.SPRINT,
        calendars=dict.fromkeys(numbers, HOURS),
    )
    options = Options()
    for number in numbers:
        options = SetTiming(number, hard(number % 10)).applied(options)
    names = Names(
        dict(enumerate(strings)),
        {number: Text(text, text, text, text) for number, text in enumerate(strings)},
    )
    return generate(inputs, options), names


def _check_tables(queue: Queue, names: Names, strings: Sequence[str], keys: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(queue, names).decode("utf-8-sig"), newline="")))
    assert sorted(row["key"] for row in rows) == keys
    assert not any((cell or "").startswith(FORMULAS) for row in rows for cell in row.values())
    lines = [line for team in json.loads(as_json(queue, names))["teams"] for line in team["lines"]]
    assert sorted(line["summary"] for line in lines) == sorted(strings)


def _check_book(queue: Queue, names: Names, strings: Sequence[str], keys: list[str]) -> None:
    about = About(5, 2, strings[0], MADE, strings[-1], strings[0], strings[-1])
    book = load_workbook(io.BytesIO(as_xlsx(queue, names, about)))
    teams = [one for one in book.worksheets if one.title not in (SUMMARY, CONFLICTS)]
    assert len(teams) == len(queue.teams)
    cells = [row for one in teams for row in one.iter_rows(min_row=2)]
    assert sorted(row[4].value for row in cells) == keys
    by_key = {row[4].value: row for row in cells}
    for number, text in enumerate(strings):
        found = by_key[f"ABC-{number}"][5]
        assert found.data_type in ("s", "n")
        assert unescape(found.value or "") == clean(text)[:32_767]
        assert found.data_type == "s" or not text
    assert not any(
        cell.data_type == "f" for one in book.worksheets for row in one.iter_rows() for cell in row
    )


def _check_page(queue: Queue, names: Names, strings: Sequence[str]) -> None:
    page = Page(as_html(queue, names, About(5, 2, strings[0], MADE, strings[-1], strings[0], strings[-1])))
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert all(link.startswith(("https://", "http://")) for link in page.links)
    told = "".join(page.text)
    assert all(clean(text) in told for text in strings)


def _check_calendars(queue: Queue, names: Names, strings: Sequence[str]) -> None:
    body = as_ical(queue, names, Source(5, 2, strings[0], MADE))
    events = Calendar.from_ical(body).walk("VEVENT")
    assert {str(one["uid"]) for one in events} == {
        f"queue-5-issue-{number}@sprint-reports" for number in range(len(strings))
    }
    assert len(events) == len(strings)
    assert all(one["dtend"].dt - one["dtstart"].dt == timedelta(hours=2) for one in events)
    told = sorted(str(one["summary"]) for one in events)
    assert told == sorted(
        f"ABC-{number} {' '.join(clean(text).split())}".strip() for number, text in enumerate(strings)
    )
    assert b"\r\nATTACH" not in body
    for text in strings:
        named = as_ical(
            Queue(queue.options, (), queue.fairness, (), 0, None), Names(), Source(5, 2, text, MADE)
        )
        assert Calendar.from_ical(named).subcomponents == []
