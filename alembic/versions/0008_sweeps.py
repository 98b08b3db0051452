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
    op.execute("ALTER TABLE issue ADD COLUMN hidden_at timestamptz")
    op.execute("ALTER TABLE board ADD COLUMN listed_with VARCHAR")
    op.execute("ALTER TABLE site ADD COLUMN read_with VARCHAR")
    op.execute(
        """
        CREATE TABLE sweep_doubt (
            site_id BIGINT NOT NULL, scope VARCHAR NOT NULL, issues BIGINT[] NOT NULL, sync_run_id BIGINT,
            noticed_at timestamptz NOT NULL,
            CONSTRAINT pk_sweep_doubt PRIMARY KEY (site_id, scope),
            CONSTRAINT fk_sweep_doubt_site_id FOREIGN KEY (site_id) REFERENCES site (id) ON DELETE CASCADE
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_issue_absent ON issue (site_id, jira_issue_id) "
        "WHERE deleted_at IS NOT NULL OR hidden_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("DROP INDEX ix_issue_absent")
    op.execute("DROP TABLE sweep_doubt")
    op.execute("ALTER TABLE site DROP COLUMN read_with")
    op.execute("ALTER TABLE board DROP COLUMN listed_with")
    op.execute("ALTER TABLE issue DROP COLUMN hidden_at")
