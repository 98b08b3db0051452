"""What each route needs, compared with what it declares, and that nothing sent to it is a failure of ours.

Who gets what is asked of a running server in test_matrix_http.py, with this table and these bodies.
"""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from sprintreports.api.app import ROUTERS
from sprintreports.api.door import Needs, rule_of
from sprintreports.identity import tokens, users
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from tests.applications import rest_app
from tests.integration import (
    matrix_baselines,
    matrix_exports,
    matrix_publishing,
    matrix_queues,
    matrix_reports,
    matrix_schedules,
)

HERE = "http://reports.test"
BODIES = {
    "/api/v1/users": {"email": "new@example.org", "password": "tall green yak 7", "role": "viewer"},
    "/api/v1/users/me": {"theme": "dark"},
    "/api/v1/users/me/second-factor/confirmation": {"code": "1"},
    "/api/v1/users/me/password": {"current_password": "not mine", "new_password": "tall green yak 8"},
    "/api/v1/users/me/notice-choices": {"wanted": {"api_key_ends": False}},
    "/api/v1/sign-in-policy": {"local_sign_in": True, "second_factor_roles": []},
    "/api/v1/outgoing-requests": {"allowed": ["10.0.0.0/8"]},
    "/api/v1/users/{user_id}": {"name": "Other"},
    "/api/v1/users/{user_id}/grants": {"role": "viewer"},
    "/api/v1/invitations": {"email": "guest@example.org", "role": "viewer"},
    "/api/v1/sites": {"base_url": "http://127.0.0.1:1", "auth": "bearer", "secret": "x"},
    "/api/v1/sites/{site_id}": {"name": "Other"},
    "/api/v1/sites/{site_id}/boards": {"selected": [1]},
    "/api/v1/sites/{site_id}/mapping": {},
    "/api/v1/sites/{site_id}/mapping/preview": {},
    "/api/v1/oauth/atlassian/sign-ins": {"client_id": "app", "client_secret": "x"},
    "/api/v1/oauth/atlassian/sign-ins/{request_id}/choice": {"cloud_id": "x"},
    "/api/v1/boards/{board_id}": {"selected": True},
    "/api/v1/api-keys": {"name": "Key", "scopes": ["sprints:read"]},
    "/api/v1/api-keys/{key_id}": {"name": "Key"},
    "/api/v1/sign-in-providers": {
        "name": "K",
        "preset": "keycloak",
        "options": {"issuer": "https://id.example.org/realms/a", "client_id": "sprint"},
    },
    "/api/v1/sign-in-providers/{provider_id}": {"enabled": False},
    "/api/v1/oauth-clients": {"name": "C", "scopes": ["sprints:read"], "role": "viewer"},
    "/api/v1/oauth-clients/{client_id}": {"name": "C"},
    "/api/v1/sprints/{sprint_id}/reconciliation": {"contents": {}, "sprint": {"id": 1}},
    "/api/v1/teams": {"name": "QA"},
    "/api/v1/teams/{team_id}": {"focus": 70},
    "/api/v1/teams/{team_id}/merge": {"into": 999_999},
    "/api/v1/teams/{team_id}/disciplines": {"discipline_ids": []},
    "/api/v1/teams/{team_id}/days-off": {"days_off": [{"first_day": "2099-12-24"}]},
    "/api/v1/teams/{team_id}/members/{member_id}": {"share": 50},
    "/api/v1/teams/{team_id}/members/paste": {"text": "Nobody;50"},
    "/api/v1/people/{member_id}": {"part_time": 80},
    "/api/v1/people/{member_id}/aliases": {"alias": "Nobody"},
    "/api/v1/disciplines/teams": {"discipline_ids": [999_999]},
    "/api/v1/absences": {"person_id": 999_999, "first_day": "2026-05-04"},
    "/api/v1/absences/{absence_id}": {"part": "morning"},
    "/api/v1/sprints/{sprint_id}/teams/{team_id}/what-if": {"figures": [{"measure": "focus", "value": 70}]},
    "/api/v1/sprints/{sprint_id}/teams/{team_id}/capacity-overrides": {
        "measure": "days",
        "value": 8,
        "reason": "A conference.",
    },
    "/api/v1/queues/{queue_id}/feeds": {"name": "My phone"},
}
# Where one address takes bodies of two kinds.
BODIES_OF = {
    "PUT /api/v1/teams/{team_id}/members": {"members": []},
    "PATCH /api/v1/teams": {"team_ids": [999_999], "focus": 70},
    "POST /api/v1/teams/{team_id}/members": {"name": "Nobody else"},
}


def body_of(route: str) -> dict[str, Any] | None:
    """A body that fits a route, such as `POST /api/v1/sites`."""
    return BODIES_OF.get(
        route,
        (
            BODIES
            | matrix_queues.BODIES
            | matrix_baselines.BODIES
            | matrix_exports.BODIES
            | matrix_reports.BODIES
            | matrix_publishing.BODIES
            | matrix_schedules.BODIES
        ).get(route.partition(" ")[2]),
    )


GUARDED = sorted(
    (route.path, method, rule.permission)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and isinstance(rule := rule_of(route), Needs)
    for method in route.methods
)
# What the user's matrix says of each route: the declared permission is checked against this list, not against itself.
EXPECTED = (
    {
        "GET /api/v1/users/me": None,
        "GET /api/v1/api-keys": None,
        "POST /api/v1/api-keys": None,
        "GET /api/v1/api-keys/{key_id}": None,
        "PATCH /api/v1/api-keys/{key_id}": None,
        "DELETE /api/v1/api-keys/{key_id}": None,
        "GET /api/v1/sign-in-providers": "settings:read",
        "POST /api/v1/sign-in-providers": "settings:write",
        "GET /api/v1/sign-in-providers/{provider_id}": "settings:read",
        "PATCH /api/v1/sign-in-providers/{provider_id}": "settings:write",
        "DELETE /api/v1/sign-in-providers/{provider_id}": "settings:write",
        "POST /api/v1/sign-in-providers/{provider_id}/tests": "settings:write",
        "GET /api/v1/sign-in-providers/{provider_id}/tests/{test_id}": "settings:write",
        "GET /api/v1/oauth-clients": "settings:read",
        "POST /api/v1/oauth-clients": "settings:write",
        "GET /api/v1/oauth-clients/{client_id}": "settings:read",
        "PATCH /api/v1/oauth-clients/{client_id}": "settings:write",
        "POST /api/v1/oauth-clients/{client_id}/secret": "settings:write",
        "DELETE /api/v1/oauth-clients/{client_id}": "settings:write",
        "PATCH /api/v1/users/me": None,
        "GET /api/v1/users/me/sessions": None,
        "DELETE /api/v1/users/me/sessions": None,
        "DELETE /api/v1/users/me/sessions/{session_id}": None,
        "GET /api/v1/users/me/second-factor": None,
        "POST /api/v1/users/me/second-factor": None,
        "DELETE /api/v1/users/me/second-factor": None,
        "POST /api/v1/users/me/second-factor/confirmation": None,
        "POST /api/v1/users/me/second-factor/recovery-codes": None,
        "POST /api/v1/users/me/password": None,
        "GET /api/v1/users/me/notices": None,
        "POST /api/v1/users/me/notices/read": None,
        "POST /api/v1/users/me/notices/{notice_id}/read": None,
        "GET /api/v1/users/me/notice-choices": None,
        "PUT /api/v1/users/me/notice-choices": None,
        "DELETE /api/v1/users/{user_id}/second-factor": "users:write",
        "GET /api/v1/sign-in-policy": "settings:read",
        "PUT /api/v1/sign-in-policy": "settings:write",
        "GET /api/v1/outgoing-requests": "settings:read",
        "PUT /api/v1/outgoing-requests": "settings:write",
        "GET /api/v1/users": "users:read",
        "POST /api/v1/users": "users:write",
        "GET /api/v1/users/{user_id}": "users:read",
        "PATCH /api/v1/users/{user_id}": "users:write",
        "DELETE /api/v1/users/{user_id}": "users:write",
        "GET /api/v1/users/{user_id}/grants": "users:read",
        "PUT /api/v1/users/{user_id}/grants": "users:write",
        "POST /api/v1/users/{user_id}/sign-out": "users:write",
        "POST /api/v1/users/{user_id}/password-reset": "users:write",
        "POST /api/v1/invitations": "users:write",
        "GET /api/v1/jira-teams": "users:write",
        "GET /api/v1/jira-people": "users:write",
        "GET /api/v1/sites": "settings:read",
        "POST /api/v1/sites": "settings:write",
        "GET /api/v1/sites/{site_id}": "settings:read",
        "PATCH /api/v1/sites/{site_id}": "settings:write",
        "DELETE /api/v1/sites/{site_id}": "settings:write",
        "POST /api/v1/sites/{site_id}/test": "settings:write",
        "POST /api/v1/sites/{site_id}/sync": "settings:write",
        "GET /api/v1/sites/{site_id}/boards": "settings:write",
        "PUT /api/v1/sites/{site_id}/boards": "settings:write",
        "GET /api/v1/sites/{site_id}/mapping": "settings:write",
        "GET /api/v1/sites/{site_id}/mapping/choices": "settings:write",
        "PUT /api/v1/sites/{site_id}/mapping": "settings:write",
        "GET /api/v1/sites/{site_id}/mapping/places": "settings:write",
        "POST /api/v1/sites/{site_id}/mapping/preview": "settings:write",
        "GET /api/v1/sites/{site_id}/absent-issues": "settings:read",
        "GET /api/v1/sites/{site_id}/webhook": "settings:read",
        "POST /api/v1/sites/{site_id}/webhook": "settings:write",
        "DELETE /api/v1/sites/{site_id}/webhook": "settings:write",
        "GET /api/v1/sites/{site_id}/webhook-tally": "settings:read",
        "GET /api/v1/sites/{site_id}/webhook-deliveries": "settings:read",
        "GET /api/v1/sites/{site_id}/webhook-deliveries/{delivery_id}": "settings:read",
        "POST /api/v1/sites/{site_id}/webhook-deliveries/{delivery_id}/retry": "settings:write",
        "GET /api/v1/oauth/atlassian": "settings:read",
        "POST /api/v1/oauth/atlassian/sign-ins": "settings:write",
        "GET /api/v1/oauth/atlassian/sign-ins/{request_id}": "settings:write",
        "POST /api/v1/oauth/atlassian/sign-ins/{request_id}/choice": "settings:write",
        "GET /api/v1/sites/{site_id}/oauth": "settings:read",
        "PUT /api/v1/sites/{site_id}/oauth/webhook": "settings:write",
        "DELETE /api/v1/sites/{site_id}/oauth/webhook": "settings:write",
        "GET /api/v1/boards": "sprints:read",
        "GET /api/v1/boards/{board_id}": "sprints:read",
        "PATCH /api/v1/boards/{board_id}": "settings:write",
        "GET /api/v1/boards/{board_id}/statuses": "settings:write",
        "GET /api/v1/boards/{board_id}/velocity": "sprints:read",
        "GET /api/v1/boards/{board_id}/data-quality": "sprints:read",
        "GET /api/v1/boards/{board_id}/data-quality/{check}": "sprints:read",
        "GET /api/v1/sprints": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}/report": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}/burndown": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}/forecast": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}/scope-changes": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}/issues": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}/analyses": "sprints:read",
        "GET /api/v1/sprints/{sprint_id}/reconciliation": "sprints:read",
        "POST /api/v1/sprints/{sprint_id}/reconciliation": "settings:write",
        "PUT /api/v1/sprints/{sprint_id}/reconciliation": "settings:write",
        "GET /api/v1/boards/{board_id}/reconciliation": "sprints:read",
        "POST /api/v1/boards/{board_id}/reconciliation": "settings:write",
        "DELETE /api/v1/boards/{board_id}/reconciliation": "settings:write",
        "GET /api/v1/sprints/{sprint_id}/capacity": "capacity:read",
        "GET /api/v1/sprints/{sprint_id}/capacity-overrides": "capacity:read",
        "GET /api/v1/sprints/{sprint_id}/teams/{team_id}/capacity": "capacity:read",
        "POST /api/v1/sprints/{sprint_id}/teams/{team_id}/what-if": "capacity:read",
        "POST /api/v1/sprints/{sprint_id}/teams/{team_id}/capacity-overrides": "capacity:write",
        "POST /api/v1/sprints/{sprint_id}/teams/{team_id}/capacity-overrides/copy": "capacity:write",
        "DELETE /api/v1/sprints/{sprint_id}/teams/{team_id}/capacity-overrides/{override_id}": "capacity:write",
        "GET /api/v1/queues/{queue_id}/feeds": "queues:read",
        "POST /api/v1/queues/{queue_id}/feeds": "queues:read",
        "DELETE /api/v1/queues/{queue_id}/feeds/{feed_id}": "queues:read",
        "GET /api/v1/teams": "capacity:read",
        "POST /api/v1/teams": "capacity:write",
        "PATCH /api/v1/teams": "capacity:write",
        "GET /api/v1/teams/{team_id}": "capacity:read",
        "PATCH /api/v1/teams/{team_id}": "capacity:write",
        "DELETE /api/v1/teams/{team_id}": "capacity:write",
        "POST /api/v1/teams/{team_id}/merge": "capacity:write",
        "GET /api/v1/teams/{team_id}/disciplines": "capacity:read",
        "PUT /api/v1/teams/{team_id}/disciplines": "capacity:write",
        "GET /api/v1/teams/{team_id}/days-off": "capacity:read",
        "PUT /api/v1/teams/{team_id}/days-off": "capacity:write",
        "GET /api/v1/teams/{team_id}/members": "capacity:read",
        "PUT /api/v1/teams/{team_id}/members": "capacity:write",
        "POST /api/v1/teams/{team_id}/members": "capacity:write",
        "GET /api/v1/teams/{team_id}/members/{member_id}": "capacity:read",
        "PATCH /api/v1/teams/{team_id}/members/{member_id}": "capacity:write",
        "DELETE /api/v1/teams/{team_id}/members/{member_id}": "capacity:write",
        "GET /api/v1/teams/{team_id}/suggested-members": "capacity:read",
        "POST /api/v1/teams/{team_id}/members/paste": "capacity:write",
        "GET /api/v1/teams/{team_id}/month": "capacity:read",
        "GET /api/v1/holiday-countries": "capacity:read",
        "GET /api/v1/disciplines": "capacity:read",
        "POST /api/v1/disciplines/teams": "capacity:write",
        "GET /api/v1/people": "capacity:read",
        "GET /api/v1/people/{member_id}": "capacity:read",
        "PATCH /api/v1/people/{member_id}": "capacity:write",
        "POST /api/v1/people/{member_id}/aliases": "capacity:write",
        "GET /api/v1/absences": "capacity:read",
        "POST /api/v1/absences": "capacity:write",
        "POST /api/v1/absences/import": "capacity:write",
        "GET /api/v1/absences/{absence_id}": "capacity:read",
        "PATCH /api/v1/absences/{absence_id}": "capacity:write",
        "DELETE /api/v1/absences/{absence_id}": "capacity:write",
        "GET /api/v1/users/me/personal-data": None,
        "GET /api/v1/users/{user_id}/personal-data": "users:write",
        "POST /api/v1/users/{user_id}/erasure": "users:write",
        "GET /api/v1/privacy/people": "users:write",
        "GET /api/v1/privacy/people/{person_id}/personal-data": "users:write",
        "POST /api/v1/privacy/people/{person_id}/erasure": "users:write",
        "GET /api/v1/audit-entries": "settings:read",
        "GET /api/v1/audit-entries/export": "settings:read",
        "GET /api/v1/sync-runs": "settings:read",
        "GET /api/v1/sync-runs/{run_id}": "settings:read",
        "POST /api/v1/sync-runs/{run_id}/cancel": "settings:write",
    }
    | matrix_queues.EXPECTED
    | matrix_baselines.EXPECTED
    | matrix_exports.EXPECTED
    | matrix_reports.EXPECTED
    | matrix_publishing.EXPECTED
    | matrix_schedules.EXPECTED
)
ODD = (
    "0",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "1.5",
    "x",
    "1%00",
    "%F0%9F%92%A9",
    "1e3",
    "' OR 1=1",
)


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(rest_app())) as client:
        yield client


async def _as(role: Role) -> dict[str, str]:
    async with db.transaction() as session:
        made = await users.create(
            session, Viewer.system(), email=f"{role}@example.org", password="tall green yak 7", role=role
        )
        now = clock.now()
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=now)
        return {"Authorization": f"Bearer {pair.access_token}"}


def _path(template: str, value: str = "1") -> str:
    return re.sub(r"\{\w+\}", value, template)


def _declared() -> dict[str, Permission | None]:
    return {f"{method} {path}": permission for path, method, permission in GUARDED}


def test_routes_declare_what_the_matrix_says() -> None:
    assert _declared() == EXPECTED


async def test_odd_ids_and_values_are_never_a_failure_of_ours(api: httpx.AsyncClient) -> None:
    headers = await _as(Role.SUPER_ADMIN)
    for path, method, _ in GUARDED:
        for odd in ODD if "{" in path else ():
            body = body_of(f"{method} {path}")
            answer = await api.request(method, _path(path, odd), json=body, headers=headers)
            if (path, odd) == ("/api/v1/baseline-rules/{board_id}", "0"):
                assert answer.status_code < 500  # 0 stands for all boards there
                continue
            assert answer.status_code in {404, 422}, f"{method} {path} {odd}: {answer.text}"
            assert answer.json()["error"]["request_id"]
    for name in (
        "state",
        "board",
        "search",
        "page",
        "per_page",
        "unit",
        "sort",
        "bucket",
        "last",
        "descending",
    ):
        for path in ("/api/v1/sprints", "/api/v1/sprints/1/issues", "/api/v1/boards/1/velocity"):
            for odd in ("", *ODD):
                answer = await api.get(f"{path}?{name}={odd}", headers=headers)
                assert answer.status_code in {200, 404, 422}, f"{path}?{name}={odd}: {answer.text}"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("per_page=101", "per_page"),
        ("per_page=0", "per_page"),
        ("page=0", "page"),
        ("state=open", "state"),
        ("board=x", "board"),
        ("page=1&page=2", "page"),
        ("sprint=1", "sprint"),
        ("search=%01", "search"),
    ],
)
async def test_a_bad_parameter_is_named(api: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await api.get(f"/api/v1/sprints?{query}", headers=await _as(Role.VIEWER))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "VALIDATION_ERROR")
    assert [detail["field"] for detail in error["details"]] == [field]
    assert all(detail["message"] for detail in error["details"])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("{", {"body"}),
        ("[]", {"body"}),
        ("{}", {"base_url", "auth", "secret"}),
        ('{"base_url": "http://x", "auth": "bearer", "secret": "x", "colour": 1}', {"colour"}),
        ('{"base_url": "http://x", "auth": "kerberos", "secret": "x"}', {"auth"}),
        ('{"base_url": "http://x", "auth": "bearer", "secret": "x", "name": "\\u0000"}', {"name"}),
        ('{"base_url": "http://x", "auth": "bearer", "secret": "", "name": 7}', {"secret", "name"}),
        ('{"base_url": "http://u:p@x", "auth": "bearer", "secret": "x"}', {"base_url"}),
        ('{"base_url": "ftp://x", "auth": "bearer", "secret": "x"}', {"base_url"}),
        ('{"base_url": "http://x", "auth": "basic", "secret": "x"}', {"account"}),
    ],
)
async def test_a_bad_body_is_named(api: httpx.AsyncClient, body: str, fields: set[str]) -> None:
    headers = {**await _as(Role.ADMIN), "Content-Type": "application/json"}
    answer = await api.post("/api/v1/sites", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert {detail["field"] for detail in answer.json()["error"]["details"]} == fields
    assert "u:p" not in answer.text


async def test_a_jira_that_does_not_answer_is_a_sentence_and_nothing_is_stored(
    api: httpx.AsyncClient,
) -> None:
    headers = await _as(Role.ADMIN)
    answer = await api.post("/api/v1/sites", json=BODIES["/api/v1/sites"], headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "UPSTREAM_FAILED")
    assert len(answer.json()["error"]["message"]) > 30
    assert (await api.get("/api/v1/sites", headers=headers)).json()["data"] == []


async def test_an_empty_installation_has_empty_lists(api: httpx.AsyncClient) -> None:
    headers = await _as(Role.ADMIN)
    for path in ("/api/v1/sites", "/api/v1/boards", "/api/v1/sprints", "/api/v1/sync-runs"):
        body = (await api.get(path, headers=headers)).json()
        assert body["data"] == []
        assert body["meta"] == {"total": 0, "page": 1, "per_page": 25}
        assert (body["links"]["prev"], body["links"]["next"]) == (None, None)
