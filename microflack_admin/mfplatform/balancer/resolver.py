"""Look up host names in threads: the main loop must never wait for a name server."""

import socket
import threading
import time
from collections.abc import Callable

FRESH_SECONDS = 30.0
RETRY_SECONDS = 5.0
MAX_CONCURRENT_LOOKUPS = 8
POLL_SECONDS = 0.002


def system_lookup(host: str) -> str | None:
    """Return an IP address of ``host``, IPv4 preferred, or None."""
    if host == "localhost":
        # Always this machine (RFC 6761, 6.3), also where no file or server knows it.
        return "127.0.0.1"
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0]) if found else None


class Resolver:
    """Remember the addresses of hosts; each lookup runs in a thread of its own."""

    def __init__(self, resolve: Callable[[str], str | None] = system_lookup) -> None:
        self._resolve = resolve
        self._lock = threading.Lock()
        self._cache: dict[str, tuple[str | None, float]] = {}
        self._pending: set[str] = set()

    @property
    def busy(self) -> bool:
        """Say whether a lookup is under way, so that looking again soon is worth it."""
        return bool(self._pending)

    def lookup(self, host: str) -> str | None:
        """Return at once what is known of ``host``; refresh it in a thread when old."""
        with self._lock:
            ip, expires = self._cache.get(host, (None, 0.0))
            due = time.monotonic() >= expires and host not in self._pending
            if due and len(self._pending) < MAX_CONCURRENT_LOOKUPS:
                self._pending.add(host)
                # A daemon, since a name server may keep it longer than we may live.
                threading.Thread(target=self._fetch, args=(host,), daemon=True).start()
            return ip

    def wait(self, timeout: float) -> None:
        """Wait until no lookup is under way, at most ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while self._pending and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _fetch(self, host: str) -> None:
        ip = self._resolve(host)
        with self._lock:
            known, _ = self._cache.get(host, (None, 0.0))
            # A name that had an address keeps it while the name server is away.
            expires = time.monotonic() + (FRESH_SECONDS if ip else RETRY_SECONDS)
            self._cache[host] = (ip or known, expires)
            self._pending.discard(host)
