"""What may be asked besides public addresses: one row."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute(
        """
        CREATE TABLE outgoing_policy (
            id integer NOT NULL,
            allowed varchar(300)[] NOT NULL DEFAULT '{}',
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_outgoing_policy PRIMARY KEY (id),
            CONSTRAINT ck_outgoing_policy_one_row CHECK (id = 1)
        )
        """
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("DROP TABLE outgoing_policy")
