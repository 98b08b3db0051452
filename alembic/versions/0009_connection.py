"""How a site is read: schedule, pause, circuit breaker."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(
        """
        ALTER TABLE site
            ADD COLUMN paused_at timestamptz, ADD COLUMN sync_minutes INTEGER,
            ADD COLUMN circuit JSONB DEFAULT '{}'::jsonb NOT NULL
        """
    )
    op.execute(
        "ALTER TABLE sync_run ADD COLUMN expected_at timestamptz, ADD COLUMN traffic JSONB DEFAULT '{}'::jsonb NOT NULL"
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("ALTER TABLE sync_run DROP COLUMN traffic, DROP COLUMN expected_at")
    op.execute("ALTER TABLE site DROP COLUMN circuit, DROP COLUMN sync_minutes, DROP COLUMN paused_at")
