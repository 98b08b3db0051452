"""A report of each kind by every channel, as it arrives at stand-ins of the services. tests/conformance holds the same beside what
Atlassian and Microsoft publish."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from sprintreports.integrations.slack import Post, check_blocks
from sprintreports.reports.document.blocks import Document
from tests.naughty_sending import sent
from tests.publishing_support import NAMESPACES
from tests.read_back import of_page, of_plain
from tests.unit.reports.naughty import of_each_kind

KINDS = of_each_kind()


@pytest.mark.parametrize("document", KINDS.values(), ids=KINDS.keys())
async def test_each_kind_of_report_arrives_everywhere(document: Document) -> None:
    found = await sent(document)
    for page in found.wikis:
        body = ET.fromstring(f"<page {NAMESPACES}>{page['body']}</page>")  # noqa: S314  # ours
        heads = ["".join(one.itertext()) for one in body.iter("h2")]
        assert heads[:-1] == [section.title for section in document.sections]
    for post in found.posts:
        check_blocks(Post(post["text"], post["blocks"]))
        assert [block["type"] for block in post["blocks"]].count("header") > 1
    (card,), (mail,), page = found.cards, found.mails, found.wikis[0]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    assert mail["Subject"] == page["title"]
    assert mail["List-Unsubscribe"].startswith("<http")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    titles = {section.title for section in document.sections}
    assert of_plain(plain.get_content(), titles).facts.keys() >= {"State"} - ({"State"} if document.kind in {"trend", "comparison"} else set())  # fmt: skip
    assert of_page(html.get_content()).tables or document.kind == "trend"
    pictures = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert len(pictures) == len(list(document.charts))
    assert all(f"cid:{part['Content-ID'].strip('<>')}" in html.get_content() for part in pictures)
