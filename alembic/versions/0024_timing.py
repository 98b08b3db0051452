"""What a plan is timed by, as Jira's fields say it: a scheduling class, a deadline, a planned start and end."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# A migration that waits for a lock makes everybody behind it wait too: rather fail, and be run again.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    # A constant default is kept beside the table, so no row is written anew.
    op.execute(
        "ALTER TABLE issue ADD COLUMN scheduling text NOT NULL DEFAULT '', ADD COLUMN deadline text, "
        "ADD COLUMN planned_start text, ADD COLUMN planned_end text"
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    # What is lost stands in the stored payloads. The release before reads no mapping that names what it does not know, and no
    # edit either: scheduling that was left to Jira becomes what it was without Jira.
    op.execute(
        "UPDATE site SET mapping = mapping - '{scheduling,deadline,planned_start,planned_end,scheduling_values}'::text[]"
    )
    op.execute(
        "UPDATE queue_edit SET change = jsonb_build_object('kind', 'timing', 'issue', change -> 'issue', 'timing', "
        '\'{"kind": "flexible", "start": null, "end": null}\'::jsonb) '
        "WHERE change ->> 'kind' = 'reset_timing'"
    )
    op.execute(
        "ALTER TABLE issue DROP COLUMN planned_end, DROP COLUMN planned_start, DROP COLUMN deadline, DROP COLUMN scheduling"
    )
