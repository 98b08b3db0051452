"""Whatever leaves this program passes the guard of kit.http: nobody else makes a client, a connection or a socket."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "sprintreports").rglob("*.py"))
# Modules and names that speak to other machines. `httpx` itself is no offence: its types and errors are used everywhere.
CLIENTS = (
    "aiohttp", "aiosmtplib", "asyncio.open_connection", "authlib.integrations", "ftplib", "http.client", "httpcore", "httpx.AsyncClient",
    "httpx.AsyncHTTPTransport", "httpx.Client", "httpx.HTTPTransport", "httpx.delete", "httpx.get", "httpx.head",
    "httpx.options", "httpx.patch", "httpx.post", "httpx.put", "httpx.request", "httpx.stream", "imaplib", "poplib", "redis",
    "requests", "smtplib", "socket", "telnetlib", "urllib.request", "urllib3", "websocket", "websockets", "xmlrpc",
)  # fmt: skip
# A module without any of these words need not be read as Python.
HINT = re.compile(
    "|".join(
        {client.partition(".")[0] for client in CLIENTS if client != "http.client"}
        | {r"http\.client|from http import"}
    )
)
METHODS = frozenset({"create_connection", "open_connection", "parse_remote", "urlopen"})
# Who may, and why: a line each, with all that it uses.
EXCEPTIONS = {
    "kit/http.py": {"httpx.AsyncClient": "the home of clients"},
    "kit/outgoing.py": {
        "httpcore": "the guard",
        "httpx.AsyncHTTPTransport": "the guard",
        "socket": "looks names up, and connects to what was judged",
    },
    "jira/client/transport.py": {"httpx.AsyncClient": "the type of what kit.http made"},
    "integrations/email.py": {"aiosmtplib": "speaks SMTP over connections of kit.outgoing alone"},
    "kit/limits.py": {"redis": "the operator's own Redis"},
    "kit/trust.py": {"redis": "the operator's own Redis"},
    "api/health.py": {"redis": "the operator's own Redis"},
    "kit/embedded.py": {"socket": "finds a free port of this machine"},
    "cli/supervisor.py": {"socket": "looks whether a port of this machine is free"},
    "demo/run.py": {
        "asyncio.open_connection": "waits for the stand-in of this machine",
        "socket": "binds the stand-in's port",
    },
    "demo/testing.py": {"urllib.request": "asks the stand-in of this machine, in tests"},
    "demo/wires.py": {"socket": "options of the stand-in's own connections"},
}


def _said(node: ast.AST) -> Iterator[str]:
    """Every dotted name that is imported or written."""
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{one.name}" for one in node.names)
    elif isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id in {
            "httpx",
            "asyncio",
        }:  # all others have to be imported
            yield f"{node.value.id}.{node.attr}"
        if node.attr in METHODS and not (isinstance(node.value, ast.Name) and node.value.id == "asyncio"):
            yield f".{node.attr}"


def clients(text: str) -> set[str]:
    """What a module uses to speak to other machines."""
    if not HINT.search(text) and not any(method in text for method in METHODS):
        return set()
    names = {name for node in ast.walk(ast.parse(text)) for name in _said(node)}
    found = {
        client for client in CLIENTS for name in names if name == client or name.startswith(client + ".")
    }
    return found | {name for name in names if name.startswith(".")}


def test_only_the_guard_speaks_to_other_machines() -> None:
    used = {str(path.relative_to(ROOT / "sprintreports")): clients(path.read_text()) for path in SOURCES}
    assert {path: found for path, found in used.items() if found} == {
        path: set(reasons) for path, reasons in EXCEPTIONS.items()
    }, "ask by kit.http.client, or name the exception here with its reason"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import httpx\nhttpx.get(url)", {"httpx.get"}),
        ("from httpx import AsyncClient", {"httpx.AsyncClient"}),
        ("import httpx\nasync def ask(): return httpx.AsyncClient()", {"httpx.AsyncClient"}),
        ("import requests", {"requests"}),
        ("from urllib.request import urlopen", {"urllib.request"}),
        ("from urllib import request", {"urllib.request"}),
        ("import http.client", {"http.client"}),
        ("from http import client", {"http.client"}),
        ("import socket", {"socket"}),
        ("from aiosmtplib import SMTP", {"aiosmtplib"}),
        ("def late():\n    from smtplib import SMTP", {"smtplib"}),
        ("from authlib.integrations.httpx_client import AsyncOAuth2Client", {"authlib.integrations"}),
        ("import asyncio\nasyncio.open_connection(host, 1)", {"asyncio.open_connection"}),
        ("asyncio.get_running_loop().create_connection(x)", {".create_connection"}),
        ("OneLogin_Saml2_IdPMetadataParser.parse_remote(url)", {".parse_remote"}),
        ("import httpx\nhttpx.TransportError", set()),
        ("from sprintreports.kit import http\nhttp.client()", set()),
        ("from urllib.parse import urlsplit", set()),
    ],
)  # fmt: skip
def test_what_would_go_around_it_is_seen(line: str, found: set[str]) -> None:
    assert clients(line) == found
