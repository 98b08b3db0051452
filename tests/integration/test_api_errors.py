"""Refusals and failures: one envelope for all of them, and a closed list of codes that is neither too short nor too long."""

import ast
import importlib
import pkgutil
import re
from collections.abc import AsyncIterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import sprintreports
from sprintreports.api.app import create_api
from sprintreports.api.deprecation import deprecated
from sprintreports.api.door import open_to_all
from sprintreports.api.routing import Router
from sprintreports.identity.permissions import Role
from sprintreports.kit import http
from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import SprintReportsError
from tests.integration.clients_support import HERE, bearer, person

SOURCE = Path(sprintreports.__file__).parent
DOCS = SOURCE.parent / "docs" / "api.md"
LISTED = re.compile(r"^\| (\d{3}) \| `([A-Z_]+)` \| (.+) \|$", re.MULTILINE)


def _errors() -> set[type[SprintReportsError]]:
    """Every kind of error that any module of the product defines."""
    for found in pkgutil.walk_packages(sprintreports.__path__, "sprintreports."):
        if not found.name.startswith(
            ("sprintreports.ui", "sprintreports.sprintreports", "sprintreports.__main__")
        ):
            importlib.import_module(found.name)
    kinds, waiting = set[type[SprintReportsError]](), [SprintReportsError]
    while waiting:
        kind = waiting.pop()
        kinds.add(kind)
        waiting += kind.__subclasses__()
    return kinds


def _used() -> set[str]:
    """The codes that the product's own sources name, besides the list itself."""
    return {
        node.attr
        for path in SOURCE.rglob("*.py")
        if path.name != "error_codes.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }


def test_every_error_has_a_code_of_the_list_and_its_status() -> None:
    wrong = [
        kind.__name__ for kind in _errors() if kind.code not in set(Code) or kind.status != kind.code.status
    ]
    assert wrong == []


def test_no_code_is_unused() -> None:
    assert set(Code.__members__) - _used() == set()


def test_the_documented_list_is_the_list() -> None:
    documented = [(int(status), code, meaning) for status, code, meaning in LISTED.findall(DOCS.read_text())]
    assert documented == [(code.status, code.value, code.meaning) for code in Code]


def _first(app: FastAPI) -> None:
    """The route that was added last is asked first: unknown addresses are answered before it otherwise."""
    app.router.routes.insert(0, app.router.routes.pop())


async def _bug(_request: Request) -> Response:
    raise ZeroDivisionError("a secret of ours")


async def _no_database(_request: Request) -> Response:
    raise OperationalError("SELECT secret", {}, OSError("no route to host"))


@cache
def _with_bugs() -> FastAPI:
    app = create_api()
    for path, endpoint in (("/api/v1/bug", _bug), ("/api/v1/database", _no_database)):
        app.router.routes.append(Route(path, endpoint))
        _first(app)
    return app


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(_with_bugs())) as client:
        yield client


def _envelope(answer: httpx.Response) -> Code:
    """The code of a refusal, whose form is looked at to the last field."""
    assert answer.headers["content-type"] == "application/json", answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"error"}
    error = body["error"]
    assert set(error) == {"code", "message", "details", "request_id"}
    assert error["request_id"] == answer.headers["x-request-id"]
    assert error["message"].endswith((".", "?"))
    assert error["message"][0].isupper()
    assert all(set(detail) == {"field", "message"} for detail in error["details"])
    assert "secret" not in answer.text
    code = Code(error["code"])
    assert answer.status_code == code.status
    return code


async def test_each_code_comes_in_the_same_envelope(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, viewer = await bearer(await person(Role.ADMIN)), await bearer(await person(Role.VIEWER))
    json = {"Content-Type": "application/json"}
    nobody = {"base_url": "http://127.0.0.1:1", "auth": "bearer", "secret": "x"}
    user = {"email": "ada@example.org", "password": "tall green yak 7", "role": "user"}

    async def too_long() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 65536

    answers = [
        await api.post("/api/v1/sites", content=b'"\xff"', headers=admin | json),
        await api.get("/api/v1/users/me"),
        await api.get("/api/v1/users", headers=viewer),
        await api.get("/api/v1/nowhere"),
        await api.get("/api/v1/sites/999", headers=admin),
        await api.request("TRACE", "/api/v1/users/me"),
        await api.get("/api/v1/sprints", headers=viewer | {"Accept": "text/html, application/xml;q=0.9"}),
        *[await api.post("/api/v1/users", json=user, headers=admin) for _ in range(2)][1:],
        await api.patch("/api/v1/users/me", json={"theme": "dark"}, headers=viewer | {"If-Match": '"other"'}),
        await api.post("/api/v1/sites", content=b" " * 1_048_577, headers=admin | json),
        await api.post("/api/v1/sites", content=too_long(), headers=admin | json),
        await api.post("/api/v1/sites", content="<site/>", headers=admin | {"Content-Type": "text/xml"}),
        await api.post("/api/v1/sites", content='{"auth": "bearer"}', headers=admin),
        await api.get("/api/v1/sprints?page=0", headers=viewer),
        await api.post("/api/v1/sites", json=nobody, headers=admin),
        await api.get("/api/v1/bug"),
        await api.get("/api/v1/database"),
    ]
    seen = {_envelope(answer) for answer in answers}
    for _ in range(11):
        body = {"current_password": "not mine", "new_password": "nine quiet rivers run"}
        slowed = await api.post("/api/v1/users/me/password", json=body, headers=viewer)
    assert int(slowed.headers["retry-after"]) > 0
    seen.add(_envelope(slowed))
    for name in ("First", "Second"):
        invited = {"email": f"{name}@example.org", "role": "user"}
        reused = await api.post(
            "/api/v1/invitations", json=invited, headers=admin | {"Idempotency-Key": "a-key-of-mine"}
        )
    seen.add(_envelope(reused))
    assert seen == set(Code) - {Code.REQUEST_RUNNING}  # two at once: test_api_repeating.py
    methods = await api.request("TRACE", "/api/v1/users/me")
    assert methods.headers["allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/*;q=0.1", 200),
        ("text/html, */*;q=0.1", 200),
        ("application/json;q=0, */*", 406),
        ("text/html", 406),
        ("image/png;q=odd", 406),
        ("application/json;q=odd", 200),
    ],
)
async def test_an_answer_is_json_for_whoever_can_read_it(
    api: httpx.AsyncClient, accept: str, status: int
) -> None:
    answer = await api.get("/.well-known/jwks.json", headers={"Accept": accept})
    assert answer.status_code == status


async def test_an_address_that_will_go_says_so_in_every_answer_and_in_the_document() -> None:
    router = Router(prefix="/api/v1", tags=["sprints"])

    @router.get(
        "/old/{number}",
        dependencies=[
            open_to_all("a test", counted=False),
            deprecated(since=date(2026, 3, 1), ends=date(2026, 12, 1), instead="/api/v1/new"),
        ],
    )
    async def old(number: int) -> dict[str, int]:
        """An old address."""
        return {"number": number}

    app = create_api()
    app.include_router(router)
    _first(app)
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(app)) as client:
        for answer in (await client.get("/api/v1/old/7"), await client.get("/api/v1/old/x")):
            assert answer.headers["deprecation"] == "@1772323200"
            assert answer.headers["sunset"] == "Tue, 01 Dec 2026 00:00:00 GMT"
            successor, policy = answer.headers.get_list("link")
            assert successor == '</api/v1/new>; rel="successor-version"'
            assert 'rel="deprecation"' in policy
        assert answer.status_code == 422
        page = await client.get("/api/v1/docs")
        assert "deprecation" not in (await client.get("/health/live")).headers
    operation = app.openapi()["paths"]["/api/v1/old/{number}"]["get"]
    assert operation["deprecated"] is True
    assert operation["description"] == "An old address.\n\nIt ends on 2026-12-01: use `/api/v1/new` instead."
    assert "It ends on 2026-12-01" in page.text
    assert 'id="deprecation"' in page.text
    assert not any(found.get("deprecated") for found in _operations(create_api().openapi()))


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]
