"""The audit log: entries that stay as they were written, their seals, their archives; what key secrets were sealed with."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"
INDEXES = {
    "at": ["at", "id"],
    "actor": ["actor_id", "at", "id"],
    "action": ["action", "at", "id"],
    "subject": ["subject_kind", "subject_id", "at", "id"],
    "address": ["address", "at", "id"],
    "request": ["request_id"],
}
# What is archived may go, by the archive's own row; nothing else ever does.
STAYS = """
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_entry' THEN
        IF EXISTS (
            SELECT FROM audit_seal s JOIN audit_archive a ON s.position BETWEEN a.first_position AND a.last_position
            WHERE s.entry_id = OLD.id
        ) THEN RETURN OLD; END IF;
    ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_seal' THEN
        IF EXISTS (SELECT FROM audit_archive a WHERE OLD.position BETWEEN a.first_position AND a.last_position)
        THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION 'The audit log is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
KEPT = ("audit_entry", "audit_seal", "audit_archive")


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.BigInteger),
        sa.Column("subject_kind", sa.String(40), nullable=False, server_default=""),
        sa.Column("subject_id", sa.String(120), nullable=False, server_default=""),
        sa.Column("before", JSONB),
        sa.Column("after", JSONB),
        sa.Column("address", sa.String(64), nullable=False, server_default=""),
        sa.Column("request_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    for name, columns in INDEXES.items():
        op.create_index(f"ix_audit_entry_{name}", "audit_entry", columns)
    op.create_index(
        "ix_audit_entry_not_done", "audit_entry", ["outcome", "at", "id"],
        postgresql_where=sa.text("outcome <> 'done'"),
    )  # fmt: skip
    op.create_table(
        "audit_unsealed",
        sa.Column("entry_id", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False, unique=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "audit_archive",
        sa.Column("first_position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last_position", sa.BigInteger, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash_before", sa.LargeBinary, nullable=False),
        sa.Column("hash_after", sa.LargeBinary, nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "audit_repeat",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.BigInteger),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(120), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
    )
    op.execute(STAYS)
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_stays()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_stays_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()"
        )
    op.create_table(
        "retired_key",
        sa.Column("key_id", sa.LargeBinary, primary_key=True),
        sa.Column("purpose", sa.String(40), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("installation", sa.Column("key_check", sa.LargeBinary, nullable=True))
    op.create_table(
        "erased_person",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "site_id", sa.BigInteger, sa.ForeignKey("site.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("alias", sa.String(80), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("uq_erased_person_digest", "erased_person", ["site_id", "digest"], unique=True)


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.drop_table("erased_person")
    op.drop_column("installation", "key_check")
    op.drop_table("retired_key")
    op.drop_table("audit_repeat")
    for table in reversed(KEPT):
        op.drop_table(table)
    op.drop_table("audit_unsealed")
    op.execute("DROP FUNCTION audit_stays()")
