"""The printed report and the pictures of its charts show the numbers that Jira itself tells; all else is in tests/integration/test_same_numbers.py."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import psycopg
import pypdfium2
import pytest

from sprintreports import settings as settings_module
from sprintreports.demo.testing import running_demo
from sprintreports.kit import clock, crypto, db, queue
from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.reports import making
from sprintreports.reports.export import browser as printer
from sprintreports.reports.export.files import written
from sprintreports.reports.export.options import Format
from sprintreports.reports.spec import BaselineSpec, Live
from tests.browser.harness import apart
from tests.conftest import _use  # pyright: ignore[reportPrivateUsage]  # a database as the product's, in a thread of its own
from tests.figures_shown import Shown, of_report
from tests.integration.same_numbers_site import Chosen, chosen
from tests.integration.sync_support import SYSTEM, connected, connection, synced
from tests.jira_truth import DIMENSIONS, OF_PARTS
from tests.read_back import of_print

_LABELS = (
    "Committed", "Added", "Removed", "Re-estimated", "In scope", "Issues in scope", "Completed", "Not completed", "Say/do", "Churn",
)  # fmt: skip
# Issues, their share, points, their share, the average, completed and not completed.
_ROW = r" (\d+) \d+ % ([\d.,]+|–) (?:\d+ %|–) (?:[\d.,]+|–) ([\d.,]+|–) ([\d.,]+|–)"


@pytest.fixture
def database(postgres: EmbeddedPostgres, template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE same_numbers TEMPLATE {template}")
    _use(monkeypatch, postgres.url_of("same_numbers"))
    yield
    monkeypatch.undo()
    settings_module.reload()
    crypto.forget_key()
    queue.app.cache_clear()
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE same_numbers WITH (FORCE)")


async def printed() -> tuple[Chosen, bytes, bytes]:
    """A closed sprint of the demo company, its report as PDF and its charts as SVG."""
    try:
        with running_demo(scale=0.1) as jira:
            assert (await synced(await connected(connection(jira)))).end == "done"
            one = await chosen(jira, state="closed", unit="points")
        async with db.transaction() as session:
            spec = BaselineSpec(Live(one.id, one.board))
            document = await making.document(session, SYSTEM, spec, now=clock.now())
        pdf, svg = [await written(document, form) for form in (Format.PDF, Format.SVG)]
        return one, pdf.body, svg.body
    finally:
        await printer.close()
        await db.dispose()


@pytest.mark.usefixtures("database")
def test_paper_and_pictures_show_the_numbers_of_jira() -> None:
    one, pdf, svg = apart(printed)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    seen = of_print(pages, _LABELS)
    shown = of_report("paper", seen)
    assert {name for (name,), _ in shown.found} >= {"committed", "added", "removed", "say_do", "churn"}
    told = re.sub(r"\s+", " ", " ".join(pages))
    _rows(shown, told, one)
    lacks = {"teams.committed"}  # in a table whose rows go over two lines on paper
    assert shown.differences(one.figures, lacks=lacks) == []
    with zipfile.ZipFile(io.BytesIO(svg)) as packed:
        names = packed.namelist()
        words = {name: _words(packed.read(name)) for name in names}
    for dimension, ending in (("types", "issue-types"), ("teams", "teams"), ("stakeholders", "stakeholders")):
        (picture,) = [words[name] for name in names if name.endswith(f"-{ending}.svg")]
        assert {
            place[1] for place in one.figures if place[0] == dimension and place[-1] == "scope"
        } <= picture


def _rows(shown: Shown, told: str, one: Chosen) -> None:
    """The rows of the breakdowns, each found by its label with the numbers behind it."""
    for dimension in DIMENSIONS:
        for label in {place[1] for place in one.figures if len(place) == 3 and place[0] == dimension}:
            if (dimension, label, "scope") not in one.figures:
                continue
            found = re.search(rf"(?<!\w){re.escape(label)}{_ROW}", told)
            assert found, f"{label} has no row"
            issues, scope, completed, left = found.groups()
            for name, value in zip(OF_PARTS, (scope, issues, completed, left), strict=True):
                shown.put(dimension, label, name, value=value)


def _words(svg: bytes) -> set[str]:
    return {"".join(text.itertext()) for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}  # noqa: S314  # ours
