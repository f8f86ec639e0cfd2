"""The registry within one process, kept in a file: what ended a token outlives it.

It does what ``Registry`` does with etcd, and as that: values may have a time to live,
each change has an index, and of changes the last thousand are known.
"""

import sqlite3
import threading
import time
from collections import deque
from pathlib import Path

from microflack_common.registry import (
    Change,
    HistoryLost,
    Registry,
    RegistryError,
    Tree,
)

KEPT_CHANGES = 1000
SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, made INTEGER NOT NULL, expires_at REAL
)
"""
WRITE = "INSERT OR REPLACE INTO keys (key, value, made, expires_at) VALUES (?, ?, ?, ?)"


class _Entry:
    """A key's value, the index at which it was made, and when it ends (or None)."""

    __slots__ = ("expires_at", "made", "value")

    def __init__(self, value: str, made: int, expires_at: float | None) -> None:
        self.value, self.made, self.expires_at = value, made, expires_at


class LocalRegistry(Registry):
    """Keys for one process. It can be shared by threads.

    :param file: where they are kept, in the format of SQLite; made if need be. It is
        opened when it is first used, after Gunicorn has forked.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changed = threading.Condition()
        self._connection: sqlite3.Connection | None = None
        self._entries: dict[str, _Entry] = {}
        self._history: deque[Change] = deque(maxlen=KEPT_CHANGES)
        self._index = 0

    def get(self, key: str) -> str | None:
        """Return the value of ``key``, or None if there is none."""
        with self._changed:
            self._open()
            entry = self._entries.get(key)
            return entry.value if entry else None

    def put(self, key: str, value: str, ttl: int | None = None) -> int:
        """Write ``key``, for ``ttl`` seconds or for good, and return the index."""
        with self._changed:
            self._open()
            return self._put(key, value, ttl)

    def create(self, key: str, value: str, ttl: int | None = None) -> bool:
        """Write ``key`` only if it does not exist; say whether it was written."""
        with self._changed:
            self._open()
            if key in self._entries:
                return False
            self._put(key, value, ttl)
            return True

    def delete(self, key: str, recursive: bool = False) -> bool:
        """Remove ``key``, with all below it if ``recursive``; say if it was there."""
        with self._changed:
            self._open()
            gone = [one for one in self._entries if one == key]
            if recursive:
                gone += [one for one in self._entries if one.startswith(f"{key}/")]
            self._forget(gone)
            return bool(gone)

    def delete_if(self, key: str, value: str) -> bool:
        """Remove ``key`` only while it has this value; say whether it was removed."""
        with self._changed:
            self._open()
            entry = self._entries.get(key)
            if entry is None or entry.value != value:
                return False
            self._forget([key])
            return True

    def tree(self, key: str, newest: bool = True) -> Tree:
        """Return all keys below ``key``."""
        with self._changed:
            self._open()
            found = {k: e for k, e in self._entries.items() if _is_below(k, key)}
            values = {k: entry.value for k, entry in found.items()}
            made = min((entry.made for entry in found.values()), default=None)
            return Tree(self._index, made, values)

    def change(self, key: str, index: int, timeout: float) -> Change | None:
        """Return the first change at or below ``key`` after ``index``; wait for it.

        None if there was none within ``timeout`` seconds. Raises HistoryLost when the
        index is too old.
        """
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                self._open()
                if self._history and self._history[0].index > index + 1:
                    raise HistoryLost
                later = (c for c in self._history if c.index > index)
                found = next((c for c in later if _is_below(c.key, key)), None)
                left = end - time.monotonic()
                if found or left <= 0:
                    return found
                self._changed.wait(min(left, self._seconds_to_expiry()))

    def _put(self, key: str, value: str, ttl: int | None) -> int:
        expires_at = None if ttl is None else time.time() + ttl
        before, index = self._entries.get(key), self._index + 1
        entry = _Entry(value, before.made if before else index, expires_at)
        self._write(WRITE, [(key, value, entry.made, expires_at)])
        self._entries[key] = entry
        self._note(key, value)
        return index

    def _forget(self, keys: list[str]) -> None:
        if keys:
            self._write("DELETE FROM keys WHERE key = ?", [(key,) for key in keys])
            for key in keys:
                del self._entries[key]
                self._note(key, None)

    def _note(self, key: str, value: str | None) -> None:
        self._index += 1
        self._history.append(Change(self._index, key, value))
        self._changed.notify_all()

    def _open(self) -> None:
        """Have the keys in memory, without those whose time is over."""
        if self._connection is None:
            self._read()
        now = time.time()
        self._forget(
            [k for k, e in self._entries.items() if e.expires_at and e.expires_at < now]
        )

    def _read(self) -> None:
        try:
            connection = sqlite3.connect(self._file, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(SCHEMA)
            rows = connection.execute("SELECT key, value, made, expires_at FROM keys")
            self._entries = {key: _Entry(*rest) for key, *rest in rows}
        except sqlite3.Error as error:
            raise RegistryError(f"{self._file} cannot be read: {error}") from error
        self._index = max((e.made for e in self._entries.values()), default=0)
        self._connection = connection

    def _write(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        assert self._connection is not None
        try:
            with self._connection:
                self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise RegistryError(f"{self._file} cannot be written: {error}") from error

    def _seconds_to_expiry(self) -> float:
        ends = [e.expires_at for e in self._entries.values() if e.expires_at]
        return max(0.0, min(ends) - time.time()) + 0.01 if ends else 60.0


def _is_below(key: str, root: str) -> bool:
    return key == root or key.startswith(f"{root.rstrip('/')}/")
