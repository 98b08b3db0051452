"""Examples in the OpenAPI document: bodies that can be sent and answers as they come, made from the schemas and told values."""

import re
from typing import Any, cast

from sprintreports.api import (
    example_baselines,
    example_planning,
    example_publishing,
    example_queues,
    example_reports,
    example_schedules,
)
from sprintreports.api.example_values import BODIES, FORMS, PARAMETERS, VALUES

Document = dict[str, Any]

_BODIES = (
    BODIES
    | example_planning.BODIES
    | example_queues.BODIES
    | example_baselines.BODIES
    | example_reports.BODIES
    | example_publishing.BODIES
    | example_schedules.BODIES
)
_VALUES = (
    VALUES
    | example_planning.VALUES
    | example_queues.VALUES
    | example_baselines.VALUES
    | example_reports.VALUES
    | example_publishing.VALUES
    | example_schedules.VALUES
)
UNTOLD = "…"  # stands where nothing is known to show; a test finds it
_PLAIN: dict[str, Any] = {"integer": 7, "number": 21.0, "boolean": True, "string": UNTOLD, "null": None}
_FORMATS = {"date-time": "2026-03-02T09:00:00Z", "date": "2026-04-03"}
_PARAMETER = re.compile(r"\{\w+\}")
_NAMED = "#/components/schemas/"


def complete(operation: Document, path: str, document: Document) -> None:
    """Gives parameters without one, the body and each answer an example, where they have a schema of their own."""
    for parameter in operation.get("parameters", ()):
        schema = parameter.get("schema", {})
        shown = PARAMETERS.get(parameter["name"])
        if shown is not None and "example" not in parameter and "examples" not in schema:
            parameter["example"] = shown
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "application/json":
            content["example"] = of(content["schema"], document)
        elif "examples" not in content:
            content["examples"] = {
                name: {"value": form} for name, form in FORMS[operation["operationId"]].items()
            }
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if status[0] in "24" and content is not None and content.get("schema"):
            content["example"] = _found_at(path, of(content["schema"], document))


def _found_at(path: str, answer: Any) -> Any:
    """The answer with links to where it comes from."""
    found = cast("Document", answer) if isinstance(answer, dict) else {}
    told: Document = found.get("links", {})
    if "self" not in told:
        return cast("object", answer)
    here = _PARAMETER.sub("7", path)
    links = {
        name: shown if "/audit-" in shown else f"{here}{shown.partition('sprints')[2]}"
        for name, shown in told.items()
    }
    return found | {"links": links | {"self": f"{here}?page=2" if "first" in told else here}}


def of(schema: Document, document: Document, name: str = "", owner: str = "") -> Any:
    """What a value of this schema looks like. `name`: of the field that holds it, `owner`: of the schema with that field."""
    for told in (f"{owner}.{name}", name):
        if name and told in _VALUES:
            return _VALUES[told]
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return _named(schema["$ref"].removeprefix(_NAMED), document)
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return of(choices[0], document, name, owner)
    for certain in ("const", "default"):
        if schema.get(certain):
            return schema[certain]
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, document, name, owner)


def _named(name: str, document: Document) -> Any:
    if name in _BODIES:
        return _BODIES[name]
    schema = document["components"]["schemas"][name]
    if "properties" not in schema:
        return of(schema, document)
    return {field: of(found, document, field, name) for field, found in schema["properties"].items()}


def _of_type(schema: Document, document: Document, name: str, owner: str) -> Any:
    kind = schema.get("type", "null")
    if kind == "array":
        return [of(schema.get("items", {}), document, f"{name}[]", owner)]
    if kind == "object":
        inner: Document | bool = schema.get("additionalProperties", False)
        if isinstance(inner, bool) or not name:
            return {}
        keys: Document = schema.get("propertyNames", {})
        return {of(keys, document, f"{name}{{}}", owner): of(inner, document, f"{name}[]", owner)}
    return _FORMATS.get(schema.get("format", ""), _PLAIN[kind])
