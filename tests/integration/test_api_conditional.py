"""ETag, If-None-Match and If-Match: what is unchanged is not sent again, and nobody writes over what they have not read."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from sprintreports.api import answers
from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from tests.integration import clients_support as support
from tests.integration.clients_support import bearer, cookie, person
from tests.integration.counting import asked
from tests.integration.jira_site import fill, make_site, rows
from tests.integration.test_reads import sample

USERS = "/api/v1/users"
ME = f"{USERS}/me"
OTHER = '"0123456789abcdef0123456789abcdef"'


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with support.serving() as client:
        client.headers.update(await bearer(await person(Role.ADMIN)))
        yield client


async def _tag(api: httpx.AsyncClient, path: str) -> str:
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]


@pytest.mark.parametrize(
    "path", [ME, USERS, "/api/v1/audit-entries", "/api/v1/openapi.json", "/.well-known/jwks.json"]
)
async def test_what_one_has_is_not_sent_again(api: httpx.AsyncClient, path: str) -> None:
    first = await api.get(path)
    again = await api.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["x-request-id"]
    assert "content-type" not in again.headers
    assert "content-length" not in again.headers
    assert again.headers["cache-control"] == first.headers["cache-control"]
    if path.startswith("/api/v1/") and "openapi" not in path:
        assert "ratelimit-remaining" in again.headers
        assert again.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        (f"{OTHER}, {{tag}}", 304),
        ("*", 304),
        (OTHER, 200),
        ("", 200),
        ("x", 200),
    ],
)
async def test_if_none_match_takes_lists_and_weak_tags(
    api: httpx.AsyncClient, given: str, status: int
) -> None:
    tag = await _tag(api, ME)
    answer = await api.get(ME, headers={"If-None-Match": given.format(tag=tag)})
    assert answer.status_code == status
    assert bool(answer.content) is (status == 200)


async def test_a_change_changes_the_tag(api: httpx.AsyncClient) -> None:
    tag = await _tag(api, ME)
    assert (await api.patch(ME, json={"theme": "dark"})).status_code == 200
    answer = await api.get(ME, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


async def test_a_browser_keeps_nothing_and_refusals_have_no_tag(api: httpx.AsyncClient) -> None:
    signed_in = await cookie(await person(Role.VIEWER))
    async with support.serving() as browser:
        answer = await browser.get(ME, headers=signed_in)
        assert answer.headers["cache-control"] == "no-store"
        assert (
            await browser.get(ME, headers={**signed_in, "If-None-Match": answer.headers["etag"]})
        ).status_code == 304
        refused = await browser.get(ME, headers={"If-None-Match": "*"})
    assert refused.status_code == 401
    assert "etag" not in refused.headers
    assert "etag" not in (await api.get("/health/live")).headers
    assert "etag" not in (await api.get(f"{USERS}/99")).headers


async def test_one_viewers_tag_says_nothing_to_another(api: httpx.AsyncClient) -> None:
    tag = await _tag(api, ME)
    other = await bearer(await person(Role.VIEWER))
    answer = await api.get(ME, headers={**other, "If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.json()["data"]["email"] == "viewer@example.org"


async def test_a_write_that_insists_is_refused_once_it_has_moved_on(api: httpx.AsyncClient) -> None:
    path = f"{USERS}/{await person(Role.VIEWER)}"
    tag = await _tag(api, path)
    assert (await api.patch(path, json={"name": "First"}, headers={"If-Match": tag})).status_code == 200
    late = await api.patch(path, json={"name": "Second"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["error"]["code"]) == (412, "PRECONDITION_FAILED")
    assert "Read it again" in late.json()["error"]["message"]
    assert (await api.delete(path, headers={"If-Match": tag})).status_code == 412
    assert (await api.get(path)).json()["data"]["name"] == "First"
    for given in (None, "*", f"{OTHER}, {{tag}}"):
        header = {"If-Match": given.format(tag=await _tag(api, path))} if given else {}
        assert (await api.patch(path, json={"name": "Third"}, headers=header)).status_code == 200
    assert (await api.delete(path, headers={"If-Match": f"W/{await _tag(api, path)}"})).status_code == 204


async def test_of_two_writes_with_the_same_tag_one_is_done(api: httpx.AsyncClient) -> None:
    path = f"{USERS}/{await person(Role.VIEWER)}"
    headers = {"If-Match": await _tag(api, path)}
    done = await asyncio.gather(
        *(api.patch(path, json={"name": f"Name {number}"}, headers=headers) for number in range(4))
    )
    assert sorted(answer.status_code for answer in done) == [200, 412, 412, 412]


async def test_every_kind_of_write_can_insist(api: httpx.AsyncClient) -> None:
    async with db.transaction() as session:
        site = await make_site(session)
        await fill(session, site, sample())
        board, sprint = (
            await rows(session, "SELECT b.id, s.id FROM board b, sprint s WHERE jira_sprint_id = 1")
        )[0]
    viewer = await person(Role.VIEWER)
    key = (await api.post("/api/v1/api-keys", json={"name": "K", "scopes": ["sprints:read"]})).json()["data"][
        "id"
    ]
    body = {"name": "C", "scopes": ["sprints:read"], "role": "viewer"}
    client = (await api.post("/api/v1/oauth-clients", json=body)).json()["data"]["id"]
    writes = {
        ME: ("PATCH", {"theme": "dark"}),
        f"{USERS}/{viewer}/grants": ("PUT", {"role": "user"}),
        f"/api/v1/boards/{board}": ("PATCH", {"unit": "hours"}),
        f"/api/v1/sites/{site.site_id}": ("PATCH", {"name": "Other"}),
        f"/api/v1/api-keys/{key}": ("PATCH", {"name": "L"}),
        f"/api/v1/oauth-clients/{client}": ("PATCH", {"name": "D"}),
        "/api/v1/sign-in-policy": ("PUT", {"local_sign_in": True, "second_factor_roles": ["viewer"]}),
        f"/api/v1/boards/{board}/reconciliation": ("DELETE", None),
    }
    for path, (method, sent) in writes.items():
        tag = await _tag(api, path)
        refused = await api.request(method, path, json=sent, headers={"If-Match": OTHER})
        assert refused.status_code == 412, path
        assert await _tag(api, path) == tag, path
        answer = await api.request(method, path, json=sent, headers={"If-Match": tag})
        assert answer.status_code in {200, 204}, answer.text
    compared = f"/api/v1/sprints/{sprint}/reconciliation?board={board}"
    report = {"contents": {}, "sprint": {"id": 1}}
    assert (await api.put(compared, json=report, headers={"If-Match": OTHER})).status_code == 412
    assert (
        await api.put(compared, json=report, headers={"If-Match": await _tag(api, compared)})
    ).status_code != 412


async def test_what_is_not_read_by_itself_has_no_tag_to_insist_on(api: httpx.AsyncClient) -> None:
    path = f"{USERS}/{await person(Role.VIEWER)}/second-factor"
    refused = await api.delete(path, headers={"If-Match": OTHER})
    assert refused.status_code == 412
    assert "Leave If-Match out" in refused.json()["error"]["message"]


async def test_insisting_needs_the_right_to_read(api: httpx.AsyncClient) -> None:
    viewer = await person(Role.VIEWER)
    headers = {**await bearer(viewer), "If-Match": OTHER}
    assert (await api.patch(f"{USERS}/{viewer}", json={"name": "X"}, headers=headers)).status_code == 403
    assert (
        await api.patch(f"{USERS}/99", json={"name": "X"}, headers={"If-Match": OTHER})
    ).status_code == 404


async def test_a_kept_answer_keeps_its_tag(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async with db.transaction() as session:
        await fill(session, await make_site(session), sample())
        number = (await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = 1"))[0][0]
    path = f"/api/v1/sprints/{number}/report"
    tag = await _tag(api, path)

    def never(_body: bytes) -> str:
        raise AssertionError("the tag of a kept answer was computed again")

    monkeypatch.setattr(answers, "tag_of", never)
    monkeypatch.setattr("sprintreports.api.conditional.tag_of", never)
    with asked() as queries:
        again = await api.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, len(queries)) == (304, 2)
