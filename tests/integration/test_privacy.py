"""What is stored about people is shown and erased: no name is left or comes again, and every number stays as it was."""

import asyncio
import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, privacy, sessions, tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import store
from sprintreports.jira.context import load
from sprintreports.jira.privacy import people
from sprintreports.jira.privacy.stored import scrub_site
from sprintreports.kit import clock, db, http
from sprintreports.kit.errors import Forbidden
from tests.applications import rest_app
from tests.integration.jira_site import NOW, fill, make_site
from tests.unit.jira.samples import change, day, issue, item, moved, person

SYSTEM = Viewer.system()
ADA, BEN = "712020:ada-0000-4444-8888", "712020:ben-0000-4444-8888"
NAME = f"Name of {ADA}"


async def everything(session: AsyncSession) -> str:
    """Every row of every table as text, with what is stored compressed opened."""
    connection = await db.raw(session)
    found: list[str] = []
    tables = await connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'change\\_item\\_p%'"
    )
    for (table,) in await tables.fetchall():
        rows = await connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        found += [f"{table}: " + " | ".join(map(_readable, row)) for row in await rows.fetchall()]
    return "\n".join(found)


def _readable(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return zlib.decompress(value).decode("utf-8", "replace")
    except zlib.error:
        return value.decode("utf-8", "replace")


def lines_with(dump: str, *words: str) -> list[str]:
    return [line for line in dump.splitlines() if any(word in line for word in words)]


def history() -> list[Any]:
    assigned = item("assignee", "assignee", (None, None), (ADA, NAME))
    reviewers = item(
        "Reviewers", "customfield_9", (None, None), (f"[{ADA}, {BEN}]", f"[{NAME}, Name of {BEN}]")
    )
    return [
        issue(1, change(1, day(3), assigned, author=ADA), change(2, day(4), reviewers, author=BEN), sprints=[1], assignee=ADA),
        issue(2, change(3, day(3), moved("1", "2"), author=BEN), status="2", sprints=[1], assignee=BEN),
    ]  # fmt: skip


async def _facts(session: AsyncSession) -> list[Any]:
    found = []
    for table in ("issue", "sprint_issue_fact", "sprint_event", "issue_status_interval", "issue_timeline"):
        columns = await session.scalars(
            text(
                "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY column_name) FROM information_schema.columns "
                "WHERE table_name = :table AND column_name NOT IN ('updated_at', 'created_at')"
            ),
            {"table": table},
        )
        rows = await session.execute(text(f"SELECT {columns.one()} FROM {table}"))
        found.append(sorted(map(str, rows)))
    return found


@pytest.mark.usefixtures("pg_url")
async def test_a_person_in_jira_is_erased_for_good_and_no_number_changes():
    async with db.transaction() as session:
        site = await make_site(session)
        await fill(session, site, history())
        before = await _facts(session)
        (person_id,) = await session.scalars(
            text("SELECT id FROM jira_person WHERE account_key = :key"), {"key": ADA}
        )
        shown = await people.personal_data(session, SYSTEM, person_id)
        await session.execute(
            text("INSERT INTO webhook_delivery (site_id, identifier, received_at, event, body) VALUES (:s, 'x', now(), 'e', :b)"),
            {"s": site.site_id, "b": msgspec.json.encode({"user": person(ADA), "n": 1.50})},
        )  # fmt: skip
        linked = await _user(session, "linked")
        await session.execute(
            text("UPDATE user_account SET jira_account_id = :key WHERE id = :id"), {"key": ADA, "id": linked}
        )
        assert len(lines_with(await everything(session), ADA)) >= 5
    assert shown["jira_person"]["name"] == NAME
    assert [(one["key"], one["assignee"]) for one in shown["issues"]] == [("APP-1", True)]
    assert len(shown["changes"]) == 1

    async with db.transaction() as session:
        erased = await people.erase(session, SYSTEM, person_id, now=NOW)
        assert erased.erased
        assert erased == await people.erase(session, SYSTEM, person_id, now=NOW)
    assert await scrub_site(db.transaction, site.site_id) == 2  # the one payload and the delivery
    assert await scrub_site(db.transaction, site.site_id) == 0
    async with db.transaction() as session:
        assert lines_with(await everything(session), ADA, NAME) == []
        assert await _facts(session) == before

    # The next sync brings the name again, and a replay reads what is stored: neither lets it in.
    async with db.transaction() as session:
        site = await load(session, site.site_id)
        result = await store.store_issues(session, site, history(), run_id=None, now=NOW)
        assert result.changed_issue_ids == ()  # what was scrubbed is known as the same
        await store.store_issues(session, site, history(), run_id=None, now=NOW, force=True)
        assert lines_with(await everything(session), ADA, NAME) == []
        assert await _facts(session) == before
        names = set(await session.scalars(text("SELECT name FROM jira_person")))
        assert names >= {erased.name, f"Name of {BEN}"}


async def _user(session: AsyncSession, name: str, role: Role = Role.USER) -> int:
    made = await users.create(
        session, SYSTEM, email=f"{name}@example.org", name=f"{name} Lovelace", password="tall green yak 7", role=role
    )  # fmt: skip
    return made.id


@pytest.mark.usefixtures("pg_url")
async def test_an_account_is_shown_and_erased_with_all_that_belongs_to_it():
    now = clock.now()
    async with db.transaction() as session:
        ada, _ = await _user(session, "adelaide"), await _user(session, "boss", Role.SUPER_ADMIN)
        opened = await sessions.create(
            session, user_id=ada, user_agent="Firefox on Ada's desk", address="192.0.2.1", now=now
        )
        await tokens.issue(session, user_id=ada, user_agent="curl", address="192.0.2.1", now=now)
        found = await sessions.resolve(session, opened.token, now=now)
        assert found
        viewer = found.viewer
        await audit.record(session, viewer, audit.Action.SIGN_OUT)
        shown = await privacy.personal_data(session, viewer, ada)
        with pytest.raises(Forbidden):
            await privacy.personal_data(session, viewer, ada + 1)
        with pytest.raises(Forbidden):
            await privacy.erase(session, viewer, ada + 1, now=now)
    assert shown["user_account"][0]["email"] == "adelaide@example.org"
    assert shown["user_session"][0]["user_agent"] == "Firefox on Ada's desk"
    assert {"token_family", "audit_entry"} <= shown.keys()
    assert "argon2" not in str(shown)
    assert "token_hash" not in str(shown)

    async with db.transaction() as session:
        await privacy.erase(session, SYSTEM, ada, now=now)
    async with db.transaction() as session:
        assert lines_with(await everything(session), "adelaide", "Lovelace's", "Firefox", "argon2id") == [
            line for line in (await everything(session)).splitlines() if "boss@" in line
        ]
        assert await sessions.resolve(session, opened.token, now=now) is None
        row = (
            (await session.execute(text("SELECT * FROM user_account WHERE id = :id"), {"id": ada}))
            .mappings()
            .one()
        )
        assert (row["name"], row["hashed_password"], row["is_active"]) == (f"Former user {ada}", None, False)
        told = await session.scalars(text("SELECT action FROM audit_entry WHERE actor_id = :id"), {"id": ada})
        assert "session.sign_out" in set(told)
        await privacy.erase(session, SYSTEM, ada, now=now)  # once more does no harm
        again = await _user(session, "adelaide")  # the address is free again
        assert again != ada


@pytest.mark.usefixtures("pg_url")
async def test_by_rest_everybody_gets_their_own_and_admins_erase():
    async with db.transaction() as session:
        ada, boss = await _user(session, "adelaide"), await _user(session, "boss", Role.SUPER_ADMIN)
        site = await make_site(session)
        await fill(session, site, history())
        signed = {}
        for who in (ada, boss):
            pair = await tokens.issue(session, user_id=who, user_agent="", address="", now=clock.now())
            signed[who] = {"Authorization": f"Bearer {pair.access_token}"}
    async with http.client(base_url="http://reports.test", transport=httpx.ASGITransport(rest_app())) as api:
        own = await api.get("/api/v1/users/me/personal-data", headers=signed[ada])
        assert own.json()["data"]["user_account"][0]["email"] == "adelaide@example.org"
        for path in (f"/api/v1/users/{boss}/personal-data", "/api/v1/privacy/people"):
            assert (await api.get(path, headers=signed[ada])).status_code == 403
        found = (await api.get(f"/api/v1/privacy/people?search={ADA[:12]}", headers=signed[boss])).json()[
            "data"
        ]
        (person_id,) = [one["id"] for one in found if one["account_key"] == ADA]
        path = f"/api/v1/privacy/people/{person_id}"
        data = (await api.get(f"{path}/personal-data", headers=signed[boss])).json()["data"]
        assert data["jira_person"]["name"] == NAME
        erased = (await api.post(f"{path}/erasure", headers=signed[boss])).json()["data"]
        assert erased["erased"]
        assert ADA not in str(erased)
        assert (await api.post(f"/api/v1/users/{boss}/erasure", headers=signed[boss])).status_code in {
            403,
            409,
        }
        assert (await api.post(f"/api/v1/users/{ada}/erasure", headers=signed[boss])).status_code == 204
        assert (await api.get("/api/v1/users/me", headers=signed[ada])).status_code == 401
        assert (await api.post("/api/v1/privacy/people/999/erasure", headers=signed[boss])).status_code == 404


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sprintreports", "privacy", *arguments], env=dict(os.environ), capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("pg_url")
async def test_by_command(tmp_path: Path):
    async with db.transaction() as session:
        await _user(session, "adelaide")
        await fill(session, await make_site(session), history())
    found = (await asyncio.to_thread(_command, "search", "ada-")).stdout
    person_id = found.split()[0]
    assert NAME in found
    file = tmp_path / "ada.json"
    done = await asyncio.to_thread(_command, "export", str(file), "--user", "Adelaide@example.org")
    assert done.returncode == 0, done.stderr
    assert msgspec.json.decode(file.read_bytes())["user_account"][0]["username"] == "adelaide@example.org"
    assert file.stat().st_mode & 0o077 == 0
    again = await asyncio.to_thread(_command, "export", str(file), "--person", person_id)
    assert (again.returncode, "exists already" in again.stderr) == (1, True)
    assert "either" in (await asyncio.to_thread(_command, "erase", "--yes")).stderr
    done = await asyncio.to_thread(_command, "erase", "--yes", "--person", person_id)
    assert done.stdout.startswith("Erased: Former person ")
    assert (
        await asyncio.to_thread(_command, "erase", "--yes", "--user", "adelaide@example.org")
    ).returncode == 0
    assert (
        "No account"
        in (await asyncio.to_thread(_command, "erase", "--yes", "--user", "adelaide@example.org")).stderr
    )
    async with db.transaction() as session:
        assert NAME not in set(await session.scalars(text("SELECT name FROM jira_person")))
        assert (
            await session.scalar(
                text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'jira.scrub'")
            )
            == 1
        )
