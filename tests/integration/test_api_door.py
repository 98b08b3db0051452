"""The REST door: envelopes, request ids, who gets in, and that no route lacks a permission."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute
from openapi_spec_validator import validate
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sprintreports import settings as settings_module
from sprintreports.api import failures
from sprintreports.api.app import ROUTERS, create_api
from sprintreports.api.door import Needs, Open, rule_of
from sprintreports.identity import sessions, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from sprintreports.kit.errors import TooManyRequests
from tests.applications import rest_app

PASSWORD = "tall green yak 7"
HERE = "http://reports.test"


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(rest_app())) as client:
        yield client


async def _user(role: Role = Role.ADMIN, email: str = "ada@example.org") -> int:
    async with db.transaction() as session:
        made = await users.create(session, Viewer.system(), email=email, password=PASSWORD, role=role)
        return made.id


async def _bearer(user_id: int) -> dict[str, str]:
    async with db.transaction() as session:
        pair = await tokens.issue(session, user_id=user_id, user_agent="", address="", now=clock.now())
        return {"Authorization": f"Bearer {pair.access_token}"}


async def _cookie(user_id: int) -> dict[str, str]:
    async with db.transaction() as session:
        made = await sessions.create(session, user_id=user_id, user_agent="", address="", now=clock.now())
        return {"Cookie": f"{sessions.COOKIE_NAME}={made.token}"}


def _routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_every_route_names_its_permission_or_says_why_it_is_open() -> None:
    assert len(_routes()) >= 8
    for route in _routes():
        rule = rule_of(route)
        assert rule is not None, f"{route.path} lacks a rule"
        assert isinstance(rule, Needs) or (isinstance(rule, Open) and len(rule.why) > 20)


def test_the_routes_open_to_all_are_these() -> None:
    found = {route.path for route in _routes() if isinstance(rule_of(route), Open)}
    assert found == {
        "/api/v1/auth/token",
        "/api/v1/auth/revoke",
        "/api/v1/auth/introspect",
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/api/v1/invitations/acceptance",
        "/api/v1/docs",
        "/api/v1/oauth/atlassian/callback",
        "/api/v1/queue-feeds/{token}",
        "/api/v1/mail-opt-outs/{token}",
        "/api/v1/webhooks/jira/{site_id}",
        "/api/v1/webhooks/jira/{site_id}/{token}",
        "/health",
        "/health/live",
        "/health/ready",
        "/metrics",
    }


@pytest.mark.unmeasured
def test_the_document_is_valid_and_lists_every_route() -> None:
    document = rest_app().openapi()
    validate(document)
    documented = {
        (path, method.upper()) for path, operations in document["paths"].items() for method in operations
    }
    assert documented == {
        (route.path, method) for route in _routes() if route.include_in_schema for method in route.methods
    }
    answers = {
        name for path in document["paths"].values() for found in path.values() for name in found["responses"]
    }
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert {"200", "401", "403", "404", "422"} <= answers


async def test_the_documentation_page_needs_no_network(api: httpx.AsyncClient) -> None:
    page = await api.get("/api/v1/docs")
    assert page.status_code == 200
    assert "/api/v1/users/me" in page.text
    assert "`" not in page.text
    assert '<a href="/">' in page.text
    assert '<summary>Fields of the answer</summary><p><a href="#shape-SprintReportOut">' in page.text
    linked = set(re.findall(r'href="#([^"]+)"', page.text))
    assert linked <= set(re.findall(r'id="([^"]+)"', page.text))
    assert not re.search(r'(?:href|src|action|data|poster)="[^"]*//|url\(|@import', page.text)
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    document = await api.get("/api/v1/openapi.json")
    assert document.json()["info"]["title"] == "Sprint Reports"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/sites/", "/api/v2/sites", "/api", "/api/"])
async def test_unknown_paths_answer_in_the_envelope(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["details"]) == ("NOT_FOUND", [])
    assert error["request_id"] == answer.headers["x-request-id"]


async def test_a_wrong_method_names_the_right_ones(api: httpx.AsyncClient) -> None:
    answer = await api.put("/api/v1/users/me")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, PATCH")
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


async def test_paths_of_the_pages_are_left_alone(api: httpx.AsyncClient) -> None:
    answer = await api.get("/sprints/7")
    assert answer.json() == {"detail": "Not Found"}
    assert "x-request-id" not in answer.headers


async def test_the_pages_mounted_behind_keep_their_own_answers(pg_url: str) -> None:
    async def page(_request: Request) -> Response:
        return PlainTextResponse("a page", status_code=418)

    app = create_api()
    app.mount("", Starlette(routes=[Route("/{rest:path}", page, methods=["GET", "POST"])]))
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(app)) as client:
        assert [
            (await client.get(path)).status_code for path in ("/", "/sprints", "/apiary", "/healthy")
        ] == [418] * 4
        assert (await client.post("/session/sign-in")).status_code == 418
        assert (await client.get("/api/v1/nothing")).json()["error"]["code"] == "NOT_FOUND"
        assert (await client.post("/api/v1/users/me")).status_code == 405
        assert (await client.post("/health")).status_code == 405


async def test_health_tells_of_worker_and_last_sync(api: httpx.AsyncClient) -> None:
    async def found() -> dict[str, tuple[str, int | None]]:
        listed = (await api.get("/health")).json()["dependencies"]
        return {each["name"]: (each["status"], each["age_seconds"]) for each in listed}

    async with db.transaction() as session:
        await session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())"))
        await session.execute(
            text(
                "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message, last_synced_at) "
                "VALUES ('A', 'http://a.test', 'cloud', 'basic', '', 'connected', '', now() - interval '50 minutes')"
            )
        )
    answer = await api.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert (await found())["last_sync"] in {("ok", 3000), ("ok", 3001)}
    async with db.transaction() as session:
        await session.execute(text("UPDATE site SET last_synced_at = now() - interval '1 day'"))
        await session.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        )
    answer = await api.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert (await found())["last_sync"][0] == "degraded"
    assert (await found())["worker"][0] == "failed"


async def test_without_sign_in_nothing_is_said(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/users/me")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_me_by_token(api: httpx.AsyncClient) -> None:
    user_id = await _user(Role.MANAGER)
    answer = await api.get("/api/v1/users/me", headers=await _bearer(user_id))
    body = answer.json()
    assert (answer.status_code, body["meta"], body["links"]) == (200, {}, {"self": "/api/v1/users/me"})
    assert (body["data"]["id"], body["data"]["role"]) == (user_id, "manager")
    assert "sprints:write" in body["data"]["permissions"]
    assert "password" not in answer.text


@pytest.mark.parametrize("value", ["Bearer x.y.z", "Bearer", "Basic YTpi", "bearer  ", "\x7f"])
async def test_a_bad_token_is_not_outweighed_by_a_good_cookie(api: httpx.AsyncClient, value: str) -> None:
    headers = {**await _cookie(await _user()), "Authorization": value}
    answer = await api.get("/api/v1/users/me", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_cookie_reads(api: httpx.AsyncClient) -> None:
    user_id = await _user(Role.VIEWER)
    assert (await api.get("/api/v1/users/me", headers=await _cookie(user_id))).status_code == 200


async def test_unknown_and_repeated_query_parameters_are_named(api: httpx.AsyncClient) -> None:
    headers = await _bearer(await _user())
    answer = await api.get("/api/v1/users/me?colour=red", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"] == [
        {"field": "colour", "message": "This parameter does not exist here."}
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abcdefgh-1", True), ("short", False), ("a" * 65, False), ("a b c d e f", False), ("<script>x", False)],
)
async def test_a_callers_request_id_is_kept_when_it_is_harmless(
    api: httpx.AsyncClient, given: str, kept: bool
) -> None:
    answer = await api.get("/health/live", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert kept or answer.headers["x-request-id"].startswith("req_")


async def test_answers_are_neither_sniffed_framed_nor_stored(api: httpx.AsyncClient) -> None:
    headers = (await api.get("/api/v1/users/me")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


async def test_a_body_too_large_is_refused_unread(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/auth/token", content=b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")


async def test_a_bug_answers_without_a_stack(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError("secret detail")

    headers = await _bearer(await _user())
    monkeypatch.setattr(users, "one", broken)
    answer = await api.get("/api/v1/users/me", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert "secret detail" not in answer.text
    logged = capsys.readouterr()
    assert "ZeroDivisionError" in logged.out + logged.err  # which of them: as the process's logs were set up


async def test_no_database_is_a_sentence_and_not_ready(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = await _bearer(await _user())
    await db.dispose()
    monkeypatch.setenv("SPRINTREPORTS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    settings_module.reload()
    answer = await api.get("/api/v1/users/me", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert "127.0.0.1" not in answer.text
    assert (await api.get("/health/live")).status_code == 200
    for path in ("/health", "/health/ready"):
        found = await api.get(path)
        assert (found.status_code, found.json()["status"]) == (503, "failed")
        assert "127.0.0.1" not in found.text


async def test_ready_when_the_tables_are_up_to_date(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


async def test_health_names_each_dependency(api: httpx.AsyncClient) -> None:
    found = {each["name"]: each["status"] for each in (await api.get("/health")).json()["dependencies"]}
    assert found == {"database": "ok", "worker": "failed", "last_sync": "ok", "reports": "ok"}


async def test_metrics_are_for_this_host_or_the_token(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.get("/health/live")
    local = await api.get("/metrics")
    assert local.status_code == 200
    assert 'sprintreports_http_requests_total{method="GET",route="/health/live",status="200"}' in local.text
    assert (await api.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})).status_code == 403
    monkeypatch.setenv("SPRINTREPORTS_METRICS_TOKEN", "monitor")
    settings_module.reload()
    assert (await api.get("/metrics")).status_code == 403
    assert (await api.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 403
    assert (await api.get("/metrics", headers={"Authorization": "Bearer monitor"})).status_code == 200


async def test_metrics_are_not_for_strangers(pg_url: str) -> None:
    transport = httpx.ASGITransport(rest_app(), client=("192.0.2.1", 1))
    async with http.client(base_url=HERE, transport=transport) as client:
        answer = await client.get("/metrics")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


def test_a_wait_is_told_in_seconds() -> None:
    answer = failures.of_error(TooManyRequests(retry_after=7))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
