"""What holds of every channel's content, whatever strings stand in a document."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

from sprintreports.integrations.slack import Post, check_blocks
from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    IssueRef,
    Kind,
    Mark,
    Notice,
    Paragraph,
    Row,
    Section,
    Status,
    Table,
    Tone,
)
from sprintreports.reports.publishing.rendering import confluence, mail, slack, teams
from tests.publishing_support import NAMESPACES
from tests.reports_samples import document

_MARKERS = {"{urn:ac}", "{urn:ri}"}


def of_strings(strings: Sequence[str]) -> Document:
    """A report in which each string stands wherever somebody's text can."""
    columns = (
        Column("issue", "Issue", Kind.ISSUE),
        Column("text", "Text", wide=True),
        Column("status", "Status", Kind.STATUS),
    )
    rows = tuple(
        Row((IssueRef(text, text), text, Status(text, Tone.BAD)), Mark.ADDED, (Row((text, text, text)),))
        for text in strings
    )
    table = Table("t", strings[0], columns, rows, strings[0], strings[0], (Column("a", strings[0]),) * 3)
    chart = next(document().charts)
    blocks = (
        *(Paragraph(text) for text in strings),
        *(Notice(text) for text in strings),
        Facts("f", tuple(Fact(str(n), text, text, Kind.TEXT, detail=text) for n, text in enumerate(strings))),
        table,
        Chart(strings[0], strings[0], strings[0], chart.light, chart.dark, table),
    )
    sections = (Section("s", strings[0], blocks),)
    return replace(
        document(),
        title=strings[0],
        subtitle=strings[0],
        sections=sections,
        basis=tuple(strings),
        link=strings[0],
    )


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.styles: set[str] = set()
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name in {"href", "src"}:
                self.addresses.append(value or "")

    def handle_data(self, data: str) -> None:
        self.data += data


def check_confluence(found: Document) -> ET.Element:
    """It is XML, and made of our elements alone."""
    root = ET.fromstring(f"<page {NAMESPACES}>{confluence.storage(found, {})}</page>")  # noqa: S314  # ours
    tags = {element.tag for element in root.iter()}
    assert tags <= {
        "page", "p", "em", "a", "h2", "h3", "ul", "li", "table", "tbody", "tr", "th", "td", "strong",
        "{urn:ac}structured-macro", "{urn:ac}parameter", "{urn:ac}rich-text-body", "{urn:ac}image", "{urn:ri}attachment",
    }, tags  # fmt: skip
    links = [element.get("href", "") for element in root.iter("a")]
    assert all(re.match(r"https?://", link) for link in links), links
    return root


def check_slack(found: Document) -> list[dict[str, Any]]:
    """slack-sdk takes it, and nothing in it mentions or links."""
    blocks = slack.blocks(found)
    check_blocks(Post(slack.summary(found), blocks))
    assert len(blocks) <= 50
    for block in blocks:
        texts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        for text in filter(None, texts):
            assert 0 < len(text["text"]) <= 3000
            if text["type"] == "mrkdwn":
                inner = re.sub(r"<https?://[^|<>]*\|Open the report in Sprint Reports>", "", text["text"])
                assert "<" not in inner
                assert inner.count("```") in {0, 2}
                assert inner.replace("```", "").count("`") == 0
    return blocks


def check_teams(found: Document) -> dict[str, Any]:
    """It fits, and strangers' text stands in runs or is tamed."""
    card = teams.card(found)
    assert teams.size(card) <= teams.MOST_BYTES
    assert json.loads(json.dumps(card))["version"] == "1.5"

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert value.get("type") != "TextBlock"  # reads Markdown
            for fact in value.get("facts", []):
                assert not re.search(r"(?<!\\)[\[\]*_`<>]", fact["title"] + fact["value"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(card)
    return card


def check_mail(found: Document) -> mail.Letter:
    """Our own elements alone, addresses that lead to pages, a subject of one line."""
    letter = mail.letter(found, {}, why="Why.")
    tags = _Tags()
    tags.feed(letter.html)
    assert tags.tags <= {
        "html", "head", "meta", "title", "body", "table", "tr", "td", "th", "h1", "h2", "h3", "p", "a", "span", "strong", "img",
    }, tags.tags  # fmt: skip
    assert all(re.match(r"https?://", address) for address in tags.addresses)
    assert letter.subject.isprintable() or "\n" not in letter.subject
    assert letter.text.endswith("\n")
    return letter


def check(strings: Sequence[str]) -> None:
    found = of_strings(strings)
    check_confluence(found)
    check_slack(found)
    check_teams(found)
    check_mail(found)
