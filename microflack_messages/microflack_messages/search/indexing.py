"""Bring the index up to date with what was said.

All messages of a room that were changed have a higher change number than what was
indexed last, whichever release has changed them. So nothing has to tell the index of
them, and it is filled in the same way for all that was said before there was one.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, func, select, text

from microflack_messages.models import Message, Room
from microflack_messages.room_models import DELETED, REMOVED
from microflack_messages.search import postings
from microflack_messages.search.bitmaps import place_of
from microflack_messages.search.postings import Postings
from microflack_messages.search.tables import SearchProgress
from microflack_messages.search.terms import author_term, room_term, terms_of
from microflack_messages.transactions import begin

# Messages of one transaction, of which others can wait for the end. Each of these reads
# and writes the sets of all its terms: with 200 messages it would be twice the work.
BATCH_SIZE = 1000

_INDEXED = func.coalesce(SearchProgress.change, 0)
BEHIND = (
    select(Room.id, Room.last_change, _INDEXED.label("indexed"))
    .outerjoin(SearchProgress, SearchProgress.room_id == Room.id)
    .where(Room.last_change > _INDEXED, Room.kind.not_in([DELETED, REMOVED]))
)
_IS_THERE = select(Room.id).where(
    Room.id == bindparam("room_id"), Room.kind.not_in([DELETED, REMOVED])
)
_CHANGED = (
    select(
        Message.id,
        Message.room_id,
        Message.user_id,
        Message.source,
        Message.deleted,
        Message.change,
    )
    .where(Message.room_id == bindparam("room_id"))
    .where(Message.change > bindparam("indexed"))
    .order_by(Message.change)
    .limit(BATCH_SIZE)
)
_THIS_ROOM = select(SearchProgress.change).where(
    SearchProgress.room_id == bindparam("room_id")
)
_PROGRESS = text(
    "REPLACE INTO search_progress (room_id, `change`) VALUES (:room_id, :indexed)"
)


class Backlog(NamedTuple):
    """A room whose messages up to one number are indexed, and which has more."""

    room_id: int
    last_change: int
    indexed: int


def backlogs(connection: Connection) -> list[Backlog]:
    """Return the rooms in which something is not indexed yet."""
    return [Backlog(*row) for row in connection.execute(BEHIND)]


def index_some(engine: Engine, backlog: Backlog) -> Backlog | None:
    """Index the next messages of a room; return what is left, None if nothing is.

    None is also returned if another instance is indexing that room, which goes on, or
    if the room is deleted meanwhile.
    """
    values = {"room_id": backlog.room_id, "indexed": backlog.indexed}
    with engine.connect() as connection:
        messages = connection.execute(_CHANGED, values).all()
    more = len(messages) == BATCH_SIZE
    # What is not to be seen has been changed again, or there is no room any more.
    upto = messages[-1].change if more else backlog.last_change
    # Takes time, so nobody has to wait for it.
    added = _postings(row for row in messages if not row.deleted)
    with engine.connect() as connection:
        begin(connection)
        postings.lock(connection)
        if not _is_as_it_was(connection, backlog):
            connection.rollback()
            return None
        postings.add(connection, added)
        postings.forget(connection, [row.id for row in messages if row.deleted])
        connection.execute(_PROGRESS, values | {"indexed": upto})
        connection.commit()
    return backlog._replace(indexed=upto) if more else None


def _postings(messages: Any) -> Postings:
    found: Postings = defaultdict(lambda: defaultdict(int))
    for row in messages:
        block, bit = place_of(row.id)
        own = (room_term(row.room_id), author_term(row.user_id))
        for term in (*own, *terms_of(row.source)):
            found[block][term] |= bit
    return found


def _is_as_it_was(connection: Connection, backlog: Backlog) -> bool:
    """Say whether nobody else has indexed the room, and it is still there."""
    values = {"room_id": backlog.room_id}
    indexed = connection.scalar(_THIS_ROOM, values) or 0
    return indexed == backlog.indexed and bool(connection.scalar(_IS_THERE, values))
