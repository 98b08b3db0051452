"""Jira's own sprint reports, kept to be compared with ours."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(
        """
        CREATE TABLE sprint_reconciliation (
            site_id BIGINT NOT NULL, jira_board_id BIGINT NOT NULL, jira_sprint_id BIGINT NOT NULL,
            source VARCHAR, received_at timestamptz, received_by BIGINT, body BYTEA, unreadable BIGINT[],
            problem TEXT, problem_at timestamptz, facts VARCHAR, equal BOOLEAN, issues INTEGER, differing INTEGER,
            CONSTRAINT pk_sprint_reconciliation PRIMARY KEY (site_id, jira_board_id, jira_sprint_id),
            CONSTRAINT fk_sprint_reconciliation_site_id FOREIGN KEY (site_id) REFERENCES site (id) ON DELETE CASCADE
        )
        """
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("DROP TABLE sprint_reconciliation")
