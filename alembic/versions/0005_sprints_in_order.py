"""The order in which lists of sprints are read, as an index."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    # The very expressions of `ORDER` in sprintreports/jira/reads/sprints.py.
    op.execute(
        """
        CREATE INDEX ix_sprint_in_order ON sprint (
            (array_position(ARRAY['active', 'future', 'closed', 'unknown'], state::text)),
            (CASE WHEN state = 'future' THEN coalesce(start_date, 'infinity') END),
            (coalesce(complete_date, activated_at, start_date, end_date)) DESC NULLS LAST,
            id DESC
        )
        """
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("DROP INDEX ix_sprint_in_order")
