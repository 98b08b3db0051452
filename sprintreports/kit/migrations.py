"""Run the Alembic migrations that stand beside the package."""

from pathlib import Path

import psycopg
from alembic.config import Config
from alembic.script import ScriptDirectory

from alembic import command
from sprintreports.kit import db, trust
from sprintreports.settings import PROJECT_ROOT


def config(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    chosen = Config(Path(PROJECT_ROOT, "alembic.ini"))
    chosen.set_main_option("script_location", str(PROJECT_ROOT / "alembic"))
    chosen.set_main_option("sqlalchemy.url", db.sqlalchemy_url(url).replace("%", "%%"))
    return chosen


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`."""
    with trust.of_database():
        command.upgrade(config(url), revision)


def ensure(url: str) -> None:
    """Bring the database up to date; one that is needs no more than a look."""
    if revision(url) != head():
        upgrade(url)


def revision(url: str) -> str:
    """The revision that the database is at; empty: no table has been made yet."""
    with trust.of_database(), psycopg.connect(db.libpq_url(url)) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`."""
    with trust.of_database():
        command.downgrade(config(url), revision)


def head() -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(config("postgresql://none/none")).get_current_head() or ""
