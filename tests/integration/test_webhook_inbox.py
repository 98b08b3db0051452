"""Webhooks in: who may send them, and what of them is kept."""

import psycopg
import pytest

from sprintreports import settings as settings_module
from sprintreports.jira.webhooks import inbox, setup
from sprintreports.observability import logs
from tests.integration.sync_support import (
    one,
)
from tests.integration.webhook_support import (
    drain,
    hooked,
    letter,
    rest,
    send,
    sign,
    stored,
    unasked_site,
)


@pytest.fixture
async def site_id(pg_url: str) -> int:
    return unasked_site(pg_url)


async def test_a_signed_delivery_is_kept_as_it_came_and_acknowledged(pg_url, site_id):
    made = await hooked(site_id)
    body = letter(issue={"id": "10040", "key": "TES-41", "fields": {"summary": "ß ✓"}})
    async with rest() as client:
        headers = {"X-Hub-Signature": sign(made.secret or "", body), "X-Atlassian-Webhook-Identifier": "abc"}
        answer = await send(client, f"{setup.PATH}/{site_id}?user_id=a&user_key=b", body, headers=headers)
    assert answer.status_code == 202
    assert answer.json()["data"] == {"delivery_id": 1, "fresh": True}
    assert stored(pg_url) == [("jira:issue_updated", "waiting", "abc")]
    assert bytes(one(pg_url, "SELECT body FROM webhook_delivery")) == body
    job = one(pg_url, "SELECT task_name, lock, queueing_lock, status::text FROM procrastinate_jobs")
    assert job == ("jira.webhooks", f"jira.site:{site_id}", f"jira.webhooks:{site_id}", "todo")


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=757107ea", "nonsense", "sha256=é"],
)
async def test_an_unsigned_or_wrongly_signed_delivery_is_refused(pg_url, site_id, signature):
    made = await hooked(site_id)
    assert made.url_with_token is not None
    body = letter(issue={"id": 1})
    headers = {} if signature is None else {b"X-Hub-Signature": signature.encode()}
    async with rest() as client:
        answer = await client.post(f"{setup.PATH}/{site_id}", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
        if signature is not None:
            path = made.url_with_token.removeprefix(settings_module.settings().public_url)
            answer = await client.post(path, content=body, headers=headers)
            assert answer.status_code == 401
    assert stored(pg_url) == []


async def test_a_signature_is_of_the_body_and_of_this_sites_present_secret(pg_url, site_id):
    old = await hooked(site_id)
    made = await hooked(site_id)
    body = letter(issue={"id": 1})
    async with rest() as client:
        for secret, sent in ((old.secret, body), (made.secret, body + b" ")):
            headers = {"X-Hub-Signature": sign(secret or "", body)}
            assert (await send(client, f"{setup.PATH}/{site_id}", sent, headers=headers)).status_code == 401
        answer = await send(
            client,
            f"{setup.PATH}/{site_id}",
            body,
            headers={"X-Hub-Signature": sign(made.secret or "", body)},
        )
        assert answer.status_code == 202


async def test_a_sender_without_a_secret_uses_its_path(pg_url, site_id):
    made = await hooked(site_id)
    token = (made.url_with_token or "").rsplit("/", 1)[1]
    assert len(token) >= 43
    async with rest() as client:
        for wrong in ("x" * 43, token[:-1], token + "x", "%F0%9F%92%A9"):
            answer = await send(client, f"{setup.PATH}/{site_id}/{wrong}", letter(issue={"id": 1}))
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
        answer = await send(client, f"{setup.PATH}/{site_id}/{token}", letter(issue={"id": 1}))
    assert answer.status_code == 202
    assert token not in answer.text
    assert len(stored(pg_url)) == 1


async def test_a_site_that_is_unknown_unprepared_or_gone_takes_nothing(pg_url, site_id):
    body = letter(issue={"id": 1})
    async with rest() as client:
        for path in ("999", str(site_id), f"{site_id}/token"):
            assert (await send(client, f"{setup.PATH}/{path}", body)).status_code == 404
        made = await hooked(site_id)
        with psycopg.connect(pg_url) as database:
            database.execute("UPDATE site SET deleted_at = now()")
        headers = {"X-Hub-Signature": sign(made.secret or "", body)}
        assert (await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)).status_code == 404
        assert (await send(client, f"{setup.PATH}/x", body)).status_code == 422
    assert stored(pg_url) == []


async def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(pg_url, site_id):
    await hooked(site_id)

    async def trickle():
        for _ in range(20):
            yield b" " * 64 * 1024

    async with rest() as client:
        for body in (b" " * (inbox.LARGEST_BODY + 1), trickle()):
            answer = await client.post(f"{setup.PATH}/{site_id}", content=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")
    assert stored(pg_url) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"issue":{"id":1}}',
        b'{"webhookEvent":""}',
        b'{"webhookEvent":"a\\u0000"}',
    ],
)
async def test_what_is_no_webhook_is_refused(pg_url, site_id, body):
    made = await hooked(site_id)
    async with rest() as client:
        headers = {"X-Hub-Signature": sign(made.secret or "", body)}
        answer = await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert stored(pg_url) == []


# -- once is enough


async def test_a_replayed_identifier_and_without_one_the_same_body_are_kept_once(pg_url, site_id):
    made = await hooked(site_id)
    first, second = letter(issue={"id": 1}), letter(issue={"id": 2})
    async with rest() as client:
        fresh: list[bool] = []
        for body, identifier in (
            (first, "a"),
            (second, "a"),
            (first, "b"),
            (first, None),
            (first, None),
            (second, None),
        ):
            headers = {"X-Hub-Signature": sign(made.secret or "", body)}
            if identifier:
                headers["X-Atlassian-Webhook-Identifier"] = identifier
            answer = await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)
            assert answer.status_code == 202
            fresh.append(answer.json()["data"]["fresh"])
    assert fresh == [True, False, True, True, False, True]
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery") == 4
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs") == 1


# -- secrets stay secret


async def test_logs_hold_neither_token_nor_secret(pg_url, site_id, capsys):
    logs.configure("DEBUG")
    made = await hooked(site_id)
    token = (made.url_with_token or "").rsplit("/", 1)[1]
    body = letter(issue={"id": 1})
    signature = sign(made.secret or "", body)
    async with rest() as client:
        await send(client, f"{setup.PATH}/{site_id}/{token}", body)
        await send(client, f"{setup.PATH}/{site_id}/{token}/more", body)
        await send(client, f"{setup.PATH}/{site_id}", body, headers={"X-Hub-Signature": signature})
        await client.get(f"{setup.PATH}/{site_id}/{token}")
    await drain()
    written = "".join(capsys.readouterr())
    assert written.count(f"{setup.PATH}/{site_id}/[redacted]") == 3
    for hidden in (token, made.secret or "", signature.removeprefix("sha256=")):
        assert hidden not in written
    sealed = one(pg_url, "SELECT secret, token_digest FROM webhook")
    for kept in map(bytes, sealed):
        assert (made.secret or "").encode() not in kept
        assert token.encode() not in kept
    assert token not in repr(made)
    assert (made.secret or "") not in repr(made)


def test_the_public_example_of_a_signature():
    """GitHub's and Atlassian's documentation."""
    header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert inbox.signed(b"It's a Secret to Everybody", b"Hello, World!", header)
    assert not inbox.signed(b"It's a Secret to Everybody", b"Hello, World?", header)
    assert not inbox.signed(b"it's a secret to everybody", b"Hello, World!", header)
