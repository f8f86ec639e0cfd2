"""Read and write which messages have a term.

Whoever writes has locked a row that all who do so lock: what is read stays as it is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, bindparam, delete, select, text, update

from microflack_messages.search.bitmaps import decode, encode, place_of
from microflack_messages.search.tables import LOCK, SearchPosting, SearchProgress

# Terms of one query: few enough for every database.
CHUNK = 500

# By block, the terms and their sets.
Postings = dict[int, dict[bytes, int]]

_COLUMNS = (SearchPosting.block, SearchPosting.term, SearchPosting.bits)
_IN_BLOCKS = select(*_COLUMNS).where(
    SearchPosting.block.in_(bindparam("blocks", expanding=True))
)
_EXACT = _IN_BLOCKS.where(SearchPosting.term.in_(bindparam("terms", expanding=True)))
_RANGE = _IN_BLOCKS.where(
    SearchPosting.term >= bindparam("first"), SearchPosting.term < bindparam("after")
)
_BLOCK = select(*_COLUMNS).where(SearchPosting.block == bindparam("block"))
_THIS = (SearchPosting.block == bindparam("b")) & (SearchPosting.term == bindparam("t"))
_DELETE = delete(SearchPosting.__table__).where(_THIS)
# SQLite knows it as well as MariaDB, whose driver makes it one statement for all rows.
_REPLACE = text(
    "REPLACE INTO search_postings (block, term, bits) VALUES (:block, :term, :bits)"
)
_LOCK = (
    update(SearchProgress.__table__)
    .where(SearchProgress.room_id == LOCK)
    .values(change=SearchProgress.change + 1)
)


def lock(connection: Connection) -> None:
    """Have nobody else write postings until the transaction ends."""
    # A change, and not only a lock: so several servers of one database see it, too.
    connection.execute(_LOCK)


def exact(
    connection: Connection, blocks: Collection[int], terms: Collection[bytes]
) -> Postings:
    """Return the sets of some terms in some blocks; what has none is left out."""
    found: Postings = defaultdict(dict)
    all_terms = list(terms)
    for first in range(0, len(all_terms), CHUNK):
        some = all_terms[first : first + CHUNK]
        values = {"blocks": list(blocks), "terms": some}
        for block, term, bits in connection.execute(_EXACT, values):
            found[block][term] = decode(bits)
    return found


def between(
    connection: Connection, blocks: Collection[int], first: bytes, after: bytes
) -> Iterator[tuple[int, bytes, int]]:
    """Yield block, term and set of the terms from ``first`` to before ``after``."""
    values = {"blocks": list(blocks), "first": first, "after": after}
    for block, term, bits in connection.execute(_RANGE, values):
        yield block, term, decode(bits)


def add(connection: Connection, postings: Postings) -> None:
    """Add messages to the sets of terms."""
    rows = []
    for block, sets in postings.items():
        before = exact(connection, [block], sets).get(block, {})
        for term, bits in sets.items():
            both = before.get(term, 0) | bits
            if both != before.get(term):
                rows.append({"block": block, "term": term, "bits": encode(both)})
    _replace(connection, rows)


def forget(connection: Connection, message_ids: Iterable[int]) -> None:
    """Take messages out of all sets, with all words that they had."""
    blocks: defaultdict[int, int] = defaultdict(int)
    for message_id in message_ids:
        block, bit = place_of(message_id)
        blocks[block] |= bit
    for block, bits in blocks.items():
        _remove(connection, block, bits)


def _remove(connection: Connection, block: int, bits: int) -> None:
    kept, gone = [], []
    for _, term, data in connection.execute(_BLOCK, {"block": block}).all():
        before = decode(data)
        after = before & ~bits
        if not after:
            gone.append({"b": block, "t": term})
        elif after != before:
            kept.append({"block": block, "term": term, "bits": encode(after)})
    _replace(connection, kept)
    if gone:
        connection.execute(_DELETE, gone)


def _replace(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(_REPLACE, rows)
