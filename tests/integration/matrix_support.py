"""What the matrix tests share: a running web process, people of every kind, and what each of them must never be shown.

Two boards with a sprint each, and two teams on the first: words that stand on one side alone tell who saw the other.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports import settings as settings_module
from sprintreports.identity import grants, sessions, tokens, users
from sprintreports.identity.clients import keys
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.jira import store
from sprintreports.jira.payloads import BoardPayload
from sprintreports.jira.reads import disciplines
from sprintreports.kit import clock, crypto, db, queue
from sprintreports.kit.embedded import EmbeddedPostgres, free_port
from sprintreports.planning import absences, by_hand, discovering, members
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import serving
from sprintreports.planning.queues import store as queue_store
from sprintreports.ui import serve
from tests import programs
from tests.integration.jira_site import BOARD, NOW, configuration, fill, found, make_site, rows, sprint
from tests.unit.identity.test_permissions import CELLS
from tests.unit.jira.samples import change, day, issue, sprinted

FOREIGN, FOREIGN_SPRINT = 8, 11  # as Jira numbers them
NOWHERE = 999_999
BOARD_WORDS = frozenset({"Zanzibar", "Quagga", "Okapi", "tapir"})  # what only the foreign board shows
TEAM_WORDS = frozenset({"Narwhal", "Ocelot", "walrus"})  # what only the foreign team shows
# What a program of an admin's was limited to, and whether it comes with a key (else with a token).
PROGRAMS = {
    "sprints:read": False, "users:read": False, "users:write": True, "settings:read": True, "settings:write": False,
}  # fmt: skip
_SYSTEM = Viewer.system()
_MATRIX = {(role, f"{subject}:{access}"): may for role, subject, access, may in CELLS}
# What is written when somebody is refused, or merely asked who they are.
_NOTED = "audit_%", "sign_in_throttle", "user_session", "api_key", "procrastinate_worker%", "alembic%"


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `limits`: to their own `board` or `team`; `scopes`: what their token or key was limited to."""

    name: str
    user_id: int
    role: Role
    credential: dict[str, str]
    cookie: str = ""
    limits: str = ""
    scopes: frozenset[str] | None = None

    def may(self, permission: str | None, *, programs: bool = False) -> bool:
        """What the user's matrix says (tests/unit/identity/test_permissions.py), and what limits and scopes take away."""
        if permission is None:
            return self.scopes is None or programs
        whole = permission.partition(":")[0] in {"users", "settings"}
        in_scope = self.scopes is None or permission in self.scopes
        return in_scope and _MATRIX[self.role, permission] and not (self.limits and whole)

    @property
    def unseen(self) -> frozenset[str]:
        return {"board": BOARD_WORDS, "team": TEAM_WORDS}.get(self.limits, frozenset())


@dataclass(frozen=True, slots=True)
class Ground:
    """A running web process, its database, who uses it, and what there is."""

    url: str
    database: str
    log: Path
    people: dict[str, Person]
    ids: dict[str, int]

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()  # type: ignore[arg-type]

    def stored(self) -> str:
        """A digest of all that is stored, besides what tells of refusals and of last uses."""
        digest = hashlib.sha256()
        with psycopg.connect(self.database, autocommit=True) as connection:
            tables = connection.execute(
                "SELECT relname FROM pg_stat_user_tables WHERE NOT relname LIKE ANY(%s) ORDER BY 1",
                (list(_NOTED),),
            ).fetchall()
            for (table,) in tables:
                row = connection.execute(
                    f'SELECT count(*), sum(hashtext(t::text)::bigint) FROM "{table}" t'  # type: ignore[arg-type]
                ).fetchone()
                digest.update(f"{table} {row}\n".encode())
        return digest.hexdigest()

    def refused(self, user_id: int | None) -> set[str]:
        """What the audit log says this person was refused."""
        told = self.ask(
            "SELECT subject_id FROM audit_entry WHERE action = 'permission.refused' AND actor_id IS NOT DISTINCT FROM %s",
            user_id,
        )
        return {what for (what,) in told}

    def take_jobs(self) -> set[str]:
        """The names of the jobs that wait; they are taken away, and so are the runs that they belong to."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            names = connection.execute("SELECT DISTINCT task_name FROM procrastinate_jobs").fetchall()
            connection.execute("DELETE FROM procrastinate_jobs")
            connection.execute("DELETE FROM sync_run")
        return {name for (name,) in names}

    def with_work(self) -> dict[str, int]:
        """The ids, with somebody to erase, a delivery to work on again, and a run that waits as its site is paused."""
        self.take_jobs()
        self.ask("UPDATE site SET paused_at = now() RETURNING id")
        self.ask(
            "INSERT INTO sync_run (site_id, mode, state, phase, request_id) VALUES (%s, 'full', 'queued', '', 'r') "
            "RETURNING id",
            self.ids["site"],
        )
        ((person,),) = self.ask("SELECT max(id) FROM jira_person WHERE account_key NOT LIKE 'erased%%'")
        ((delivery,),) = self.ask(
            "INSERT INTO webhook_delivery (site_id, identifier, received_at, event, body, outcome) "
            "VALUES (%s, gen_random_uuid()::text, now(), 'jira:issue_updated', '{}', 'failed') RETURNING id",
            self.ids["site"],
        )
        return self.ids | {"person": person, "delivery": delivery}

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def standing(postgres: EmbeddedPostgres, template: str, folder: Path) -> Iterator[Ground]:
    """The ground on a database of its own."""
    name = f"matrix_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    url, port = postgres.url_of(name), free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPRINTREPORTS_DATABASE_URL", url)
        patch.setenv("SPRINTREPORTS_PUBLIC_URL", f"http://127.0.0.1:{port}")  # it is the issuer of tokens
        settings_module.reload()
        crypto.forget_key()
        queue.app.cache_clear()
        with ThreadPoolExecutor(1) as apart:  # pytest-asyncio keeps a loop in this one
            people, ids = apart.submit(lambda: asyncio.run(_filled())).result()
        queue.app.cache_clear()
        with _web(folder, port) as address:
            yield Ground(address, url, folder / "web.log", people, ids)
    settings_module.reload()


async def _filled() -> tuple[dict[str, Person], dict[str, int]]:
    try:
        async with db.transaction() as session:
            ids = await _company(session)
        people = [
            *[await _person(str(role), role) for role in Role],
            *[
                await _person(f"{role}_{limits}", role, ids=ids, limits=limits)
                for role in (Role.VIEWER, Role.USER, Role.MANAGER)
                for limits in ("board", "team")
            ],
            *[await _program(scope, key=key) for scope, key in PROGRAMS.items()],
            await _limited_key(ids),
            await _gone(),
        ]
        ids["user"] = people[-1].user_id
        return {one.name: one for one in people}, ids
    finally:
        await db.dispose()


async def _company(session: AsyncSession) -> dict[str, int]:
    """Board 7 shows teams Badger and Narwhal, board 8 Badger alone."""
    site = await make_site(session)
    foreign = store.FoundBoard(BoardPayload(id=FOREIGN, name="Zanzibar"), configuration())
    await store.store_boards(session, site, [found(), foreign], now=NOW)
    await session.execute(text("UPDATE board SET selected = true"))
    there = msgspec.structs.replace(
        sprint(FOREIGN_SPRINT, "closed", 2, 16, 16.5), name="Quagga 11", origin_board_id=FOREIGN
    )
    await store.store_sprints(session, site, FOREIGN, [there], now=NOW)
    here = [
        issue(1, sprints=[1], points=3, team="Badger", assignee="bob", summary="Badger's first"),
        issue(2, change(21, day(5), sprinted([], [1])), sprints=[1], team="Badger", summary="Badger's second"),
        issue(3, sprints=[1], points=5, team="Narwhal", assignee="walrus", owner="walrus", summary="Ocelot one"),
        issue(4, change(41, day(6), sprinted([], [1])), sprints=[1], team="Narwhal", summary="Ocelot two"),
        issue(5, change(51, day(7), sprinted([1], [])), points=8, team="Narwhal", summary="Ocelot three"),
        issue(8, sprints=[3], points=2, team="Badger", assignee="bob", summary="Badger's third"),
        issue(9, sprints=[3], points=1, team="Narwhal", assignee="walrus", owner="walrus", summary="Ocelot four"),
    ]  # fmt: skip
    await fill(session, site, here)
    yonder = [
        issue(6, sprints=[FOREIGN_SPRINT], points=5, team="Badger", assignee="tapir", summary="Okapi one"),
        issue(7, change(71, day(6), sprinted([], [FOREIGN_SPRINT])), sprints=[FOREIGN_SPRINT], team="Badger",
              summary="Okapi two"),
    ]  # fmt: skip
    await fill(session, site, yonder, boards=(FOREIGN,))

    async def one(statement: str, *values: Any) -> int:
        return int((await rows(session, statement, *values))[0][0])

    planned = await _planned(session) | await _queued(session)
    return planned | {
        "site": site.site_id,
        "board": await one("SELECT id FROM board WHERE jira_board_id = %s", BOARD),
        "foreign_board": await one("SELECT id FROM board WHERE jira_board_id = %s", FOREIGN),
        "sprint": await one("SELECT id FROM sprint WHERE jira_sprint_id = 1"),
        "foreign_sprint": await one("SELECT id FROM sprint WHERE jira_sprint_id = %s", FOREIGN_SPRINT),
        "team": await one("SELECT id FROM discipline WHERE name = 'Badger'"),
        "person": await one("SELECT min(id) FROM jira_person"),
        "foreign_team": await one("SELECT id FROM discipline WHERE name = 'Narwhal'"),
    }


async def _planned(session: AsyncSession) -> dict[str, int]:
    """A team for each of Jira's values, with a member of its own who is away, and a figure set by hand."""
    people = dict(await rows(session, "SELECT account_key, id FROM jira_person"))
    found = {row.name: row.id for row in await disciplines.listing(session, _SYSTEM)}
    ids: dict[str, int] = {}
    for side, name, who in (("", "Badger", "bob"), ("foreign_", "Narwhal", "walrus")):
        (team,) = await discovering.make_teams(session, _SYSTEM, [found[name]])
        await members.add(session, _SYSTEM, team.id, [people[who]], version=None)
        (member,) = await members.listing(session, _SYSTEM, team_ids=[team.id])
        away = await absences.add(session, _SYSTEM, Absence(member.person.id, NOW.date(), NOW.date()))
        ((sprint_id,),) = await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = 1")
        override = Override(Measure.DAYS, Fraction(8), None, f"{name} said so")
        await by_hand.put(
            session, _SYSTEM, team_id=team.id, sprint_id=sprint_id, override=override, replaces=None, now=NOW
        )
        (row,) = await by_hand.listing(session, _SYSTEM, sprint_ids=[sprint_id], team_ids=[team.id])
        named = {"team": team.id, "member": member.person.id, "absence": away.id, "override": row.id}
        ids |= {f"{side}planned_{key}": value for key, value in named.items()}
    return ids


async def _queued(session: AsyncSession) -> dict[str, int]:
    """A queue with two versions on the one board, and one without any on the other."""
    ids: dict[str, int] = {"number": 2}
    for side, number, name in (("", 3, "Plan"), ("foreign_", FOREIGN_SPRINT, "Plan of Zanzibar")):
        ((sprint_id,),) = await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = %s", number)
        made = await queue_store.create(
            session, _SYSTEM, sprint_id=sprint_id, name=name, options=Options(), sources=Sources(), now=NOW
        )
        ids[f"{side}queue"] = made.id
    for _ in range(2):
        basis = await serving.basis(session, _SYSTEM, ids["queue"], now=NOW)
        await serving.keep(session, _SYSTEM, basis, await serving.made(basis), now=NOW)
    return ids


async def _made(session: AsyncSession, name: str, role: Role | None) -> int:
    made = await users.create(
        session, _SYSTEM, email=f"{name}@example.org", password=None, role=role, name=f"The {name}"
    )
    return made.id


async def _person(name: str, role: Role, *, ids: dict[str, int] | None = None, limits: str = "") -> Person:
    async with db.transaction() as session:
        user_id = await _made(session, name, None if limits else role)
        if limits and ids:
            only = frozenset({ids[limits]})
            grant = Grant(role, board_ids=only) if limits == "board" else Grant(role, team_ids=only)
            await grants.give(session, _SYSTEM, user_id=user_id, everywhere=None, limited=[grant])
        now = clock.now()
        opened = await sessions.create(session, user_id=user_id, user_agent="", address="", now=now)
        pair = await tokens.issue(session, user_id=user_id, user_agent="", address="", now=now)
    bearer = {"Authorization": f"Bearer {pair.access_token}"}
    return Person(name, user_id, role, bearer, opened.token, limits)


async def _program(scope: str, *, key: bool) -> Person:
    """A token or a key of an admin's, that was limited to one scope."""
    scopes, name = frozenset({Permission(scope)}), scope.replace(":", "-")
    async with db.transaction() as session:
        user_id, now = await _made(session, name, Role.ADMIN), clock.now()
        if key:
            viewer = Viewer(user_id, name, f"{name}@example.org", Role.ADMIN)
            made = await keys.create(session, viewer, name=name, scopes=scopes, now=now)
            credential = {"X-API-Key": made.secret}
        else:
            pair = await tokens.issue(
                session, user_id=user_id, user_agent="", address="", now=now, scopes=scopes
            )
            credential = {"Authorization": f"Bearer {pair.access_token}"}
    return Person(scope, user_id, Role.ADMIN, credential, scopes=frozenset({scope}))


async def _limited_key(ids: dict[str, int]) -> Person:
    """A key of somebody who sees one board: it sees no more than its owner."""
    owner = await _person("key_board", Role.VIEWER, ids=ids, limits="board")
    viewer = Viewer(owner.user_id, "", "", Role.VIEWER, board_ids=frozenset({ids["board"]}))
    scopes = frozenset({Permission.SPRINTS_READ})
    async with db.transaction() as session:
        made = await keys.create(session, viewer, name="Key", scopes=scopes, now=clock.now())
    return replace(owner, credential={"X-API-Key": made.secret}, scopes=frozenset(map(str, scopes)))


async def _gone() -> Person:
    """An admin who has been deactivated, with what they held before."""
    person = await _person("gone", Role.ADMIN)
    async with db.transaction() as session:
        await users.set_active(session, _SYSTEM, user_id=person.user_id, active=False)
    return person


@contextmanager
def _web(folder: Path, port: int) -> Iterator[str]:
    """The web process as it is deployed, without the built pages: nobody looks at them here."""
    address = f"http://127.0.0.1:{port}"
    variables = serve.variables(
        folder,
        SPRINTREPORTS_DATA_DIR=str(folder),
        SPRINTREPORTS_LOG_LEVEL="WARNING",
        SPRINTREPORTS_ANONYMOUS_REQUESTS_PER_MINUTE="1000000",
    )
    variables["__REFLEX_MOUNT_FRONTEND_COMPILED_APP"] = "false"
    log = folder / "web.log"
    command = serve.command(host="127.0.0.1", port=port)
    with programs.running(command, log=log, environment=variables) as process:
        programs.wait_for(f"{address}/health/ready", process, log)
        yield address
