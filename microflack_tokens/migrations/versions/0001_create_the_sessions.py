"""Create the tables of sessions and of what was ended.

MariaDB keeps what a migration that was cut short has made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Exact = sa.String(128).with_variant(sa.String(128, collation="utf8mb4_bin"), "mysql")


def upgrade() -> None:
    """Apply the change, or what is left to do of it."""
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
        if_not_exists=True,
    )
    for name in ("user_id", "last_used_at"):
        index = f"ix_sessions_{name}"
        op.create_index(index, "sessions", [name], if_not_exists=True)
    op.create_table(
        "ended",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("id", Exact, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id"),
        mysql_charset="utf8mb4",
        if_not_exists=True,
    )
    op.create_table(
        "cuts",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("spared", Exact, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        mysql_charset="utf8mb4",
        if_not_exists=True,
    )
    op.create_table(
        "cut_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    counter = sa.table("cut_counter", sa.column("id"), sa.column("last"))
    connection = op.get_bind()
    if connection.scalar(sa.select(counter.c.id)) is None:
        connection.execute(sa.insert(counter).values(id=1, last=0))


def downgrade() -> None:
    """Take the change back."""
    for table in ("cut_counter", "cuts", "ended", "sessions"):
        op.drop_table(table)
