"""schemathesis against the running API, for each role's token: no failure of ours, and no answer that the document leaves out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.permissions import Role
from sprintreports.jira import sites
from sprintreports.jira.client import pace
from sprintreports.kit import db, http
from sprintreports.planning import absences, by_hand, members, teams
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.queue.options import Options, PinIssue
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import drafts, serving
from sprintreports.planning.teams import TeamSettings
from tests.integration.jira_site import NOW, fill, make_site, rows
from tests.integration.oauth_support import use_as_atlassian
from tests.integration.planning_site import ADMIN
from tests.integration.schemathesis_support import Asking, Crowd, made_up, open_to
from tests.integration.test_reads import sample
from tests.integration.webhook_support import served


@pytest.fixture(scope="module")
def jira() -> Iterator[RunningDemo]:
    with running_demo(scale=0.05, seed="schemathesis") as running:
        yield running


@pytest_asyncio.fixture
async def company(
    pg_url: str, monkeypatch: pytest.MonkeyPatch, jira: RunningDemo
) -> AsyncIterator[tuple[str, dict[str, list[Any]]]]:
    """A running API over a company with two Jiras, of which the second one refuses its token."""
    monkeypatch.setenv("SPRINTREPORTS_ANONYMOUS_REQUESTS_PER_MINUTE", "1000000")
    use_as_atlassian(jira, monkeypatch)
    monkeypatch.setattr(http, "_guarded", partial(http.transport, resolve=_nobody_else))
    monkeypatch.setattr(pace, "back_off", lambda _attempt: 0.0)
    ids = await _filled(jira)
    async with served() as base:
        yield base, ids


async def _nobody_else(host: str, port: int) -> list[str]:
    """Made-up names lead nowhere, whatever the resolver of this machine knows."""
    if host in {"127.0.0.1", "localhost"}:
        return ["127.0.0.1"]
    raise OSError(f"{host}:{port} is not of this test")


async def _filled(jira: RunningDemo) -> dict[str, list[Any]]:
    async with db.transaction() as session:
        site = await make_site(session, base_url=jira.base_url)
        await fill(session, site, sample())
        connection = await db.raw(session)
        await connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')"
        )

        async def one(statement: str, *values: Any) -> Any:
            return (await rows(session, statement, *values))[0][0]

        refused = await one(
            "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message) "
            "VALUES ('Refused', %s, 'cloud', 'basic', 'a@b.test', 'ok', '') RETURNING id",
            jira.base_url.replace("127.0.0.1", "localhost"),
        )
        for number, token in ((site.site_id, jira.token), (refused, "wrong-token")):
            await connection.execute(
                "UPDATE site SET secret = %s, account = %s WHERE id = %s",
                (sites.seal_secret(number, token), jira.email, number),
            )
        run = await one(
            "INSERT INTO sync_run (site_id, mode, state, phase, request_id) VALUES (%s, 'full', 'queued', '', 'r') "
            "RETURNING id",
            site.site_id,
        )
        delivery = await one(
            "INSERT INTO webhook_delivery (site_id, identifier, received_at, event, body, outcome) "
            "VALUES (%s, 'made-up', now(), 'jira:issue_updated', '{}', 'failed') RETURNING id",
            site.site_id,
        )
        planned = await _teams(session) | await _queues(session)
        return planned | {
            "site_id": [site.site_id, refused],
            "board_id": [await one("SELECT id FROM board WHERE jira_board_id = 7")],
            "sprint_id": [
                await one("SELECT id FROM sprint WHERE jira_sprint_id = %s", n) for n in (1, 2, 3, 4)
            ],
            "person_id": [await one("SELECT min(id) FROM jira_person")],
            "run_id": [run],
            "delivery_id": [delivery],
            "check": ["done-without-estimate", "without-team"],
        }


async def _teams(session: AsyncSession) -> dict[str, list[Any]]:
    """Two teams, with somebody who is away and a figure set by hand."""
    one, two = [await teams.create(session, ADMIN, TeamSettings(name)) for name in ("QA", "Web")]
    await members.add_named(session, ADMIN, one.id, name="Grace Hopper", version=None)
    (member,) = await members.listing(session, ADMIN, team_ids=[one.id])
    away = await absences.add(session, ADMIN, Absence(member.person.id, NOW.date(), NOW.date()))
    ((sprint_id,),) = await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = 3")
    override = Override(Measure.DAYS, Fraction(8), None, "A conference.")
    await by_hand.put(
        session, ADMIN, team_id=one.id, sprint_id=sprint_id, override=override, replaces=None, now=NOW
    )
    (figure,) = await by_hand.listing(session, ADMIN, sprint_ids=[sprint_id], team_ids=[one.id])
    return {
        "team_id": [one.id, two.id],
        "member_id": [member.person.id],
        "absence_id": [away.id],
        "override_id": [figure.id],
    }


async def _queues(session: AsyncSession) -> dict[str, list[Any]]:
    """A draft with an edit and two versions."""
    ((sprint_id,),) = await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = 3")
    info = await serving.begin(
        session, ADMIN, sprint_id=sprint_id, name="Plan", options=Options(), sources=Sources(), now=NOW
    )
    for issue in (1, 2):
        edit = [PinIssue(issue)]
        await drafts.apply(session, ADMIN, info.id, edit, seen=issue - 1, token=f"edit-{issue}", now=NOW)
        basis = await serving.basis(session, ADMIN, info.id, now=NOW)
        await serving.keep(session, ADMIN, basis, await serving.made(basis), now=NOW)
    return {"queue_id": [info.id], "number": [2]}


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role or "nobody")
async def test_nothing_fails_and_nothing_is_undocumented(
    company: tuple[str, dict[str, list[Any]]], role: Role | None
) -> None:
    base, ids = company
    async with http.client(base_url=base) as client:
        document = (await client.get("/api/v1/openapi.json")).json()
    asking = Asking(base, Crowd(asyncio.get_running_loop(), role, ids))
    await asyncio.to_thread(asking.all, document)
    assert not asking.broken, "\n\n".join(f"{name}: {told}" for name, told in asking.broken.items())
    answered = {name for name, statuses in asking.seen.items() if any(200 <= one < 300 for one in statuses)}
    expected = _readable(document, role, ids)
    if role in {Role.ADMIN, Role.SUPER_ADMIN}:  # of the Jira that refuses its token
        assert 502 in asking.seen["list_site_boards"] & asking.seen["get_site_mapping_choices"]
    assert expected <= answered, f"never answered with a success: {sorted(expected - answered)}"


def _readable(document: dict[str, Any], role: Role | None, ids: dict[str, list[Any]]) -> set[str]:
    """The reads that are open to the role and whose every id is there: made-up requests reach what they read."""
    there = {*ids, "user_id", "key_id", "session_id"}
    return {
        operation.definition.raw["operationId"]
        for operation, _ in made_up(document)
        if operation.method.lower() == "get"
        and {part.name for part in operation.path_parameters} <= there
        and open_to(role, operation)
    }
