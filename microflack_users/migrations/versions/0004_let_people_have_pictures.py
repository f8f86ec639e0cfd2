"""Let people have pictures.

Earlier releases know nothing of the column, and insert rows without it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMBLOB

from microflack_common import free_moment

revision = "0004"
down_revision = "0003"

Content = sa.LargeBinary().with_variant(MEDIUMBLOB(), "mysql")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "pictures",
        sa.Column("user_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("content", Content, nullable=False),
        if_not_exists=True,
    )
    # MariaDB keeps what a migration that was cut short has made.
    found = {c["name"] for c in sa.inspect(op.get_bind()).get_columns("users")}
    if "picture" not in found:
        free_moment.execute("ALTER TABLE users ADD COLUMN picture VARCHAR(32)")


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("users", "picture")
    op.drop_table("pictures")
