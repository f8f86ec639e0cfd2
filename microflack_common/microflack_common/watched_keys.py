"""Have a part of the registry in memory, kept up to date by a watch.

To look something up so costs no call, and works on while the registry is away.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import Outage
from microflack_common.registry import HistoryLost, Registry, RegistryError
from microflack_common.registry_pulse import RegistryPulse
from microflack_common.workers import PeriodicTask

# How long a watch lasts before the registry is asked for a sign of life, how long after
# the last one the keys may be out of date, and the longest pause between two tries.
WATCH_SECONDS = 2.0
STALE_SECONDS = 5.0
RETRY_SECONDS = 1.0
# How long a request waits for the first list right after the start.
FIRST_LIST_SECONDS = 2.0
UNKNOWN = "Tokens cannot be checked right now."

Callback = Callable[[str], object]


class WatchedKeys:
    """The keys below one key.

    :param registry: where they are; without one, they are known to this process alone,
        as befits a service that runs alone.
    :param root: the key, such as ``/revoked-tokens``.
    :param what: names them in the log, such as "revoked tokens".
    :param pulse: shared by those that watch the same registry.
    """

    def __init__(
        self,
        registry: Registry | None,
        root: str,
        what: str,
        pulse: RegistryPulse | None = None,
    ) -> None:
        # By what follows the root and a slash.
        self.values: dict[str, str] = {}
        self._registry = registry
        self._root = root
        self._pulse = pulse or RegistryPulse()
        self.what = what
        self._callbacks: list[Callback] = []
        # Who is told of a change sees nothing older afterwards.
        self._lock = threading.RLock()
        self._listed = threading.Event()
        self._seen = 0.0
        self._asks_each_time = False
        self._outage = Outage(
            f"The registry is away: the last list of {what} holds",
            f"The registry is back: {what} are up to date",
            RegistryError,
        )
        if registry is None:
            self._listed.set()

    def start(self) -> None:
        """Keep up with the registry from now on, in a thread."""
        if self._registry is None:
            return
        # With jitter: not all instances at once when the registry is back.
        PeriodicTask(
            self._root.strip("/"),
            partial(self._follow, self._registry),
            0,
            self._outage,
            jitter=0.75,
            retry_seconds=RETRY_SECONDS,
        ).start()

    def ask_each_time(self) -> None:
        """Have the registry asked whenever the keys are needed, and watched by nobody.

        For a process whose threads do not go on between requests.
        """
        self._asks_each_time = self._registry is not None

    def on_change(self, callback: Callback) -> None:
        """Call ``callback`` after each change, with the key as it is in ``values``.

        The key is empty when all may have changed.
        """
        self._callbacks.append(callback)

    def put(self, key: str, value: str, ttl: int | None = None) -> None:
        """Write a key, known here at once and everywhere within a second.

        :param ttl: seconds after which the registry forgets it.

        Raises RegistryError if the registry is away.
        """
        if self._registry is not None:
            self._registry.put(f"{self._root}/{key}", value, ttl)
        self._add(key, value)

    def delete(self, key: str) -> None:
        """Remove a key; it need not exist. Raises as ``put`` does."""
        if self._registry is not None:
            self._registry.delete(f"{self._root}/{key}")
        self._forget(key)

    def wait(self) -> None:
        """Return when they were listed once, or now, if they are asked for each time.

        Raises ServiceUnavailable as long as nothing is known: when the registry is away
        at the start of the service, or at the time.
        """
        if self._asks_each_time:
            try:
                self.current()
            except RegistryError as error:
                self._outage.begin(error)
                raise ServiceUnavailable(UNKNOWN) from error
        elif not self._listed.is_set() and not self._listed.wait(FIRST_LIST_SECONDS):
            raise ServiceUnavailable(UNKNOWN)

    def current(self) -> dict[str, str]:
        """Return ``values``: as the watch keeps them, or as the registry has them now.

        Raises RegistryError if the registry has to be asked, and is away.
        """
        if self._asks_each_time and self._registry is not None:
            self._list(self._registry)
        return self.values

    def check(self) -> None:
        """Return if they are up to date; raise RegistryError if they may not be."""
        if self._registry is None:
            return
        if self._asks_each_time:
            self._registry.get(f"{self._root}/probe")
            return
        self._listed.wait(FIRST_LIST_SECONDS)
        if self._outage.lasts or time.monotonic() - self._seen > STALE_SECONDS:
            raise RegistryError(f"the list of {self.what} may be out of date")

    def _follow(self, registry: Registry) -> None:
        """Keep up until the registry is away or its keys have to be listed again."""
        with suppress(HistoryLost):
            self._watch(registry, self._list(registry))

    def _list(self, registry: Registry) -> int:
        tree = registry.tree(self._root)
        values = {self._relative(k): value for k, value in tree.values.items()}
        with self._lock:
            if values != self.values or not self._listed.is_set():
                self.values = values
                self._tell("")
        self._alive()
        self._listed.set()
        return tree.index

    def _watch(self, registry: Registry, index: int) -> None:
        while True:
            since = time.monotonic()
            change = registry.change(self._root, index, WATCH_SECONDS)
            if change is None:
                self._probe(registry, index, since)
            elif not self._relative(change.key):
                raise HistoryLost
            elif change.value is None:
                self._forget(self._relative(change.key))
            else:
                self._add(self._relative(change.key), change.value)
            index = change.index if change else index
            self._alive()

    def _probe(self, registry: Registry, index: int, since: float) -> None:
        # A watch that is silent may be one that hangs, or one in a registry that came
        # back without its data and counts from the beginning. The key never exists:
        # asking for it tells where the registry is.
        if self._pulse.index(registry, f"{self._root}/probe", since) < index:
            raise HistoryLost

    def _add(self, key: str, value: str) -> None:
        with self._lock:
            if self.values.get(key) != value:
                self.values[key] = value
                self._tell(key)

    def _forget(self, key: str) -> None:
        with self._lock:
            # A folder that is removed is one change.
            gone = [k for k in self.values if k == key or k.startswith(f"{key}/")]
            for one in gone:
                del self.values[one]
                self._tell(one)

    def _relative(self, key: str) -> str:
        return key.removeprefix(self._root).strip("/")

    def _tell(self, key: str) -> None:
        for callback in self._callbacks:
            callback(key)

    def _alive(self) -> None:
        self._seen = time.monotonic()
        self._outage.end()
