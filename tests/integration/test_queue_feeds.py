"""Private links to a queue's calendar: who makes them, what a calendar program gets, and when that ends."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
import structlog
from icalendar import Calendar
from sqlalchemy import text

from sprintreports.identity import users
from sprintreports.identity.clients import keys
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, limits
from sprintreports.observability import logs
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options, SetTiming
from sprintreports.planning.queue.values import Scheduling, Timing
from sprintreports.planning.queues import feeds, states, versions
from sprintreports.planning.queues.tables import QueueState
from tests.integration.jira_site import NOW
from tests.integration.planning_site import ADMIN
from tests.integration.planning_support import SYSTEM, Api, asking, person
from tests.integration.queue_site import QA, QueueSite, queue_site
from tests.integration.test_planning_queues import begun, inputs_of, kept

START = datetime(2025, 5, 7, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ground:
    """An active queue with one issue at an exact time (APP-10, of QA) and one due (APP-11, of Web)."""

    client: httpx.AsyncClient
    site: QueueSite
    queue: int

    @property
    def path(self) -> str:
        return f"/queues/{self.queue}/feeds"

    async def fetch(self, url: str, **headers: str) -> httpx.Response:
        return await self.client.get(httpx.URL(url).raw_path.decode(), headers=headers)


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    await limits.dispose()
    options = Options(algorithm="priority")
    timings = {
        10: Timing(Scheduling.HARD, START, START + timedelta(hours=2)),
        11: Timing(Scheduling.SOFT, None, START),
    }
    for issue, timing in timings.items():
        options = SetTiming(issue, timing).applied(options)
    async with db.transaction() as session:
        site = await queue_site(session)
        queue = await begun(session, site, "Plan; of\\ all", options)
        await kept(session, site, queue.id)
        await states.become(session, ADMIN, queue.id, QueueState.ACTIVE, now=NOW)
    async with asking() as client:
        yield Ground(client, site, queue.id)


async def link(ground: Ground, api: Api, **body: object) -> dict[str, object]:
    return await api("POST", ground.path, {"name": "My phone"} | body, status=201)


async def asked(sql: str, **values: object) -> list[object]:
    async with db.transaction() as session:
        return list((await session.execute(text(sql), values)).scalars())


async def test_a_link_is_made_fetched_and_revoked(ground: Ground) -> None:
    api = await person(ground.client, Role.VIEWER)
    made = await link(ground, api, days=7)
    url = str(made["url"])
    assert "/api/v1/queue-feeds/srf_" in url
    assert url.endswith(".ics")
    listed = await api("GET", ground.path)
    assert [(one["name"], one["state"], one["last_used_at"]) for one in listed] == [
        ("My phone", "active", None)
    ]
    assert url.rpartition("/")[2].removesuffix(".ics") not in str(listed)

    answer = await ground.fetch(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    first, second = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (first["dtstart"].dt, first["dtend"].dt) == (START, START + timedelta(hours=2))
    assert str(first["uid"]) == f"queue-{ground.queue}-issue-10@sprint-reports"
    assert str(second["summary"]).startswith("Due: APP-11")
    assert (first["sequence"], "last-modified" in first) == (1, True)
    assert (await api("GET", ground.path))[0]["last_used_at"] is not None

    again = await ground.fetch(url, **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await api("DELETE", f"{ground.path}/{made['id']}", status=204)
    dead = await ground.fetch(url)
    assert (dead.status_code, dead.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert [one["state"] for one in await api("GET", ground.path)] == ["revoked"]
    found = await asked("SELECT action FROM audit_entry WHERE action LIKE 'queue_link.%' ORDER BY id")
    assert found == ["queue_link.made", "queue_link.revoked"]


async def test_a_new_version_moves_events_and_does_not_double_them(ground: Ground) -> None:
    url = str((await link(ground, await person(ground.client, Role.VIEWER)))["url"])
    before = await ground.fetch(url)
    async with db.transaction() as session:
        found = await inputs_of(session, ground.site)
        stored = await versions.read(session, ADMIN, ground.queue)
        later = Timing(Scheduling.HARD, START + timedelta(days=1), START + timedelta(days=1, hours=2))
        queue = generate(found.inputs, SetTiming(10, later).applied(stored.queue.options))
        packed = versions.packed(queue)
        await session.execute(
            text(
                "INSERT INTO queue_version SELECT queue_id, 2, head, note, sources, fingerprint, format, :result, summary, "
                "created_by, created_at + interval '1 hour' FROM queue_version WHERE queue_id = :id"
            ),
            {"id": ground.queue, "result": packed},
        )
    after = await ground.fetch(url, **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    one, two = (Calendar.from_ical(answer.content).walk("VEVENT")[0] for answer in (before, after))
    assert (one["uid"], two["sequence"]) == (two["uid"], 2)
    assert two["dtstart"].dt - one["dtstart"].dt == timedelta(days=1)
    assert two["last-modified"].dt - one["last-modified"].dt == timedelta(hours=1)
    assert after.headers["last-modified"] != before.headers["last-modified"]


@pytest.mark.parametrize(
    "ending", ["deactivated", "deleted", "password", "expired", "archived", "no board", "role gone"]
)
async def test_a_link_ends_with_what_it_rests_on(ground: Ground, ending: str) -> None:
    api = await person(ground.client, Role.VIEWER)
    made = await link(ground, api)
    url, owner = str(made["url"]), made["user_id"]
    assert (await ground.fetch(url)).status_code == 200
    async with db.transaction() as session:
        if ending == "archived":
            await states.become(session, ADMIN, ground.queue, QueueState.COMPLETED, now=NOW)
    completed = await ground.fetch(url)
    assert completed.status_code == 200
    statement = {
        "deactivated": "UPDATE user_account SET is_active = false WHERE id = :id",
        "deleted": "UPDATE user_account SET deleted_at = now() WHERE id = :id",
        "password": "UPDATE user_account SET credentials_version = credentials_version + 1 WHERE id = :id",
        "expired": "UPDATE queue_feed SET expires_at = now() WHERE user_id = :id",
        "archived": "UPDATE queue SET state = 'archived' WHERE :id > 0",
        "no board": "UPDATE site SET deleted_at = now() WHERE :id > 0",
        "role gone": "UPDATE user_account SET role = NULL WHERE id = :id",
    }[ending]
    async with db.transaction() as session:
        await session.execute(text(statement), {"id": owner})
    dead = await ground.fetch(url)
    assert (dead.status_code, dead.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert "Make a new one" in dead.json()["error"]["message"]


async def test_a_link_shows_what_its_maker_sees(ground: Ground) -> None:
    limited = await person(ground.client, Role.VIEWER, teams=[ground.site.values[QA]])
    url = str((await link(ground, limited))["url"])
    (event,) = Calendar.from_ical((await ground.fetch(url)).content).walk("VEVENT")
    assert str(event["summary"]).startswith("APP-10")


async def test_everybody_sees_their_own_links_and_planners_see_and_end_all(ground: Ground) -> None:
    viewer, other = await person(ground.client, Role.VIEWER), await person(ground.client, Role.USER)
    made = await link(ground, viewer)
    assert await other("GET", ground.path) == []
    await other("DELETE", f"{ground.path}/{made['id']}", status=404)
    manager = await person(ground.client, Role.MANAGER)
    assert [one["owner"] for one in await manager("GET", ground.path)] == ["viewer@example.org"]
    await manager("DELETE", f"{ground.path}/{made['id']}", status=204)
    assert (await ground.fetch(str(made["url"]))).status_code == 404


async def test_what_is_refused(ground: Ground) -> None:
    api = await person(ground.client, Role.MANAGER)
    assert await api.refused("POST", ground.path, {"name": "   "}) == {"name"}
    assert await api.refused("POST", ground.path, {"name": "x", "days": 367}) == {"days"}
    for _ in range(feeds.MOST_LINKS):
        await link(ground, api)
    assert "Revoke" in (await api("POST", ground.path, {"name": "x"}, status=422))["message"]
    await api("POST", "/queues/999999/feeds", {"name": "x"}, status=404)
    async with db.transaction() as session:
        draft = await begun(session, ground.site, "Draft")
    assert (
        "plan first" in (await api("POST", f"/queues/{draft.id}/feeds", {"name": "x"}, status=409))["message"]
    )
    for token in ("srf_" + "x" * 43, "srf_", "x", "..%2F..", "srf_" + "x" * 43 + ".ics.ics", "%F0%9F%92%A9"):
        assert (await ground.client.get(f"/api/v1/queue-feeds/{token}.ics")).status_code == 404, token


async def test_no_key_makes_or_ends_a_link_that_outlives_it(ground: Ground) -> None:
    async with db.transaction() as session:
        owner = await users.create(
            session, SYSTEM, email="k@x.test", password=None, role=Role.MANAGER, name="K"
        )
        viewer = Viewer(owner.id, "K", "k@x.test", Role.MANAGER)
        scopes = frozenset({Permission.QUEUES_READ, Permission.QUEUES_WRITE})
        key = await keys.create(session, viewer, name="Key", scopes=scopes, now=clock.now())
    api = Api(ground.client, {"X-API-Key": key.secret})
    assert (await api("GET", ground.path)) == []
    assert (await api("POST", ground.path, {"name": "x"}, status=403))["code"] == "FORBIDDEN"


async def test_a_link_is_asked_at_a_bearable_pace(ground: Ground) -> None:
    url = str((await link(ground, await person(ground.client, Role.VIEWER)))["url"])
    # Where a minute of the clock begins meanwhile, what was counted before it weighs a little less: one or two more pass.
    most = feeds.PER_MINUTE + 3
    statuses = [(await ground.fetch(url)).status_code for _ in range(most)]
    passed = statuses.index(429)
    assert feeds.PER_MINUTE <= passed < most
    assert statuses[:passed] == [200] * passed


async def test_no_log_and_no_table_has_a_token(ground: Ground, capfd: pytest.CaptureFixture[str]) -> None:
    api = await person(ground.client, Role.VIEWER)
    url = str((await link(ground, api))["url"])
    token = url.rpartition("/")[2].removesuffix(".ics")
    before = structlog.get_config()
    logs.configure("INFO")
    try:
        await ground.fetch(url)
    finally:
        structlog.configure(**before)
    assert token not in logs.redact(f"GET {url} failed")
    told = "".join(capfd.readouterr())
    assert "/api/v1/queue-feeds/[redacted]" in told
    assert token not in told
    for table in ("queue_feed", "audit_entry"):
        rows = await asked(f"SELECT t::text FROM {table} t")
        assert rows
        assert not any(token in str(row) for row in rows)


async def test_links_that_ended_long_ago_are_deleted(ground: Ground) -> None:
    api = await person(ground.client, Role.VIEWER)
    made = [await link(ground, api, name=name) for name in ("old", "new")]
    async with db.transaction() as session:
        statement = text("UPDATE queue_feed SET revoked_at = :at WHERE id = :id")
        await session.execute(statement, {"at": clock.now() - timedelta(days=31), "id": made[0]["id"]})
        await feeds.purge(session, now=clock.now())
    assert [one["name"] for one in await api("GET", ground.path)] == ["new"]
