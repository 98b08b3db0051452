"""Whether a request is what an OpenAPI document allows: address, method, parameters with their types, body.

Stricter than the documents themselves: a parameter or a body's field that they do not name is refused, since a server
is free to refuse it too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from openapi_schema_validator import OAS30Validator

JSON = "application/json"
_TYPES = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came over the wire. `path` is below the site's address; `query` is raw."""

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address. `name`: "GET /rest/api/3/field"."""

    name: str
    method: str
    pattern: re.Pattern[str]
    holes: int
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    deprecated: bool


class Published:
    """An OpenAPI 3.0 document. `prefix` goes before its paths."""

    def __init__(self, document: Mapping[str, Any], *, prefix: str = "") -> None:
        self._document = document
        self._operations = sorted(self._read(prefix), key=lambda operation: operation.holes)

    def find(self, request: Recorded) -> Operation | None:
        """The operation that the address means: the one that spells most of it out."""
        for operation in self._operations:
            if operation.method == request.method and operation.pattern.fullmatch(request.path):
                return operation
        return None

    def problems(self, request: Recorded) -> list[str]:
        """What is wrong with a request; empty when it is as published."""
        operation = self.find(request)
        if operation is None:
            return [f"{request.method} {request.path} is not published"]
        found = [*self._wrong_parameters(operation, request), *self._wrong_body(operation, request)]
        return [f"{operation.name}: {problem}" for problem in found]

    def _read(self, prefix: str) -> Iterator[Operation]:
        for path, item in self._document["paths"].items():
            for method in ("get", "post", "put", "delete", "patch"):
                if method not in item:
                    continue
                operation = item[method]
                shared = [*item.get("parameters", []), *operation.get("parameters", [])]
                body = operation.get("requestBody")
                yield Operation(
                    name=f"{method.upper()} {prefix}{path}",
                    method=method.upper(),
                    pattern=re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(prefix + path).replace("\\-", "-"))),
                    holes=path.count("{"),
                    parameters=tuple(self._resolved(parameter) for parameter in shared),
                    body=None if body is None else self._resolved(body),
                    deprecated=bool(operation.get("deprecated")),
                )  # fmt: skip

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            parts = node["$ref"].removeprefix("#/").split("/")
            node = self._document
            for part in parts:
                node = node[part]
        return node

    def _wrong_parameters(self, operation: Operation, request: Recorded) -> Iterator[str]:
        match = operation.pattern.fullmatch(request.path)
        assert match is not None
        sent: dict[str, list[str]] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            sent.setdefault(name, []).append(value)
        known = {
            parameter["name"]: parameter for parameter in operation.parameters if parameter["in"] == "query"
        }
        for name in sent.keys() - known.keys():
            yield f"the parameter {name} is unknown"
        for name, parameter in known.items():
            if name in sent:
                yield from self._wrong_values(name, self._resolved(parameter.get("schema", {})), sent[name])
            elif parameter.get("required"):
                yield f"the parameter {name} is missing"
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                value = unquote(match[parameter["name"]])
                yield from self._wrong_values(
                    parameter["name"], self._resolved(parameter.get("schema", {})), [value]
                )

    def _wrong_values(self, name: str, schema: Mapping[str, Any], values: list[str]) -> Iterator[str]:
        if schema.get("type") == "array":
            schema = self._resolved(schema.get("items", {}))
        elif len(values) > 1:
            yield f"the parameter {name} is sent twice"
        pattern = _TYPES.get(schema.get("type", ""))
        for value in values:
            if pattern is not None and not re.fullmatch(pattern, value):
                yield f"the parameter {name} is {value!r} and not of type {schema['type']}"
            elif "enum" in schema and value not in map(str, schema["enum"]):
                yield f"the parameter {name} is {value!r}, which is not one of {schema['enum']}"

    def _wrong_body(self, operation: Operation, request: Recorded) -> Iterator[str]:
        if operation.body is None:
            if request.body:
                yield "a body is sent where none is taken"
            return
        if not request.body:
            if operation.body.get("required"):
                yield "the body is missing"
            return
        media = operation.body["content"].get(request.content_type.split(";")[0].strip())
        if media is None:
            yield f"the body is {request.content_type or 'of no type'}"
            return
        try:
            value = msgspec.json.decode(request.body)
        except msgspec.DecodeError:
            yield "the body is not JSON"
            return
        schema = self._resolved(media.get("schema", {}))
        whole = {**schema, "components": self._document.get("components", {})}
        for error in OAS30Validator(whole).iter_errors(value):
            where = "/".join(map(str, error.absolute_path)) or "the body"
            yield f"{where}: {error.message}"
        if isinstance(value, dict) and "properties" in schema and "additionalProperties" not in schema:
            for name in value.keys() - schema["properties"].keys():
                yield f"the body's {name} is unknown"
