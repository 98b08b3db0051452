"""The job queue's own schema: procrastinate's tables, types and functions."""

from typing import Any

from procrastinate.schema import SchemaManager

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"

# The release whose schema this revision installs. A later release brings migrations of its own
# (procrastinate/sql/migrations): they become a revision of ours when requirements.txt moves on; a test watches this.
PROCRASTINATE = "3.10"

EVERYTHING = r"""
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT format('DROP TABLE %I CASCADE', tablename) AS command
        FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate\_%'
    LOOP EXECUTE found.command; END LOOP;
    FOR found IN SELECT format('DROP FUNCTION %s CASCADE', oid::regprocedure) AS command
        FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\_%'
    LOOP EXECUTE found.command; END LOOP;
    FOR found IN SELECT format('DROP TYPE %I CASCADE', typname) AS command
        FROM pg_type WHERE typnamespace = current_schema()::regnamespace AND typname LIKE 'procrastinate\_%'
    LOOP EXECUTE found.command; END LOOP;
END
$$
"""


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    run(SchemaManager.get_schema())


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    run(EVERYTHING)


def run(statements: str) -> None:
    """Many statements at once, past SQLAlchemy, which would send them as one prepared statement."""
    if op.get_context().as_sql:
        op.execute(statements)
        return
    driver: Any = op.get_bind().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(statements)
