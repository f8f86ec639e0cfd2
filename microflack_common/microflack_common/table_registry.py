"""The registry as two tables of a database, where no etcd runs.

``ETCD`` is the URL of the database then, as SQLAlchemy has it. Whoever asks each time
(``BACKGROUND=no``) finds out by one number whether anything has changed. Whoever
watches asks again every moment. Needs the extra ``microflack-common[database]``.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.mysql import VARCHAR
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from microflack_common.database import engine_options
from microflack_common.registry import (
    Change,
    HistoryLost,
    Registry,
    RegistryError,
    Tree,
)

# Between two looks of one who watches.
LOOK_SECONDS = 0.25
INDEX_ID = 1

_PATH = String(255).with_variant(VARCHAR(255, collation="utf8mb4_bin"), "mysql")
_metadata = MetaData()
_keys = Table(
    "registry_keys",
    _metadata,
    Column("path", _PATH, primary_key=True),
    Column("value", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    # Unix seconds; None for good.
    Column("expires_at", BigInteger),
)
# One row. Whoever writes locks it first, so numbers become visible in their order.
_index = Table(
    "registry_index",
    _metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)


class TableRegistry(Registry):
    """Keys in a database. It can be shared by threads.

    :param url: of the database. Its tables are made when it is first used.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, **engine_options(url))
        self._lock = threading.Lock()
        self._is_made = False
        # All keys as they were at an index: value, when made, when they end.
        self._known: tuple[int, dict[str, tuple[str, int, int | None]]] | None = None

    def get(self, key: str) -> str | None:
        """Return the value of ``key``, or None if there is none."""
        with self._connection() as connection:
            query = select(_keys.c.value).where(_keys.c.path == key, _is_alive())
            return connection.scalar(query)

    def put(self, key: str, value: str, ttl: int | None = None) -> int:
        """Write ``key``, for ``ttl`` seconds or for good, and return the index."""
        with self._connection() as connection:
            index = _next_index(connection)
            _write(connection, key, value, index, ttl)
            return index

    def create(self, key: str, value: str, ttl: int | None = None) -> bool:
        """Write ``key`` only if it does not exist; say whether it was written."""
        with self._connection() as connection:
            index = _next_index(connection)
            query = select(_keys.c.made).where(_keys.c.path == key, _is_alive())
            if connection.scalar(query) is not None:
                return False
            _write(connection, key, value, index, ttl)
            return True

    def delete(self, key: str, recursive: bool = False) -> bool:
        """Remove ``key``, with all below it if ``recursive``; say if it was there."""
        with self._connection() as connection:
            _next_index(connection)
            which = _keys.c.path == key
            if recursive:
                # All that begins with the key and a slash, whose next character is 0.
                below = (_keys.c.path > f"{key}/") & (_keys.c.path < f"{key}0")
                which = or_(which, below)
            return bool(connection.execute(delete(_keys).where(which)).rowcount)

    def delete_if(self, key: str, value: str) -> bool:
        """Remove ``key`` only while it has this value; say whether it was removed."""
        with self._connection() as connection:
            _next_index(connection)
            which = (_keys.c.path == key) & (_keys.c.value == value)
            return bool(connection.execute(delete(_keys).where(which)).rowcount)

    def tree(self, key: str, newest: bool = True) -> Tree:
        """Return all keys below ``key``."""
        index, keys = self._all()
        root, now = f"{key.rstrip('/')}/", int(time.time())
        found = {
            path: (value, made)
            for path, (value, made, expires_at) in keys.items()
            if path.startswith(root) and (expires_at is None or expires_at > now)
        }
        made = min((one for _, one in found.values()), default=None)
        return Tree(index, made, {path: value for path, (value, _) in found.items()})

    def change(self, key: str, index: int, timeout: float) -> Change | None:
        """Wait for a change after ``index``, of whatever key: then list again.

        None if there was none within ``timeout`` seconds. Raises HistoryLost at a
        change: the tables do not keep what it was.
        """
        end = time.monotonic() + timeout
        while self._last() == index:
            if time.monotonic() > end:
                return None
            time.sleep(LOOK_SECONDS)
        raise HistoryLost

    def _last(self) -> int:
        with self._connection() as connection:
            return _read_index(connection)

    def _all(self) -> tuple[int, dict[str, tuple[str, int, int | None]]]:
        with self._lock, self._connection() as connection:
            # The number first: what comes after it is read once more, never missed.
            index = _read_index(connection)
            if self._known is None or self._known[0] != index:
                rows = connection.execute(select(_keys).where(_is_alive()))
                keys = {row.path: (row.value, row.made, row.expires_at) for row in rows}
                self._known = index, keys
            return self._known

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Yield a connection in a transaction, which is committed."""
        try:
            if not self._is_made:
                self._make()
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or type(error).__name__
            raise RegistryError(f"its database does not answer: {reason}") from error

    def _make(self) -> None:
        with self._engine.begin() as connection:
            for one in _metadata.sorted_tables:
                connection.execute(CreateTable(one, if_not_exists=True))
            first = insert(_index).values(id=INDEX_ID, last=0)
            first = first.prefix_with("IGNORE", dialect="mysql")
            connection.execute(first.prefix_with("OR IGNORE", dialect="sqlite"))
            ended = _keys.c.expires_at <= int(time.time())
            connection.execute(delete(_keys).where(ended))
        self._is_made = True


def _is_alive() -> ColumnElement[bool]:
    return or_(_keys.c.expires_at.is_(None), _keys.c.expires_at > int(time.time()))


def _read_index(connection: Connection) -> int:
    index: int | None = connection.scalar(select(_index.c.last))
    return index or 0


def _next_index(connection: Connection) -> int:
    connection.execute(update(_index).values(last=_index.c.last + 1))
    return _read_index(connection)


def _write(
    connection: Connection, key: str, value: str, index: int, ttl: int | None
) -> None:
    expires_at = None if ttl is None else int(time.time()) + ttl
    connection.execute(delete(_keys).where(_keys.c.path == key))
    row = {"path": key, "value": value, "made": index, "expires_at": expires_at}
    connection.execute(insert(_keys).values(row))
