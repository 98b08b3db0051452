"""Users over HTTP: an admin invites, limits, resets and removes; what was open is over at the next request."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from sprintreports.identity import sessions, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from tests.applications import rest_app
from tests.integration.jira_site import fill, make_site
from tests.integration.test_reads import sample

PASSWORD = "tall green yak 7"
HERE = "http://reports.test"


class Api:
    """One person's requests."""

    def __init__(self, client: httpx.AsyncClient, user_id: int, headers: dict[str, str]) -> None:
        self.client, self.user_id, self.headers = client, user_id, headers

    async def __call__(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = await self.client.request(method, f"/api/v1{path}", json=body, headers=self.headers)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@pytest_asyncio.fixture
async def client(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(rest_app())) as client:
        yield client


async def person(client: httpx.AsyncClient, role: Role, *, cookie: bool = False) -> Api:
    async with db.transaction() as session:
        made = await users.create(
            session, Viewer.system(), email=f"{role}@example.org", password=PASSWORD, role=role
        )
    return Api(client, made.id, await signed_in(made.id, cookie=cookie))


async def signed_in(user_id: int, *, cookie: bool = False) -> dict[str, str]:
    async with db.transaction() as session:
        if cookie:
            opened = await sessions.create(
                session, user_id=user_id, user_agent="", address="", now=clock.now()
            )
            return {"Cookie": f"{sessions.COOKIE_NAME}={opened.token}", "Sec-Fetch-Site": "same-origin"}
        pair = await tokens.issue(session, user_id=user_id, user_agent="", address="", now=clock.now())
    return {"Authorization": f"Bearer {pair.access_token}"}


async def test_an_invitation_from_link_to_first_sign_in(client: httpx.AsyncClient) -> None:
    admin = await person(client, Role.ADMIN)
    body = {"email": "new@example.org", "role": "user", "name": "Newt"}
    made = (await admin("POST", "/invitations", body, status=201))["data"]
    assert (made["user"]["state"], made["link"]["purpose"]) == ("invited", "invitation")
    address, token = made["link"]["link"].split("#")
    assert address.endswith("/invitation")
    assert token not in str(await admin("GET", f"/users/{made['user']['id']}"))
    anyone = Api(client, 0, {})
    taken = {"token": token, "password": PASSWORD}
    refused = await anyone("POST", "/invitations/acceptance", {**taken, "password": "short"}, status=422)
    assert refused["error"]["details"][0]["field"] == "password"
    await anyone("POST", "/invitations/acceptance", taken, status=204)
    await anyone("POST", "/invitations/acceptance", taken, status=422)
    form = {"grant_type": "password", "username": "new@example.org", "password": PASSWORD}
    assert (await client.post("/api/v1/auth/token", data=form)).status_code == 200
    again = (await admin("POST", f"/users/{made['user']['id']}/password-reset"))["data"]
    assert again["purpose"] == "password_reset"


async def test_what_an_admin_takes_away_is_gone_at_the_next_request(client: httpx.AsyncClient) -> None:
    admin = await person(client, Role.ADMIN)
    for cookie in (False, True):
        made = await admin(
            "POST",
            "/users",
            {"email": f"m{cookie}@example.org", "password": PASSWORD, "role": "manager"},
            status=201,
        )
        path = f"/users/{made['data']['id']}"
        for method, suffix, body in (
            ("PUT", "/grants", {"role": "viewer"}),
            ("POST", "/sign-out", None),
            ("PATCH", "", {"active": False}),
            ("PATCH", "", {"active": True}),
            ("DELETE", "", None),
        ):
            if body == {"active": True}:
                await admin(method, path + suffix, body)
                continue
            theirs = Api(client, 0, await signed_in(made["data"]["id"], cookie=cookie))
            await theirs("GET", "/users/me")
            status = 204 if suffix == "/sign-out" or method == "DELETE" else 200
            await admin(method, path + suffix, body, status=status)
            await theirs("GET", "/users/me", status=401)
        await admin("GET", path, status=404)


async def filled(boards: tuple[int, ...] = (7,)) -> None:
    async with db.transaction() as session:
        await fill(session, await make_site(session, boards=boards), sample(), boards=boards)


async def test_a_board_grant_opens_that_board_alone(client: httpx.AsyncClient) -> None:
    await filled((7, 8))
    admin = await person(client, Role.SUPER_ADMIN)
    boards = [board["id"] for board in (await admin("GET", "/boards?selected=false"))["data"]]
    guest = await person(client, Role.VIEWER)
    given = {"role": None, "limited": [{"role": "manager", "board_ids": boards[:1]}]}
    shown = (await admin("PUT", f"/users/{guest.user_id}/grants", given))["data"]
    assert shown["limited"] == [
        {"role": "manager", "board_ids": boards[:1], "team_ids": None, "source": "manual"}
    ]
    guest.headers = await signed_in(guest.user_id)
    seen = (await guest("GET", "/boards?selected=false"))["data"]
    assert [board["id"] for board in seen] == boards[:1]
    assert len(boards) > 1
    await guest("GET", f"/boards/{boards[1]}", status=404)
    await guest("GET", "/users", status=403)
    unknown = {"role": None, "limited": [{"role": "viewer", "board_ids": [999999], "team_ids": [999999]}]}
    refused = await admin("PUT", f"/users/{guest.user_id}/grants", unknown, status=422)
    assert [one["field"] for one in refused["error"]["details"]] == ["limited.board_ids", "limited.team_ids"]


async def test_a_team_grant_shows_that_teams_part(client: httpx.AsyncClient) -> None:
    await filled()
    admin = await person(client, Role.SUPER_ADMIN)
    team = next(one for one in (await admin("GET", "/jira-teams"))["data"] if one["name"] == "Frontend")
    sprint = (await admin("GET", "/sprints?search=Sprint 1"))["data"][0]["id"]
    guest = await person(client, Role.VIEWER)
    given = {"role": None, "limited": [{"role": "viewer", "team_ids": [team["id"]]}]}
    await admin("PUT", f"/users/{guest.user_id}/grants", given)
    guest.headers = await signed_in(guest.user_id)
    whole = (await admin("GET", f"/sprints/{sprint}/issues?per_page=100"))["data"]
    part = (await guest("GET", f"/sprints/{sprint}/issues?per_page=100"))["data"]
    assert {one["key"] for one in part} == {one["key"] for one in whole if one["team"] == "Frontend"}
    report = (await guest("GET", f"/sprints/{sprint}/report"))["data"]
    assert report["totals"]["issues"] == len(part) < len(whole)


async def test_a_profile_is_ones_own(client: httpx.AsyncClient) -> None:
    viewer = await person(client, Role.VIEWER)
    body = {"name": " Ada  L ", "time_zone": "Asia/Tokyo", "locale": "de-DE", "theme": "dark"}
    kept = (await viewer("PATCH", "/users/me", body))["data"]
    assert kept["name"] == "Ada L"
    assert (await viewer("GET", "/users/me"))["data"] == kept
    assert {name: kept[name] for name in ("time_zone", "locale", "theme")} == {
        name: body[name] for name in ("time_zone", "locale", "theme")
    }
    cleared = (await viewer("PATCH", "/users/me", {"time_zone": None, "locale": None}))["data"]
    assert (cleared["time_zone"], cleared["locale"], cleared["theme"]) == (None, None, "dark")
    for wrong in ({"time_zone": "Mars/Olympus"}, {"name": ""}, {"theme": "pink"}, {"role": "admin"}):
        await viewer("PATCH", "/users/me", wrong, status=422)
    assert kept["permissions"] == ["capacity:read", "queues:read", "reports:read", "sprints:read"]


async def test_the_list_of_users_pages_filters_and_sorts(client: httpx.AsyncClient) -> None:
    reader = await person(client, Role.USER)
    await person(client, Role.ADMIN)
    found = await reader("GET", "/users?sort=-email&per_page=1")
    assert (found["meta"]["total"], found["data"][0]["role"]) == (2, "user")
    assert found["links"]["next"].endswith("page=2")
    assert [one["role"] for one in (await reader("GET", "/users?role=admin&state=active"))["data"]] == [
        "admin"
    ]
    await reader("GET", "/users?sort=hashed_password", status=422)
    await reader("DELETE", f"/users/{reader.user_id}", status=403)


async def test_jira_people_are_found_by_name_or_account(client: httpx.AsyncClient) -> None:
    await filled()
    admin = await person(client, Role.ADMIN)
    assert (await admin("GET", "/jira-people"))["data"] == []
    found = (await admin("GET", "/jira-people?search=olg"))["data"]
    assert [one["account_id"] for one in found] == ["olga"]
    assert (await admin("GET", "/jira-people?search=olga"))["data"] == found
    linked = await admin("PATCH", f"/users/{admin.user_id}", {"jira_account_id": "olga"})
    assert linked["data"]["jira_account_id"] == "olga"
    cleared = await admin("PATCH", f"/users/{admin.user_id}", {"jira_account_id": None})
    assert cleared["data"]["jira_account_id"] is None
