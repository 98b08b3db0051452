"""The validator refuses what is wrong: a small document of our own, and requests with one planted mistake each."""

import pytest

from tests.unit.jira.client.published import JSON, Published, Recorded

DOCUMENT = {
    "openapi": "3.0.1",
    "paths": {
        "/thing/search": {"get": {"parameters": [{"name": "text", "in": "query", "required": True, "schema": {"type": "string"}}]}},
        "/thing/{id}": {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": {
                "parameters": [
                    {"name": "size", "in": "query", "schema": {"type": "integer"}},
                    {"name": "deep", "in": "query", "schema": {"type": "boolean"}},
                    {"name": "field", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "order", "in": "query", "schema": {"$ref": "#/components/schemas/Order"}},
                ]
            },
        },
        "/thing": {
            "post": {
                "deprecated": True,
                "requestBody": {"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Question"}}}},
            }
        },
        "/loose": {
            "post": {"requestBody": {"content": {JSON: {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}}}
        },
    },
    "components": {
        "parameters": {"id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}},
        "schemas": {
            "Order": {"type": "string", "enum": ["up", "down"]},
            "Ids": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
            "Question": {
                "type": "object", "additionalProperties": False, "required": ["ids"],
                "properties": {"ids": {"$ref": "#/components/schemas/Ids"}, "token": {"type": "string", "nullable": True}},
            },
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def published() -> Published:
    return Published(DOCUMENT, prefix="/rest/1")


def get(path: str, query: str = "") -> Recorded:
    return Recorded("GET", f"/rest/1{path}", query)


def post(path: str, body: bytes, *, kind: str = JSON) -> Recorded:
    return Recorded("POST", f"/rest/1{path}", "", kind, body)


@pytest.mark.parametrize(
    "request_",
    [
        get("/thing/7"),
        get("/thing/7", "size=50&deep=true&field=a&field=b&order=up"),
        get("/thing/search", "text=x"),
        post("/thing", b'{"ids": ["1", "2"], "token": null}'),
        post("/thing", b'{"ids": []}', kind="application/json; charset=utf-8"),
        post("/loose", b'{"a": "x"}'),
        post("/loose", b""),
    ],
)
def test_what_is_published_is_allowed(published, request_):
    assert published.problems(request_) == []


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (get("/things/7"), "is not published"),
        (Recorded("DELETE", "/rest/1/thing/7"), "is not published"),
        (get("/thing/ABC"), "the parameter id is 'ABC' and not of type integer"),
        (get("/thing/7", "expand=x"), "the parameter expand is unknown"),
        (get("/thing/7", "size=many"), "the parameter size is 'many' and not of type integer"),
        (get("/thing/7", "deep=True"), "the parameter deep is 'True' and not of type boolean"),
        (get("/thing/7", "size=1&size=2"), "the parameter size is sent twice"),
        (get("/thing/7", "order=sideways"), "which is not one of"),
        (get("/thing/search"), "the parameter text is missing"),
        (post("/thing", b""), "the body is missing"),
        (post("/thing", b"{}"), "'ids' is a required property"),
        (post("/thing", b'{"ids": [1]}'), "ids/0: 1 is not of type 'string'"),
        (post("/thing", b'{"ids": ["1", "2", "3"]}'), "ids: "),
        (post("/thing", b'{"ids": [], "size": 3}'), "'size' was unexpected"),
        (post("/thing", b'{"ids": [], "token": 3}'), "token: 3 is not"),
        (post("/thing", b"ids=1", kind="application/x-www-form-urlencoded"), "the body is application/x-"),
        (post("/thing", b'{"ids": ['), "the body is not JSON"),
        (post("/loose", b'{"b": "x"}'), "the body's b is unknown"),
        (Recorded("GET", "/rest/1/thing/7", "", JSON, b"{}"), "a body is sent where none is taken"),
    ],
)
def test_a_planted_mistake_is_refused(published, request_, problem):
    found = published.problems(request_)
    assert len(found) == 1
    assert problem in found[0]


def test_the_address_that_spells_most_out_is_meant(published):
    operation = published.find(get("/thing/search", "text=x"))
    assert operation is not None
    assert (operation.name, operation.deprecated) == ("GET /rest/1/thing/search", False)
    asked = published.find(post("/thing", b"{}"))
    assert asked is not None
    assert asked.deprecated
