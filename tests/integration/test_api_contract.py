"""The published OpenAPI document against the running API, over HTTP: nothing undocumented, nothing that is only promised."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute
from pyotp.totp import TOTP
from sqlalchemy import text

from sprintreports.api.app import ROUTERS
from sprintreports.api.document import operations
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity import sessions, users
from sprintreports.kit import clock, db, http
from tests.integration.contract_baselines import baseline
from tests.integration.contract_exports import export
from tests.integration.contract_publishing import publishing
from tests.integration.contract_queues import queue
from tests.integration.contract_reports import library
from tests.integration.contract_schedules import schedules
from tests.integration.contract_support import Reader
from tests.integration.oauth_support import APP, use_as_atlassian
from tests.integration.webhook_support import drain, letter, served, sign

PASSWORD = "tall green yak 7"
ADMIN = "admin@example.org"
# Registered and not in the document, with the reason.
LEFT_OUT = {
    "/api/v1/docs": "a page for people, made of the document",
    "/api/v1/oauth/atlassian/callback": "a browser on its way back from Atlassian comes here, no program",
}


def test_documented_operations_are_the_registered_routes() -> None:
    from sprintreports.api.app import create_api

    documented = {(path, method.upper()) for path, method, _ in operations(create_api().openapi())}
    registered = {
        (route.path, method)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert {path for path, _ in registered - documented} == set(LEFT_OUT)
    assert documented <= registered


@pytest_asyncio.fixture
async def reader(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Reader, RunningDemo]]:
    async with db.transaction() as session:
        await users.create_first_admin(session, email=ADMIN, password=PASSWORD, now=clock.now())
    with running_demo(scale=0.05, seed="contract") as jira:
        use_as_atlassian(jira, monkeypatch)
        async with served() as base, http.client(base_url=base) as client:
            document = (await client.get("/api/v1/openapi.json")).json()
            yield Reader(client, document), jira


async def test_every_operation_answers_as_documented(reader: tuple[Reader, RunningDemo]) -> None:
    call, jira = reader
    await _open_to_all(call)
    await _sign_in(call)
    site_id = await _connect(call, jira)
    await _read(call)
    await _plan(call)
    await _reconcile(call, jira)
    await _webhooks(call, site_id)
    await _atlassian(call, jira)
    await _people(call)
    await _oneself(call)
    await _programs(call)
    await _administration(call)
    await call("delete_site", site_id=site_id)
    await call(
        "post_my_password", body={"current_password": PASSWORD, "new_password": "nine quiet rivers run"}
    )
    assert call.seen == call.names


async def _sign_in(call: Reader, user: str = ADMIN, password: str = PASSWORD) -> dict[str, str]:
    fields = {"grant_type": "password", "username": user, "password": password}
    call.client.headers.pop("Authorization", None)
    made = await call("post_auth_token", form=fields)
    call.client.headers["Authorization"] = f"Bearer {made['access_token']}"
    return made


async def _open_to_all(call: Reader) -> None:
    async with db.transaction() as session:
        await session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    for name in (
        "get_health", "get_health_live", "get_health_ready", "get_metrics", "get_jwks_json",
        "get_oauth_authorization_server",
    ):  # fmt: skip
        await call(name)


async def _connect(call: Reader, jira: RunningDemo) -> int:
    connection = {"base_url": jira.base_url, "auth": "basic", "account": jira.email, "secret": jira.token}
    site: dict[str, Any] = await call("create_site", body=connection)
    here = {"site_id": site["id"]}
    assert [found["id"] for found in await call("list_sites")] == [site["id"]]
    await call("get_site", **here)
    await call("update_site", body={"name": "Company"}, **here)
    assert (await call("post_site_test", **here))["ok"] is True
    boards = await call("list_site_boards", **here)
    await call("replace_site_boards", body={"selected": [board["id"] for board in boards]}, **here)
    for name in ("get_site_mapping", "get_site_mapping_choices", "get_site_mapping_places"):
        await call(name, **here)
    await call("post_site_mapping_preview", body={}, **here)
    await call("replace_site_mapping", body={}, **here)
    run = await call("post_site_sync", body={"mode": "full"}, **here)
    await call("post_sync_run_cancel", run_id=run["id"])
    await drain()
    run = await call("post_site_sync", **here)
    await drain()
    assert (await call("get_sync_run", run_id=run["id"]))["state"] == "done"
    await call("list_sync_runs", query={"site": site["id"]})
    await call("list_site_absent_issues", query={"why": "deleted"}, **here)
    return site["id"]


async def _read(call: Reader) -> None:
    sprint: dict[str, Any] = (await call("list_sprints", query={"state": "closed", "per_page": 1}))[0]
    here, board = {"sprint_id": sprint["id"]}, {"board_id": sprint["board_id"]}
    await call("get_sprint", **here)
    assert (await call("get_sprint_report", query={"unit": "points"}, **here))["totals"]["issues"] > 0
    for name in (
        "get_sprint_burndown",
        "get_sprint_forecast",
        "list_sprint_scope_changes",
        "list_sprint_issues",
        "list_sprint_analyses",
    ):
        assert await call(name, **here)
    await call("list_boards")
    for name in ("get_board", "list_board_statuses", "get_board_velocity", "get_board_data_quality"):
        await call(name, **board)
    await call("list_board_data_quality", check="without-team", **board)
    await call("update_board", body={"zone": "Europe/Berlin", "days_off": ["2026-04-03"]}, **board)


async def _plan(call: Reader) -> None:
    values = await call("list_disciplines", query={"unmapped": True})
    made = await call("post_disciplines_teams", body={"discipline_ids": [one["id"] for one in values[:2]]})
    here, other = ({"team_id": team["id"]} for team in made)
    added = await call("create_team", body={"name": "Operations", "country": "DE", "subdivision": "BE"})
    extra = {"team_id": added["id"]}
    for name in ("get_team", "list_team_disciplines", "list_team_days_off", "get_team_month"):
        await call(name, **here)
    assert (await call("list_holiday_countries", query={"search": "germany"}))[0]["name"] == "Germany"
    await call("update_team", body={"zone": "Europe/Berlin", "parent_id": added["id"]}, **here)
    both = {"team_ids": [here["team_id"], other["team_id"]], "focus": 75}
    assert {one["focus"] for one in await call("update_teams", body=both)} == {75}
    assert [one["parent_name"] for one in await call("list_teams", query={"parent": added["id"]})] == [
        "Operations"
    ]
    taken = [*values[0:1], *values[2:3]]
    await call("replace_team_disciplines", body={"discipline_ids": [one["id"] for one in taken]}, **here)
    await call("replace_team_days_off", body={"days_off": [{"first_day": "2099-12-24"}]}, **here)
    await _staff(call, here)
    await _count(call, here)
    await queue(call)
    await library(call)
    await baseline(call)
    await export(call)
    await publishing(call)
    await schedules(call)
    await call("post_team_merge", body={"into": here["team_id"]}, **other)
    await call("delete_team", **extra)


async def _staff(call: Reader, here: dict[str, int]) -> None:
    joining = (await call("list_team_suggested_members", **here))[0]["jira_person_id"]
    await call("create_team_member", body={"jira_person_ids": [joining]}, **here)
    listed = await call("create_team_member", body={"name": "Grace", "email": "grace@example.org"}, **here)
    grace = {"member_id": next(one["person_id"] for one in listed if one["name"] == "Grace")}
    await call("get_team_member", **here, **grace)
    await call("update_team_member", body={"share": 50, "since": "2025-01-01"}, **here, **grace)
    wanted = [{name: one[name] for name in ("person_id", "share", "since", "until")} for one in listed]
    await call("replace_team_members", body={"members": wanted}, **here)
    assert len(await call("list_team_members", **here)) == 2
    lines = {"text": "name,share\nGrace,40\n"}
    assert (await call("post_team_members_paste", body=lines, **here))["stored"] == 1
    await call("list_people", query={"team": here["team_id"], "search": "grace"})
    await call("get_person", **grace)
    await call("update_person", body={"part_time": 80, "skills": ["SQL"]}, **grace)
    await call("post_person_aliases", body={"alias": "G. Hopper"}, **grace)
    away = {"person_id": grace["member_id"], "first_day": "2026-05-04", "last_day": "2026-05-05"}
    absence = {"absence_id": (await call("create_absence", body=away))["id"]}
    await call("get_absence", **absence)
    await call("update_absence", body={"part": "morning"}, **absence)
    assert await call("list_absences", query={"first_day": "2026-05-01", "team": here["team_id"]})
    await call("delete_absence", **absence)
    file, kind = b"name,from,to\nG. Hopper,2026-05-04,2026-05-05\n", {"Content-Type": "text/csv"}
    query = {"first_day": "2026-05-01"}
    taken = await call("post_absences_import", content=file, headers=kind, query=query)
    assert (taken["added"], taken["unmatched_total"]) == (1, 0)
    await call("delete_team_member", **here, **grace)


async def _count(call: Reader, here: dict[str, int]) -> None:
    listed = await call("list_sprints", query={"state": "active", "per_page": 1})
    there = {"sprint_id": listed[0]["id"]}
    table = await call("get_sprint_capacity", query={"past": 3, "coming": 1}, **there)
    assert here["team_id"] in {line["team_id"] for line in table["teams"]}
    await call("get_sprint_team_capacity", **there, **here)
    figure = {"measure": "focus", "value": 70}
    await call("post_sprint_team_what_if", body={"figures": [figure]}, **there, **here)
    body = figure | {"reason": "An audit."}
    made = await call("create_sprint_team_capacity_override", body=body, **there, **here)
    assert len(await call("list_sprint_capacity_overrides", **there)) == 1
    await call("post_sprint_team_capacity_overrides_copy", **there, **here)
    await call("delete_sprint_team_capacity_override", override_id=made["id"], **there, **here)


async def _reconcile(call: Reader, jira: RunningDemo) -> None:
    sprint: dict[str, Any] = (await call("list_sprints", query={"state": "closed", "per_page": 1}))[0]
    here, board = {"sprint_id": sprint["id"]}, {"board_id": sprint["board_id"]}
    await call("get_sprint_reconciliation", **here)
    await call("post_sprint_reconciliation", **here)
    listed = await call("get_board", **board)
    query = {"rapidViewId": listed["jira_board_id"], "sprintId": sprint["jira_sprint_id"]}
    async with http.client(base_url=jira.base_url) as outside:
        report = (
            await outside.get(
                "/rest/greenhopper/1.0/rapid/charts/sprintreport", params=query, auth=(jira.email, jira.token)
            )
        ).json()
    await call("replace_sprint_reconciliation", body=report, **here)
    for name in ("get_board_reconciliation", "post_board_reconciliation", "delete_board_reconciliation"):
        await call(name, **board)


async def _webhooks(call: Reader, site_id: int) -> None:
    here = {"site_id": site_id}
    made = await call("create_site_webhook", **here)
    await call("get_site_webhook", **here)
    body, kind = letter(issue={"id": "10001", "key": "SHOP-1"}), {"Content-Type": "application/json"}
    signed = kind | {"X-Hub-Signature": sign(made["secret"], body)}
    receipt = await call("post_webhooks_jira", content=body, headers=signed, **here)
    token = urlsplit(made["url_with_token"]).path.rpartition("/")[2]
    await call(
        "post_webhooks_jira_with_token",
        content=letter(issue={"id": "10002"}),
        headers=kind,
        token=token,
        **here,
    )
    await call("get_site_webhook_tally", **here)
    await call("list_site_webhook_deliveries", query={"outcome": "waiting"}, **here)
    there = here | {"delivery_id": receipt["delivery_id"]}
    await call("get_site_webhook_delivery", **there)
    await call("post_site_webhook_delivery_retry", **there)
    await call("delete_site_webhook", **here)


async def _atlassian(call: Reader, jira: RunningDemo) -> None:
    await asyncio.to_thread(jira.atlassian, sites=2)
    await call("get_oauth_atlassian")
    begun = await call("create_oauth_atlassian_sign_in", body=APP)
    here = {"request_id": begun["request_id"]}
    async with http.client() as outside:
        back = urlsplit((await outside.get(begun["authorize_url"])).headers["Location"])
    cookie = {"Cookie": f"{sessions.COOKIE_NAME}={await _session_of(call)}"}
    returned = await call.client.get(f"{back.path}?{back.query}", headers=cookie)
    assert returned.status_code == 303, returned.text
    stood = await call("get_oauth_atlassian_sign_in", **here)
    assert stood["stage"] == "choose", stood
    body = {"cloud_id": stood["choices"][1]["cloud_id"]}
    site = {"site_id": (await call("post_oauth_atlassian_sign_in_choice", body=body, **here))["site_id"]}
    for name in ("get_site_oauth", "replace_site_oauth_webhook", "delete_site_oauth_webhook"):
        await call(name, **site)


async def _session_of(call: Reader) -> str:
    """The cookie of a browser of the same person."""
    me = await call("get_me")
    async with db.transaction() as session:
        made = await sessions.create(session, user_id=me["id"], user_agent="", address="", now=clock.now())
    return made.token


async def _people(call: Reader) -> None:
    body = {"email": "ada@example.org", "password": PASSWORD, "role": "manager", "name": "Ada"}
    ada = {"user_id": (await call("create_user", body=body))["id"]}
    await call("list_users", query={"search": "ada"})
    await call("get_user", **ada)
    await call("update_user", body={"name": "Ada King"}, **ada)
    await call("get_user_grants", **ada)
    await call("replace_user_grants", body={"role": "viewer", "limited": []}, **ada)
    await call("post_user_sign_out", **ada)
    await call("post_user_password_reset", **ada)
    await _lost_second_factor(call, ada["user_id"])
    await call("get_user_personal_data", **ada)
    await call("delete_user", **ada)
    invited = await call("create_invitation", body={"email": "bob@example.org", "role": "user"})
    token = invited["link"]["link"].partition("#")[2]
    await call("post_invitations_acceptance", body={"token": token, "password": PASSWORD})
    await call("post_user_erasure", user_id=invited["user"]["id"])
    await call("list_jira_teams")
    await call("list_jira_people", query={"search": "a"})
    people = await call("list_privacy_people")
    await call("get_privacy_person_personal_data", person_id=people[0]["id"])
    await call("post_privacy_person_erasure", person_id=people[0]["id"])


async def _lost_second_factor(call: Reader, user_id: int) -> None:
    admin = call.client.headers["Authorization"]
    await _sign_in(call, "ada@example.org")
    made = await call("create_my_second_factor")
    await call("post_my_second_factor_confirmation", body={"code": TOTP(made["secret"]).at(clock.now())})
    call.client.headers["Authorization"] = admin
    await call("delete_user_second_factor", user_id=user_id)


async def _oneself(call: Reader) -> None:
    await call("update_me", body={"theme": "dark", "time_zone": "Europe/Berlin"})
    await call("get_my_personal_data")
    await _session_of(call)
    listed = await call("list_my_sessions")
    await call("delete_my_session", session_id=listed[0]["id"])
    await call("get_my_second_factor")
    made = await call("create_my_second_factor")
    await call("post_my_second_factor_confirmation", body={"code": TOTP(made["secret"]).at(clock.now())})
    await call("create_my_second_factor_recovery_code")
    await call("delete_my_second_factor")
    await call("delete_my_sessions")
    told = await call("list_my_notices", query={"unread": True})
    assert {one["kind"] for one in told} == {"second_factor"}
    await call("post_my_notice_read", notice_id=told[0]["id"])
    assert (await call("post_my_notices_read"))["read"] == len(told) - 1
    await call("get_my_notice_choices")
    await call("replace_my_notice_choices", body={"wanted": {"api_key_ends": False}})


async def _programs(call: Reader) -> None:
    made = await call("create_api_key", body={"name": "Nightly export", "scopes": ["sprints:read"]})
    key = {"key_id": made["id"]}
    await call("list_api_keys")
    await call("get_api_key", **key)
    await call("update_api_key", body={"per_minute": 60}, **key)
    await call("delete_api_key", **key)
    service = {"name": "Status board", "scopes": ["sprints:read"], "role": "viewer"}
    made = await call("create_oauth_client", body=service)
    client = {"client_id": made["id"]}
    await call("list_oauth_clients")
    await call("get_oauth_client", **client)
    await call("update_oauth_client", body={"name": "Wall"}, **client)
    made = await call("post_oauth_client_secret", **client)
    basic = b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
    shown = {"Authorization": f"Basic {basic}"}
    token = (await call("post_auth_token", form={"grant_type": "client_credentials"}, headers=shown))[
        "access_token"
    ]
    assert (await call("post_auth_introspect", form={"token": token}, headers=shown))["active"] is True
    await call("post_auth_revoke", form={"token": token}, headers=shown)
    await call("delete_oauth_client", **client)


async def _administration(call: Reader) -> None:
    policy = await call("get_sign_in_policy")
    await call("replace_sign_in_policy", body=policy)
    allowed = await call("get_outgoing_requests")
    await call("replace_outgoing_requests", body={"allowed": allowed["allowed"]})
    options = {"issuer": "https://id.example.org/realms/company", "client_id": "sprint-reports"}
    body = {"name": "Keycloak", "preset": "keycloak", "client_secret": "x" * 20, "options": options}
    provider = {"provider_id": (await call("create_sign_in_provider", body=body))["id"]}
    await call("list_sign_in_providers")
    await call("get_sign_in_provider", **provider)
    await call("update_sign_in_provider", body={"name": "Company"}, **provider)
    trial = await call("create_sign_in_provider_test", **provider)
    await call("get_sign_in_provider_test", test_id=trial["id"], **provider)
    await call("delete_sign_in_provider", **provider)
    assert await call("list_audit_entries", query={"per_page": 5})
    assert (await call("get_audit_entries_export")).startswith("\ufeff")
    assert json.loads(json.dumps(await call("get_audit_entries_export", query={"format": "json"})))
