"""Ask the registry for a sign of life once, for all in a process that watch it."""

import threading
import time

from microflack_common.registry import Registry


class RegistryPulse:
    """Where the registry was when it was asked last, shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._index = 0

    def index(self, registry: Registry, key: str, since: float) -> int:
        """Return etcd's index at some moment after ``since``.

        :param key: one that may be read; it need not exist.
        :param since: of the monotonic clock. Who was told later by another thread's
            question need not ask again.

        Raises RegistryError if the registry has to be asked and is away.
        """
        with self._lock:
            if self._asked <= since:
                asked = time.monotonic()
                self._index = registry.tree(key, newest=False).index
                self._asked = asked
            return self._index
