"""A sprint's report in one piece, and the place of its issues in the order of their keys."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    # Neither is filled here: what is missing is read from the rows as before, until the sprint is computed again.
    op.execute(
        """
        CREATE TABLE sprint_packed (
            site_id BIGINT NOT NULL, jira_board_id BIGINT NOT NULL, jira_sprint_id BIGINT NOT NULL,
            format INTEGER NOT NULL, report BYTEA NOT NULL, hours BYTEA,
            CONSTRAINT pk_sprint_packed PRIMARY KEY (site_id, jira_board_id, jira_sprint_id)
        )
        """
    )
    op.execute("ALTER TABLE sprint_issue_fact ADD COLUMN key_order INTEGER")


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("ALTER TABLE sprint_issue_fact DROP COLUMN key_order")
    op.execute("DROP TABLE sprint_packed")
