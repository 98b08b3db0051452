"""API clients, authorization codes, API keys and the keys that sign access tokens."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"


def upgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(43), primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("private_sealed", sa.LargeBinary, nullable=False),
        _at("created_at", default=True),
        _at("retired_at", nullable=True),
        _at("ends_at", nullable=True),
        sa.CheckConstraint(
            "(retired_at IS NULL) = (ends_at IS NULL)", name=op.f("ck_signing_key_ends_when_retired")
        ),
    )
    op.create_index(
        "uq_signing_key_active", "signing_key", [sa.text("(retired_at IS NULL)")], unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "api_client",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary),
        sa.Column("redirect_uris", ARRAY(sa.String(500)), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("scopes", ARRAY(sa.String(40)), nullable=False, server_default=sa.text("'{}'")),
        _user(nullable=True),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        _at("created_at", default=True),
        _at("updated_at", default=True),
        _at("last_used_at", nullable=True),
        _at("ended_at", nullable=True),
        sa.UniqueConstraint("client_id", name=op.f("uq_api_client_client_id")),
        sa.CheckConstraint(
            "user_id IS NULL OR secret_hash IS NOT NULL", name=op.f("ck_api_client_service_confidential")
        ),
    )
    op.create_index("ix_api_client_user_id", "api_client", ["user_id"])
    op.create_table(
        "authorization_code",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        _client(nullable=False),
        _user(nullable=False),
        sa.Column("credentials_version", sa.Integer, nullable=False),
        sa.Column("redirect_uri", sa.String(500), nullable=False),
        sa.Column("challenge", sa.String(43), nullable=False),
        sa.Column("scopes", ARRAY(sa.String(40)), nullable=False),
        _at("created_at", default=True),
        _at("expires_at"),
        _at("used_at", nullable=True),
        sa.Column("family_id", sa.Uuid),
        sa.UniqueConstraint("code_hash", name=op.f("uq_authorization_code_code_hash")),
    )
    op.create_index("ix_authorization_code_client_id", "authorization_code", ["client_id"])
    op.create_index("ix_authorization_code_user_id", "authorization_code", ["user_id"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _user(nullable=False),
        sa.Column("credentials_version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("scopes", ARRAY(sa.String(40)), nullable=False),
        sa.Column("per_minute", sa.Integer),
        _at("created_at", default=True),
        _at("expires_at"),
        _at("last_used_at", nullable=True),
        sa.Column("last_address", sa.String(64), nullable=False, server_default=""),
        _at("revoked_at", nullable=True),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    op.create_index("ix_api_key_user_id", "api_key", ["user_id"])
    op.add_column("token_family", _client(nullable=True))
    op.add_column("token_family", sa.Column("scopes", ARRAY(sa.String(40))))
    op.create_index("ix_token_family_client_id", "token_family", ["client_id"])


def downgrade() -> None:
    op.execute(LOCK_TIMEOUT)
    op.execute("DELETE FROM token_family WHERE client_id IS NOT NULL OR scopes IS NOT NULL")
    op.drop_index("ix_token_family_client_id", "token_family")
    op.drop_column("token_family", "scopes")
    op.drop_column("token_family", "client_id")
    for table in ("api_key", "authorization_code", "api_client", "signing_key"):
        op.drop_table(table)


def _at(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=nullable,
        server_default=sa.text("now()") if default else None,
    )


def _user(*, nullable: bool) -> sa.Column[int]:
    return sa.Column(
        "user_id", sa.BigInteger, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=nullable
    )


def _client(*, nullable: bool) -> sa.Column[int]:
    return sa.Column(
        "client_id", sa.BigInteger, sa.ForeignKey("api_client.id", ondelete="CASCADE"), nullable=nullable
    )
