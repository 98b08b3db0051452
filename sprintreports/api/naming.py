"""Names in the OpenAPI document that programs are made of: they follow from addresses, so they last as long as those do."""

import re
from collections.abc import Callable
from typing import Any, cast

Document = dict[str, Any]

_ENVELOPE = re.compile(r"(One|Many)_(.+)_")
_SUFFIX = {"One": "Answer", "Many": "List"}
_REF = "#/components/schemas/"
_VERBS = {"put": "replace", "patch": "update", "delete": "delete"}
_IRREGULAR = {"people": "person", "jira-people": "jira-person", "statuses": "status"}
_ROOTS = ("/api/v1", "/.well-known")


def operation_id(method: str, path: str, operation: Document) -> str:
    """`GET /api/v1/sites/{site_id}/boards` is `list_site_boards`, `POST /api/v1/sites` is `create_site`."""
    created = "201" in operation["responses"]
    words = _words(path, singular=method == "post" and created)
    if method == "get":
        verb = "list" if _answers_a_list(operation) else "get"
    elif method == "post":
        verb = "create" if created else "post"
    else:
        verb = _VERBS[method]
    return "_".join([verb, *words])


def _words(path: str, *, singular: bool) -> list[str]:
    for root in _ROOTS:
        path = path.removeprefix(root)
    parts = path.strip("/").replace("users/me", "me" if path.endswith("users/me") else "my").split("/")
    words: list[str] = []
    for at, part in enumerate(parts):
        if part.startswith("{"):
            if part == "{token}":
                words.append("with_token")
            continue
        named = at + 1 < len(parts) and parts[at + 1].startswith("{")
        last = at == len(parts) - 1
        words.append(_one(part) if named or (last and singular) else part)
    return [re.sub(r"\W+", "_", word) for word in words]


def _one(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s")


def _answers_a_list(operation: Document) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return schema.get("$ref", "").endswith(("List", "EntriesOut"))


def rename_envelopes(document: Document) -> None:
    """`Many_SprintOut_` as it comes from Python's generics becomes `SprintOutList`."""
    schemas = document["components"]["schemas"]
    names = {name: _readable(name) for name in schemas}
    document["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}
    for schema in document["components"]["schemas"].values():
        schema.pop("title", None)

    def rename(found: Document) -> None:
        if isinstance(found.get("$ref"), str) and found["$ref"].startswith(_REF):
            found["$ref"] = _REF + names[found["$ref"].removeprefix(_REF)]

    walk(document, rename)


def allow_parts(operation: Document, document: Document) -> None:
    """A list that can be asked for some fields alone: its things are whole, or have any of their fields."""
    schemas = document["components"]["schemas"]
    listed = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].removeprefix(_REF)
    items = schemas[listed]["properties"]["data"]["items"]
    if "$ref" not in items:
        return
    whole = items["$ref"].removeprefix(_REF)
    part = f"Part{whole}"
    schemas[part] = {
        "type": "object",
        "description": f"Some fields of {whole}: those that `fields` names.",
        "properties": schemas[whole]["properties"],
        "additionalProperties": False,
    }
    schemas[listed]["properties"]["data"]["items"] = {"anyOf": [items, {"$ref": _REF + part}]}


def walk(value: Any, visit: Callable[[Document], None]) -> None:
    """Visits every object of a document, outer ones first."""
    if isinstance(value, dict):
        found = cast("Document", value)
        visit(found)
        for inner in list(found.values()):
            walk(inner, visit)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            walk(inner, visit)


def _readable(name: str) -> str:
    match = _ENVELOPE.fullmatch(name)
    if match is None:
        # Two of the same name: Python's generator of schemas gives both their modules.
        *modules, own = name.split("__")
        return "".join(map(str.capitalize, modules[-1].split("_"))) + own if modules else name
    words = [word for word in match.group(2).split("_") if word]
    return "".join(word[:1].upper() + word[1:] for word in words) + _SUFFIX[match.group(1)]
