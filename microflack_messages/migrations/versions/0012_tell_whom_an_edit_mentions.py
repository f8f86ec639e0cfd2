"""Keep with a push whom it may call, and whether an edit does.

Rows of before call whom their message calls, as they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply the change."""
    # MariaDB keeps what a migration that was cut short has made; SQLite does not, and
    # knows no such column.
    resumable = op.get_bind().dialect.name == "mysql"
    edited = sa.Column(
        "edited", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    for column in (sa.Column("user_ids", sa.Text()), edited):
        op.add_column("pushes", column, if_not_exists=resumable)


def downgrade() -> None:
    """Take the change back."""
    for name in ("user_ids", "edited"):
        op.drop_column("pushes", name)
