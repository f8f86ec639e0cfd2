"""Find messages by their words. What is there is indexed while the service runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import VARBINARY

revision = "0008"
down_revision = "0007"

LOCK = 0
progress = sa.table("search_progress", sa.column("room_id"))


def _bytes(length: int) -> sa.types.TypeEngine:
    return sa.LargeBinary().with_variant(VARBINARY(length), "mysql")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "search_postings",
        sa.Column("block", sa.Integer(), autoincrement=False),
        sa.Column("term", _bytes(161)),
        sa.Column("bits", _bytes(512), nullable=False),
        sa.PrimaryKeyConstraint("block", "term"),
        if_not_exists=True,
    )
    op.create_table(
        "search_progress",
        sa.Column("room_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("change", sa.BigInteger(), nullable=False, server_default="0"),
        if_not_exists=True,
    )
    connection = op.get_bind()
    if connection.scalar(sa.select(progress.c.room_id)) is None:
        connection.execute(sa.insert(progress).values(room_id=LOCK))


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("search_progress")
    op.drop_table("search_postings")
