"""The lock in the registry: one upgrade at a time, in the whole system.

The key is made with etcd's atomic "create", lives for TTL_SECONDS and is refreshed by a
thread. Its owner trusts it only as long as etcd surely keeps it: from the last refresh
that was answered, less the time that an answer may take.
"""

import json
import threading
import time
from dataclasses import asdict, dataclass

from mfplatform.upgrade.owner import Owner
from mfplatform.upgrade.state import format_time
from microflack_common.registry import Registry, RegistryError

KEY = "/upgrades/lock"
# Held by whoever removes the lock of a dead process, so that only one does.
BREAKING_KEY = "/upgrades/lock-breaking"
BREAKING_TTL_SECONDS = 5
# The registry of a busy machine can be silent for more than ten seconds, and who has
# lost the lock has to leave the upgrade where it is.
TTL_SECONDS = 60
REFRESH_SECONDS = 3.0
# An answer may take that long; then the key may be somebody else's.
ANSWER_SECONDS = 5.0
BREAKING_POLL_SECONDS = 0.1


class LockLost(Exception):
    """Raised when the lock is not surely ours any more."""


@dataclass(frozen=True)
class LockHolder:
    """Who holds the lock, since when and what for; this is the key's value.

    ``brief`` says that it is no upgrade, but something short that others wait for.
    """

    owner: Owner
    since: float
    why: str
    brief: bool = False

    @classmethod
    def parse(cls, text: str) -> "LockHolder | None":
        """Return what a key's value says; None if it makes no sense."""
        try:
            stored = json.loads(text)
            owner = Owner.from_stored(stored["owner"])
            brief = bool(stored.get("brief"))
            return cls(owner, stored["since"], stored["why"], brief)
        except (ValueError, KeyError, TypeError):
            return None

    def is_brief_work(self) -> bool:
        """Say whether it will soon be given back, by somebody who is at work."""
        return self.brief and not self.owner.is_dead()

    def __str__(self) -> str:
        return f"{self.why}, by {self.owner} since {format_time(self.since)}"


class UpgradeLock:
    """The lock, for one process."""

    def __init__(self, registry: Registry, ttl: int = TTL_SECONDS) -> None:
        self._registry = registry
        self._ttl = ttl
        self._owner = Owner.this_process()
        self._value = ""
        self._trusted_until = 0.0
        self._released = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self, why: str, brief: bool = False) -> LockHolder | None:
        """Take the lock; return who holds it if somebody else does.

        :raises RegistryError: the registry is away.
        """
        mine = LockHolder(self._owner, round(time.time(), 3), why, brief)
        self._value = json.dumps(asdict(mine))
        while True:
            asked_at = time.monotonic()
            if self._registry.create(KEY, self._value, ttl=self._ttl):
                self._trusted_until = asked_at + self._ttl
                self._start_refreshing()
                return None
            text = self._registry.get(KEY)
            if text is None:
                continue
            holder = LockHolder.parse(text)
            if holder and not holder.owner.is_dead():
                return holder
            self._break_stale(text)

    def holder(self) -> LockHolder | None:
        """Return who holds the lock."""
        return LockHolder.parse(self._registry.get(KEY) or "")

    def check(self) -> None:
        """Raise LockLost unless the lock is surely ours."""
        if time.monotonic() > self._trusted_until - min(ANSWER_SECONDS, self._ttl / 3):
            raise LockLost(
                "the registry did not answer for too long, so the lock is lost"
            )

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
        except (LockLost, RegistryError):
            # It expires, or has expired and is somebody else's.
            return

    def _start_refreshing(self) -> None:
        self._released.clear()
        self._thread = threading.Thread(target=self._refresh, name="lock", daemon=True)
        self._thread.start()

    def _refresh(self) -> None:
        while not self._released.wait(min(REFRESH_SECONDS, self._ttl / 5)):
            try:
                asked_at = time.monotonic()
                self.check()
                # Nobody else can have it yet: no need to compare.
                self._registry.put(KEY, self._value, ttl=self._ttl)
                self._trusted_until = asked_at + self._ttl
            except LockLost:
                return
            except RegistryError:
                continue

    def _break_stale(self, value: str) -> None:
        """Remove the lock of a process that is gone, unless somebody else does."""
        token = str(self._owner)
        if not self._registry.create(BREAKING_KEY, token, ttl=BREAKING_TTL_SECONDS):
            time.sleep(BREAKING_POLL_SECONDS)
            return
        try:
            if self._registry.get(KEY) == value:
                self._registry.delete(KEY)
        finally:
            self._registry.delete(BREAKING_KEY)
