"""The published document by itself: its examples fit their schemas, its names are unique, its refusals are told."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from sprintreports.api.app import create_api
from sprintreports.api.document import operations
from sprintreports.api.examples import UNTOLD

HERE = "urn:document"
# What asks a Jira or an identity provider before it answers. Only these say that it may fail there.
ASK_OTHERS = {
    "create_site", "update_site", "list_site_boards", "get_site_mapping", "get_site_mapping_choices",
    "replace_site_boards", "replace_site_mapping", "post_site_mapping_preview", "post_sprint_reconciliation", "create_sign_in_provider",
    "update_sign_in_provider", "create_delivery_preview",
}  # fmt: skip

Example = tuple[str, str, Any]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_api().openapi()


def _problems(document: dict[str, Any], pointer: str, value: Any) -> list[str]:
    """What is wrong with a value for the schema that stands at this place of the document."""
    whole = Resource(contents=document, specification=DRAFT202012)
    registry = Registry().with_resource(HERE, whole)  # type: ignore[var-annotated]
    validator = Draft202012Validator(
        {"$ref": f"{HERE}#{pointer}"},
        registry=registry,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    return [f"{pointer}: {error.message} at {list(error.path)}" for error in validator.iter_errors(value)]


def _found(value: Any, pointer: str = "") -> Iterator[Example]:
    """Every example with the place of its schema."""
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _found(inner, f"{pointer}/{at}")
    elif isinstance(value, dict):
        yield from _standing_at(value, pointer)
        for name, inner in value.items():
            if name not in {"example", "examples"}:
                yield from _found(inner, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


def _standing_at(place: dict[str, Any], pointer: str) -> Iterator[Example]:
    """The examples of a parameter or of a body, beside its schema; else those inside of a schema."""
    if isinstance(place.get("schema"), dict):
        if "example" in place:
            yield pointer, f"{pointer}/schema", place["example"]
        for shown in place.get("examples", {}).values():
            yield pointer, f"{pointer}/schema", shown["value"]
    elif isinstance(place.get("examples"), list):
        for shown in place["examples"]:
            yield pointer, pointer, shown


def _words(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    else:
        yield value


def test_every_example_fits_its_schema_and_tells_something(document: dict[str, Any]) -> None:
    examples = list(_found(document))
    assert len(examples) > 300
    assert [problem for _, place, shown in examples for problem in _problems(document, place, shown)] == []
    assert [place for place, _, shown in examples if UNTOLD in _words(shown)] == []


def test_an_example_that_does_not_fit_is_found(document: dict[str, Any]) -> None:
    place = "/components/schemas/SprintOut"
    shown = next(shown for where, _, shown in _found(document) if where.endswith("sprint_id}/get/responses/200/content/application~1json"))  # fmt: skip
    assert _problems(document, place, shown["data"]) == []
    assert _problems(document, place, shown["data"] | {"state": "asleep"})
    assert _problems(document, place, {"id": 7})


def test_bodies_and_answers_have_examples(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        contents = list(operation.get("requestBody", {}).get("content", {}).values())
        contents += [
            content
            for status, answer in operation["responses"].items()
            if status.startswith("2")
            for kind, content in answer.get("content", {}).items()
            if kind == "application/json" and content.get("schema")
        ]
        assert all({"example", "examples"} & set(content) for content in contents), operation["operationId"]


def test_names_of_operations_are_unique(document: dict[str, Any]) -> None:
    counted = Counter(operation["operationId"] for _, _, operation in operations(document))
    assert len(counted) > 90
    assert [name for name, times in counted.items() if times > 1] == []


def test_who_asks_others_says_that_they_may_fail(document: dict[str, Any]) -> None:
    told = {operation["operationId"] for _, _, operation in operations(document) if "502" in operation["responses"]}  # fmt: skip
    assert told == ASK_OTHERS


def test_the_inbox_of_webhooks_tells_what_it_refuses_and_takes(document: dict[str, Any]) -> None:
    for path in ("/api/v1/webhooks/jira/{site_id}", "/api/v1/webhooks/jira/{site_id}/{token}"):
        operation = document["paths"][path]["post"]
        assert {"401", "404", "413", "422"} <= set(operation["responses"])
        assert set(operation["requestBody"]["content"]) == {"application/json"}


def test_a_write_can_be_refused_whatever_the_read_is_that_it_is_compared_with(
    document: dict[str, Any],
) -> None:
    """`If-Match` asks for what a GET of the same address would answer: what refuses the one refuses the other."""
    compared = 0
    for path, method, operation in operations(document):
        read = document["paths"][path].get("get")
        if read and method in {"put", "patch", "delete"}:
            refused = {status for status in read["responses"] if status[0] in "45"}
            assert refused <= set(operation["responses"]), operation["operationId"]
            compared += 1
    assert compared > 15
