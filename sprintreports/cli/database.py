"""The database of a command: the one that is set, or the embedded one started for as long as it takes."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sprintreports import settings as settings_module
from sprintreports.kit import crypto, embedded
from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.kit.errors import Unavailable
from sprintreports.settings import settings


class AlreadyRunning(Unavailable):
    """Sprint Reports runs already on this data directory."""


def home() -> Path:
    return embedded.default_home(settings().data_dir)


def cluster() -> EmbeddedPostgres:
    return EmbeddedPostgres(home(), binaries=settings().postgres_bin)


@contextmanager
def only_one() -> Generator[None]:
    """Hold the lock of the data directory; raises AlreadyRunning where another process holds it."""
    folder = settings().data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise Unavailable(
            f"The folder {folder} cannot be written ({error.strerror}). Make room there, or set SPRINTREPORTS_DATA_DIR."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"Sprint Reports runs already on {folder}. Stop it first (Ctrl-C where it runs), or set "
                "SPRINTREPORTS_DATA_DIR to another folder."
            ) from error
        yield


def is_external() -> bool:
    return bool(settings().database_url)


def ensure_key() -> None:
    """Make the secret key at the very first start; never beside a database that exists already."""
    if (
        settings().secret_key.get_secret_value()
        or settings().secret_key_command
        or settings().key_file.exists()
    ):
        return
    if is_external() or (home() / "data" / "PG_VERSION").exists():
        raise crypto.SecretKeyMissing(
            f"The secret key is missing, but there is a database whose secrets it must open. Put {settings().key_file} "
            "back, or set SPRINTREPORTS_SECRET_KEY. For a new database on your own server, make a key with: "
            "head -c 32 /dev/urandom | base64"
        )
    crypto.create_key_file(settings().key_file)


@contextmanager
def database() -> Generator[EmbeddedPostgres | None]:
    """Inside, SPRINTREPORTS_DATABASE_URL is set. Yields the embedded server where we started one.

    A server of a running `sprintreports up` is used as it is.
    """
    if is_external():
        yield None
        return
    try:
        with only_one():
            server = cluster()
            settings_module.set_variable("database_url", server.start())
            try:
                yield server
            finally:
                server.stop()
    except AlreadyRunning:
        settings_module.set_variable("database_url", cluster().url)
        yield None
