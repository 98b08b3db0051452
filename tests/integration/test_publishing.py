"""From "publish" to a page, a message or a mail: each arrives once, whatever happens on the way."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from sprintreports import settings as settings_module
from sprintreports.identity.permissions import Role
from sprintreports.integrations.slack import SlackWebhook
from sprintreports.kit import db
from sprintreports.reports.publishing import opt_outs
from sprintreports.reports.publishing.settling import MOST_ATTEMPTS, wait_after
from tests.integration.planning_support import Api, asking, person
from tests.integration.publishing_site import Ground, chat, scalars, waiting_jobs, wiki, workflow
from tests.integration.queue_site import queue_site
from tests.integration.test_channels_mail import Box, serving
from tests.publishing_support import Said


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    async with db.transaction() as session:
        site = await queue_site(session)
    async with asking() as client:
        yield Ground(client, site)


async def connected(ground: Ground, body: dict[str, Any]) -> tuple[Api, int]:
    """An admin with a connection."""
    admin = await person(ground.client, Role.ADMIN)
    return admin, (await admin("POST", "/connections", body, status=201))["id"]


@pytest.mark.parametrize("cloud", [True, False], ids=["cloud", "data center"])
async def test_a_report_becomes_one_page_that_is_updated(ground: Ground, cloud: bool) -> None:
    with wiki(cloud=cloud) as (pages, _place, body):
        admin, connection = await connected(ground, body)
        first = await ground.publish(admin, connection, space="TEAM", files=["xlsx"])
        assert (first["state"], await waiting_jobs()) == ("queued", [first["id"]])
        done = await ground.deliver(first, admin)
        assert (done["state"], done["failure"], [one["outcome"] for one in done["tries"]]) == (
            "delivered",
            "",
            ["delivered"],
        )
        (page_id,) = pages.pages
        assert done["url"].endswith(f"/spaces/TEAM/pages/{page_id}")
        assert done["title"] == pages.pages[page_id][0]["title"]
        assert "report.xlsx" in pages.attachments[page_id]
        pictures = [name for name in pages.attachments[page_id] if name.startswith("chart-")]
        assert pictures
        assert all(f'ri:filename="{name}"' in pages.pages[page_id][0]["body"] for name in pictures)
        second = await ground.deliver(await ground.publish(admin, connection, space="TEAM"), admin)
        assert second["state"] == "delivered"
        assert [len(versions) for versions in pages.pages.values()] == [2]
        again = await ground.deliver(second, admin)  # a job that comes late finds nothing to do
        assert len(again["tries"]) == 1


async def test_a_clash_waits_for_a_choice(ground: Ground) -> None:
    with wiki() as (pages, _place, body):
        admin, connection = await connected(ground, body)
        await ground.deliver(await ground.publish(admin, connection, space="TEAM"), admin)
        (page_id,) = pages.pages
        pages.edit(page_id, "<p>Mine</p>")
        preview = await admin(
            "POST",
            "/delivery-previews",
            {"connection_id": connection, "target": {"space": "TEAM"}, "spec": ground.spec},
            status=201,
        )
        assert preview["choices"] == ["overwrite", "new_page"]
        assert preview["content"].startswith("<p>")
        assert len(pages.pages[page_id]) == 2
        told = await ground.deliver(await ground.publish(admin, connection, space="TEAM"), admin)
        assert (told["state"], told["choices"]) == ("clash", ["overwrite", "new_page"])
        here = f"/deliveries/{told['id']}/retries"
        assert await admin.refused("POST", here, {}) == {"choice"}
        await admin("POST", here, {"choice": "new_page"}, status=202)
        assert (await ground.deliver(told, admin))["state"] == "delivered"
        assert "Mine" in pages.pages[page_id][-1]["body"]
        assert len(pages.pages) == 2
        notices = await admin("GET", "/users/me/notices")
        assert [one["kind"] for one in notices] == ["delivery_stopped"]


async def test_what_may_pass_is_tried_again_and_what_is_done_is_not_repeated(ground: Ground) -> None:
    with wiki() as (pages, place, body):
        admin, connection = await connected(ground, body)
        place.instead.append(("PUT", "/child/attachment", Said(503)))
        made = await ground.publish(admin, connection, space="TEAM")
        told = await ground.deliver(made, admin)
        assert (told["state"], told["failure"], told["attempts"]) == ("waiting", "later", 1)
        wait = datetime.fromisoformat(told["next_at"]) - datetime.fromisoformat(told["updated_at"])
        assert timedelta(seconds=30) <= wait <= timedelta(seconds=36)
        assert (await ground.deliver(made, admin))["attempts"] == 1  # its time has not come
        ground.moved = timedelta(minutes=1)
        told = await ground.deliver(made, admin)
        assert (told["state"], told["attempts"]) == ("delivered", 2)
        assert [one["outcome"] for one in told["tries"]] == ["later", "delivered"]
        assert [len(versions) for versions in pages.pages.values()] == [1]


async def test_three_failures_pause_a_connection_and_a_good_test_ends_that(ground: Ground) -> None:
    with workflow() as (cards, place, body):
        admin, connection = await connected(ground, body)
        made = await ground.publish(admin, connection)
        place.instead += [("POST", "/workflows/1", Said(503))] * 3
        for _ in range(3):
            ground.moved += timedelta(hours=1)
            told = await ground.deliver(made, admin)
        assert (told["state"], told["attempts"]) == ("waiting", 3)
        shown = await admin("GET", f"/connections/{connection}")
        assert shown["paused"]
        assert shown["paused_until"] is not None
        other = await ground.deliver(await ground.publish(admin, connection), admin)
        assert (other["state"], other["attempts"]) == ("waiting", 0)
        assert other["sentence"].startswith("The connection is paused.")
        assert place.count("POST") == 3
        assert [one["kind"] for one in await admin("GET", "/users/me/notices")] == ["connection_paused"]
        tested = await admin("POST", f"/connections/{connection}/tests", status=201)
        assert (tested["check_ok"], tested["paused"]) == (True, False)
        for one in (made, other):
            assert (await ground.deliver(one, admin))["state"] == "delivered"
        assert len(cards.cards) == 3  # the test's, and one each


async def test_a_revoked_webhook_pauses_until_somebody_acts(ground: Ground) -> None:
    with chat() as (slack, place, body):
        admin, connection = await connected(ground, body)
        place.instead.append(
            ("POST", "/services/T/B/x", Said(404, "no_service", {"Content-Type": "text/plain"}))
        )
        told = await ground.deliver(await ground.publish(admin, connection), admin)
        assert (told["state"], told["failure"]) == ("failed", "admin")
        shown = await admin("GET", f"/connections/{connection}")
        assert (shown["paused"], shown["paused_until"]) == (True, None)
        other = await ground.deliver(await ground.publish(admin, connection), admin)
        assert (other["state"], other["next_at"]) == ("waiting", None)
        changed = await admin("PATCH", f"/connections/{connection}", {"secret": body["secret"]})
        assert not changed["paused"]
        assert other["id"] in await waiting_jobs()
        assert (await ground.deliver(other, admin))["state"] == "delivered"
        assert len(slack.posted) == 1


async def test_a_message_whose_end_nobody_knows_is_told_of_and_sent_again_by_hand_alone(
    ground: Ground,
) -> None:
    with chat() as (slack, place, body):
        admin, connection = await connected(ground, body)
        place.instead.append(("POST", "/services/T/B/x", Said(cut=True)))
        told = await ground.deliver(await ground.publish(admin, connection), admin)
        assert (told["state"], told["next_at"]) == ("unknown", None)
        assert (await ground.deliver(told, admin))["state"] == "unknown"
        assert len(slack.posted) == 1  # it had arrived
        await admin("POST", f"/deliveries/{told['id']}/retries", {}, status=202)
        assert (await ground.deliver(told, admin))["state"] == "delivered"
        assert len(slack.posted) == 2
        assert (await admin("POST", f"/deliveries/{told['id']}/retries", {}, status=409))[
            "code"
        ] == "CONFLICT"


async def test_a_worker_that_died_while_it_sent_does_not_send_twice(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    async def dying(*_args: object) -> None:
        raise Died

    with chat() as (slack, _place, body):
        admin, connection = await connected(ground, body)
        made = await ground.publish(admin, connection)
        with monkeypatch.context() as patched:
            patched.setattr(SlackWebhook, "_post", dying)
            with pytest.raises(Died):
                await ground.deliver(made, admin)
        assert (await admin("GET", f"/deliveries/{made['id']}"))["state"] == "sending"
        told = await ground.deliver(made, admin)
        assert told["state"] == "unknown"
        assert [one["outcome"] for one in told["tries"]] == ["cut off", "unknown"]
        assert slack.posted == []


async def test_no_transaction_is_open_while_a_service_is_spoken_to(ground: Ground) -> None:
    with wiki() as (_pages, place, body):
        admin, connection = await connected(ground, body)
        made = await ground.publish(admin, connection, space="TEAM")
        answer, seen = place.answer, list[int]()

        def looking(asked: Any) -> Said:
            import psycopg

            from sprintreports.settings import settings

            with psycopg.connect(db.libpq_url(settings().database_url)) as aside:
                row = aside.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND state LIKE 'idle in transaction%'"
                ).fetchone()
            assert row is not None
            seen.append(row[0])
            return answer(asked)

        place.answer = looking
        assert (await ground.deliver(made, admin))["state"] == "delivered"
    assert seen
    assert set(seen) == {0}


async def test_who_has_lost_the_right_publishes_nothing(ground: Ground) -> None:
    with chat() as (slack, _place, body):
        admin, connection = await connected(ground, body)
        manager = await person(ground.client, Role.MANAGER)
        made = await ground.publish(manager, connection)
        await scalars(
            "UPDATE user_account SET is_active = false WHERE email = 'manager@example.org' RETURNING id"
        )
        told = await ground.deliver(made, admin)
        assert (told["state"], told["failure"]) == ("failed", "content")
        assert "deactivated" in told["sentence"]
        assert slack.posted == []


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.USER, 403), (Role.MANAGER, 201)])
async def test_publishing_takes_the_right_to_write_reports(ground: Ground, role: Role, status: int) -> None:
    with chat() as (_slack, _place, body):
        _admin, connection = await connected(ground, body)
        await ground.publish(await person(ground.client, role), connection, status=status)


async def test_ones_own_deliveries_are_seen_and_nobody_elses(ground: Ground) -> None:
    with chat() as (_slack, _place, body):
        admin, connection = await connected(ground, body)
        manager = await person(ground.client, Role.MANAGER)
        viewer = await person(ground.client, Role.VIEWER)
        made = await ground.publish(manager, connection)
        assert [len(await api("GET", "/deliveries")) for api in (admin, manager, viewer)] == [1, 1, 0]
        await viewer("GET", f"/deliveries/{made['id']}", status=404)
        assert (await viewer("GET", f"/connections/{connection}"))["settings"] is None


async def test_a_secret_never_comes_out(ground: Ground) -> None:
    with wiki() as (_pages, place, body):
        admin, connection = await connected(ground, body)
        await admin("POST", f"/connections/{connection}/tests", status=201)
        place.instead.append(("GET", "/user/current", Said(401, {"message": body["secret"]})))
        refused = await admin("POST", f"/connections/{connection}/tests", status=201)
        assert (refused["check_ok"], refused["paused"]) == (False, True)
        for path in (f"/connections/{connection}", "/connections", "/audit-entries"):
            answer = await admin.answer("GET", path)
            assert body["secret"] not in answer.text
        stored = await scalars("SELECT secret FROM connection")
        assert body["secret"].encode() not in bytes(stored[0])
        assert await admin.refused(
            "PATCH",
            f"/connections/{connection}",
            {"settings": body["settings"] | {"base_url": "https://elsewhere.example"}},
        ) == {"secret"}
        manager = await person(ground.client, Role.MANAGER)
        await manager("PATCH", f"/connections/{connection}", {"name": "Mine"}, status=403)
        await admin("DELETE", f"/connections/{connection}", status=204)
        assert await scalars("SELECT secret FROM connection") == [None]


async def test_what_waits_for_a_connection_ends_with_it(ground: Ground) -> None:
    with chat() as (slack, _place, body):
        admin, connection = await connected(ground, body)
        made = await ground.publish(admin, connection)
        await admin("DELETE", f"/connections/{connection}", status=204)
        assert (await ground.deliver(made, admin))["state"] == "failed"
        assert slack.posted == []


@pytest.mark.parametrize(
    ("settings", "secret", "fields"),
    [
        (
            {"kind": "confluence", "base_url": "ftp://x", "dialect": "cloud", "account": "a@b.c"},
            "t",
            {"settings.base_url"},
        ),
        (
            {"kind": "confluence", "base_url": "https://x.example", "dialect": "cloud"},
            "t",
            {"settings.account"},
        ),
        ({"kind": "slack", "by": "bot"}, "nonsense", {"secret"}),
        ({"kind": "slack", "by": "webhook"}, "https://u:p@hooks.slack.com/x", {"secret"}),
        ({"kind": "teams"}, "", {"secret"}),
        ({"kind": "email", "host": "smtp example", "sender": "x"}, "", {"settings.host", "settings.sender"}),
    ],
)
async def test_a_connection_that_cannot_be_meant_is_refused(
    ground: Ground, settings: dict[str, Any], secret: str, fields: set[str]
) -> None:
    admin = await person(ground.client, Role.ADMIN)
    body = {"name": "New", "settings": settings, "secret": secret}
    assert await admin.refused("POST", "/connections", body) == fields


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ({"space": ""}, "target.space"),
        ({"space": "A B"}, "target.space"),
        ({"space": "TEAM", "parent": "../x"}, "target.parent"),
    ],
)
async def test_a_target_that_cannot_be_meant_is_refused(
    ground: Ground, target: dict[str, Any], field: str
) -> None:
    with wiki() as (_pages, _place, body):
        admin, connection = await connected(ground, body)
        sent = {"connection_id": connection, "target": target, "spec": ground.spec}
        assert await admin.refused("POST", "/deliveries", sent) == {field}


async def test_a_mail_goes_to_each_recipient_who_has_not_left(ground: Ground) -> None:
    box = Box(refused=frozenset({"gone@example.org"}))
    async with serving(box) as port:
        settings = {
            "kind": "email",
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "sender": "reports@example.org",
        }
        admin, connection = await connected(ground, {"name": "Mail", "settings": settings})
        assert (
            "No mail was sent"
            in (await admin("POST", f"/connections/{connection}/tests", status=201))["check_message"]
        )
        async with db.transaction() as session:
            await opt_outs.leave(session, urlsplit(opt_outs.link("left@example.org")).path.rpartition("/")[2])
        to = ["ada@example.org", "left@example.org", "gone@example.org"]
        told = await ground.deliver(await ground.publish(admin, connection, to=to, files=["pdf"]), admin)
        assert (told["state"], told["failure"]) == ("failed", "content")
        assert "gone@example.org" in told["sentence"]
        box.refused = frozenset()
        await admin("POST", f"/deliveries/{told['id']}/retries", {}, status=202)
        assert (await ground.deliver(told, admin))["state"] == "delivered"
        viewer = await person(ground.client, Role.VIEWER)
        await ground.publish(viewer, connection, to=["viewer@example.org"])
        await ground.publish(viewer, connection, to=["viewer@example.org", "ada@example.org"], status=403)
        assert await admin.refused(
            "POST",
            "/deliveries",
            {"connection_id": connection, "target": {"to": ["no address"]}, "spec": ground.spec},
        ) == {"target.to"}
    assert [recipients for _, recipients, _ in box.taken] == [["ada@example.org"], ["gone@example.org"]]
    message = box.taken[0][2]
    assert message["Subject"] == told["title"]
    assert message["List-Unsubscribe"].startswith("<http")
    assert [part.get_filename() for part in message.iter_attachments()] == ["report.pdf"]
    page = message.get_body(("html",))
    assert page is not None
    assert 'src="cid:' in page.get_content()


async def test_unsubscribing_takes_a_press_and_holds(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRINTREPORTS_PUBLIC_URL", "http://reports.test")
    settings_module.reload()
    try:
        link = opt_outs.link("Ada@example.org")
        path = httpx.URL(link).raw_path.decode()
        asked = await ground.client.get(path)
        assert "<form" in asked.text
        async with db.transaction() as session:
            assert await opt_outs.staying(session, ["ada@example.org"]) == ("ada@example.org",)
        pressed = await ground.client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert "no more mails" in pressed.text
        async with db.transaction() as session:
            assert await opt_outs.staying(session, ["ada@example.org", "bo@example.org"]) == (
                "bo@example.org",
            )
        assert (await ground.client.get(path[:-3] + "AAA")).status_code == 404
        assert (await ground.client.post("/api/v1/mail-opt-outs/nonsense")).status_code == 404
    finally:
        monkeypatch.undo()
        settings_module.reload()


def test_waits_grow_and_end() -> None:
    waits = [wait_after(attempt, "key") for attempt in range(1, MOST_ATTEMPTS + 1)]
    assert waits == sorted(waits)
    for number, wait in enumerate(waits):
        base = min(30 * 2**number, 7200)
        assert base <= wait.total_seconds() <= base * 1.2
    assert wait_after(1, "one") != wait_after(1, "other")
