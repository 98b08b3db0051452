"""Back up and restore the whole database with pg_dump's custom format."""

import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sprintreports.cli.database import cluster, database
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Invalid, Unavailable
from sprintreports.settings import settings


class BackupFailed(Unavailable):
    """The backup was not written."""


class RestoreFailed(Unavailable):
    """Nothing was restored; the database is as it was."""


def _server_major(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.info.server_version // 10000


def _program(name: str, *, url: str) -> str:
    """The program of the server's own major version where there is one: others write dumps it cannot read."""
    major = _server_major(url)
    candidates = [
        str(cluster().program(name)),
        shutil.which(name) or "",
        f"/usr/lib/postgresql/{major}/bin/{name}",
    ]
    for candidate in candidates:
        if candidate and Path(candidate).exists() and _major_of(candidate) == major:
            return candidate
    raise BackupFailed(
        f"{name} of PostgreSQL {major} was not found. Install it (Debian: apt-get install postgresql-client-{major})."
    )


def _major_of(program: str) -> int:
    words = subprocess.run([program, "--version"], capture_output=True, check=False, text=True).stdout.split()
    return int(words[2].split(".")[0]) if len(words) > 2 else 0  # "pg_dump (PostgreSQL) 18.6"


def backup(target: Path) -> None:
    """Write a consistent copy to `target`; a half-written one never stands under that name."""
    if target.exists():
        raise Invalid(f"{target} exists already. Choose another name, so that no backup is overwritten.")
    partial = target.with_name(target.name + ".part")
    with database():
        url = db.libpq_url(settings().database_url)
        made = subprocess.run(
            [
                _program("pg_dump", url=url),
                "--format=custom",
                "--no-owner",
                f"--file={partial}",
                "--dbname",
                url,
            ],
            capture_output=True,
            check=False,
            text=True,
        )
    if made.returncode:
        partial.unlink(missing_ok=True)
        words = made.stderr.strip().splitlines()[-1:] or ["pg_dump failed"]
        raise BackupFailed(f"The backup was not written: {words[0]}")
    partial.rename(target)
    size = target.stat().st_size / 1e6
    print(f"Wrote {target} ({size:.1f} MB).")
    print(
        "Stored passwords and tokens in it are encrypted. To open them after a restore you also need the secret key: "
        "SPRINTREPORTS_SECRET_KEY, or the file secret.key of the data directory. Keep it apart from the backup."
    )


def restore(source: Path, *, yes: bool) -> None:
    """Restore into a new database and, only when all of it arrived, put it in the old one's place."""
    if not source.is_file():
        raise Invalid(f"{source} does not exist. Name a file that `sprintreports backup` wrote.")
    if (
        not yes
        and input("This replaces the database. The present one is kept under another name. Go on? [y/N] ")
        != "y"
    ):
        print("Nothing was changed.")
        return
    with database():
        url = db.libpq_url(settings().database_url)
        kept = _restore_into_place(url, source)
    print(f"Restored {source}. The replaced database is kept as {kept}; drop it when you no longer need it.")


def _restore_into_place(url: str, source: Path) -> str:
    stamp = clock.now().strftime("%Y%m%d%H%M%S")
    name = str(conninfo_to_dict(url)["dbname"])
    fresh, kept = f"{name}_restore_{stamp}", f"{name}_before_{stamp}"
    maintenance = make_conninfo(url, dbname="postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
        made = subprocess.run(
            [
                _program("pg_restore", url=url), "--exit-on-error", "--no-owner",
                "--dbname", make_conninfo(url, dbname=fresh), str(source),
            ],
            capture_output=True,
            check=False,
            text=True,
        )  # fmt: skip
        if made.returncode:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(fresh)))
            words = made.stderr.strip().splitlines()[:1] or ["pg_restore failed"]
            raise RestoreFailed(f"Nothing was restored; the database is as it was. {words[0]}")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )
        for old, new in ((name, kept), (fresh, name)):
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))
    return kept
