"""What is sent to Confluence, Slack and Teams, against what Atlassian and Microsoft publish, and with the big list of naughty strings.

tests/unit/reports/publishing and tests/integration/test_channels_* say the same of strings and services of our own.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft6Validator

from sprintreports.integrations.channel import File, Noted
from sprintreports.integrations.confluence import Account, Confluence, Dialect, Page
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.publishing.rendering import confluence, teams
from tests.publishing_support import Asked, Place, Wiki, form, standing
from tests.reports_samples import document
from tests.unit.jira.client.published import Published, Recorded
from tests.unit.reports.naughty import documents, of_each_kind
from tests.unit.reports.publishing.rendering_checks import check, of_strings

pytestmark = pytest.mark.conformance

_PLAIN, _NESTED = (f"#/components/schemas/{name}" for name in ("PageBodyWrite", "PageNestedBodyWrite"))


def naughty(shared_data: Path) -> list[str]:
    file = shared_data / "attack" / "naughty-strings" / "blns.json"
    strings = json.loads(file.read_text(encoding="utf-8"))
    assert len(strings) > 400
    return strings


@pytest.fixture(scope="module")
def card_schema(shared_data: Path) -> Draft6Validator:
    file = shared_data / "notify" / "teams-adaptivecards" / "schema-1.5.0" / "adaptive-card.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8-sig"))
    return Draft6Validator({**schema["definitions"]["AdaptiveCard"], "definitions": schema["definitions"]})


def test_cards_are_what_microsoft_describes(card_schema: Draft6Validator, shared_data: Path) -> None:
    strings = naughty(shared_data)
    odd = documents([text[:500] for text in strings[:40]])
    for found in (document(), of_strings(strings[:40]), *of_each_kind().values(), *odd.all):
        assert [error.message[:300] for error in card_schema.iter_errors(teams.card(found))] == []


def test_the_schema_would_refuse_another_card(card_schema: Draft6Validator) -> None:
    card = teams.card(document())
    card["body"].append({"type": "Table", "rows": "none"})
    assert list(card_schema.iter_errors(card))


def test_naughty_strings_stay_text_in_every_channel(shared_data: Path) -> None:
    strings = naughty(shared_data)
    check(strings)
    for text in strings:
        check([text])


async def sent(*, cloud: bool, about: Document | None = None) -> list[Asked]:
    """All that one page causes: made, updated, with files that are new, the same and changed."""
    wiki = Wiki(cloud=cloud)
    body = confluence.storage(about or document(), {})
    files = (File("chart.png", "image/png", b"1"), File("report.pdf", "application/pdf", b"2"))
    with standing(wiki) as place:
        parent = wiki.seed("Reports")
        dialect = Dialect.CLOUD if cloud else Dialect.DATA_CENTER
        channel = Confluence(Account(place.url, dialect, "me@example.org" if cloud else "", "token"))
        await channel.check()
        page = Page("TEAM", parent, "Baseline", body, "0" * 32, files)
        await channel.preview(page, key="k")
        first = await channel.send(page, key="k", progress=Noted())
        changed = Page(
            "TEAM",
            parent,
            "Baseline",
            body,
            "0" * 32,
            (files[0], File("report.pdf", "application/pdf", b"3")),
            first.known,
        )
        await channel.send(changed, key="k2", progress=Noted())
    return _asked(place)


def _asked(place: Place) -> list[Asked]:
    assert {one.method for one in place.asked} >= {"GET", "POST", "PUT"}
    return place.asked


def read(shared_data: Path, name: str, *, prefix: str = "") -> Published:
    document = msgspec.json.decode((shared_data / "openapi" / name).read_bytes())
    return Published(_decided(document), prefix=prefix)


def _decided(node: Any) -> Any:
    """The document with the one form of a body that we send: as published, every body fits both forms and so neither (`oneOf`)."""
    if isinstance(node, list):
        return [_decided(one) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("oneOf") == [{"$ref": _PLAIN}, {"$ref": _NESTED}]:
        return {"$ref": _PLAIN}
    return {name: _decided(one) for name, one in node.items()}


KINDS = {"sample": document(), **of_each_kind()}


@pytest.mark.parametrize("about", KINDS.values(), ids=KINDS.keys())
async def test_requests_to_cloud_are_published_ones(shared_data: Path, about: Document) -> None:
    second = read(shared_data, "confluence-cloud-v2.2025-02.json", prefix="/wiki/api/v2")
    first = read(shared_data, "confluence-cloud-v1.2023-08.json")
    found: list[str] = []
    uploads = 0
    for one in await sent(cloud=True, about=about):
        if one.path.startswith("/wiki/api/v2"):
            found += second.problems(one.recorded)
        elif one.method == "GET":
            found += first.problems(one.recorded)
        else:
            found += _upload_problems(first, one)
            uploads += 1
    assert found == []
    assert uploads == 3


def _upload_problems(published: Published, one: Asked) -> list[str]:
    """The form as v1 describes it: the fields that it names, and the header without which nothing is taken."""
    operation = published.find(one.recorded)
    assert operation is not None
    assert operation.body is not None
    schema = operation.body["content"]["multipart/form-data"]["schema"]
    fields = form(one)
    found = [f"{name} is missing" for name in schema["required"] if name not in fields]
    found += [f"{name} is unknown" for name in fields if name not in schema["properties"]]
    if one.headers.get("x-atlassian-token") != "nocheck":
        found.append("the header X-Atlassian-Token is missing")
    empty = Recorded(one.method, one.path, one.raw_query, "", b"")
    return found + [problem for problem in published.problems(empty) if "body is missing" not in problem]


@pytest.mark.parametrize("about", KINDS.values(), ids=KINDS.keys())
async def test_requests_to_data_center_are_those_that_cloud_had_of_it(
    shared_data: Path, about: Document
) -> None:
    # Nobody publishes a document of Data Center's. Version 1 of Cloud's is what became of the same interface: what of ours is in it
    # still is as it says.
    first = read(shared_data, "confluence-cloud-v1.2023-08.json")
    known = 0
    for one in await sent(cloud=False, about=about):
        request = one.recorded
        above = Recorded(
            request.method, f"/wiki{request.path}", request.query, request.content_type, request.body
        )
        operation = first.find(above)
        if operation is None or operation.deprecated or "multipart" in request.content_type:
            continue
        known += 1
        assert first.problems(above) == []
    assert known
