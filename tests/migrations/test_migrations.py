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
    "UPDATE board_issue SET place = 1 WHERE site_id = :site",
    "UPDATE issue SET scheduling = 'Fixed', deadline = '2026-03-24', planned_start = '2026-03-24' WHERE site_id = :site",
    "UPDATE board SET ordered_at = :now, order_wanted_at = :now WHERE id IS NOT NULL",
    "INSERT INTO dynamic_webhook (site_id, hook_id, jql) VALUES (:site, 7, 'project in (A)')",
    "INSERT INTO erased_person (site_id, digest, alias, erased_at) VALUES (:site, '\\x00', 'erased-1', :now)",
    "INSERT INTO user_account (email, username, name, role) VALUES ('m@x.test', 'm', 'M', 'viewer') ON CONFLICT DO NOTHING",
    """
    INSERT INTO user_session (token_hash, user_id, credentials_version, user_agent, address, last_seen_at, expires_at)
    SELECT '\\x00', id, 1, '', '', :now, :now FROM user_account ON CONFLICT DO NOTHING
    """,
    "INSERT INTO second_factor (user_id, secret, confirmed_at) SELECT id, '\\x00', :now FROM user_account",
    "INSERT INTO recovery_code (user_id, code_hash) SELECT id, '\\x00' FROM user_account",
    """
    INSERT INTO pending_sign_in (token_hash, user_id, credentials_version, step, expires_at)
    SELECT '\\x00', id, 1, 'code', :now FROM user_account
    """,
    "INSERT INTO role_grant (user_id, role, board_ids) SELECT id, 'manager', '{1}' FROM user_account",
    """
    INSERT INTO invitation (user_id, purpose, token_hash, created_by, expires_at)
    SELECT id, 'invitation', '\\x00', 0, :now FROM user_account
    """,
    "UPDATE user_account SET role = NULL",
    "INSERT INTO signing_key (kid, public_key, private_sealed) VALUES ('k', '\\x00', '\\x00')",
    """
    INSERT INTO api_client (client_id, name, secret_hash, redirect_uris, scopes, user_id, created_by)
    SELECT 'src_1', 'C', '\\x00', '{https://a.test/}', '{sprints:read}', id, 0 FROM user_account
    """,
    """
    INSERT INTO authorization_code (code_hash, client_id, user_id, credentials_version, redirect_uri, challenge, scopes, expires_at)
    SELECT '\\x00', id, user_id, 1, 'https://a.test/', 'x', '{sprints:read}', :now FROM api_client
    """,
    """
    INSERT INTO api_key (user_id, credentials_version, name, prefix, secret_hash, scopes, expires_at)
    SELECT id, 1, 'K', 'srk_1', '\\x00', '{sprints:read}', :now FROM user_account
    """,
    """
    INSERT INTO repeated_request (user_id, via, key_digest, request_code, status, answer, created_at)
    SELECT id, '', 'k', 'c', 201, '\\x00', :now FROM user_account
    """,
    """
    INSERT INTO token_family (id, user_id, credentials_version, client_id, scopes, user_agent, address, expires_at)
    SELECT gen_random_uuid(), user_id, 1, id, '{sprints:read}', '', '', :now FROM api_client
    """,
    """
    INSERT INTO sign_in_provider (slug, name, kind, preset, options, client_secret)
    VALUES ('company', 'Company', 'oidc', 'oidc', '{}', '\\x00')
    """,
    """
    INSERT INTO user_identity (provider_id, subject, user_id)
    SELECT p.id, 'u-' || u.id, u.id FROM sign_in_provider p, user_account u
    """,
    """
    INSERT INTO sign_in_attempt (provider_id, state_digest, purpose, expires_at)
    SELECT id, '\\x00', 'sign_in', :now FROM sign_in_provider
    """,
    "INSERT INTO seen_assertion (digest, expires_at) VALUES ('\\x00', :now)",
    "UPDATE sign_in_policy SET second_factor_roles = '{admin,viewer}'",
    "INSERT INTO outgoing_policy (id, allowed) VALUES (1, '{10.0.0.0/8,jira.corp}')",
    "INSERT INTO team (name, country, subdivision) VALUES ('EMEA', 'DE', 'BE')",
    "INSERT INTO team (name, parent_id) SELECT 'QA', id FROM team",
    "INSERT INTO team_alias (discipline_id, team_id) SELECT d.id, t.id FROM discipline d, team t WHERE t.name = 'QA' LIMIT 1",
    "INSERT INTO planning_person (jira_person_id, name, skills) SELECT max(id), 'A', '{SQL}' FROM jira_person",
    "INSERT INTO person_alias (alias, person_id) SELECT 'a', id FROM planning_person",
    "INSERT INTO team_member (team_id, person_id, since) SELECT t.id, p.id, :now FROM team t, planning_person p",
    "INSERT INTO absence (person_id, first, last, part, created_by) SELECT id, :now, :now, 1, 0 FROM planning_person",
    "INSERT INTO team_day_off (team_id, first, last, name) SELECT id, :now, :now, 'Outing' FROM team",
    """
    INSERT INTO capacity_override (team_id, sprint_id, person_id, measure, value, reason, created_by)
    SELECT m.team_id, s.id, m.person_id, 'days', 2.5, 'R', 0 FROM team_member m, sprint s
    """,
    """
    INSERT INTO queue (sprint_id, board_id, name, state, base, sources, head, versions, created_by)
    SELECT s.id, b.id, 'Plan', 'active', '{}', '{}', 2, 1, 0 FROM sprint s, board b ORDER BY s.id LIMIT 1
    """,
    """
    INSERT INTO queue_version (queue_id, number, head, note, sources, fingerprint, format, result, summary, created_by)
    SELECT id, 1, 0, 'First', '{}', '\\x00', 1, '\\x00', '{}', 0 FROM queue
    """,
    """
    INSERT INTO queue_edit (queue_id, number, step, change, seen, token, created_by)
    SELECT id, 1, 'change', '{}', 0, 't', 0 FROM queue
    """,
    """
    INSERT INTO queue_edit (queue_id, number, step, change, of_number, seen, token, created_by)
    SELECT id, 2, 'undo', '{}', 1, 1, 'u', 0 FROM queue
    """,
    """
    INSERT INTO queue_feed (queue_id, user_id, credentials_version, name, token_digest, expires_at)
    SELECT q.id, u.id, 1, 'Phone', decode(md5(u.id::text), 'hex'), :now FROM queue q, user_account u
    """,
    """
    INSERT INTO connection (kind, name, secret, created_by, created_at, updated_at)
    VALUES ('slack', 'Chat', '\\x00', 0, :now, :now)
    """,
    """
    INSERT INTO delivery (connection_id, user_id, key, source, target)
    SELECT id, 0, 'k', '{"report_id": 1}', '{}' FROM connection
    """,
    "INSERT INTO delivery_attempt (delivery_id, number) SELECT id, 1 FROM delivery",
    """
    INSERT INTO published_page (connection_id, subject, page_id, version, author)
    SELECT id, repeat('0', 32), '7', 1, 'a' FROM connection
    """,
    "INSERT INTO mail_opt_out (digest) VALUES ('\\x00')",
    """
    INSERT INTO report_template (name, kind, owner_id) SELECT 'T' || id, 'baseline', id FROM user_account
    """,
    """
    INSERT INTO report_template_version (template_id, number, content, created_by) SELECT id, 1, '{}', owner_id FROM report_template
    """,
    """
    INSERT INTO report (name, kind, tags, spec, board_ids, template_id, template_number, owner_id)
    SELECT 'R', 'baseline', '{a,b}', '{}', '{1}', id, 1, owner_id FROM report_template
    """,
    """
    INSERT INTO share_link (report_id, user_id, credentials_version, name, token_digest, expires_at)
    SELECT id, owner_id, 1, 'Client', decode(md5(id::text), 'hex'), :now FROM report
    """,
    """
    INSERT INTO report_export (user_id, about, format, options, state, size, body, expires_at)
    SELECT id, '{}', 'csv', '{}', 'done', 1, '\\x00', :now FROM user_account
    """,
    """
    INSERT INTO baseline (site_id, board_id, board_name, sprint_id, jira_sprint_id, sprint_name, state, reason, moment,
                          schema_version, digest, content, size, summary, created_by)
    SELECT s.site_id, b.id, b.name, s.id, s.jira_sprint_id, s.name, 'active', 'start', :now, 1, '\\x00', '\\x00', 1, '{}', 0
    FROM sprint s, board b ORDER BY s.id LIMIT 1
    """,
    "INSERT INTO baseline_rule (board_id, at_start) SELECT id, true FROM board",
    """
    INSERT INTO schedule (owner_id, name, trigger, zone, content)
    SELECT id, 'Nightly', '{"on": "clock", "cron": "0 3 * * *"}', 'UTC', '{"kind": "report", "report_id": 1}' FROM user_account
    """,
    "INSERT INTO schedule_run (schedule_id, occasion, due_at) SELECT id, 'now', :now FROM schedule",
    """
    INSERT INTO baseline_taking (board_id, sprint_id, reason, day, baseline_id)
    SELECT board_id, sprint_id, reason, :now, id FROM baseline
    """,
    "INSERT INTO baseline_use (baseline_id, holder) SELECT id, 'report:1' FROM baseline",
    """
    INSERT INTO notice (user_id, kind, key, parts, made_at)
    SELECT id, 'api_key_made', 'audit:1', '{"key_id": 1, "name": "K"}', :now FROM user_account
    """,
    "INSERT INTO notice_choice (user_id, kind, channel, wanted) SELECT id, 'api_key_ends', 'app', false FROM user_account",
    """
    INSERT INTO known_device (user_id, device, network, first_at, last_at)
    SELECT id, 'Firefox on Windows', '192.0.0.0/16', :now, :now FROM user_account
    """,
)
AUDITED = (
    "INSERT INTO audit_entry (action, outcome, after, mac) VALUES ('site.changed', 'done', '{}', '\\x00')",
    "INSERT INTO audit_seal (position, entry_id, hash, sealed_at) SELECT id, id, '\\x00', now() FROM audit_entry",
    "INSERT INTO audit_unsealed (entry_id) SELECT id FROM audit_entry ON CONFLICT DO NOTHING",
    """
    INSERT INTO audit_archive (first_position, last_position, first_at, last_at, hash_before, hash_after, file, digest,
                               archived_at)
    VALUES (0, 0, now(), now(), '', '\\x00', 'audit.jsonl.gz', '\\x00', now())
    """,
    """
    INSERT INTO audit_repeat (key, began_at, last_at, times, action, outcome, subject_kind, subject_id, address)
    VALUES ('\\x00', now(), now(), 2, 'permission.refused', 'refused', 'door', 'x', '')
    """,
    "INSERT INTO retired_key (key_id, purpose, sealed, retired_at) VALUES ('\\x00', 'audit', '\\x00', now())",
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
        for statement in AUDITED:
            await session.execute(text(statement))
    await engine.dispose()
    return len(result.changed_issue_ids)


async def test_the_release_before_reads_mappings_and_drafts_after_the_way_back(empty_url: str):
    """It knows no slots for what a plan is timed by, and no edit that leaves scheduling to Jira."""
    migrations.upgrade(empty_url)
    await fill_database(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE site SET mapping = mapping || "
            '\'{"scheduling": "customfield_1", "deadline": "duedate", "scheduling_values": {"q3": "soft"}}\''
        )
        connection.execute(
            'UPDATE queue_edit SET change = \'{"kind": "reset_timing", "issue": 7}\' WHERE number = 1'
        )
        owner = connection.execute("SELECT mapping -> 'owner' FROM site").fetchall()
    migrations.downgrade(empty_url, "0023")
    with psycopg.connect(empty_url, autocommit=True) as connection:
        ((mapping, kept_owner),) = connection.execute(
            "SELECT mapping, mapping -> 'owner' FROM site"
        ).fetchall()
        assert not {"scheduling", "deadline", "planned_start", "planned_end", "scheduling_values"} & set(
            mapping
        )
        assert [(kept_owner,)] == owner
        changes = connection.execute("SELECT number, change FROM queue_edit ORDER BY number").fetchall()
        flexible = {"kind": "flexible", "start": None, "end": None}
        assert changes[0] == (1, {"kind": "timing", "issue": 7, "timing": flexible})
        assert changes[1] == (2, {}), "others stay as they were"
        with pytest.raises(psycopg.errors.UndefinedColumn):
            connection.execute("SELECT scheduling FROM issue")
    migrations.upgrade(empty_url)
    with psycopg.connect(empty_url) as connection:
        found = connection.execute(
            "SELECT DISTINCT scheduling, deadline, planned_start, planned_end FROM issue"
        ).fetchall()
    assert found == [("", None, None, None)]


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
