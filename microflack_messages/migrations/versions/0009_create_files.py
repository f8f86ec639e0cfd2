"""Create files and their chunks; give messages what they keep of their files.

Releases before this one see nothing of it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0009"
down_revision = "0008"

EXACT = sa.String(64).with_variant(sa.String(64, collation="utf8mb4_bin"), "mysql")
LONG_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
CONTENT = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")


def upgrade() -> None:
    """Apply the change."""
    # MariaDB keeps what a migration that was cut short has made; SQLite does not, and
    # knows no such column.
    resumable = op.get_bind().dialect.name == "mysql"
    op.create_table(
        "files",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", EXACT, nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Integer()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("stored_at", sa.BigInteger()),
        sa.Column("store", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("thumbnail_size", sa.Integer()),
        sa.UniqueConstraint("key", name="uq_files_key"),
        mysql_default_charset="utf8mb4",
        if_not_exists=True,
    )
    for column in ("room_id", "message_id", "expires_at"):
        name = f"ix_files_{column}"
        op.create_index(name, "files", [column], if_not_exists=True)
    op.create_table(
        "file_chunks",
        sa.Column("key", EXACT),
        sa.Column("number", sa.Integer(), autoincrement=False),
        sa.Column("data", CONTENT, nullable=False),
        sa.PrimaryKeyConstraint("key", "number"),
        mysql_default_charset="utf8mb4",
        if_not_exists=True,
    )
    op.add_column("messages", sa.Column("files", LONG_TEXT), if_not_exists=resumable)


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("messages", "files")
    op.drop_table("file_chunks")
    op.drop_table("files")
