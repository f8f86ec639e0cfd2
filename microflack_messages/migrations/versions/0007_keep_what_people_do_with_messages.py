"""Keep what people do with messages: edit, delete, answer, mention, react."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0007"
down_revision = "0006"

LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql")
COLUMNS = {
    "edited_at": {"type_": sa.BigInteger()},
    "deleted": {
        "type_": sa.Boolean(),
        "nullable": False,
        "server_default": sa.false(),
    },
    "reply_to": {"type_": sa.Integer()},
    "mentions": {"type_": LONG_TEXT},
    "reactions": {"type_": LONG_TEXT},
}


def upgrade() -> None:
    """Apply the change."""
    # MariaDB keeps what a migration that was cut short has made; SQLite does not, and
    # knows no such column.
    resumable = op.get_bind().dialect.name == "mysql"
    for name, options in COLUMNS.items():
        column = sa.Column(name, **options)
        op.add_column("messages", column, if_not_exists=resumable)


def downgrade() -> None:
    """Take the change back."""
    for name in reversed(COLUMNS):
        op.drop_column("messages", name)
