"""Create the users table.

Releases 1 to 7 may have made it: their revision stands in another table (see 0002).
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Exact = sa.String(128).with_variant(sa.String(128, collation="utf8mb4_bin"), "mysql")


def upgrade() -> None:
    """Apply the change."""
    if sa.inspect(op.get_bind()).has_table("users"):
        return
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("nickname", Exact, nullable=False),
        sa.Column("nickname_key", Exact, nullable=False),
        sa.Column("password_hash", sa.String(128), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("nickname_key"),
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_users_updated_at", "users", ["updated_at", "nickname"])
    op.create_index("ix_users_online", "users", ["online", "last_seen_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("users")
