"""Let people make rooms: what a room and its members have, and who has seen what.

Releases 7 to 10, which run beside, know nothing of it: they insert rows without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

COLUMNS = {
    "rooms": (
        ("topic", sa.String(500), ""),
        ("archived", sa.Boolean(), sa.false()),
        ("direct_key", sa.String(120), None),
        ("version", sa.BigInteger(), "0"),
        ("members", sa.Integer(), "0"),
    ),
    "room_members": (
        ("role", sa.String(8), "member"),
        ("joined_at", sa.BigInteger(), "0"),
        ("joined_version", sa.BigInteger(), "0"),
        ("read_up_to", sa.Integer(), "0"),
        ("notify", sa.String(8), "all"),
    ),
}
INDEXES = (
    ("ix_rooms_kind", "rooms", ["kind"], False),
    ("uq_rooms_direct_key", "rooms", ["direct_key"], True),
    ("ix_room_members_user_id", "room_members", ["user_id", "room_id"], False),
    ("ix_messages_room_id", "messages", ["room_id", "id", "user_id"], False),
)


def upgrade() -> None:
    """Apply the change."""
    # MariaDB keeps what a migration that was cut short has made; SQLite does not, and
    # knows no such column.
    resumable = op.get_bind().dialect.name == "mysql"
    for table, columns in COLUMNS.items():
        for name, kind, default in columns:
            column = sa.Column(
                name, kind, nullable=default is None, server_default=default
            )
            op.add_column(table, column, if_not_exists=resumable)
    for name, table, names, unique in INDEXES:
        op.create_index(name, table, names, unique=unique, if_not_exists=True)
    op.create_table(
        "room_views",
        sa.Column("user_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
        if_not_exists=True,
    )
    op.create_table(
        "pending_news",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        if_not_exists=True,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("pending_news")
    op.drop_table("room_views")
    for name, table, _names, _unique in reversed(INDEXES):
        op.drop_index(name, table)
    for table, columns in COLUMNS.items():
        for name, _kind, _default in columns:
            op.drop_column(table, name)
