"""Create the tables of sessions and of what was ended."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Exact = sa.String(128).with_variant(sa.String(128, collation="utf8mb4_bin"), "mysql")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "sessions",
        sa.Column("id", Exact, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("chain_key", sa.String(64), nullable=False),
        sa.Column("renewed_at", sa.Double(), nullable=False),
        sa.Column("token_id", Exact, nullable=False),
        sa.Column("token_issued_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_last_used_at", "sessions", ["last_used_at"])
    op.create_table(
        "ended",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("id", Exact, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id"),
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "cuts",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("spared", Exact, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        mysql_charset="utf8mb4",
    )
    counter = op.create_table(
        "cut_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(counter, [{"id": 1, "last": 0}])


def downgrade() -> None:
    """Take the change back."""
    for table in ("cut_counter", "cuts", "ended", "sessions"):
        op.drop_table(table)
