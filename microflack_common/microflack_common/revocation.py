"""Know which tokens were revoked before they expired.

The registry keeps the key ``/revoked-tokens/JTI`` until the token would have expired
(RFC 7519, 4.1.7: "jti"). Every instance watches these keys and has them in memory, so
verifying a token costs no call.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from flask import Flask

from microflack_common.errors import ServiceUnavailable
from microflack_common.lifecycle import at_start
from microflack_common.outage import Outage
from microflack_common.registry import HistoryLost, Registry, RegistryError
from microflack_common.workers import PeriodicTask

ROOT = "/revoked-tokens"
# A key that never exists: asking for it tells whether the registry answers.
PROBE = f"{ROOT}.probe"
# How long a watch lasts before the registry is asked for a sign of life, how long after
# the last one the list may be out of date, and the longest pause between two tries.
WATCH_SECONDS = 2.0
STALE_SECONDS = 5.0
RETRY_SECONDS = 1.0
# How long a request waits for the first list right after the start.
FIRST_LIST_SECONDS = 2.0

Callback = Callable[[str], object]


class RevokedTokens:
    """The ids of revoked tokens.

    :param registry: where they are kept; without one, they are known to this process
        alone, as befits a service that runs alone.
    """

    def __init__(self, registry: Registry | None) -> None:
        self._registry = registry
        self._ids: set[str] = set()
        self._callbacks: list[Callback] = []
        self._listed = threading.Event()
        self._seen = 0.0
        self._outage = Outage(
            "The registry is away: the last list of revoked tokens holds",
            "The registry is back: revoked tokens are up to date",
            RegistryError,
        )
        if registry is None:
            self._listed.set()

    def start(self) -> None:
        """Keep up with the registry from now on, in a thread."""
        if self._registry is None:
            return
        follow = partial(self._follow, self._registry)
        # With jitter: not all instances at once when the registry is back.
        PeriodicTask(
            "revoked",
            follow,
            0,
            self._outage,
            jitter=0.75,
            retry_seconds=RETRY_SECONDS,
        ).start()

    def __contains__(self, token_id: str) -> bool:
        """Say whether the token with this id was revoked.

        Raises ServiceUnavailable as long as nothing is known: when the registry is away
        at the start of the service.
        """
        if not self._listed.is_set() and not self._listed.wait(FIRST_LIST_SECONDS):
            raise ServiceUnavailable("Tokens cannot be checked right now.")
        return token_id in self._ids

    def revoke(self, token_id: str, expires_at: int) -> None:
        """Refuse a token, here at once and everywhere within a second.

        :param expires_at: Unix seconds; the registry forgets it then.

        Raises RegistryError if the registry is away: then nothing was revoked.
        """
        if self._registry is not None:
            ttl = max(1, expires_at - int(time.time()) + 1)
            self._registry.put(f"{ROOT}/{token_id}", str(expires_at), ttl)
        self._add(token_id)

    def on_revoked(self, callback: Callback) -> None:
        """Call ``callback`` with the id of each token that is revoked from now on."""
        self._callbacks.append(callback)

    def check(self) -> None:
        """Return if the list is up to date; raise RegistryError if it may not be."""
        if self._registry is None:
            return
        self._listed.wait(FIRST_LIST_SECONDS)
        if self._outage.lasts or time.monotonic() - self._seen > STALE_SECONDS:
            raise RegistryError("the list of revoked tokens may be out of date")

    def _follow(self, registry: Registry) -> None:
        """Keep up until the registry is away or its list has to be read again."""
        with suppress(HistoryLost):
            self._watch(registry, self._list(registry))

    def _list(self, registry: Registry) -> int:
        tree = registry.tree(ROOT)
        before, self._ids = self._ids, set(map(_id_of, tree.values))
        self._alive()
        self._listed.set()
        for token_id in self._ids - before:
            self._tell(token_id)
        return tree.index

    def _watch(self, registry: Registry, index: int) -> None:
        while True:
            change = registry.change(ROOT, index, WATCH_SECONDS)
            if change is None:
                self._probe(registry, index)
            elif change.key == ROOT:
                raise HistoryLost
            elif change.value is None:
                self._ids.discard(_id_of(change.key))
            else:
                self._add(_id_of(change.key))
            index = change.index if change else index
            self._alive()

    def _probe(self, registry: Registry, index: int) -> None:
        # A watch that is silent may be one that hangs, or one in a registry that came
        # back without its data and counts from the beginning.
        if registry.tree(PROBE).index < index:
            raise HistoryLost

    def _add(self, token_id: str) -> None:
        if token_id not in self._ids:
            self._ids.add(token_id)
            self._tell(token_id)

    def _tell(self, token_id: str) -> None:
        for callback in self._callbacks:
            callback(token_id)

    def _alive(self) -> None:
        self._seen = time.monotonic()
        self._outage.end()


def _id_of(key: str) -> str:
    return key.rpartition("/")[2]


def init_app(app: Flask, registry: Registry | None = None) -> RevokedTokens:
    """Have ``app`` refuse revoked tokens; give ``check`` of the result to its health.

    The setting ETCD says where the registry is, unless one is given.
    """
    if registry is None and app.config.get("ETCD"):
        registry = Registry(app.config["ETCD"])
    revoked = app.extensions["microflack_revoked"] = RevokedTokens(registry)
    at_start(app, revoked.start)
    return revoked
