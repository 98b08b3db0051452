"""An OpenAPI document as one plain HTML page: no script, no outside address."""

from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 22%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
article { border: 1px solid var(--line); border-radius: 8px; margin: .75rem 0; padding: .75rem 1rem; overflow-x: auto }
article h3 { margin: 0; font-size: 1rem } code, pre { font-family: ui-monospace, monospace; font-size: .9em }
table { border-collapse: collapse; margin: .5rem 0 } th, td { text-align: left; padding: .15rem 1rem .15rem 0;
  vertical-align: top; border-bottom: 1px solid var(--line) } .method { font-weight: 700; margin-right: .5rem }
nav a { margin-right: .75rem } p { margin: .4rem 0; white-space: pre-line }
"""
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
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
    yield f"<h1>{title}</h1><p>{escape(str(document['info'].get('description', '')).strip())}</p>"
    yield '<p>The same as a document for tools: <a href="/api/v1/openapi.json">openapi.json</a></p>'
    links = (f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in groups)
    yield f"<nav>{''.join(links)}</nav>"
    for tag, articles in groups.items():
        yield f'<section id="{escape(tag)}"><h2>{escape(tag)}</h2>{"".join(articles)}</section>'
    yield "</main></body></html>"


def _operation(method: str, path: str, operation: Document, document: Document) -> Iterator[str]:
    yield f'<article><h3><span class="method">{escape(method.upper())}</span><code>{escape(path)}</code></h3>'
    yield f"<p>{escape(operation.get('description') or operation.get('summary') or '')}</p>"
    parameters = [
        (found["name"], found["in"], _type(found["schema"]), "yes" if found.get("required") else "")
        for found in operation.get("parameters", [])
        if found["in"] != "cookie"
    ]
    if parameters:
        yield _table(("Parameter", "In", "Type", "Required"), parameters)
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body ({escape(kind)}): <code>{escape(_type(content['schema']))}</code></p>"
        yield _fields(content["schema"], document)
    answers = [(status, _answer(found)) for status, found in operation.get("responses", {}).items()]
    yield _table(("Status", "Answer"), answers) + "</article>"


def _fields(schema: Document, document: Document) -> str:
    resolved = _resolve(schema, document)
    required = set(resolved.get("required", ()))
    rows = [
        (name, _type(found), "yes" if name in required else "")
        for name, found in resolved.get("properties", {}).items()
    ]
    return _table(("Field", "Type", "Required"), rows) if rows else ""


def _answer(found: Document) -> str:
    shapes = [_type(content.get("schema", {})) for content in found.get("content", {}).values()]
    return ", ".join([found.get("description", ""), *filter(None, shapes)])


def _resolve(schema: Document, document: Document) -> Document:
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _type(schema: Document) -> str:
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or schema.get("const") or "")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
