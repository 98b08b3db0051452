"""What sweeps found: issues that Jira no longer shows."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
