"""What tears at deliveries: workers that come back from the dead, services that drip, repeat secrets or never end, lost jobs, lost rights."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from sprintreports.identity.permissions import Role
from sprintreports.integrations.email import Mail, Mailbox
from sprintreports.integrations.slack import Post, SlackWebhook
from sprintreports.jobs import worker
from sprintreports.kit import db, queue
from sprintreports.reports.export import browser
from sprintreports.reports.publishing import composing, connections, deliveries, delivering
from tests.integration.planning_support import Api, asking, person
from tests.integration.publishing_site import Ground, chat, scalars, waiting_jobs, wiki
from tests.integration.queue_site import queue_site
from tests.integration.test_channels_mail import Box, serving
from tests.publishing_support import Said, Wiki

HOOK = "/services/T/B/x"
BLOCKS = [{"type": "section", "text": {"type": "plain_text", "text": "Hello", "emoji": False}}]
PLAIN = {"Content-Type": "text/plain"}
#: The one secret is the path of this address.
SECRET_PATH = "/services/T0123ABCD/B0123ABCD/pQ7rS8tU9vW0xY1zA2bC3dE4"


class Died(BaseException):
    """What a worker does."""


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await queue_site(session)
    async with asking() as client:
        yield Ground(client, site)


async def connected(ground: Ground, body: dict[str, Any]) -> tuple[Api, int]:
    admin = await person(ground.client, Role.ADMIN)
    return admin, (await admin("POST", "/connections", body, status=201))["id"]


def mail(port: int) -> dict[str, Any]:
    settings = {
        "kind": "email",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "reports@example.org",
    }
    return {"name": "Mail", "settings": settings}


async def drain() -> None:
    """All jobs whose time has come, by a real worker."""
    await worker.run(wait=False)
    queue.app.cache_clear()


async def test_a_worker_that_comes_back_sends_nothing_that_another_has_sent(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood still (a frozen machine, a database that was away) for so long that its delivery went to another."""
    box, original, halted, go_on = Box(), Mailbox._one, asyncio.Event(), asyncio.Event()
    async with serving(box) as port:
        admin, connection = await connected(ground, mail(port))
        made = await ground.publish(admin, connection, to=["ada@example.org", "bo@example.org"])

        async def standing_still(
            self: Mailbox, smtp: Any, content: Mail, recipient: str, **more: Any
        ) -> None:
            if recipient == "bo@example.org" and not halted.is_set():
                halted.set()
                await go_on.wait()
            await original(self, smtp, content, recipient, **more)

        monkeypatch.setattr(Mailbox, "_one", standing_still)
        first = asyncio.create_task(ground.deliver(made, admin))
        await asyncio.wait_for(halted.wait(), 30)
        told = await ground.deliver(made, admin)
        assert told["state"] == "delivered"
        go_on.set()
        await first
    assert [to for _, to, _ in box.taken] == [["ada@example.org"], ["bo@example.org"]]
    told = await admin("GET", f"/deliveries/{made['id']}")
    assert (told["state"], [one["outcome"] for one in told["tries"]]) == (
        "delivered",
        ["cut off", "delivered"],
    )


async def test_what_waits_for_its_time_holds_up_nothing_else(ground: Ground) -> None:
    """The queue keeps the order of a line: a try in two hours is not to stand in that of its connection."""
    with chat() as (slack, place, body):
        admin, connection = await connected(ground, body)
        place.instead.append(("POST", HOOK, Said(429, "rate_limited", PLAIN)))
        first = await ground.publish(admin, connection)
        await drain()
        assert (await admin("GET", f"/deliveries/{first['id']}"))["state"] == "waiting"
        second = await ground.publish(admin, connection)
        await drain()
        assert (await admin("GET", f"/deliveries/{second['id']}"))["state"] == "delivered"
        assert len(slack.posted) == 1


async def test_two_are_never_sent_at_once_over_one_connection(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    halted, go_on = asyncio.Event(), asyncio.Event()
    original = SlackWebhook._post

    async def slow(self: SlackWebhook, wire: Any, content: Post) -> None:
        halted.set()
        await go_on.wait()
        await original(self, wire, content)

    with chat() as (slack, _place, body):
        admin, connection = await connected(ground, body)
        one, other = [await ground.publish(admin, connection) for _ in range(2)]
        monkeypatch.setattr(SlackWebhook, "_post", slow)
        first = asyncio.create_task(ground.deliver(one, admin))
        await asyncio.wait_for(halted.wait(), 30)
        assert (await ground.deliver(other, admin))["state"] == "queued"
        go_on.set()
        assert (await first)["state"] == "delivered"
        assert (await ground.deliver(other, admin))["state"] == "delivered"
        assert len(slack.posted) == 2


async def test_what_ends_every_worker_is_given_up(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dying(*_args: object, **_more: object) -> None:
        raise Died

    with chat() as (slack, _place, body):
        admin, connection = await connected(ground, body)
        made = await ground.publish(admin, connection)
        with monkeypatch.context() as patched:
            patched.setattr(composing, "packed", dying)
            for _ in range(delivering.MOST_CUT_OFF):
                with pytest.raises(Died):
                    await ground.deliver(made, admin)
        told = await ground.deliver(made, admin)
        assert (told["state"], told["failure"]) == ("failed", "content")
        assert "died" in told["sentence"]
        assert [one["outcome"] for one in told["tries"]] == ["cut off"] * delivering.MOST_CUT_OFF + [
            "content"
        ]
        assert [one["kind"] for one in await admin("GET", "/users/me/notices")] == ["delivery_stopped"]
        await admin("POST", f"/deliveries/{made['id']}/retries", {}, status=202)
        assert (await ground.deliver(made, admin))["state"] == "delivered"
        assert len(slack.posted) == 1


async def test_a_delivery_whose_job_is_gone_gets_a_new_one(ground: Ground) -> None:
    with chat() as (_slack, _place, body):
        admin, connection = await connected(ground, body)
        lost, waits, missed = [(await ground.publish(admin, connection))["id"] for _ in range(3)]
        await scalars("DELETE FROM procrastinate_jobs WHERE task_name = 'reports.deliver' RETURNING id")
        await scalars("UPDATE delivery SET state = 'sending' WHERE id = :id RETURNING id", id=lost)
        await scalars(
            "UPDATE delivery SET state = 'waiting', next_at = now() + interval '2 hours' WHERE id = :id RETURNING id",
            id=waits,
        )
        # It was put off to the end of a pause that ended at that very moment.
        await scalars(
            "UPDATE delivery SET state = 'waiting', next_at = NULL WHERE id = :id RETURNING id", id=missed
        )
        for later, wanted in ((timedelta(minutes=4), []), (timedelta(minutes=6), [lost, missed])):
            async with db.transaction() as session:
                await deliveries.requeue(session, now=ground.now() + later)
            assert sorted(await waiting_jobs()) == wanted
        await scalars("UPDATE connection SET circuit = '{\"open\": true}' RETURNING id")
        await scalars("DELETE FROM procrastinate_jobs WHERE task_name = 'reports.deliver' RETURNING id")
        async with db.transaction() as session:
            await deliveries.requeue(session, now=ground.now() + timedelta(hours=3))
        assert sorted(await waiting_jobs()) == [lost, waits]  # the other one waits for an admin


async def test_who_may_no_longer_publish_does_not(ground: Ground) -> None:
    with chat() as (slack, place, body):
        admin, connection = await connected(ground, body)
        manager = await person(ground.client, Role.MANAGER)
        place.instead.append(("POST", HOOK, Said(503, "", PLAIN)))
        made = await ground.publish(manager, connection)
        assert (await ground.deliver(made, admin))["state"] == "waiting"
        await scalars(
            "UPDATE user_account SET role = 'viewer' WHERE email = 'manager@example.org' RETURNING id"
        )
        ground.moved = timedelta(hours=3)
        told = await ground.deliver(made, admin)
        assert (told["state"], told["failure"]) == ("failed", "content")
        assert slack.posted == []


@pytest.mark.parametrize(
    "said",
    [
        Said(302, "", {"Location": f"https://sign-in.example/?to=https%3A%2F%2Fhooks.example{SECRET_PATH}"}),
        Said(302, "", {"Location": f"https://hooks.example{SECRET_PATH}"}),
        Said(400, f"There is nothing at {SECRET_PATH} for you.", PLAIN),
        Said(404, SECRET_PATH, PLAIN),
    ],
    ids=["sign-in", "moved", "told", "word"],
)
async def test_a_service_that_repeats_our_secret_does_not_get_it_stored(ground: Ground, said: Said) -> None:
    with chat() as (_slack, place, body):
        body["secret"] = f"{place.url}{SECRET_PATH}"
        admin, connection = await connected(ground, body)
        place.instead += [("POST", SECRET_PATH, said)] * 2
        told = await ground.deliver(await ground.publish(admin, connection), admin)
        assert told["state"] == "failed"
        tested = await admin("POST", f"/connections/{connection}/tests", status=201)
        assert tested["check_ok"] is False
        for table in ("delivery", "delivery_attempt", "connection", "notice", "audit_entry"):
            stored = "\n".join(map(str, await scalars(f"SELECT row_to_json(t)::text FROM {table} t")))  # ours
            assert "pQ7rS8tU9vW0" not in stored, table


@pytest.mark.parametrize(("hangs", "state"), [("_post", "unknown"), ("packed", "waiting")])
async def test_a_try_has_an_end_whatever_the_service_does(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, hangs: str, state: str
) -> None:
    async def hanging(*_args: object, **_more: object) -> None:
        await asyncio.sleep(3600)

    with chat() as (slack, _place, body):
        admin, connection = await connected(ground, body)
        made = await ground.publish(admin, connection)
        with monkeypatch.context() as patched:
            patched.setattr(delivering, "LONGEST_SECONDS", 1.0)
            patched.setattr(*((SlackWebhook, hangs) if hangs == "_post" else (composing, hangs)), hanging)
            told = await ground.deliver(made, admin)
        assert told["state"] == state
        assert "ten minutes" in told["sentence"]
        assert slack.posted == []


async def test_a_dry_run_draws_nothing_and_makes_no_file(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody may ask for one: it is answered by the process that shows pages."""

    def drawing(*_args: object, **_more: object) -> None:
        raise AssertionError

    monkeypatch.setattr(composing.Made, "pictures", drawing)
    monkeypatch.setattr(composing.Made, "files", drawing)
    monkeypatch.setattr(browser, "program", lambda: "/usr/bin/chromium")
    with wiki() as (pages, _place, body):
        assert isinstance(pages, Wiki)
        admin, connection = await connected(ground, body)
        asked = {
            "connection_id": connection,
            "target": {"space": "TEAM", "files": ["pdf", "xlsx"]},
            "spec": ground.spec,
        }
        found = await admin("POST", "/delivery-previews", asked, status=201)
        assert [name.rpartition(".")[2] for name in found["files"][-2:]] == ["pdf", "xlsx"]
        pictures = [name for name in found["files"] if name.startswith("chart-")]
        assert pictures
        assert all(f'ri:filename="{name}"' in found["content"] for name in pictures)
        monkeypatch.setattr(browser, "program", lambda: None)
        told = await admin("POST", "/delivery-previews", asked, status=503)
        assert "apt-get install chromium" in told["message"]
        asked["target"] = {"space": "TEAM"}
        without_pictures = await admin("POST", "/delivery-previews", asked, status=201)
        assert "could not be drawn" in without_pictures["content"]


async def test_a_test_and_a_delivery_of_one_connection_do_not_wait_for_each_other(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both hold the connection before its deliveries."""
    original, order = connections.put_in_line, list[str]()

    async def slow(*given: Any, **more: Any) -> None:
        order.append("resumed")
        await asyncio.sleep(0.5)
        await original(*given, **more)

    with chat() as (slack, place, body):
        admin, connection = await connected(ground, body)
        waits, goes = [await ground.publish(admin, connection) for _ in range(2)]
        place.instead.append(("POST", HOOK, Said(503, "", PLAIN)))
        assert (await ground.deliver(waits, admin))["state"] == "waiting"
        monkeypatch.setattr(connections, "put_in_line", slow)
        tested, told = await asyncio.gather(
            admin("POST", f"/connections/{connection}/tests", status=201), ground.deliver(goes, admin)
        )
        assert (tested["check_ok"], told["state"], order) == (True, "delivered", ["resumed"])
        assert (await ground.deliver(waits, admin))["state"] == "delivered"
        assert len(slack.posted) == 2
