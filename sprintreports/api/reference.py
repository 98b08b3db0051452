"""An OpenAPI document as one plain HTML page: no script, no outside address, its one style known by its hash."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from typing import Any

from sprintreports.api.credentials import permission_of
from sprintreports.kit.error_codes import Code

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 22%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
section { overflow-x: auto } h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
article { border: 1px solid var(--line); border-radius: 8px; margin: .75rem 0; padding: .75rem 1rem; overflow-x: auto }
article h3 { margin: 0; font-size: 1rem } code, pre { font-family: ui-monospace, monospace; font-size: .9em }
table { border-collapse: collapse; margin: .5rem 0 } th, td { text-align: left; padding: .15rem 1rem .15rem 0;
  vertical-align: top; border-bottom: 1px solid var(--line) } .method { font-weight: 700; margin-right: .5rem }
nav a { display: inline-block; margin-right: .75rem } p { margin: .4rem 0; white-space: pre-line } a { color: inherit }
summary { cursor: pointer } :target { outline: 2px solid } pre { overflow-x: auto } .gone { text-decoration: line-through }
"""
# The only thing that the page needs, named exactly: nothing else is loaded, run or sent.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DEPRECATION = """
An address that is to go is marked as deprecated here, and its answers carry the headers `Deprecation` (since when),
`Sunset` (when it ends) and `Link` (what takes its place). Six months at least lie between the two. A field or a parameter
that is to go is marked here alone. New fields may come at any time, so ignore those that you do not know. Whatever else would break a client gets a
new address under `/api/v2`, and `/api/v1` lives on beside it for twelve months.
"""
_CODE = re.compile("`([^`]+)`")
_ENVELOPE = {"data", "meta", "links"}
Document = dict[str, Any]


def render(document: Document) -> str:
    """The page for a document as FastAPI makes it."""
    return "".join(_page(document))


def _page(document: Document) -> Iterator[str]:
    title = escape(f"{document['info']['title']} API {document['info']['version']}")
    groups: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append("".join(_operation(method, path, operation, document)))
    groups["shapes"] = [*_shapes(document)]
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
    yield f'<header><a href="/">Back to the reports</a></header><main><h1>{title}</h1>'
    yield f"<p>{_prose(str(document['info'].get('description', '')).strip())}</p>"
    yield '<p>The same as a document for tools: <a href="/api/v1/openapi.json">openapi.json</a></p>'
    said = {tag["name"]: tag["description"] for tag in document.get("tags", ())}
    parts = ["signing in", "refusals", "deprecation", *groups]
    links = (f'<a href="#{_anchor(part)}">{escape(part)}</a>' for part in parts)
    yield f'<nav aria-label="Parts">{"".join(links)}</nav>'
    yield from _common(document)
    for tag, articles in groups.items():
        yield f'<section id="{_anchor(tag)}"><h2>{escape(tag)}</h2><p>{_prose(said.get(tag, ""))}</p>'
        yield f"{''.join(articles)}</section>"
    yield "</main></body></html>"


def _common(document: Document) -> Iterator[str]:
    """What holds for all addresses."""
    ways = [
        (
            escape(name),
            escape(f"{way['type']} {way.get('scheme', way.get('in', ''))}"),
            _prose(way["description"]),
        )
        for name, way in document["components"]["securitySchemes"].items()
    ]
    yield f'<section id="signing-in"><h2>signing in</h2>{_table(("Name", "Kind", "What it is"), ways)}</section>'
    codes = [(str(code.status), f"<code>{code}</code>", _prose(code.meaning)) for code in Code]
    yield f'<section id="refusals"><h2>refusals</h2>{_table(("Status", "Code", "When"), codes)}</section>'
    yield f'<section id="deprecation"><h2>deprecation</h2><p>{_prose(_DEPRECATION.strip())}</p></section>'


def _operation(method: str, path: str, operation: Document, document: Document) -> Iterator[str]:
    gone = " gone" if operation.get("deprecated") else ""
    yield f'<article id="{escape(operation["operationId"])}"><h3><span class="method">{escape(method.upper())}</span>'
    yield f'<code class="path{gone}">{escape(path)}</code></h3>'
    yield f"<p>{_prose(operation.get('description') or operation.get('summary') or '')}</p>"
    yield f"<p>{_who(operation)}</p>"
    parameters = [
        (
            escape(found["name"]),
            escape(found["in"]),
            _type(found["schema"], document),
            _yes(found.get("required")),
            _prose(found.get("description", "")),
        )
        for found in operation.get("parameters", [])
        if found["in"] != "cookie"
    ]
    if parameters:
        yield _table(("Parameter", "In", "Type", "Required", "Meaning"), parameters)
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body ({escape(kind)}): {_type(content['schema'], document)}</p>"
        yield _fields(content["schema"], document, required="Required")
        yield _shown("Example of the body", content)
    answers = operation.get("responses", {})
    rows = [
        (escape(status), _answer(found, document)) for status, found in answers.items() if "$ref" not in found
    ]
    refused = ", ".join(escape(status) for status, found in answers.items() if "$ref" in found)
    yield _table(("Status", "Answer"), [*rows, (f'<a href="#refusals">{refused}</a>', "a refusal")])
    yield from (
        _details(schema, document)
        for status, found in answers.items()
        if status.startswith("2")
        for schema in _schemas(found)
    )
    for status, found in answers.items():
        for content in found.get("content", {}).values():
            yield _shown(f"Example of {status}", content)
    yield "</article>"


def _who(operation: Document) -> str:
    """Who may ask."""
    permission, ways = permission_of(operation), operation.get("security", [])
    if permission:
        return f"Needs the permission <code>{escape(permission)}</code>."
    if not ways or {} in ways:
        return "Anyone may ask."
    programs = any("api_key" in way for way in ways)
    return (
        "Anyone who is signed in." if programs else "Anyone who is signed in, not by an API key or a scope."
    )


def _shown(title: str, content: Document) -> str:
    """The examples of a body or an answer, to unfold."""
    several = content.get("examples") or ({"": {"value": content["example"]}} if "example" in content else {})
    shown = "".join(
        f"<pre>{escape(json.dumps(found['value'], indent=2, ensure_ascii=False))}</pre>"
        for found in several.values()
    )
    return f"<details><summary>{escape(title)}</summary>{shown}</details>" if shown else ""


def _anchor(name: str) -> str:
    return escape(name.replace(" ", "-"))


def _details(schema: Document, document: Document) -> str:
    """The fields of what an answer carries, below its name; nothing for what has none."""
    carried = _carried(schema, document)
    fields = _fields(carried.get("items", carried), document)
    return (
        f"<details><summary>Fields of the answer</summary><p>{_type(carried, document)}</p>{fields}</details>"
        if fields
        else ""
    )


def _shapes(document: Document) -> Iterator[str]:
    """Everything that fields and answers name, to look up. Envelopes are named nowhere: `_type` looks into them."""
    for name, schema in sorted(document["components"]["schemas"].items()):
        if set(schema.get("properties", ())) == _ENVELOPE:
            continue
        body = _fields(schema, document) or f"<p>{_type(schema, document)}</p>"
        yield f'<article id="shape-{escape(name)}"><h3><code>{escape(name)}</code></h3>{body}</article>'


def _fields(schema: Document, document: Document, *, required: str = "Always there") -> str:
    resolved = _resolve(schema, document)
    sure = set(resolved.get("required", ()))
    rows = [
        (
            f"<code>{escape(name)}</code>",
            _type(found, document),
            _yes(name in sure),
            _prose(found.get("description", "")),
        )
        for name, found in resolved.get("properties", {}).items()
    ]
    return _table(("Field", "Type", required, "Meaning"), rows) if rows else ""


def _answer(found: Document, document: Document) -> str:
    shapes = [_type(schema, document) for schema in _schemas(found)]
    said = found.get("description", "")
    return ": ".join(
        filter(None, ["" if said == "Successful Response" else escape(said), ", ".join(filter(None, shapes))])
    )


def _schemas(answer: Document) -> list[Document]:
    return [content.get("schema", {}) for content in answer.get("content", {}).values()]


def _carried(schema: Document, document: Document) -> Document:
    """What is in `data` where the schema is the envelope of an answer, else the schema itself."""
    fields = _resolve(schema, document).get("properties", {})
    return fields["data"] if set(fields) == _ENVELOPE else schema


def _resolve(schema: Document, document: Document) -> Document:
    if "$ref" in schema:
        return document["components"]["schemas"][_name(schema)]
    return schema


def _name(schema: Document) -> str:
    return schema["$ref"].rsplit("/", 1)[-1]


def _type(schema: Document, document: Document) -> str:
    """A type in words, as HTML: what has a name leads to its fields."""
    if "$ref" in schema:
        carried = _carried(schema, document)
        if carried is not schema:
            return f"<code>data</code>: {_type(carried, document)}"
        name = escape(_name(schema))
        return f'<a href="#shape-{name}"><code>{name}</code></a>'
    if "anyOf" in schema:
        return " or ".join(_type(choice, document) for choice in schema["anyOf"])
    if "enum" in schema:
        return escape(" | ".join(map(str, schema["enum"])))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), document)}"
    if schema.get("additionalProperties") not in (None, True, False):
        key = _type(schema.get("propertyNames", {}), document) or "name"
        return f"for each {key}: {_type(schema['additionalProperties'], document)}"
    return escape(str(schema.get("format") or schema.get("type") or schema.get("const") or ""))


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _yes(value: object) -> str:
    return "yes" if value else ""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of cells that are HTML; columns that say nothing are left out."""
    kept = [at for at in range(len(head)) if any(row[at] for row in rows)]
    top = "".join(f'<th scope="col">{escape(head[at])}</th>' for at in kept)
    body = "".join(f"<tr>{''.join(f'<td>{row[at]}</td>' for at in kept)}</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
