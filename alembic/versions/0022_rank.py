"""Where the issues of a board stand in Jira's own order, and when that was read."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("ALTER TABLE board_issue ADD COLUMN place integer")
    op.execute("ALTER TABLE board ADD COLUMN ordered_at timestamptz, ADD COLUMN order_wanted_at timestamptz")


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("ALTER TABLE board DROP COLUMN order_wanted_at, DROP COLUMN ordered_at")
    op.execute("ALTER TABLE board_issue DROP COLUMN place")
