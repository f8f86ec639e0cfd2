"""The service registry: a small tree of keys in etcd (v2 keys API).

python-etcd stays behind this class, so that another client can take its place.
Reference: the etcd documentation, "etcd v2 API".
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

import urllib3

from microflack_common.etcd_library import etcd

T = TypeVar("T")
HOST, PORT = "127.0.0.1", 2379
# What etcd calls the ways in which a key vanishes.
GONE = {"delete", "expire", "compareAndDelete"}


class RegistryError(Exception):
    """Raised when no etcd endpoint gives a usable answer."""


class HistoryLost(Exception):
    """Raised when changes were missed: list the keys again."""


@dataclass(frozen=True)
class Change:
    """One change: etcd's index of it, the key, and its value (None: it is gone)."""

    index: int
    key: str
    value: str | None


@dataclass(frozen=True)
class Tree:
    """All keys below one key at one moment.

    ``index`` is etcd's index at that moment (watch from there), ``created`` the index
    at which the root was made (None: there is no such key), ``values`` maps full key
    paths of leaves to their values.
    """

    index: int
    created: int | None
    values: dict[str, str] = field(default_factory=dict)


class Registry:
    """Read, write and watch keys. It can be shared by threads.

    :param endpoints: comma-separated URLs or HOST:PORT pairs. The first may carry a
        name and password for all (RFC 3986, "userinfo", percent-encoded).
    :param timeout: seconds for one answer of one endpoint.
    """

    def __init__(self, endpoints: str, timeout: float = 2.0) -> None:
        found = [_split(each) for each in endpoints.split(",") if each.strip()]
        if not found:
            raise ValueError("ETCD names no endpoint")
        self._hosts = tuple((u.hostname or HOST, u.port or PORT) for u in found)
        self._username = unquote(found[0].username or "")
        self._password = unquote(found[0].password or "")
        self._timeout = timeout
        self._lock = threading.Lock()
        self._client: Any = None

    def get(self, key: str) -> str | None:
        """Return the value of ``key``, or None if there is none."""
        try:
            return str(self._do(lambda client: client.read(key)).value)
        except etcd.EtcdKeyNotFound:
            return None

    def put(self, key: str, value: str, ttl: int | None = None) -> int:
        """Write ``key``, for ``ttl`` seconds or for good, and return etcd's index."""
        result = self._do(lambda client: client.write(key, value, ttl=ttl))
        return int(result.modifiedIndex)

    def create(self, key: str, value: str, ttl: int | None = None) -> bool:
        """Write ``key`` only if it does not exist; say whether it was written."""
        try:
            self._do(lambda client: client.write(key, value, ttl=ttl, prevExist=False))
        except etcd.EtcdAlreadyExist:
            return False
        return True

    def delete(self, key: str, recursive: bool = False) -> bool:
        """Remove ``key``, with all below it if ``recursive``; say if it was there."""
        try:
            self._do(lambda client: client.delete(key, recursive=recursive))
        except etcd.EtcdKeyNotFound:
            return False
        return True

    def delete_if(self, key: str, value: str) -> bool:
        """Remove ``key`` only while it has this value; say whether it was removed."""
        try:
            self._do(lambda client: client.delete(key, prevValue=value))
        except (etcd.EtcdKeyNotFound, etcd.EtcdCompareFailed):
            return False
        return True

    def tree(self, key: str, newest: bool = True) -> Tree:
        """Return all keys below ``key``.

        :param newest: whether most members of etcd have to agree on it; otherwise it is
            what one of them knows, which may be a moment old, and costs nothing.
        """
        asked = {"recursive": True} | ({"quorum": True} if newest else {})
        try:
            result = self._do(lambda client: client.read(key, **asked))
        except etcd.EtcdKeyNotFound as error:
            return Tree(int(error.payload.get("index", 0)), None)
        leaves = (leaf for leaf in result.leaves if not leaf.dir)
        values = {leaf.key: leaf.value or "" for leaf in leaves}
        return Tree(int(result.etcd_index), int(result.createdIndex or 0), values)

    def watch(self, key: str, index: int, timeout: float) -> bool:
        """Wait until something at or below ``key`` has changed after ``index``.

        Returns False when nothing did within ``timeout`` seconds. After True, list
        again with ``tree``: the change may be any, or several.
        """
        try:
            return self.change(key, index, timeout) is not None
        except HistoryLost:
            return True

    def change(self, key: str, index: int, timeout: float) -> Change | None:
        """Return the first change at or below ``key`` after ``index``.

        Waits for it, but at most ``timeout`` seconds: None if there was none. Raises
        HistoryLost when the index is too old: etcd keeps the last 1000 events only.
        """

        def wait(client: Any) -> Any:
            return client.read(
                key, wait=True, waitIndex=index + 1, recursive=True, timeout=timeout
            )

        try:
            result = self._do(wait)
        except etcd.EtcdWatchTimedOut:
            return None
        except (etcd.EtcdEventIndexCleared, etcd.EtcdKeyNotFound) as error:
            raise HistoryLost from error
        value = None if result.action in GONE else str(result.value)
        return Change(int(result.modifiedIndex), str(result.key), value)

    def _do(self, action: Callable[[Any], T]) -> T:
        try:
            return action(self._connected())
        except (etcd.EtcdKeyNotFound, etcd.EtcdAlreadyExist, etcd.EtcdWatchTimedOut):
            raise
        except (etcd.EtcdEventIndexCleared, etcd.EtcdCompareFailed):
            raise
        except etcd.EtcdInsufficientPermissions as error:
            raise RegistryError(
                "The registry does not allow that. Look whether the name and password "
                "in ETCD are right, and what REGISTRY_READS and REGISTRY_WRITES say"
            ) from error
        except (etcd.EtcdException, urllib3.exceptions.HTTPError, ValueError) as error:
            with self._lock:
                self._client = None
            raise RegistryError(f"etcd does not answer: {error}") from error

    def _connected(self) -> Any:
        # python-etcd asks the server for its members when it is constructed: that is
        # put off until the first use, so that a service can start before etcd.
        with self._lock:
            if self._client is None:
                self._client = etcd.Client(
                    host=self._hosts,
                    allow_reconnect=True,
                    use_proxies=True,
                    read_timeout=self._timeout,
                    username=self._username or None,
                    password=self._password or None,
                )
            return self._client


def _split(endpoint: str) -> SplitResult:
    endpoint = endpoint.strip()
    return urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
