"""Authorization code with PKCE: consent, redirect addresses, downgrade, replay (RFC 6749, 7636, 8252, 9207, 9700)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity import users
from sprintreports.identity.clients import redirects, registry
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Invalid
from tests.integration import clients_support as support
from tests.integration.clients_support import (
    BACK,
    HERE,
    TOKEN,
    allow,
    challenge,
    exchange,
    landed,
    person,
    question,
    registered,
    works,
)


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with support.serving() as client:
        yield client


async def _public() -> str:
    return (await registered(confidential=False)).client.client_id


async def _tokens(api: httpx.AsyncClient, name: str, user_id: int) -> dict[str, str]:
    got = await allow(api, user_id, question(name))
    answer = await api.post(TOKEN, data=exchange(name, got.fields["code"]))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_from_the_question_to_the_numbers(api: httpx.AsyncClient) -> None:
    name, user_id = await _public(), await person()
    headers = await support.cookie(user_id)
    page = await api.get("/authorize", params=question(name), headers=headers)
    assert page.status_code == 200
    for words in ("Status board", "manager@example.org", "See boards, sprints", "board.example.org"):
        assert words in page.text
    assert "<script" not in page.text
    assert "form-action 'self' https://board.example.org;" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    got = await allow(api, user_id, question(name))
    assert got.address == BACK
    assert set(got.fields) == {"code", "state", "iss"}
    assert (got.fields["state"], got.fields["iss"]) == ("st&te 1", HERE)
    answer = await api.post(TOKEN, data=exchange(name, got.fields["code"]))
    body = answer.json()
    assert body["scope"] == "sprints:read"
    assert await works(api, body["access_token"])
    held = {"Authorization": f"Bearer {body['access_token']}"}
    me = await api.get("/api/v1/users/me", headers=held)
    assert me.json()["data"]["id"] == user_id


async def test_a_confidential_client_shows_its_secret_too(api: httpx.AsyncClient) -> None:
    made, user_id = await registered(), await person()
    name = made.client.client_id
    got = await allow(api, user_id, question(name))
    bare = await api.post(TOKEN, data=exchange(name, got.fields["code"]))
    assert (bare.status_code, bare.json()["error"]) == (401, "invalid_client")
    shown = await api.post(TOKEN, data=exchange(name, got.fields["code"], client_secret=made.secret))
    assert shown.status_code == 200


async def test_without_a_session_the_person_signs_in_first_and_comes_back(api: httpx.AsyncClient) -> None:
    asked = question(await _public())
    got = landed(await api.get("/authorize", params=asked))
    assert got.address == "/sign-in"
    assert got.fields["next"].startswith("/authorize?")
    user_id = await person()
    page = await api.get(got.fields["next"], headers=await support.cookie(user_id))
    assert page.status_code == 200


async def test_a_foreign_page_cannot_consent(api: httpx.AsyncClient) -> None:
    asked, headers = question(await _public()), await support.cookie(await person())
    for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = await api.post(
            "/authorize", data={**asked, "decision": "allow"}, headers={**headers, **origin}
        )
        assert landed(answer).address == "/sign-in"
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM authorization_code")) == 0


async def test_a_no_is_told(api: httpx.AsyncClient) -> None:
    got = await allow(api, await person(), question(await _public()), decision="deny")
    assert (got.address, got.fields["error"], got.fields["state"]) == (BACK, "access_denied", "st&te 1")
    assert got.fields["iss"] == HERE


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "settings:write"}, "invalid_scope"),
        ({"scope": "all"}, "invalid_scope"),
        ({"state": "x" * 1001}, "invalid_request"),
        ({"request": "eyJ"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
    ],
)
async def test_what_is_wrong_is_told_to_the_program(
    api: httpx.AsyncClient, changes: dict[str, str | None], error: str
) -> None:
    asked = question(await _public(), **changes)
    got = landed(await api.get("/authorize", params=asked, headers=await support.cookie(await person())))
    assert (got.address, got.fields["error"]) == (BACK, error)
    assert got.fields["iss"] == HERE


@pytest.mark.parametrize(
    "address",
    [
        "https://board.example.org/done/",
        "https://board.example.org/done?x=1",
        "https://board.example.org/done#x",
        "https://board.example.org:443/done",
        "https://board.example.org/done/../evil",
        "https://BOARD.example.org/done",
        "https://evil@board.example.org/done",
        "https://board.example.org.evil.example/done",
        "https://board.example.org\\@evil.example/done",
        "http://board.example.org/done",
        "javascript:alert(1)",
        "//board.example.org/done",
        "",
        "\0",
    ],
)
async def test_an_address_that_is_not_registered_is_never_followed(
    api: httpx.AsyncClient, address: str
) -> None:
    asked = question(await _public(), redirect_uri=address)
    headers = {**await support.cookie(await person()), "Origin": HERE}
    for answer in (
        await api.get("/authorize", params=asked, headers=headers),
        await api.post("/authorize", data={**asked, "decision": "allow"}, headers=headers),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "<script" not in answer.text


async def test_nobody_is_sent_anywhere_for_an_unknown_or_doubled_client(api: httpx.AsyncClient) -> None:
    name = await _public()
    headers = await support.cookie(await person())
    asked = question(name)
    for query in (
        httpx.QueryParams(question("unknown")),
        httpx.QueryParams(asked).add("client_id", name),
        httpx.QueryParams(asked).add("redirect_uri", BACK),
    ):
        assert (await api.get("/authorize", params=query, headers=headers)).status_code == 400
    doubled = httpx.QueryParams(asked).add("scope", "users:read")
    got = landed(await api.get("/authorize", params=doubled, headers=headers))
    assert got.fields["error"] == "invalid_request"


def test_which_addresses_can_be_registered() -> None:
    good = ["https://a.example/x?y=1", "http://127.0.0.1/cb", "http://[::1]:9/cb", "org.example.app:/done"]
    assert redirects.checked(good, confidential=False) == good
    for bad in (
        "http://a.example/cb",
        "http://localhost/cb",
        "https://a.example/*",
        "https://a.example/cb#x",
        "https://u:p@a.example/cb",
        "https:///cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/done",
        "https://a.example:99999/cb",
        "https://a.example/ü",
        "https://a.example/a b",
        "not an address",
        "https://a.example/" + "x" * 500,
    ):
        with pytest.raises(Invalid):
            redirects.checked([bad], confidential=False)
    with pytest.raises(Invalid):
        redirects.checked(["org.example.app:/done"], confidential=True)


def test_the_port_is_any_on_the_loopback_interface_alone() -> None:
    known = ["http://127.0.0.1/cb", "https://a.example/cb"]
    assert redirects.registered("http://127.0.0.1:51004/cb", known)
    for other in (
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/cb?x=1",
        "http://[::1]:51004/cb",
        "http://localhost:51004/cb",
        "http://127.0.0.2:51004/cb",
        "https://127.0.0.1:51004/cb",
        "http://u@127.0.0.1:51004/cb",
        "http://127.0.0.1:51004/cb#x",
        "https://a.example:444/cb",
    ):
        assert not redirects.registered(other, known), other


async def test_a_code_is_good_for_its_request_alone(api: httpx.AsyncClient) -> None:
    name, other, user_id = await _public(), await _public(), await person()
    for changes in (
        {"client_id": other},
        {"redirect_uri": BACK + "/"},
        {"code_verifier": "another-verifier-of-more-than-forty-three-chars"},
        {"code_verifier": challenge()},
        {"code_verifier": "short"},
        {"code": "sra_unknown"},
    ):
        got = await allow(api, user_id, question(name))
        answer = await api.post(TOKEN, data=exchange(name, got.fields["code"], **changes))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), changes
    got = await allow(api, user_id, question(name))
    whole = exchange(name, got.fields["code"])
    for missing in ("code_verifier", "redirect_uri", "code"):
        fields = {key: value for key, value in whole.items() if key != missing}
        answer = await api.post(TOKEN, data=fields)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), missing


async def test_a_code_that_comes_twice_ends_what_it_gave(api: httpx.AsyncClient) -> None:
    name, user_id = await _public(), await person()
    got = await allow(api, user_id, question(name))
    first = (await api.post(TOKEN, data=exchange(name, got.fields["code"]))).json()
    assert await works(api, first["access_token"])
    again = await api.post(TOKEN, data=exchange(name, got.fields["code"]))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await works(api, first["access_token"])
    renew = {"grant_type": "refresh_token", "client_id": name, "refresh_token": first["refresh_token"]}
    assert (await api.post(TOKEN, data=renew)).json()["error"] == "invalid_grant"
    async with db.transaction() as session:
        entries = "SELECT count(*) FROM audit_entry WHERE action = 'token.reused'"
        assert await session.scalar(text(entries)) == 1


async def test_a_code_is_good_for_a_minute(api: httpx.AsyncClient) -> None:
    name, user_id = await _public(), await person()
    got = await allow(api, user_id, question(name))
    async with db.transaction() as session:
        await session.execute(
            text("UPDATE authorization_code SET expires_at = :now"),
            {"now": clock.now() - timedelta(seconds=1)},
        )
    answer = await api.post(TOKEN, data=exchange(name, got.fields["code"]))
    assert answer.json()["error"] == "invalid_grant"


async def test_a_code_dies_with_the_role_that_it_was_given_under(api: httpx.AsyncClient) -> None:
    name, user_id = await _public(), await person()
    got = await allow(api, user_id, question(name))
    async with db.transaction() as session:
        await users.set_role(session, Viewer.system(), user_id=user_id, role=Role.VIEWER)
    answer = await api.post(TOKEN, data=exchange(name, got.fields["code"]))
    assert answer.json()["error"] == "invalid_grant"


async def test_a_clients_refresh_tokens_are_its_own_and_rotate(api: httpx.AsyncClient) -> None:
    name, other, user_id = await _public(), await _public(), await person()
    first = await _tokens(api, name, user_id)
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    for fields in (renew, {**renew, "client_id": other}):
        assert (await api.post(TOKEN, data=fields)).json()["error"] == "invalid_grant"
    second = (await api.post(TOKEN, data={**renew, "client_id": name})).json()
    assert second["scope"] == "sprints:read"
    assert await works(api, second["access_token"])
    stolen = await api.post(TOKEN, data={**renew, "client_id": name})
    assert stolen.json()["error"] == "invalid_grant"
    assert not await works(api, second["access_token"])


async def test_a_person_gives_no_more_than_they_have(api: httpx.AsyncClient) -> None:
    made = await registered(
        confidential=False, scopes=frozenset({Permission.SPRINTS_READ, Permission.SETTINGS_READ})
    )
    name, viewer = made.client.client_id, await person(Role.VIEWER)
    asked = question(name, scope="sprints:read settings:read")
    page = await api.get("/authorize", params=asked, headers=await support.cookie(viewer))
    assert "See settings" not in page.text
    got = await allow(api, viewer, asked)
    body = (await api.post(TOKEN, data=exchange(name, got.fields["code"]))).json()
    assert body["scope"] == "sprints:read"
    nothing = await allow(api, viewer, question(name, scope="settings:read"))
    assert nothing.fields["error"] == "access_denied"


async def test_markup_in_a_clients_name_stays_text(api: httpx.AsyncClient) -> None:
    made = await registered(name="<script>alert(1)</script>", confidential=False)
    asked = question(made.client.client_id, state='"><script>')
    page = await api.get("/authorize", params=asked, headers=await support.cookie(await person()))
    assert page.status_code == 200
    assert "<script" not in page.text


async def test_an_ended_client_asks_nobody_any_more(api: httpx.AsyncClient) -> None:
    made, user_id = await registered(confidential=False), await person()
    name = made.client.client_id
    body = await _tokens(api, name, user_id)
    async with db.transaction() as session:
        await registry.end(session, Viewer.system(), made.client.id, now=clock.now())
    assert not await works(api, body["access_token"])
    answer = await api.get("/authorize", params=question(name), headers=await support.cookie(user_id))
    assert answer.status_code == 400
