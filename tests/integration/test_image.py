"""The image's RUN steps, executed without an image: build-app.sh, prepare-runtime.sh, then its three commands."""

import base64
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.reports.export import browser

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "deploy" / "docker"
KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first stage leaves under /opt/sprintreports."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    target = tmp_path_factory.mktemp("image") / "sprintreports"
    built = subprocess.run(
        ["sh", str(SCRIPTS / "build-app.sh"), str(source), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    return target


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[str]:
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE image")
    yield postgres.url_of("image")
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE image WITH (FORCE)")


def _environment(prefix: Path, tmp_path: Path, url: str, port: int) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SPRINTREPORTS_", "COVERAGE"))
    }
    return {
        **kept,
        "SPRINTREPORTS_DATABASE_URL": url,
        "SPRINTREPORTS_SECRET_KEY": KEY,
        "SPRINTREPORTS_DATA_DIR": str(tmp_path / "data"),
        "SPRINTREPORTS_WEB_DIR": str(prefix / "web"),
        "SPRINTREPORTS_PORT": str(port),
    }


def test_the_printer_is_what_the_product_looks_for(tmp_path: Path):
    """install-printer.sh with a package manager that only notes what it is asked for: this machine's own is left alone."""
    asked = tmp_path / "asked"
    for name, body in (("apt-get", f'echo "$@" >> {asked}'), ("rm", "")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(["sh", str(SCRIPTS / "install-printer.sh")], check=True, env={"PATH": path})
    update, install = asked.read_text().splitlines()
    assert update.startswith("update")
    assert set(browser.NAMES) & set(install.split())
    assert "--no-install-recommends" in install


def test_the_runtime_folder_belongs_to_the_user_without_rights(tmp_path: Path):
    user = 10001 if os.geteuid() == 0 else os.geteuid()
    folder = tmp_path / "lib"
    subprocess.run(["sh", str(SCRIPTS / "prepare-runtime.sh"), str(user), str(folder)], check=True)
    assert folder.stat().st_uid == user
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_the_image_migrates_serves_and_works(prefix: Path, database: str, tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = _environment(prefix, tmp_path, database, port)
    program = str(prefix / "venv" / "bin" / "sprintreports")
    assert sum(path.stat().st_size for path in (prefix / "web").rglob("*") if path.is_file()) < 20_000_000

    migrated = subprocess.run(
        [program, "migrate"], env=environment, capture_output=True, text=True, check=False
    )
    assert migrated.returncode == 0, migrated.stderr
    assert "revision" in migrated.stdout

    log = (tmp_path / "log").open("wb")
    children = [
        subprocess.Popen([program, name], env=environment, stdout=log, stderr=log, cwd=prefix / "app")
        for name in ("worker", "web")
    ]
    try:
        deadline = time.monotonic() + 90
        while True:
            ready = subprocess.run(
                [program, "health"], env=environment, capture_output=True, text=True, check=False
            )
            if ready.returncode == 0:
                break
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()[-3000:]
            time.sleep(0.3)
        assert ready.stdout.strip() == "ready"
        assert all(child.poll() is None for child in children)
    finally:
        for child in children:
            child.send_signal(signal.SIGTERM)
        codes = [child.wait(20) for child in children]
        log.close()
    assert codes == [0, 0], (tmp_path / "log").read_text()[-3000:]


def test_a_process_without_its_settings_says_what_to_do(prefix: Path, tmp_path: Path):
    environment = _environment(prefix, tmp_path, "", 8000)
    program = str(prefix / "venv" / "bin" / "sprintreports")
    for command in ("web", "worker"):
        tried = subprocess.run(
            [program, command], env=environment, capture_output=True, text=True, check=False
        )
        assert tried.returncode == 1
        assert "SPRINTREPORTS_DATABASE_URL" in tried.stderr
        assert "Traceback" not in tried.stderr
