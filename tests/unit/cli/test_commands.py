"""The command line as its user types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sprintreports import __version__
from sprintreports import settings as settings_module
from sprintreports.cli import database
from sprintreports.kit import crypto


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sprintreports", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPRINTREPORTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY", "")
    monkeypatch.setenv("SPRINTREPORTS_DATABASE_URL", "")
    settings_module.reload()
    crypto.forget_key()
    yield tmp_path / "data"
    monkeypatch.undo()
    settings_module.reload()
    crypto.forget_key()


def test_help_names_every_command():
    shown = _run("--help").stdout
    for name in (
        "up",
        "web",
        "worker",
        "migrate",
        "sync",
        "create-admin",
        "create-user",
        "demo-jira",
        "openapi",
        "backup",
        "restore",
        "audit",
        "rotate-secrets",
        "rotate-signing-key",
        "privacy",
    ):
        assert name in shown


def test_version():
    assert _run("version").stdout.strip() == __version__


def test_an_expected_error_is_one_sentence(tmp_path: Path):
    tried = _run("web", SPRINTREPORTS_DATABASE_URL="", SPRINTREPORTS_DATA_DIR=str(tmp_path))
    assert tried.returncode == 1
    assert tried.stderr.startswith("sprintreports: No database is set.")
    assert "Traceback" not in tried.stderr


@pytest.mark.parametrize("command", ["web", "up"])
def test_outgoing_addresses_that_cannot_be_read_end_the_start(command: str, tmp_path: Path):
    tried = _run(
        command,
        SPRINTREPORTS_DATABASE_URL="" if command == "up" else "postgresql://nobody@127.0.0.1:1/none",
        SPRINTREPORTS_DATA_DIR=str(tmp_path),
        SPRINTREPORTS_OUTGOING_ALLOWED="10.0.0.0/8, https://jira.corp",
    )
    assert tried.returncode == 1
    assert tried.stderr.startswith(
        "sprintreports: SPRINTREPORTS_OUTGOING_ALLOWED cannot be read. “https://jira"
    )
    assert "Write jira.example.com" in tried.stderr
    assert "Traceback" not in tried.stderr
    assert not (tmp_path / "postgres").exists(), "nothing was begun"


def test_settings_that_cannot_be_read_are_named_without_their_values():
    tried = _run(
        "web",
        SPRINTREPORTS_TRUSTED_PROXIES="*",
        SPRINTREPORTS_AUDIT_DAYS="a secret that slipped",
        SPRINTREPORTS_PORT="0",
    )
    assert tried.returncode == 1
    lines = tried.stderr.splitlines()
    assert [line.split()[1] for line in lines] == [
        "SPRINTREPORTS_PORT",
        "SPRINTREPORTS_TRUSTED_PROXIES",
        "SPRINTREPORTS_AUDIT_DAYS",
    ]
    assert "there is no * for everybody." in lines[1]
    assert "slipped" not in tried.stderr


def test_health_says_when_nothing_answers():
    tried = _run("health", SPRINTREPORTS_PORT="9")
    assert tried.returncode == 1
    assert "port 9 is not ready" in tried.stderr


def test_two_at_once_on_one_data_directory_are_refused(data_dir: Path):
    said = pytest.raises(database.AlreadyRunning, match="SPRINTREPORTS_DATA_DIR")
    with database.only_one(), said, database.only_one():
        pytest.fail("the second one must not get in")


def test_a_data_directory_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SPRINTREPORTS_DATA_DIR", str(tmp_path / "file" / "below"))
    settings_module.reload()
    with pytest.raises(database.Unavailable, match="SPRINTREPORTS_DATA_DIR"), database.only_one():
        pytest.fail("it cannot be locked")
    monkeypatch.undo()
    settings_module.reload()


def test_the_first_start_makes_a_key(data_dir: Path):
    database.ensure_key()
    made = (data_dir / "secret.key").read_bytes()
    database.ensure_key()
    assert (data_dir / "secret.key").read_bytes() == made


def test_a_key_is_never_made_beside_data_that_needs_the_old_one(data_dir: Path):
    cluster = database.home() / "data"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("18\n")
    with pytest.raises(crypto.SecretKeyMissing, match=r"secret\.key"):
        database.ensure_key()
    assert not (data_dir / "secret.key").exists()
