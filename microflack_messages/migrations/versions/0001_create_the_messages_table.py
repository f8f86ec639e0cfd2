"""Create the messages table.

Releases 1 to 6 may have made it: their revision stands in another table (see 0003).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0001"
down_revision = None

LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql")
EXACT = sa.String(64).with_variant(sa.String(64, collation="utf8mb4_bin"), "mysql")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("source", LONG_TEXT, nullable=False),
        sa.Column("html", LONG_TEXT, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", EXACT),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name="uq_messages_idempotency_key"
        ),
        mysql_default_charset="utf8mb4",
        if_not_exists=True,
    )
    op.create_index(
        "ix_messages_updated_at", "messages", ["updated_at", "id"], if_not_exists=True
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("messages")
