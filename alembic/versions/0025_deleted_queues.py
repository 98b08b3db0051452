"""A queue can be deleted, and taken back; what its draft was planned again from outlives the process that planned it."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(
        "ALTER TABLE queue ADD COLUMN deleted_at timestamptz, ADD COLUMN kept_to bytea, ADD COLUMN kept_to_format integer, "
        "ADD COLUMN kept_to_head integer"
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    # Nothing that people own is lost: what was deleted is in the lists again, among the archived ones.
    op.execute(
        "UPDATE queue SET state = 'archived', archived_at = coalesce(archived_at, deleted_at) WHERE deleted_at IS NOT NULL"
    )
    op.execute(
        "ALTER TABLE queue DROP COLUMN kept_to_head, DROP COLUMN kept_to_format, DROP COLUMN kept_to, DROP COLUMN deleted_at"
    )
