"""Backup and restore on a filled database."""

from pathlib import Path

import psycopg
import pytest

from sprintreports.cli import backup
from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.kit.errors import Invalid


def _fill(url: str, issues: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message) "
            "VALUES ('Kept', 'https://kept.test', 'cloud', 'basic', 'a@b.test', 'ok', '')"
        )
        connection.execute(
            "INSERT INTO change_item (site_id, jira_issue_id, change_id, position, at, field) "
            "SELECT 1, n, n, 0, now(), 'status' FROM generate_series(1, %s) n",
            (issues,),
        )


def _state(url: str) -> tuple[int, int, str]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM site), (SELECT count(*) FROM change_item), "
            "(SELECT version_num FROM alembic_version)"
        ).fetchone()
    assert row is not None
    return row


def _databases(postgres: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(postgres.url_of("postgres")) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


@pytest.fixture
def cleaned(postgres: EmbeddedPostgres):
    before = _databases(postgres)
    yield
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        for name in _databases(postgres) - before:
            if "_before_" in name:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_what_was_backed_up_comes_back(pg_url: str, postgres, cleaned, tmp_path: Path, capsys):
    _fill(pg_url, 5_000)
    kept = _state(pg_url)
    backup.backup(tmp_path / "all.dump")
    assert "secret key" in capsys.readouterr().out
    with psycopg.connect(pg_url) as connection:
        connection.execute("DELETE FROM change_item")
        connection.execute("DELETE FROM site")
    changed = _state(pg_url)
    assert changed != kept

    backup.restore(tmp_path / "all.dump", yes=True)
    assert _state(pg_url) == kept
    set_aside = next(name for name in _databases(postgres) if "_before_" in name)
    assert _state(postgres.url_of(set_aside)) == changed, "the replaced database is kept"


async def test_a_broken_file_changes_nothing(pg_url: str, postgres, tmp_path: Path):
    _fill(pg_url, 100)
    kept, databases = _state(pg_url), _databases(postgres)
    backup.backup(tmp_path / "all.dump")
    whole = (tmp_path / "all.dump").read_bytes()
    for name, content in (("cut.dump", whole[: len(whole) // 2]), ("other.dump", b"not a dump")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(backup.RestoreFailed, match="Nothing was restored"):
            backup.restore(tmp_path / name, yes=True)
        assert _state(pg_url) == kept
        assert _databases(postgres) == databases


async def test_a_backup_never_overwrites_and_leaves_no_half_file(pg_url: str, tmp_path: Path):
    (tmp_path / "all.dump").write_text("precious")
    with pytest.raises(Invalid, match="exists already"):
        backup.backup(tmp_path / "all.dump")
    assert (tmp_path / "all.dump").read_text() == "precious"
    with pytest.raises(backup.BackupFailed):
        backup.backup(tmp_path / "missing" / "all.dump")
    assert [path.name for path in tmp_path.iterdir()] == ["all.dump"]


async def test_a_missing_backup_is_said(pg_url: str, tmp_path: Path):
    with pytest.raises(Invalid, match="does not exist"):
        backup.restore(tmp_path / "none.dump", yes=True)


async def test_without_a_yes_nothing_happens(pg_url: str, tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "all.dump").write_text("x")
    monkeypatch.setattr("builtins.input", lambda _question: "n")
    backup.restore(tmp_path / "all.dump", yes=False)
    assert "Nothing was changed" in capsys.readouterr().out
