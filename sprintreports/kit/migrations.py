"""Run the Alembic migrations that stand beside the package."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from alembic import command
from sprintreports.kit import db
from sprintreports.settings import PROJECT_ROOT


def config(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    chosen = Config(Path(PROJECT_ROOT, "alembic.ini"))
    chosen.set_main_option("script_location", str(PROJECT_ROOT / "alembic"))
    chosen.set_main_option("sqlalchemy.url", db.sqlalchemy_url(url).replace("%", "%%"))
    return chosen


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`."""
    command.upgrade(config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`."""
    command.downgrade(config(url), revision)


def head() -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(config("postgresql://none/none")).get_current_head() or ""
