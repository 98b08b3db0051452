"""Migrations and models say the same, go up and down on a filled database, and cannot stop the site."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from alembic import command
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.facts_invariants import check
from sprintreports.jira.reads import sprint_issues, sprint_reports
from sprintreports.kit import db, migrations
from sprintreports.kit.embedded import EmbeddedPostgres
from tests.integration.jira_site import NOW, fill, make_site
from tests.unit.jira.samples import change, day, issue, moved

VERSIONS = Path(__file__).parents[2] / "alembic" / "versions"


@pytest.fixture
def empty_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    name = f"migrations_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres.url_of(name)
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in found}


def test_models_and_migrations_agree(empty_url: str):
    migrations.upgrade(empty_url)
    command.check(migrations.config(empty_url))


def test_a_model_that_no_migration_knows_is_noticed(empty_url: str):
    migrations.upgrade(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute("ALTER TABLE issue DROP COLUMN notes")
    with pytest.raises(CommandError, match="notes"):
        command.check(migrations.config(empty_url))


async def test_down_and_up_again_on_a_filled_database(empty_url: str):
    migrations.upgrade(empty_url)
    await fill_database(empty_url)
    migrations.downgrade(empty_url, "0001")
    assert not {"issue", "site", "sprint_fact", "change_item_p00"} & tables(empty_url)
    assert "user_account" in tables(empty_url)
    migrations.upgrade(empty_url)
    assert await fill_database(empty_url) == 2
    migrations.downgrade(empty_url, "base")
    assert {name for name in tables(empty_url) if not name.startswith("procrastinate")} <= {"alembic_version"}


async def test_facts_from_before_reports_were_packed_are_read_from_their_rows(empty_url: str):
    migrations.upgrade(empty_url)
    await fill_database(empty_url)
    before = await answers(empty_url)
    migrations.downgrade(empty_url, "0003")
    assert "sprint_packed" not in tables(empty_url)
    migrations.upgrade(empty_url)
    assert await answers(empty_url) == before
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT count(*), count(key_order) FROM sprint_issue_fact").fetchall() == [
            (2, 0)
        ]


async def answers(url: str) -> tuple[object, ...]:
    engine = create_async_engine(db.sqlalchemy_url(url))
    async with AsyncSession(engine) as session, session.begin():
        found = (await session.execute(text("SELECT id FROM sprint WHERE jira_sprint_id = 1"))).scalar_one()
        viewer = Viewer.system()
        report = await sprint_reports.read(session, viewer, sprint_id=found, now=NOW)
        issues = await sprint_issues.page(session, viewer, sprint_id=found)
        wrong = await check(session)
        # What is kept must not answer for the tables.
        await session.execute(text("UPDATE sprint_fact SET rebuilt_at = rebuilt_at"))
    await engine.dispose()
    assert wrong == []
    return report, issues


GRANTED = (
    """
    INSERT INTO oauth_grant (site_id, cloud_id, client_id, client_secret, access_token, refresh_token, expires_at)
    VALUES (:site, 'c', 'a', '\\x00', '\\x00', '\\x00', :now)
    """,
    """
    INSERT INTO oauth_request (state_digest, user_id, browser, client_id, site_id, expires_at)
    VALUES ('\\x00', 1, '\\x00', 'a', :site, :now)
    """,
    "INSERT INTO dynamic_webhook (site_id, hook_id, jql) VALUES (:site, 7, 'project in (A)')",
)


async def fill_database(url: str) -> int:
    engine = create_async_engine(db.sqlalchemy_url(url))
    async with AsyncSession(engine) as session, session.begin():
        site = await make_site(session)
        issues = [
            issue(1, sprints=[1]),
            issue(2, change(1, day(3), moved("1", "2")), status="2", sprints=[1]),
        ]
        result = await fill(session, site, issues)
        for statement in GRANTED:
            await session.execute(text(statement), {"site": site.site_id, "now": NOW})
    await engine.dispose()
    return len(result.changed_issue_ids)


def test_changes_are_spread_over_partitions(empty_url: str):
    migrations.upgrade(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute(
            "INSERT INTO change_item (site_id, jira_issue_id, change_id, position, at, field) "
            "SELECT 1, n, n, 0, now(), 'status' FROM generate_series(1, 1600) AS n"
        )
        found = connection.execute(
            "SELECT tableoid::regclass::text, count(*) FROM change_item GROUP BY 1"
        ).fetchall()
    assert len(found) == 16
    assert min(count for _, count in found) > 50


def test_every_migration_gives_up_on_a_lock_rather_than_stop_the_site():
    for path in sorted(VERSIONS.glob("[0-9]*.py")):
        text = path.read_text()
        for function in ("upgrade", "downgrade"):
            body = re.search(rf"def {function}\(\) -> None:\n((?:    .*\n|\n)+)", text)
            assert body, path.name
            assert "lock_timeout" in text, path.name
            assert body.group(1).lstrip().startswith("op.execute(LOCK_TIMEOUT)"), f"{path.name}: {function}"


def test_there_is_one_line_of_migrations():
    script = ScriptDirectory.from_config(migrations.config("postgresql://none/none"))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_sql_can_be_printed_for_a_cautious_administrator(capsys: pytest.CaptureFixture[str]):
    command.upgrade(migrations.config("postgresql://none/none"), "0001:0002", sql=True)
    printed = capsys.readouterr().out
    assert "CREATE TABLE sprint_segment" in printed
    assert "SET LOCAL lock_timeout" in printed


def test_a_database_that_is_up_to_date_is_only_looked_at(empty_url: str, monkeypatch: pytest.MonkeyPatch):
    assert migrations.revision(empty_url) == ""
    migrations.ensure(empty_url)
    assert migrations.revision(empty_url) == migrations.head()
    monkeypatch.setattr(migrations, "upgrade", lambda _url: pytest.fail("there was nothing to do"))
    migrations.ensure(empty_url)
