"""The last runs of a schedule are found without reading all of them: every few seconds it is looked whether one fails on and on."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("CREATE INDEX ix_schedule_run_schedule_id ON schedule_run (schedule_id, id)")


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("DROP INDEX ix_schedule_run_schedule_id")
