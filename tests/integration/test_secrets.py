"""Stored secrets: every column is known, a new key seals them anew while others work, a wrong key starts nothing."""

import asyncio
import base64
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports import settings as settings_module
from sprintreports.cli import database as cli_database
from sprintreports.cli import secrets as command
from sprintreports.identity import key_check
from sprintreports.identity.key_check import KeyOfOtherData
from sprintreports.jira import sites
from sprintreports.kit import crypto, db, sealed
from sprintreports.kit.crypto import SecretKeyMissing, SecretKeyWrong
from sprintreports.reports.sealed import COLUMNS
from tests.integration.jira_site import make_site

NEW, THIRD = (base64.b64encode(letter * 32).decode() for letter in (b"n", b"t"))
# Columns of bytes that hold nothing that a key opens.
NOT_SEALED = {
    "audit_archive.digest", "audit_archive.hash_after", "audit_archive.hash_before", "audit_entry.mac",
    "audit_repeat.key", "audit_seal.hash", "erased_person.digest",
    "installation.setup_code_hash", "refresh_token.token_hash", "retired_key.key_id", "sign_in_throttle.key",
    "user_session.token_hash", "invitation.token_hash", "recovery_code.code_hash", "trusted_browser.token_hash",
    "api_client.secret_hash", "authorization_code.code_hash", "api_key.secret_hash", "signing_key.public_key",
    "sign_in_attempt.browser", "sign_in_attempt.state_digest", "seen_assertion.digest",
    "oauth_request.browser", "oauth_request.state_digest", "webhook.token_digest",
    "issue_timeline.body", "pending_sign_in.token_hash", "sprint_packed.hours", "sprint_packed.report", "sprint_reconciliation.body", "stored_payload.body",
    "stored_payload.digest", "webhook_delivery.body",
    "share_link.token_digest",
    "report_export.body",
    "mail_opt_out.digest", "queue.kept_to", "queue_feed.token_digest", "queue_version.fingerprint", "queue_version.result", "baseline.content", "baseline.digest",
}  # fmt: skip


def use(monkeypatch: pytest.MonkeyPatch, key: str, *, old: str = "") -> None:
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY", key)
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY_OLD", old)
    settings_module.reload()
    crypto.forget_key()


@pytest.fixture
def first_key(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    yield settings_module.settings().secret_key.get_secret_value()
    monkeypatch.undo()
    settings_module.reload()
    crypto.forget_key()


async def test_every_column_of_bytes_is_rotated_or_known_to_hold_no_secret(db_session: AsyncSession):
    found = await db_session.scalars(
        text(
            "SELECT table_name || '.' || column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = 'bytea'"
        )
    )
    registered = {str(place) for place in COLUMNS}
    present = set(found)
    assert present - registered - NOT_SEALED == set()
    assert registered - present == set()
    assert not registered & NOT_SEALED


async def _site(session: AsyncSession, *, secret: str) -> int:
    site = (await make_site(session)).site_id
    await session.execute(
        text("UPDATE site SET secret = :sealed WHERE id = :id"),
        {"sealed": sites.seal_secret(site, secret), "id": site},
    )
    return site


async def _secret(site_id: int) -> str:
    async with db.transaction() as session:
        return sites.unseal_secret(await sites.load(session, site_id))


async def test_rotation_seals_anew_and_the_earlier_key_can_leave(
    first_key: str, monkeypatch: pytest.MonkeyPatch
):
    async with db.transaction() as session:
        site = await _site(session, secret="hush")
        await key_check.ensure(session, COLUMNS)
    use(monkeypatch, NEW, old=first_key)
    assert await _secret(site) == "hush"
    async with db.transaction() as session:
        counted = [await sealed.left(session, place) for place in COLUMNS]
    assert sum(counted) == 2  # the site's and the check
    assert await command._rotate() == (2, {})
    assert await command._rotate() == (0, {})
    use(monkeypatch, NEW)
    assert await _secret(site) == "hush"
    async with db.transaction() as session:
        await key_check.ensure(session, COLUMNS)
        entries = await session.scalars(text("SELECT action FROM audit_entry"))
        assert list(entries) == ["secrets.rotated"] * 2
    use(monkeypatch, first_key)
    with pytest.raises(SecretKeyWrong):
        await _secret(site)
    async with db.transaction() as session:
        with pytest.raises(KeyOfOtherData, match="SPRINTREPORTS_SECRET_KEY_OLD"):
            await key_check.ensure(session, COLUMNS)


async def test_rotation_waits_for_who_writes_and_loses_nothing(
    first_key: str, monkeypatch: pytest.MonkeyPatch
):
    async with db.transaction() as session:
        site = await _site(session, secret="old")
    use(monkeypatch, NEW, old=first_key)
    async with db.transaction() as writer:
        row = await sites.load(writer, site)
        row.secret = sites.seal_secret(site, "written meanwhile")
        await writer.flush()
        rotation = asyncio.create_task(command._rotate())
        await asyncio.sleep(0.3)
        assert not rotation.done()
    await rotation
    use(monkeypatch, NEW)
    assert await _secret(site) == "written meanwhile"


async def test_rotation_names_what_no_key_opens_and_goes_on(first_key: str, monkeypatch: pytest.MonkeyPatch):
    async with db.transaction() as session:
        site = await _site(session, secret="hush")
        await session.execute(
            text("INSERT INTO webhook (site_id, secret, token_digest) VALUES (:site, '\\x01ab', '')"),
            {"site": site},
        )
    use(monkeypatch, NEW, old=first_key)
    assert await command._rotate() == (
        1,
        {"webhook.secret": 1},
    )  # the check was sealed with the new key at once
    assert await _secret(site) == "hush"


async def test_data_from_before_the_check_is_not_taken_over_by_another_key(
    first_key: str, monkeypatch: pytest.MonkeyPatch
):
    async with db.transaction() as session:
        await _site(session, secret="hush")
    use(monkeypatch, THIRD)
    async with db.transaction() as session:
        with pytest.raises(KeyOfOtherData):
            await key_check.ensure(session, COLUMNS)
        assert await session.scalar(text("SELECT key_check FROM installation")) is None


@pytest.mark.unmeasured
async def test_no_process_starts_with_another_key_or_none(
    first_key: str, pg_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    async with db.transaction() as session:
        await key_check.ensure(session, COLUMNS)
    for variables, sentence in (
        ({"SPRINTREPORTS_SECRET_KEY": THIRD}, "not the one that this database was made with"),
        ({"SPRINTREPORTS_SECRET_KEY": ""}, "There is no secret key"),
        ({"SPRINTREPORTS_SECRET_KEY": "short"}, "must be 32 random bytes"),
    ):
        environment = {**os.environ, "SPRINTREPORTS_DATA_DIR": str(tmp_path), **variables}
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-m", "sprintreports", "worker"], env=environment, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []  # no new key was made
    with psycopg.connect(pg_url) as connection:
        assert connection.execute("SELECT key_check IS NOT NULL FROM installation").fetchone() == (True,)


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """No key from anywhere, an empty data directory, and the test's key back afterwards."""
    use(monkeypatch, "")
    monkeypatch.setenv("SPRINTREPORTS_DATA_DIR", str(tmp_path))
    settings_module.reload()
    yield
    monkeypatch.undo()
    settings_module.reload()
    crypto.forget_key()


def command_of(script: str) -> str:
    return f'{sys.executable} -c "{script}"'


@pytest.mark.usefixtures("no_key")
def test_the_key_can_come_from_a_command_that_runs_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    calls = tmp_path / "calls"
    script = f"open('{calls}', 'a').write('x'); print('{NEW}')"
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY_COMMAND", command_of(script))
    settings_module.reload()
    cli_database.ensure_key()
    assert crypto.unseal(crypto.seal(b"hush", context="c"), context="c") == b"hush"
    crypto.derive("x")
    assert calls.read_text() == "x"
    assert not settings_module.settings().key_file.exists()


@pytest.mark.usefixtures("no_key")
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("raise SystemExit(3)", "ended with 3"),
        ("print('no key')", "is not base64"),
        ("import time; time.sleep(9)", "within 0.5 seconds"),
    ],
)
def test_a_command_that_gives_no_key_is_named(monkeypatch: pytest.MonkeyPatch, script: str, sentence: str):
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY_COMMAND", command_of(script))
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY_COMMAND_SECONDS", "0.5")
    settings_module.reload()
    with pytest.raises(SecretKeyMissing, match=sentence):
        crypto.load()


@pytest.mark.usefixtures("no_key")
def test_a_command_is_no_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY_COMMAND", f"true; touch {tmp_path}/made")
    settings_module.reload()
    with pytest.raises(SecretKeyMissing, match="cannot be run"):
        crypto.load()
    assert not (tmp_path / "made").exists()


@pytest.mark.usefixtures("no_key")
def test_earlier_keys_come_from_a_file_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    use(monkeypatch, THIRD)
    secret = crypto.seal(b"hush", context="c")
    (tmp_path / "old").write_text(f"{NEW}\n{THIRD}\n")
    use(monkeypatch, base64.b64encode(b"f" * 32).decode())
    with pytest.raises(SecretKeyWrong):
        crypto.unseal(secret, context="c")
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY_OLD_FILE", str(tmp_path / "old"))
    settings_module.reload()
    crypto.forget_key()
    assert crypto.unseal(secret, context="c") == b"hush"
    with pytest.raises(SecretKeyWrong):
        crypto.unseal(secret, context="d")
    assert len(crypto.key_ids()) == 3
    (tmp_path / "old").unlink()
    crypto.forget_key()
    with pytest.raises(SecretKeyMissing, match="does not exist"):
        crypto.load()
