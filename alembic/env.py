"""Runs migrations, one transaction each, on the address of the caller or of the settings.

A caller may set `sqlalchemy.url`, or hand over `config.attributes["connection"]` (an open SQLAlchemy connection).
"""

import re

from sqlalchemy import Connection, NullPool, create_engine

from alembic import context
from sprintreports.identity import tables as _identity
from sprintreports.identity.audit import tables as _audit
from sprintreports.identity.clients import tables as _clients
from sprintreports.identity.notices import tables as _notices
from sprintreports.identity.sso import tables as _sso
from sprintreports.jira import facts_tables as _facts
from sprintreports.jira import tables as _jira
from sprintreports.jira.oauth import tables as _oauth
from sprintreports.jira.reconciliation import tables as _reconciliation
from sprintreports.jira.webhooks import tables as _webhooks
from sprintreports.kit import db
from sprintreports.planning import tables as _planning
from sprintreports.planning.queues import tables as _queues
from sprintreports.reports.baselines import tables as _baselines
from sprintreports.reports.exporting import tables as _exporting
from sprintreports.reports.library import tables as _library
from sprintreports.reports.publishing import tables as _publishing
from sprintreports.reports.schedules import tables as _schedules
from sprintreports.settings import settings

TABLES_FROM = (
    _identity,
    _audit,
    _clients,
    _notices,
    _sso,
    _facts,
    _jira,
    _oauth,
    _reconciliation,
    _webhooks,
    _planning,
    _queues,
    _baselines,
    _exporting,
    _library,
    _publishing,
    _schedules,
)
# What the models do not describe: partitions, the job queue's own schema, Alembic's own table; and indexes of
# expressions, which PostgreSQL gives back in its own words, so that they never compare as the same.
NOT_OURS = {
    "table": re.compile(r"change_item_p\d+|procrastinate_\w+|alembic_version"),
    "index": re.compile(r"ix_sprint_in_order"),
}


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    return name is None or kind not in NOT_OURS or not NOT_OURS[kind].fullmatch(name)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_name=include_name,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run(connection)
        return
    url = context.config.get_main_option("sqlalchemy.url") or settings().database_url
    engine = create_engine(db.sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as opened:
        run(opened)
    engine.dispose()


def run_offline() -> None:
    """Print the SQL instead of running it (`alembic upgrade head --sql`)."""
    context.configure(dialect_name="postgresql", target_metadata=db.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
