"""Let people block others. Earlier releases know nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply the change."""
    ids = {"primary_key": True, "autoincrement": False}
    op.create_table(
        "blocks",
        sa.Column("user_id", sa.Integer(), **ids),
        sa.Column("blocked_id", sa.Integer(), **ids),
        sa.Column("since", sa.BigInteger(), nullable=False),
        if_not_exists=True,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("blocks")
