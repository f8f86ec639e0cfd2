"""Number what instances of the releases 1 to 6 have left without a number.

Release 7 does so every few seconds. What came after its last look is numbered here:
from now on nobody looks any more. Release 7 is the oldest that may run beside 8.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

EVERYONE = 1

rooms = sa.table("rooms", *map(sa.column, ("id", "last_change")))
messages = sa.table(
    "messages", *map(sa.column, ("id", "updated_at", "room_id", "change"))
)
changes = sa.table("message_changes", *map(sa.column, ("message_id", "number")))
counter = sa.table("change_counter", sa.column("last"))


def upgrade() -> None:
    """Apply the change."""
    connection = op.get_bind()
    # Instances of release 7 lock them in this order.
    counted = connection.scalar(sa.select(counter.c.last).with_for_update()) or 0
    this_room = rooms.c.id == EVERYONE
    query = sa.select(rooms.c.last_change).where(this_room).with_for_update()
    last_change = connection.scalars(query).one()
    numbered = sa.select(changes).where(changes.c.number > last_change)
    for message_id, number in connection.execute(numbered).all():
        _set(connection, message_id, number)
    last = max(counted, last_change)
    left = sa.select(messages.c.id).where(
        messages.c.room_id == EVERYONE, messages.c.change.is_(None)
    )
    by_time = left.order_by(messages.c.updated_at, messages.c.id)
    for message_id in connection.scalars(by_time).all():
        last += 1
        _set(connection, message_id, last)
    values = {"last_change": last}
    connection.execute(sa.update(rooms).where(this_room).values(values))


def _set(connection: sa.Connection, message_id: int, number: int) -> None:
    this = messages.c.id == message_id
    connection.execute(sa.update(messages).where(this).values(change=number))


def downgrade() -> None:
    """Leave the numbers: they are good."""
