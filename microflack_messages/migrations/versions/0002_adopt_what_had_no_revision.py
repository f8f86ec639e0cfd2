"""Create pending_cards, message_changes and change_counter, and number the history.

Releases 4 to 6 made these tables outside revisions. They are adopted as they are; the
history has no numbers where none of the releases 5 and 6 has run.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import IntegrityError

revision = "0002"
down_revision = "0001"

REVISION = sa.String(32).with_variant(sa.String(32, collation="utf8mb4_bin"), "mysql")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "pending_cards",
        sa.Column("revision", sa.String(32), primary_key=True),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "message_changes",
        sa.Column("message_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("revision", REVISION, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        if_not_exists=True,
    )
    _number_history(op.get_bind())


def _number_history(connection: sa.Connection) -> None:
    messages = _table("messages", "id", "updated_at", "revision")
    changes = _table("message_changes", "message_id", "number", "revision")
    counter = _table("change_counter", "id", "last")
    try:
        # An instance of another release that starts now waits for this row.
        with connection.begin_nested():
            connection.execute(sa.insert(counter).values(id=1, last=0))
    except IntegrityError:
        return
    by_time = (messages.c.updated_at, messages.c.id)
    number = sa.func.row_number().over(order_by=by_time)
    history = sa.select(messages.c.id, number, messages.c.revision)
    connection.execute(sa.insert(changes).from_select([*changes.c.keys()], history))
    last = connection.scalar(sa.select(sa.func.max(changes.c.number)))
    connection.execute(sa.update(counter).values(last=last or 0))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns))


def downgrade() -> None:
    """Take the change back."""
    for table in ("pending_cards", "message_changes", "change_counter"):
        op.drop_table(table)
