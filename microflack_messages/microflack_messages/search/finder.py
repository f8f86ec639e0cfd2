"""Find messages in the index, the newest first.

Blocks are looked at from the newest one on, more at a time the longer it takes. What is
found is compared with the messages as they are now, and with who may read them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from microflack_messages.models import COLUMNS, Message
from microflack_messages.search import postings
from microflack_messages.search.bitmaps import BLOCK_SIZE, ids, place_of
from microflack_messages.search.indexing import backlogs
from microflack_messages.search.terms import Query, after, author_term, room_term

# How many blocks are looked at at a time: at first, how that grows, and at most.
FIRST_BLOCKS, GROWTH, MOST_BLOCKS = 1, 4, 64
# Messages that are not indexed yet and are compared without it, of how many rooms.
MOST_UNINDEXED, MOST_ROOMS = 500, 20
# Messages that are compared at a time, at least.
FEWEST_COMPARED = 20

_NEWEST = select(func.max(Message.id))
_UNINDEXED = (
    select(Message.id)
    .where(Message.room_id == bindparam("room_id"))
    .where(Message.change > bindparam("indexed"))
    .order_by(Message.change.desc())
    .limit(bindparam("limit"))
)
_THESE = (
    select(*COLUMNS)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
    .where(Message.deleted.is_(False))
    .order_by(Message.id.desc())
)


@dataclass(frozen=True)
class Search:
    """What is looked for, and where.

    :param rooms: all that whoever asks may read, or the only one that is meant.
    :param before_id: only messages with a lower id.
    """

    query: Query
    rooms: frozenset[int]
    author: int | None = None
    before_id: int | None = None

    def accepts(self, message: Row[Any]) -> bool:
        """Say whether a message is one that is looked for."""
        return (
            message.room_id in self.rooms
            and self.author in (None, message.user_id)
            and self.query.matches(message.source)
        )

    def exact_terms(self) -> list[bytes]:
        """Return terms that all messages have that are looked for."""
        terms = self.query.exact_terms()
        if self.author is not None:
            terms.append(author_term(self.author))
        if len(self.rooms) == 1:
            terms += map(room_term, self.rooms)
        return terms


def find(connection: Connection, search: Search, limit: int) -> list[Row[Any]]:
    """Return the newest messages that are looked for, at most ``limit``.

    :param connection: with autocommit: each statement sees what is committed.
    """
    found: list[Row[Any]] = []
    waiting: list[int] = []
    for message_id in _candidates(connection, search):
        waiting.append(message_id)
        if len(waiting) >= max(FEWEST_COMPARED, limit - len(found)):
            found += _accepted(connection, search, waiting)
            waiting = []
            if len(found) >= limit:
                return found[:limit]
    return (found + _accepted(connection, search, waiting))[:limit]


def _accepted(
    connection: Connection, search: Search, candidates: list[int]
) -> list[Row[Any]]:
    if not candidates:
        return []
    rows = connection.execute(_THESE, {"ids": candidates})
    return [row for row in rows if search.accepts(row)]


def _candidates(connection: Connection, search: Search) -> Iterator[int]:
    """Yield the ids of messages that may be what is looked for, newest first."""
    # First: what is indexed between the two is seen in the index then.
    unindexed = _unindexed(connection, search.rooms)
    last = connection.scalar(_NEWEST) or 0
    if search.before_id is not None:
        last = min(last, search.before_id - 1)
    for blocks in _chunks(last // BLOCK_SIZE):
        found = _in_blocks(connection, search, blocks)
        for block in blocks:
            bits = found.get(block, 0) | unindexed.get(block, 0)
            yield from (one for one in ids(block, bits) if one <= last)


def _chunks(newest: int) -> Iterator[list[int]]:
    """Yield all blocks, some at a time, the newest first."""
    count = FIRST_BLOCKS
    while newest >= 0:
        yield list(range(newest, max(newest - count, -1), -1))
        newest -= count
        count = min(count * GROWTH, MOST_BLOCKS)


def _in_blocks(
    connection: Connection, search: Search, blocks: Collection[int]
) -> dict[int, int]:
    """Return the messages of some blocks that may be what is looked for."""
    found = dict.fromkeys(blocks, (1 << BLOCK_SIZE) - 1)
    if terms := search.exact_terms():
        sets = postings.exact(connection, blocks, terms)
        for block in blocks:
            for term in terms:
                found[block] &= sets.get(block, {}).get(term, 0)
    for beginning in search.query.beginnings():
        some = _to_ask(found)
        ranges = postings.between(connection, some, beginning, after(beginning))
        found = _with_one_of(found, ((block, bits) for block, _, bits in ranges))
    if len(search.rooms) != 1:
        of_rooms = list(map(room_term, search.rooms))
        sets = postings.exact(connection, _to_ask(found), of_rooms)
        each = ((block, bits) for block in sets for bits in sets[block].values())
        found = _with_one_of(found, each)
    return found


def _to_ask(found: dict[int, int]) -> list[int]:
    """Return in which blocks there may be something; where that is none, one of them.

    So whether others use a word, in a room of theirs, does not change how often the
    database is asked.
    """
    return [block for block, bits in found.items() if bits] or list(found)[:1]


def _with_one_of(
    found: dict[int, int], sets: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """Leave only messages that are in one of the sets of their block."""
    either: defaultdict[int, int] = defaultdict(int)
    for block, bits in sets:
        either[block] |= bits
    return {block: bits & either[block] for block, bits in found.items()}


def _unindexed(connection: Connection, rooms: Collection[int]) -> dict[int, int]:
    """Return messages that the index does not know yet as they are."""
    behind = [one for one in backlogs(connection) if one.room_id in rooms]
    found: dict[int, int] = {}
    for backlog in behind[:MOST_ROOMS]:
        values = backlog._asdict() | {
            "limit": MOST_UNINDEXED // len(behind[:MOST_ROOMS])
        }
        for message_id in connection.scalars(_UNINDEXED, values):
            block, bit = place_of(message_id)
            found[block] = found.get(block, 0) | bit
    return found
