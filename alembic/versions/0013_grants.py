"""Grants limited to boards or teams, invitations."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"
ROLES = "'viewer', 'user', 'manager', 'admin', 'super_admin'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.alter_column("user_account", "role", nullable=True)
    op.create_index(
        "ix_user_account_name", "user_account", [sa.text("lower(name)"), "id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "user_id", sa.BigInteger, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("board_ids", ARRAY(sa.BigInteger)),
        sa.Column("discipline_ids", ARRAY(sa.BigInteger)),
        sa.Column("source", sa.String(260), nullable=False, server_default="manual"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint(f"role IN ({ROLES})", name=op.f("ck_role_grant_role_known")),
        sa.CheckConstraint(
            "role NOT IN ('admin', 'super_admin') OR (board_ids IS NULL AND discipline_ids IS NULL)",
            name=op.f("ck_role_grant_admins_unlimited"),
        ),
        sa.CheckConstraint(
            "source LIKE 'group:%' OR (source = 'manual' AND (board_ids IS NOT NULL OR discipline_ids IS NOT NULL))",
            name=op.f("ck_role_grant_manual_limited"),
        ),
    )
    op.create_index("ix_role_grant_user_id", "role_grant", ["user_id"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "user_id", sa.BigInteger, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        sa.UniqueConstraint("user_id", name=op.f("uq_invitation_user_id")),
        sa.CheckConstraint(
            "purpose IN ('invitation', 'password_reset')", name=op.f("ck_invitation_purpose_known")
        ),
    )


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.drop_table("invitation")
    op.drop_table("role_grant")
    op.drop_index("ix_user_account_name", "user_account")
    # Somebody whose grants were all limited was no more than a viewer everywhere.
    op.execute("UPDATE user_account SET role = 'viewer', is_active = false WHERE role IS NULL")
    op.alter_column("user_account", "role", nullable=False)
