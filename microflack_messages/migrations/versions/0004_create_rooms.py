"""Create rooms and their members; give messages a room and their change number.

All that is there is in the room of everybody, and keeps its number. What instances of
earlier releases number from now on is copied while they run (``beside_release_6``).
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

EVERYONE = 1
# Messages that are given their number at once: few enough for every time limit.
CHUNK = 5000

rooms = sa.table(
    "rooms",
    *map(sa.column, ("id", "name", "kind", "last_change", "created_at", "updated_at")),
)
messages = sa.table("messages", sa.column("id"), sa.column("change"))
changes = sa.table("message_changes", sa.column("message_id"), sa.column("number"))
counter = sa.table("change_counter", sa.column("last"))


def upgrade() -> None:
    """Apply the change."""
    connection = op.get_bind()
    # MariaDB keeps what a migration that was cut short has made; SQLite does not, and
    # knows no such column.
    resumable = connection.dialect.name == "mysql"
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("last_change", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        mysql_default_charset="utf8mb4",
        if_not_exists=True,
    )
    op.create_table(
        "room_members",
        sa.Column("room_id", sa.Integer(), sa.ForeignKey("rooms.id")),
        sa.Column("user_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("room_id", "user_id"),
        if_not_exists=True,
    )
    op.add_column(
        "messages",
        sa.Column("room_id", sa.Integer(), nullable=False, server_default="1"),
        if_not_exists=resumable,
    )
    op.add_column(
        "messages", sa.Column("change", sa.BigInteger()), if_not_exists=resumable
    )
    op.create_index(
        "ix_messages_change", "messages", ["room_id", "change"], if_not_exists=True
    )
    _fill(connection)


def _fill(connection: sa.Connection) -> None:
    # Read first: what is numbered meanwhile has a higher number, and is copied later.
    last = connection.scalar(sa.select(counter.c.last)) or 0
    number = sa.select(changes.c.number).where(changes.c.message_id == messages.c.id)
    for first in range(0, _last_id(connection) + 1, CHUNK):
        chunk = messages.c.id.between(first, first + CHUNK - 1)
        values = {"change": number.scalar_subquery()}
        connection.execute(sa.update(messages).where(chunk).values(values))
        if connection.dialect.name == "mysql":
            # Nobody waits for more than these rows.
            connection.exec_driver_sql("COMMIT")
    if connection.scalar(sa.select(rooms.c.id)) is None:
        now = int(time.time())
        everyone = {"id": EVERYONE, "name": "Everyone", "kind": "public"}
        everyone |= {"last_change": last, "created_at": now, "updated_at": now}
        connection.execute(sa.insert(rooms).values(everyone))


def _last_id(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(messages.c.id))) or 0


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_messages_change", "messages")
    op.drop_column("messages", "change")
    op.drop_column("messages", "room_id")
    op.drop_table("room_members")
    op.drop_table("rooms")
