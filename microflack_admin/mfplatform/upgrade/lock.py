"""The lock in the registry: one upgrade at a time, in the whole system.

The key is made with etcd's atomic "create", lives for TTL seconds and is refreshed by a
thread. Its owner trusts it only as long as etcd surely does: from the last refresh that
was answered, less the time that an answer may take.
"""

import json
import threading
import time
from dataclasses import asdict, dataclass

from mfplatform.upgrade.owner import Owner
from mfplatform.upgrade.state import clock
from microflack_common.registry import Registry, RegistryError

KEY = "/upgrades/lock"
# Held by whoever removes the lock of a dead process, so that only one does.
BREAKING = "/upgrades/lock-breaking"
TTL = 15
REFRESH = 3.0
# An answer may take that long; then the key may be somebody else's.
MARGIN = 5.0


class Lost(Exception):
    """Raised when the lock is not surely ours any more."""


@dataclass(frozen=True)
class Held:
    """What the key says of the lock's owner."""

    owner: Owner
    since: float
    why: str

    @classmethod
    def read(cls, text: str) -> "Held | None":
        """Return what a key's value says; None if it makes no sense."""
        try:
            stored = json.loads(text)
            return cls(Owner.of(stored["owner"]), stored["since"], stored["why"])
        except (ValueError, KeyError, TypeError):
            return None

    def __str__(self) -> str:
        return f"{self.why}, by {self.owner} since {clock(self.since)}"


class Lock:
    """The lock, for one process."""

    def __init__(self, registry: Registry, ttl: int = TTL) -> None:
        self._registry = registry
        self._ttl = ttl
        self._owner = Owner.me()
        self._value = ""
        self._until = 0.0
        self._released = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self, why: str) -> Held | None:
        """Take the lock; return who holds it if somebody else does."""
        mine = Held(self._owner, round(time.time(), 3), why)
        self._value = json.dumps(asdict(mine))
        while True:
            began = time.monotonic()
            if self._registry.create(KEY, self._value, ttl=self._ttl):
                self._until = began + self._ttl
                self._refresh()
                return None
            text = self._registry.get(KEY)
            if text is None:
                continue
            held = Held.read(text)
            if held and not held.owner.is_dead():
                return held
            self._break(text)

    def holder(self) -> Held | None:
        """Return who holds the lock."""
        return Held.read(self._registry.get(KEY) or "")

    def check(self) -> None:
        """Raise Lost unless the lock is surely ours."""
        if time.monotonic() > self._until - min(MARGIN, self._ttl / 3):
            raise Lost("the registry did not answer for too long, so the lock is lost")

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._thread is None:
            return
        self._released.set()
        self._thread.join()
        self._thread = None
        try:
            self.check()
            self._registry.delete(KEY)
        except (Lost, RegistryError):
            # It expires, or has expired and is somebody else's.
            return

    def _refresh(self) -> None:
        self._released.clear()
        self._thread = threading.Thread(target=self._keep, name="lock", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._released.wait(min(REFRESH, self._ttl / 5)):
            try:
                began = time.monotonic()
                self.check()
                # Nobody else can have it yet: no need to compare.
                self._registry.put(KEY, self._value, ttl=self._ttl)
                self._until = began + self._ttl
            except Lost:
                return
            except RegistryError:
                continue

    def _break(self, dead: str) -> None:
        """Remove the lock of a process that is gone, unless somebody else does."""
        if not self._registry.create(BREAKING, str(self._owner), ttl=5):
            time.sleep(0.1)
            return
        try:
            if self._registry.get(KEY) == dead:
                self._registry.delete(KEY)
        finally:
            self._registry.delete(BREAKING)
