"""Store and find messages, and those that wait for their link cards.

That a message waits is stored in one transaction with it, so no crash forgets it.
"""

from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, delete, insert, select, update

from microflack_common import database
from microflack_messages.models import COLUMNS, Message, PendingCard, db, now

# Made once: making it takes longer than what the server needs for it.
INSERT = insert(Message.__table__)


def find_by_idempotency_key(user_id: int, key: str) -> Row[Any] | None:
    """Return the message that this user stored with this key, if there is one."""
    query = select(*COLUMNS).filter_by(user_id=user_id, idempotency_key=key)
    with database.autocommit(current_app).connect() as connection:
        return connection.execute(query).one_or_none()


def insert_message(values: dict[str, Any], expects_cards: bool) -> int:
    """Store a new message; return its id.

    Raises IntegrityError if its author has stored one with the same key before.
    """
    if not expects_cards:
        with database.autocommit(current_app).connect() as connection:
            return _insert(connection, values)
    with db.engine.begin() as connection:
        message_id = _insert(connection, values)
        _insert_pending_card(connection, message_id, values["revision"])
        return message_id


def update_message(
    message_id: int, values: dict[str, Any], expects_cards: bool
) -> None:
    """Give a stored message other values."""
    with db.engine.begin() as connection:
        this = Message.id == message_id
        connection.execute(update(Message).where(this).values(values))
        if expects_cards:
            _insert_pending_card(connection, message_id, values["revision"])


def _insert(connection: Connection, values: dict[str, Any]) -> int:
    key = connection.execute(INSERT, values).inserted_primary_key
    return int(key[0]) if key else 0


def _insert_pending_card(
    connection: Connection, message_id: int, revision: str
) -> None:
    values = {"revision": revision, "message_id": message_id, "since": now()}
    connection.execute(insert(PendingCard).values(values))


def pending_cards(before: int, limit: int) -> list[str]:
    """Return the revisions that wait for cards since before this time, oldest first.

    :param before: Unix seconds.
    """
    query = select(PendingCard.revision).where(PendingCard.since <= before)
    with db.engine.connect() as connection:
        oldest_first = query.order_by(PendingCard.since).limit(limit)
        return list(connection.scalars(oldest_first))


def find_pending_message(revision: str) -> Row[Any] | None:
    """Return the message that waits for cards, None if it was changed since."""
    query = (
        select(*COLUMNS)
        .join(PendingCard, PendingCard.message_id == Message.id)
        .where(PendingCard.revision == revision, Message.revision == revision)
    )
    with db.engine.connect() as connection:
        return connection.execute(query).one_or_none()


def save_cards(revision: str, values: dict[str, Any]) -> bool:
    """Give a message its cards, which make another revision of it.

    Returns False, and changes nothing, if the message was changed in the meantime. In
    both cases the revision waits for cards no longer.
    """
    this = (Message.id == values["id"]) & (Message.revision == revision)
    with db.engine.begin() as connection:
        changed = connection.execute(update(Message).where(this).values(values))
        _delete_pending_card(connection, revision)
        return bool(changed.rowcount)


def give_up_cards(revision: str) -> None:
    """Let a revision wait for cards no longer: there are none."""
    with db.engine.begin() as connection:
        _delete_pending_card(connection, revision)


def _delete_pending_card(connection: Connection, revision: str) -> None:
    connection.execute(delete(PendingCard).where(PendingCard.revision == revision))
